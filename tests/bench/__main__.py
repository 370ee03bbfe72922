"""Everything that is measured, each number beside its floor: `python -m tests.bench` (or `make bench`).

Machines are noisy and disks differ: read the ratios, not the microseconds. Nothing here is a test.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from tests.bench import (
    core_bench,
    fire_bench,
    hear_bench,
    live_bench,
    memory_bench,
    page_bench,
    slack_bench,
    store_bench,
    wecom_bench,
)


def help_rows(rounds: int = 15) -> list[str]:
    """`offboard --help`, beside an interpreter that does nothing."""
    offboard = Path(sys.executable).parent / "offboard"
    floor = median(_seconds([sys.executable, "-c", "pass"]) for _ in range(rounds))
    taken = median(_seconds([str(offboard), "--help"]) for _ in range(rounds))
    return [
        f"python -c pass                            {floor * 1e3:8.0f} ms   (the floor)",
        f"offboard --help                           {taken * 1e3:8.0f} ms   {taken / floor:5.2f} x the floor",
    ]


def idle_rows(seconds: float = 3.0) -> list[str]:
    """Processor time of a process that has the store, the engine and the delivery loop open and nothing to do."""
    code = (
        "import asyncio, resource, sys, tempfile; from pathlib import Path; from tests.bench.hear_bench import opened\n"
        "app = opened(Path(tempfile.mkdtemp()) / 'idle.db')\n"
        "used = lambda: sum(resource.getrusage(resource.RUSAGE_SELF)[:2])\n"
        "async def idle():\n"
        "    stop = asyncio.Event(); loop = asyncio.create_task(app.outbox.run(stop)); await asyncio.sleep(0.5)\n"
        f"    before = used(); await asyncio.sleep({seconds}); print(used() - before); stop.set(); await loop\n"
        "asyncio.run(idle()); app.close()"
    )
    taken = float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout)
    return [
        f"processor time while idle                 {taken / seconds * 100:8.2f} %    of one core, over {seconds:.0f} s"
    ]


def _seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, capture_output=True, check=True)
    return time.perf_counter() - start


def main() -> None:
    parts = {
        "Start": help_rows,
        "The pure machine": core_bench.rows,
        "The store": store_bench.rows,
        "A step through hear": hear_bench.rows,
        "500 clicks at once": fire_bench.rows,
        "Slack": slack_bench.rows,
        "WeCom": wecom_bench.rows,
        "The page": page_bench.rows,
        "Memory": memory_bench.rows,
        "The live server": live_bench.rows,
        "Idle": idle_rows,
    }
    for title, rows in parts.items():
        sys.stdout.write(f"\n{title}\n" + "".join(f"  {row}\n" for row in rows()))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
