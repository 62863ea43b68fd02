"""What would change the answer: many scenarios that differ little, solved and compared."""
