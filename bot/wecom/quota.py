"""How many messages one member may get from us: what WeCom drops without a word above its own limit is never sent.

WeCom lets an app send a member 30 messages a minute and 1,000 an hour; what is over is lost and answered with "ok"
(developer.work.weixin.qq.com/document/path/90454). We stay at 20 and 600. Of the 20, four are kept for answers to what
somebody just did. What an earlier process sent in the last minute is not known, so the first minute has ten.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence

MINUTE, HOUR = 60.0, 3600.0
A_MINUTE, AN_HOUR = 20, 600
FOR_ANSWERS = 4
FIRST_MINUTE = 10
PER_ACCOUNT = 200
"""Person-times a day for each account of the corp: the app's own daily cap."""
_MANY = 2_000


class Quota:
    """Used by many threads. `monotonic` gives seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._began = monotonic()
        self._sent: dict[str, deque[float]] = {}
        self._day: deque[tuple[float, int]] = deque()
        self._lock = threading.Lock()

    def take(self, users: Sequence[str], count: int = 1, *, answer: bool = False) -> float:
        """Take `count` messages to each of them: 0.0. Or nothing is taken: how many seconds until there is room."""
        with self._lock:
            now = self._monotonic()
            wait = max((self._wait(user, count, now, answer) for user in users), default=0.0)
            if wait > 0:
                return wait
            for user in users:
                self._sent.setdefault(user, deque()).extend([now] * count)
            self._day.append((now, count * len(users)))
            self._forget(now)
            return 0.0

    def today(self) -> int:
        """Person-times of the last 24 hours, by this process."""
        with self._lock:
            since = self._monotonic() - 24 * HOUR
            return sum(count for at, count in self._day if at > since)

    def _wait(self, user: str, count: int, now: float, answer: bool) -> float:
        times = self._sent.get(user, deque())
        while times and times[0] <= now - HOUR:
            times.popleft()
        most = A_MINUTE if now - self._began >= MINUTE else FIRST_MINUTE
        most = max(count, most - (0 if answer else FOR_ANSWERS))
        return max(_until(times, count, most, MINUTE, now), _until(times, count, AN_HOUR, HOUR, now))

    def _forget(self, now: float) -> None:
        while self._day and self._day[0][0] < now - 24 * HOUR:
            self._day.popleft()
        if len(self._sent) > _MANY:
            self._sent = {user: times for user, times in self._sent.items() if times and times[-1] > now - HOUR}


def _until(times: deque[float], count: int, most: int, span: float, now: float) -> float:
    """Seconds until so many more fit into the span."""
    recent = [at for at in times if at > now - span]
    over = len(recent) + count - most
    return recent[over - 1] + span - now if over > 0 and recent else 0.0
