"""Where the admins are reached: on the first platform that reaches them, and on every other one besides.

RULES
 1. What is for the admins is queued once for each platform (`admin_chats`), as posts of their own: on the first one
    under the lane as the core names it, on each other one under `lane@chat`. So what one platform does not take holds
    up no other, and a decision redraws all.
 2. Everybody else is reached in one place: by the id under which they act.
 3. On a further platform nobody is told where no admin acts under an id of it: whoever decides there is told elsewhere.
 4. A platform never sees the difference: to it the reader is "admins", and the lane is that of the core.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.core.case import PersonId
from bot.core.effects import ADMINS

_ELSEWHERE = f"{ADMINS}@"


def posts_of(lane: str, to: PersonId, admin_chats: Sequence[str]) -> Iterator[tuple[str, PersonId]]:
    """Lane and reader of each post that this message becomes."""
    yield lane, to
    if to == ADMINS:
        yield from ((f"{lane}@{chat}", f"{ADMINS}@{chat}") for chat in admin_chats[1:])


def lane_at(lane: str, chat: str, admin_chats: Sequence[str]) -> str:
    """The lane under which this platform's post stands."""
    return f"{lane}@{chat}" if lane.endswith(f"/{ADMINS}") and chat in admin_chats[1:] else lane


def lane_of(lane: str) -> str:
    """The lane as the core names it."""
    head, _, reader = lane.rpartition("/")
    return f"{head}/{reader_of(reader)}" if head else lane


def reader_of(to: PersonId) -> PersonId:
    """Who reads it: a person, or the admins wherever they are."""
    return ADMINS if to.startswith(_ELSEWHERE) else to


def chat_of(to: PersonId) -> str:
    """The platform that is meant and no other; "" for the first one that reaches them."""
    return to.removeprefix(_ELSEWHERE) if to.startswith(_ELSEWHERE) else ""
