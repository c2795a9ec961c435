"""The command line: the outermost ring, which sees all packages and which nothing imports."""
