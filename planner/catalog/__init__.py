"""The pricing catalog: dated facts with their evidence."""
