"""Links between two ids, as they are found in the record."""

from __future__ import annotations

from bot.ports import Reads
from bot.rows import LinkRow

LINK = "link"
"""How the subject of a button, the timer and the lanes of a request begin."""


def numbered(reads: Reads, number: int) -> LinkRow | None:
    return next((row for row in reads.links() if row.link == number), None)
