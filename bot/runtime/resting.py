"""Rows that wait a little: lanes that rest, and rows in doubt.

RULES
 1. How long a lane rests is counted by the monotonic clock. The store is told a due time as well, so that it does not
    offer the row before; but when somebody moves the clock, the count here is what decides.
 2. A lane may rest for a reason that can pass sooner: `after(to)`, until the message before it in the same conversation
    has arrived; `upon(chat)`, until a platform that was down answers again. Then it goes at once.
 3. A conversation reads in the order in which its messages were queued, answers before reminders. So a message lines up
    behind one that waits for its pace; never behind one that failed, which may take days.
 4. A platform is down when several calls in a row did not get through, whosever messages they were. One message that
    keeps failing among others that arrive is not an outage.
 5. A platform that lets us in no more is shut: one call a minute finds out whether it does again, everything else for
    it waits. It is open once a call got through, or somebody says so.
 6. A row in doubt is in nobody's hands: it may stand there or not. It is looked up when its time comes.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from bot.core.case import PersonId
from bot.ports import OutboxRow, PostRow
from bot.runtime.outcomes import Drawing, Outcome

DOWN_AFTER = 3

SHUT_FOR = 60.0
"""Seconds between two tries at a platform that is shut."""


class Job(Struct, frozen=True):
    """A row on its way. `post` is what an Amend redraws.

    Of a row in doubt, `sent` is what it would show, `looks` counts the tries to find out, and `known` is an outcome
    that could not be written down.
    """

    row: OutboxRow
    post: PostRow | None = None
    doubted: bool = False
    sent: Drawing | None = None
    looks: int = 0
    known: Outcome | None = None


class Rest(Struct, frozen=True):
    """`in_line`: it has its place in its conversation, and others line up behind it."""

    row: OutboxRow
    until: float
    awaits: str = ""
    in_line: bool = False


def after(to: PersonId) -> str:
    return f"after/{to}"


def upon(chat: str) -> str:
    return f"upon/{chat}"


class Rests:
    """All times are monotonic seconds. Only rows that wait in the store rest here, never one that is on its way."""

    def __init__(self) -> None:
        self._by_lane: dict[str, Rest] = {}
        self._passed: list[tuple[str, bool]] = []
        self._failures: dict[str, int] = {}
        self._shut: dict[str, tuple[str, float]] = {}

    def put(self, row: OutboxRow, until: float, awaits: str = "", *, in_line: bool = False) -> None:
        self._by_lane[row.lane] = Rest(row, until, awaits, in_line)

    def left(self, lane: str, now: float) -> float:
        """How many seconds this lane still rests."""
        rest = self._by_lane.get(lane)
        return max(0.0, rest.until - now) if rest is not None else 0.0

    def stands_for(self, row: OutboxRow) -> None:
        """This row is the next of its resting lane now; it will be the one to wake."""
        self._by_lane[row.lane] = replace(self._by_lane[row.lane], row=row)

    def stands_behind(self, row: OutboxRow) -> bool:
        """Whether a row of the same conversation that comes before this one is still in line."""
        return any(
            rest.in_line and rest.row.to == row.to and place(rest.row) < place(row) for rest in self._by_lane.values()
        )

    def goes(self, lane: str) -> None:
        """Something of this lane is on its way: it rests no longer."""
        self._by_lane.pop(lane, None)

    def arrived(self, to: PersonId) -> None:
        """The conversation is free for the next message."""
        self._passed.append((after(to), True))

    def failed(self, chat: str) -> None:
        """A call did not get through."""
        self._failures[chat] = self._failures.get(chat, 0) + 1

    def answered(self, chat: str) -> None:
        """A call got through: if the platform was down or shut, all that waited for it may go."""
        was_shut = self._shut.pop(chat, None) is not None
        if self._failures.pop(chat, 0) >= DOWN_AFTER or was_shut:
            self._passed.append((upon(chat), False))

    def shuts(self, chat: str, why: str, now: float) -> None:
        """The platform lets us in no more."""
        self._shut[chat] = why, now + SHUT_FOR

    def shut_for(self, chat: str, now: float) -> float:
        """How many seconds nothing may be asked of this platform; 0: this call may, the next ones wait again."""
        why, until = self._shut.get(chat, ("", now))
        if until > now:
            return until - now
        if why:
            self._shut[chat] = why, now + SHUT_FOR
        return 0.0

    def shut(self) -> dict[str, str]:
        """The platforms that are shut, and why."""
        return {chat: why for chat, (why, _) in self._shut.items()}

    def woken(self, now: float) -> list[OutboxRow]:
        """The rows whose reason to rest has passed, each once, in their order; of those that wait for one
        conversation only the first. Rests that are simply over are forgotten."""
        self._by_lane = {lane: rest for lane, rest in self._by_lane.items() if rest.until > now}
        passed, self._passed = self._passed, []
        found: list[OutboxRow] = []
        for reason, one in passed:
            rows = sorted((rest.row for rest in self._by_lane.values() if rest.awaits == reason), key=place)
            for row in rows[: 1 if one else None]:
                found.append(self._by_lane.pop(row.lane).row)
        return found


class Doubts:
    """Rows in doubt, by when they may be looked up."""

    def __init__(self) -> None:
        self._by_id: dict[int, tuple[float, Job]] = {}

    def put(self, job: Job, at: float) -> None:
        self._by_id[job.row.id] = at, job

    def ids(self) -> set[int]:
        return set(self._by_id)

    def due(self, now: float) -> list[Job]:
        """Those whose time has come, the longest waiting first. They stay until they are taken."""
        return [job for at, job in sorted(self._by_id.values(), key=lambda doubt: doubt[0]) if at <= now]

    def take(self, job: Job) -> None:
        del self._by_id[job.row.id]

    def next_at(self) -> float | None:
        return min((at for at, _ in self._by_id.values()), default=None)


def place(row: OutboxRow) -> tuple[int, int]:
    """Where a row stands in its conversation's line."""
    return row.priority, row.id
