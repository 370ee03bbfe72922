"""What one person has open, as `route` needs it: the steps a typed verb may mean, the questions that wait for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.core.case import Case, CaseRef, PersonId, StepStatus
from bot.core.desk import Desk
from bot.core.effects import ADMINS, View
from bot.core.events import Actor
from bot.core.progress import in_plan
from bot.core.route import OpenStep, Pending, Situation
from bot.core.rules import does, is_admin
from bot.core.spoken import Choice
from bot.core.waiting import of_the_case
from bot.playbook.views.talk import options, question_words
from bot.ports import Reads
from bot.runtime.drawing import Drawer
from bot.runtime.tools import Cases

LIVE = (StepStatus.OPEN, StepStatus.SENT_BACK, StepStatus.CLAIMED, StepStatus.SOAKING)


CHOICES = {
    "agree": ("start", "decline"),
    "name": ("successor:proposed", "successor"),
    "offer": ("accept", "decline"),
}
"""What may wait for a yes or a no that is about no step, and the verbs of the two buttons."""


def cases_of(reads: Reads, actor: Actor, only: CaseRef, cases: Cases) -> list[Case]:
    """The open cases that this person has a part in; inside a thread, or when one was named, `only` that one."""
    if only:
        row = reads.case(only)
        return [cases.get(row)] if row is not None else []
    decides = actor.admin or actor.second_approver
    rows = reads.cases(open_only=True) if decides else reads.cases(person=actor.person, open_only=True)
    return [cases.get(row) for row in rows]


def situation(
    reads: Reads, actor: Actor, desk: Desk, cases: Sequence[Case], thread: CaseRef, drawer: Drawer
) -> Situation:
    steps = [step for case in cases for step in _steps(case, actor)]
    pending = [found for case in cases if (found := _pending(reads, case, actor, drawer)) is not None]
    return Situation(
        steps=tuple(steps),
        choices=tuple(choice for case in cases for choice in _choices(case, actor)),
        pending=tuple(pending),
        cases=tuple(case.ref for case in cases if case.steps),
        prompt=desk.prompt,
        thread=thread,
    )


def _steps(case: Case, actor: Actor) -> list[OpenStep]:
    decides = is_admin(case, actor) or actor.second_approver
    found = []
    for step in in_plan(case):
        if step.status not in LIVE:
            continue
        mine = does(case, step, actor)
        if mine or decides:
            found.append(OpenStep(case.ref, step.number, step.title, step.status, mine))
        if mine and decides and step.status is StepStatus.CLAIMED:
            found.append(OpenStep(case.ref, step.number, step.title, step.status, mine=False))
    return found


def _choices(case: Case, actor: Actor) -> Iterator[Choice]:
    for waiting in of_the_case(case, actor) if case.is_open else ():
        if waiting.about in CHOICES:
            yield Choice(case.ref, *CHOICES[waiting.about])


def _pending(reads: Reads, case: Case, actor: Actor, drawer: Drawer) -> Pending | None:
    asking = case.asking
    if asking is None or not _asked(case, asking.of, actor):
        return None
    scene = drawer.scene(reads, case, View("question", question=asking.question), actor.person)
    offered = options(scene, asking, question_words(scene, asking.question))
    return Pending(case.ref, asking.question, asking.kind, tuple((option.id, option.label) for option in offered))


def _asked(case: Case, of: PersonId, actor: Actor) -> bool:
    return actor.person == of or (of == ADMINS and is_admin(case, actor))
