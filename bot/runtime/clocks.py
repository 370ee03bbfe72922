"""Clocks: the real one, one that somebody sets, and one that never falls behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock

from bot.ports import Clock

Monotonic = Callable[[], float]
"""Seconds that only ever grow, from no particular start: `time.monotonic`."""


class RealClock:
    """What time it is."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251  (this is the Clock that everybody else is given)


class SettableClock:
    """What time somebody says it is: for tests, stories and the demo. Any thread may read and set it.

    It stands still between settings; given a `monotonic` it runs on from where it was set.
    """

    def __init__(self, start: datetime, monotonic: Monotonic | None = None) -> None:
        self._monotonic = monotonic or (lambda: 0.0)
        self._lock = Lock()
        self._put(start)

    def now(self) -> datetime:
        with self._lock:
            return self._at + timedelta(seconds=self._monotonic() - self._since)

    def set(self, at: datetime) -> None:
        """Forward or back. `at` is aware."""
        with self._lock:
            self._put(at)

    def advance(self, by: timedelta) -> None:
        self.set(self.now() + by)

    def _put(self, at: datetime) -> None:
        self._at, self._since = at.astimezone(UTC), self._monotonic()


class SettableMonotonic:
    """A `time.monotonic` that moves when it is told to."""

    def __init__(self, start: float = 1000.0) -> None:
        self._at = start

    def __call__(self) -> float:
        return self._at

    def advance(self, seconds: float) -> None:
        assert seconds >= 0, "it only ever grows"
        self._at += seconds


class OnwardClock:
    """A Clock that follows another one forward, and goes on by monotonic time when that one stands still or goes back.

    What waits for a moment on this clock is never kept waiting by an operator who sets the time back an hour, or by a
    demo whose clock stands still.
    """

    def __init__(self, clock: Clock, monotonic: Monotonic) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._at, self._since = clock.now(), monotonic()

    def now(self) -> datetime:
        seconds = self._monotonic()
        self._at = max(self._clock.now(), self._at + timedelta(seconds=seconds - self._since))
        self._since = seconds
        return self._at
