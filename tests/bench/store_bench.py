"""What the store costs beside what the disk and SQLite cost anyway, in one run on one machine.

One *step* is what one click on "done" leaves: the key that was heard, three facts, the case's new state of 8 KB, a
timer and three messages to send. Trust the ratios: absolute figures are this disk's and this hour's.

    python -m tests.bench.store_bench
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable
from concurrent.futures import wait
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from bot.ports import Reads, Tx
from bot.rows import FactRow, Timer
from bot.store import outgoing, reads, tx
from bot.store.chain import FIRST, link, verify_chain
from bot.store.moments import text
from bot.store.sqlite import SqliteStore

ROUNDS = 5
STEPS = 300
TOGETHER = 64
CASES = 50
START = datetime(2026, 11, 24, 1, tzinfo=UTC)
STATE = os.urandom(4000).hex().encode()
FACT = (
    b'{"kind":"confirmed","at":"2026-11-24T01:00:00Z","by":"slack:U012ABCDEF","step":3,"text_hash":"'
    + b"0" * 64
    + b'"}'
)
EFFECT = b'{"type":"amend","lane":"OFB-7/step-3/0/slack:U012ABCDEF","view":{"name":"step","step":3}}'
PEOPLE = ("slack:U012ABCDEF", "slack:U012ABCDEG")
ROWS = [FactRow(FACT, "confirmed", PEOPLE[0], "2026-11-24T01:00:00Z", 3) for _ in range(3)]


def step(n: int) -> Callable[[Tx], str]:
    """One click, as the engine does it through the port."""
    ref, at = f"OFB-{n % CASES + 1}", START + timedelta(seconds=n)

    def work(tx: Tx) -> str:
        assert tx.hear(f"slack/{n:032}", at)
        assert tx.case(ref) is not None
        head = tx.record(ref, ROWS, STATE, "running", PEOPLE)
        tx.wake(Timer(ref, "remind", n % 27, n, at))
        for kind, lane in (("say", "step"), ("amend", "approval"), ("amend", "case")):
            tx.queue(lane=f"{ref}/{lane}/{n}/x", case=ref, to=PEOPLE[0], kind=kind, effect=EFFECT, priority=0, due=at)
        return head

    return work


class Bare:
    """The same rows by plain sqlite3, on the same schema: nothing is looked up, chained or shared."""

    def __init__(self, path: Path) -> None:
        self.conn = sqlite3.connect(path, isolation_level=None, cached_statements=256)
        self.conn.execute("PRAGMA synchronous = FULL")
        self.count = dict.fromkeys(range(CASES), 1)

    def step(self, n: int) -> None:
        ref, at, run = f"OFB-{n % CASES + 1}", text(START + timedelta(seconds=n)), self.conn.execute
        first = self.count[n % CASES]
        self.count[n % CASES] += 3
        run("BEGIN IMMEDIATE")
        run(tx.HEAR, (f"slack/{n:032}", at))
        run(reads.CASE, (ref,)).fetchone()
        facts = [(ref, first + i, FACT, FIRST, FIRST, "confirmed", PEOPLE[0], at, 3) for i in (1, 2, 3)]
        self.conn.executemany(tx.FACT, facts)
        run(tx.MOVE_CASE, (STATE, FIRST, first + 3, n % CASES + 1))
        run(tx.WAKE, (ref, "remind", n % 27, n, at))
        for kind, lane in (("say", "step"), ("amend", "approval"), ("amend", "case")):
            run(outgoing.INSERT, (f"{ref}/{lane}/{n}/x", ref, PEOPLE[0], kind, EFFECT, 0, at, 1))
        run("COMMIT")

    def deliver(self) -> None:
        self.conn.execute("DELETE FROM outbox")


def deliver(tx: Tx) -> None:
    """Empty the outbox, as it is most of the time."""
    while claimed := tx.claim(START + timedelta(days=9), 1_000):
        for row in claimed:
            tx.settle(row.id)


def new_store(path: Path) -> SqliteStore:
    store = SqliteStore(path)

    def work(tx: Tx) -> None:
        for _ in range(CASES):
            tx.record(tx.new_ref(), ROWS[:1], STATE, "running", PEOPLE)

    store.transact(work).result()
    return store


def seconds(run: Callable[[], object]) -> float:
    start = perf_counter()
    run()
    return perf_counter() - start


def committing(folder: Path) -> dict[str, list[float]]:
    """Seconds per step of each way, a figure per round; the ways take turns, so that a noisy minute hits all."""
    bare_path, path = folder / "bare.db", folder / "store.db"
    new_store(bare_path).close()
    bare, store = Bare(bare_path), new_store(path)
    floor = os.open(folder / "floor", os.O_RDWR | os.O_CREAT)
    frame = os.urandom(_log_bytes(bare))
    os.posix_fallocate(floor, 0, len(frame) * 100)

    def to_disk(n: int) -> None:
        os.pwrite(floor, frame, n % 100 * len(frame))
        os.fdatasync(floor)

    def together(first: int) -> float:
        took = 0.0
        for group in range(first, first + STEPS * 4, TOGETHER):
            took += seconds(lambda: wait([store.transact(step(n)) for n in range(group, group + TOGETHER)]))  # noqa: B023
            store.transact(deliver).result()
        return took / (-(-STEPS * 4 // TOGETHER) * TOGETHER)

    def each(run: Callable[[int], object], first: int) -> float:
        took = seconds(lambda: [run(n) for n in range(first, first + STEPS)]) / STEPS
        store.transact(deliver).result()
        bare.deliver()
        return took

    took: dict[str, list[float]] = {"disk": [], "bare": [], "hop": [], "one": [], "many": []}
    for first in range(1_000, 1_000 + ROUNDS * STEPS * 10, STEPS * 10):
        took["disk"].append(each(to_disk, first))
        took["bare"].append(each(bare.step, first))
        took["hop"].append(each(lambda _: store.transact(lambda _: None).result(), first))
        took["one"].append(each(lambda n: store.transact(step(n)).result(), first))
        took["many"].append(together(first + STEPS))
    os.close(floor)
    bare.conn.close()
    store.close()
    return took


def _log_bytes(bare: Bare) -> int:
    """How many bytes one step adds to the write-ahead log."""
    bare.conn.execute("PRAGMA wal_autocheckpoint = 0")
    bare.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for n in range(20):
        bare.step(n)
    log = Path(bare.conn.execute("PRAGMA database_list").fetchone()[2] + "-wal").stat().st_size
    bare.conn.execute("PRAGMA wal_autocheckpoint = 1000")
    return int(log // 20)


def with_timers(folder: Path, timers: int) -> SqliteStore:
    path = folder / f"timers-{timers}.db"
    SqliteStore(path).close()
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute("BEGIN")
    rows = ((f"OFB-{n}", "remind", 1, 1, text(START + timedelta(seconds=n))) for n in range(timers))
    conn.executemany("INSERT INTO timers(case_ref, about, step, revision, due) VALUES(?, ?, ?, ?, ?)", rows)
    conn.execute("COMMIT")
    conn.close()
    return SqliteStore(path)


def looking(folder: Path) -> dict[str, tuple[float, float]]:
    """Seconds that `due` (nothing is due) and `next_due` take with 1 k and with 1 M timers, looked at in turns."""
    before = START - timedelta(days=1)
    took: dict[str, tuple[list[float], list[float]]] = {"due": ([], []), "next_due": ([], [])}
    with with_timers(folder, 1_000) as few, with_timers(folder, 1_000_000) as many:
        for _ in range(200):
            for size, store in enumerate((few, many)):

                def question(reads: Reads, size: int = size) -> None:
                    took["due"][size].append(median(seconds(lambda: reads.due(before, 100)) for _ in range(11)))
                    took["next_due"][size].append(median(seconds(reads.next_due) for _ in range(11)))

                store.read(question)
    return {name: (median(few_took), median(many_took)) for name, (few_took, many_took) in took.items()}


def verifying(folder: Path) -> float:
    """Facts verified per second."""
    with new_store(folder / "chain.db") as store:

        def fill(tx: Tx) -> None:
            for number in range(CASES):
                tx.record(f"OFB-{number + 1}", ROWS * 300, STATE, "running", PEOPLE)

        store.transact(fill).result()
        facts = CASES * 901
        return facts / median(seconds(lambda: store.read(verify_chain)) for _ in range(3))


def rows() -> list[str]:
    """One line per figure, for people."""
    with tempfile.TemporaryDirectory(prefix="offboard-bench-", dir=Path.cwd()) as name:
        folder = Path(name)
        took = committing(folder)
        looked = looking(folder)
        speed = verifying(folder)
    disk, bare, hop, one, together = (median(took[way]) for way in ("disk", "bare", "hop", "one", "many"))
    hashing = median(seconds(lambda: link(FIRST, "OFB-7", 3, FACT)) for _ in range(2_000))
    return [
        f"store  pwrite + fdatasync of a step's bytes  {disk * 1e6:8.0f} µs",
        f"store  bare commit of a step's rows          {bare * 1e6:8.0f} µs   {bare / disk:5.2f} × the disk",
        f"store  a work that does nothing              {hop * 1e6:8.0f} µs   two changes of thread",
        f"store  a step through transact               {one * 1e6:8.0f} µs   {one / bare:5.2f} × the bare commit",
        f"store  … with {TOGETHER} at once                     {together * 1e6:8.0f} µs   "
        f"{one / together:5.2f} × as many a second",
        *(
            f"store  {name + ', 1 k and 1 M timers':36} {few * 1e6:4.1f} {many * 1e6:4.1f} µs   "
            f"{many / few:5.2f} × at 1 M"
            for name, (few, many) in looked.items()
        ),
        f"store  chain: hash of a fact                  {hashing * 1e6:8.1f} µs   {3 * hashing / bare:5.3f} of a step",
        f"store  chain: verified                        {speed:8,.0f} facts/s",
    ]


if __name__ == "__main__":
    for line in rows():
        print(line)
