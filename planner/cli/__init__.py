"""The command line: one verb a file. Data goes to stdout, everything else to stderr."""
