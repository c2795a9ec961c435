"""What `papertrail init` knows and decides: providers, what a mailbox shows, the file it writes."""
