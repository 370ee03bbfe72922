"""A process that is killed at any moment: every answer it gave is in the record, and the chain holds."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

import pytest

from bot.store.beside import SqliteReads
from bot.store.chain import verify_chain
from bot.store.sqlite import SqliteStore

WRITES = """
import sys
from concurrent.futures import Future
from bot.store.sqlite import SqliteStore
from tests.contracts.stores import NOW, fact, new_case

store, number = SqliteStore(sys.argv[1]), int(sys.argv[2])

def click(number):
    def work(tx):
        assert tx.hear(str(number), NOW)
        if number % 20 == 0:
            return new_case(tx)
        refs = tx.numbered()
        if refs:
            tx.record(f"OFB-{number % refs + 1}", [fact(b"%d" % number), fact()], b"{}" * 500, "running", [])
        tx.queue(lane=str(number), case="OFB-1", to="x", kind="say", effect=b"", priority=0, due=NOW)
    return work

while True:
    futures = [(n, store.transact(click(n))) for n in range(number, number + 16)]
    number += 16
    for n, future in futures:
        future.result()
        sys.stdout.write(f"{n}\\n")
        sys.stdout.flush()
"""


def killed_after(path: Path, first: int, answers: int) -> list[int]:
    """Run a process that writes as fast as it can, kill it, and return what it had acknowledged until then."""
    lines: list[str] = []
    enough = threading.Event()

    def listen(source: IO[str]) -> None:
        for line in source:
            lines.append(line)
            if len(lines) >= answers:
                enough.set()
        enough.set()

    command = [sys.executable, "-c", WRITES, str(path), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        listener = threading.Thread(target=listen, args=(process.stdout,))
        listener.start()
        assert enough.wait(30)
        process.kill()
        listener.join()
        assert process.stderr.read() == ""
    return [int(line) for line in lines if line.endswith("\n")]


def check(path: Path, acknowledged: list[int]) -> None:
    with SqliteReads.open(path) as reads:
        assert verify_chain(reads) == []
    with SqliteStore(path) as store:
        assert store.read(verify_chain) == []
        found = store.transact(lambda tx: {key for (key,) in tx._sql.all("SELECT key FROM inbox")}).result()  # type: ignore[attr-defined]
        assert [number for number in acknowledged if str(number) not in found] == []
        queued = {row.lane for row in store.read(lambda reads: reads.outbox())}
        assert [number for number in acknowledged if number % 20 and str(number) not in queued] == []
        assert len(queued) == len([key for key in found if int(key) % 20]), "half of a click was kept"


def rounds(path: Path, count: int, seed: int) -> None:
    chance, acknowledged, first = random.Random(seed), list[int](), 0
    for _ in range(count):
        acknowledged += killed_after(path, first, chance.randrange(1, 400))
        check(path, acknowledged)
        first = max(acknowledged) + 17
    assert acknowledged


def test_nothing_that_was_answered_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    rounds(tmp_path / "a.db", 3, seed=1)


@pytest.mark.slow
def test_nothing_that_was_answered_is_lost_over_a_hundred_kills(tmp_path: Path) -> None:
    rounds(tmp_path / "a.db", 100, seed=2)
