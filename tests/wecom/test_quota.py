"""Nothing is sent that WeCom would drop without a word."""

from __future__ import annotations

import random

import pytest

from bot.wecom.quota import A_MINUTE, AN_HOUR, FIRST_MINUTE, FOR_ANSWERS, UNKNOWN, Quota
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


class Corpse:
    """A process that is killed without a word; the next one finds what it has put down."""

    def __init__(self, clock: HandClock, note: bytes = b"") -> None:
        self.clock, self.note = clock, note
        self.quota = Quota(clock.monotonic)
        if note:
            self.quota.inherits(note, clock.now().timestamp())
        self.quota.on_much = self.puts
        self.puts()

    def puts(self, *, ended: bool = False) -> None:
        self.note = self.quota.note(self.clock.now().timestamp(), ended=ended)
        self.quota.noted()


def follows(before: Quota | None, clock: HandClock, note: bytes = b"") -> Quota:
    """The next process: after an orderly end, or after a kill of which the last `note` was this."""
    after = Quota(clock.monotonic)
    unix = clock.now().timestamp()
    after.inherits(before.note(unix, ended=True) if before is not None else note, unix)
    return after


def all_that_goes(quota: Quota, most: int = 50) -> int:
    sent = 0
    while sent < most and quota.take(["lin"], answer=True) == 0:
        sent += 1
    return sent


def test_a_restart_does_not_bring_a_member_above_the_limit() -> None:
    """Nothing is known of what was sent before."""
    before, clock = later()
    assert before.take(["lin"], A_MINUTE, answer=True) == 0
    sent = all_that_goes(Quota(clock.monotonic))
    assert sent == FIRST_MINUTE
    assert A_MINUTE + sent <= WECOMS


def test_after_an_orderly_end_the_next_process_knows_all_that_was_sent() -> None:
    quota, clock = later()
    assert all_that_goes(quota, 15) == 15
    for _ in range(3):
        quota = follows(quota, clock)
        clock.goes_on(5)
    assert all_that_goes(quota) == A_MINUTE - 15
    clock.goes_on(60)
    assert all_that_goes(quota) == A_MINUTE


@pytest.mark.parametrize("count", [1, 3, UNKNOWN])
@pytest.mark.parametrize("every", [0.1, 3, 20, 59, 61, 100])
def test_however_often_it_is_killed_no_member_gets_more_than_wecom_lets_through(every: float, count: int) -> None:
    clock = HandClock()
    at_work = Corpse(clock)
    clock.goes_on(120)
    sent: list[float] = []
    for _ in range(12):
        at_work = Corpse(clock, at_work.note)
        until = clock.monotonic() + every
        while clock.monotonic() < until:
            while at_work.quota.take(["lin"], count, answer=True) == 0:
                sent += [clock.monotonic()] * count
            clock.goes_on(min(1.0, every))
    for at in sent:
        assert sum(at - 60 < other <= at for other in sent) <= WECOMS
    assert every < 59 or len(sent) > 100, "and it still sends"


def test_a_kill_or_two_hold_nobody_up() -> None:
    clock = HandClock()
    at_work = Corpse(clock)
    clock.goes_on(120)
    for _ in range(3):
        at_work = Corpse(clock, at_work.note)
        assert all_that_goes(at_work.quota, 3) == 3
        clock.goes_on(2)


def test_nobody_gets_more_than_a_few_that_are_not_put_down() -> None:
    quota, _ = later()
    quota.on_much = lambda: None
    assert all_that_goes(quota) == UNKNOWN
    assert 0 < quota.take(["lin"]) < 1
    quota.note(0.0, ended=False)
    assert 0 < quota.take(["lin"]) < 1
    quota.noted()
    assert quota.take(["lin"]) == 0


def test_a_restart_in_the_middle_of_an_hour_does_not_begin_a_new_one() -> None:
    quota, clock = later()
    sent = 0
    for second in range(3_400):
        if second == 1_700:
            quota = follows(quota, clock)
        sent += quota.take(["lin"], answer=True) == 0
        clock.goes_on(1)
    assert sent <= AN_HOUR


@pytest.mark.parametrize(
    "note", [b"", b"{}", b'{"began": "x"}', b"\xff", b'{"kills":[1e300],"ended":false,"sent":{},"day":{}}']
)
def test_a_note_that_says_nothing_is_as_good_as_none(note: bytes) -> None:
    quota = follows(None, HandClock(), note)
    assert quota.take(["lin"], answer=True) <= 60


def test_what_was_sent_today_is_known_over_a_restart() -> None:
    quota, clock = later()
    quota.take(["a", "b"], 3)
    clock.goes_on(7_200)
    quota = follows(quota, clock)
    quota.take(["a"])
    assert (quota.today(), quota.taken) == (7, 1)
    clock.goes_on(24 * 3600)
    assert quota.today() == 0


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
