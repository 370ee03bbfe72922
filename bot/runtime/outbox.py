"""What was queued in a transaction leaves here, once: the delivery loop.

RULES
 1. A row is claimed in one transaction, sent with none open, and settled in another. A process that dies in between
    leaves a row in `sending`: at the next start that is uncertain, like a call that was cut.
 2. An uncertain Say is looked up before it is repeated. An uncertain Amend is repeated: a redraw can be.
 3. One lane in order, one message at a time; one destination likewise, so that a welcome stands above the question.
    Different destinations go at the same time, `at_once` of them at most. Answers before reminders.
 4. What must wait (pacing, back-off) waits by the monotonic clock. When the Clock is moved by a day, nothing is sent
    twice, and nothing that waits for a platform is hurried.
 5. Somebody is told of what does not arrive *before* it is written down that it does not: at least once, then. The same
    news is not told again until something arrives there (arrivals.py). What is late is told too, and still tried.
 6. What cannot be written down after a call (a full disk) is kept in mind and written down later; the lane waits.
 7. While nothing can go, nothing runs: the loop sleeps until the next due time, or until it is poked.

Which rows go next: departures.py, with pacing.py and resting.py. How a platform is asked: delivery.py. What an outcome
does to the record: the table in outcomes.py, and arrivals.py.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog
from msgspec import Struct

from bot.errors import StoreClosed, StoreError
from bot.ports import Chat, Clock, OutboxRow, PersonRow, Store, Tx
from bot.runtime import failpoints
from bot.runtime.arrivals import Arrivals, Judge, Told
from bot.runtime.clocks import Monotonic, OnwardClock
from bot.runtime.delivery import Ask, Delivery, Draw
from bot.runtime.departures import Departures, commit
from bot.runtime.outcomes import Drawing, Known, Later, Outcome, Sent, Unsure, doubt
from bot.runtime.pacing import AMEND, LOOKUP, Pace, Patience
from bot.runtime.resting import Doubts, Job, Rests

__all__ = ["Draw", "Drawing", "Outbox", "Pace", "Patience", "Told"]

UNSETTLED = ("sending", "uncertain", "parked")
REPEATABLE = (AMEND, LOOKUP)
"""Kinds of rows that can be sent again without any harm, so that they are never in doubt."""

log = structlog.get_logger("offboard.outbox")


async def nobody(row: OutboxRow) -> tuple[PersonRow, ...]:
    """There is no directory to ask."""
    return ()


async def unasked(row: OutboxRow, people: tuple[PersonRow, ...]) -> None:
    raise LookupError("a look-up was queued where nobody looks anybody up")


class Flight(Struct, frozen=True):
    task: asyncio.Task[None]
    job: Job


class Outbox:
    """`chance` gives 0 … 1, for back-off; `limit` cuts a call, in seconds.

    Everything but `poke` belongs to the thread of one event loop.
    """

    def __init__(
        self,
        store: Store,
        chats: Sequence[Chat],
        draw: Draw,
        clock: Clock,
        *,
        on_lost: Told,
        ask: Ask = nobody,
        on_known: Judge = unasked,
        monotonic: Monotonic = time.monotonic,
        pace: Pace | None = None,
        patience: Patience | None = None,
        chance: Callable[[], float] = random.random,
        limit: float = 10.0,
        at_once: int = 8,
    ) -> None:
        pace = pace if pace is not None else Pace(rate for chat in chats for rate in chat.paces)
        onward = OnwardClock(clock, monotonic)
        self._store = store
        self._clock = onward
        self._monotonic = monotonic
        self._patience = patience or Patience()
        self._chance = chance
        self._at_once = at_once
        self._rests, self._doubts = rests, doubts = Rests(), Doubts()
        self._delivery = Delivery(store, chats, draw, ask, limit)
        self._departures = Departures(store, self._delivery, pace, rests, doubts, onward, monotonic)
        self._arrivals = Arrivals(
            store, pace, rests, doubts, onward, monotonic, self._patience, chance, on_lost, on_known
        )
        self._flights: dict[int, Flight] = {}
        self._began = self._knows_all = False
        self._turn = asyncio.Lock()
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    # ------------------------------------------------------------------ the loop

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop` is set; what is on its way then still arrives. Raises StoreClosed."""
        self._loop = asyncio.get_running_loop()
        stopping = asyncio.create_task(_until(stop))
        try:
            while not stop.is_set():
                self._wake.clear()
                pause = await self._start_some()
                await self._sleep(stopping, pause)
            await self._land()
        finally:
            self._loop = None
            stopping.cancel()
            for flight in self._flights.values():
                flight.task.cancel()

    def poke(self) -> None:
        """Something may have been queued, or the Clock was moved. From any thread, also while nothing runs."""
        loop = self._loop
        if loop is not None:
            with suppress(RuntimeError):  # the loop was closed just now: then there is nobody to wake
                loop.call_soon_threadsafe(self._wake.set)

    def shut(self) -> dict[str, str]:
        """The platforms that let us in no more, by name, and why. What is for them waits; one call a minute tries."""
        return self._rests.shut()

    def resume(self, chat: str) -> None:
        """This platform lets us in again: what waits for it leaves now. On the loop's thread."""
        self._rests.answered(chat)
        self.poke()

    async def deliver_due(self) -> int:
        """Send what can go now, and what can go because of that; how many rows it handled."""
        count = 0
        while True:
            count += await self._launch()
            if not self._flights:
                return count
            await self._arrival()

    async def drain(self) -> int:
        """`deliver_due` until nothing can go now; how many rows it handled."""
        count = 0
        while handled := await self.deliver_due():
            count += handled
        return count

    async def _start_some(self) -> float | None:
        """Start what can go; in how many seconds there may be more. None: only when something happens."""
        try:
            await self._launch()
            return self._departures.pause() if len(self._flights) < self._at_once else None
        except StoreClosed:
            raise
        except StoreError as error:
            log.error("the outbox cannot be read or written", error=type(error).__name__)
            return self._patience.wait(3, self._chance)

    async def _sleep(self, stopping: asyncio.Task[None], seconds: float | None) -> None:
        """Until a time, a poke, an arrival or the stop."""
        woken = asyncio.create_task(_until(self._wake))
        flying = [flight.task for flight in self._flights.values()]
        await asyncio.wait({stopping, woken, *flying}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        woken.cancel()

    async def _arrival(self) -> None:
        """Until one of those on their way has arrived."""
        await asyncio.wait([flight.task for flight in self._flights.values()], return_when=asyncio.FIRST_COMPLETED)

    async def _land(self) -> None:
        while self._flights:
            await self._arrival()
            self._reap()

    # ------------------------------------------------------------------ departures and arrivals

    async def _launch(self) -> int:
        """Start as much as can go now; how many rows. Whoever else launches waits for its turn."""
        async with self._turn:
            self._reap()
            if not self._knows_all:
                await self._recall()
            self._knows_all = False  # a round that is broken off leaves rows in `sending`: recall them next time
            busy = [flight.job.row.to for flight in self._flights.values() if not flight.job.doubted]
            jobs = await self._departures.next(self._at_once - len(self._flights), busy)
            for job in jobs:
                failpoints.at("claimed")
                self._flights[job.row.id] = Flight(asyncio.create_task(self._fly(job)), job)
            self._knows_all = True
            return len(jobs)

    def _reap(self) -> None:
        """Take out those that arrived."""
        for id, flight in list(self._flights.items()):
            if not flight.task.done():
                continue
            del self._flights[id]
            self._rests.arrived(flight.job.row.to)
            if flight.task.cancelled():
                self._knows_all = False
            else:
                flight.task.result()

    async def _recall(self) -> None:
        """What the record says of rows that are on their way, and not by us. The first time also: what an earlier
        process let wait is due now, for the clock may have been set back since then."""
        now, first = self._clock.now(), not self._began
        ours = {*self._flights, *self._doubts.ids()}
        states = ("waiting",) if first else ()

        def work(tx: Tx) -> list[OutboxRow]:
            rows = [row for row in tx.outbox(states=(*states, *UNSETTLED)) if row.id not in ours]
            for row in rows:
                if row.state in ("sending", "uncertain") and row.kind not in REPEATABLE:
                    doubt(tx, row, row.why, now)
                elif row.state != "parked" and (row.state != "waiting" or row.why):
                    tx.put_back(row.id, state="waiting", due=now, attempts=row.attempts, why=row.why)
            return rows

        rows = await commit(self._store, work)
        self._began = True
        self._arrivals.recall(row for row in rows if row.state == "parked")
        for row in rows:
            if row.state in ("sending", "uncertain") and row.kind not in REPEATABLE:
                self._doubts.put(Job(row, doubted=True), self._monotonic() + self._patience.look_after)

    async def _fly(self, job: Job) -> None:
        """One row from its departure to the record."""
        chat = self._delivery.chat(job.row)
        outcome = job.known or await self._ask(job)
        if chat is not None and job.known is None:
            self._note(chat, outcome)
        failpoints.at("sent-not-settled")
        try:
            await self._arrivals.record(job, outcome, chat)
            failpoints.at("settled")
        except StoreClosed:
            raise
        except Exception as error:  # noqa: BLE001  the lane waits, the others go on
            log.error("what came of a message is not written down yet", row=job.row.id, error=type(error).__name__)
            self._arrivals.not_recorded(job, outcome)

    async def _ask(self, job: Job) -> Outcome:
        if job.doubted and job.row.kind not in REPEATABLE:
            return await self._delivery.look_up(job.row, job.sent)
        return await self._delivery.send(job.row, job.post)

    def _note(self, chat: Chat, outcome: Outcome) -> None:
        """Whether the platform is up."""
        if isinstance(outcome, Sent | Known):
            self._rests.answered(chat.name)
        elif isinstance(outcome, Later | Unsure):
            self._rests.failed(chat.name)


async def _until(event: asyncio.Event) -> None:
    await event.wait()
