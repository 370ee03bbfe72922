"""What an invariant hangs on: its steps, and the answers that shape them. (explore.py, "why it is enough", d.)"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from bot.core.case import Answer, Plan, Step, StepStatus
from bot.core.guard import SOAK_FIRST, worst_grade
from bot.playbook.combinations import DO_NOT_KNOW, complete
from bot.playbook.model import Condition, Playbook
from bot.playbook.plan import build, targets

Links = Mapping[str, frozenset[str]]
"""Step -> steps."""


class Cone(NamedTuple):
    """`steps`: those that take or give what the invariant guards or counts, those between them, and those between them
    and a step that is in trouble. `before`: these and everything that any of them waits for, directly or not.
    `conditions`: what decides which of `steps` are in the plan, and who holds what."""

    invariant: str
    steps: frozenset[str]
    before: frozenset[str]
    conditions: tuple[Condition, ...]


def everything(playbook: Playbook) -> Plan:
    """The plan when nothing is known: every step that can be in a plan is in it, and all is the leaver's."""
    return build([playbook], {question.id: DO_NOT_KNOW for question in playbook.questions})


def first_target(playbook: Playbook, answers: Mapping[str, Answer]) -> Plan:
    """The plan that these answers lead to, as far as it is about one target: what is to be done, and who holds what."""
    full = complete(playbook, answers)
    plan = build([playbook], full)
    target = targets(playbook, full)[0]
    there = [step for step in plan.steps if step.target == target and step.status is not StepStatus.NOT_NEEDED]
    held = [holding for holding in plan.holdings if holding.target == target]
    return replace(plan, steps=tuple(there), holdings=tuple(held))


def upstream(playbook: Playbook) -> Links:
    """For each step all that it waits for, directly or not. A step on a cycle waits for itself."""
    direct = {
        step.id: {id for id in (*step.needs, *step.after) if (other := playbook.step(id)) and not other.recovers}
        for step in playbook.steps
        if not step.recovers
    }
    return {id: frozenset(_reached(id, direct)) for id in direct}


def _reached(start: str, links: Mapping[str, Iterable[str]]) -> set[str]:
    found: set[str] = set()
    ahead = list(links[start])
    while ahead:
        id = ahead.pop()
        if id not in found:
            found.add(id)
            ahead += links[id]
    return found


def in_trouble(steps: Iterable[Step], before: Links) -> frozenset[str]:
    """The steps that may never be finished: on a cycle, or without a way to what they demand."""
    return frozenset(
        step.id
        for step in steps
        if step.id in before and (step.id in before[step.id] or not worst_grade(step).reaches(step.demands))
    )


def cones(playbook: Playbook) -> Iterator[Cone]:
    """One for each invariant, and one for what is destroyed."""
    plan = everything(playbook)
    before = upstream(playbook)
    trouble = in_trouble(plan.steps, before)
    for invariant in plan.invariants:
        things = {*invariant.guards, *invariant.of}
        acting = {s.id for s in plan.steps if s.id in before and things & {*s.takes, *s.gives, *s.destroys}}
        yield _cone(playbook, invariant.id, acting, things, before, trouble)
    destroyed = {thing for step in plan.steps for thing in step.destroys}
    if destroyed:
        acting = {s.id for s in plan.steps if s.id in before and destroyed & {*s.disables, *s.destroys}}
        yield _cone(playbook, SOAK_FIRST, acting, set(), before, trouble)


def _cone(
    playbook: Playbook, invariant: str, acting: set[str], things: set[str], before: Links, trouble: frozenset[str]
) -> Cone:
    ahead = acting.union(*(before[id] for id in acting))
    matter = acting | (trouble & ahead)
    steps = frozenset(id for id in ahead if id in matter or before[id] & matter)
    conditions = [step.when for step in playbook.steps if step.id in steps]
    conditions += [spec.leaver_when for spec in playbook.holdings if spec.id in things and spec.leaver_when is not None]
    return Cone(invariant, steps, frozenset(ahead), tuple(dict.fromkeys(conditions)))
