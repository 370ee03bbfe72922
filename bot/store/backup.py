"""A consistent copy of the record, made while a bot runs, and checked before it gets its name."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from bot.errors import StoreError
from bot.store.beside import SqliteReads
from bot.store.chain import Broken, verify_chain
from bot.store.trouble import SAID, translated


def backup(database: str | os.PathLike[str], to: str | os.PathLike[str]) -> list[Broken]:
    """Copy the record as it stands at this moment to a new file; what an audit finds in the copy is returned.

    The file `to` appears whole or not at all, and only its owner can read it. The key beside the database is not in
    it: whoever keeps the two in one place has sealed nothing. Raises StoreError when `to` is there already, when the
    copy is damaged, or when it cannot be written.
    """
    target = Path(to)
    if target.exists():
        raise StoreError(f"{target} is there already: give another name")
    try:
        with tempfile.TemporaryDirectory(prefix=".offboard-backup-", dir=target.parent) as folder:
            copy = Path(folder) / "copy.db"
            broken = copied(database, copy)
            copy.rename(target)
            synced(target.parent)
    except SAID as error:
        raise translated(error) from error
    except OSError as error:
        raise StoreError(f"{target} cannot be written: {error.strerror}") from error
    return broken


def copied(database: str | os.PathLike[str], to: Path) -> list[Broken]:
    """A checked copy of one moment. Raises StoreError, and what the driver and the disk raise."""
    with SqliteReads.open(database) as reads, closing(sqlite3.connect(to)) as copy:
        reads.copy_to(copy)
        problems = [row for (row,) in copy.execute("PRAGMA quick_check")]
    if problems != ["ok"]:
        raise StoreError(f"the copy is damaged, and so may the database be: {problems[0]}")
    to.chmod(0o600)
    synced(to)
    with SqliteReads.open(to) as reads:
        return verify_chain(reads)


def synced(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
