"""The record in one SQLite file: the port `Store`, and reading without it.

RULES
 1. One process writes. A lock on `<database>.lock` refuses a second one: SQLite before 3.51.3 can lose commits when two
    connections write and checkpoint at once, and a case that two programs move is nobody's.
 2. In that process one connection writes and checkpoints, the writer's. Readers can do neither, and are closed first.
 3. A commit is on disk before it is answered: write-ahead log, `synchronous = FULL`.
 4. Reading beside a running bot, or on a copy, takes no lock and leaves no file behind (beside.py).
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from bot.errors import StoreBusy, StoreError
from bot.ports import Reads, Tx
from bot.store.migrations import bring_up_to_date, missing
from bot.store.readers import Readers
from bot.store.trouble import SAID, translated
from bot.store.writer import Writer

_PRAGMAS = (
    "synchronous = FULL",
    "secure_delete = FAST",  # what is deleted is blanked where that costs no further page
    "trusted_schema = OFF",
    # 8 MB of log before its pages go into the file: a case that moves on rewrites the same pages, so half as often
    # as by default saved a tenth of a busy commit.
    "wal_autocheckpoint = 2000",
    "journal_size_limit = 16777216",
    "cache_size = -8192",
    "temp_store = MEMORY",  # what a savepoint remembers stays in memory: with it in files a batch took a tenth longer
)
# Sends that were on their way when a process died: nobody knows whether they arrived.
_IN_DOUBT = (
    "UPDATE outbox SET state = 'uncertain', why = 'the program ended while it was being sent' WHERE state = 'sending'"
)

PATIENCE = 2.0
T = TypeVar("T")


class SqliteStore:
    """Opens the database for writing; makes it, or brings it up to date, when need be.

    Raises StoreBusy when another process writes to it, SchemaNewer when a newer version wrote it, and StoreError when
    it cannot be opened. `patience`: seconds that the writer waits for a foreign program (an operator's own query)
    before it refuses with StoreBusy. `max_pages` (of 4096 bytes) bounds the file, for tests of a full disk.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, patience: float = PATIENCE, max_pages: int | None = None
    ) -> None:
        self.path = Path(path).resolve()
        self._lock = locked(self.path)
        try:
            self._writer = Writer(lambda: _connected(self.path, patience, max_pages))
        except BaseException:
            os.close(self._lock)
            raise
        self._readers = Readers(self.path)
        self._open = True

    def transact(self, work: Callable[[Tx], T]) -> Future[T]:
        return self._writer.submit(work)

    def read(self, question: Callable[[Reads], T]) -> T:
        return self._readers.ask(question)

    def close(self) -> None:
        """Does what already waits, then shuts. Not to be called from inside a work or a question."""
        self._writer.check_not_inside()
        self._readers.close()
        self._writer.close()
        if self._open:
            self._open = False
            os.close(self._lock)

    def __enter__(self) -> SqliteStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def locked(path: Path) -> int:
    """The open lock file of a database, to be closed again. Who holds it writes its process number into it, for the one
    who is refused. Raises StoreBusy, and StoreError where no lock can be had."""
    try:
        lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        why = f"{path.parent} cannot be written to ({error.strerror}): make the folder, or give access"
        raise StoreError(why) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(lock, 32).decode("ascii", "replace").strip() or "?"
        os.close(lock)
        raise StoreBusy(
            f"process {holder} already writes to {path}: stop it first, or give another database. "
            f"To look only, use what just reads: `case list`, `case show`, `case log`, `audit`"
        ) from error
    except OSError as error:
        os.close(lock)
        raise StoreError(f"{path.parent} is on a disk that allows no locks: use a local disk") from error
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    return lock


def writer_of(path: str | os.PathLike[str]) -> str:
    """The process that writes to this database now, by its number; "" when nobody does. Takes nothing."""
    try:
        lock = os.open(f"{Path(path).resolve()}.lock", os.O_RDONLY)
    except OSError:
        return ""
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return os.read(lock, 32).decode("ascii", "replace").strip() or "?"
    finally:
        os.close(lock)
    return ""


def _connected(path: Path, patience: float, max_pages: int | None) -> sqlite3.Connection:
    conn = None
    try:
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))  # it tells who leaves: not for everyone
        conn = sqlite3.connect(
            f"{path.as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=patience, cached_statements=256
        )
        missing(conn)  # refuses what is not ours before anything of it is changed
        mode = conn.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        if mode != "wal":
            raise StoreError(f"{path.parent} is on a disk that allows no write-ahead log: use a local disk")
        for pragma in _PRAGMAS:
            conn.execute(f"PRAGMA {pragma}")
        if max_pages is not None:
            conn.execute(f"PRAGMA max_page_count = {max_pages:d}")
        bring_up_to_date(conn)
        conn.execute(_IN_DOUBT)
    except (*SAID, OSError, StoreError) as error:
        if conn is not None:
            conn.close()
        raise translated(error) from error
    return conn
