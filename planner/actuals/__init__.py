"""What was used and billed: read from the exports of clouds and clusters into one DuckDB file."""
