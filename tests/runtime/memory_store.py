"""The store without the disk and without its thread: each work is done, on the caller's thread, before `transact`
returns. So a test that uses it plays the same way every time, and thousands of works take no time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from bot.errors import StoreClosed, StoreFull
from bot.ports import Reads, Tx
from bot.store.migrations import bring_up_to_date
from bot.store.statements import Statements
from bot.store.tx import SqliteTx
from bot.store.writer import Batch

T = TypeVar("T")


class MemoryStore:
    """`full` is how many of the next works find no room; `shut`: there is no store any more; `works` counts all."""

    def __init__(self) -> None:
        self.full = 0
        self.works = 0
        self.shut = False
        self._conn = sqlite3.connect(":memory:", isolation_level=None)
        bring_up_to_date(self._conn)
        self._batch = Batch(self._conn)
        self._reads = SqliteTx(Statements(self._conn))

    def transact(self, work: Callable[[Tx], T]) -> Future[T]:
        self.works += 1
        future: Future[T] = Future()
        if self.shut:
            future.set_exception(StoreClosed("the store is shut"))
        elif self.full:
            self.full -= 1
            future.set_exception(StoreFull("no room"))
        else:
            self._batch.play([(future, work)])
        return future

    def read(self, question: Callable[[Reads], T]) -> T:
        self._conn.execute("BEGIN")
        try:
            return question(self._reads)
        finally:
            self._conn.execute("ROLLBACK")

    def close(self) -> None:
        self._conn.close()
