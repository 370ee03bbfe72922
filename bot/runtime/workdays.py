"""Which days the company works: the public holidays of its country (with the working Saturdays that China moves), and
what the company adds or takes away.

Library: `holidays` (its `is_working_day` knows the adjusted days of years for which the State Council's table is
out; for later years weekends are days off until the library is renewed).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache


class Calendar:
    """`country` is an ISO 3166 code, or "" for plain weekdays."""

    def __init__(
        self, country: str = "CN", extra_workdays: Iterable[date] = (), extra_days_off: Iterable[date] = ()
    ) -> None:
        self._country = country
        self._work = frozenset(extra_workdays)
        self._off = frozenset(extra_days_off)

    def is_working(self, day: date) -> bool:
        if day in self._work:
            return True
        if day in self._off:
            return False
        return _public(self._country, day)


@lru_cache(maxsize=8192)
def _public(country: str, day: date) -> bool:
    if not country:
        return day.weekday() < 5
    return bool(_table(country).is_working_day(day))


@lru_cache(maxsize=8)
def _table(country: str):  # type: ignore[no-untyped-def]
    import holidays  # local: a second of import that `--help` need not pay

    return holidays.country_holidays(country)
