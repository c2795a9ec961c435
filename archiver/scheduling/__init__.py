"""Hands the nightly job to the machine's own scheduler."""
