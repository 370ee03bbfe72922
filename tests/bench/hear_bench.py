"""A confirmed step through `hear`, to durable: beside the bare commit of the very same rows, and 64 at once.

The bare side replays what `hear` wrote (the same rows with the same bytes, read from the database afterwards) into a
copy of the database as it was before, one `BEGIN IMMEDIATE … COMMIT` per step, with the same pragmas. What is left
between the two is our own work: the thread hop, reading, deciding, encoding, chaining.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from bot.app import DEFAULT_PLAYBOOKS, App, shipped
from bot.core.case import Case, StepStatus
from bot.demo.board import Board
from bot.demo.cast import ADMIN, SECOND
from bot.demo.cast import rows as people
from bot.heard import Click, Heard
from bot.ports import Reads, Tx
from bot.rows import PersonRow
from bot.runtime import codec
from bot.runtime.clocks import SettableClock
from bot.runtime.library import Library
from bot.runtime.people import Company
from bot.store.sqlite import SqliteStore

MASTER = b"b" * 32
AT = datetime(2026, 11, 24, 1, tzinfo=UTC)
CASES = 640
AT_ONCE = 64
Step = tuple[str, int, int]


def opened(path: Path) -> App:
    library = Library(shipped(), "en", DEFAULT_PLAYBOOKS)
    company = Company(admins=(ADMIN,), second_approvers=(SECOND,), language="en")
    return App(SqliteStore(path), MASTER, company, [Board()], SettableClock(AT), library)


def known(tx: Tx, person: PersonRow) -> None:
    tx.put_person(person)


def prepare(path: Path) -> list[Step]:
    """CASES running cases, each with a first step that is open for its successor: (case, step, revision)."""
    app = opened(path)
    for row in people("en"):
        app.store.transact(partial(known, person=row)).result()
    keys = iter(range(10**9))

    def says(who: str, text: str) -> None:
        app.hear(Heard(f"prepare/{next(keys)}", who, text=text))

    steps = []
    for n in range(CASES):
        who = f"demo:leaver{n}"
        app.store.transact(partial(known, person=PersonRow(who, who, "en"))).result()
        says(ADMIN, f"/offboard {who} 2026-12-18")
        for text in ("100012345678", "1", "1, 4", "1", "2", "1", "demo:zhao"):
            says(who, text)
        ref = f"OFB-{n + 1}"
        says(ADMIN, f"successor {ref} demo:zhao")
        says("demo:zhao", f"accept {ref}")
        case = app.store.read(partial(stored, ref=ref))
        step = case.steps[0]
        assert step.status is StepStatus.OPEN, case.status
        steps.append((ref, step.number, step.revision))
    app.close()
    return steps


def stored(reads: Reads, ref: str) -> Case:
    row = reads.case(ref)
    assert row is not None
    return codec.case(row.state)


def clicks(app: App, steps: list[Step]) -> list[Heard]:
    def value(step: Step) -> str:
        return app.engine.tools.buttons.value(step[0], str(step[1]), step[2], "confirm")

    return [Heard(f"click/{step[0]}", "demo:zhao", click=Click("confirm", value(step))) for step in steps]


def timed(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def through_hear(path: Path, steps: list[Step], at_once: int) -> float:
    """Seconds per step."""
    app = opened(path)
    heard = clicks(app, steps)
    app.engine.hear(Heard("warm", "demo:zhao", text="help")).result()

    def one_by_one() -> None:
        for one in heard:
            assert not app.engine.hear(one).result().refused

    def together() -> None:
        for start in range(0, len(heard), at_once):
            futures = [app.engine.hear(one) for one in heard[start : start + at_once]]
            for future in futures:
                assert not future.result().refused

    seconds = timed(one_by_one if at_once == 1 else together)
    app.close()
    return seconds / len(heard)


def written(before: Path, after: Path, steps: list[Step]) -> list[dict[str, list[tuple[Any, ...]]]]:
    """The rows that `hear` wrote for each step, by table."""
    old, new = sqlite3.connect(before), sqlite3.connect(after)
    found = []
    for ref, _, _ in steps:
        facts = old.execute("SELECT count FROM cases WHERE ref = ?", (ref,)).fetchone()[0]
        had = {row[0] for row in old.execute("SELECT id FROM outbox WHERE case_ref = ?", (ref,))}
        found.append(
            {
                "inbox": new.execute("SELECT * FROM inbox WHERE key = ?", (f"click/{ref}",)).fetchall(),
                "facts": new.execute("SELECT * FROM facts WHERE case_ref = ? AND number > ?", (ref, facts)).fetchall(),
                "cases": new.execute("SELECT state, head, count, number FROM cases WHERE ref = ?", (ref,)).fetchall(),
                "timers": new.execute(
                    "SELECT * FROM timers WHERE case_ref = ? AND about = 'approve'", (ref,)
                ).fetchall(),
                "outbox": [
                    row for row in new.execute("SELECT * FROM outbox WHERE case_ref = ?", (ref,)) if row[0] not in had
                ],
            }
        )
    old.close()
    new.close()
    return found


def bare(path: Path, rows: list[dict[str, list[tuple[Any, ...]]]], at_once: int = 1) -> float:
    """Seconds per step: the same rows, and nothing else; so many steps in one commit."""
    conn = sqlite3.connect(path, isolation_level=None, cached_statements=256)
    conn.execute("PRAGMA journal_mode = WAL")
    conn.execute("PRAGMA synchronous = FULL")
    conn.execute("PRAGMA cache_size = -8192")
    inserts = {
        table: f"INSERT OR REPLACE INTO {table} VALUES({','.join('?' * len(rows[0][table][0]))})"
        for table in ("inbox", "facts", "timers", "outbox")
    }

    def work() -> None:
        for start in range(0, len(rows), at_once):
            conn.execute("BEGIN IMMEDIATE")
            for row in rows[start : start + at_once]:
                for table, sql in inserts.items():
                    conn.executemany(sql, row[table])
                conn.executemany("UPDATE cases SET state = ?, head = ?, count = ? WHERE number = ?", row["cases"])
            conn.execute("COMMIT")

    seconds = timed(work)
    conn.close()
    return seconds / len(rows)


def rows(rounds: int = 3) -> list[str]:
    names = ("bare one", "hear one", "bare many", "hear many")
    with TemporaryDirectory() as folder:
        seed = Path(folder) / "seed.db"
        steps = prepare(seed)
        taken: dict[str, list[float]] = {name: [] for name in names}
        for _ in range(rounds):
            paths = {name: Path(folder) / f"{name.replace(' ', '-')}.db" for name in names}
            for path in paths.values():
                shutil.copyfile(seed, path)
            taken["hear one"].append(through_hear(paths["hear one"], steps, 1))
            replay = written(seed, paths["hear one"], steps)
            taken["bare one"].append(bare(paths["bare one"], replay))
            taken["hear many"].append(through_hear(paths["hear many"], steps, AT_ONCE))
            taken["bare many"].append(bare(paths["bare many"], replay, AT_ONCE))
            for path in Path(folder).iterdir():
                if not path.name.startswith("seed.db"):
                    path.unlink()
    bare_one, hear_one, bare_many, hear_many = (median(taken[name]) * 1e6 for name in names)
    return [
        f"bare commit of the same rows              {bare_one:8.0f} us   (the floor)",
        f"hear, one at a time                       {hear_one:8.0f} us   {hear_one / bare_one:5.2f} x the floor",
        f"bare, 64 steps to a commit                {bare_many:8.0f} us   {bare_one / bare_many:5.2f} x (the floor)",
        f"hear, 64 at once                          {hear_many:8.0f} us   {hear_one / hear_many:5.2f} x as many",
    ]


if __name__ == "__main__":
    sys.stdout.write("\n".join(rows()) + "\n")
