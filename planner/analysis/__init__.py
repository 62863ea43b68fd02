"""What a solved case means: options compared, TCO, breakeven, switching prices, verdict."""
