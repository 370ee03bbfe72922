"""When a card that still asks for something is posted anew, before it can be changed no more.

RULES
 1. In working hours, in the last of them that are early enough: a fresh card rings, so it does not come in the evening.
 2. Where none are (a long weekend), by day; and at any hour before it is too late.
 3. One of the last day is left alone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.wecom.inbound import CHINA
from bot.wecom.tasks import CODE_IS_OLD, CODE_LIVES, Standing

YOUNG = timedelta(hours=24)
IN_TIME = CODE_LIVES - timedelta(hours=2)
CHANCE = timedelta(hours=1)
"""How soon there is another chance: twice the time between two looks."""
DAY = range(8, 21)
"""Hours in China."""


def is_due(said: Standing, now: datetime, opens: Callable[[datetime], datetime]) -> bool:
    """`opens`: the first moment of working hours from a moment on."""
    if not said.is_card() or not said.lives(now):
        return False
    issued = datetime.fromtimestamp(said.issued, UTC)
    age, last = now - issued, issued + IN_TIME
    if age < YOUNG:
        return False
    if opens(now) <= now:
        return opens(now + CHANCE) > last
    by_day = now.astimezone(CHINA).hour in DAY
    return age >= CODE_IS_OLD and opens(now) > last and (by_day or now >= last)
