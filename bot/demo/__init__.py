"""The whole product with no account anywhere: four people at one table, a clock that can be moved, the real engine."""
