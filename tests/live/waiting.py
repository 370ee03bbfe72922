"""Waiting for something that another thread or process does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from tests.live.process import LIMIT


async def until(true: Callable[[], Any], limit: float = LIMIT) -> Any:
    """What this gives, once it gives something. `limit` in seconds."""
    loop, never = asyncio.get_running_loop(), asyncio.Event()
    end = loop.time() + limit
    while loop.time() < end:
        if found := true():
            return found
        try:
            await asyncio.wait_for(never.wait(), 0.05)
        except TimeoutError:
            continue
    raise AssertionError("it never happened")
