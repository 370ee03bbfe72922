"""A click in one window until what comes of it shows in another, beside a bare event alone, and beside all that cannot
be left out (an empty request, a bare commit and that event); and how long after its start the page answers, beside a
server of one line. `python -m tests.bench.page_bench`
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from urllib.request import urlopen

from tests.bench import fire_bench
from tests.demo.served import Served, served
from tests.demo.test_server import Stream, message, version

ROUNDS = 100
STARTS = 5
BARE_SERVER = """
import socket, uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
listening = socket.create_server(("127.0.0.1", 0))
print(f"http://127.0.0.1:{listening.getsockname()[1]}/", flush=True)
app = Starlette(routes=[Route("/", lambda request: PlainTextResponse("."))])
uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off")).run(sockets=[listening])
"""


def bare(demo: Served, path: Path) -> tuple[list[float], list[float]]:
    """Seconds of a bare event alone, put in by another thread until it has arrived; and of all that cannot be left out:
    an empty request, a commit of one row, and that event."""
    demo.idle()
    stream, events, whole = Stream(demo, version(demo)), [], []
    for number, commit in enumerate(fire_bench.bare(path, ROUNDS)):
        began = time.perf_counter()
        demo.get("static/icon.svg")
        asked = time.perf_counter()
        demo.loop.call_soon_threadsafe(_push, demo, number)
        while stream.next()[1].get("number") != number:
            pass
        there = time.perf_counter()
        events.append(there - asked)
        whole.append(there - began + commit)
    stream.close()
    return events, whole


def _push(demo: Served, number: int) -> None:
    for page in demo.site.hub._pages:
        page.queue.put_nowait(f'event: frame\ndata: {{"number": {number}}}\n\n')


def clicked(demo: Served) -> list[float]:
    """Seconds from the admin's click on "Agree" until another window shows what comes of it in the thread. A new
    beginning between."""
    times = []
    for _ in range(ROUNDS):
        demo.do("again")
        demo.write("leaver", "/offboard")
        id, payload = message(demo, "start")
        report = {"message": id, "look": "slack", "payload": payload}
        stream = Stream(demo, version(demo))
        began = time.perf_counter()
        sender = threading.Thread(target=demo.post, args=("press", report))
        sender.start()
        while not any(entry["pane"] == "admins" for entry in stream.next()[1].get("entries", ())):
            pass
        times.append(time.perf_counter() - began)
        sender.join()
        stream.close()
    return times


def answers_after(*arguments: str) -> float:
    """Seconds from the start of a Python program that prints its address to its first whole answer."""
    began = time.perf_counter()
    with subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+/", process.stdout.readline())
        assert found is not None
        with urlopen(found[0], timeout=20) as answer:  # noqa: S310  (an address of our own)
            answer.read()
        seconds = time.perf_counter() - began
        process.terminate()
    return seconds


def starting(folder: Path) -> tuple[float, float]:
    """Seconds until the bare server answers, and until the demo does."""
    command = ("-c", "from bot.cli import main; main()", "demo", "--port", "0", "--db")
    floor, ours = [], []
    for n in range(STARTS):
        floor.append(answers_after("-c", BARE_SERVER))
        ours.append(answers_after(*command, str(folder / f"{n}.db")))
    return median(floor), median(ours)


def _row(name: str, taken: list[float], floor: float) -> str:
    cuts = quantiles(taken, n=100)
    said = "(the floor)" if cuts[49] == floor else f"{cuts[49] / floor:6.1f} x the floor"
    return f"{name:42}{cuts[49] * 1e3:8.2f} ms p50  {cuts[98] * 1e3:8.2f} ms p99   {said}"


def rows() -> list[str]:
    with TemporaryDirectory() as folder:
        with served(Path(folder) / "bench.db") as demo:
            (event, floor), ours = bare(demo, Path(folder) / "bare.db"), clicked(demo)
        server, page = starting(Path(folder))
    p50 = quantiles(floor, n=100)[49]
    return [
        _row("a bare event alone", event, p50),
        _row("empty request, bare commit, bare event", floor, p50),
        _row("a click until it shows in the other window", ours, p50),
        f"a server of one line answers after        {server * 1e3:8.0f} ms   (the floor)",
        f"offboard demo: the page answers after     {page * 1e3:8.0f} ms   {page / server:5.2f} x the floor",
    ]


if __name__ == "__main__":
    sys.stdout.write("\n".join(rows()) + "\n")
