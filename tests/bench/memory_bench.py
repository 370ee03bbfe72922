"""Resident memory of a process with the store, the engine and the delivery loop open: with no case, and with 10,000."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from bot.core.case import Case
from bot.ports import Tx
from bot.runtime import codec
from bot.store.sqlite import SqliteStore
from tests.golden.histories import played

MANY = 10_000

CHILD = """
import resource, sys
from pathlib import Path
from bot.heard import Heard
from tests.bench.hear_bench import known, opened
from bot.rows import PersonRow
from functools import partial
app = opened(Path(sys.argv[1]))
app.store.transact(partial(known, person=PersonRow("demo:mei", "Mei Chen", "en"))).result()
app.engine.next_due()
app.hear(Heard("memory/1", "demo:mei", text="help OFB-1"))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
app.close()
"""


def keep(tx: Tx, ref: str, case: Case, facts: list[bytes]) -> None:
    rows = [codec.row(codec.fact(data)) for data in facts]
    tx.record(tx.new_ref(), rows, codec.encode(replace(case, ref=ref)), str(case.status), (case.leaver,))


def resident(path: Path) -> float:
    """MB of the child that opened this database and answered one delivery."""
    done = subprocess.run([sys.executable, "-c", CHILD, str(path)], capture_output=True, check=True, text=True)
    return int(done.stdout) / 1024


def rows() -> list[str]:
    name, story = next((name, story) for name, story in played() if story.now.is_open or name)
    facts = [codec.encode(fact) for fact in story.log]
    with TemporaryDirectory() as folder:
        empty, full = Path(folder) / "empty.db", Path(folder) / "full.db"
        SqliteStore(empty).close()
        store = SqliteStore(full)
        futures = [
            store.transact(partial(keep, ref=f"OFB-{number}", case=story.now, facts=facts))
            for number in range(1, MANY + 1)
        ]
        for future in futures:
            future.result()
        store.close()
        before, after = resident(empty), resident(full)
    return [
        f"resident memory with no case              {before:8.0f} MB   (the floor; history {name})",
        f"resident memory with 10,000 cases         {after:8.0f} MB   {after / before:5.2f} x the floor",
    ]


if __name__ == "__main__":
    sys.stdout.write("\n".join(rows()) + "\n")
