"""Alive and ready: what each says, and that asking often costs nothing."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.applications import Starlette

from bot.live.health import Health
from bot.live.web import address, site
from bot.ports import Tx
from bot.runtime.clocks import SettableClock
from bot.store.sqlite import SqliteStore
from tests.live.edge import FakeEdge

CLOCK = SettableClock(datetime(2026, 11, 23, 1, 0, tzinfo=UTC))


def test_it_is_ready_when_the_record_can_be_written_and_nothing_is_in_trouble(tmp_path: Path) -> None:
    troubles = {"outbox": "", "slack": ""}

    async def play() -> None:
        with SqliteStore(tmp_path / "a.db") as store:
            health = Health(store, CLOCK, lambda: troubles)
            assert await health.reasons() == []
            troubles["slack"] = "Slack does not take the bot token."
            assert await health.reasons() == ["slack: Slack does not take the bot token."]
            troubles["slack"] = ""
            health.stopping = True
            assert await health.reasons() == ["the server is stopping"]
            assert await health.alive() == ""

    asyncio.run(play())


def test_asking_a_hundred_times_writes_once(tmp_path: Path) -> None:
    async def play() -> None:
        with SqliteStore(tmp_path / "a.db") as store:
            health = Health(store, CLOCK, dict)
            await asyncio.gather(*(health.reasons() for _ in range(100)))
            assert store.transact(lambda tx: tx.refused("probe/readyz", CLOCK.now())).result() == 2

    asyncio.run(play())


def test_a_store_that_is_shut_is_said(tmp_path: Path) -> None:
    async def play() -> None:
        store = SqliteStore(tmp_path / "a.db")
        store.close()
        assert await Health(store, CLOCK, dict).reasons() == ["store: the store is shut"]

    asyncio.run(play())


def test_a_writer_that_hangs_is_said_in_time(tmp_path: Path) -> None:
    async def play() -> None:
        release = threading.Event()

        def hang(tx: Tx) -> None:
            release.wait(20)

        with SqliteStore(tmp_path / "a.db") as store:
            hanging = store.transact(hang)
            health = Health(store, CLOCK, dict)
            async with asyncio.timeout(5):
                assert await health.reasons() == ["store: the record's writer does not answer"]
            release.set()
            await asyncio.wrap_future(hanging)

    asyncio.run(play())


async def nothing(scope: object, receive: object, send: object) -> None: ...


def test_two_edges_never_share_a_path(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "a.db") as store:
        health = Health(store, CLOCK, dict)
        one, two = FakeEdge("slack", {"/events": nothing}), FakeEdge("wecom", {"/events": nothing})
        with pytest.raises(ValueError, match="both slack and wecom answer at /events"):
            site(health, [one, two])
        with pytest.raises(ValueError, match="both the server and slack answer at /readyz"):
            site(health, [FakeEdge("slack", {"/readyz": nothing})])
        assert isinstance(site(health, [one, two], unreachable=("wecom",)), Starlette)


@pytest.mark.parametrize(
    ("listen", "found"),
    [("127.0.0.1:8400", ("127.0.0.1", 8400)), ("[::1]:1", ("::1", 1)), ("localhost:0", ("localhost", 0))],
)
def test_an_address_is_read_in_two_parts(listen: str, found: tuple[str, int]) -> None:
    assert address(listen) == found
