"""The live server: every configured platform on one database, until it is told to stop."""

from __future__ import annotations

from bot.live.start import Unstartable, run

__all__ = ["Unstartable", "run"]
