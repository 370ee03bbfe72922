"""A disk that fails at any one operation, and one that loses its power at any moment.

The disk is played by disk.c, which stands between SQLite and the file. Whatever was answered has to be in the record;
whatever was refused must not be; no chain may be broken; and the store goes on as soon as the disk does.
"""

from __future__ import annotations

import ctypes
import errno
import os
import random
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from bot.errors import StoreError
from bot.ports import Store, Tx
from bot.store.chain import verify_chain
from bot.store.sqlite import SqliteStore
from tests.contracts.stores import NOW, fact, held, new_case

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("cc") is None, reason="the failing disk is written in C, and there is no compiler"),
]


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    library = tmp_path_factory.mktemp("disk") / "disk.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, Path(__file__).with_name("disk.c"), "-ldl"], check=True)
    return library


def run(disk: Path, function: Callable[..., None], *words: object) -> list[str]:
    """Run a function of this module in a process with that disk; the lines it printed."""
    code = f"import sys; from tests.store import test_disk; test_disk.{function.__name__}(*sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        env={**os.environ, "LD_PRELOAD": str(disk)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def click(number: int) -> Callable[[Tx], None]:
    """Something of everything: new cases, growing ones, messages, keys that come and go."""

    def work(tx: Tx) -> None:
        assert tx.hear(str(number), NOW)
        if number % 7 == 0:
            new_case(tx)
        cases = tx.numbered()
        if cases:
            state = b"{}" * (1_000 + number % 900)
            tx.record(f"OFB-{number % cases + 1}", [fact(b"%d" % number)], state, "running", [])
        if number % 11 == 0:
            tx.put_key("OFB-1", b"k" * 60)
        if number % 11 == 5:
            tx.drop_key("OFB-1")
        tx.queue(lane=str(number), case="x", to="x", kind="say", effect=b"", priority=0, due=NOW)

    return work


def heard(store: Store) -> set[int]:
    assert store.read(verify_chain) == []
    lanes = {int(row.lane) for row in store.read(lambda reads: reads.outbox())}
    keys = store.read(lambda reads: {int(key) for (key,) in reads._sql.all("SELECT key FROM inbox")})  # type: ignore[attr-defined]
    assert keys == lanes, "half of a click was kept"
    return set(keys)


# ------------------------------------------------------------------------------------------ one operation fails


def with_failures(folder: str, count: str, number: str) -> None:
    """For n = 1, 2, 3 …: the n-th operation and `count` in all fail with this errno, until none is left to fail."""
    library = ctypes.CDLL(None)
    path, at = Path(folder) / "a.db", 1
    while True:
        for file in Path(folder).glob("a.db*"):
            file.unlink()
        shutil.copyfile(Path(folder) / "empty", path)
        answered, refused = set[int](), set[int]()
        with SqliteStore(path) as store:
            library.fail_at(at, int(count), int(number))
            for first in range(0, 48, 8):
                with held(store) as release:
                    futures = {n: store.transact(click(n)) for n in range(first, first + 8)}
                    release()
                wait(futures.values(), timeout=30)
                for n, future in futures.items():
                    error = future.exception()
                    assert error is None or isinstance(error, StoreError), error
                    (answered if error is None else refused).add(n)
            failed = library.failed()
            library.fail_at(0, 0, 0)
            for n in range(48, 51):
                store.transact(click(n)).result()
                answered.add(n)
            assert heard(store) == answered, f"operation {at}"
        with SqliteStore(path) as store:
            assert heard(store) == answered, f"operation {at}, after opening again"
        if failed == 0:
            break
        at += 1
    print(at)  # noqa: T201


@pytest.mark.parametrize("count", [1, 3, 40])
@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC], ids=["EIO", "ENOSPC"])
def test_whichever_operation_of_the_disk_fails_nothing_answered_is_lost_and_nothing_refused_is_kept(
    disk: Path, tmp_path: Path, count: int, number: int
) -> None:
    SqliteStore(tmp_path / "empty").close()
    (tried,) = run(disk, with_failures, tmp_path, count, number)
    assert int(tried) > 100


# ------------------------------------------------------------------------------------------ the power goes


class Operation(Struct):
    what: str
    file: int
    offset: int
    data: bytes


