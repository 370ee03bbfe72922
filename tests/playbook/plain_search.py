"""The proof again, slowly and plainly: every answer, every move of rules 1 to 4 of explore.py, nothing left out.

It is what explore.py is compared with. It takes nothing from it but the guard, which both only watch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, combinations
from typing import NamedTuple

from bot.core.case import UNKNOWN, Answer, Plan, Step, StepStatus
from bot.core.guard import Guard, Masks, worst_grade
from bot.playbook.model import Playbook, Question
from bot.playbook.plan import next_question

LOCKED, OPEN, DONE, WAIVED, WAIVED_OPEN = "locked", "open", "done", "waived", "waived while open"
TOUCHED = (OPEN, DONE, WAIVED_OPEN)
State = tuple[str, ...]


class Search(NamedTuple):
    """For each invariant the fewest moves that break it; whether a waiver-free moment is lost; how many states."""

    broken: dict[str, int]
    lost: bool
    states: int


def search(plan: Plan) -> Search:
    guard = Guard(plan.steps, plan.holdings, plan.invariants)
    steps = [step for step in plan.steps if step.status is not StepStatus.NOT_NEEDED]
    start: State = (LOCKED,) * len(steps)
    depth = {start: 0}
    edges: dict[State, list[State]] = {}
    broken: dict[str, int] = {}
    left = [start]
    for state in left:
        edges[state] = list(moves(steps, state))
        for then in edges[state]:
            if then in depth:
                continue
            depth[then] = depth[state] + 1
            left.append(then)
            for breach in guard.breaches(masks(steps, then)):
                broken.setdefault(breach.invariant, depth[then])
    return Search(broken, _lost(steps, edges), len(left))


def moves(steps: list[Step], state: State) -> Iterator[State]:
    at = {step.number: status for step, status in zip(steps, state, strict=True)}
    for place, step in enumerate(steps):

        def turned(status: str, place: int = place) -> State:
            return (*state[:place], status, *state[place + 1 :])

        if at[step.number] == LOCKED:
            needed = all(at[n] == DONE and can_finish(steps, n) for n in step.needs if n in at)
            if needed and all(at[n] in (DONE, WAIVED, WAIVED_OPEN) for n in step.after if n in at):
                yield turned(OPEN)
            yield turned(WAIVED)
        elif at[step.number] == OPEN:
            yield turned(DONE)
            yield turned(WAIVED_OPEN)
        elif at[step.number] == DONE and step.approvals == 0:
            resting = [other for other in steps if step.number in (*other.needs, *other.after)]
            if not any(at[other.number] in TOUCHED for other in resting):
                yield turned(OPEN)


def can_finish(steps: list[Step], number: int) -> bool:
    return any(step.number == number and worst_grade(step).reaches(step.demands) for step in steps)


def masks(steps: list[Step], state: State) -> Masks:
    touched, done = 0, [0, 0, 0, 0]
    for step, status in zip(steps, state, strict=True):
        bit = 1 << (step.number - 1)
        touched |= bit if status in TOUCHED else 0
        if status == DONE and worst_grade(step).reaches(step.demands):
            for rank in range(worst_grade(step).rank + 1):
                done[rank] |= bit
    return Masks(touched, (done[0], done[1], done[2], done[3]))


def _lost(steps: list[Step], edges: Mapping[State, list[State]]) -> bool:
    """Whether there is a moment without waivers from which the end cannot be reached without waivers."""
    clean = [state for state in edges if not {WAIVED, WAIVED_OPEN} & {*state}]
    back: dict[State, list[State]] = {}
    for state in clean:
        for then in edges[state]:
            back.setdefault(then, []).append(state)
    end = (DONE,) * len(steps)
    if end not in edges or not all(can_finish(steps, step.number) for step in steps):
        return True
    good, left = {end}, [end]
    for state in left:
        for before in back.get(state, []):
            if before not in good:
                good.add(before)
                left.append(before)
    return len(good) < len(clean)


def all_answers(playbook: Playbook) -> Iterator[dict[str, Answer]]:
    """Every way through the questions, with every option and every subset."""

    def walk(answers: dict[str, Answer]) -> Iterator[dict[str, Answer]]:
        question = next_question(playbook, answers)
        if question is None:
            yield answers
            return
        for values in _choices(question):
            yield from walk({**answers, question.id: Answer(values)})

    return walk({})


def _choices(question: Question) -> Iterator[tuple[str, ...]]:
    if question.kind == "many":
        yield from chain.from_iterable(combinations(question.options, n) for n in range(len(question.options) + 1))
    else:
        yield from ((option,) for option in question.options or ("something",))
    yield (UNKNOWN,)
