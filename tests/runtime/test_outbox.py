"""Each row of the table in bot/runtime/outcomes.py as a sentence, on the store in memory and on the real one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.core.effects import ADMINS, lane
from bot.playbook.card import card_bytes, card_hash
from bot.ports import OutboxRow, Store
from bot.runtime.pacing import Patience
from bot.runtime.scripted import Call, Outcome
from bot.store.sqlite import SqliteStore
from tests.runtime.memory_store import MemoryStore
from tests.runtime.post_office import CASE, LIN, MEI, STEP, PostOffice

STORES: dict[str, Callable[[Path], Store]] = {
    "memory": lambda folder: MemoryStore(),
    "sqlite": lambda folder: SqliteStore(folder / "a.db"),
}


@pytest.fixture(params=STORES)
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PostOffice]:
    made = PostOffice(STORES[request.param](tmp_path))
    yield made
    made.close()


# ------------------------------------------------------------------------------------------ it arrives


def test_what_was_said_is_shown_and_the_record_knows_where_and_what(office: PostOffice) -> None:
    office.say()

    assert office.deliver() == 1

    card = office.card(STEP, 1)
    post = office.post()
    assert office.chat.conversation(LIN) == [card]
    assert post is not None
    assert (post.place, post.message) == (LIN, "slack-1")
    assert (post.step, post.revision, post.text_hash) == (1, 1, card_hash(card))
    assert office.store.read(lambda reads: reads.text(card_hash(card))) == card_bytes(card)
    assert office.rows() == []
    assert office.told == []


def test_a_card_is_drawn_when_it_leaves_so_that_it_shows_what_the_case_says_then(office: PostOffice) -> None:
    office.say()
    office.state[STEP] = 5
    office.deliver()
    assert office.shows() == [5]


def test_a_change_is_drawn_into_the_message_that_is_there(office: PostOffice) -> None:
    office.say()
    office.deliver()
    office.amend()
    office.deliver()

    post = office.post()
    assert office.shows() == [2]
    assert office.said() == ["say", "amend"]
    assert post is not None
    assert (post.message, post.revision) == ("slack-1", 2)
    assert office.store.read(lambda reads: reads.text(card_hash(office.card(STEP, 2)))) is not None


def test_a_change_before_the_message_left_comes_after_it(office: PostOffice) -> None:
    office.say()
    office.amend()
    office.deliver()
    assert office.said() == ["say", "amend"]
    assert office.shows() == [2]


def test_a_change_of_what_was_never_said_is_said(office: PostOffice) -> None:
    office.amend()
    office.deliver()
    assert office.said() == ["say"]
    assert office.shows() == [1]
    assert office.rows() == []


def test_what_has_nothing_to_show_any_more_is_not_sent(office: PostOffice) -> None:
    office.say()
    office.amend()
    office.unwanted.add(STEP)
    office.deliver()
    assert office.said() == []
    assert office.rows() == []
    assert office.told == []


def test_answers_leave_before_reminders(office: PostOffice) -> None:
    reminder, answer = lane(CASE, "nudge-1", MEI), lane(CASE, "step-2", MEI)
    office.say(reminder, reminder=True)
    office.say(answer)
    office.deliver()
    assert [card.title for card in office.chat.conversation(MEI)] == [answer, reminder]


# ------------------------------------------------------------------------------------------ later


def test_what_failed_waits_twice_as_long_after_each_try_and_arrives(office: PostOffice) -> None:
    office.chat.will("fail_before", times=3)
    office.say()
    office.deliver()

    for pause, tries in ((1.0, 2), (2.0, 3), (4.0, 4)):
        office.wait(pause - 0.1)
        assert len(office.said()) == tries - 1
        assert office.rows("waiting")[0].attempts == tries - 1
        office.wait(0.2)
        assert len(office.said()) == tries
    assert office.shows() == [1]
    assert office.rows() == []


def test_a_pause_that_the_platform_asks_for_holds_for_the_whole_conversation(office: PostOffice) -> None:
    office.chat.will("rate_limited", seconds=30)
    office.say()
    office.deliver()
    office.say(lane(CASE, "step-2", LIN))
    office.say(lane(CASE, "step-2", MEI))

    office.wait(29)
    assert office.chat.conversation(LIN) == []
    assert len(office.chat.conversation(MEI)) == 1

    office.wait(3)
    assert len(office.chat.conversation(LIN)) == 2


def test_no_back_off_is_longer_than_ten_minutes_and_no_wish_longer_than_an_hour() -> None:
    patience = Patience()
    assert patience.wait(400, lambda: 1.0) == 600.0
    assert patience.wait(1, lambda: 0.0) > 0
    assert 3600 <= patience.wait(1, lambda: 1.0, wish=1e12) <= 3601


def test_what_is_late_is_told_once_and_still_tried(office: PostOffice) -> None:
    office.chat.will("fail_before", times=12)
    office.say()
    for _ in range(7):
        office.wait(600)
    assert office.told == []

    for _ in range(5):
        office.wait(600)
    assert office.told == [(STEP, "later")]

    office.wait(600)
    assert office.shows() == [1]
    assert office.rows() == []


def test_a_change_that_is_late_is_told_even_when_newer_changes_take_its_place(office: PostOffice) -> None:
    office.say()
    office.deliver()
    office.chat.will("fail_before", times=9)
    for _ in range(9):
        office.amend()
        office.wait(600)
    assert office.told == [(STEP, "later")]

    office.wait(600)
    assert office.shows() == [10]
    assert office.rows() == []


def test_a_change_that_failed_makes_way_for_the_one_that_came_meanwhile(office: PostOffice) -> None:
    office.say()
    office.deliver()

    def fails(call: Call) -> Outcome:
        office.amend()
        return Outcome.FAIL_BEFORE

    office.chat.otherwise = fails
    office.amend()
    for tries in range(1, 9):
        office.wait(600)
        assert [(row.attempts, row.effect) for row in office.rows()] == [(tries, office.effects[STEP])]
    assert office.told == [(STEP, "later")]

    office.chat.otherwise = lambda call: Outcome.OK
    office.wait(600)
    assert office.shows() == [office.state[STEP]]
    assert office.rows() == []


def test_what_failed_for_days_is_parked_and_told(office: PostOffice) -> None:
    office.patience = Patience(told_after=2, parked_after=4)
    office.restart()
    office.chat.will("fail_before", times=4)
    office.say()
    for _ in range(5):
        office.wait(600)
    assert office.told == [(STEP, "later"), (STEP, "later")]
    assert [(row.state, row.why) for row in office.rows()] == [("parked", "later: service_unavailable")]


# ------------------------------------------------------------------------------------------ unsure


def test_a_message_whose_answer_was_lost_is_looked_up_and_not_said_again(office: PostOffice) -> None:
    office.chat.will("effect_then_lost")
    office.say()
    office.deliver()
    assert [row.state for row in office.rows()] == ["uncertain"]

    office.wait(5)

    assert office.said() == ["say", "find"]
    assert office.shows() == [1]
    assert office.rows() == []
    post = office.post()
    assert post is not None
    assert post.message == "slack-1"


def test_a_message_is_not_looked_up_while_the_platform_may_still_be_busy_with_it(office: PostOffice) -> None:
    office.chat.will("effect_then_lost")
    office.say()
    office.deliver()
    office.wait(2.9)
    assert office.said() == ["say"]


def test_a_call_that_hangs_is_cut_looked_up_and_made_again(office: PostOffice) -> None:
    office.hang()
    office.say()
    office.deliver()
    office.wait(5)
    assert office.said() == ["say", "find"]
    assert office.rows("waiting")[0].attempts == 1

    office.wait(5)
    assert office.said() == ["say", "find", "say"]
    assert office.shows() == [1]


def test_the_lane_waits_while_it_is_uncertain_what_came_of_its_message(office: PostOffice) -> None:
    office.chat.will("effect_then_lost")
    office.say()
    office.deliver()
    office.amend()
    office.deliver()
    assert office.said() == ["say"]

    office.wait(5)
    assert office.said() == ["say", "find", "amend"]
    assert office.shows() == [2]


def test_a_look_up_that_failed_is_made_again_and_told_when_that_takes_long(office: PostOffice) -> None:
    office.chat.will("effect_then_lost", method="say")
    office.chat.will("fail_before", method="find", times=9)
    office.say()
    for _ in range(12):
        office.wait(700)
    assert office.said() == ["say"] + ["find"] * 10
    assert office.told == [(STEP, "later")]
    assert office.shows() == [1]
    assert office.rows() == []


def test_where_nothing_can_be_looked_up_an_uncertain_message_is_not_repeated_but_told(office: PostOffice) -> None:
    office.chat.looks_up = False
    office.chat.will("effect_then_lost")
    office.say()
    office.wait(5)
    office.wait(5)
    assert office.told == [(STEP, "uncertain")]
    assert [(row.state, row.why) for row in office.rows()] == [("parked", "uncertain: no_look_up")]
    assert office.said() == ["say", "find"]


def test_a_look_up_that_is_not_allowed_is_none(office: PostOffice) -> None:
    office.chat.will("effect_then_lost", method="say")
    office.chat.will("rejected", method="find")
    office.say()
    office.deliver()
    office.wait(5)
    assert office.told == [(STEP, "uncertain")]


def test_an_uncertain_change_is_simply_drawn_again(office: PostOffice) -> None:
    office.say()
    office.deliver()
    office.chat.will("effect_then_lost")
    office.amend()
    office.deliver()
    office.wait(5)
    assert office.said() == ["say", "amend", "amend"]
    assert office.shows() == [2]
    assert office.rows() == []


def test_what_an_adapter_must_not_raise_is_uncertain_and_its_words_are_not_logged(office: PostOffice) -> None:
    office.chat.will("breaks")
    office.say()
    other = lane(CASE, "step-1", MEI)
    office.say(other)
    with capture_logs() as logs:
        office.deliver()
    assert [row.state for row in office.rows()] == ["uncertain"]
    assert office.shows(other) == [1]
    assert [entry["error"] for entry in logs] == ["ZeroDivisionError"]
    assert "an adapter with a mistake" not in str(logs)

    office.wait(5)
    office.wait(5)
    assert office.shows() == [1]


def test_a_message_that_was_found_shows_what_was_sent_and_is_redrawn_if_that_is_old(office: PostOffice) -> None:
    office.chat.will("effect_then_lost")
    office.say()
    office.deliver()
    office.state[STEP] = 4
    office.chat.will("fail_before", method="amend")

    office.wait(5)
    post = office.post()
    assert post is not None
    assert post.revision == 1
    office.wait(5)

    assert office.said() == ["say", "find", "amend", "amend"]
    assert office.shows() == [4]
    assert office.rows() == []


# ------------------------------------------------------------------------------------------ gone


def test_a_person_who_is_gone_is_told_of_once_and_their_changes_are_dropped(office: PostOffice) -> None:
    office.chat.leave(LIN)
    office.say()
    office.amend()
    office.deliver()
    assert office.told == [(STEP, "gone")]
    assert [(row.kind, row.state, row.why) for row in office.rows()] == [("say", "parked", "gone: user_not_found")]
    assert office.said() == ["say"]


def test_later_changes_try_a_gone_person_again_without_telling_it_again(office: PostOffice) -> None:
    office.chat.leave(LIN)
    office.say()
    office.deliver()
    office.amend()
    office.deliver()
    office.amend()
    office.deliver()
    assert office.told == [(STEP, "gone")]
    assert [row.state for row in office.rows()] == ["parked"]
    assert office.said() == ["say"] * 3


def test_a_person_who_comes_back_gets_the_newest_card_and_nothing_stays_parked(office: PostOffice) -> None:
    office.chat.leave(LIN)
    office.say()
    office.deliver()
    office.chat.come_back(LIN)
    office.amend()
    office.deliver()
    assert office.shows() == [2]
    assert office.rows() == []


def test_a_person_who_is_gone_is_told_of_once_whatever_was_for_them(office: PostOffice) -> None:
    office.chat.leave(LIN)
    lanes = [lane(CASE, f"step-{n}", LIN) for n in range(5)]
    for name in lanes:
        office.say(name)
    office.deliver()
    assert office.told == [(lanes[0], "gone")]
    assert len(office.rows("parked")) == 5


def test_a_person_who_comes_back_gets_everything_that_is_still_wanted(office: PostOffice) -> None:
    office.chat.leave(LIN)
    lanes = [lane(CASE, f"step-{n}", LIN) for n in range(4)]
    for name in lanes:
        office.say(name)
    other = lane(CASE, "step-1", "slack:GONE_TOO")
    office.chat.leave("slack:GONE_TOO")
    office.say(other)
    office.deliver()

    office.restart()
    office.chat.come_back(LIN)
    office.unwanted.add(lanes[2])
    office.amend(lanes[3])
    office.deliver()

    assert [office.shows(name) for name in lanes] == [[1], [1], [], [2]]
    assert [row.lane for row in office.rows()] == [other]


def test_what_waited_for_a_person_who_was_gone_is_not_said_beside_something_newer(office: PostOffice) -> None:
    office.say()
    office.deliver()
    office.chat.leave(LIN)
    office.amend()
    office.deliver()
    office.chat.come_back(LIN)
    office.chat.will("message_gone", method="amend")
    office.chat.will("fail_before", method="say")
    office.amend()
    office.deliver()
    assert [row.kind for row in office.rows("waiting")] == ["say"]

    office.say(lane(CASE, "step-2", LIN))
    office.deliver()
    office.wait(10)
    assert office.shows() == [1, 3]
    post = office.post()
    assert post is not None
    assert post.effect == office.effects[STEP]
    assert office.rows() == []


def test_a_message_that_may_have_reached_somebody_who_is_gone_now_is_never_repeated(office: PostOffice) -> None:
    office.chat.will("effect_then_lost")
    office.say()
    office.deliver()
    office.chat.leave(LIN)
    office.wait(5)
    assert office.told == [(STEP, "uncertain")]

    office.chat.come_back(LIN)
    office.say(lane(CASE, "step-2", LIN))
    office.deliver()
    assert office.shows() == [1]


def test_admins_who_cannot_be_reached_are_not_told_so_for_ever(office: PostOffice) -> None:
    """Whoever is told says it in the admins' thread; if that is where it fails, each telling would lead to the next."""
    count = 0

    async def tell(row: OutboxRow, why: str) -> None:
        nonlocal count
        count += 1
        assert count < 10
        office.say(lane(CASE, "undelivered", ADMINS, count))

    office.on_lost = tell
    office.restart()
    for outcome, expected in ((Outcome.REJECTED, 1), (Outcome.GONE, 2)):
        office.chat.otherwise = lambda call, outcome=outcome: outcome  # type: ignore[misc]
        office.say(lane(CASE, f"case-{outcome}", ADMINS))
        office.deliver()
        assert count == expected


