"""Tests of the report: what it says, that it adds up, and that it asks nobody for anything."""
