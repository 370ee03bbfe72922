"""When a person may be written to without being asked: in their working hours, at most once a working day.

All times are aware UTC; hours are local to the person's zone. Pure: what day it is comes with the question.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from bot.core.events import Workdays


class Rhythm(Struct, frozen=True):
    """A person's zone and the hours in which reminders may come; `lunch` is left out of them."""

    zone: str = "Asia/Shanghai"
    start: time = time(9, 30)
    end: time = time(18, 0)
    lunch: tuple[time, time] = (time(12, 0), time(14, 0))


def local_day(at: datetime, zone: str) -> date:
    """The day that it is in a zone at that moment."""
    return at.astimezone(ZoneInfo(zone)).date()


def next_moment(at: datetime, rhythm: Rhythm, workdays: Workdays, *, not_on: date | None = None) -> datetime:
    """The first moment from `at` on that lies in working hours, on a day other than `not_on`.

    `not_on` is the day on which this person was already written to.
    """
    zone = ZoneInfo(rhythm.zone)
    today = at.astimezone(zone).date()
    for ahead in range(400):
        day = today + timedelta(days=ahead)
        if day == not_on or not workdays.is_working(day):
            continue
        for start, end in _windows(rhythm):
            for opens in _readings(day, start, zone):
                moment = max(at, opens)
                local = moment.astimezone(zone)
                if local.date() == day and start <= local.time() < end:
                    return moment
    raise ValueError("no working day within 400 days: the calendar is wrong")


def _readings(day: date, time_: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """What a time of the day means in UTC: twice the same, but for the hour that comes twice when clocks go back."""
    return (
        datetime.combine(day, time_.replace(fold=0), zone).astimezone(UTC),
        datetime.combine(day, time_.replace(fold=1), zone).astimezone(UTC),
    )


def _windows(rhythm: Rhythm) -> tuple[tuple[time, time], ...]:
    noon, after = rhythm.lunch
    if not rhythm.start < noon <= after < rhythm.end:
        return ((rhythm.start, rhythm.end),)
    return ((rhythm.start, noon), (after, rhythm.end))
