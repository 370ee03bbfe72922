"""How fast messages may leave, and how long to wait after one that failed. Seconds are monotonic seconds.

RULES
 1. A platform's limits are data that it brings itself (`Chat.paces`). A method that has no rate is not paced.
 2. A rate holds for one destination (`each`), or for the whole platform. A message leaves when all its rates let it.
 3. A rate lets `burst` go at once, then one every `every` seconds: never more than burst + length / every in any
    stretch of time. One number per rate and destination is enough for that: when the bucket would be full again.
 4. A platform that names a time to wait is obeyed, for that method and destination.
 5. Back-off is exponential with full jitter: any time between nothing and a bound that doubles, up to ten minutes.
    So a thousand messages that failed together do not come back together.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, MutableMapping

from msgspec import Struct

from bot.rows import Rate

SAY, AMEND, FIND, LOOKUP = "say", "amend", "find", "lookup"
"""The methods of a Chat, and asking its directory. All but `find` are also the kinds of a row in the outbox."""


_MANY = 4096
_Key = tuple[int, str]


class Pace:
    """When the next message may leave. Used by one thread."""

    def __init__(self, rates: Iterable[Rate]) -> None:
        self._rates: dict[tuple[str, str], list[tuple[int, Rate]]] = {}
        for number, rate in enumerate(rates):
            self._rates.setdefault((rate.chat, rate.method), []).append((number, rate))
        self._full: MutableMapping[_Key, float] = {}
        self._held: MutableMapping[tuple[str, str, str], float] = {}

    def ready_at(self, chat: str, method: str, to: str, now: float) -> float:
        """The earliest time, not before `now`, at which this may leave."""
        times = [now, self._held.get((chat, method, to), now)]
        for key, rate in self._of(chat, method, to):
            times.append(self._full.get(key, now) - (rate.burst - 1) * rate.every)
        return max(times)

    def took(self, chat: str, method: str, to: str, at: float) -> None:
        """One leaves at `at`."""
        for key, rate in self._of(chat, method, to):
            self._full[key] = max(self._full.get(key, at), at) + rate.every

    def hold(self, chat: str, method: str, to: str, until: float) -> None:
        """The platform asked for a pause."""
        self._held[chat, method, to] = max(self._held.get((chat, method, to), until), until)

    def queue(self) -> Pace:
        """A pace to plan with: it knows all that this one knows, and what it takes is not taken from this one."""
        plan = Pace(())
        plan._rates = self._rates
        plan._full, plan._held = ChainMap({}, self._full), ChainMap({}, self._held)
        return plan

    def forget(self, now: float) -> None:
        """Drop what makes no difference any more, once there is much of it."""
        if len(self._full) + len(self._held) > _MANY:
            self._full = {key: full for key, full in self._full.items() if full > now}
            self._held = {key: until for key, until in self._held.items() if until > now}

    def _of(self, chat: str, method: str, to: str) -> list[tuple[_Key, Rate]]:
        rates = self._rates.get((chat, method), ())
        return [((number, to if rate.each else ""), rate) for number, rate in rates]


class Patience(Struct, frozen=True):
    """How long a message is tried. Times in seconds, the others in tries that failed.

    `told_after`: somebody is told that it is late; it is still tried (with the figures here after about four minutes).
    `parked_after`: it is given up and somebody is told again (after about three days).
    `look_after`: an uncertain message is looked up no sooner, for a platform may still be busy with it.
    """

    first: float = 1.0
    longest: float = 600.0
    longest_wish: float = 3600.0
    told_after: int = 8
    parked_after: int = 900
    look_after: float = 3.0

    def wait(self, failures: int, chance: Callable[[], float], wish: float | None = None) -> float:
        """How long after so many failures. `wish` is what the platform asked for; `chance` gives 0 … 1."""
        bound = min(self.longest, self.first * 2.0 ** min(failures, 30))
        own = max(self.first / 10, bound * chance())
        if wish is None:
            return own
        return min(max(wish, 0.0), self.longest_wish) + min(own, self.first)
