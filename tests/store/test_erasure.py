"""A key that was dropped is nowhere any more: not in the file, and not in the log beside it."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

from bot.ports import Reads, Tx
from bot.store.sqlite import SqliteStore
from tests.contracts.stores import new_case


def holding(folder: Path, what: bytes) -> list[str]:
    """The files that hold these bytes. Read by another process: to close one of them here would lose SQLite's locks."""
    found = subprocess.run(["grep", "-l", "-a", "-r", what.decode(), "."], cwd=folder, capture_output=True, text=True)
    return sorted(found.stdout.split())


def key(number: int) -> bytes:
    return f"key-of-case-{number:04}-".encode() * 3


def fill(tx: Tx) -> None:
    for number in range(1, 60):
        new_case(tx)
        tx.put_key(f"OFB-{number}", key(number))


def test_a_dropped_key_is_in_no_file_of_the_record(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "a.db") as store:
        store.transact(lambda tx: None).result()  # what an earlier process left is seen to now
        store.transact(fill).result()
        assert holding(tmp_path, b"key-of-case-0007") == ["./a.db-wal"]
        store.transact(lambda tx: tx.drop_key("OFB-7")).result()
        assert holding(tmp_path, b"key-of-case-0007") == []
        assert holding(tmp_path, b"key-of-case-0008") != []
    assert holding(tmp_path, b"key-of-case-0007") == []


def test_while_somebody_reads_an_older_moment_the_key_goes_as_soon_as_they_are_done(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "a.db") as store:
        store.transact(fill).result()

        def question(reads: Reads) -> bytes | None:
            assert reads.key("OFB-7") is not None
            store.transact(lambda tx: tx.drop_key("OFB-7")).result()
            return reads.key("OFB-7")

        assert store.read(question) is not None, "a question does not see the record change under it"
        store.transact(new_case).result()
        assert holding(tmp_path, b"key-of-case-0007") == []


DIES = """
import os, signal, sys
from bot.store.sqlite import SqliteStore
from tests.store.test_erasure import fill
store = SqliteStore(sys.argv[1])
store.transact(lambda tx: None).result()
store.transact(fill).result()

def question(reads):
    assert reads.key("OFB-7") is not None
    store.transact(lambda tx: tx.drop_key("OFB-7")).result()
    os.kill(os.getpid(), signal.SIGKILL)

store.read(question)
"""


def test_what_a_process_left_that_died_before_it_could_empty_the_log_goes_at_the_next_start(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", DIES, tmp_path / "a.db"])
    assert holding(tmp_path, b"key-of-case-0007") == ["./a.db-wal"]
    with SqliteStore(tmp_path / "a.db") as store:
        store.transact(new_case).result()
        assert holding(tmp_path, b"key-of-case-0007") == []


def test_of_many_keys_that_were_dropped_none_is_left_in_pages_that_fell_free(tmp_path: Path) -> None:
    numbers = list(range(1, 1001))
    random.Random(3).shuffle(numbers)
    dropped, kept = numbers[:600], numbers[600:]
    with SqliteStore(tmp_path / "a.db") as store:
        for start in range(0, 1000, 100):
            some = numbers[start : start + 100]
            store.transact(lambda tx, some=some: [tx.put_key(f"OFB-{n}", key(n)) for n in some]).result()  # type: ignore[misc]
        for number in sorted(dropped):
            store.transact(lambda tx, number=number: tx.drop_key(f"OFB-{number}"))  # type: ignore[misc]
        store.transact(lambda tx: None).result()
    raw = (tmp_path / "a.db").read_bytes()
    assert [number for number in dropped if key(number) in raw] == []
    assert [number for number in kept if key(number) not in raw] == []


def test_a_replaced_key_is_blanked_too(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "a.db") as store:
        store.transact(fill).result()
        store.transact(lambda tx: tx.put_key("OFB-7", os.urandom(60))).result()
        store.transact(lambda tx: tx.drop_key("OFB-7")).result()
        assert holding(tmp_path, b"key-of-case-0007") == []
