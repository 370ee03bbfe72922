"""The pure machine: what a case is, what may happen to it, and what that means. No clock, no I/O."""
