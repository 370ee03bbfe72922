"""The stores that the contract is tried on, and what its tests share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile
from typing import Any, TypeVar

import pytest

from bot.ports import Store, Tx
from bot.rows import FactRow
from bot.store.sqlite import SqliteStore

T = TypeVar("T")
Opener = Callable[[], Store]
"""Opens the same database each time it is called."""


def sqlite(folder: Path, shared: Path) -> Opener:
    """A copy of one empty database: to make one anew waits for the disk several times, two hundred times over."""
    empty = shared / "empty.db"
    if not empty.exists():
        SqliteStore(empty).close()
    copyfile(empty, folder / "a.db")
    return lambda: SqliteStore(folder / "a.db")


OPENERS: dict[str, Callable[[Path, Path], Opener]] = {"sqlite": sqlite}

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
LIN, MEI = "slack:LIN", "slack:MEI"


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shared")


@pytest.fixture(params=OPENERS)
def opener(request: pytest.FixtureRequest, tmp_path: Path, shared: Path) -> Iterator[Opener]:
    opened: list[Store] = []
    opens_next = OPENERS[request.param](tmp_path, shared)

    def opens() -> Store:
        opened.append(opens_next())
        return opened[-1]

    yield opens
    for store in opened:
        store.close()


@pytest.fixture
def store(opener: Opener) -> Store:
    return opener()


def fact(data: bytes = b"fact", actor: str = LIN, step: int = 0) -> FactRow:
    return FactRow(data, "confirmed", actor, "2026-11-24T01:00:00Z", step)


def new_case(tx: Tx) -> str:
    """A work that begins a case; its reference."""
    ref = tx.new_ref()
    tx.record(ref, [fact()], b"{}", "asking", [LIN])
    return ref


@contextmanager
def held(store: Store) -> Iterator[Callable[[], None]]:
    """Keep the store busy with one work, so that those submitted meanwhile wait together, until released."""
    begun, go_on = threading.Event(), threading.Event()

    def work(tx: Tx) -> None:
        begun.set()
        assert go_on.wait(10)

    busy = store.transact(work)
    assert begun.wait(10)
    try:
        yield go_on.set
    finally:
        go_on.set()
        busy.result()


def together(store: Store, *works: Callable[[Tx], Any]) -> list[Future[Any]]:
    """Submit the works so that they share commits, and wait for all; how each ended is in its future."""
    with held(store) as release:
        futures = [store.transact(work) for work in works]
        release()
    wait(futures, timeout=30)
    return futures
