"""Server-sent events: one frame per change, to every open page, each in its own look.

A page says up to which change it was drawn; one that missed something is told to fetch the whole. Changes that come in
one go leave in one frame.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

import structlog

log = structlog.get_logger("offboard.demo")

Frame = dict[str, Any]
Draw = Callable[[str, int], Awaitable[Frame]]
"""A frame in a look, with everything since a change."""

GATHER = 0.004
"""Seconds in which changes gather: a click redraws several messages at once."""
PING = 15.0
MOST = 64
"""Frames that may wait for one page; one that is slower fetches the whole instead."""


class Page:
    """One open page."""

    def __init__(self, look: str) -> None:
        self.look = look
        self.queue: asyncio.Queue[str | None] = asyncio.Queue(MOST)


class Hub:
    """`draw` makes a frame; `version` says which entry of the room is the newest. `count` names the newest change of
    anything; it begins anywhere, so that a page of an earlier process is not taken for one of this."""

    def __init__(self, draw: Draw, version: Callable[[], int]) -> None:
        self._draw = draw
        self._version = version
        self._pages: set[Page] = set()
        self._sent = 0
        self._whole = False
        self._changed = asyncio.Event()
        self._shut = False
        self.quiet = True
        self.count = secrets.randbelow(10**9) * 1_000

    def changed(self, what: str = "room") -> None:
        """Something is new; from the loop's own thread."""
        self._whole = self._whole or what == "whole"
        self.count += 1
        self.quiet = False
        self._changed.set()

    async def run(self) -> None:
        """Push until cancelled."""
        while True:
            self.quiet = not self._changed.is_set()
            await self._changed.wait()
            await asyncio.sleep(GATHER)
            self._changed.clear()
            try:
                await self._push()
            except Exception as error:  # noqa: BLE001  one frame that cannot be drawn must not end the stream
                log.error("a frame cannot be drawn", error=type(error).__name__)
                await asyncio.sleep(0.2)
                self.changed("whole")

    async def _push(self) -> None:
        whole, self._whole = self._whole, False
        since, self._sent = self._sent, self._version()
        for look in {page.look for page in self._pages}:
            count = self.count
            frame = {} if whole else await self._draw(look, since)
            text = message("whole" if whole else "frame", {**frame, "version": count})
            for page in [page for page in self._pages if page.look == look]:
                self._put(page, text)

    def _put(self, page: Page, text: str) -> None:
        try:
            page.queue.put_nowait(text)
        except asyncio.QueueFull:
            while not page.queue.empty():
                page.queue.get_nowait()
            page.queue.put_nowait(message("whole", {"version": self.count}))

    def close(self) -> None:
        """End every stream, now and later: the program stops."""
        self._shut = True
        for page in self._pages:
            with suppress(asyncio.QueueFull):
                page.queue.put_nowait(None)

    async def events(self, look: str, drawn: int) -> AsyncIterator[str]:
        """What one page is sent. `drawn`: the change up to which it was drawn."""
        page = Page(look)
        self._pages.add(page)
        try:
            yield "retry: 1000\n\n"
            if drawn != self.count:
                yield message("whole", {"version": self.count})
            while not self._shut:
                try:
                    async with asyncio.timeout(PING):
                        text = await page.queue.get()
                except TimeoutError:
                    text = ": still here\n\n"
                if text is None:
                    return
                yield text
        finally:
            self._pages.discard(page)


def message(event: str, data: Frame) -> str:
    """JSON has no line breaks, so it is one `data` line."""
    return f"id: {data['version']}\nevent: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
