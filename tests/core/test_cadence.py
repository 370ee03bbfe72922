"""When somebody may be written to: against a search that looks at every single minute."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.core.cadence import Rhythm, local_day, next_moment
from bot.core.events import workdays_before
from tests.core.player import WEEKDAYS, Weekdays

MINUTE = timedelta(minutes=1)
ZONES = (
    "Asia/Shanghai",
    "UTC",
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Asia/Kolkata",
)
"""Without a change of clocks; with one; with one of half an hour; with one at midnight; at a half hour."""


def in_working_hours(at: datetime, rhythm: Rhythm, workdays: Weekdays, not_on: date | None) -> bool:
    """Whether somebody may be written to in this minute: the rule, said plainly."""
    local = at.astimezone(ZoneInfo(rhythm.zone))
    noon, after = rhythm.lunch
    lunch = rhythm.start < noon and after < rhythm.end
    at_lunch = lunch and noon <= local.time() < after
    return (
        workdays.is_working(local.date())
        and local.date() != not_on
        and rhythm.start <= local.time() < rhythm.end
        and not at_lunch
    )


def by_search(at: datetime, rhythm: Rhythm, workdays: Weekdays, not_on: date | None) -> datetime:
    while not in_working_hours(at, rhythm, workdays, not_on):
        at += MINUTE
    return at


def hours(earliest: int, latest: int) -> st.SearchStrategy[time]:
    return st.builds(lambda minutes: time(minutes // 60, minutes % 60), st.integers(earliest * 60, latest * 60))


@st.composite
def rhythms(draw: st.DrawFn) -> Rhythm:
    """Hours of the day (clocks change at night), with a lunch that may be inside, at the edge, outside or none."""
    start = draw(hours(4, 12))
    end = draw(hours(13, 23))
    noon, after = sorted((draw(hours(9, 16)), draw(hours(9, 16))))
    return Rhythm(zone=draw(st.sampled_from(ZONES)), start=start, end=end, lunch=(noon, after))


moments = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + minutes * MINUTE)
fixed = settings(
    derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=120
)


@fixed
@given(at=moments, rhythm=rhythms(), days=st.integers(0, 3), told=st.booleans())
@example(at=datetime(2026, 3, 8, 6, 30, tzinfo=UTC), rhythm=Rhythm(zone="America/New_York"), days=0, told=False)
@example(at=datetime(2026, 11, 1, 5, 30, tzinfo=UTC), rhythm=Rhythm(zone="America/New_York"), days=0, told=False)
@example(at=datetime(2026, 4, 23, 21, 59, tzinfo=UTC), rhythm=Rhythm(zone="Africa/Cairo"), days=1, told=True)
def test_the_next_moment_is_the_first_minute_that_the_rule_allows(
    at: datetime, rhythm: Rhythm, days: int, told: bool
) -> None:
    workdays = Weekdays(*(local_day(at, rhythm.zone) + timedelta(days=ahead) for ahead in range(days)))
    not_on = local_day(at, rhythm.zone) if told else None
    found = next_moment(at, rhythm, workdays, not_on=not_on)
    assert found >= at
    assert in_working_hours(found, rhythm, workdays, not_on)
    assert found == by_search(at, rhythm, workdays, not_on)


@pytest.mark.parametrize("zone", ZONES)
def test_around_every_change_of_clocks_the_next_moment_is_still_right(zone: str) -> None:
    rhythm = Rhythm(zone=zone)
    for change in changes(zone):
        for hours_before in (30, 2, 1, 0, -1):
            at = change - timedelta(hours=hours_before)
            found = next_moment(at, rhythm, WEEKDAYS)
            assert found == by_search(at, rhythm, WEEKDAYS, None), (at, found)


def changes(zone: str) -> Iterator[datetime]:
    """The moments of 2026 at which the clocks of this zone change."""
    place = ZoneInfo(zone)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    while at.year == 2026:
        if at.astimezone(place).utcoffset() != (at + timedelta(hours=1)).astimezone(place).utcoffset():
            yield at + timedelta(hours=1)
        at += timedelta(hours=1)


def test_somebody_who_works_while_the_clocks_go_back_is_never_answered_in_the_past() -> None:
    """In the hour that comes twice, the second time counts when it is the second time."""
    night = Rhythm(zone="America/New_York", start=time(1, 30), end=time(5, 0), lunch=(time(3, 0), time(3, 30)))
    sunday = Weekdays()
    sunday.is_working = lambda day: True  # type: ignore[method-assign]
    second_time = datetime(2026, 11, 1, 6, 10, tzinfo=UTC)  # 1:10 for the second time
    found = next_moment(second_time, night, sunday)
    assert found >= second_time
    assert found.astimezone(ZoneInfo("America/New_York")).time() == time(1, 30)


def test_seconds_are_kept_within_working_hours() -> None:
    at = datetime(2026, 11, 24, 2, 0, 41, tzinfo=UTC)
    assert next_moment(at, Rhythm(), WEEKDAYS) == at


def test_work_begins_with_its_first_minute_and_is_over_at_its_last() -> None:
    def shanghai(hour: int, minute: int) -> datetime:
        return datetime(2026, 11, 24, hour, minute, tzinfo=UTC) - timedelta(hours=8)

    for still in (shanghai(9, 30), shanghai(11, 59), shanghai(14, 0), shanghai(17, 59)):
        assert next_moment(still, Rhythm(), WEEKDAYS) == still
    assert next_moment(shanghai(12, 0), Rhythm(), WEEKDAYS) == shanghai(14, 0)
    assert next_moment(shanghai(18, 0), Rhythm(), WEEKDAYS) == shanghai(9, 30) + timedelta(days=1)


def test_a_lunch_that_does_not_lie_inside_the_working_hours_is_no_lunch() -> None:
    noon = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
    for lunch in ((time(8), time(9, 30)), (time(17), time(19)), (time(14), time(12)), (time(9), time(18))):
        assert next_moment(noon, Rhythm(zone="UTC", lunch=lunch), WEEKDAYS) == noon


def test_over_the_spring_festival_the_first_moment_is_on_the_working_sunday_after_it() -> None:
    """China works on some weekends in exchange for a long holiday: what is a working day is the calendar's to say."""

    class SpringFestival:
        def is_working(self, day: date) -> bool:
            if date(2026, 2, 15) <= day <= date(2026, 2, 23):
                return False
            return day.weekday() < 5 or day in (date(2026, 2, 14), date(2026, 2, 28))

    saturday = datetime(2026, 2, 14, 11, 0, tzinfo=UTC)  # 19:00 in Shanghai
    assert next_moment(saturday, Rhythm(), SpringFestival()) == datetime(2026, 2, 24, 1, 30, tzinfo=UTC)
    assert workdays_before(date(2026, 2, 25), 3, SpringFestival()) == date(2026, 2, 13)


def test_a_calendar_without_a_working_day_is_an_error_and_no_endless_search() -> None:
    never = Weekdays()
    never.is_working = lambda day: False  # type: ignore[method-assign]
    with pytest.raises(ValueError, match="calendar is wrong"):
        next_moment(datetime(2026, 11, 24, tzinfo=UTC), Rhythm(), never)


def test_days_before_the_last_day_are_counted_in_working_days() -> None:
    friday = date(2026, 12, 4)
    assert [workdays_before(friday, count, WEEKDAYS) for count in range(7)] == [
        date(2026, 12, 4),
        date(2026, 12, 3),
        date(2026, 12, 2),
        date(2026, 12, 1),
        date(2026, 11, 30),
        date(2026, 11, 27),
        date(2026, 11, 26),
    ]
