"""What a stranger can check: chronology and exports."""
