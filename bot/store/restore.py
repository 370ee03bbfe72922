"""Putting a backup in the place of the record, without ever losing what stood there.

RULES
 1. Nothing is changed before the backup was read to its end, checked, and copied beside the database.
 2. What stood there is kept under another name, with its log: it may be evidence, and a restore may be a mistake.
 3. It is never done while somebody writes: the lock of the database is held meanwhile.
 4. At every moment a whole database stands under the name: the old one, then the new one.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from bot.errors import StoreError
from bot.store.backup import copied, synced
from bot.store.chain import Broken
from bot.store.sqlite import locked
from bot.store.trouble import SAID, translated

BESIDE = ("-wal", "-shm")


def restore(
    backup: str | os.PathLike[str], database: str | os.PathLike[str], *, replace: bool
) -> tuple[list[Broken], Path | None]:
    """What an audit finds in the backup, and where the former database is kept (None: there was none).

    Raises StoreBusy when a bot runs on the database, and StoreError when there is one and `replace` is not set, when
    the backup is damaged, or when it cannot be written.
    """
    source, target = Path(backup).resolve(), Path(database).resolve()
    if source == target:
        raise StoreError(f"{source} is the database itself: name a backup of it")
    if not source.is_file():
        raise StoreError(f"there is no backup at {source}")
    with _held(target):
        there = target.exists() and target.stat().st_size > 0
        if there and not replace:
            raise StoreError(f"there is a database at {target}: with --replace it is kept under another name")
        try:
            with tempfile.TemporaryDirectory(prefix=".offboard-restore-", dir=target.parent) as folder:
                copy = Path(folder) / "copy.db"
                broken = copied(source, copy)
                kept = _set_aside(target) if there else None
                copy.replace(target)
                synced(target.parent)
        except SAID as error:
            raise translated(error) from error
        except OSError as error:
            raise StoreError(f"{target} cannot be written: {error.strerror}") from error
    return broken, kept


@contextmanager
def _held(target: Path) -> Iterator[None]:
    lock = locked(target)
    try:
        yield
    finally:
        os.close(lock)


def _set_aside(target: Path) -> Path:
    """Give the database another name too, and its log that name only. It still stands under its own."""
    with suppress(*SAID), closing(sqlite3.connect(f"{target.as_uri()}?mode=rw", uri=True)) as conn:
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # so that it is whole without its log; a damaged one may not be
    number = 1
    while (aside := target.with_name(f"{target.name}.before-restore-{number}")).exists():
        number += 1
    os.link(target, aside)
    for ending in BESIDE:
        with suppress(FileNotFoundError):
            os.rename(f"{target}{ending}", f"{aside}{ending}")
    return aside
