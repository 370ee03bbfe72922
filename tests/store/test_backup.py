"""A backup is whole, of one moment, checked, private, and never instead of something else."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.store.backup import backup
from bot.store.beside import SqliteReads
from bot.store.chain import verify_chain
from bot.store.sqlite import SqliteStore
from tests.contracts.stores import new_case


def test_a_backup_is_made_while_the_bot_writes_and_is_of_one_moment(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "a.db") as store:
        stop = threading.Event()

        def write() -> None:
            while not stop.is_set():
                store.transact(new_case).result()

        writing = threading.Thread(target=write)
        writing.start()
        answered = int(store.transact(new_case).result().removeprefix("OFB-"))
        found = backup(tmp_path / "a.db", tmp_path / "copy.db")
        stop.set()
        writing.join()
    assert found == []
    with SqliteReads.open(tmp_path / "copy.db") as reads:
        assert reads.numbered() >= answered
        assert verify_chain(reads) == []


def test_a_backup_is_one_file_that_only_its_owner_reads_and_a_store_opens(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "a.db") as store:
        store.transact(new_case).result()
        (tmp_path / "to").mkdir()
        backup(tmp_path / "a.db", tmp_path / "to" / "copy.db")
    assert os.listdir(tmp_path / "to") == ["copy.db"]
    assert (tmp_path / "to" / "copy.db").stat().st_mode & 0o777 == 0o600
    with SqliteStore(tmp_path / "to" / "copy.db") as copy:
        assert copy.transact(new_case).result() == "OFB-2"


def test_a_backup_of_a_record_that_was_tampered_with_is_made_and_says_so(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "a.db") as store:
        store.transact(new_case).result()
    with closing(sqlite3.connect(tmp_path / "a.db")) as conn, conn:
        conn.execute("UPDATE facts SET data = x'00'")
    assert [broken.case for broken in backup(tmp_path / "a.db", tmp_path / "copy.db")] == ["OFB-1"]
    assert (tmp_path / "copy.db").exists()


def test_a_backup_never_takes_the_place_of_a_file(tmp_path: Path) -> None:
    SqliteStore(tmp_path / "a.db").close()
    (tmp_path / "copy.db").write_text("precious")
    with pytest.raises(StoreError, match="is there already"):
        backup(tmp_path / "a.db", tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "precious"


def test_a_damaged_database_is_not_passed_off_as_a_backup(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "a.db") as store:
        for _ in range(30):
            store.transact(new_case).result()
    with (tmp_path / "a.db").open("r+b") as file:
        for page in range(3, 30):
            file.seek(page * 4096)
            file.write(os.urandom(60))
    with pytest.raises(StoreError, match="damaged"):
        backup(tmp_path / "a.db", tmp_path / "copy.db")
    assert not list(tmp_path.glob("copy*"))


@pytest.mark.parametrize("to", ["missing/copy.db", "a.db/copy.db"])
def test_a_backup_that_cannot_be_written_is_refused_plainly(tmp_path: Path, to: str) -> None:
    SqliteStore(tmp_path / "a.db").close()
    with pytest.raises(StoreError, match="cannot be written"):
        backup(tmp_path / "a.db", tmp_path / to)
    assert sorted(os.listdir(tmp_path)) == ["a.db", "a.db.lock"]


def test_there_is_no_backup_of_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no database"):
        backup(tmp_path / "a.db", tmp_path / "copy.db")
    assert os.listdir(tmp_path) == []
