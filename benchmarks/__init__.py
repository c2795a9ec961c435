"""What the program costs, measured beside others on the same mail; run by hand."""
