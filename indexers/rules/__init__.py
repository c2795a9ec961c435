"""One module a kind of event."""
