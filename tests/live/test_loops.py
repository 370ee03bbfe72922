"""What runs beside the requests: it goes on after a mistake, sleeps while there is nothing, and tells once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.live.loops import Kept, News, Noted, Timers
from bot.runtime.clocks import SettableClock
from bot.runtime.people import Company, People
from tests.live.edge import FakeEdge
from tests.live.seeding import in_the_middle
from tests.live.waiting import until

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def played(play: Coroutine[Any, Any, None]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(20):
            await play

    asyncio.run(limited())


def test_a_loop_that_ends_by_a_mistake_is_begun_again_and_its_trouble_is_seen_meanwhile() -> None:
    async def play() -> None:
        stop, tries, again = asyncio.Event(), [0], asyncio.Event()
        seen: list[str] = []

        async def once() -> None:
            tries[0] += 1
            if tries[0] < 3:
                raise LookupError("canary")
            again.set()
            await stop.wait()

        kept = Kept("timers", once, stop, backoff=(0.3,))
        running = asyncio.create_task(kept.run())

        def looked() -> bool:
            seen.append(kept.trouble)
            return again.is_set()

        await until(looked)
        assert "timers stopped (LookupError) and is begun again" in seen
        assert "canary" not in "".join(seen)
        assert kept.trouble == ""
        stop.set()
        await running

    played(play())


class Engine:
    """Timers that are due at these times."""

    def __init__(self, clock: SettableClock, *due: datetime) -> None:
        self.clock = clock
        self.due = sorted(due)
        self.fired: list[datetime] = []
        self.asked = 0

    def tick(self) -> int:
        now = self.clock.now()
        found = [at for at in self.due if at <= now]
        self.due = [at for at in self.due if at > now]
        self.fired += found
        return len(found)

    def next_due(self) -> datetime | None:
        self.asked += 1
        return self.due[0] if self.due else None


def test_what_is_due_is_fired_at_its_time_and_nothing_runs_until_then() -> None:
    async def play() -> None:
        stop = asyncio.Event()
        clock = SettableClock(NOW, asyncio.get_running_loop().time)
        engine = Engine(clock, NOW - timedelta(days=1), NOW + timedelta(seconds=0.3), NOW + timedelta(hours=5))
        timers = Timers(engine, clock, stop)
        running = asyncio.create_task(timers.run())
        await until(lambda: len(engine.fired) == 2)
        assert clock.now() >= NOW + timedelta(seconds=0.3)
        assert engine.asked < 10, "it slept"
        stop.set()
        await running

    played(play())


def test_an_earlier_timer_that_comes_to_be_is_noticed() -> None:
    async def play() -> None:
        stop = asyncio.Event()
        clock = SettableClock(NOW, asyncio.get_running_loop().time)
        engine = Engine(clock)
        timers = Timers(engine, clock, stop)
        running = asyncio.create_task(timers.run())
        await until(lambda: engine.asked)
        engine.due = [clock.now()]
        timers.poke()
        await until(lambda: engine.fired)
        stop.set()
        await running

    played(play())


def test_many_changes_for_the_same_people_are_told_once_to_the_edge_that_serves_them() -> None:
    async def play() -> None:
        stop = asyncio.Event()
        slack, wecom = FakeEdge("slack"), FakeEdge("wecom")
        people = People(Company(same={"slack:U1": "wecom:mei"}))
        news = News([slack, wecom], people, stop, coalesce=0.05)
        running = asyncio.create_task(news.run())
        for _ in range(20):
            news.add({"slack:U2", "wecom:mei"})
        await until(lambda: wecom.told)
        assert slack.told == [("slack:U1", "slack:U2")], "somebody with two ids is told under each"
        assert wecom.told == [("wecom:mei",)]
        stop.set()
        await running

    played(play())


def test_an_edge_that_cannot_redraw_keeps_nothing_from_the_other_one() -> None:
    async def play() -> None:
        stop = asyncio.Event()
        slack, wecom = FakeEdge("slack"), FakeEdge("wecom")
        slack.wrong = "the line is down"
        news = News([slack, wecom], People(Company()), stop, coalesce=0.01)
        running = asyncio.create_task(news.run())
        for _ in range(2):
            wecom.told.clear()
            news.add({"slack:U2", "wecom:mei"})
            await until(lambda: wecom.told)
        assert len(slack.told) == 2
        stop.set()
        await running

    played(play())


def test_whose_case_changed_is_noted_once_with_those_who_always_want_to_know() -> None:
    case, _ = in_the_middle("slack:ULIN")
    noted = Noted(("slack:UADMIN",))
    noted.put("head", case)
    noted.put("head", case)
    people = noted.taken()
    assert {"slack:ULIN", "slack:UADMIN"} <= people
    assert {successor.person for successor in case.successors.values()} <= people
    assert noted.taken() == set()
