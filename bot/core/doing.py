"""What people do with a step: confirm, undo, restore, ask for help, approve, send back, waive, take over.

Each function judges one event and adds facts, or raises a Refusal. What follows from the facts (the next step opens,
the case closes) is in following.py.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core import events as e
from bot.core import facts as f
from bot.core.case import AT_WORK, SETTLED, Grade, Step, StepStatus
from bot.core.guard import Guard
from bot.core.rules import (
    Refusal,
    falls_to_admins,
    may_judge,
    may_touch,
    must_be_legal,
    must_look,
    must_say_why,
    owners,
)
from bot.core.turn import Turn

WAIVER_REASONS = ("not_ours", "cannot_be_done", "accepted_risk", "other")

OnStep = (
    e.Confirm
    | e.Undo
    | e.Restore
    | e.SayStuck
    | e.SayNotMine
    | e.Later
    | e.Approve
    | e.SendBack
    | e.Take
    | e.Waive
    | e.Reassign
)


def on_step(turn: Turn, what: OnStep) -> None:
    """Judge a step event: the person, the status, the revision, whose confirmation it is; then do it."""
    step = turn.step(what.step)
    may_touch(turn.case, step, turn.event)
    must_be_legal(step, turn.event.verb)
    early = isinstance(what, e.Confirm) and step.status is StepStatus.LOCKED
    if what.revision and what.revision != step.revision and not early:
        raise Refusal("stale")
    if isinstance(what, e.Undo | e.Approve | e.SendBack):
        may_judge(turn.case, step, turn.event)
    match what:
        case e.Confirm():
            turn.add(
                f.Confirmed(
                    at=turn.at, by=turn.who, step=step.number, text_hash=what.text_hash, via=turn.by.via, early=early
                )
            )
            if step.approvals == 0:
                complete(turn, turn.step(step.number))
        case e.Undo():
            _undo(turn, step)
        case e.Restore():
            turn.add(f.Restored(at=turn.at, by=turn.who, step=step.number))
        case e.Approve():
            _approve(turn, step, looked=what.looked)
        case e.SendBack():
            turn.add(f.SentBack(at=turn.at, by=turn.who, step=step.number, reason=what.reason))
        case _:
            _aside(turn, step, what)


def _aside(turn: Turn, step: Step, what: OnStep) -> None:
    match what:
        case e.SayStuck():
            if step.stuck and what.words is None:
                raise Refusal("already_told")
            turn.add(f.Stuck(at=turn.at, by=turn.who, step=step.number, words=what.words))
        case e.SayNotMine():
            if step.not_mine:
                raise Refusal("already_told")
            turn.add(f.NotMine(at=turn.at, by=turn.who, step=step.number))
        case e.Later():
            turn.add(f.Snoozed(at=turn.at, by=turn.who, step=step.number, until=_next_workday(turn)))
        case e.Waive():
            if what.reason not in WAIVER_REASONS:
                raise Refusal("needs_reason")
            turn.add(f.Waived(at=turn.at, by=turn.who, step=step.number, reason=what.reason, words=what.words))
        case e.Take() | e.Reassign() if step.only_leaver and turn.case.leaver and not turn.by.operator:
            raise Refusal("only_leaver")
        case e.Take():
            if step.person == turn.who or (falls_to_admins(turn.case, step) and not step.not_mine):
                raise Refusal("is_yours")
            turn.add(f.Reassigned(at=turn.at, by=turn.who, step=step.number, person=turn.who))
        case e.Reassign():
            _reassign(turn, step, what)


def _next_workday(turn: Turn) -> datetime:
    """This time on the next working day; the desk keeps to working hours."""
    until = turn.at + timedelta(days=1)
    for _ in range(60):
        if turn.event.workdays.is_working(until.date()):
            break
        until += timedelta(days=1)
    return until


def _reassign(turn: Turn, step: Step, what: e.Reassign) -> None:
    must_say_why(turn.by, what.reason)
    if not what.person:
        raise Refusal("needs_person")
    if what.person == (step.person or next(iter(owners(turn.case, step)), "")):
        raise Refusal("same_person")
    turn.add(f.Reassigned(at=turn.at, by=turn.who, step=step.number, person=what.person, reason=what.reason))


def _approve(turn: Turn, step: Step, *, looked: bool) -> None:
    must_look(step, looked)
    turn.add(f.Approved(at=turn.at, by=turn.who, step=step.number, looked=looked))
    now = turn.step(step.number)
    if len(now.approved) >= now.approvals:
        complete(turn, now)


def complete(turn: Turn, step: Step) -> None:
    """Nobody else has to say anything: the step soaks, or is done."""
    if step.soak_hours and step.status is not StepStatus.SOAKING:
        until = turn.at + timedelta(hours=step.soak_hours)
        turn.add(f.SoakBegan(at=turn.at, by=turn.who, step=step.number, until=until))
        return
    grade = Grade.WITNESSED if any(approval.looked for approval in step.approved) else Grade.STATED
    turn.add(f.StepDone(at=turn.at, by=turn.who, step=step.number, grade=grade))


def _undo(turn: Turn, step: Step) -> None:
    """A confirmation may be taken back until it was approved; with no approval, until something rests on it."""
    if step.status is StepStatus.DONE:
        resting = [other for other in turn.case.steps if step.number in (*other.needs, *other.after)]
        if any(_was_touched(other) for other in resting):
            raise Refusal("rests_on_it", steps=", ".join(str(o.number) for o in resting if _was_touched(o)))
        if not Guard.of(turn.case, step.target).would_stand_without(turn.case, step):
            raise Refusal("rests_on_it")
    turn.add(f.Undone(at=turn.at, by=turn.who, step=step.number))


def _was_touched(step: Step) -> bool:
    return step.status in AT_WORK or (step.status in SETTLED and step.opened_at is not None)
