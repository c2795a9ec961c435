"""What the originals say: parts, own words, attachment text, full-text index, events."""
