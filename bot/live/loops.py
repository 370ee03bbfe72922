"""What runs beside the requests: timers, the outbox, and the news for what no message carries.

A loop that ends by a mistake is begun again, a little later each time; meanwhile it has a trouble that `/readyz` shows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Protocol

import structlog

from bot.core.case import Case, PersonId
from bot.edges import Edge
from bot.ports import Clock
from bot.runtime.people import People
from bot.runtime.tools import Cases

log = structlog.get_logger("offboard.live")

LONGEST_SLEEP = 60.0
"""Seconds after which the timers are looked at anyway: somebody may have set the clock."""
COALESCE = 0.5
"""Seconds in which changes for the same people become one."""
BACKOFF = (1.0, 2.0, 5.0, 15.0, 60.0)
TOUCH_LIMIT = 30.0


class Kept:
    """A loop that is kept alive. `trouble` is why it does not run now, or ""."""

    def __init__(
        self,
        name: str,
        once: Callable[[], Awaitable[None]],
        stop: asyncio.Event,
        backoff: Sequence[float] = BACKOFF,
    ) -> None:
        self.trouble = ""
        self._name = name
        self._once = once
        self._stop = stop
        self._backoff = backoff

    async def run(self) -> None:
        failed = 0
        while not self._stop.is_set():
            began = asyncio.get_running_loop().time()
            try:
                await self._once()
                return
            except Exception as error:
                if asyncio.get_running_loop().time() - began > self._backoff[-1]:
                    failed = 0
                seconds = self._backoff[min(failed, len(self._backoff) - 1)]
                failed += 1
                log.error("a loop stopped, and is begun again", loop=self._name, seconds=seconds, exc_info=error)
                self.trouble = f"{self._name} stopped ({type(error).__name__}) and is begun again"
                await until(self._stop, seconds)
                self.trouble = ""


async def until(event: asyncio.Event, seconds: float) -> bool:
    """Whether it was set within so many seconds."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()


class Ticking(Protocol):
    """Of the engine, what has to do with time."""

    def tick(self) -> int: ...
    def next_due(self) -> datetime | None: ...


class Timers:
    """Fires what is due, and sleeps until the next is."""

    def __init__(self, engine: Ticking, clock: Clock, stop: asyncio.Event) -> None:
        self._engine = engine
        self._clock = clock
        self._stop = stop
        self._changed = asyncio.Event()

    def poke(self) -> None:
        """There may be an earlier timer. On the loop's thread."""
        self._changed.set()

    async def run(self) -> None:
        while not self._stop.is_set():
            self._changed.clear()
            if await asyncio.to_thread(self._engine.tick):
                continue
            await self._sleep(await self._pause())

    async def _pause(self) -> float:
        due = await asyncio.to_thread(self._engine.next_due)
        if due is None:
            return LONGEST_SLEEP
        return min(max((due - self._clock.now()).total_seconds(), 0.0), LONGEST_SLEEP)

    async def _sleep(self, seconds: float) -> None:
        """Until a time, a change or the stop; a burst of changes is looked at once."""
        waits = [asyncio.create_task(event.wait()) for event in (self._changed, self._stop)]
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        if self._changed.is_set():
            await until(self._stop, COALESCE)


class Noted(Cases):
    """Remembers whose cases a commit changed. The writer's thread alone uses it, so between two of its batches
    everything that is noted is on disk."""

    def __init__(self, always: Iterable[PersonId] = ()) -> None:
        super().__init__()
        self._always = tuple(always)
        self._people: set[PersonId] = set()

    def put(self, head: str, case: Case) -> None:
        super().put(head, case)
        people = (case.leaver, *(successor.person for successor in case.successors.values()), *self._always)
        self._people.update(person for person in people if person)

    def taken(self) -> set[PersonId]:
        people, self._people = self._people, set()
        return people


class News:
    """Tells the edges for whom something changed."""

    def __init__(self, edges: Sequence[Edge], people: People, stop: asyncio.Event, coalesce: float = COALESCE) -> None:
        self._edges = edges
        self._coalesce = coalesce
        self._everyone = people
        self._stop = stop
        self._changed = asyncio.Event()
        self._people: set[PersonId] = set()

    def add(self, people: set[PersonId]) -> None:
        """On the loop's thread."""
        self._people |= people
        self._changed.set()

    async def run(self) -> None:
        stopping = asyncio.create_task(self._stop.wait())
        try:
            while not self._stop.is_set():
                changed = asyncio.create_task(self._changed.wait())
                await asyncio.wait({changed, stopping}, return_when=asyncio.FIRST_COMPLETED)
                changed.cancel()
                if await until(self._stop, self._coalesce):
                    return
                self._changed.clear()
                people, self._people = self._people, set()
                await asyncio.gather(*(self._tell(edge, people) for edge in self._edges))
        finally:
            stopping.cancel()

    async def _tell(self, edge: Edge, people: set[PersonId]) -> None:
        """Under every id that the platform knows. What goes wrong is the edge's; the next change draws it again."""
        ids = {id for person in people for id in (person, *self._everyone.ids(self._everyone.acts_as(person)))}
        served = sorted(id for id in ids if edge.directory.serves(id))
        if not served:
            return
        try:
            async with asyncio.timeout(TOUCH_LIMIT):
                await edge.touched(served)
        except Exception as error:
            log.error("what no message carries was not redrawn", edge=edge.name, exc_info=error)
