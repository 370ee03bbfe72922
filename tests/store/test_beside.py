"""Looking at a record without touching it: beside a running bot, on a copy, on what a dead process left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile

import pytest

from bot.errors import StoreBusy, StoreError
from bot.ports import Reads
from bot.store.beside import SqliteReads
from bot.store.chain import verify_chain
from bot.store.sqlite import SqliteStore
from tests.contracts.stores import new_case

BOT = """
import sys
from bot.store.sqlite import SqliteStore
from tests.contracts.stores import new_case
store = SqliteStore(sys.argv[1])
for line in sys.stdin:
    print(store.transact(new_case).result(), flush=True)
store.close()
"""


class Bot:
    """A running bot in a process of its own."""

    def __init__(self, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", BOT, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def new_case(self) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def end(self, kill: bool = False) -> None:
        if kill:
            self.process.send_signal(signal.SIGKILL)
        self.process.communicate()


@contextmanager
def running(path: Path) -> Iterator[Bot]:
    bot = Bot(path)
    try:
        yield bot
    finally:
        bot.end()


def refs(reads: Reads) -> list[str]:
    assert verify_chain(reads) == []
    return [row.ref for row in reads.cases()]


def files(folder: Path) -> dict[str, tuple[int, int]]:
    return {file.name: (file.stat().st_size, file.stat().st_mtime_ns) for file in folder.iterdir()}


def copied(path: Path, to: Path, *endings: str) -> Path:
    to.mkdir()
    for ending in endings:
        copyfile(f"{path}{ending}", f"{to / path.name}{ending}")
    return to / path.name


def test_beside_a_running_bot_one_sees_what_is_committed_and_of_one_moment_only(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with running(path) as bot:
        assert bot.new_case() == "OFB-1"
        before = set(files(tmp_path))
        with SqliteReads.open(path) as reads:
            assert refs(reads) == ["OFB-1"]
            assert bot.new_case() == "OFB-2", "whoever looks keeps nobody from writing"
            assert refs(reads) == ["OFB-1"]
        with SqliteReads.open(path) as reads:
            assert refs(reads) == ["OFB-1", "OFB-2"]
        assert set(files(tmp_path)) == before
        assert bot.new_case() == "OFB-3"


def test_beside_a_running_bot_whose_log_is_empty_one_reads_on_while_it_writes(tmp_path: Path) -> None:
    """The log of a running bot is empty after a key was dropped: that does not mean that nobody writes."""
    path = tmp_path / "a.db"
    with SqliteStore(path) as store:
        store.transact(new_case).result()
        store.transact(lambda tx: tx.put_key("OFB-1", b"key")).result()
        store.transact(lambda tx: tx.drop_key("OFB-1")).result()
        assert (tmp_path / "a.db-wal").stat().st_size == 0
        with SqliteReads.open(path) as reads:
            store.transact(new_case).result()
            assert refs(reads) == ["OFB-1"]


def test_beside_a_store_of_the_same_process_one_sees_what_is_committed(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "a.db") as store:
        store.transact(new_case).result()
        with SqliteReads.open(tmp_path / "a.db") as reads:
            assert refs(reads) == ["OFB-1"]
        store.transact(new_case).result()


def test_a_database_that_nobody_writes_is_read_and_no_file_is_left_or_touched(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with SqliteStore(path) as store:
        store.transact(new_case).result()
    before = files(tmp_path)
    with SqliteReads.open(path) as reads:
        assert refs(reads) == ["OFB-1"]
        assert files(tmp_path) == before
    assert files(tmp_path) == before


def test_what_a_dead_process_left_is_read_with_its_last_commits(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    bot = Bot(path)
    assert [bot.new_case(), bot.new_case()] == ["OFB-1", "OFB-2"]
    bot.end(kill=True)
    before = set(files(tmp_path))
    with SqliteReads.open(path) as reads:
        assert refs(reads) == ["OFB-1", "OFB-2"]
    assert set(files(tmp_path)) == before


@pytest.mark.parametrize("endings", [("", "-wal"), ("", "-wal", "-shm")])
def test_a_copy_with_its_log_shows_the_last_commits_and_stays_as_it_is(
    tmp_path: Path, endings: tuple[str, ...]
) -> None:
    path = tmp_path / "a.db"
    bot = Bot(path)
    assert bot.new_case() == "OFB-1"
    bot.end(kill=True)
    copy = copied(path, tmp_path / "copy", *endings)
    before = {name: size for name, (size, _) in files(copy.parent).items()}
    with SqliteReads.open(copy) as reads:
        assert refs(reads) == ["OFB-1"]
    assert {name: size for name, (size, _) in files(copy.parent).items()} == before


@pytest.mark.skipif(os.getuid() != 0, reason="only root can pretend to be somebody who may not write")
@pytest.mark.parametrize("endings", [("",), ("", "-wal"), ("", "-wal", "-shm")])
def test_a_copy_that_one_may_only_read_is_read(tmp_path: Path, endings: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with SqliteStore(tmp_path / "a.db") as store:
            if "-wal" not in endings:
                store.transact(new_case).result()
            store.transact(lambda tx: None).result()
            if "-wal" in endings:
                store.transact(new_case).result()
            path = copied(tmp_path / "a.db", Path(folder) / "copy", *endings)
        for file in (Path(folder), path.parent):
            file.chmod(0o755)
        for file in path.parent.iterdir():
            file.chmod(0o444)
        os.seteuid(65534)
        try:
            with SqliteReads.open(path) as reads:
                assert refs(reads) == ["OFB-1"]
        finally:
            os.seteuid(0)


def test_a_bot_that_begins_to_write_while_a_quiet_database_is_read_is_noticed(tmp_path: Path) -> None:
    """Its pages would change under the reader, who must not take that for tampering."""
    path = tmp_path / "a.db"
    SqliteStore(path).close()

    def look(after: Exception | None) -> None:
        with SqliteReads.open(path):
            with SqliteStore(path) as store:
                store.transact(new_case).result()
            if after is not None:
                raise after

    with pytest.raises(StoreBusy, match="ask again"):
        look(None)
    with pytest.raises(StoreBusy, match="ask again"):
        look(StoreError("the database is damaged"))
    with pytest.raises(KeyError):
        look(KeyError("something else"))


def test_whoever_looks_cannot_write(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with SqliteStore(path) as store:
        with pytest.raises(StoreError, match="read-only"):
            store.read(lambda reads: reads._sql.do("DELETE FROM cases"))  # type: ignore[attr-defined]
        with SqliteReads.open(path) as beside, pytest.raises(StoreError, match="read-only"):
            beside._sql.do("DELETE FROM cases")


def test_a_closed_reading_says_so(tmp_path: Path) -> None:
    SqliteStore(tmp_path / "a.db").close()
    reads = SqliteReads.open(tmp_path / "a.db")
    reads.close()
    with pytest.raises(StoreError, match="shut"):
        reads.cases()
