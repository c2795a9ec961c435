"""Bytes in, provably unchanged: accounts, IMAP, what to pull, originals, journal, verify."""
