"""Whether every plan can end, and whether what is to help after an alarm does.

RULES
 1. A plan ends when every step in it is finished, without a waiver.
 2. Opening and finishing take nothing away from what else is possible. So every order leads to the same end: a plan
    either ends whatever the order, or cannot end at all, and then nothing that was done had lost it.
 3. It cannot end in two ways only: steps that wait for each other in a circle, and a step that cannot reach the grade
    that it demands. Only the answers that bring such steps into the plan are gone through.
 4. A step that recovers an invariant opens on its alarm. At the worst, everything was then taken and nothing that was
    given can be relied on; the steps that recover it must mend it by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from bot.core.case import Answer, Holder, Invariant, Plan, Step, StepStatus
from bot.core.guard import Guard
from bot.playbook.combinations import outcomes
from bot.playbook.cone import everything, first_target, in_trouble, upstream
from bot.playbook.model import Playbook
from bot.playbook.order import Moment, Order


class Stuck(Struct, frozen=True):
    """A step that is never finished. `waits_for`: what never comes; nothing when it is done below what it demands."""

    step: str
    waits_for: tuple[str, ...] = ()


class DeadEnd(Struct, frozen=True):
    """A plan that cannot end. `answers`: those that bring it about. Cycles begin with the first step in the plan."""

    answers: dict[str, Answer]
    stuck: tuple[Stuck, ...]
    cycles: tuple[tuple[str, ...], ...] = ()


class IdleRecovery(Struct, frozen=True):
    """A step that recovers nothing. `missing`: there is no such invariant."""

    step: str
    invariant: str
    missing: bool = False


def dead_ends(playbook: Playbook) -> tuple[DeadEnd, ...]:
    """One for each set of steps that get stuck."""
    trouble = in_trouble(everything(playbook).steps, upstream(playbook))
    if not trouble:
        return ()
    conditions = [step.when for step in playbook.steps if step.id in trouble]
    found: dict[tuple[Stuck, ...], DeadEnd] = {}
    for answers in outcomes(playbook, conditions):
        stuck = _stuck(playbook, answers)
        if stuck:
            found.setdefault(stuck, DeadEnd(answers, stuck, _cycles(stuck)))
    return tuple(found.values())


def _stuck(playbook: Playbook, answers: dict[str, Answer]) -> tuple[Stuck, ...]:
    """The steps that are not finished when nothing more can happen (rule 2), in the order of the plan."""
    order = Order(first_target(playbook, answers).steps)
    now, before = Moment(), None
    while now != before:
        before = now
        ready = sum(row.bit for row in order.rows if not order.waits(row, now))
        now = Moment(touched=now.touched | ready, done=now.done | ready)
    names = {row.bit: row.id for row in order.rows}
    return tuple(
        Stuck(row.id, tuple(name for bit, name in names.items() if bit & order.waits(row, now)))
        for row in order.rows
        if not row.bit & now.done & order.sure
    )


def _cycles(stuck: Sequence[Stuck]) -> tuple[tuple[str, ...], ...]:
    """The circles in which these steps wait for each other."""
    place = {one.step: number for number, one in enumerate(stuck)}
    ahead = {one.step: one.waits_for for one in stuck}
    found: dict[tuple[str, ...], None] = {}
    for one in stuck:
        path = [one.step]
        while ahead[path[-1]]:
            last = path[-1]
            path.append(next((id for id in ahead[last] if id in path), ahead[last][0]))
            if path[-1] in path[:-1]:
                circle = path[path.index(path[-1]) : -1]
                first = circle.index(min(circle, key=place.__getitem__))
                found[*circle[first:], *circle[:first]] = None
                break
    return tuple(found)


def idle_recoveries(playbook: Playbook) -> tuple[IdleRecovery, ...]:
    """The steps by which their invariant is not mended (rule 4)."""
    return tuple(_idle(playbook))


def _idle(playbook: Playbook) -> Iterator[IdleRecovery]:
    plan = everything(playbook)
    known = {invariant.id: invariant for invariant in plan.invariants}
    for step in plan.steps:
        if step.recovers:
            invariant = known.get(step.recovers)
            if invariant is None:
                yield IdleRecovery(step.id, step.recovers, missing=True)
            elif not (_moves_something(step, invariant) and _mended(plan, invariant)):
                yield IdleRecovery(step.id, step.recovers)


def _moves_something(step: Step, invariant: Invariant) -> bool:
    """Whether it gives (or, where that helps, takes) anything that the invariant counts."""
    moved = step.gives if invariant.held_by is Holder.COMPANY else (*step.gives, *step.takes, *step.destroys)
    return bool({*moved} & {*invariant.of})


def _mended(plan: Plan, invariant: Invariant) -> bool:
    """Whether at least so many are held when everything was touched and only the recovering steps are done."""
    if not invariant.at_least:
        return True
    steps = [replace(step, status=StepStatus.LOCKED) for step in plan.steps]
    order = Order(steps)
    helping = sum(1 << (step.number - 1) for step in steps if step.recovers == invariant.id)
    now = order.masks(Moment(touched=order.all, done=helping))
    return not any(
        breach.invariant == invariant.id for breach in Guard(steps, plan.holdings, [invariant]).breaches(now)
    )
