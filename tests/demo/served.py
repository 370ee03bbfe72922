"""The page as `make demo` serves it, on any free port, in a thread of the test."""

from __future__ import annotations

import asyncio
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.demo.board import Board
from bot.demo.server import Site, listening_on, serving
from bot.looks import SlackLook, WecomLook
from bot.repertoire import Repertoire
from bot.serving import Running


class Served:
    """`address` ends with a slash. `site` belongs to the thread of the server: look at it, do not touch."""

    def __init__(self, site: Site, address: str, loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
        self.site = site
        self.address = address
        self.loop = loop
        self.stop = stop

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        return self._asked(path, None, headers)

    def post(self, path: str, data: Any, kind: str = "application/json") -> tuple[int, str]:
        body = json.dumps(data).encode()
        return self._asked(path, body, {"Content-Type": kind})

    def do(self, what: str, arg: str = "") -> None:
        status, text = self.post("do", {"what": what, "arg": arg})
        assert status == 200, text

    def write(self, pane: str, text: str, case: str = "") -> None:
        status, said = self.post("write", {"pane": pane, "case": case, "text": text})
        assert status == 200, said

    def idle(self) -> int:
        """Wait until everything that was queued has been delivered; the change that a page must have seen then."""
        store = self.site.play.house.app.store  # type: ignore[attr-defined]
        pause = threading.Event()
        for _ in range(1_000):
            if self.site.hub.quiet and not store.read(lambda reads: reads.outbox(states=("waiting", "sending"))):
                return self.site.hub.count
            pause.wait(0.01)
        raise AssertionError("something is never delivered")

    def _asked(self, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, str]:
        request = urllib.request.Request(self.address + path, body, headers)  # noqa: S310  (an address of our own)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310  (an address of our own)
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()


@contextmanager
def served(
    path: Path,
    *,
    look: str = "slack",
    language: str = "en",
    pause: float = 0.05,
    repertoire: Repertoire | None = None,
) -> Iterator[Served]:
    board = Board()
    house = Running(path, language, board, repertoire)
    site = Site(house, board, {x.name: x for x in (SlackLook(), WecomLook())}, look, pause=pause)
    listening = listening_on(0)
    ready = threading.Event()
    found: list[Served] = []

    def started(server: Any) -> None:
        loop = asyncio.get_running_loop()

        def stop() -> None:
            loop.call_soon_threadsafe(server.handle_exit, 15, None)

        found.append(Served(site, f"http://127.0.0.1:{listening.getsockname()[1]}/", loop, stop))
        ready.set()

    thread = threading.Thread(target=lambda: asyncio.run(serving(site, listening, started)))
    thread.start()
    assert ready.wait(20), "the page did not start"
    try:
        yield found[0]
    finally:
        found[0].stop()
        thread.join(20)
        listening.close()
        assert not thread.is_alive(), "the page did not stop"
