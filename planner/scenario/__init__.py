"""What is asked: schema, loading, demand by hour."""
