"""A delivery of Slack to its 200 over HTTP: one by one, twenty and two hundred at once.

The 200 says that it is durable: in between lie HTTP, the gate, Bolt, and the engine's own work with its commit. Client,
server and the scripted Slack share one process and its lock, so the numbers are on the safe side. Slack waits 3 s.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.slack.office import LIN, Office, office

ROUNDS = ((1, 150), (20, 300), (200, 600))


async def taken(here: Office, at_once: int, count: int) -> tuple[list[float], float]:
    """Seconds of each of so many messages, and of all of them."""
    human = here.human(LIN)
    bodies = [human.typed("help") for _ in range(count)]
    turns, found = asyncio.Semaphore(at_once), []

    async def one(number: int) -> None:
        async with turns:
            began = time.perf_counter()
            status, _ = await human.send(bodies[number])
            found.append(time.perf_counter() - began)
        if status != 200:
            raise RuntimeError(f"answered with {status}")

    began = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(count)))
    return sorted(found), time.perf_counter() - began


async def measured() -> list[str]:
    rows = []
    with TemporaryDirectory() as folder:
        async with office(Path(folder) / "bench.db") as here:
            await here.human(LIN).command()
            await here.settle()
            for at_once, count in ROUNDS:
                found, whole = await taken(here, at_once, count)
                half, most = found[count // 2] * 1e3, found[int(count * 0.99)] * 1e3
                said = f"{at_once} at once"
                rows.append(f"{said:<41} {half:8.1f} ms   p99 {most:7.1f} ms   {count / whole:6.0f} a second")
                await here.edge.settle()
    return rows


def rows() -> list[str]:
    return asyncio.run(measured())
