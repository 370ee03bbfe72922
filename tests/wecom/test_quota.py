"""Nothing is sent that WeCom would drop without a word."""

from __future__ import annotations

import random

from bot.wecom.quota import A_MINUTE, AN_HOUR, FIRST_MINUTE, FOR_ANSWERS, Quota
from bot.wecom.standin import A_MINUTE as WECOMS
from tests.wecom.corp import HandClock


def later(seconds: float = 60) -> tuple[Quota, HandClock]:
    clock = HandClock()
    quota = Quota(clock.monotonic)
    clock.goes_on(seconds)
    return quota, clock


def test_at_most_twenty_a_minute_and_room_for_answers_among_them() -> None:
    quota, _ = later()
    sent = sum(quota.take(["lin"]) == 0 for _ in range(50))
    assert sent == A_MINUTE - FOR_ANSWERS
    assert sum(quota.take(["lin"], answer=True) == 0 for _ in range(50)) == FOR_ANSWERS


def test_how_long_to_wait_is_said_and_true() -> None:
    quota, clock = later()
    while (wait := quota.take(["lin"])) == 0:
        clock.goes_on(1)
    clock.goes_on(wait - 0.5)
    assert quota.take(["lin"]) > 0
    clock.goes_on(0.5)
    assert quota.take(["lin"]) == 0


def test_members_do_not_wait_for_each_other_unless_one_message_is_for_both() -> None:
    quota, _ = later()
    while quota.take(["zhao"]) == 0:
        pass
    assert quota.take(["qian"]) == 0
    assert quota.take(["zhao", "qian"]) > 0


def test_a_card_with_its_prose_is_taken_whole_or_not_at_all() -> None:
    quota, _ = later()
    assert quota.take(["lin"], 12) == 0
    assert quota.take(["lin"], 7) > 0
    assert quota.take(["lin"], 4) == 0


def test_a_restart_does_not_bring_a_member_above_the_limit() -> None:
    before, clock = later()
    assert before.take(["lin"], A_MINUTE, answer=True) == 0
    after = Quota(clock.monotonic)
    sent = sum(after.take(["lin"], answer=True) == 0 for _ in range(50))
    assert sent == FIRST_MINUTE
    assert A_MINUTE + sent <= WECOMS


def test_the_hour_has_a_limit_too() -> None:
    quota, clock = later()
    sent = 0
    for _ in range(3_500):
        sent += quota.take(["lin"], answer=True) == 0
        clock.goes_on(1)
    assert sent <= AN_HOUR


def test_in_no_minute_are_there_more_whatever_the_order() -> None:
    chance = random.Random(3)
    quota, clock = later()
    times: list[float] = []
    for _ in range(3_000):
        clock.goes_on(chance.choice([0, 0, 0.2, 1, 7]))
        count = chance.randint(1, 4)
        if quota.take(["lin"], count, answer=chance.random() < 0.5) == 0:
            times += [clock.monotonic()] * count
    for at in times:
        assert sum(at - 60 < other <= at for other in times) <= A_MINUTE


def test_what_was_sent_today_is_known() -> None:
    quota, clock = later()
    quota.take(["a", "b"], 3)
    assert quota.today() == 6
    clock.goes_on(24 * 3600)
    assert quota.today() == 0
