"""What somebody is owed for what they did: given at once, or kept until WeCom lets it through."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.wecom.corp import HandClock, corp
from tests.wecom.house import Place, house


def answers(place: Place, user: str = "lin") -> list[str]:
    return [one["markdown"]["content"] for one in place.wecom.seen(user) if "markdown" in one]


def lasting(place: Place, how: int | str) -> None:
    place.wecom.fail("message/send", how, times=10_000)


def is_over(place: Place) -> None:
    place.wecom._faults.clear()
    place.wecom.refuses_tokens = False


def full(place: Place) -> None:
    lasting(place, 45009)


def stale(place: Place) -> None:
    place.wecom.refuses_tokens = True


def not_trusted(place: Place) -> None:
    lasting(place, 60020)


def silent(place: Place) -> None:
    lasting(place, "drop")


def out_of_reach(place: Place) -> None:
    place.wecom.fail("gettoken", "drop", times=10_000)
    place.wecom.expire_tokens()


async def acts(place: Place) -> None:
    assert await asyncio.to_thread(place.pusher.types, "Lin", "帮助") == [200]
    assert place.edge.reception is not None
    await place.edge.reception.settled()


@pytest.mark.parametrize("fails", [full, stale, not_trusted, silent, out_of_reach])
def test_an_answer_waits_for_as_long_as_nothing_is_let_through(tmp_path: Path, fails: Callable[[Place], None]) -> None:
    async def test() -> None:
        async with house(tmp_path / "test.db") as place:
            place.clock.goes_on(60)
            await place.types("Lin", "进度")
            before = len(answers(place))
            fails(place)
            await acts(place)
            for _ in range(40):
                place.clock.goes_on(60)
                await place.app.outbox.drain()
            assert len(answers(place)) == before
            is_over(place)
            place.clock.goes_on(1_000)
            await place.settle()
            assert len(answers(place)) == before + 1
            assert "您可以回复这些" in answers(place)[-1]

    asyncio.run(test())


def test_an_answer_that_waits_survives_a_restart(tmp_path: Path) -> None:
    async def test() -> None:
        with corp(HandClock()) as wecom:
            async with house(tmp_path / "test.db", wecom) as place:
                full(place)
                await acts(place)
            async with house(tmp_path / "test.db", wecom) as place:
                is_over(place)
                await place.settle()
                assert len(answers(place)) == 1

    asyncio.run(test())


async def stops_at_once(path: Path, hangs: bool, then: Callable[[Place], Awaitable[None]]) -> None:
    with corp(HandClock()) as wecom:
        async with house(path / "test.db", wecom) as place:
            place.clock.goes_on(60)
            await place.types("Lin", "进度")
            if hangs:
                wecom.fail("message/send", "hang")
            assert await asyncio.to_thread(place.pusher.types, "Lin", "帮助") == [200]
        place.wecom._faults.clear()
        async with house(path / "test.db", wecom) as place:
            await then(place)


def test_a_server_that_stops_after_its_200_still_answers(tmp_path: Path) -> None:
    async def then(place: Place) -> None:
        assert len(answers(place)) == 2

    asyncio.run(stops_at_once(tmp_path, False, then))


def test_what_is_still_on_its_way_when_the_server_stops_is_said_by_the_next(tmp_path: Path) -> None:
    async def then(place: Place) -> None:
        assert len(answers(place)) == 1
        await place.settle()
        assert len(answers(place)) == 2

    asyncio.run(stops_at_once(tmp_path, True, then))
