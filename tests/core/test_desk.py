"""The desk: what one person has waiting, and the one message a working day in which they hear of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.core import events as e
from bot.core.cadence import Rhythm
from bot.core.case import Case
from bot.core.desk import Desk, Waiting, flush, pause, put, resume, waits
from bot.core.effects import Nudge
from tests.core.player import MEI, SUN, WEEKDAYS, WEI, YAO, Player, Weekdays

SHANGHAI = Rhythm()
"""9:30 to 18:00 with lunch from 12 to 14, eight hours ahead of UTC."""


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment in Shanghai, in November 2026 (the 24th is a Tuesday, the 27th a Friday)."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def nudge(case: str = "OFB-1", step: int = 1, about: str = "do", revision: int = 1) -> Nudge:
    return Nudge("demo:wei", about, case, step, revision)


def desk_with(*nudges: Nudge, now: datetime, workdays: e.Workdays = WEEKDAYS) -> Desk:
    desk = Desk("demo:wei")
    for one in nudges:
        desk = put(desk, one, now, SHANGHAI, workdays)
    return desk


def everything(item: Waiting) -> bool:
    return True


def flushed(desk: Desk, now: datetime, workdays: e.Workdays = WEEKDAYS) -> tuple[Desk, list[str]]:
    desk, due = flush(desk, now, SHANGHAI, workdays, everything)
    return desk, [f"{item.case} {item.step} {item.about}" for item in due]


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (at(24, 10), at(24, 10)),  # at work: at once
        (at(24, 9), at(24, 9, 30)),  # before work: when it begins
        (at(24, 12, 30), at(24, 14)),  # at lunch: after it
        (at(24, 18), at(25, 9, 30)),  # work is over: the next morning
        (at(24, 23), at(25, 9, 30)),
        (at(27, 18), at(30, 9, 30)),  # on Friday evening: on Monday
        (at(28, 11), at(30, 9, 30)),  # on Saturday: on Monday
    ],
)
def test_a_nudge_leaves_in_working_hours(now: datetime, told: datetime) -> None:
    assert desk_with(nudge(), now=now).flush_at == told


def test_one_message_a_working_day_however_much_comes() -> None:
    desk = desk_with(nudge(), now=at(24, 10))
    desk, due = flushed(desk, at(24, 10))
    assert due == ["OFB-1 1 do"]
    assert (desk.told_on, desk.waiting, desk.flush_at) == (date(2026, 11, 24), (), None)
    desk = put(desk, nudge("OFB-2"), at(24, 11), SHANGHAI, WEEKDAYS)
    desk = put(desk, nudge("OFB-3"), at(24, 15), SHANGHAI, WEEKDAYS)
    assert desk.flush_at == at(25, 9, 30)
    assert flushed(desk, at(24, 16))[1] == []
    assert flushed(desk, at(25, 9, 30))[1] == ["OFB-2 1 do", "OFB-3 1 do"]


def test_two_nudges_of_the_same_thing_are_one() -> None:
    desk = desk_with(nudge(revision=1), nudge(revision=2), nudge(about="escalated"), now=at(24, 8))
    assert [(item.about, item.revision) for item in desk.waiting] == [("do", 2), ("escalated", 1)]


def test_more_that_comes_does_not_put_off_what_waits_already() -> None:
    """The process was down at 9:30, and at 11 the next reminder comes before the desk was cleared."""
    desk = desk_with(nudge(), now=at(24, 8))
    assert put(desk, nudge("OFB-2"), at(24, 11), SHANGHAI, WEEKDAYS).flush_at == at(24, 9, 30)


def test_what_was_dealt_with_in_the_meantime_is_dropped_without_a_word() -> None:
    desk = desk_with(nudge(), nudge(step=2), now=at(24, 8))
    desk, due = flush(desk, at(24, 9, 30), SHANGHAI, WEEKDAYS, lambda item: item.step == 2)
    assert [item.step for item in due] == [2]
    assert desk.waiting == ()


def test_when_nothing_waits_any_more_nothing_is_said_and_the_day_is_not_used_up() -> None:
    desk = desk_with(nudge(), now=at(24, 8))
    desk, due = flush(desk, at(24, 9, 30), SHANGHAI, WEEKDAYS, lambda item: False)
    assert (due, desk.told_on) == ((), None)
    desk = put(desk, nudge(), at(24, 10), SHANGHAI, WEEKDAYS)
    assert desk.flush_at == at(24, 10)


def test_a_timer_that_comes_too_early_says_nothing_and_keeps_everything() -> None:
    desk = desk_with(nudge(), now=at(24, 8))
    assert flush(desk, at(24, 9), SHANGHAI, WEEKDAYS, everything) == (desk, ())
    assert flush(Desk("demo:wei"), at(24, 9), SHANGHAI, WEEKDAYS, everything) == (Desk("demo:wei"), ())


def test_a_timer_that_comes_when_work_is_over_waits_for_the_morning() -> None:
    """The process was down when the desk should have been cleared."""
    desk, due = flushed(desk_with(nudge(), now=at(24, 10)), at(24, 21))
    assert due == []
    assert (desk.flush_at, len(desk.waiting)) == (at(25, 9, 30), 1)


def test_a_paused_desk_keeps_silent_until_the_pause_ends_or_the_person_resumes() -> None:
    desk = desk_with(nudge(), now=at(24, 8))
    desk = pause(desk, at(24, 9), at(26, 11), SHANGHAI, WEEKDAYS)
    assert desk.flush_at == at(26, 11)
    desk = put(desk, nudge("OFB-2"), at(25, 10), SHANGHAI, WEEKDAYS)
    assert flushed(desk, at(25, 10))[1] == []
    assert flushed(desk, at(26, 11))[1] == ["OFB-1 1 do", "OFB-2 1 do"]
    desk = resume(desk, at(25, 11), SHANGHAI, WEEKDAYS)
    assert (desk.flush_at, desk.paused_until) == (at(25, 11), None)
    assert flushed(desk, at(25, 11))[1] == ["OFB-1 1 do", "OFB-2 1 do"]


def test_what_comes_to_a_paused_desk_that_was_empty_waits_for_the_end_of_the_pause() -> None:
    desk = pause(Desk("demo:wei"), at(24, 9), at(26, 20), SHANGHAI, WEEKDAYS)
    assert desk.flush_at is None
    desk = put(desk, nudge(), at(25, 10), SHANGHAI, WEEKDAYS)
    assert desk.flush_at == at(27, 9, 30)


def test_nobody_is_reminded_on_a_day_off() -> None:
    bridge = Weekdays(date(2026, 11, 25), date(2026, 11, 26))
    desk = desk_with(nudge(), now=at(24, 18), workdays=bridge)
    assert desk.flush_at == at(27, 9, 30)


def test_the_day_that_counts_is_the_persons_own() -> None:
    """At 0:30 UTC it is still the evening before in New York, and already noon in Auckland."""
    new_york, auckland = Rhythm(zone="America/New_York"), Rhythm(zone="Pacific/Auckland")
    now = datetime(2026, 11, 25, 0, 30, tzinfo=UTC)
    assert put(Desk("a"), nudge(), now, new_york, WEEKDAYS).flush_at == datetime(2026, 11, 25, 14, 30, tzinfo=UTC)
    assert put(Desk("b"), nudge(), now, auckland, WEEKDAYS).flush_at == datetime(2026, 11, 25, 1, 0, tzinfo=UTC)


# ------------------------------------------------------------------ what still waits


def waiting(player: Player, person: str) -> Waiting:
    """What the last event put on this person's desk."""
    (found,) = [one for one in player.effects(Nudge) if one.to == person]
    desk = put(Desk(person), found, player.at, SHANGHAI, WEEKDAYS)
    return desk.waiting[0]


