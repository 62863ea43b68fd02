"""Decisions under risk: futures drawn, what decisions cost in each of them, and decisions that allow for all."""
