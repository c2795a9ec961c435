"""Signing in with Google and Microsoft instead of a password (OAuth 2)."""
