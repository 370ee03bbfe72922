"""What systemd is told: ready, stopping, and that we are still there (sd_notify(3)). Nothing, elsewhere."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress


class Supervisor:
    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._where = environ.get("NOTIFY_SOCKET", "")
        micro = environ.get("WATCHDOG_USEC", "")
        self.every = int(micro) / 2_000_000 if micro.isdecimal() and int(micro) else None
        """Seconds between two signs of life, or None when nobody waits for them."""

    def tell(self, what: str) -> None:
        """READY=1, STOPPING=1, WATCHDOG=1."""
        if self._where:
            with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
                line.sendto(what.encode(), f"\0{self._where[1:]}" if self._where.startswith("@") else self._where)

    async def watch(self, alive: Callable[[], Awaitable[str]], stop: asyncio.Event) -> None:
        """Signs of life for as long as there is life."""
        while self.every is not None and not stop.is_set():
            if not await alive():
                self.tell("WATCHDOG=1")
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self.every)
