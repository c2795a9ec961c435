"""A sample family's mailbox, a mail server of its own to serve it, and `make demo`."""
