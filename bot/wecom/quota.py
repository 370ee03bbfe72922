"""How many messages one member may get from us: what WeCom drops without a word above its own limit is never sent.

WeCom lets an app send a member 30 messages a minute and 1,000 an hour; what is over is lost and answered with "ok"
(developer.work.weixin.qq.com/document/path/90454). We stay at 20 and 600. Of the 20, four are kept for answers to what
somebody just did.

RULES
 1. What was sent is put down (notebook.py), and the next process goes on from there. No message waits for the disk,
    but no member is sent more than seven that have not been put down.
 2. So a process that is killed leaves seven at most that nobody knows. Three kills in a minute can be borne: there are
    ten between our limit and WeCom's. From then on there is less room, for a minute.
 3. Where nothing was ever put down, the first minute has ten.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from math import ceil

from msgspec import DecodeError, Struct, json

from bot.wecom.limits import BESIDE

MINUTE, HOUR = 60.0, 3600.0
A_MINUTE, AN_HOUR = 20, 600
FOR_ANSWERS = 4
FIRST_MINUTE = 10
WECOMS_MINUTE, WECOMS_HOUR = 30, 1_000
UNKNOWN = BESIDE + 1
"""How many a member may have got that have not been put down: the most that one card brings with it."""
SOON = 0.2
"""Seconds in which what was sent is put down."""
PER_ACCOUNT = 200
"""Person-times a day for each account of the corp: the app's own daily cap."""
_MANY = 2_000


class Note(Struct, frozen=True):
    """What a process leaves to the next. Times are Unix seconds, rounded up; `sent` is user -> time -> how many;
    `kills` is when processes began that followed one which had not `ended`."""

    kills: list[float]
    ended: bool
    sent: dict[str, dict[int, int]]
    day: dict[int, int]


class Quota:
    """Used by many threads. `monotonic` gives seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._began: float | None = monotonic()
        self._kills: list[float] = []
        self._unnoted: Counter[str] = Counter()
        self._noting: Counter[str] = Counter()
        self.on_much: Callable[[], None] | None = None
        """Called, on any thread, when what was sent should be put down; None: nobody puts anything down."""
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
            if wait == 0:
                for user in users:
                    self._sent.setdefault(user, deque()).extend([now] * count)
                    self._unnoted[user] += count
                self._day.append((now, count * len(users)))
                self.taken += count * len(users)
                self._forget(now)
            much = any(self._unnoted[user] > UNKNOWN // 2 for user in users)
        if much and self.on_much is not None:
            self.on_much()
        return wait

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
            self._noting = Counter(self._unnoted)
            kills = [at + to_unix for at in self._kills if at > now - HOUR]
            return json.encode(Note(kills, ended, sent, dict(day)))

    def noted(self) -> None:
        """The last note is durable."""
        with self._lock:
            self._unnoted -= self._noting
            self._noting = Counter()

    def inherits(self, note: bytes, unix: float) -> None:
        """Before anything is sent. What cannot be read says nothing; a time to come (a clock set back) is now."""
        try:
            was = json.decode(note, type=Note)
        except DecodeError:
            return
        with self._lock:
            now = self._monotonic()
            to_here = now - unix
            self._began = None
            self._kills = [min(at + to_here, now) for at in was.kills] + ([] if was.ended else [now])
            for user, times in was.sent.items():
                ours = self._sent.setdefault(user, deque())
                ours.extend(min(at + to_here, now) for at, count in sorted(times.items()) for _ in range(count))
            self._day.extend((min(at + to_here, now), count) for at, count in sorted(was.day.items()))

    def _wait(self, user: str, count: int, now: float, answer: bool) -> float:
        unnoted = self._unnoted[user] if self.on_much is not None else 0
        if unnoted and unnoted + count > UNKNOWN:
            return SOON
        times = self._sent.get(user, deque())
        while times and times[0] <= now - HOUR:
            times.popleft()
        kills = [at for at in self._kills if at > now - MINUTE]
        most = min(A_MINUTE, WECOMS_MINUTE - UNKNOWN * len(kills))
        if most < count and kills:
            return min(kills) + MINUTE - now
        if self._began is not None and now - self._began < MINUTE:
            most = FIRST_MINUTE
        most = max(count, most - (0 if answer else FOR_ANSWERS))
        in_an_hour = max(count, min(AN_HOUR, WECOMS_HOUR - UNKNOWN * len(self._kills)))
        return max(_until(times, count, most, MINUTE, now), _until(times, count, in_an_hour, HOUR, now))

    def _forget(self, now: float) -> None:
        self._kills = [at for at in self._kills if at > now - HOUR]
        while self._day and self._day[0][0] < now - 24 * HOUR:
            self._day.popleft()
        if len(self._sent) > _MANY:
            self._sent = {user: times for user, times in self._sent.items() if times and times[-1] > now - HOUR}


def _until(times: deque[float], count: int, most: int, span: float, now: float) -> float:
    """Seconds until so many more fit into the span."""
    recent = [at for at in times if at > now - span]
    over = len(recent) + count - most
    return recent[over - 1] + span - now if over > 0 and recent else 0.0


def sent_in_a_day(note: bytes, unix: float) -> int | None:
    """Person-times of the last 24 hours by such a note, an hour more or less; None when it cannot be read."""
    try:
        day = json.decode(note, type=Note).day
    except DecodeError:
        return None
    return sum(count for at, count in day.items() if at > unix - 24 * HOUR)
