"""`offboard run`: from its start until it is ready, its memory, and from SIGTERM until it is gone."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests.live.process import ask, running
from tests.live.seeding import cases

MANY = 25_000
ROUNDS = 5
KEY = "a long random secret for the benchmark"
SLACK = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "secret",
    "OFFBOARD_ADMINS": "slack:U1",
    "OFFBOARD_SLACK_API_URL": "http://127.0.0.1:9/api/",  # nobody answers there: nothing but the start is measured
}


class Measured(NamedTuple):
    start: float
    stop: float
    memory: float


def measured(folder: Path, **settings: str) -> Measured:
    """Seconds, seconds, MB."""
    began = time.perf_counter()
    with running(folder, OFFBOARD_KEY=KEY, **settings) as bot:
        address = bot.address
        ready = time.perf_counter()
        ask(address, "/readyz")
        status = Path(f"/proc/{bot.process.pid}/status").read_text()
        (memory,) = [int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS")]
        ending = time.perf_counter()
        bot.end()
        return Measured(ready - began, time.perf_counter() - ending, memory)


def typical(folder: Path, **settings: str) -> Measured:
    rounds = [measured(folder, **settings) for _ in range(ROUNDS)]
    return Measured(*(median(values) for values in zip(*rounds, strict=True)))


def rows() -> list[str]:
    with TemporaryDirectory() as folder:
        empty, full = Path(folder) / "empty", Path(folder) / "full"
        empty.mkdir()
        full.mkdir()
        cases(full / "offboard.db", MANY, KEY)
        size = (full / "offboard.db").stat().st_size / 2**20
        floor, many, slack = typical(empty), typical(full), typical(full, **SLACK)
    kinds = (
        ("no case, no platform", floor),
        (f"{MANY:,} open cases", many),
        ("the same, with Slack", slack),
    )
    return [
        *(f"run until ready, {kind:<24} {one.start:8.2f} s    {_of(one.start, floor.start)}" for kind, one in kinds),
        *(f"resident memory, {kind:<24} {one.memory:8.0f} MB   {_of(one.memory, floor.memory)}" for kind, one in kinds),
        f"SIGTERM until it is gone, with Slack      {slack.stop:8.2f} s    (the database has {size:.0f} MB)",
    ]


def _of(value: float, floor: float) -> str:
    return f"{value / floor:5.2f} x the floor"


if __name__ == "__main__":
    sys.stdout.write("\n".join(rows()) + "\n")
