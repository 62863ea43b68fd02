"""The report in a real browser: quiet, offline, readable by everybody, on a phone, in the dark and on paper."""
