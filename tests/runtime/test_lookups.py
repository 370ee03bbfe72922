"""Who is not known is looked up before what they did is judged: durable at once, judged once, in order, fail closed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.case import StepStatus
from bot.core.effects import ADMINS
from bot.heard import Heard
from bot.rows import PersonRow
from tests.runtime.meeting_place import ADA, LIN, MEI, START, WANG, ZHAO, Place, place, said


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Place]:
    with place(tmp_path / "a.db") as made:
        yield made


def test_who_is_not_known_is_looked_up_and_then_judged(there: Place) -> None:
    answer = there.says(LIN, "/offboard")
    assert (answer.later, answer.refused, answer.cards) == (True, "", ())
    assert there.cases() == 0
    there.settle()
    assert there.directory.asked == [LIN]
    assert there.case().leaver == LIN
    assert "I asked the admins to agree" in there.told(LIN)[0]
    assert there.rows() == []
    there.whole()


def test_the_directory_says_which_language_somebody_speaks_the_first_time(there: Place) -> None:
    there.says(WANG, "help")
    there.settle()
    assert there.told(WANG)[0].startswith("您可以")
    assert there.person(WANG) == PersonRow(WANG, "Wang Wu", "zh-CN", "", "member", "", START)
    there.says(WANG, "language en")
    there.corp.says(PersonRow(WANG, "Wang Wu", "zh-CN", "Europe/Paris"))
    there.wait(days=2)
    there.says(WANG, "help")
    there.settle()
    known = there.person(WANG)
    assert known is not None
    assert (known.language, known.zone) == ("en", "Europe/Paris"), "a language that was chosen stays"


def test_who_is_known_is_judged_at_once(there: Place) -> None:
    there.meet(LIN)
    assert not there.says(LIN, "/offboard").later
    assert there.cases() == 1
    there.wait(hours=20)
    assert not there.says(LIN, "status").later
    assert there.directory.asked == [LIN]


def test_who_decides_is_looked_up_again_after_ten_minutes(there: Place) -> None:
    there.run_to_first_step()
    there.presses(ZHAO, "confirm")
    there.settle()
    there.wait(minutes=11)
    there.directory.says(PersonRow(MEI, "Mei Chen", standing="gone"))
    answer = there.presses(MEI, "approve:looked", of=ADMINS)
    assert answer.later
    assert there.case().steps[0].status is StepStatus.CLAIMED
    there.settle()
    assert there.case().steps[0].status is StepStatus.CLAIMED, "who is locked out approves nothing"
    assert there.presses(ADA, "approve:looked", of=ADMINS).later
    there.settle()
    assert there.case().steps[0].status is StepStatus.DONE
    there.whole()


def test_who_may_not_act_is_refused_and_told(there: Place) -> None:
    for id, standing in (("slack:X1", "outsider"), ("slack:X2", "bot"), ("slack:X3", "guest")):
        there.directory.says(PersonRow(id, "Somebody", "en", standing=standing))
        assert there.says(id, "status OFB-1").later
    there.settle()
    assert "I only talk with people of this company" in there.told("slack:X1")[0]
    assert there.says("slack:X1", "help").refused == "stranger", "known by now, so told at once"
    assert there.cases() == 0


def test_who_was_no_member_is_looked_up_again_because_that_may_have_been_mended(there: Place) -> None:
    there.directory.says(PersonRow("slack:X", "New", "en", standing="outsider"))
    there.meet("slack:X")
    there.directory.says(PersonRow("slack:X", "New", "en"))
    assert there.says("slack:X", "/offboard").refused == "stranger"
    there.wait(minutes=11)
    assert there.says("slack:X", "/offboard").later
    there.settle()
    assert there.case().leaver == "slack:X"


def test_nobody_is_nobody_and_nothing_of_them_is_kept(there: Place) -> None:
    assert there.says("slack:NOBODY", "/offboard").later
    there.settle()
    assert there.cases() == 0
    assert there.person("slack:NOBODY") is None
    assert there.rows() == []


def test_somebody_who_is_mentioned_is_looked_up_too(there: Place) -> None:
    there.meet(MEI)
    answer = there.says(MEI, f"/offboard @{LIN} 2026-12-04", LIN)
    assert answer.later
    there.settle()
    assert there.case().leaver == LIN
    assert there.case().last_day is not None
    known = there.person(LIN)
    assert known is not None
    assert known.zone == "Europe/Paris"


@pytest.mark.parametrize("standing", ["bot", "outsider"])
def test_who_does_not_belong_to_the_company_gets_no_part(there: Place, standing: str) -> None:
    there.meet(MEI)
    there.directory.says(PersonRow(LIN, "Lin Hao", standing=standing))
    there.says(MEI, f"/offboard @{LIN} 2026-12-04", LIN)
    there.settle()
    assert there.cases() == 0
    assert "cannot take part in this" in there.told(MEI)[-1]


def test_a_name_that_nobody_has_is_not_known(there: Place) -> None:
    there.meet(MEI)
    there.says(MEI, "/offboard @slack:NOBODY 2026-12-04", "slack:NOBODY")
    there.settle()
    assert there.cases() == 0
    assert "I do not know anybody of that name" in there.told(MEI)[-1]


def test_a_delivery_that_waits_counts_once_however_often_it_comes(there: Place) -> None:
    assert there.says(LIN, "/offboard", key="same").later
    assert there.says(LIN, "/offboard", key="same").repeated
    there.settle()
    assert there.says(LIN, "/offboard", key="same").repeated
    assert there.cases() == 1


def test_what_waits_survives_the_process_and_is_judged_once(there: Place) -> None:
    there.says(LIN, "/offboard")
    there.restart()
    there.settle()
    assert there.cases() == 1
    there.restart()
    there.settle()
    assert there.cases() == 1
    assert there.told(LIN).count(there.told(LIN)[0]) == 1


def test_a_process_that_died_in_the_middle_of_a_look_up_leaves_nothing_undone_or_done_twice(there: Place) -> None:
    there.says(LIN, "/offboard")
    there.app.store.transact(lambda tx: tx.claim(there.clock.now(), 5)).result()
    there.restart()
    assert [(row.kind, row.state) for row in there.rows()] == [("lookup", "uncertain")]
    there.settle()
    assert there.cases() == 1
    assert there.rows() == []


def test_what_was_judged_already_is_not_judged_again_when_its_answer_comes_twice(there: Place) -> None:
    there.says(LIN, "/offboard")
    (row,) = there.rows()
    found = (PersonRow(LIN, "Lin Hao", "en"),)
    for _ in range(2):
        there.app.engine.known(row, found).result()
    assert there.cases() == 1
    there.settle()
    assert len(there.told(LIN)) == 1


def test_what_one_person_does_stays_in_order_while_the_first_waits(there: Place) -> None:
    there.directory.will("fail_before")
    there.says(LIN, "/offboard")
    there.settle()
    there.loop.run(_learnt(there, PersonRow(LIN, "Lin Hao", "en")))
    assert there.says(LIN, "status").later, "known by now, but something of theirs came before"
    there.wait(seconds=5)
    assert there.cases() == 1
    assert "already" not in " ".join(there.told(LIN))
    assert not there.says(LIN, "status").later


async def _learnt(there: Place, person: PersonRow) -> None:
    there.app.engine.learn(person).result()


def test_one_who_waits_holds_up_nobody_else(there: Place) -> None:
    there.directory.will("fail_before", times=3)
    there.says(LIN, "/offboard")
    there.settle()
    assert there.says(WANG, "help").later
    there.settle()
    assert there.told(WANG)


def test_while_the_directory_is_down_it_is_tried_again_and_after_a_while_they_are_told(there: Place) -> None:
    there.directory.will("fail_before", times=10)
    there.says(LIN, "/offboard")
    for _ in range(12):
        there.wait(minutes=11)
    assert there.cases() == 1
    assert len(there.directory.asked) == 11
    told = there.told(LIN)
    assert sum("cannot check who you are yet" in text for text in told) == 1
    assert "I asked the admins to agree" in told[-1]


def test_what_can_never_be_looked_up_is_not_done_and_they_are_told(there: Place) -> None:
    there.directory.will("rejected")
    there.says(LIN, "/offboard")
    there.settle()
    assert there.cases() == 0
    assert "was not done" in there.told(LIN)[-1]
    assert there.rows() == []


def test_while_the_platform_lets_us_in_no_more_what_waits_costs_no_tries(there: Place) -> None:
    there.directory.will("closed", times=30)
    there.says(LIN, "/offboard")
    for _ in range(30):
        there.wait(seconds=61)
    assert [(row.kind, row.attempts) for row in there.rows()] == [("lookup", 0)]
    there.wait(seconds=61)
    assert there.cases() == 1


def test_nothing_that_was_typed_stands_in_clear_in_what_waits(there: Place, tmp_path: Path) -> None:
    there.directory.will("fail_before", times=5)
    answer = there.says(LIN, "stuck my colleague Wang has the phone, the password is Tr0ub4dor&3")
    assert "looked like a secret" in said(answer.cards)
    there.settle()
    there.restart()
    for path in tmp_path.iterdir():
        assert b"colleague Wang" not in path.read_bytes(), path
    (row,) = there.rows()
    assert b"Tr0ub4dor" not in (there.app.engine.tools.seals.shown(row.lane, row.effect) or b"Tr0ub4dor")


def test_the_answer_is_said_privately_and_leaves_no_words_in_the_record(there: Place, tmp_path: Path) -> None:
    there.says(LIN, "which way to the moon")
    there.settle()
    assert "did not understand" in there.told(LIN)[0]
    there.restart()
    assert all(b"did not understand" not in path.read_bytes() for path in tmp_path.iterdir())


def test_what_waits_under_another_master_key_is_not_done_and_they_are_told(there: Place) -> None:
    there.directory.will("fail_before")
    there.says(LIN, "/offboard")
    there.settle()
    (row,) = there.rows()
    there.app.store.transact(lambda tx: tx.settle(row.id)).result()
    there.app.store.transact(
        lambda tx: tx.queue(
            lane=row.lane, case="", to=row.to, kind=row.kind, effect=b"\0" * 60, priority=0, due=there.clock.now()
        )
    ).result()
    there.wait(minutes=11)
    assert there.cases() == 0
    assert "was not done" in there.told(LIN)[-1]


def test_half_a_character_is_kept_as_a_question_mark(there: Place) -> None:
    assert there.hear(Heard("half", LIN, text="help \ud800")).later
    there.settle()
    assert there.told(LIN)
