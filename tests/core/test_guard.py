"""The guard's rules, one by one. (test_guard_worlds.py tries them against a world in which people act.)"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from bot.core.case import Case, Grade, Holder, Holding, Invariant, Owner, Step, StepStatus
from bot.core.guard import SOAK_FIRST, Breach, Guard, Masks, masks, worst_grade

LEAVER, COMPANY, NOBODY = Holder.LEAVER, Holder.COMPANY, Holder.NOBODY
STATED, WITNESSED, VERIFIED = Grade.STATED, Grade.WITNESSED, Grade.VERIFIED
AT = datetime(2026, 11, 24, tzinfo=UTC)

A_WAY_IN = Invariant("a_way_in", guards=("old", "new"), of=("old", "new"), held_by=COMPANY, at_least=1)
OLD, NEW = Holding("old", LEAVER), Holding("new", NOBODY)


def step(number: int, **how: object) -> Step:
    """A step that is still closed."""
    return replace(Step(number, f"step_{number}", "p", Owner.LEAVER), **how)


BIND = step(1, gives=("new",))
UNBIND = step(2, takes=("old",))


def opened(one: Step) -> Step:
    return replace(one, status=StepStatus.OPEN, opened_at=AT)


def done(one: Step, grade: Grade = STATED) -> Step:
    return replace(opened(one), status=StepStatus.DONE, grade=grade)


def waived(one: Step) -> Step:
    return replace(one, status=StepStatus.WAIVED)


def broken(
    *steps: Step, invariants: Sequence[Invariant] = (A_WAY_IN,), holdings: Sequence[Holding] = (OLD, NEW)
) -> list[str]:
    """The names of what may be broken when the steps stand like this."""
    return [breach.invariant for breach in Guard(steps, holdings, invariants).breaches(masks(steps))]


def case(*steps: Step, invariants: Sequence[Invariant] = (A_WAY_IN,), holdings: Sequence[Holding] = (OLD, NEW)) -> Case:
    return Case("OFB-1", steps=steps, invariants=tuple(invariants), holdings=tuple(holdings))


def may_open(standing: Case, number: int) -> bool:
    return Guard.of(standing).may_open(standing, standing.steps[number - 1])


def would_stand_without(standing: Case, number: int) -> bool:
    return Guard.of(standing).would_stand_without(standing, standing.steps[number - 1])


# Rules 1 and 2: when a take counts and when a give does.


def test_a_take_counts_from_the_moment_its_step_is_opened() -> None:
    assert broken(BIND, opened(UNBIND)) == ["a_way_in"]


def test_a_give_counts_only_when_its_step_is_done() -> None:
    assert broken(opened(BIND), opened(UNBIND)) == ["a_way_in"]
    assert broken(replace(opened(BIND), status=StepStatus.CLAIMED), opened(UNBIND)) == ["a_way_in"]
    assert broken(replace(opened(BIND), status=StepStatus.SOAKING), opened(UNBIND)) == ["a_way_in"]
    assert broken(done(BIND), opened(UNBIND)) == []


def test_a_give_that_is_done_below_the_grade_that_it_demands_does_not_count() -> None:
    bind = replace(BIND, demands=WITNESSED)
    assert broken(done(bind, STATED), opened(UNBIND)) == ["a_way_in"]
    assert broken(done(bind, WITNESSED), opened(UNBIND)) == []
    assert broken(done(bind, VERIFIED), opened(UNBIND)) == []


def test_a_give_counts_for_an_invariant_only_at_the_grade_that_the_invariant_asks() -> None:
    witnessed = [replace(A_WAY_IN, grade=WITNESSED)]
    assert broken(done(BIND, STATED), opened(UNBIND), invariants=witnessed) == ["a_way_in"]
    assert broken(done(BIND, WITNESSED), opened(UNBIND), invariants=witnessed) == []


def test_a_waived_give_gives_nothing() -> None:
    assert broken(waived(BIND), opened(UNBIND)) == ["a_way_in"]
    assert broken(waived(opened(BIND)), opened(UNBIND)) == ["a_way_in"]


def test_a_take_that_was_waived_while_it_was_open_may_have_happened() -> None:
    assert broken(BIND, waived(opened(UNBIND))) == ["a_way_in"]
    assert broken(BIND, waived(UNBIND)) == []


def test_a_take_that_was_held_after_it_was_shown_may_have_happened() -> None:
    assert broken(BIND, replace(opened(UNBIND), status=StepStatus.LOCKED)) == ["a_way_in"]


# Rule 3: who may hold it.


def test_several_takes_that_are_harmless_alone_are_counted_together() -> None:
    two = [Holding("old", COMPANY), Holding("new", COMPANY)]
    unbind_new = step(1, takes=("new",))
    assert broken(opened(unbind_new), UNBIND, holdings=two) == []
    assert broken(opened(unbind_new), opened(UNBIND), holdings=two) == ["a_way_in"]


def test_what_the_company_held_at_the_start_counts_as_stated_and_no_more() -> None:
    held = [OLD, Holding("new", COMPANY)]
    assert broken(opened(UNBIND), holdings=held) == []
    assert broken(opened(UNBIND), holdings=held, invariants=[replace(A_WAY_IN, grade=WITNESSED)]) == ["a_way_in"]


def test_at_most_counts_whoever_may_still_hold_it() -> None:
    first = Invariant("protection_first", guards=("old",), of=("protection",), held_by=LEAVER, at_most=0)
    at_start = [OLD, Holding("protection", LEAVER)]
    move = step(1, gives=("protection",))
    assert broken(opened(move), opened(UNBIND), invariants=[first], holdings=at_start) == ["protection_first"]
    assert broken(done(move), opened(UNBIND), invariants=[first], holdings=at_start) == []
    at_start = [OLD, Holding("protection", COMPANY)]
    assert broken(move, opened(UNBIND), invariants=[first], holdings=at_start) == []


def test_what_is_only_said_to_have_left_the_leaver_may_still_be_theirs_where_a_look_is_asked() -> None:
    first = Invariant("first", guards=("old",), of=("protection",), held_by=LEAVER, at_most=0, grade=WITNESSED)
    at_start, move = [OLD, Holding("protection", LEAVER)], step(1, gives=("protection",))
    assert broken(done(move, STATED), opened(UNBIND), invariants=[first], holdings=at_start) == ["first"]
    assert broken(done(move, WITNESSED), opened(UNBIND), invariants=[first], holdings=at_start) == []


def test_a_replacement_leaves_nobody_with_it_until_it_is_done() -> None:
    replaced = step(1, takes=("old",), gives=("old",))
    assert broken(opened(replaced), holdings=[Holding("old", COMPANY)]) == ["a_way_in"]
    assert broken(done(replaced), holdings=[Holding("old", COMPANY)]) == []
    never_without = Invariant("never_without", guards=("old",), of=("old",), held_by=NOBODY, at_most=0)
    assert broken(opened(replaced), invariants=[never_without]) == ["never_without"]
    assert broken(done(replaced), invariants=[never_without]) == []


def test_what_was_given_and_may_have_been_taken_back_is_not_certain() -> None:
    take_back = step(3, takes=("new",))
    assert broken(done(BIND), opened(UNBIND), take_back) == []
    assert broken(done(BIND), opened(UNBIND), opened(take_back)) == ["a_way_in"]
    assert broken(done(BIND), opened(UNBIND), done(take_back)) == ["a_way_in"]


# Rule 4: which of two came last.


def test_a_give_that_needs_the_take_came_after_it() -> None:
    unbind, bind = step(1, takes=("old",)), step(2, gives=("old",), needs=(1,))
    assert broken(done(unbind), opened(bind)) == ["a_way_in"]
    assert broken(done(unbind), done(bind)) == []


def test_the_order_is_known_through_other_steps_too() -> None:
    unbind, look, bind = step(1, takes=("old",)), step(2, needs=(1,)), step(3, gives=("old",), needs=(2,))
    assert broken(done(unbind), done(look), done(bind)) == []


def test_a_give_that_only_comes_after_the_take_may_have_come_first() -> None:
    unbind, bind = step(1, takes=("old",)), step(2, gives=("old",), after=(1,))
    assert broken(done(unbind), done(bind)) == ["a_way_in"]


def test_a_step_that_is_not_needed_passes_no_order_on() -> None:
    unbind, bind = step(1, takes=("old",)), step(3, gives=("old",), needs=(2,))
    look = step(2, needs=(1,), status=StepStatus.NOT_NEEDED)
    assert broken(opened(unbind), look, done(bind)) == ["a_way_in"]
    assert broken(done(unbind), look, done(bind)) == ["a_way_in"]


def test_a_step_that_was_confirmed_early_may_have_been_done_before_what_it_needs() -> None:
    unbind, bind = step(1, takes=("old",)), step(2, gives=("old",), needs=(1,), early=True)
    assert broken(opened(unbind), done(bind)) == ["a_way_in"]
    assert broken(done(unbind), done(bind)) == ["a_way_in"]


def test_a_step_that_recovers_opens_on_an_alarm_whatever_it_needs() -> None:
    unbind, bind = step(1, takes=("old",)), step(2, gives=("old",), needs=(1,), recovers="a_way_in")
    assert broken(done(unbind), done(bind)) == ["a_way_in"]
    recover, bind = step(2, needs=(1,), recovers="a_way_in"), step(3, gives=("old",), needs=(2,))
    assert broken(done(unbind), done(recover), done(bind)) == ["a_way_in"]


# Rules 5 and 6: what is in force.


def test_nothing_is_at_risk_before_something_guarded_is_touched() -> None:
    assert broken(BIND, UNBIND) == []
    other = step(3, takes=("phone",))
    assert broken(BIND, UNBIND, opened(other), holdings=[OLD, NEW, Holding("phone", LEAVER)]) == []


def test_what_is_destroyed_must_have_been_disabled_and_have_soaked() -> None:
    disable, delete = step(1, disables=("keys",), soak_hours=72), step(2, destroys=("keys",))
    assert broken(disable, delete) == []
    assert broken(disable, opened(delete)) == [SOAK_FIRST]
    assert broken(replace(opened(disable), status=StepStatus.SOAKING), opened(delete)) == [SOAK_FIRST]
    assert broken(done(disable), opened(delete)) == []
    assert broken(done(replace(disable, soak_hours=0)), opened(delete)) == [SOAK_FIRST]
    assert broken(done(replace(disable, demands=WITNESSED)), opened(delete)) == [SOAK_FIRST]
    assert broken(done(replace(disable, target="other")), opened(delete)) == [SOAK_FIRST]
    assert broken(done(replace(disable, disables=("other",))), opened(delete)) == [SOAK_FIRST]


def test_to_destroy_is_to_take() -> None:
    destroy, disable = step(1, destroys=("old",)), step(2, disables=("old",), soak_hours=1)
    assert broken(opened(destroy), done(disable), holdings=[Holding("old", COMPANY)]) == ["a_way_in"]


# Rule 7: targets.

HERE, THERE = ("1001", "1002")


def two_targets(*steps: Step) -> Case:
    return case(*steps, holdings=[replace(item, target=target) for item in (OLD, NEW) for target in (HERE, THERE)])


def test_what_is_given_for_one_target_helps_no_other() -> None:
    bind, unbind = replace(BIND, target=THERE), replace(UNBIND, target=HERE)
    standing = two_targets(done(bind), opened(unbind))
    assert Guard.of(standing).breaches(masks(standing.steps)) == (Breach("a_way_in", HERE),)


def test_what_is_broken_at_one_target_holds_up_no_other() -> None:
    broken_there = opened(step(3, takes=("old",), target=THERE))
    standing = two_targets(done(replace(BIND, target=HERE)), replace(UNBIND, target=HERE), broken_there)
    assert may_open(standing, 2)
    assert would_stand_without(replace(standing, steps=(*standing.steps[:1], UNBIND, broken_there)), 1)


# What may be opened, and what may be undone.


def test_a_step_stays_closed_while_opening_it_could_break_something() -> None:
    assert not may_open(case(opened(BIND), UNBIND), 2)
    assert may_open(case(done(BIND), UNBIND), 2)


def test_while_something_is_broken_nothing_more_is_taken_but_things_may_be_given() -> None:
    phone, unbind_too = Holding("phone", LEAVER), step(3, takes=("phone",))
    standing = case(BIND, opened(UNBIND), unbind_too, holdings=[OLD, NEW, phone])
    assert not may_open(standing, 3)
    assert may_open(standing, 1)


def test_opening_a_give_can_break_something_too() -> None:
    stays = Invariant("stays", guards=("old",), of=("new",), held_by=NOBODY, at_least=1)
    assert not may_open(case(BIND, opened(UNBIND), invariants=[stays]), 1)


def test_a_give_cannot_be_undone_beneath_an_open_take() -> None:
    assert would_stand_without(case(done(BIND), UNBIND), 1)
    assert not would_stand_without(case(done(BIND), opened(UNBIND)), 1)
    assert not would_stand_without(case(done(BIND), waived(opened(UNBIND))), 1)


def test_what_is_broken_does_not_keep_an_unrelated_confirmation_from_being_undone() -> None:
    report = step(3, gives=("phone",))
    standing = case(BIND, opened(UNBIND), done(report), holdings=[OLD, NEW, Holding("phone", LEAVER)])
    assert would_stand_without(standing, 3)


def test_a_give_on_which_something_broken_rests_cannot_be_undone() -> None:
    two = [replace(A_WAY_IN, at_least=2)]
    assert not would_stand_without(case(done(BIND), opened(UNBIND), invariants=two), 1)


# What the explorer assumes.


@pytest.mark.parametrize(
    ("approvals", "demands", "worst"),
    [
        (0, STATED, STATED),
        (0, WITNESSED, STATED),
        (1, STATED, STATED),
        (1, WITNESSED, WITNESSED),
        (2, VERIFIED, WITNESSED),
    ],
)
def test_at_the_worst_a_step_is_known_by_word_unless_an_approver_has_to_look(
    approvals: int, demands: Grade, worst: Grade
) -> None:
    assert worst_grade(step(1, approvals=approvals, demands=demands)) is worst


def test_a_better_grade_counts_as_every_lesser_one() -> None:
    assert masks([BIND, done(UNBIND, VERIFIED)]) == Masks(touched=2, done=(2, 2, 2, 2))
    assert masks([opened(BIND), done(UNBIND, WITNESSED)]) == Masks(touched=3, done=(2, 2, 0, 0))
