"""How a case stands, in numbers and words that every surface shares."""

from __future__ import annotations

from bot.core.case import Case, Grade, Owner, Step, StepStatus


def headline(case: Case) -> tuple[Grade | None, dict[str, int]]:
    """The weakest grade of the done steps and how many steps stand at each grade, waived or not finished.

    Keys of the counts: the grades, "waived", "left". Steps that are not needed are not counted.
    """
    counts: dict[str, int] = {}
    weakest: Grade | None = None
    for step in case.steps:
        if step.status is StepStatus.NOT_NEEDED:
            continue
        if step.status is StepStatus.DONE and step.grade is not None:
            key = str(step.grade)
            weakest = step.grade if weakest is None or step.grade.rank < weakest.rank else weakest
        else:
            key = "waived" if step.status is StepStatus.WAIVED else "left"
        counts[key] = counts.get(key, 0) + 1
    return weakest, counts


def in_plan(case: Case) -> tuple[Step, ...]:
    """The steps that somebody has to do, in order: what "step 2 of 9" counts."""
    return tuple(step for step in case.steps if step.status is not StepStatus.NOT_NEEDED)


def place(case: Case, step: Step) -> tuple[int, int]:
    """What "step 2 of 9" says: the number of the step and how many are in the plan; 0 where the numbers have gaps.

    A plan numbers what has to be done first; a step that an alarm added comes after it, as does a later plan. Behind
    what is not needed there, "step 14 of 11" would be said: then a step has its number alone, by which it is named.
    """
    numbers = [one.number for one in in_plan(case)]
    return step.number, len(numbers) if numbers and max(numbers) == len(numbers) else 0


def only_leaver_can(case: Case) -> tuple[Step, ...]:
    """What is left that nobody but the leaver can do: it counts down to the last day."""
    left = (StepStatus.LOCKED, StepStatus.OPEN, StepStatus.SENT_BACK)
    return tuple(step for step in case.steps if step.only_leaver and step.status in left and step.owner is Owner.LEAVER)


def blockers(case: Case, step: Step) -> tuple[Step, ...]:
    """The steps that a locked step still waits for."""
    waits = [case.steps[n - 1] for n in step.needs if _holds_up(case.steps[n - 1], needed=True)]
    waits += [case.steps[n - 1] for n in step.after if _holds_up(case.steps[n - 1], needed=False)]
    return tuple({other.number: other for other in waits}.values())


def stranded(case: Case) -> tuple[Step, ...]:
    """Steps that can never open, because what they need was left undone: an admin has to leave them undone too."""
    return tuple(
        step
        for step in case.steps
        if step.status is StepStatus.LOCKED and any(case.steps[n - 1].status is StepStatus.WAIVED for n in step.needs)
    )


def is_blocked(case: Case, step: Step) -> bool:
    """Whether a step still waits for another: asked of every locked step at every turn, so it stops at the first."""
    steps = case.steps
    for number in step.needs:
        if _holds_up(steps[number - 1], needed=True):
            return True
    return any(_holds_up(steps[number - 1], needed=False) for number in step.after)


def _holds_up(other: Step, *, needed: bool) -> bool:
    """A need holds until it is finished at the grade it demands, an order until it is settled."""
    if other.status is StepStatus.DONE:
        return needed and not other.finished
    return other.status is not StepStatus.NOT_NEEDED and (needed or other.status is not StepStatus.WAIVED)
