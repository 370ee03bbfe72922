"""What follows from what happened, without anybody asking: the next question is put, the plan is made, the next step
opens, an alarm is raised or calmed, another playbook comes, the case closes.

RULES
 1. A step opens when everything it needs is done at the grade it demands, everything it comes after is settled,
    somebody is there to do it, and the guard finds that nothing can break.
 2. One step at a time: a person gets the next one when they have no open one in this case, but for those that wait
    for something that is being done elsewhere.
 3. What has already happened is always recorded. If it may have broken an invariant, that is an alarm: open steps
    that take something are held, and the steps that `recover` this invariant open.
 4. What was confirmed too early and is taken back, or sent back, is closed again.
 5. Who accepts to take over gets what the one before them had left, but for what an admin gave to somebody.
 6. Once the questions of a playbook are answered, they may lead to another one instead. A plan may lead to others
    beside it, or at the end. Each playbook comes once, so that this ends.
 7. A case closes when every step is settled, no alarm stands and nothing more follows.
"""

from __future__ import annotations

from msgspec.structs import replace

from bot.core import facts as f
from bot.core.case import SETTLED, Asking, Case, CaseStatus, Lead, Owner, Step, StepStatus
from bot.core.effects import ADMINS
from bot.core.guard import Breach, Guard, masks
from bot.core.opening import LAST_DAY, SUCCESSOR, hands_over, successor_wanted
from bot.core.progress import is_blocked
from bot.core.rules import falls_to_admins, owners
from bot.core.turn import Turn

AT_HAND = (StepStatus.OPEN, StepStatus.SENT_BACK)
LEFT = (StepStatus.LOCKED, *AT_HAND)


def follow(turn: Turn) -> None:
    """Add the facts that follow from those of this turn."""
    if turn.case.status is CaseStatus.ASKING or turn.case.ahead:
        _ask_and_plan(turn)
    if turn.case.status is CaseStatus.RUNNING:
        _watch(turn)
        _close_again(turn)
        _pass_on(turn)
        _open_steps(turn)
        _ask_for_successor(turn)
        _end(turn)


def _ask_and_plan(turn: Turn) -> None:
    """The last day (of the admins), then what the playbooks ask, where that leads, who takes over; then the plan."""
    while turn.case.asking is None and (turn.case.status is CaseStatus.ASKING or turn.case.ahead):
        case = turn.case
        if (asking := _next_question(turn)) is not None:
            _ask(turn, asking)
        elif (instead := turn.playbooks.instead(case)) is not None:
            turn.add(f.Continued(at=turn.at, of=instead.of, pins=(instead.pin,), instead=True))
        else:
            _plan(turn)


def _next_question(turn: Turn) -> Asking | None:
    """Where nobody leaves, there is no last day."""
    case = turn.case
    if case.last_day is None and case.leaver:
        return Asking(question=LAST_DAY, of=ADMINS, kind="date")
    asking = turn.playbooks.next_question(case)
    return asking if asking is None or asking.of == ADMINS else replace(asking, of=case.leaver or ADMINS)


def _ask(turn: Turn, asking: Asking) -> None:
    turn.add(f.Asked(at=turn.at, asking=replace(asking, revision=turn.case.asked + 1)))


def _plan(turn: Turn) -> None:
    """The plan, once it is known who takes over where that matters; and what is to come beside it."""
    case = turn.case
    plan = turn.playbooks.plan(case, turn.event.workdays)
    if successor_wanted(case) and hands_over(case, plan.steps):
        _ask(turn, Asking(question=SUCCESSOR, of=case.leaver or ADMINS, kind="person"))
        return
    turn.add(
        f.Planned(at=turn.at, steps=plan.steps, holdings=plan.holdings, invariants=plan.invariants, leads=plan.leads)
    )
    _lead_on(turn, "plan")


def _lead_on(turn: Turn, at: str) -> None:
    """Rule 6: pin what comes now, in the order of the leads."""
    for lead in turn.case.leads:
        case = turn.case
        known = next((pin for pin in case.pins if pin.name == lead.to), None)
        if lead.at != at or (known is not None and lead.to not in case.left) or not _is_met(case, lead):
            continue
        if (pin := known or turn.playbooks.newest(lead.to)) is not None:
            turn.add(f.Continued(at=turn.at, of=lead.of, pins=(pin,)))


def _is_met(case: Case, lead: Lead) -> bool:
    """Whether for one target of that playbook everything that the lead needs is done, or was never to be done."""
    if not lead.needs:
        return True
    good: dict[str, bool] = {}
    for step in case.steps:
        if step.playbook == lead.of and step.id in lead.needs:
            fits = step.finished or step.status is StepStatus.NOT_NEEDED
            good[step.target] = good.get(step.target, True) and fits
    return any(good.values())


def _ask_for_successor(turn: Turn) -> None:
    """When the person who was to take over declined, somebody else is wanted."""
    case = turn.case
    now = case.successor()
    if case.asking is None and now is not None and now.declined and SUCCESSOR not in case.answers:
        _ask(turn, Asking(question=SUCCESSOR, of=case.leaver or ADMINS, kind="person"))


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
    busy = {_lane(turn.case, step) for step in turn.case.steps if step.status in AT_HAND and not step.waits}
    for step in ready:
        doer, lane = _doer(turn.case, step), _lane(turn.case, step)
        if lane in busy or not (doer or falls_to_admins(turn.case, step)) or not _is_safe(turn.case, step):
            continue
        turn.add(f.StepOpened(at=turn.at, step=step.number, person=doer))
        if not step.waits:
            busy.add(lane)


def _is_safe(case: Case, step: Step) -> bool:
    """What the guard says; it is only compiled for a step that takes something."""
    return not (step.takes or step.destroys) or Guard.of(case, step.target).may_open(case, step)


def _doer(case: Case, step: Step) -> str:
    return next(iter(owners(case, step)), "")


def _lane(case: Case, step: Step) -> str:
    """Who gets one step at a time: a person, or the admins together."""
    return _doer(case, step) or (ADMINS if falls_to_admins(case, step) else Owner(step.owner).value)


def _end(turn: Turn) -> None:
    """Rules 6 and 7."""
    case = turn.case
    if case.ahead or case.alarms or not all(step.status in SETTLED for step in case.steps):
        return
    if case.leads:
        _lead_on(turn, "end")
    if turn.case.ahead:
        follow(turn)
    elif case.steps:
        turn.add(f.Closed(at=turn.at, outcome=_outcome(case)))


def _outcome(case: Case) -> str:
    """A case in which something was left undone is not called handed over."""
    waived = any(step.status is StepStatus.WAIVED for step in case.steps)
    done = any(step.status is StepStatus.DONE for step in case.steps)
    return "left_undone" if waived and not done else "partly" if waived else "handed_over"
