"""What the explorer found, told in sentences: a bad order as a story, a plan that cannot end as who waits for whom.

    for line in tell(playbook, explore(playbook)): …

For the playbook's author, so in English and in the playbook's own ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.core.case import Answer, Holder, Invariant, Step
from bot.core.guard import worst_grade
from bot.playbook.cone import first_target
from bot.playbook.endings import DeadEnd, IdleRecovery
from bot.playbook.explore import Counterexample, Report
from bot.playbook.model import InvariantSpec, Playbook
from bot.playbook.order import DONE, OPENED, WAIVED, Move

HOLDERS = {Holder.LEAVER: "the leaver", Holder.COMPANY: "the company", Holder.NOBODY: "nobody"}


def tell(playbook: Playbook, report: Report) -> list[str]:
    """The whole report."""
    lines = [
        f"{report.playbook}: {report.raw} ways to answer, {report.projected} of them different to this playbook; "
        f"{report.plans} plans and {report.states} moments looked at."
    ]
    for found in report.counterexamples:
        lines += story(playbook, found)
    for end in report.dead_ends:
        lines += dead_end(playbook, end)
    lines += [idle(one) for one in report.idle_recoveries]
    if report.ok:
        names = _and([proof.invariant for proof in report.proofs], "or")
        lines.append(f"No order breaks {names}, and every plan can end." if names else "Every plan can end.")
    return lines


def story(playbook: Playbook, found: Counterexample) -> list[str]:
    """A bad order, move by move."""
    plan = first_target(playbook, found.answers)
    steps = {step.id: step for step in plan.steps}
    lines = [f"{found.breach.invariant} can be broken{_when(found.answers)}:"]
    lines += [f"{number}. {_move(steps, move)}." for number, move in enumerate(found.moves[:-1], start=1)]
    last = steps[found.moves[-1].step]
    spec = next((spec for spec in playbook.invariants if spec.id == found.breach.invariant), None)
    if spec is None:
        excuses, broken = _not_soaked(steps, last, found.moves), f"{_and(last.destroys)} may not have soaked first"
    else:
        invariant = next(invariant for invariant in plan.invariants if invariant.id == spec.id)
        nothing = [f"nothing gives {' or '.join(spec.of)}"] * (spec.held_by is Holder.COMPANY)
        excuses, broken = _not_moved(steps, last, found.moves, invariant) or nothing, _broken(spec)
    although = f", although {_and(excuses)}" if excuses else ""
    lines.append(f"{len(found.moves)}. {last.id} is opened{although}: now {broken} ({found.breach.invariant}).")
    return lines


def dead_end(playbook: Playbook, end: DeadEnd) -> list[str]:
    """A plan that cannot end: which steps get stuck, and what each waits for."""
    lines = [f"The plan cannot end, in whatever order{_when(end.answers)}:"]
    for one in end.stuck:
        spec = playbook.step(one.step)
        assert spec is not None
        needs = [id for id in one.waits_for if id in spec.needs]
        rest = [id for id in one.waits_for if id not in spec.needs]
        waits = [f"needs {_and(needs)}"] * bool(needs) + [f"comes after {_and(rest)}"] * bool(rest)
        if waits:
            lines.append(f"- {one.step} can never open: it {' and '.join(waits)}.")
        else:
            why = "nobody approves it" if spec.approvals == 0 else "an approver can only witness it"
            lines.append(f"- {one.step} can be done, but not for certain as {spec.demands}: {why}.")
    return lines + [f"- A circle: {' → '.join((*circle, circle[0]))}." for circle in end.cycles]


def idle(one: IdleRecovery) -> str:
    """A step that recovers nothing."""
    why = "there is no such invariant" if one.missing else "it does not mend it once everything was taken"
    return f"{one.step} recovers {one.invariant}, but {why}."


def _when(answers: Mapping[str, Answer]) -> str:
    said = [f"{question} is {_answer(answer)}" for question, answer in answers.items()]
    return f", when {_and(said)}" if said else ""


def _answer(answer: Answer) -> str:
    return "not known" if answer.unknown else " + ".join(answer.values) or "none"


def _move(steps: Mapping[str, Step], move: Move) -> str:
    known = f", {worst_grade(steps[move.step])}" if move.act == DONE else ""
    return f"{move.step} is {move.act}{known}"


def _broken(spec: InvariantSpec) -> str:
    """What can no longer be relied on."""
    things = " or ".join(spec.of)
    known = "" if spec.grade.rank == 0 else f", {spec.grade},"
    if spec.at_most < 0:
        least = "one" if spec.at_least == 1 else str(spec.at_least)
        return f"at least {least} {things} held by {HOLDERS[spec.held_by]}{known} can no longer be relied on"
    most = "a" if spec.at_most == 0 else f"more than {spec.at_most}"
    least = f", or fewer than {spec.at_least}," * bool(spec.at_least)
    return f"{most} {things}{least} may be held by {HOLDERS[spec.held_by]}{known}".rstrip(",")


def _not_moved(steps: Mapping[str, Step], last: Step, moves: Sequence[Move], invariant: Invariant) -> list[str]:
    """What would have kept the invariant and has not happened, or what has happened to it before."""
    things = {*invariant.of}
    kept_by_giving = invariant.held_by is Holder.COMPANY
    excuses: list[str] = []
    for step in steps.values():
        gives, takes = things & {*step.gives}, things & {*step.takes, *step.destroys}
        if step is last:
            continue
        if gives or (takes and not kept_by_giving):
            excuses += _standing(step, moves, invariant)
        elif takes and Move(OPENED, step.id) in moves:
            excuses.append(f"{step.id} may have taken {_and(sorted(takes))}")
    return excuses


def _standing(step: Step, moves: Sequence[Move], invariant: Invariant | None = None) -> Iterator[str]:
    """Why what this step does cannot be relied on; nothing when it can."""
    if Move(WAIVED, step.id) in moves:
        yield f"{step.id} was waived"
    elif Move(DONE, step.id) in moves:
        grade = worst_grade(step)
        if not grade.reaches(step.demands) or (invariant is not None and not grade.reaches(invariant.grade)):
            yield f"{step.id} is only {grade}"
    else:
        yield f"{step.id} is only open" if Move(OPENED, step.id) in moves else f"{step.id} is not open yet"


def _not_soaked(steps: Mapping[str, Step], last: Step, moves: Sequence[Move]) -> list[str]:
    disabling = [step for step in steps.values() if {*last.destroys} & {*step.disables}]
    excuses: list[str] = []
    for step in disabling:
        excuses += _standing(step, moves) if step.soak_hours else [f"{step.id} does not soak"]
    return excuses or [f"nothing disables {_and(last.destroys)}"]


def _and(words: Sequence[str], last: str = "and") -> str:
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