def test_a_person_who_leaves_again_is_told_of_again(office: PostOffice) -> None:
    for _ in range(2):
        office.chat.leave(LIN)
        office.amend()
        office.deliver()
        office.chat.come_back(LIN)
        office.amend()
        office.deliver()
    assert office.told == [(STEP, "gone")] * 2


def test_a_person_whom_no_platform_reaches_is_told_of(office: PostOffice) -> None:
    nowhere = lane(CASE, "step-1", "wecom:lin")
    office.say(nowhere)
    office.deliver()
    assert office.told == [(nowhere, "gone")]


def test_a_message_that_was_deleted_is_posted_anew_with_what_the_case_says_now(office: PostOffice) -> None:
    office.say()
    office.deliver()
    first = office.chat.messages(LIN)[0]
    office.chat.erase(first.message)
    office.amend()
    office.deliver()

    post = office.post()
    assert office.said() == ["say", "amend", "say"]
    assert office.shows() == [2]
    assert post is not None
    assert post.message == "slack-2"
    assert office.chat.messages(LIN)[0].key != first.key
    assert office.rows() == []


def test_a_message_too_old_to_change_is_never_taken_for_the_one_posted_anew(office: PostOffice) -> None:
    office.say()
    office.deliver()
    office.chat.will("message_gone", method="amend")
    office.chat.will("fail_before", method="say")
    office.chat.will("effect_then_lost", method="say")
    office.amend()
    for _ in range(4):
        office.wait(10)
    post = office.post()
    assert post is not None
    assert post.message == "slack-2"
    assert office.shows() == [1, 2]


