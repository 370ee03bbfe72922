"""How a case comes about and what concerns it as a whole: begin, agree, answer, successor, last day, stay, close."""

from __future__ import annotations

from datetime import date

from bot.core import events as e
from bot.core import facts as f
from bot.core.case import UNKNOWN, Asking, Case, CaseStatus, Sealed, Successor
from bot.core.effects import ADMINS
from bot.core.rules import (
    Refusal,
    is_admin,
    is_leaver,
    must_be_admin,
    must_be_admin_or_operator,
    must_say_why,
)
from bot.core.turn import Turn

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
    """On a proposed case an admin says no to it; later the person who was asked to take over says no."""
    case = turn.case
    if case.status is CaseStatus.PROPOSED:
        must_be_admin(case, turn.by)
        turn.add(f.Closed(at=turn.at, by=turn.who, outcome="declined", reason=what.reason))
        return
    _must_be_asked(turn, what.target)
    turn.add(f.SuccessorDeclined(at=turn.at, by=turn.who, target=what.target))


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
    """Back to the question before: until there is a plan, the last answer may be taken back."""
    asking, answers = turn.case.asking, turn.case.answers
    if turn.case.status is not CaseStatus.ASKING or asking is None:
        raise Refusal("nothing_to_undo")
    _must_be_asked_of(turn, asking)
    if what.revision and what.revision != asking.revision:
        raise Refusal("stale")
    if not answers:
        raise Refusal("nothing_to_undo")
    turn.add(f.Unanswered(at=turn.at, by=turn.who, question=list(answers)[-1]))


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


def must_belong(turn: Turn) -> None:
    """Who may ask how a case stands: the leaver, the successor, and those who decide."""
    case, actor = turn.case, turn.by
    involved = {case.leaver, *(s.person for s in case.successors.values()), *(step.person for step in case.steps)}
    if not (actor.admin or actor.second_approver or actor.operator or actor.person in involved):
        raise Refusal("not_involved")
