"""The pace of a platform, how long a failure waits, and the clocks that both are counted by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rows import Rate
from bot.runtime.clocks import OnwardClock, RealClock, SettableClock, SettableMonotonic
from bot.runtime.pacing import Pace, Patience
from bot.wecom.paces import PACES as WECOM

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def departures(pace: Pace, chat: str, method: str, to: str, count: int) -> list[float]:
    """When so many leave that all want to leave at once."""
    now, times = 0.0, []
    for _ in range(count):
        now = pace.ready_at(chat, method, to, now)
        pace.took(chat, method, to, now)
        times.append(now)
    return times


# ------------------------------------------------------------------------------------------ pace


def test_a_method_without_a_rate_is_not_paced() -> None:
    assert departures(Pace(()), "demo", "say", "demo:lin", 100) == [0.0] * 100


def test_a_burst_leaves_at_once_and_the_rest_one_by_one() -> None:
    pace = Pace([Rate("slack", "say", every=2.0, burst=3)])
    assert departures(pace, "slack", "say", "slack:U1", 6) == [0, 0, 0, 2, 4, 6]


def test_a_rate_of_each_destination_holds_for_it_alone_and_one_of_the_platform_for_all() -> None:
    pace = Pace([Rate("a", "say", every=1.0), Rate("b", "say", every=1.0, each=False)])
    for chat, second in (("a", 0.0), ("b", 1.0)):
        pace.took(chat, "say", "U1", 0.0)
        assert pace.ready_at(chat, "say", "U1", 0.0) == 1.0
        assert pace.ready_at(chat, "say", "U2", 0.0) == second
        assert pace.ready_at(chat, "amend", "U1", 0.0) == 0.0


def test_a_pause_that_was_asked_for_is_for_that_method_and_destination() -> None:
    pace = Pace(())
    pace.hold("slack", "say", "U1", 30.0)
    assert pace.ready_at("slack", "say", "U1", 1.0) == 30.0
    assert pace.ready_at("slack", "amend", "U1", 1.0) == 1.0
    assert pace.ready_at("slack", "say", "U2", 1.0) == 1.0


def test_planning_takes_nothing_from_the_pace_it_plans_with() -> None:
    pace = Pace([Rate("slack", "say", every=1.0)])
    pace.took("slack", "say", "U1", 0.0)
    assert departures(pace.queue(), "slack", "say", "U1", 3) == [1, 2, 3]
    assert pace.ready_at("slack", "say", "U1", 0.0) == 1.0


def test_what_makes_no_difference_any_more_is_forgotten() -> None:
    pace = Pace([Rate("slack", "say", every=1.0)])
    for n in range(5000):
        pace.took("slack", "say", f"U{n}", float(n))
    pace.forget(5000.0)
    assert len(pace._full) == 0


@given(
    every=st.floats(0.1, 10.0),
    burst=st.integers(1, 10),
    gaps=st.lists(st.floats(0.0, 5.0), min_size=1, max_size=60),
)
def test_no_stretch_of_time_ever_sees_more_than_the_rate_allows(every: float, burst: int, gaps: list[float]) -> None:
    pace = Pace([Rate("slack", "say", every=every, burst=burst)])
    now, times = 0.0, []
    for gap in gaps:
        now = pace.ready_at("slack", "say", "U1", now + gap)
        pace.took("slack", "say", "U1", now)
        times.append(now)
    for first in range(len(times)):
        for last in range(first, len(times)):
            assert last - first + 1 <= burst + (times[last] - times[first]) / every + 1e-6


@pytest.mark.parametrize(("minute", "most"), [(60.0, 30), (3600.0, 1000)])
def test_wecom_never_gets_so_many_messages_that_it_would_drop_one_silently(minute: float, most: int) -> None:
    """Cards with prose beside them are two messages each (developer.work.weixin.qq.com/document/path/90454)."""
    times = departures(Pace(WECOM), "wecom", "say", "wecom:lin", 1500)
    worst = max(sum(start <= at < start + minute for at in times) for start in times[:200])
    assert 2 * worst <= most


# ------------------------------------------------------------------------------------------ patience


def test_back_off_is_anywhere_below_a_bound_that_doubles() -> None:
    patience = Patience()
    assert [patience.wait(tries, lambda: 1.0) for tries in (1, 2, 3, 9, 10, 400)] == [2, 4, 8, 512, 600, 600]
    assert patience.wait(3, lambda: 0.25) == 2.0
    assert patience.wait(3, lambda: 0.0) == 0.1, "never at once: that would be a storm"


def test_a_wish_is_obeyed_and_a_senseless_one_bounded() -> None:
    patience = Patience()
    assert patience.wait(1, lambda: 0.0, wish=30.0) == 30.1
    assert patience.wait(9, lambda: 1.0, wish=30.0) == 31.0
    assert patience.wait(9, lambda: 1.0, wish=1e12) == 3601.0
    assert patience.wait(1, lambda: 0.0, wish=-5.0) == 0.1


# ------------------------------------------------------------------------------------------ clocks


def test_the_real_clock_is_aware_and_in_utc() -> None:
    now = RealClock().now()
    assert now.utcoffset() == timedelta(0)
    assert RealClock().now() >= now


def test_a_settable_clock_stands_still_until_it_is_set() -> None:
    clock = SettableClock(START)
    assert clock.now() == clock.now() == START
    clock.advance(timedelta(days=1))
    assert clock.now() == START + timedelta(days=1)
    clock.set(START)
    assert clock.now() == START


def test_a_settable_clock_can_run_on_from_where_it_was_set() -> None:
    monotonic = SettableMonotonic()
    clock = SettableClock(START, monotonic)
    monotonic.advance(5)
    assert clock.now() == START + timedelta(seconds=5)
    clock.advance(timedelta(days=1))
    monotonic.advance(5)
    assert clock.now() == START + timedelta(days=1, seconds=10)


def test_the_onward_clock_follows_forward_and_never_goes_back() -> None:
    clock, monotonic = SettableClock(START), SettableMonotonic()
    onward = OnwardClock(clock, monotonic)
    monotonic.advance(5)
    assert onward.now() == START + timedelta(seconds=5)
    clock.set(START + timedelta(days=1))
    assert onward.now() == START + timedelta(days=1)
    clock.set(START)
    assert onward.now() == START + timedelta(days=1)
    monotonic.advance(1)
    assert onward.now() == START + timedelta(days=1, seconds=1)