# ------------------------------------------------------------------------------------------ rejected


def test_a_message_that_the_platform_refuses_is_parked_and_told(office: PostOffice) -> None:
    office.chat.will("rejected")
    office.say()
    office.deliver()
    office.wait(600)
    assert office.told == [(STEP, "rejected")]
    assert [(row.state, row.why) for row in office.rows()] == [("parked", "rejected: invalid_blocks")]
    assert office.said() == ["say"]


def test_a_refused_message_whose_card_changed_is_said_with_its_new_card(office: PostOffice) -> None:
    office.chat.will("rejected")
    office.say()
    office.amend()
    office.deliver()
    assert office.told == [(STEP, "rejected")]
    assert office.said() == ["say", "say"]
    assert office.shows() == [2]
    assert office.rows() == []


def test_a_refused_change_is_told_and_the_next_one_goes_all_the_same(office: PostOffice) -> None:
    office.say()
    office.deliver()
    office.chat.will("rejected")
    office.amend()
    office.deliver()
    assert office.told == [(STEP, "rejected")]

    office.amend()
    office.deliver()
    assert office.shows() == [3]
    assert office.rows() == []


def test_a_card_that_cannot_be_drawn_is_told_and_holds_up_no_other(office: PostOffice) -> None:
    other = lane(CASE, "case", ADMINS)
    office.undrawable.add(STEP)
    office.say()
    office.say(other)
    with capture_logs() as logs:
        office.deliver()
    assert office.told == [(STEP, "rejected")]
    assert office.shows(other) == [1]
    assert "words" not in str(logs)


