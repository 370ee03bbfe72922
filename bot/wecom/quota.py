"""How many messages one member may get from us: what WeCom drops without a word above its own limit is never sent.

WeCom lets an app send a member 30 messages a minute and 1,000 an hour; what is over is lost and answered with "ok"
(developer.work.weixin.qq.com/document/path/90454). We stay at 20 and 600. Of the 20, four are kept for answers to what
somebody just did.

RULES
 1. What was sent is put down once a minute and at the end (notebook.py), and the next process goes on from there.
 2. A process that was killed may have sent 20 since: the next one's first minute has ten.
 3. A process that is killed within its first minute leaves ten more that nobody knows: the next one's first minute
    begins a minute later than its own, and until then nothing leaves. So ten a minute leave however often it is killed.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from math import ceil

from msgspec import DecodeError, Struct, json

MINUTE, HOUR = 60.0, 3600.0
A_MINUTE, AN_HOUR = 20, 600
FOR_ANSWERS = 4
FIRST_MINUTE = 10
PER_ACCOUNT = 200
"""Person-times a day for each account of the corp: the app's own daily cap."""
_MANY = 2_000


class Note(Struct, frozen=True):
    """What a process leaves to the next. Times are Unix seconds, rounded up; `sent` is user -> time -> how many."""

    began: float
    ended: bool
    sent: dict[str, dict[int, int]]
    day: dict[int, int]


class Quota:
    """Used by many threads. `monotonic` gives seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._began = monotonic()
        self._sent: dict[str, deque[float]] = {}
        self._day: deque[tuple[float, int]] = deque()
        self._lock = threading.Lock()
        self.taken = 0
        """Person-times, by this process."""

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
            self.taken += count * len(users)
            self._forget(now)
            return 0.0

    def today(self) -> int:
        """Person-times of the last 24 hours, by this process and those before it."""
        with self._lock:
            since = self._monotonic() - 24 * HOUR
            return sum(count for at, count in self._day if at > since)

    # ------------------------------------------------------------------ from one process to the next

    def note(self, unix: float, *, ended: bool) -> bytes:
        """What the next process is to know. `unix` is the time now; `ended`: this one sends nothing more."""
        with self._lock:
            now = self._monotonic()
            to_unix = unix - now
            self._forget(now)
            sent = {
                user: dict(Counter(ceil(at + to_unix) for at in times if at > now - HOUR))
                for user, times in self._sent.items()
                if times and times[-1] > now - HOUR
            }
            day: Counter[int] = Counter()
            for at, count in self._day:
                day[ceil((at + to_unix) / HOUR) * int(HOUR)] += count
            return json.encode(Note(self._began + to_unix, ended, sent, dict(day)))

    def inherits(self, note: bytes, unix: float) -> None:
        """Before anything is sent. What cannot be read says nothing; a time to come (a clock set back) is now."""
        try:
            was = json.decode(note, type=Note)
        except DecodeError:
            return
        with self._lock:
            now = self._monotonic()
            to_here = now - unix
            began = min(was.began + to_here, now + MINUTE)
            if not was.ended and now - MINUTE < began < now:
                began += MINUTE
            self._began = began if was.ended or began > now else now
            for user, times in was.sent.items():
                ours = self._sent.setdefault(user, deque())
                ours.extend(min(at + to_here, now) for at, count in sorted(times.items()) for _ in range(count))
            self._day.extend((min(at + to_here, now), count) for at, count in sorted(was.day.items()))

    def _wait(self, user: str, count: int, now: float, answer: bool) -> float:
        if now < self._began:
            return self._began - now
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
