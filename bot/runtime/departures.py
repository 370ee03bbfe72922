"""Which messages go next: those in doubt first, then what the store offers, as far as rests and pace let them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from bot.core.case import PersonId
from bot.ports import Clock, OutboxRow, Store, Tx
from bot.runtime.clocks import Monotonic
from bot.runtime.delivery import Delivery
from bot.runtime.outcomes import post_anew, put_aside
from bot.runtime.pacing import AMEND, FIND, Pace
from bot.runtime.resting import Doubts, Job, Rests, after, place, upon

T = TypeVar("T")

BACKSTOP = 60.0
"""A row that waits for another one's arrival is looked at again after so many seconds, whatever became of that one."""

TICK = 1e-6
"""Seconds. A due time is no finer than this, so what has to wait no longer does not wait."""

TURN = "waits for its turn"
"""`why` of a row whose due time is ours. That of a row without any reason is of whoever queued it."""


async def commit(store: Store, work: Callable[[Tx], T]) -> T:
    """One transaction; what comes back is durable."""
    return await asyncio.wrap_future(store.transact(work))


class Departures:
    """`clock` never stands still and never goes back (clocks.OnwardClock)."""

    def __init__(
        self,
        store: Store,
        delivery: Delivery,
        pace: Pace,
        rests: Rests,
        doubts: Doubts,
        clock: Clock,
        monotonic: Monotonic,
    ) -> None:
        self._store = store
        self._delivery = delivery
        self._pace = pace
        self._rests = rests
        self._doubts = doubts
        self._clock = clock
        self._monotonic = monotonic

    async def next(self, free: int, busy: Iterable[PersonId]) -> list[Job]:
        """Up to `free` rows to send now; none to a destination that is `busy`. They are `sending` or `uncertain`."""
        await self._put_back([(row, row.due or self._clock.now()) for row in self._rests.woken(self._monotonic())])
        self._pace.forget(self._monotonic())
        jobs = self._doubtful(free)
        return jobs + await self._claimed(free - len(jobs), set(busy))

    def pause(self) -> float | None:
        """In how many seconds there may be more; None when nothing waits for a time."""
        times = []
        if (at := self._doubts.next_at()) is not None:
            times.append(at - self._monotonic())
        if (due := self._store.read(lambda reads: reads.next_send())) is not None:
            times.append((due - self._clock.now()).total_seconds())
        return max(0.0, min(times)) if times else None

    def _doubtful(self, free: int) -> list[Job]:
        """Rows in doubt that can be looked up, or written down, now."""
        now = self._monotonic()
        jobs: list[Job] = []
        for job in self._doubts.due(now):
            chat = self._delivery.chat(job.row) if job.known is None else None
            ready = self._pace.ready_at(chat.name, FIND, job.row.to, now) if chat is not None else now
            if ready > now:
                self._doubts.put(job, ready)
            elif len(jobs) < free:
                if chat is not None and (seconds := self._rests.shut_for(chat.name, now)) > 0:
                    self._doubts.put(job, now + seconds)
                    continue
                self._doubts.take(job)
                jobs.append(job)
                if chat is not None:
                    self._pace.took(chat.name, FIND, job.row.to, now)
        return jobs

    async def _claimed(self, free: int, busy: set[PersonId]) -> list[Job]:
        """What the store offers, answers first. What has to wait after all is put back, with the time it has to."""
        queue = self._pace.queue()
        jobs: list[Job] = []
        while len(jobs) < free:
            wanted = free - len(jobs)
            found, more = await commit(self._store, partial(_claim, now=self._clock.now(), limit=wanted))
            early = []
            for job in sorted(found, key=lambda job: place(job.row)):
                if (seconds := self._waits(job.row, busy, queue)) > 0:
                    early.append((job.row, self._clock.now() + timedelta(seconds=seconds)))
                else:
                    self._rests.goes(job.row.lane)
                    busy.add(job.row.to)
                    jobs.append(job)
            await self._put_aside(early)
            if not more:
                break
        return jobs

    def _waits(self, row: OutboxRow, busy: set[PersonId], queue: Pace) -> float:
        """How many seconds this row has to wait; 0: it goes, and its place in the pace is taken. `queue` plans for
        those that wait, so that they come back one by one and not all for the same place."""
        now = self._monotonic()
        if (left := self._rests.left(row.lane, now)) > TICK:
            self._rests.stands_for(row)
            return left
        chat = self._delivery.chat(row)
        if chat is None:
            return 0.0
        if row.to in busy or self._rests.stands_behind(row):
            self._rests.put(row, now + BACKSTOP, after(row.to), in_line=True)
            return BACKSTOP
        if self._pace.ready_at(chat.name, row.kind, row.to, now) <= now + TICK:
            if (seconds := self._rests.shut_for(chat.name, now)) > 0:
                self._rests.put(row, now + seconds, upon(chat.name))
                return seconds
            self._pace.took(chat.name, row.kind, row.to, now)
            return 0.0
        at = queue.ready_at(chat.name, row.kind, row.to, now)
        queue.took(chat.name, row.kind, row.to, at)
        self._rests.put(row, at, in_line=True)
        return at - now

    async def _put_back(self, rows: list[tuple[OutboxRow, datetime]]) -> None:
        def work(tx: Tx) -> None:
            for row, due in rows:
                tx.put_back(row.id, state="waiting", due=due, attempts=row.attempts, why=row.why or TURN)

        if rows:
            await commit(self._store, work)

    async def _put_aside(self, rows: list[tuple[OutboxRow, datetime]]) -> None:
        def work(tx: Tx) -> None:
            for row, due in rows:
                put_aside(tx, row, due, row.why or TURN)

        if rows:
            await commit(self._store, work)


def _claim(tx: Tx, now: datetime, limit: int) -> tuple[list[Job], bool]:
    """Rows to send, and whether there are more. An Amend that has nothing to redraw becomes a Say on the spot."""
    rows = tx.claim(now, limit)
    jobs = []
    for row in rows:
        post = tx.post(row.lane) if row.kind == AMEND else None
        if row.kind == AMEND and post is None:
            post_anew(tx, row, now)
        else:
            jobs.append(Job(row, post))
    return jobs, len(rows) == limit or len(jobs) < len(rows)
