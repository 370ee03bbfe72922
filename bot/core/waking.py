"""Timers: when the machine comes back to something by itself, and what it does then.

RULES
 1. Whatever waits for a person has a timer, so that nobody is ever forgotten: an open step and an approval (per step),
    a pending question, a successor's answer, a proposal (per case).
 2. A timer that comes back to something that has moved on does nothing.
 3. What is to be looked at again once it is done has a timer too, also when the case is closed: the admins are asked,
    and once a week from then on, until one of them answers. Then it begins anew.
 4. The first three times the person is reminded, through their desk. Then those who can act are told instead: the
    admins about a step, the owner of the process about an approval.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core import events as e
from bot.core import facts as f
from bot.core.case import AT_WORK, Case, CaseStatus, PersonId, Step, StepStatus
from bot.core.doing import complete
from bot.core.effects import ADMINS, Nudge, Wake
from bot.core.events import Event, Roster
from bot.core.opening import hands_over
from bot.core.rules import Refusal, approvers, must_be_admin
from bot.core.turn import Turn

REMINDERS_BEFORE_ESCALATION = 3
QUESTION_PATIENCE = timedelta(hours=24)
AGAIN_PATIENCE = timedelta(days=7)

ABOUT_CASE = ("agree", "answer", "name", "offer", "blocked")
"""What a case itself can wait for; the others (do, approve, soak) belong to a step. `blocked`: nothing is left that
anybody is asked to do, and the case is not over: a need was waived, or an alarm stands."""


def woke(turn: Turn, what: e.Woke) -> None:
    """A timer is due: remind, escalate, or end the soak."""
    case = turn.case
    if what.about == "again":
        _ask_again(turn, what)
    if not case.is_open:
        return
    if what.about in ABOUT_CASE:
        _case_waits(turn, what)
        return
    step = case.step(what.step)
    if step is None or step.revision != what.revision:
        return
    if what.about == "soak" and step.status is StepStatus.SOAKING:
        complete(turn, step)
    elif what.about == "do" and step.status in (StepStatus.OPEN, StepStatus.SENT_BACK):
        if step.snoozed_until is not None and step.snoozed_until > turn.at:
            return
        owner = (step.person,) if step.person else turn.event.roster.approvers(without=(case.leaver,))
        _remind(turn, step.nudges, "do", owner, _admins(case, turn.event.roster), step.number)
    elif what.about == "approve" and step.status is StepStatus.CLAIMED:
        roster = turn.event.roster
        last = (roster.owner,) if roster.owner else _admins(case, roster)
        _remind(turn, step.nudges, "approve", approvers(case, step, roster), last, step.number)


def _ask_again(turn: Turn, what: e.Woke) -> None:
    step = turn.case.step(what.step)
    if step is None or step.revision != what.revision or step.status is not StepStatus.DONE:
        return
    people = _admins(turn.case, turn.event.roster)
    turn.add(f.Nudged(at=turn.at, step=step.number, people=people, about="again"))


def renew(turn: Turn) -> None:
    """An admin answers rule 3, for everything that was asked about; or for all of it, before anybody has asked."""
    must_be_admin(turn.case, turn.by)
    kept = [step for step in turn.case.steps if step.again_days and step.status is StepStatus.DONE]
    wanted = [step for step in kept if step.asked_again] or kept
    if not wanted:
        raise Refusal("not_asked")
    for step in wanted:
        turn.add(f.Renewed(at=turn.at, by=turn.who, step=step.number))


def _case_waits(turn: Turn, what: e.Woke) -> None:
    case, roster = turn.case, turn.event.roster
    wake = case_timer(case, turn.at)
    if wake is None or wake.about != what.about or wake.revision != what.revision:
        return
    if what.about == "blocked":
        turn.add(f.Nudged(at=turn.at, step=0, people=_admins(case, roster), about="escalated"))
        return
    people = _waited_for(case, what.about, roster)
    _remind(turn, case.nudges, what.about, people, _admins(case, roster), 0)


def _waited_for(case: Case, about: str, roster: Roster) -> tuple[PersonId, ...]:
    if about == "answer" and case.asking is not None and case.asking.of != ADMINS:
        return (case.asking.of,)
    successor = case.successor()
    if about == "offer" and successor is not None:
        return (successor.person,)
    return _admins(case, roster)


def _admins(case: Case, roster: Roster) -> tuple[PersonId, ...]:
    return roster.approvers(without=(case.leaver,))


def _remind(
    turn: Turn, nudges: int, about: str, people: tuple[PersonId, ...], last: tuple[PersonId, ...], step: int
) -> None:
    """Rule 4. Where nobody can do it, it is passed on at once; where there is nobody to pass it on to, it is not."""
    if last and (nudges >= REMINDERS_BEFORE_ESCALATION or not people):
        people, about = last, "escalated"
    turn.add(f.Nudged(at=turn.at, step=step, people=people, about=about))


def nudges(case: Case, fact: f.Nudged) -> list[Nudge]:
    """What a reminder puts on whose desk."""
    step = case.step(fact.step)
    wake = case_timer(case, fact.at)
    revision = step.revision if step else (wake.revision if wake else 0)
    return [Nudge(to=p, about=fact.about, case=case.ref, step=fact.step, revision=revision) for p in fact.people]


def step_timer(before: Step | None, after: Step, event: Event) -> Wake | None:
    """The timer that a step wants now, when what it waits for has changed."""
    if before is not None and _waiting_state(before) == _waiting_state(after):
        return None
    if after.status is StepStatus.SOAKING and after.soak_until is not None:
        return Wake(at=after.soak_until, about="soak", step=after.number, revision=after.revision)
    patience = timedelta(hours=after.patience_hours)
    if after.status in (StepStatus.OPEN, StepStatus.SENT_BACK):
        at = after.snoozed_until if _fresh(before, after) else event.at + patience
        return Wake(at=at or event.at + patience, about="do", step=after.number, revision=after.revision)
    if after.status is StepStatus.DONE and after.again_days:
        wait = AGAIN_PATIENCE if after.asked_again else timedelta(days=after.again_days)
        return Wake(at=event.at + wait, about="again", step=after.number, revision=after.revision)
    if after.status is StepStatus.CLAIMED:
        return Wake(at=event.at + patience, about="approve", step=after.number, revision=after.revision)
    return None


def _waiting_state(step: Step) -> tuple[object, ...]:
    return (step.status, step.revision, step.nudges, step.snoozed_until)


def _fresh(before: Step | None, after: Step) -> bool:
    """Whether the owner has just now asked to be reminded later."""
    return before is not None and before.snoozed_until != after.snoozed_until


def case_timer(case: Case, at: datetime) -> Wake | None:
    """The one thing that the case itself waits for, and when to come back to it."""
    due = at + QUESTION_PATIENCE
    successor = case.successor()
    if case.status is CaseStatus.PROPOSED:
        return Wake(at=due, about="agree", revision=1)
    if case.asking is not None and case.is_open:
        return Wake(at=due, about="answer", revision=case.asking.revision)
    if case.status is not CaseStatus.RUNNING:
        return None
    if successor is None or not successor.named_by or successor.declined:
        if hands_over(case, case.steps):
            return Wake(at=due, about="name", revision=case.asked)
    elif not successor.accepted:
        return Wake(at=due, about="offer", revision=successor.number)
    return None if any(step.status in AT_WORK for step in case.steps) else Wake(at=due, about="blocked", revision=1)


def case_timer_changed(before: Case | None, after: Case, at: datetime) -> Wake | None:
    """The case's timer, when what it waits for (or how often it has reminded) has changed."""
    now = case_timer(after, at)
    if now is None:
        return None
    then = case_timer(before, at) if before is not None else None
    same = then is not None and before is not None and then == now and before.nudges == after.nudges
    return None if same else now
