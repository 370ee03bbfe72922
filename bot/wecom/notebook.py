"""What was sent is put down for the next process: once a minute where something was, sooner where somebody got several,
and at the end. What follows from what a kill cuts off: quota.py."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog

from bot.edges import Upkeep
from bot.errors import StoreError
from bot.ports import Clock
from bot.wecom.quota import MINUTE, Quota

log = structlog.get_logger("offboard.wecom")

NAME = "wecom/sent"


class Notebook:
    def __init__(self, quota: Quota, house: Upkeep, clock: Clock) -> None:
        self._quota = quota
        self._house = house
        self._clock = clock
        self._put = -1
        self._much = asyncio.Event()

    async def begins(self) -> None:
        """Before anything is sent: what was sent before, and that this process has begun."""
        loop = asyncio.get_running_loop()

        def much() -> None:
            with suppress(RuntimeError):  # the loop was closed just now
                loop.call_soon_threadsafe(self._much.set)

        self._quota.on_much = much
        try:
            note = await self._house.note(NAME)
            if note is not None:
                self._quota.inherits(note, self._now())
            await self.puts()
        except StoreError as error:
            log.warning("what was sent before is not known", error=type(error).__name__)

    async def keeps(self) -> None:
        """Until it is cancelled."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._much.wait(), MINUTE)
            self._much.clear()
            with suppress(StoreError):
                await self.puts()

    async def puts(self) -> None:
        """Put it down, where there is something new."""
        taken = self._quota.taken
        if taken != self._put:
            await self._house.put_note(NAME, self._quota.note(self._now(), ended=False))
            self._quota.noted()
            self._put = taken

    async def ends(self) -> None:
        """Nothing more is sent."""
        with suppress(StoreError):
            await self._house.put_note(NAME, self._quota.note(self._now(), ended=True))

    def _now(self) -> float:
        return self._clock.now().timestamp()
