"""Readers beside the writer, in the same process: they see what was committed, and can change nothing."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bot.errors import StoreClosed
from bot.ports import Reads
from bot.store.reads import RowReads
from bot.store.statements import Statements
from bot.store.trouble import SAID, translated

KEPT = 4
"""Connections kept open between questions; more are opened when more ask at once."""

T = TypeVar("T")


def reading(address: str) -> sqlite3.Connection:
    """A connection that can neither write nor checkpoint. `address` is a SQLite URI with mode=ro."""
    conn = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False, cached_statements=64)
    conn.execute("PRAGMA query_only = ON")
    conn.execute("PRAGMA wal_autocheckpoint = 0")
    conn.execute("PRAGMA trusted_schema = OFF")
    return conn


def begin(conn: sqlite3.Connection) -> None:
    """Begin a transaction that only reads: all answers in it are of one moment."""
    try:
        conn.execute("BEGIN")
    except SAID as error:
        raise translated(error) from error


class Readers:
    def __init__(self, path: Path) -> None:
        self._address = f"{path.as_uri()}?mode=ro"
        self._idle: list[sqlite3.Connection] = []
        self._asking = 0
        self._shut = False
        self._changed = threading.Condition()

    def ask(self, question: Callable[[Reads], T]) -> T:
        """The answer of a question, which sees the record as it stands now and does not see it change."""
        conn = self._taken()
        try:
            begin(conn)
            return question(RowReads(Statements(conn)))
        finally:
            self._given_back(conn)

    def close(self) -> None:
        """Waits for questions that are being asked; later ones get StoreClosed."""
        with self._changed:
            self._shut = True
            self._changed.wait_for(lambda: self._asking == 0)
            while self._idle:
                self._idle.pop().close()

    def _taken(self) -> sqlite3.Connection:
        with self._changed:
            if self._shut:
                raise StoreClosed("the store is shut")
            self._asking += 1
            if self._idle:
                return self._idle.pop()
        try:
            return reading(self._address)
        except SAID as error:
            self._left()
            raise translated(error) from error

    def _given_back(self, conn: sqlite3.Connection) -> None:
        try:
            if conn.in_transaction:
                conn.execute("ROLLBACK")
            keep = True
        except SAID:
            keep = False
        with self._changed:
            if keep and len(self._idle) < KEPT and not self._shut:
                self._idle.append(conn)
            else:
                conn.close()
        self._left()

    def _left(self) -> None:
        with self._changed:
            self._asking -= 1
            self._changed.notify_all()
