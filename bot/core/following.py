"""What follows from what happened, without anybody asking: the next question is put, the plan is made, the next step
opens, an alarm is raised or calmed, the case closes.

RULES
 1. A step opens when everything it needs is done at the grade it demands, everything it comes after is settled,
    somebody is there to do it, and the guard finds that nothing can break.
 2. One step at a time: a person gets the next one when they have no open one in this case.
 3. What has already happened is always recorded. If it may have broken an invariant, that is an alarm: open steps
    that take something are held, and the steps that `recover` this invariant open.
 4. What was confirmed too early and is taken back, or sent back, is closed again.
 5. Who accepts to take over gets what the one before them had left, but for what an admin gave to somebody.
 6. A case closes when every step is settled and no alarm stands.
"""

from __future__ import annotations

from msgspec.structs import replace

from bot.core import facts as f
from bot.core.case import SETTLED, Asking, Case, CaseStatus, Owner, Step, StepStatus
from bot.core.effects import ADMINS
from bot.core.guard import Breach, Guard, masks
from bot.core.opening import LAST_DAY, SUCCESSOR, successor_wanted
from bot.core.progress import is_blocked
from bot.core.rules import falls_to_admins, owners
from bot.core.turn import Turn

AT_HAND = (StepStatus.OPEN, StepStatus.SENT_BACK)
LEFT = (StepStatus.LOCKED, *AT_HAND)


def follow(turn: Turn) -> None:
    """Add the facts that follow from those of this turn."""
    if turn.case.status is CaseStatus.ASKING:
        _ask_or_plan(turn)
    if turn.case.status is CaseStatus.RUNNING:
        _watch(turn)
        _close_again(turn)
        _pass_on(turn)
        _open_steps(turn)
        _ask_for_successor(turn)
        _close_when_settled(turn)


def _ask_or_plan(turn: Turn) -> None:
    case = turn.case
    if case.asking is not None:
        return
    asking = next_question(turn)
    if asking is not None:
        turn.add(f.Asked(at=turn.at, asking=replace(asking, revision=case.asked + 1)))
        return
    plan = turn.playbooks.plan(case, turn.event.workdays)
    turn.add(f.Planned(at=turn.at, steps=plan.steps, holdings=plan.holdings, invariants=plan.invariants))


def next_question(turn: Turn) -> Asking | None:
    """The last day (of the admins), then what the playbooks ask, then who takes over."""
    case = turn.case
    if case.last_day is None:
        return Asking(question=LAST_DAY, of=ADMINS, kind="date")
    asking = turn.playbooks.next_question(case)
    if asking is not None:
        return asking if asking.of == ADMINS else replace(asking, of=case.leaver or ADMINS)
    return Asking(question=SUCCESSOR, of=case.leaver or ADMINS, kind="person") if successor_wanted(case) else None


def _ask_for_successor(turn: Turn) -> None:
    """When the person who was to take over declined, somebody else is wanted."""
    case = turn.case
    now = case.successor()
    if case.asking is None and now is not None and now.declined and SUCCESSOR not in case.answers:
        asking = Asking(question=SUCCESSOR, of=case.leaver or ADMINS, kind="person", revision=case.asked + 1)
        turn.add(f.Asked(at=turn.at, asking=asking))


def _watch(turn: Turn) -> None:
    """Rule 3: compare what the guard finds now with the alarms that stand."""
    case = turn.case
    standing = {Breach(alarm.invariant, alarm.target) for alarm in case.alarms}
    if not standing and not any(isinstance(fact, f.Confirmed) and fact.early for fact in turn.facts):
        return
    found = set(Guard.of(case).breaches(masks(case.steps)))
    cause = next((fact.step for fact in turn.facts if isinstance(fact, f.Confirmed)), 0)
    for breach in sorted(found - standing, key=_by_name):
        turn.add(f.Alarmed(at=turn.at, step=cause, invariant=breach.invariant, target=breach.target))
        _hold_and_recover(turn, breach)
    for breach in sorted(standing - found, key=_by_name):
        turn.add(f.Calmed(at=turn.at, invariant=breach.invariant, target=breach.target))


def _by_name(breach: Breach) -> tuple[str, str]:
    return (breach.invariant, breach.target)


def _hold_and_recover(turn: Turn, breach: Breach) -> None:
    for step in turn.case.steps:
        if step.target != breach.target:
            continue
        if step.status in AT_HAND and (step.takes or step.destroys) and not step.recovers:
            turn.add(f.StepHeld(at=turn.at, step=step.number))
        elif step.recovers == breach.invariant and step.status is StepStatus.NOT_NEEDED:
            turn.add(f.StepOpened(at=turn.at, step=step.number, person=_doer(turn.case, step)))


def _close_again(turn: Turn) -> None:
    """What was said too early and is taken back is not open for that: it opens when its time comes, as any other."""
    for fact in list(turn.facts):
        if not isinstance(fact, f.Undone | f.SentBack | f.Restored):
            continue
        step = turn.step(fact.step)
        if step.recovers or step.status not in AT_HAND:
            continue
        if not step.shown_to or is_blocked(turn.case, step) or not _is_safe(turn.case, step):
            turn.add(f.StepHeld(at=turn.at, step=step.number))


def _pass_on(turn: Turn) -> None:
    """Who takes over takes over what is still to be done, also what somebody else had who took over before."""
    for step in turn.case.steps:
        if step.owner is not Owner.SUCCESSOR or step.status not in LEFT or step.handed or not step.opened_at:
            continue
        successor = turn.case.successor(step.target)
        if successor is not None and successor.accepted and step.person != successor.person:
            turn.add(f.Reassigned(at=turn.at, step=step.number, person=successor.person))


def _open_steps(turn: Turn) -> None:
    """Rules 1 and 2, in the order of the plan."""
    ready = [step for step in turn.case.steps if step.status is StepStatus.LOCKED and not is_blocked(turn.case, step)]
    if not ready:
        return
    busy = {_lane(turn.case, step) for step in turn.case.steps if step.status in AT_HAND}
    for step in ready:
        doer, lane = _doer(turn.case, step), _lane(turn.case, step)
        if lane in busy or not (doer or falls_to_admins(turn.case, step)) or not _is_safe(turn.case, step):
            continue
        turn.add(f.StepOpened(at=turn.at, step=step.number, person=doer))
        busy.add(lane)


def _is_safe(case: Case, step: Step) -> bool:
    """What the guard says; it is only compiled for a step that takes something."""
    return not (step.takes or step.destroys) or Guard.of(case).may_open(case, step)


def _doer(case: Case, step: Step) -> str:
    return next(iter(owners(case, step)), "")


def _lane(case: Case, step: Step) -> str:
    """Who gets one step at a time: a person, or the admins together."""
    return _doer(case, step) or (ADMINS if falls_to_admins(case, step) else Owner(step.owner).value)


def _close_when_settled(turn: Turn) -> None:
    case = turn.case
    if case.steps and not case.alarms and all(step.status in SETTLED for step in case.steps):
        turn.add(f.Closed(at=turn.at, outcome=_outcome(case)))


def _outcome(case: Case) -> str:
    """A case in which something was left undone is not called handed over."""
    waived = any(step.status is StepStatus.WAIVED for step in case.steps)
    done = any(step.status is StepStatus.DONE for step in case.steps)
    return "left_undone" if waived and not done else "partly" if waived else "handed_over"