# ------------------------------------------------------------------------------------------ clocks


def test_a_day_that_is_simulated_sends_nothing_twice_and_hurries_nothing(office: PostOffice) -> None:
    wished, backed_off, unsure, second = (
        STEP,
        lane(CASE, "case", ADMINS),
        lane(CASE, "step-1", MEI),
        "x/step-2/0/" + LIN,
    )
    office.chat.will("rate_limited", to=LIN, seconds=300)
    office.chat.will("fail_before", to=ADMINS)
    office.chat.will("effect_then_lost", to=MEI)
    for name in (wished, backed_off, unsure):
        office.say(name)
    office.deliver()
    calls = len(office.said())

    office.clock.advance(timedelta(days=1))
    office.say(second)
    office.deliver()
    assert len(office.said()) == calls

    office.monotonic.advance(302)
    office.deliver()
    assert [office.shows(name) for name in (wished, backed_off, unsure, second)] == [[1]] * 4


def test_a_clock_that_is_set_back_between_two_runs_keeps_nothing_waiting(office: PostOffice) -> None:
    office.chat.will("fail_before")
    office.say()
    office.deliver()
    office.clock.advance(timedelta(days=-3))
    office.restart()
    office.deliver()
    assert office.shows() == [1]


@pytest.mark.parametrize("moved", [timedelta(0), timedelta(hours=-1)])
def test_a_clock_that_stands_still_or_goes_back_keeps_nothing_waiting(office: PostOffice, moved: timedelta) -> None:
    office.chat.will("fail_before")
    office.say()
    office.deliver()
    office.clock.advance(moved)
    office.monotonic.advance(2)
    office.deliver()
    assert office.shows() == [1]


