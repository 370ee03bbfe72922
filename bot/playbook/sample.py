"""A step's card without a case of its own: what an author previews. The people are samples."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from msgspec.structs import replace

from bot.core.case import UNKNOWN, Answer, Asking, Case, CaseStatus, Owner, PersonId, Step, StepStatus, Successor
from bot.core.effects import ADMINS, View
from bot.core.events import Roster, Weekdays
from bot.playbook.card import Card
from bot.playbook.copy import load
from bot.playbook.model import Playbook
from bot.playbook.plan import build
from bot.playbook.views import Scene, draw

NAMES = {
    "en": {"demo:lin": "Lin Wei", "demo:zhao": "Zhao Yun", "demo:mei": "Mei Chen"},
    "zh-CN": {"demo:lin": "林薇", "demo:zhao": "赵云", "demo:mei": "陈梅"},
}
_READERS = {Owner.LEAVER: "demo:lin", Owner.SUCCESSOR: "demo:zhao", Owner.ADMIN: ADMINS}
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def sample(playbook: Playbook, id: str, language: str) -> tuple[Card, dict[PersonId, str]]:
    """The card of an open step as its owner sees it, and the names that it mentions."""
    case = _case(playbook)
    step = next(step for step in case.steps if step.id == id)
    reader = _READERS[step.owner]
    case = replace(case, steps=tuple(_opened(one, reader) if one is step else one for one in case.steps))
    return draw(_scene(playbook, case, View("step", step=step.number), reader, language)), NAMES[language]


def samples(playbook: Playbook, language: str) -> Iterator[tuple[str, Card]]:
    """Every question, every step for its owner, and every claimed step for who approves it; each with what it is."""
    case = _case(playbook)
    for question in playbook.questions:
        if question.asked:
            of = _READERS[question.of]
            asking = Asking(question.id, of, playbook.name, question.kind, question.options, question.private)
            asked = replace(case, status=CaseStatus.RUNNING, steps=(), asking=asking)
            view = View("question", step=asking.revision, question=question.id)
            yield f"question {question.id}", draw(_scene(playbook, asked, view, of, language))
    for step in case.steps:
        yield f"step {step.id}", sample(playbook, step.id, language)[0]
        person = _READERS[step.owner]
        claimed = replace(
            _opened(step, person), status=StepStatus.CLAIMED, confirmed_by=person, confirmed_at=NOW, fact_number=9
        )
        waits = replace(case, steps=tuple(claimed if one is step else one for one in case.steps))
        scene = _scene(playbook, waits, View("approval", step=step.number), ADMINS, language)
        yield f"approval of {step.id}", draw(replace(scene, round=claimed.fact_number))


def _case(playbook: Playbook) -> Case:
    answers = {question.id: Answer((UNKNOWN,)) for question in playbook.questions}
    plan = build([playbook], answers, last_day=date(2026, 12, 4), workdays=Weekdays())
    return Case(
        ref="OFB-7",
        status=CaseStatus.RUNNING,
        leaver="demo:lin",
        last_day=date(2026, 12, 4),
        successors={"": Successor("demo:zhao", "demo:lin", "demo:mei", accepted=True)},
        steps=plan.steps,
    )


def _opened(step: Step, reader: PersonId) -> Step:
    person = "" if reader == ADMINS else reader
    return replace(step, status=StepStatus.OPEN, person=person, revision=1, opened_at=NOW)


def _scene(playbook: Playbook, case: Case, view: View, reader: PersonId, language: str) -> Scene:
    return Scene(
        case=case,
        view=view,
        reader=reader,
        copy=load(language),
        zone="Asia/Shanghai",
        now=NOW,
        roster=Roster(admins=("demo:mei",)),
        playbooks={playbook.name: playbook},
        value=lambda subject, revision, verb: f"OFB-7@{subject}@{revision}@sample-value",
        unseal=lambda sealed: None,
    )
