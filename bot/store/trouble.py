"""What SQLite says, in the words of the port: which StoreError it is, and what can be done."""

from __future__ import annotations

import sqlite3

from bot.errors import BadValue, StoreBusy, StoreClosed, StoreError, StoreFull

SAID = (sqlite3.Error, OverflowError, UnicodeEncodeError, MemoryError)
"""Everything that the driver raises for a constant statement with values of the port's types."""

# By the beginning of SQLite's own name of the error (sqlite.org/rescode.html); the first that fits counts.
_BY_NAME: tuple[tuple[str, type[StoreError], str], ...] = (
    ("SQLITE_FULL", StoreFull, "the disk is full: make room, then it goes on by itself"),
    ("SQLITE_IOERR_SHMSIZE", StoreFull, "the disk is full: make room, then it goes on by itself"),
    ("SQLITE_BUSY", StoreBusy, "another program holds the database: close it and try again"),
    ("SQLITE_LOCKED", StoreBusy, "another program holds the database: close it and try again"),
    ("SQLITE_CONSTRAINT_NOTNULL", BadValue, "a value is missing or is not a number (NaN)"),
    ("SQLITE_CONSTRAINT_CHECK", BadValue, "a value is none of those allowed"),
    ("SQLITE_TOOBIG", BadValue, "a value is too big"),
    ("SQLITE_MISMATCH", BadValue, "a value is of the wrong type"),
    ("SQLITE_READONLY", StoreError, "the database or its disk is read-only: give write access"),
    ("SQLITE_CORRUPT", StoreError, "the database is damaged: restore a backup"),
    ("SQLITE_NOTADB", StoreError, "this file is not a database: give the path of another"),
    ("SQLITE_CANTOPEN", StoreError, "the database cannot be opened: look at its path and rights"),
    ("SQLITE_IOERR", StoreError, "the disk failed"),
)


def translated(error: BaseException) -> StoreError:
    """The StoreError that says the same as what the driver raised. The original stays visible as its cause."""
    if isinstance(error, StoreError):
        return error
    if isinstance(error, UnicodeEncodeError):
        return BadValue("a text holds half a character (a lone surrogate), which no store can hold")
    if isinstance(error, OverflowError):
        return BadValue(f"a value is too big for any store: {error}")
    if isinstance(error, MemoryError):
        return StoreError("out of memory")
    name = getattr(error, "sqlite_errorname", None) or ""
    for beginning, kind, words in _BY_NAME:
        if name.startswith(beginning):
            return kind(f"{words} ({error})")
    if not name and "closed database" in str(error):
        return StoreClosed("the store is shut")
    if not name and "binding parameter" in str(error):
        return BadValue(f"a value of a type that no store can hold: {error}")
    return StoreError(f"the database refused: {error}")
