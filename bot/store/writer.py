"""The one thread that writes. It owns the only connection that writes and checkpoints.

RULES
 1. Works that wait are drained together, up to 64, into one BEGIN IMMEDIATE … COMMIT with a savepoint each: they share
    one wait for the disk. A future is resolved only after the COMMIT, so whoever was answered is in the record.
 2. A work that raises, whatever it raises, takes back only its own savepoint and fails only its own future. So does one
    that goes on after one of its statements failed: half of a verb is never kept. A work that came alone has the whole
    transaction for its savepoint: a savepoint copies the pages it may have to put back, a tenth of a commit.
 3. SQLite may take back the whole transaction by itself (a full disk does). After every work, and before every
    statement, it is seen whether the transaction still stands. If not, every work of the batch fails, and nothing runs
    outside BEGIN. A COMMIT that fails fails the whole batch too.
 4. Nothing that a work or a waiter does ends the thread. A waiter that gave up before its work began is passed over;
    later, its work counts and its answer is thrown away.
 5. After a key was dropped, the write-ahead log is emptied, so that no old copy of the key stays in it. So is what a
    process left that died before it could.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from bot.errors import StoreClosed, StoreError
from bot.store.statements import Statements
from bot.store.trouble import SAID, translated
from bot.store.tx import SqliteTx

BATCH = 64

T = TypeVar("T")
Work = Callable[[SqliteTx], Any]
Job = tuple["Future[Any]", Work]


class Failed:
    """How a work ended that did not return."""

    __slots__ = ("error",)

    def __init__(self, error: BaseException) -> None:
        self.error = error


class Writer:
    """Raises what `connect` raises. `connect` runs on the thread, so that the connection belongs to it."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._waiting: SimpleQueue[Job | None] = SimpleQueue()
        self._gate = threading.Lock()
        self._shut = False
        opened: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=(connect, opened), name="store-writer", daemon=True)
        self._thread.start()
        opened.result()

    def submit(self, work: Callable[[SqliteTx], T]) -> Future[T]:
        future: Future[T] = Future()
        with self._gate:
            if not self._shut:
                self._waiting.put((future, work))
                return future
        future.set_exception(StoreClosed("the store is shut"))
        return future

    def check_not_inside(self) -> None:
        """Raises StoreError in a work: to wait there for the end of the thread would be to wait for ever."""
        if threading.current_thread() is self._thread:
            raise StoreError("a work cannot close the store that it runs in")

    def close(self) -> None:
        """Works that already wait are done first. Returns when the thread has ended."""
        self.check_not_inside()
        with self._gate:
            if not self._shut:
                self._shut = True
                self._waiting.put(None)
        self._thread.join()

    # ------------------------------------------------------------------ on the thread

    def _run(self, connect: Callable[[], sqlite3.Connection], opened: Future[None]) -> None:
        try:
            conn = connect()
        except BaseException as error:  # whoever opens the store hears of it  # noqa: BLE001
            opened.set_exception(error)
            return
        batch = Batch(conn)
        opened.set_result(None)
        try:
            while self._turn(batch):
                pass
        finally:
            conn.close()

    def _turn(self, batch: Batch) -> bool:
        """Wait for works and do them; False when there will be no more."""
        jobs: list[Job] = []
        job = self._waiting.get()
        while job is not None:
            jobs.append(job)
            if len(jobs) == BATCH:
                break
            try:
                job = self._waiting.get_nowait()
            except Empty:
                break
        batch.play(jobs)
        return job is not None


class Batch:
    """Plays works in one transaction."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn
        self._statements = Statements(conn)
        self._tx = SqliteTx(self._statements)

    def play(self, jobs: list[Job]) -> None:
        wanted = [job for job in jobs if _still_wanted(job[0])]
        if not wanted:
            return
        try:
            ends = self._together([work for _, work in wanted])
        except BaseException as error:  # noqa: BLE001
            ends = [Failed(_again(error)) for _ in wanted]
        for (future, _), end in zip(wanted, ends, strict=True):
            _resolve(future, end)

    def _together(self, works: Sequence[Work]) -> list[Any]:
        """How each work ended, once all that was kept is on disk. Raises when nothing was kept."""
        try:
            self._conn.execute("BEGIN IMMEDIATE")
            ends = [self._played(works[0])] if len(works) == 1 else [self._beside_others(work) for work in works]
            keep = not all(isinstance(end, Failed) for end in ends)
            self._conn.execute("COMMIT" if keep else "ROLLBACK")
        except BaseException:
            if self._conn.in_transaction:
                self._conn.execute("ROLLBACK")
            raise
        if self._tx.erased:
            self._tx.erased = not self._emptied()
        return ends

    def _beside_others(self, work: Work) -> Any:
        """As `_played`; what a work that failed did is taken back."""
        self._conn.execute("SAVEPOINT work")
        end = self._played(work)
        if isinstance(end, Failed):
            self._conn.execute("ROLLBACK TO work")
        self._conn.execute("RELEASE work")
        return end

    def _played(self, work: Work) -> Any:
        """What the work returned, or Failed. Raises when the transaction did not survive it."""
        self._tx.begin()
        try:
            end = work(self._tx)
        except BaseException as error:  # noqa: BLE001
            end = Failed(error)
        failure = self._statements.failure
        if not self._conn.in_transaction:
            raise failure or StoreError("the transaction was taken back")
        if failure is not None and not isinstance(end, Failed):
            end = Failed(failure)
        return end

    def _emptied(self) -> bool:
        """Whether the log could be emptied: not while somebody reads in it; then it is tried again later."""
        try:
            (patience,) = self._conn.execute("PRAGMA busy_timeout").fetchone()
            self._conn.execute("PRAGMA busy_timeout = 0")
            try:
                busy, _, _ = self._conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                self._conn.execute(f"PRAGMA busy_timeout = {patience:d}")
        except SAID:
            return False  # the works themselves are on disk, so nobody is told that they failed
        return not busy


def _still_wanted(future: Future[Any]) -> bool:
    """False when the waiter gave up. From here on they cannot."""
    try:
        return future.set_running_or_notify_cancel()
    except BaseException:  # somebody resolved a future that was not theirs  # noqa: BLE001
        return False


def _resolve(future: Future[Any], end: Any) -> None:
    with suppress(BaseException):  # what a waiter hangs on its future is not the writer's business
        if not isinstance(end, Failed):
            future.set_result(end)
        elif isinstance(end.error, StopIteration):
            # A future with a StopIteration would leave a coroutine waiting for ever.
            wrapped = RuntimeError("a work raised StopIteration")
            wrapped.__cause__ = end.error
            future.set_exception(wrapped)
        else:
            future.set_exception(end.error)


def _again(error: BaseException) -> StoreError:
    """An error for one waiter of many: each gets its own, since raising one writes into it."""
    said = translated(error)
    own = type(said)(*said.args)
    own.__cause__ = error
    return own
