"""click → pushed to the other pane, beside a bare server-sent event over the same server; page ready after the start.

python -m tests.bench.page_bench
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.demo.served import Served, served
from tests.demo.test_server import Stream, version

ROUNDS = 100


def main() -> None:
    with TemporaryDirectory() as folder, served(Path(folder) / "bench.db") as demo:
        report("a bare event, from a thread to a page", bare(demo))
        report("words typed -> in the other window, on disk before", typed(demo))
    with TemporaryDirectory() as folder:
        print(f"the page answers after `offboard demo` was started: {ready(folder):.2f} s")


def report(what: str, seconds: list[float]) -> None:
    ordered = sorted(seconds)
    p99 = ordered[int(len(ordered) * 0.99) - 1]
    print(f"{what}: p50 {statistics.median(ordered) * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms (of {len(ordered)})")


def bare(demo: Served) -> list[float]:
    """A frame with nothing in it."""
    demo.idle()
    stream, times = Stream(demo, version(demo)), []
    for number in range(ROUNDS):
        began = time.perf_counter()
        demo.loop.call_soon_threadsafe(_push, demo, number)
        while stream.next()[1].get("number") != number:
            pass
        times.append(time.perf_counter() - began)
    stream.close()
    return times


def _push(demo: Served, number: int) -> None:
    for page in demo.site.hub._pages:
        page.queue.put_nowait(f'event: frame\ndata: {{"number": {number}}}\n\n')


def typed(demo: Served) -> list[float]:
    """A whole proposal by the leaver until the admins' thread shows it: `/offboard`, and a start again between."""
    times = []
    for _ in range(ROUNDS):
        demo.do("again")
        demo.idle()
        stream = Stream(demo, version(demo))
        began = time.perf_counter()
        sender = threading.Thread(target=demo.write, args=("leaver", "/offboard"))
        sender.start()
        while not any(entry["pane"] == "admins" for entry in stream.next()[1].get("entries", ())):
            pass
        times.append(time.perf_counter() - began)
        sender.join()
        stream.close()
    return times


def ready(folder: str) -> float:
    """Seconds from the command to the first whole answer of the page."""
    from urllib.error import URLError
    from urllib.request import urlopen

    began = time.perf_counter()
    command = [
        sys.executable,
        "-c",
        "from bot.cli import main; main()",
        "demo",
        "--db",
        f"{folder}/x.db",
        "--port",
        "8437",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while True:
        try:
            urlopen("http://127.0.0.1:8437/", timeout=5).read()
            break
        except URLError:
            asyncio.run(asyncio.sleep(0.02))
    found = time.perf_counter() - began
    process.terminate()
    process.wait()
    return found


if __name__ == "__main__":
    main()
