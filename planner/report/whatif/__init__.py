"""Reports of what would change the answer, each subject a file of its own."""