def test_what_is_due_tomorrow_leaves_tomorrow(office: PostOffice) -> None:
    office.clock.advance(timedelta(days=1))
    office.say()
    office.clock.advance(timedelta(days=-1))
    office.restart()
    assert office.deliver() == 0
    office.clock.advance(timedelta(days=1))
    assert office.deliver() == 1


# ------------------------------------------------------------------------------------------ the record


def test_a_message_on_its_way_when_the_process_died_is_looked_up_and_redrawn(office: PostOffice) -> None:
    office.chat.will("effect_then_lost")
    office.say()
    office.deliver()
    office.state[STEP] = 3
    office.restart()
    office.deliver()
    assert office.said() == ["say"]

    office.wait(5)
    assert office.said() == ["say", "find", "amend"]
    assert office.shows() == [3]
    assert office.rows() == []


def test_rows_left_behind_by_a_process_that_died_are_finished_by_the_next(office: PostOffice) -> None:
    office.say()
    other = lane(CASE, "step-1", MEI)
    office.say(other)
    office.deliver()
    office.amend(other)
    office.say(lane(CASE, "step-2", LIN))
    left = office.transact(lambda tx: [row.kind for row in tx.claim(office.clock.now(), 8)])
    assert sorted(left) == ["amend", "say"]

    office.restart()
    office.deliver()
    office.wait(5)
    office.wait(5)
    assert office.shows(other) == [2]
    assert office.shows(lane(CASE, "step-2", LIN)) == [1]
    assert office.rows() == []


def test_a_newer_change_is_not_overwritten_when_a_lost_message_is_found(office: PostOffice) -> None:
    office.chat.will("effect_then_lost")
    office.say()
    office.deliver()
    newest = office.amend()
    effect = next(row.effect for row in office.rows("waiting") if row.id == newest)
    office.restart()
    office.chat.will("effect_then_lost", method="amend")
    office.wait(5)
    waiting = [row.effect for row in office.rows("waiting")]
    assert waiting == [effect]
    office.wait(5)
    assert office.shows() == [2]


def test_bad_news_that_could_not_be_told_is_told_later_and_only_then_written_down(office: PostOffice) -> None:
    office.telling_fails = 1
    office.chat.will("rejected")
    office.say()
    office.deliver()
    assert office.told == []
    assert office.rows("parked") == []

    office.wait(5)
    assert office.told == [(STEP, "rejected")]
    assert len(office.rows("parked")) == 1
    assert office.said() == ["say"]


def test_a_lane_parked_before_a_restart_is_not_told_again_for_the_same_cause(office: PostOffice) -> None:
    office.chat.leave(LIN)
    office.say()
    office.deliver()
    office.restart()
    office.amend()
    office.deliver()
    assert office.told == [(STEP, "gone")]
