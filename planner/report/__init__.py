"""The report in words and pictures."""
