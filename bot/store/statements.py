"""One connection and the constant statements on it, with errors as the port names them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from bot.errors import StoreError
from bot.store.moments import text
from bot.store.trouble import SAID, translated

Row = tuple[Any, ...]


class Statements:
    """Runs statements inside a transaction that somebody else begins and ends.

    Nothing runs outside one. SQLite may end a transaction by itself (a full disk rolls everything back), and a
    statement after that would be kept on its own, whatever becomes of the rest.
    """

    __slots__ = ("_conn", "failure")

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn
        self.failure: StoreError | None = None
        """The first error since it was last cleared. A work whose statement failed fails, even if it goes on."""

    def one(self, sql: str, *values: Any) -> Row | None:
        """The first row, or None."""
        try:
            self._stands()
            row: Row | None = self._conn.execute(sql, values).fetchone()
            return row
        except SAID as error:
            raise self.failed(error) from error

    def all(self, sql: str, *values: Any) -> list[Row]:
        try:
            self._stands()
            return self._conn.execute(sql, values).fetchall()
        except SAID as error:
            raise self.failed(error) from error

    def each(self, sql: str, *values: Any) -> Iterator[Row]:
        """Row after row, for what is too much to hold at once."""
        try:
            self._stands()
            yield from self._conn.execute(sql, values)
        except SAID as error:
            raise self.failed(error) from error

    def do(self, sql: str, *values: Any) -> int:
        """How many rows were changed."""
        try:
            self._stands()
            return self._conn.execute(sql, values).rowcount
        except SAID as error:
            raise self.failed(error) from error

    def insert(self, sql: str, *values: Any) -> int:
        """The number of the new row."""
        try:
            self._stands()
            number = self._conn.execute(sql, values).lastrowid
        except SAID as error:
            raise self.failed(error) from error
        assert number is not None
        return number

    def many(self, sql: str, rows: Iterable[Row]) -> None:
        try:
            self._stands()
            self._conn.executemany(sql, rows)
        except SAID as error:
            raise self.failed(error) from error

    def at(self, at: datetime) -> str:
        """A time as the tables hold it."""
        try:
            return text(at)
        except StoreError as error:
            raise self.failed(error) from None

    def _stands(self) -> None:
        if not self._conn.in_transaction:
            raise sqlite3.OperationalError("the transaction is over")

    def failed(self, error: BaseException) -> StoreError:
        """The error to raise; the work it happens in has failed from here on."""
        failure = translated(error)
        if self.failure is None:
            self.failure = failure
        return failure
