"""What came of a message is written down, and told to somebody when it is bad news. The table is in outcomes.py."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from functools import partial

from bot.core.effects import ADMINS
from bot.ports import Chat, Clock, OutboxRow, PersonRow, Store
from bot.runtime import outcomes as o
from bot.runtime.clocks import Monotonic
from bot.runtime.departures import commit
from bot.runtime.pacing import AMEND, LOOKUP, Pace, Patience
from bot.runtime.readers import reader_of
from bot.runtime.resting import SHUT_FOR, Doubts, Job, Rests, upon

CLOSED = "closed"
"""How `why` begins of a row that waits because its platform lets us in no more."""

Told = Callable[[OutboxRow, str], Awaitable[None]]
"""Tells somebody that a row is lost or late, and is done when that is durable. The causes: `gone`, `rejected`,
`uncertain` (the row is parked) and `later` (it is late and still tried; told again if it is given up after all)."""

Judge = Callable[[OutboxRow, tuple[PersonRow, ...]], Awaitable[None]]
"""Judges what waited for a look-up, and removes its row, in one transaction."""


class Arrivals:
    def __init__(
        self,
        store: Store,
        pace: Pace,
        rests: Rests,
        doubts: Doubts,
        clock: Clock,
        monotonic: Monotonic,
        patience: Patience,
        chance: Callable[[], float],
        on_lost: Told,
        on_known: Judge,
    ) -> None:
        self._store = store
        self._pace = pace
        self._rests = rests
        self._doubts = doubts
        self._clock = clock
        self._monotonic = monotonic
        self._patience = patience
        self._chance = chance
        self._on_lost = on_lost
        self._on_known = on_known
        self._parked: dict[str, dict[int, OutboxRow]] = {}
        self._told: set[tuple[str, str]] = set()

    def recall(self, parked: Iterable[OutboxRow]) -> None:
        """These are parked, so somebody was told of them."""
        for row in parked:
            self._parked.setdefault(row.lane, {})[row.id] = row
            self._told.add(_news(row, o.cause_of(row)))

    async def record(self, job: Job, outcome: o.Outcome, chat: Chat | None) -> None:
        """Write it down. Raises StoreError, and whatever the one who is told raises: then nothing is lost, and the same
        can be recorded again."""
        row, now = job.row, self._clock.now()
        match outcome:
            case o.Sent():
                await self._sent(row, outcome)
            case o.Shut():
                await self._shut(job, outcome, chat)
            case o.Known():
                await self._on_known(row, outcome.people)
            case o.Unsure() if row.kind not in (AMEND, LOOKUP):
                await self._doubted(job, outcome)
            case o.Later() | o.Unsure():
                await self._late(row, outcome, chat)
            case o.Lost():
                await self._lost(row, outcome)
            case o.Vanished():
                await commit(self._store, partial(o.post_anew, row=row, now=now))
            case o.Unwanted():
                await commit(self._store, lambda tx: tx.settle(row.id))

    def not_recorded(self, job: Job, outcome: o.Outcome) -> None:
        """Keep in mind what could not be written down, to try it again."""
        looks = job.looks + 1
        again = Job(job.row, job.post, doubted=True, sent=job.sent, looks=looks, known=outcome)
        self._doubts.put(again, self._monotonic() + self._patience.wait(looks, self._chance))

    async def _sent(self, row: OutboxRow, outcome: o.Sent) -> None:
        parked = tuple(self._parked.get(row.lane, ()))
        others = [other for lane, rows in self._parked.items() if lane != row.lane for other in rows.values()]
        back = {other.id: other.lane for other in others if other.to == row.to and o.cause_of(other) in o.AWAY}
        now = self._clock.now()
        await commit(self._store, partial(o.sent, row=row, outcome=outcome, parked=parked, back=back, now=now))
        for lane in (row.lane, *back.values()):
            self._parked.pop(lane, None)
        self._told -= {_news(row, cause) for cause in o.CAUSES}

    async def _doubted(self, job: Job, outcome: o.Unsure) -> None:
        """Look it up later, however often that takes."""
        looks = job.looks + 1 if job.doubted else 0
        if looks == self._patience.told_after:
            await self._on_lost(job.row, o.LATER)
        await commit(self._store, partial(o.doubt, row=job.row, why=outcome.why, now=self._clock.now()))
        wait = self._patience.wait(looks, self._chance, outcome.seconds) if looks else 0.0
        sent = outcome.drawing or job.sent
        at = self._monotonic() + max(wait, self._patience.look_after)
        self._doubts.put(Job(job.row, doubted=True, sent=sent, looks=looks), at)

    async def _late(self, row: OutboxRow, outcome: o.Later | o.Unsure, chat: Chat | None) -> None:
        tries = row.attempts + 1
        if tries >= self._patience.parked_after:
            return await self._lost(row, o.Lost(o.REJECTED if row.kind == LOOKUP else o.LATER, outcome.why))
        if tries == self._patience.told_after:
            await self._on_lost(row, o.LATER)
        seconds = self._patience.wait(tries, self._chance, outcome.seconds)
        due = self._clock.now() + timedelta(seconds=seconds)
        waits = await commit(self._store, partial(o.put_off, row=row, due=due, why=outcome.why))
        until = self._monotonic() + seconds
        if chat is None or outcome.seconds is None:
            self._rests.put(waits, until, upon(chat.name) if chat is not None else "")
        else:
            self._rests.put(waits, until)
            self._pace.hold(chat.name, row.kind, row.to, until)
        return None

    async def _shut(self, job: Job, outcome: o.Shut, chat: Chat | None) -> None:
        """It waits with all the others; what is in doubt stays so."""
        if chat is None:
            return await self._late(job.row, o.Later(outcome.why), chat)
        row, until = job.row, self._monotonic() + SHUT_FOR
        self._rests.shuts(chat.name, outcome.why, self._monotonic())
        if job.doubted:
            return self._doubts.put(Job(row, doubted=True, sent=job.sent, looks=job.looks), until)
        due = self._clock.now() + timedelta(seconds=SHUT_FOR)
        await commit(self._store, partial(o.put_aside, row=row, due=due, why=f"{CLOSED}: {outcome.why}"))
        self._rests.put(row, until, upon(chat.name))
        return None

    async def _lost(self, row: OutboxRow, outcome: o.Lost) -> None:
        """Told first and written down then: told twice, perhaps, but never not at all."""
        if row.kind == LOOKUP:
            await self._on_lost(row, outcome.cause)
            return await commit(self._store, lambda tx: tx.settle(row.id))
        news = _news(row, outcome.cause)
        if news not in self._told:
            await self._on_lost(row, outcome.cause)
        now, parked = self._clock.now(), tuple(self._parked.get(row.lane, ()))
        rests = await commit(self._store, partial(o.park, row=row, outcome=outcome, parked=parked, now=now))
        self._told.add(news)
        self._parked[row.lane] = {rests.id: rests}
        return None


def _news(row: OutboxRow, cause: str) -> tuple[str, str]:
    """What is not told twice until something arrives there: that somebody is gone, whatever the message; and of the
    admins, whose own thread is where it would be told, that they cannot be reached. Otherwise each lane counts."""
    whole = cause in o.AWAY or reader_of(row.to) == ADMINS
    return f"{row.case}/{row.to}" if whole else row.lane, cause
