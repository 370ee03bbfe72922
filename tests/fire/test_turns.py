"""What the fire found: a message that waits for its turn, and is replaced by a newer one in that very moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest

from bot.core.effects import lane
from bot.ports import Reads, Tx
from bot.store.sqlite import SqliteStore
from tests.runtime.post_office import CASE, LIN, PostOffice

T = TypeVar("T")
FIRST, SECOND = lane(CASE, "step-1", LIN), lane(CASE, "step-2", LIN)


class Interleaved:
    """A store in which something is written right after the outbox has claimed what it sends next."""

    def __init__(self, store: SqliteStore) -> None:
        self.inner = store
        self.then: Callable[[], object] | None = None

    def transact(self, work: Callable[[Tx], T]) -> Future[T]:
        future = self.inner.transact(work)
        if isinstance(work, partial) and work.func.__name__ == "_claim" and self.then is not None:
            future.result()
            then, self.then = self.then, None
            then()
        return future

    def read(self, question: Callable[[Reads], T]) -> T:
        return self.inner.read(question)

    def close(self) -> None:
        self.inner.close()


@pytest.fixture
def post(tmp_path: Path) -> Iterator[PostOffice]:
    office = PostOffice(Interleaved(SqliteStore(tmp_path / "a.db")))
    yield office
    office.close()


def test_a_redraw_that_replaces_one_which_waits_for_its_turn_does_not_wait_a_minute(post: PostOffice) -> None:
    assert isinstance(post.store, Interleaved)
    for name in (FIRST, SECOND):
        post.say(name)
    post.deliver()
    for name in (FIRST, SECOND):
        post.amend(name)
    post.store.then = lambda: post.amend(SECOND)
    post.deliver()
    assert (post.shows(FIRST), post.shows(SECOND)) == ([2], [3])
    assert post.rows() == []
