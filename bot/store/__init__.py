"""The record: cases and their chained facts, what waits to be said, what waits to be done, in one SQLite file."""
