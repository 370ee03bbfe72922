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
from bot.core.case import Alarm, Case, CaseStatus, StepStatus, Successor
from bot.core.stepping import stepped


def fold(case: Case | None, fact: Struct, upcasts: f.Upcasts = f.UPCASTS) -> Case:
    """The case after one fact. Only `Opened` may come first."""
    fact = f.upcast(fact, upcasts)
    if isinstance(fact, f.Opened):
        return _opened(fact)
    if case is None:
        raise ValueError(f"a history begins with an opened case, not with {type(fact).__name__}")
    if isinstance(fact, f.StepFact):
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
                steps=(*case.steps, *fact.steps),
                holdings=(*case.holdings, *fact.holdings),
                invariants=(*case.invariants, *fact.invariants),
                leads=(*case.leads, *fact.leads),
                ahead=(),
                asking=None,
                nudges=0,
            )
        case f.Continued() | f.Returned():
            return _continued(case, fact) if isinstance(fact, f.Continued) else _returned(case, fact)
        case f.Calmed():
            left = tuple(a for a in case.alarms if (a.invariant, a.target) != (fact.invariant, fact.target))
            return replace(case, alarms=left)
        case f.StayAsked():
            return replace(case, wants_to_stay=True)
        case f.Closed():
            return replace(case, status=CaseStatus.CLOSED, outcome=fact.outcome, closed_at=fact.at, asking=None)
    return _on_successor(case, fact)


def _continued(case: Case, fact: f.Continued) -> Case:
    """Other playbooks come; the one that led to them may be over with that."""
    names = tuple(pin.name for pin in fact.pins)
    known = {pin.name for pin in case.pins}
    over = fact.of if fact.instead else ""
    return replace(
        case,
        pins=(*case.pins, *(pin for pin in fact.pins if pin.name not in known)),
        ahead=(*(name for name in case.coming if name != over and name not in names), *names),
        forks=(*case.forks, over) if over else case.forks,
        leads=tuple(lead for lead in case.leads if lead.of != fact.of or lead.to not in names),
        left=tuple(name for name in case.left if name not in names),
        fixed=case.fixed if over else len(case.answers),
    )


def _returned(case: Case, fact: f.Returned) -> Case:
    """The playbook is asked again; of where it had led, only what was done stays."""
    gone = {fact.to, *fact.left}
    dropped = {*fact.steps}
    steps = tuple(
        replace(step, status=StepStatus.NOT_NEEDED, revision=step.revision + 1) if step.number in dropped else step
        for step in case.steps
    )
    return replace(
        case,
        steps=steps,
        ahead=(*(name for name in case.coming if name not in gone), fact.to),
        forks=tuple(name for name in case.forks if name not in gone),
        leads=tuple(lead for lead in case.leads if lead.of not in gone),
        left=(*(name for name in case.left if name not in gone), *fact.left),
        asking=None,
        fixed=min(case.fixed, len(case.answers)) if case.ahead else len(case.answers),
    )


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


def _on_step(case: Case, fact: f.StepFact) -> Case:
    count = case.count + 1
    if isinstance(fact, f.Alarmed):
        alarm = Alarm(invariant=fact.invariant, target=fact.target, step=fact.step, at=fact.at)
        return replace(case, count=count, alarms=(*case.alarms, alarm))
    if fact.step == 0:
        return replace(case, count=count, nudges=case.nudges + 1)
    after = stepped(case.steps[fact.step - 1], fact, count)
    return replace(case, count=count, steps=(*case.steps[: fact.step - 1], after, *case.steps[fact.step :]))
