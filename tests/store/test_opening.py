"""A store starts, or refuses clearly: it says what is wrong and what to do, and it changed nothing."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from bot.errors import SchemaNewer, StoreBusy, StoreError
from bot.ports import Reads
from bot.rows import PersonRow, PostRow
from bot.store import migrations
from bot.store.beside import SqliteReads
from bot.store.sqlite import SqliteStore
from tests.contracts.stores import new_case


def table_names(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as conn:
        return {name for (name,) in conn.execute("SELECT name FROM sqlite_master")}


def newer(path: Path) -> None:
    SqliteStore(path).close()
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("INSERT INTO _sqlite_migrations(migration_set, name, applied_at) VALUES('offboard', 'm9', '')")


def test_a_second_writer_is_refused_and_hears_who_holds_it_and_what_to_do(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "a.db") as store:
        with pytest.raises(StoreBusy, match=rf"process {os.getpid()} already writes .* stop it first"):
            SqliteStore(tmp_path / "a.db")
        assert store.transact(new_case).result() == "OFB-1"


def test_a_second_writer_in_another_process_or_by_another_name_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "a.db")
    code = "import sys; from bot.store.sqlite import SqliteStore; SqliteStore(sys.argv[1])"
    with SqliteStore(tmp_path / "a.db"):
        tried = subprocess.run([sys.executable, "-c", code, tmp_path / "link.db"], capture_output=True, text=True)
    assert tried.returncode != 0
    assert "StoreBusy" in tried.stderr


def test_a_closed_store_can_be_opened_by_the_next(tmp_path: Path) -> None:
    for _ in range(3):
        SqliteStore(tmp_path / "a.db").close()


def test_a_store_that_is_closed_while_a_question_is_asked_waits_for_it_and_leaves_no_log(tmp_path: Path) -> None:
    """The writer's connection closes last: it alone may put the log into the file."""
    store = SqliteStore(tmp_path / "a.db")

    def question(reads: Reads) -> int:
        assert reads.numbered() == 0
        shutting.start()
        store.transact(new_case).result()
        return reads.numbered()

    shutting = threading.Thread(target=store.close)
    assert store.read(question) == 0
    shutting.join()
    assert sorted(os.listdir(tmp_path)) == ["a.db", "a.db.lock"]


def test_a_store_that_could_not_be_opened_holds_no_lock(tmp_path: Path) -> None:
    newer(tmp_path / "a.db")
    for _ in range(2):
        with pytest.raises(SchemaNewer):
            SqliteStore(tmp_path / "a.db")


def test_a_database_of_a_newer_version_is_refused_and_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    newer(path)
    before = path.read_bytes()
    with pytest.raises(SchemaNewer, match=r"newer version of Offboard .*m9.*: install that version"):
        SqliteStore(path)
    with pytest.raises(SchemaNewer):
        SqliteReads.open(path)
    assert path.read_bytes() == before


def test_somebody_elses_database_is_refused_and_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("CREATE TABLE cases(of_beer)")
    before = path.read_bytes()
    for opened in (SqliteStore, SqliteReads.open):
        with pytest.raises(StoreError, match="not Offboard's: give the path of another file"):
            opened(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_text("Dear diary, " * 100)
    for opened in (SqliteStore, SqliteReads.open):
        with pytest.raises(StoreError, match="not a database"):
            opened(path)
    assert path.read_text() == "Dear diary, " * 100


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"missing cannot be written to .*: make the folder"):
        SqliteStore(tmp_path / "missing" / "a.db")
    with pytest.raises(StoreError, match="there is no database at"):
        SqliteReads.open(tmp_path / "missing" / "a.db")


def test_a_folder_in_the_place_of_the_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.db").mkdir()
    with pytest.raises(StoreError, match="cannot be opened"):
        SqliteStore(tmp_path / "a.db")


def test_the_record_is_for_its_owner_alone(tmp_path: Path) -> None:
    """It tells who leaves. Whoever should read it is given it on purpose."""
    with SqliteStore(tmp_path / "a.db"):
        modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    assert modes == dict.fromkeys(("a.db", "a.db-wal", "a.db-shm", "a.db.lock"), 0o600)


