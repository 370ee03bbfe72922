"""What is done after an acknowledgement: answers, home pages. None of it must happen, so what fails is only logged.

A few at a time: while many people press at once, their acknowledgements come first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from bot.errors import PortError

log = structlog.get_logger("offboard.slack")

AT_ONCE = 12


class Errands:
    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns = asyncio.Semaphore(AT_ONCE)

    def start(self, errand: Coroutine[Any, Any, object], what: str) -> None:
        """`what` is said in the log when it did not work."""
        task = asyncio.create_task(self._run(errand, what))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def rest(self) -> None:
        """Until all that was started is done."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self, seconds: float) -> None:
        """Give what is under way so many seconds."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        for task in self._tasks:
            task.cancel()

    async def _run(self, errand: Coroutine[Any, Any, object], what: str) -> None:
        try:
            async with self._turns:
                await errand
        except PortError as error:
            log.warning("not done", what=what, error=type(error).__name__)
        except Exception as error:  # noqa: BLE001  an errand is nobody's request: there is nobody to raise it to
            log.error("an errand failed", what=what, error=type(error).__name__)
        finally:
            errand.close()  # one that never got its turn
