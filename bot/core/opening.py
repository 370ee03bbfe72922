"""How a case comes about and what concerns it as a whole: begin, agree, answer, successor, last day, stay, close."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from bot.core import events as e
from bot.core import facts as f
from bot.core.case import UNKNOWN, Asking, Case, CaseStatus, Owner, Sealed, Step, StepStatus, Successor
from bot.core.effects import ADMINS
from bot.core.rules import (
    Refusal,
    is_admin,
    is_leaver,
    must_be_admin,
    must_be_admin_or_operator,
    must_say_why,
)
from bot.core.turn import Fork, Turn

LAST_DAY, SUCCESSOR = "last_day", "successor"
"""The two questions that every case has, whatever its playbooks ask."""


def begin(turn: Turn, what: e.Begin) -> None:
    """`/offboard`. By the leaver it is a proposal; by an admin it is agreed at once."""
    if not turn.is_new:
        raise Refusal("already_open")
    own = bool(what.leaver) and what.leaver == turn.who
    if not own and turn.by.standing == "guest":
        raise Refusal("guest")
    if not own and not turn.by.admin and not turn.by.operator:
        raise Refusal("not_admin")
    if what.last_day is not None and not own:
        _not_past(turn, what.last_day, absent=not what.leaver)
    turn.add(
        f.Opened(
            at=turn.at,
            by=turn.who,
            ref=what.ref,
            pins=what.pins,
            leaver=what.leaver,
            last_day=None if own else what.last_day,
            agreed=not own,
        )
    )


def start(turn: Turn) -> None:
    """An admin agrees to a proposed case."""
    must_be_admin(turn.case, turn.by)
    if turn.case.status is not CaseStatus.PROPOSED:
        raise Refusal("already_agreed")
    turn.add(f.Agreed(at=turn.at, by=turn.who))


def decline(turn: Turn, what: e.Decline) -> None:
    """On a proposed case, or one that nobody leaves and that has no plan yet, an admin says no to it; later the person
    who was asked to take over says no."""
    case = turn.case
    if case.status is CaseStatus.PROPOSED or is_begun_for_nobody(case):
        must_be_admin(case, turn.by)
        turn.add(f.Closed(at=turn.at, by=turn.who, outcome="declined", reason=what.reason))
        return
    _must_be_asked(turn, what.target)
    turn.add(f.SuccessorDeclined(at=turn.at, by=turn.who, target=what.target))


def is_begun_for_nobody(case: Case) -> bool:
    """A case that nobody leaves and that has no plan yet: a second one may be begun by mistake, so it can be ended."""
    return case.status is CaseStatus.ASKING and not case.leaver and not case.successors


def accept(turn: Turn, what: e.Accept) -> None:
    asked = _must_be_asked(turn, what.target)
    if asked.accepted:
        raise Refusal("already_accepted")
    turn.add(f.SuccessorAccepted(at=turn.at, by=turn.who, target=what.target))


def _must_be_asked(turn: Turn, target: str) -> Successor:
    asked = turn.case.successors.get(target)
    if asked is None or not asked.named_by or asked.person != turn.who:
        raise Refusal("not_the_successor")
    if asked.declined:
        raise Refusal("already_declined")
    return asked


def move(turn: Turn, last_day: date, reason: Sealed | None = None) -> None:
    """Set or change the last day. Due dates follow; the days that passed stay in the log."""
    must_be_admin_or_operator(turn.case, turn.by)
    must_say_why(turn.by, reason)
    _not_past(turn, last_day, absent=not turn.case.leaver)
    if last_day == turn.case.last_day:
        raise Refusal("same_day")
    due = {
        step.number: e.workdays_before(last_day, step.before_last_day, turn.event.workdays)
        for step in turn.case.steps
        if step.before_last_day >= 0
    }
    turn.add(f.Moved(at=turn.at, by=turn.who, last_day=last_day, due=due, reason=reason))


def _not_past(turn: Turn, day: date, *, absent: bool) -> None:
    if day < turn.at.date() and not absent:
        raise Refusal("past_day")


def reply(turn: Turn, what: e.Reply) -> None:
    """An answer to the pending question, by the one who was asked."""
    asking = turn.case.asking
    if asking is None:
        raise Refusal("not_asked")
    _must_be_asked_of(turn, asking)
    if what.question != asking.question or (what.revision and what.revision != asking.revision):
        raise Refusal("stale")
    if asking.question == LAST_DAY:
        move(turn, _day(what))
    elif asking.question == SUCCESSOR and not what.answer.unknown:
        choose(turn, e.Choose(person="".join(what.answer.values[:1])))
    elif not turn.playbooks.accepts(asking, what.answer):
        raise Refusal("answer_form", kind=asking.kind)
    else:
        turn.add(f.Answered(at=turn.at, by=turn.who, question=asking.question, answer=what.answer))


def _must_be_asked_of(turn: Turn, asking: Asking) -> None:
    if asking.of == ADMINS:
        must_be_admin(turn.case, turn.by)
    elif asking.of != turn.who:
        raise Refusal("not_asked_of_you")


def _day(what: e.Reply) -> date:
    try:
        return date.fromisoformat("".join(what.answer.values))
    except ValueError:
        raise Refusal("answer_form", kind="date") from None


def unanswer(turn: Turn, what: e.Undo) -> None:
    """Back to the question before: until a plan rests on it, the last answer may be taken back."""
    case, asking = turn.case, turn.case.asking
    if asking is None or not (case.status is CaseStatus.ASKING or case.ahead):
        raise Refusal("nothing_to_undo")
    _must_be_asked_of(turn, asking)
    if what.revision and what.revision != asking.revision:
        raise Refusal("stale")
    if len(case.answers) <= case.fixed:
        raise Refusal("nothing_to_undo")
    last = list(case.answers)[-1]
    turn.add(f.Unanswered(at=turn.at, by=turn.who, question=last))
    if case.forks and last in (fork := turn.playbooks.fork(case, case.forks[-1])).questions:
        _back(turn, case.forks[-1], fork)


def over(turn: Turn) -> None:
    """It is another situation: what decided which way the case went is asked again, of the admins as before."""
    case = turn.case
    must_be_admin(case, turn.by)
    if not case.forks:
        raise Refusal("no_other_way")
    fork = turn.playbooks.fork(case, case.forks[0])
    for question in fork.deciding:
        if question in case.answers:
            turn.add(f.Unanswered(at=turn.at, by=turn.who, question=question))
    _back(turn, case.forks[0], fork)


def _back(turn: Turn, to: str, fork: Fork) -> None:
    """Leave the way that was taken there. What waits for a decision or rests has been done: it stays, as does what
    recovers."""
    case = turn.case
    left = tuple(pin.name for pin in case.pins if pin.name in fork.beyond and pin.name != to)
    waits = (StepStatus.LOCKED, StepStatus.OPEN, StepStatus.SENT_BACK)
    steps = tuple(s.number for s in case.steps if s.playbook in left and s.status in waits and not s.recovers)
    turn.add(f.Returned(at=turn.at, by=turn.who, to=to, left=left, steps=steps))


def choose(turn: Turn, what: e.Choose) -> None:
    """The leaver proposes a successor, an admin names one. Nobody succeeds themselves."""
    case = turn.case
    if not what.person or what.person == UNKNOWN:
        raise Refusal("needs_person")
    if what.person == case.leaver:
        raise Refusal("is_leaver")
    before = case.successors.get(what.target)
    if is_admin(case, turn.by):
        if before and before.named_by and before.person == what.person and not before.declined:
            raise Refusal("same_person")
        turn.add(f.SuccessorNamed(at=turn.at, by=turn.who, person=what.person, target=what.target))
    elif is_leaver(case, turn.by):
        if before and before.named_by and not before.declined:
            raise Refusal("admins_name")
        turn.add(f.SuccessorProposed(at=turn.at, by=turn.who, person=what.person, target=what.target))
    else:
        raise Refusal("not_admin")


def stay(turn: Turn) -> None:
    """The leaver asks to stay; an admin decides that they do, and the case ends with what has to be restored."""
    if is_leaver(turn.case, turn.by):
        if turn.case.wants_to_stay:
            raise Refusal("already_asked")
        turn.add(f.StayAsked(at=turn.at, by=turn.who))
        return
    must_be_admin(turn.case, turn.by)
    turn.add(f.Closed(at=turn.at, by=turn.who, outcome="stayed"))


def close(turn: Turn, what: e.Close) -> None:
    """By the operator, with a reason."""
    if not turn.by.operator:
        raise Refusal("operator_only")
    must_say_why(turn.by, what.reason)
    turn.add(f.Closed(at=turn.at, by=turn.who, outcome="closed", reason=what.reason))


def successor_wanted(case: Case) -> bool:
    """Whether somebody still has to say who takes over."""
    now = case.successor()
    return (now is None or now.declined) and SUCCESSOR not in case.answers


def hands_over(case: Case, steps: Iterable[Step]) -> bool:
    """Whether these steps want somebody who takes over: where nobody leaves, only a successor's own steps do."""
    return bool(case.leaver) or any(
        step.owner is Owner.SUCCESSOR and step.status is not StepStatus.NOT_NEEDED for step in steps
    )


def must_belong(turn: Turn) -> None:
    """Who may ask how a case stands: the leaver, the successor, and those who decide."""
    case, actor = turn.case, turn.by
    involved = {case.leaver, *(s.person for s in case.successors.values()), *(step.person for step in case.steps)}
    if not (actor.admin or actor.second_approver or actor.operator or actor.person in involved):
        raise Refusal("not_involved")
