"""Tests of the textbook formulas: published numbers, cases worked by hand, and laws."""