def reminded() -> tuple[Player, Waiting]:
    player = Player.running()
    player.wake("do", 1, after=timedelta(days=1))
    return player, waiting(player, WEI)


def test_a_step_waits_while_it_stands_where_it_stood() -> None:
    player, item = reminded()
    assert waits(player.now, item)
    assert waits(player.now, Waiting("OFB-1", 1, "escalated", item.revision, item.since))
    player.do(WEI, e.Confirm(1))
    assert not waits(player.now, item)


@pytest.mark.parametrize("what", [e.Take(1), e.Waive(1, reason="other"), e.Stay()], ids=["taken", "waived", "closed"])
def test_a_step_that_moved_on_does_not_wait(what: e.What) -> None:
    player, item = reminded()
    player.do(MEI, what)
    assert not waits(player.now, item)


def test_a_step_that_was_put_off_after_the_nudge_does_not_wait_but_is_still_passed_on() -> None:
    player, item = reminded()
    player.do(WEI, e.Later(1))
    assert not waits(player.now, item)
    player.wake("do", 1, after=timedelta(days=1))
    assert waits(player.now, waiting(player, WEI)), "the next nudge is for when it was put off to"


def test_being_stuck_does_not_take_a_step_off_the_desk() -> None:
    player, item = reminded()
    player.do(WEI, e.SayStuck(1))
    assert waits(player.now, item)


def test_an_approval_waits_until_it_is_given() -> None:
    player = Player.running()
    player.do(WEI, e.Confirm(1))
    player.wake("approve", 1, after=timedelta(days=1))
    item = waiting(player, MEI)
    assert waits(player.now, item)
    player.do(MEI, e.Approve(1, looked=True))
    assert not waits(player.now, item)


def test_an_offer_waits_for_the_one_who_was_asked_and_not_for_the_one_before() -> None:
    player = Player.running()
    player.do(MEI, e.Choose(YAO))
    player.wake("offer", after=timedelta(days=1))
    item = waiting(player, YAO)
    assert waits(player.now, item)
    player.do(MEI, e.Choose(SUN))
    assert not waits(player.now, item)


def test_nothing_waits_in_a_case_that_is_not_there() -> None:
    _, item = reminded()
    nowhere: Case | None = None
    assert not waits(nowhere, item)
    player = Player.running()
    assert not waits(player.now, Waiting("OFB-1", 99, "do", 1, item.since))
    assert not waits(player.now, Waiting("OFB-1", 0, "answer", 1, item.since))
