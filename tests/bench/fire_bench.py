"""Five hundred clicks at the same moment on one approval, each to durable: beside the bare commit of one row.

Ten clicks from each of fifty people, of whom ten may decide. What one click waits is mostly those before it: with all
five hundred in the queue the slowest waits for all, so the whole burst stands beside as many bare commits too.
"""

from __future__ import annotations

import random
import sqlite3
import sys
import time
from concurrent.futures import Future
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any

from bot.demo.cast import SECOND
from bot.rows import PersonRow
from bot.runtime.people import Company
from tests.fire.office import ZHAO, office
from tests.fire.test_stampede import ADMINS_OF_IT, CLICKS, CROWD, clicks


def burst(path: Path, seed: int) -> tuple[list[float], float]:
    """Seconds from the click to durable, for each; and for all of them."""
    company = Company(admins=ADMINS_OF_IT, second_approvers=(SECOND,), language="en")
    with office(path, company=company) as desk:
        desk.knows(*(PersonRow(who, who, "en") for who in CROWD if who.startswith(("demo:admin", "demo:colleague"))))
        desk.run_to_plan()
        desk.presses(ZHAO, "confirm")
        made = clicks(desk, random.Random(seed))
        taken: list[float] = []
        futures: list[Future[Any]] = []
        begun = time.perf_counter()
        for heard in made:
            start = time.perf_counter()
            future = desk.app.engine.hear(heard)
            future.add_done_callback(lambda _, start=start: taken.append(time.perf_counter() - start))  # type: ignore[misc]
            futures.append(future)
        for future in futures:
            future.result()
        return taken, time.perf_counter() - begun


def bare(path: Path, count: int) -> list[float]:
    """Seconds of each of so many commits of one row, one after another."""
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute("PRAGMA journal_mode = WAL")
    conn.execute("PRAGMA synchronous = FULL")
    conn.execute("CREATE TABLE inbox(key TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID")
    taken = []
    for n in range(count):
        start = time.perf_counter()
        conn.execute("BEGIN IMMEDIATE")
        conn.execute("INSERT INTO inbox VALUES(?, ?)", (f"key/{n}", "2026-11-23T01:00:00.000000Z"))
        conn.execute("COMMIT")
        taken.append(time.perf_counter() - start)
    conn.close()
    return taken


def _row(name: str, taken: list[float], floor: float) -> str:
    cuts = quantiles(taken, n=100)
    return (
        f"{name:42}{cuts[49] * 1e3:8.2f} ms p50  {cuts[98] * 1e3:8.2f} ms p99   {cuts[49] / floor:6.1f} x a bare commit"
    )


def rows(rounds: int = 3) -> list[str]:
    with TemporaryDirectory() as folder:
        taken: list[float] = []
        whole: list[float] = []
        for n in range(rounds):
            one, all_of_it = burst(Path(folder) / f"{n}.db", n)
            taken += one
            whole.append(all_of_it)
        floor = bare(Path(folder) / "bare.db", CLICKS)
        p50 = quantiles(floor, n=100)[49]
        return [
            _row("bare commit of one row", floor, p50),
            _row("500 clicks at once, each to durable", taken, p50),
            f"all 500, beside 500 bare commits          {min(whole) * 1e3:8.0f} ms   {min(whole) / sum(floor):5.2f} x",
        ]


if __name__ == "__main__":
    sys.stdout.write("\n".join(rows()) + "\n")
