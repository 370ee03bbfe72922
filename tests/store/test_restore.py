"""A restore puts back what was backed up, loses nothing that stood there, and never happens under a running bot."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import StoreBusy, StoreError
from bot.store.backup import backup
from bot.store.beside import SqliteReads
from bot.store.restore import restore
from bot.store.sqlite import SqliteStore
from tests.contracts.stores import new_case


def numbered(path: Path) -> int:
    with SqliteReads.open(path) as reads:
        return reads.numbered()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A backup with one case, of a database that has two by now."""
    with SqliteStore(tmp_path / "a.db") as store:
        store.transact(new_case).result()
        backup(tmp_path / "a.db", tmp_path / "copy.db")
        store.transact(new_case).result()
    return tmp_path / "copy.db"


def test_where_there_is_no_database_the_backup_becomes_it(tmp_path: Path, copy: Path) -> None:
    assert restore(copy, tmp_path / "new.db", replace=False) == ([], None)
    assert numbered(tmp_path / "new.db") == 1
    with SqliteStore(tmp_path / "new.db") as store:
        assert store.transact(new_case).result() == "OFB-2"
    assert numbered(copy) == 1, "the backup itself is untouched"


def test_a_database_that_is_there_is_not_replaced_without_being_told(tmp_path: Path, copy: Path) -> None:
    with pytest.raises(StoreError, match="with --replace it is kept under another name"):
        restore(copy, tmp_path / "a.db", replace=False)
    assert numbered(tmp_path / "a.db") == 2


def test_what_was_replaced_is_kept_each_time(tmp_path: Path, copy: Path) -> None:
    broken, kept = restore(copy, tmp_path / "a.db", replace=True)
    assert broken == []
    assert kept is not None
    assert numbered(kept) == 2
    assert numbered(tmp_path / "a.db") == 1
    _, again = restore(copy, tmp_path / "a.db", replace=True)
    assert again not in (None, kept)
    assert numbered(kept) == 2


def test_what_was_still_in_the_log_of_a_dead_process_is_kept_too(tmp_path: Path, copy: Path) -> None:
    with SqliteStore(tmp_path / "a.db") as store:
        for _ in range(2):  # the log is emptied once after the first, and written again by the second
            store.transact(new_case).result()
        for ending in ("", "-wal", "-shm"):
            (tmp_path / f"dead.db{ending}").write_bytes((tmp_path / f"a.db{ending}").read_bytes())
    assert (tmp_path / "dead.db-wal").stat().st_size > 0
    _, kept = restore(copy, tmp_path / "dead.db", replace=True)
    assert kept is not None
    assert numbered(kept) == 4
    assert numbered(tmp_path / "dead.db") == 1


def test_a_damaged_database_can_be_replaced_and_is_kept_as_it_was(tmp_path: Path, copy: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"damaged" * 1000)
    _, kept = restore(copy, tmp_path / "a.db", replace=True)
    assert kept is not None
    assert kept.read_bytes() == b"damaged" * 1000
    assert numbered(tmp_path / "a.db") == 1


def test_under_a_running_bot_nothing_is_restored(tmp_path: Path, copy: Path) -> None:
    with SqliteStore(tmp_path / "a.db"), pytest.raises(StoreBusy, match="already writes"):
        restore(copy, tmp_path / "a.db", replace=True)
    assert numbered(tmp_path / "a.db") == 2


@pytest.mark.parametrize("content", [b"", b"this is no database" * 500, None])
def test_what_is_no_backup_changes_nothing(tmp_path: Path, copy: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "bad.db").write_bytes(content)
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(StoreError):
        restore(tmp_path / "bad.db", tmp_path / "a.db", replace=True)
    assert numbered(tmp_path / "a.db") == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_the_database_itself_is_no_backup_of_itself(tmp_path: Path, copy: Path) -> None:
    with pytest.raises(StoreError, match="is the database itself"):
        restore(tmp_path / "a.db", tmp_path / "a.db", replace=True)
