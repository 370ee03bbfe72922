"""`fold(case, fact)`: what a fact means. It applies; it never judges, never reads a playbook, never looks at a clock.

RULES
 1. Every fact adds one to `count`. A refusal does nothing else.
 2. A step's `revision` grows whenever what its buttons mean changes; its `round` grows when an owner is asked anew
    (sent back, restored, opened again, handed to somebody else), so that a new message goes out instead of a silent
    redraw.
 3. `opened_at` is never cleared: once somebody was shown a step, what it takes counts as touched for ever.
 4. Old facts are brought up to date first (`upcast`), so that a log of any version folds to the same case.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from bot.core import facts as f
from bot.core.case import (
    SYSTEM,
    Alarm,
    Approval,
    Case,
    CaseStatus,
    Grade,
    Step,
    StepStatus,
    Successor,
)
from bot.core.effects import ADMINS


def fold(case: Case | None, fact: Struct, upcasts: f.Upcasts = f.UPCASTS) -> Case:
    """The case after one fact. Only `Opened` may come first."""
    fact = f.upcast(fact, upcasts)
    if isinstance(fact, f.Opened):
        return _opened(fact)
    if case is None:
        raise ValueError(f"a history begins with an opened case, not with {type(fact).__name__}")
    if isinstance(fact, f._StepFact):
        return _on_step(case, fact)
    return replace(_on_case(case, fact), count=case.count + 1)


def fold_all(facts: Iterable[Struct], upcasts: f.Upcasts = f.UPCASTS) -> Case | None:
    """The case after a whole history, or None for an empty one."""
    return reduce(lambda case, fact: fold(case, fact, upcasts), facts, None)


def _opened(fact: f.Opened) -> Case:
    return Case(
        ref=fact.ref,
        count=1,
        status=CaseStatus.ASKING if fact.agreed else CaseStatus.PROPOSED,
        leaver=fact.leaver,
        opened_by=fact.by,
        opened_at=fact.at,
        agreed_by=fact.by if fact.agreed else "",
        last_day=fact.last_day,
        pins=fact.pins,
    )


def _on_case(case: Case, fact: Struct) -> Case:
    match fact:
        case f.Refused() | f.Undelivered():
            return case
        case f.Agreed():
            return replace(case, status=CaseStatus.ASKING, agreed_by=fact.by, nudges=0)
        case f.Moved():
            steps = tuple(
                replace(step, due=fact.due[step.number]) if step.number in fact.due else step for step in case.steps
            )
            return replace(case, last_day=fact.last_day, steps=steps, asking=_without(case, "last_day"))
        case f.Asked():
            return replace(case, asking=fact.asking, asked=fact.asking.revision, nudges=0)
        case f.Answered():
            answers = {**case.answers, fact.question: fact.answer}
            return replace(case, answers=answers, asking=_without(case, fact.question), nudges=0)
        case f.Unanswered():
            answers = {key: answer for key, answer in case.answers.items() if key != fact.question}
            return replace(case, answers=answers, asking=None)
        case f.Planned():
            return replace(
                case,
                status=CaseStatus.RUNNING,
                steps=fact.steps,
                holdings=fact.holdings,
                invariants=fact.invariants,
                asking=None,
                nudges=0,
            )
        case f.Calmed():
            left = tuple(a for a in case.alarms if (a.invariant, a.target) != (fact.invariant, fact.target))
            return replace(case, alarms=left)
        case f.StayAsked():
            return replace(case, wants_to_stay=True)
        case f.Closed():
            return replace(case, status=CaseStatus.CLOSED, outcome=fact.outcome, closed_at=fact.at, asking=None)
    return _on_successor(case, fact)


def _on_successor(case: Case, fact: Struct) -> Case:
    match fact:
        case f.SuccessorProposed():
            now = Successor(person=fact.person, proposed_by=fact.by, number=case.count + 1)
        case f.SuccessorNamed():
            before = case.successors.get(fact.target)
            if before is not None and before.person == fact.person and not before.declined:
                now = replace(before, named_by=fact.by)
            else:
                now = Successor(fact.person, proposed_by=fact.by, named_by=fact.by, number=case.count + 1)
        case f.SuccessorAccepted() | f.SuccessorDeclined():
            asked = case.successors[fact.target]
            accepted = isinstance(fact, f.SuccessorAccepted)
            now = replace(asked, accepted=accepted, declined=not accepted)
        case _:
            raise TypeError(f"no rule for the fact {type(fact).__name__}")
    successors = {**case.successors, fact.target: now}
    if now.declined:
        case = replace(case, answers={key: answer for key, answer in case.answers.items() if key != "successor"})
    return replace(case, successors=successors, nudges=0, asking=_without(case, "successor"))


def _without(case: Case, question: str) -> Any:
    """The pending question, unless it was this one."""
    return None if case.asking is not None and case.asking.question == question else case.asking


def _on_step(case: Case, fact: f._StepFact) -> Case:
    count = case.count + 1
    if isinstance(fact, f.Alarmed):
        alarm = Alarm(invariant=fact.invariant, target=fact.target, step=fact.step, at=fact.at)
        return replace(case, count=count, alarms=(*case.alarms, alarm))
    if fact.step == 0:
        return replace(case, count=count, nudges=case.nudges + 1)
    after = _step(case.steps[fact.step - 1], fact, count)
    return replace(case, count=count, steps=(*case.steps[: fact.step - 1], after, *case.steps[fact.step :]))


def _step(step: Step, fact: f._StepFact, count: int) -> Step:
    next_revision = step.revision + 1
    match fact:
        case f.StepOpened():
            return replace(
                step,
                status=StepStatus.SENT_BACK if step.sent_back_by else StepStatus.OPEN,
                revision=next_revision,
                round=step.round + (step.opened_at is not None),
                person=fact.person,
                shown_to=fact.person or ADMINS,
                opened_at=step.opened_at or fact.at,
                nudges=0,
                snoozed_until=None,
            )
        case f.StepHeld():
            return replace(step, status=StepStatus.LOCKED, revision=next_revision)
        case f.Confirmed():
            return _confirmed(step, fact, count)
        case f.Undone():
            return replace(_asked_anew(step), round=step.round, shown_to=step.shown_to)
        case f.SentBack():
            return replace(
                _asked_anew(step),
                status=StepStatus.SENT_BACK,
                sent_back_count=step.sent_back_count + 1,
                sent_back_by=fact.by,
                sent_back_at=fact.at,
                sent_back_reason=fact.reason,
            )
        case f.Restored():
            return replace(_asked_anew(step), restored_by=fact.by)
        case f.Approved():
            approved = (*step.approved, Approval(by=fact.by, at=fact.at, looked=fact.looked))
            return replace(step, approved=approved, revision=next_revision, nudges=0)
        case f.SoakBegan():
            return replace(step, status=StepStatus.SOAKING, revision=next_revision, soak_until=fact.until)
        case f.StepDone():
            return replace(
                step, status=StepStatus.DONE, revision=next_revision, grade=Grade(fact.grade), soak_until=None
            )
    return _aside(step, fact)


def _aside(step: Step, fact: f._StepFact) -> Step:
    """Facts that leave the course of a step as it was, or end it on purpose."""
    match fact:
        case f.Waived():
            return replace(
                step,
                status=StepStatus.WAIVED,
                revision=step.revision + 1,
                waived_by=fact.by,
                waived_at=fact.at,
                waiver_reason=fact.reason,
                waiver_words=fact.words,
            )
        case f.Stuck():
            return replace(step, stuck=True)
        case f.NotMine():
            return replace(step, not_mine=True)
        case f.Snoozed():
            return replace(step, snoozed_until=fact.until, nudges=0)
        case f.Reassigned():
            return _handed_on(step, fact)
        case f.Nudged():
            return replace(step, nudges=step.nudges + 1)
    raise TypeError(f"no rule for the fact {type(fact).__name__}")


def _handed_on(step: Step, fact: f.Reassigned) -> Step:
    """The step as somebody else gets it; one that is still closed is shown to them when it opens."""
    now = replace(
        step,
        person=fact.person,
        handed=fact.by != SYSTEM,
        revision=step.revision + 1,
        not_mine=False,
        stuck=False,
        nudges=0,
        snoozed_until=None,
    )
    if step.status not in (StepStatus.OPEN, StepStatus.SENT_BACK):
        return now
    return replace(now, round=step.round + 1, shown_to=fact.person)


def _confirmed(step: Step, fact: f.Confirmed, count: int) -> Step:
    """The owner's word, and nothing that was said of the step before."""
    return replace(
        step,
        status=StepStatus.CLAIMED,
        revision=step.revision + 1,
        confirmed_by=fact.by,
        confirmed_at=fact.at,
        platform=fact.via,
        text_hash=fact.text_hash,
        fact_number=count,
        early=fact.early or step.early,
        opened_at=step.opened_at or fact.at,
        approved=(),
        grade=None,
        sent_back_by="",
        sent_back_reason=None,
        restored_by="",
        stuck=False,
        not_mine=False,
        nudges=0,
        snoozed_until=None,
    )


def _asked_anew(step: Step) -> Step:
    """The step as its owner gets it again: nothing that was said of it before counts any more.

    One that was only ever confirmed too early has been shown to nobody, and is not shown by this either.
    """
    return replace(
        step,
        status=StepStatus.OPEN,
        revision=step.revision + 1,
        round=step.round + 1,
        shown_to=(step.person or ADMINS) if step.shown_to else "",
        confirmed_by="",
        confirmed_at=None,
        platform="",
        text_hash="",
        fact_number=0,
        approved=(),
        grade=None,
        soak_until=None,
        nudges=0,
    )
