"""Reading a database that another process writes, or that nobody does: a backup, a copy, what a dead process left.

RULES
 1. No lock is taken and no file is left behind: one may look at evidence without touching it.
 2. With a log and its index beside it (`-wal`, `-shm`), it is read as any reader does: a bot may be running.
 3. With no log, or an empty one without an index, the file is all there is and nobody is writing. SQLite is told that
    it cannot change (`immutable`), since otherwise it would make a log and an index. Should a bot begin to write
    meanwhile, that is noticed at the end and said (StoreBusy), instead of being taken for tampering.
 4. With a log but no index (a copy of the two), SQLite would have to make the index: so a private copy is read.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from pathlib import Path
from types import TracebackType

from bot.errors import StoreBusy, StoreError
from bot.store.migrations import missing
from bot.store.readers import begin, reading
from bot.store.reads import RowReads
from bot.store.statements import Statements
from bot.store.trouble import SAID, translated

Stamp = tuple[int, int, bool]


class SqliteReads(RowReads):
    """What is in a database at the moment of opening. `with SqliteReads.open(path) as reads: …`"""

    def __init__(self, conn: sqlite3.Connection, folder: tempfile.TemporaryDirectory[str] | None) -> None:
        super().__init__(Statements(conn))
        self._conn = conn
        self._folder = folder
        self._path: Path | None = None
        self._stamp: Stamp | None = None

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> SqliteReads:
        """Raises SchemaNewer, or StoreError when there is no database of ours, or one of an older version."""
        where = Path(path).resolve()
        if not where.is_file():
            raise StoreError(f"there is no database at {where}")
        stamp = _stamp(where)
        if Path(f"{where}-wal").exists() and Path(f"{where}-shm").exists():
            return cls._at(f"{where.as_uri()}?mode=ro", None)
        if not stamp[2]:
            reads = cls._at(f"{where.as_uri()}?mode=ro&immutable=1", None)
            reads._path, reads._stamp = where, stamp
            return reads
        folder = tempfile.TemporaryDirectory(prefix="offboard-")
        copy = Path(folder.name) / "copy.db"
        shutil.copyfile(where, copy)
        shutil.copyfile(f"{where}-wal", f"{copy}-wal")
        return cls._at(f"{copy.as_uri()}?mode=ro", folder)

    @classmethod
    def _at(cls, address: str, folder: tempfile.TemporaryDirectory[str] | None) -> SqliteReads:
        conn = None
        try:
            conn = reading(address)
            begin(conn)
            if older := missing(conn):
                raise StoreError(f"this database is of an older version (without {', '.join(older)}): run the bot once")
        except (*SAID, StoreError) as error:
            _freed(conn, folder)
            raise translated(error) from error
        return cls(conn, folder)

    def copy_to(self, other: sqlite3.Connection) -> None:
        """Copy the whole database as it was at the moment of opening. Raises what the driver raises."""
        self._conn.backup(other)

    def close(self) -> None:
        _freed(self._conn, self._folder)

    def check(self) -> None:
        """Raises StoreBusy when somebody began to write, so that the answers may be of no moment at all: ask again.

        Only where nobody was writing at first can that be; leaving a `with` checks it.
        """
        if self._path is not None and _stamp(self._path) != self._stamp:
            raise StoreBusy(f"somebody began to write to {self._path} while it was read: ask again")

    def __enter__(self) -> SqliteReads:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if error is None or isinstance(error, StoreError):
            self.check()


def _freed(conn: sqlite3.Connection | None, folder: tempfile.TemporaryDirectory[str] | None) -> None:
    if conn is not None:
        conn.close()
    if folder is not None:
        folder.cleanup()


def _stamp(path: Path) -> Stamp:
    """When the file was written, how long it is, and whether there is something in a log beside it."""
    found = path.stat()
    log = Path(f"{path}-wal")
    return found.st_mtime_ns, found.st_size, log.exists() and log.stat().st_size > 0
