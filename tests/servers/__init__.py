"""Real mail servers for tests, and a proxy between them and us."""