class Disk:
    """The two files as the disk has them for certain, and what was written since and may be lost."""

    def __init__(self, content: bytes) -> None:
        self.certain = [bytearray(content), bytearray()]
        self.pending: list[list[Operation]] = [[], []]

    def do(self, operation: Operation) -> None:
        if operation.what == "S":
            for earlier in self.pending[operation.file]:
                _apply(self.certain[operation.file], earlier, lambda: True)
            self.pending[operation.file] = []
        else:
            self.pending[operation.file].append(operation)

    def after_power_cut(self, chance: random.Random) -> list[bytearray]:
        """What is found afterwards: of what was not synced nothing, all, or some, down to single sectors."""
        images = [bytearray(image) for image in self.certain]
        for image, pending in zip(images, self.pending, strict=True):
            share = chance.choice([0.0, 1.0, 0.5, 0.9])
            for operation in pending:
                _apply(image, operation, lambda share=share: chance.random() < share)  # type: ignore[misc]
        return images


def _apply(image: bytearray, operation: Operation, survives: Callable[[], bool]) -> None:
    if operation.what == "T":
        if survives():
            del image[operation.offset :]
        return
    for start in range(0, len(operation.data), 512):
        if survives():
            sector = operation.data[start : start + 512]
            image.extend(bytes(max(0, operation.offset + start - len(image))))
            image[operation.offset + start : operation.offset + start + len(sector)] = sector


def logged(path: Path) -> Iterator[Operation]:
    with path.open("rb") as file:
        while head := file.read(18):
            what, number, offset, length = struct.unpack("<cBqq", head)
            yield Operation(what.decode(), number, offset, file.read(length) if what == b"W" else b"")


def writes(path: str, log: str, synchronous: str) -> None:
    library = ctypes.CDLL(None)
    store = SqliteStore(path)
    store.transact(lambda tx: None).result()
    if synchronous != "FULL":
        _loosen(store, synchronous)
    library.log_to(log.encode())
    for first in range(0, 1_200, 6):
        futures: list[tuple[int, Any]] = [(n, store.transact(click(n))) for n in range(first, first + 6)]
        for n, future in futures:
            future.result()
            library.mark(ctypes.c_int64(n))
    os._exit(0)


def _loosen(store: SqliteStore, synchronous: str) -> None:
    """Make the store careless, to see that the test would notice. (A pragma counts outside a transaction only.)"""
    batch_done = store.transact(lambda tx: tx._sql._conn)  # type: ignore[attr-defined]
    conn = batch_done.result()
    store.transact(lambda tx: (conn.execute("COMMIT"), conn.execute(f"PRAGMA synchronous = {synchronous}"))).exception()


def lost_after_power_cuts(disk: Path, folder: Path, synchronous: str, cuts: int) -> int:
    """At how many of so many moments a power cut would lose an answered click or break the record."""
    path = folder / "a.db"
    SqliteStore(path).close()
    played, lost = Disk(path.read_bytes()), 0
    run(disk, writes, path, folder / "log", synchronous)
    operations = list(logged(folder / "log"))
    chance = random.Random(5)
    moments = set(chance.sample(range(len(operations)), cuts))
    answered = set[int]()
    for moment, operation in enumerate(operations):
        if moment in moments:
            image = folder / f"cut-{moment}"
            image.mkdir()
            for name, content in zip(("a.db", "a.db-wal"), played.after_power_cut(chance), strict=True):
                (image / name).write_bytes(content)
            try:
                with SqliteStore(image / "a.db") as store:
                    lost += not answered <= heard(store)
            except (StoreError, AssertionError):
                lost += 1
            shutil.rmtree(image)
        if operation.what == "M":
            answered.add(operation.offset)
        else:
            played.do(operation)
    assert len(answered) == 1_200
    return lost


def test_no_power_cut_loses_what_was_answered(disk: Path, tmp_path: Path) -> None:
    assert lost_after_power_cuts(disk, tmp_path, "FULL", 600) == 0


def test_a_careless_store_would_be_noticed(disk: Path, tmp_path: Path) -> None:
    assert lost_after_power_cuts(disk, tmp_path, "NORMAL", 100) > 20
