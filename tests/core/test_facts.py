"""Facts as a schema: what is kept of refusals, how old facts become new ones, how any fact becomes bytes and back."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

import msgspec
import pytest
from msgspec import Struct

from bot.core import facts as f
from bot.core.case import Answer, Asking, Grade, Holder, Holding, Invariant, Owner, Pin, Sealed, Step
from bot.core.desk import Desk, Waiting
from bot.core.fold import fold, fold_all
from bot.core.route import Prompt
from bot.runtime import codec
from tests.core.player import LAST_DAY, LIN, MEI, START, WEI, Player

LATER = START + timedelta(days=1)

ONE_OF_EACH: tuple[f.Fact, ...] = (
    f.Opened(at=START, by=LIN, ref="OFB-1", pins=(Pin("small", "h"),), leaver=LIN, last_day=LAST_DAY, agreed=True),
    f.Agreed(at=START, by=MEI),
    f.Moved(at=START, by=MEI, last_day=LAST_DAY, due={1: LAST_DAY}, reason=Sealed("box")),
    f.Asked(at=START, asking=Asking("has", of=LIN, playbook="small", kind="many", options=("a",), revision=3)),
    f.Answered(at=START, by=LIN, question="has", answer=Answer(("a",))),
    f.Answered(at=START, by=LIN, question="note", answer=Answer(sealed=Sealed("box"))),
    f.Unanswered(at=START, by=LIN, question="has"),
    f.SuccessorProposed(at=START, by=LIN, person=WEI),
    f.SuccessorNamed(at=START, by=MEI, person=WEI),
    f.SuccessorAccepted(at=START, by=WEI),
    f.SuccessorDeclined(at=START, by=WEI),
    f.Planned(
        at=START,
        steps=(Step(1, "a", "small", Owner.LEAVER, demands=Grade.WITNESSED, due=LAST_DAY),),
        holdings=(Holding("login", Holder.LEAVER),),
        invariants=(Invariant("a_way_in", ("login",), ("login",), Holder.COMPANY, at_least=1),),
    ),
    f.StepOpened(at=START, step=1, person=LIN),
    f.StepHeld(at=START, step=1),
    f.Confirmed(at=START, by=LIN, step=1, text_hash="abc", via="demo", early=True),
    f.Undone(at=START, by=LIN, step=1),
    f.SentBack(at=START, by=MEI, step=1, reason=Sealed("box")),
    f.Approved(at=START, by=MEI, step=1, looked=True),
    f.SoakBegan(at=START, by=MEI, step=1, until=LATER),
    f.Restored(at=START, by=LIN, step=1),
    f.StepDone(at=START, step=1, grade=Grade.WITNESSED),
    f.Waived(at=START, by=MEI, step=1, reason="other", words=Sealed("box")),
    f.Stuck(at=START, by=LIN, step=1, words=Sealed("box")),
    f.NotMine(at=START, by=LIN, step=1),
    f.Snoozed(at=START, by=LIN, step=1, until=LATER),
    f.Reassigned(at=START, by=MEI, step=1, person=WEI, reason=Sealed("box")),
    f.Nudged(at=START, step=1, people=(LIN,), about="do"),
    f.Alarmed(at=START, step=1, invariant="a_way_in"),
    f.Calmed(at=START, invariant="a_way_in"),
    f.StayAsked(at=START, by=LIN),
    f.Renewed(at=START, by=MEI, step=2),
    f.Continued(at=START, of="a", pins=(Pin("b", "h"),), instead=True),
    f.Returned(at=START, by=MEI, to="a", left=("b",), steps=(2,)),
    f.Undelivered(at=START, person=LIN, lane="OFB-1/case/0/admins", why="gone"),
    f.Closed(at=START, by=MEI, outcome="stayed", reason=Sealed("box")),
    f.Refused(at=START, by=LIN, code="own_case", verb="approve", step=1, times=10),
)


def test_there_is_one_of_each_kind_here() -> None:
    assert {type(fact) for fact in ONE_OF_EACH} == set(get_args(f.Fact))


@pytest.mark.parametrize("fact", ONE_OF_EACH, ids=lambda fact: str(fact.__struct_config__.tag))
def test_a_fact_becomes_bytes_and_the_same_fact_and_the_same_bytes_again(fact: f.Fact) -> None:
    data = codec.encode(fact)
    assert codec.fact(data) == fact
    assert codec.encode(codec.fact(data)) == data
    assert b" " not in data.replace(b"small", b"")


@pytest.mark.parametrize("fact", ONE_OF_EACH, ids=lambda fact: str(fact.__struct_config__.tag))
def test_every_fact_counts_and_touches_nothing_but_what_it_is_about(fact: f.Fact) -> None:
    if isinstance(fact, f.Opened):
        assert fold(None, fact).count == 1
        return
    case = Player.running().now
    after = fold(case, fact)
    assert after.count == case.count + 1
    if not isinstance(fact, f.Planned):
        touched = {step.number for was, step in zip(case.steps, after.steps, strict=True) if was is not step}
        about = getattr(fact, "step", 0)
        named = {1} if isinstance(fact, f.Moved) else {*fact.steps} if isinstance(fact, f.Returned) else {about}
        assert touched <= named
    assert codec.case(codec.encode(after)) == after


def test_a_refusal_and_a_lost_message_change_nothing_but_the_count() -> None:
    case = Player.running().now
    for fact in (ONE_OF_EACH[-1], ONE_OF_EACH[-3]):
        after = fold(case, fact)
        assert msgspec.structs.replace(after, count=case.count) == case


def test_a_step_that_is_not_in_the_plan_is_an_error_of_the_log_and_no_guess() -> None:
    case = Player.running().now
    with pytest.raises(IndexError):
        fold(case, f.StepHeld(at=START, step=99))
    with pytest.raises(KeyError):
        fold(case, f.SuccessorAccepted(at=START, target="another account"))


def test_of_the_refusals_of_one_kind_the_1st_10th_and_100th_are_stored() -> None:
    stored = [times for times in range(1, 2000) if f.worth_keeping(times)]
    assert stored == [1, 10, 100, 1000]


def test_an_old_fact_becomes_a_new_one_over_every_version_between() -> None:
    class Second(Struct, frozen=True, tag="second"):
        said: str

    class Third(Struct, frozen=True, tag="third"):
        words: tuple[str, ...]

    def second(old: Struct) -> Struct:
        assert isinstance(old, f.Stuck)
        return Second(f"step {old.step}")

    def third(old: Struct) -> Struct:
        assert isinstance(old, Second)
        return Third((old.said,))

    upcasts: f.Upcasts = {f.Stuck: second, Second: third}
    assert f.upcast(f.Stuck(at=START, step=3), upcasts) == Third(("step 3",))
    untouched = f.Agreed(at=START)
    assert f.upcast(untouched, upcasts) is untouched


def test_a_fact_that_nobody_knows_is_an_error_and_is_not_skipped() -> None:
    class Strange(Struct, frozen=True, tag="strange"):
        at: int = 0

    with pytest.raises(TypeError, match="no rule for the fact Strange"):
        fold(Player.running().now, Strange())
    with pytest.raises(msgspec.ValidationError):
        codec.fact(b'{"kind":"strange","at":"2026-11-24T01:00:00Z"}')


def test_an_empty_history_is_no_case() -> None:
    assert fold_all([]) is None


def test_a_desk_becomes_bytes_and_the_same_desk_again() -> None:
    desk = Desk(
        WEI,
        waiting=(Waiting("OFB-1", 1, "do", 2, START),),
        told_on=LAST_DAY,
        flush_at=LATER,
        paused_until=LATER,
        prompt=Prompt("reason", "send_back", "OFB-1", 2, 5),
    )
    assert codec.desk(codec.encode(desk)) == desk
    assert codec.waiting(codec.encode(desk.waiting).decode()) == desk.waiting
