"""`python -m bot` is the command `offboard`."""

from __future__ import annotations

from bot.cli import main

main()
