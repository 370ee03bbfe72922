"""Offboard's engine: walks a departing employee and their admins through a handover, in chat."""

__version__ = "0.1.0"