@pytest.mark.parametrize("name", ["a b.db", "a?b#c.db", "100%.db", "数据.db"])
def test_any_file_name_will_do(tmp_path: Path, name: str) -> None:
    with SqliteStore(tmp_path / name) as store:
        store.transact(new_case).result()
    with SqliteReads.open(tmp_path / name) as reads:
        assert reads.numbered() == 1
    assert sorted(os.listdir(tmp_path)) == sorted([name, f"{name}.lock"])


def test_commits_are_on_disk_before_they_are_answered(tmp_path: Path) -> None:
    """WAL with synchronous = FULL: with NORMAL a power cut loses commits that were answered."""
    with SqliteStore(tmp_path / "a.db") as store:
        pragmas = store.transact(
            lambda tx: {
                name: tx._sql.one(f"PRAGMA {name}")[0]  # type: ignore[attr-defined]
                for name in ("journal_mode", "synchronous")
            }
        ).result()
    assert pragmas == {"journal_mode": "wal", "synchronous": 2}


# ------------------------------------------------------------------------------------------ migrations


def old_and_new() -> tuple[Migrations, Migrations]:
    """The schema of today, and one with two migrations more, of which the second fails."""
    today, tomorrow = Migrations(migrations.NAME), Migrations(migrations.NAME)
    for each in (today, tomorrow):
        each(name="m0001_first")(migrations.m0001_first)
        each(name="m0002_seen_at")(migrations.m0002_seen_at)
        each(name="m0003_links")(migrations.m0003_links)
        each(name="m0004_notes")(migrations.m0004_notes)
        each(name="m0005_chained_links")(migrations.m0005_chained_links)
        each(name="m0006_moments_of_posts")(migrations.m0006_moments_of_posts)

    @tomorrow()
    def m0007_more(db: Database) -> None:
        db.execute("CREATE TABLE more(x)")

    @tomorrow()
    def m0008_fails(db: Database) -> None:
        db.execute("CREATE TABLE yet_more(x)")
        db.execute("this is no SQL")

    return today, tomorrow


def test_a_migration_that_fails_leaves_the_database_as_it_was_with_all_those_before_it(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    SqliteStore(path).close()
    before = table_names(path)
    _, tomorrow = old_and_new()
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        with pytest.raises(sqlite3.OperationalError, match="syntax error"):
            migrations.bring_up_to_date(conn, tomorrow)
        assert not conn.in_transaction
        assert migrations.missing(conn, tomorrow) == ["m0007_more", "m0008_fails"]
    assert table_names(path) == before
    SqliteStore(path).close()


def test_a_new_database_is_made_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    _, tomorrow = old_and_new()
    with closing(sqlite3.connect(path, isolation_level=None)) as conn, pytest.raises(sqlite3.OperationalError):
        migrations.bring_up_to_date(conn, tomorrow)
    assert table_names(path) == set()


def test_a_database_that_is_up_to_date_is_not_written_to(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    SqliteStore(path).close()
    before = path.read_bytes()
    SqliteStore(path).close()
    assert path.read_bytes() == before


def test_a_database_of_the_first_schema_is_brought_up_to_date_and_loses_nothing(tmp_path: Path) -> None:
    path, first = tmp_path / "a.db", Migrations(migrations.NAME)
    first(name="m0001_first")(migrations.m0001_first)
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        migrations.bring_up_to_date(conn, first)
        conn.execute("INSERT INTO people VALUES('slack:U1', 'slack:U1', 'Lin', 'en', 'Asia/Shanghai', 'guest', '')")
        conn.execute("INSERT INTO posts VALUES('OFB-1/case/0/admins', 'OFB-1', 'admins', 'C1', '1.0', 0, 2, '', x'7b')")
    with closing(SqliteStore(path)) as store:
        person = store.read(lambda reads: reads.person("slack:U1"))
        post = store.read(lambda reads: reads.post("OFB-1/case/0/admins"))
    assert person == PersonRow("slack:U1", "Lin", "en", "Asia/Shanghai", "guest")
    assert post == PostRow("OFB-1/case/0/admins", "OFB-1", "admins", "C1", "1.0", 0, 2, "", b"{")
