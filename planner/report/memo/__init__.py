"""The procurement memo: what a purchase or a commitment is decided on, written once and rendered in four forms."""
