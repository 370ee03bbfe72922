"""Whether the server can be used now, and if not, why: `/livez` and `/readyz`.

Alive: the record's writer answers, so a restart would change nothing. Ready: it can also write, its loops run, and
every platform can be used. A supervisor restarts what is not alive; whoever watches is told of what is not ready.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from time import monotonic

from bot.errors import StoreError
from bot.ports import Clock, Store, Tx

PROBE = "probe/readyz"
"""What is counted to see that the record can be written."""
FRESH = 5.0
"""Seconds for which a good answer counts: whoever asks often does not make the disk work more."""
AGAIN = 0.5
"""The same for a bad one."""
PATIENCE = 2.0
DEAD_AFTER = 30.0


class Health:
    """`troubles`: part -> why it does not work now, or ""."""

    def __init__(self, store: Store, clock: Clock, troubles: Callable[[], Mapping[str, str]]) -> None:
        self._store = store
        self._clock = clock
        self._troubles = troubles
        self._probe: asyncio.Future[str] | None = None
        self._asked = 0.0
        self.stopping = False

    async def reasons(self) -> list[str]:
        """Why it is not ready; empty when it is. Never waits longer than PATIENCE seconds."""
        if self.stopping:
            return ["the server is stopping"]
        written = await self._written()
        return [f"store: {written}"] * bool(written) + [
            f"{part}: {why}" for part, why in self._troubles().items() if why
        ]

    async def alive(self) -> str:
        """Why a restart would help, or ""."""
        await self._written()
        if self._probe is not None and not self._probe.done() and monotonic() - self._asked > DEAD_AFTER:
            return "the record's writer has not answered for half a minute"
        return ""

    async def _written(self) -> str:
        """Why nothing can be written, or ""."""
        if self._probe is None or (self._probe.done() and self._old(bad=bool(self._probe.result()))):
            self._asked = monotonic()
            self._probe = asyncio.ensure_future(self._write())
        done, _ = await asyncio.wait([self._probe], timeout=PATIENCE)
        return self._probe.result() if done else "the record's writer does not answer"

    def _old(self, *, bad: bool) -> bool:
        return monotonic() - self._asked > (AGAIN if bad else FRESH)

    async def _write(self) -> str:
        def count(tx: Tx) -> int:
            return tx.refused(PROBE, self._clock.now())

        try:
            await asyncio.wrap_future(self._store.transact(count))
        except StoreError as error:
            return str(error)
        return ""
