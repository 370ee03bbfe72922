"""From answers to a plan: which steps there are, in what order, who holds what at the start.

Every step of the playbook is in the plan of every target; one that the answers rule out stands there as *not needed*,
so that the record shows what was considered. A step whose condition is unknown is in play.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from bot.core.case import Answer, Asking, Case, Holder, Holding, Invariant, Lead, Owner, Plan, Step, StepStatus
from bot.core.events import Workdays, workdays_before
from bot.playbook.model import HoldingSpec, InvariantSpec, Playbook, Question, StepSpec, applies

_Key = tuple[str, str, str]
"""A step by its playbook, its target and its id."""


def next_question(playbook: Playbook, answers: Mapping[str, Answer]) -> Question | None:
    """The first question that is still to be asked, or None when the plan can be made."""
    return next(
        (q for q in playbook.questions if q.asked and q.id not in answers and applies(q.when, answers)),
        None,
    )


def asking(playbook: Playbook, question: Question, of: str) -> Asking:
    """The question as the case keeps it while its answer is pending."""
    return Asking(
        question=question.id,
        of=of,
        playbook=playbook.name,
        kind=question.kind,
        options=question.options,
        private=question.private,
    )


def targets(playbook: Playbook, answers: Mapping[str, Answer]) -> tuple[str, ...]:
    """The targets that the answers name; one nameless target when they name none."""
    named = [
        value
        for question in playbook.questions
        if question.targets and (answer := answers.get(question.id)) is not None and not answer.unknown
        for value in answer.values
    ]
    return tuple(dict.fromkeys(named)) or ("",)


def holders(playbook: Playbook, answers: Mapping[str, Answer]) -> dict[str, Holder]:
    """Who holds what at the start. What is not known is the leaver's."""
    return {spec.id: _holder(spec, answers) for spec in playbook.holdings}


def in_play(playbook: Playbook, answers: Mapping[str, Answer]) -> frozenset[str]:
    """The ids of the steps that these answers call for."""
    return frozenset(step.id for step in playbook.steps if applies(step.when, answers))


def build(
    playbooks: Sequence[Playbook],
    answers: Mapping[str, Answer],
    *,
    last_day: date | None = None,
    workdays: Workdays | None = None,
    titles: Mapping[str, Mapping[str, str]] | None = None,
    case: Case | None = None,
) -> Plan:
    """The plan of a case. `titles` are the step titles of the company's language: playbook name -> step id -> title.

    Steps that have to be done come first and are numbered from 1, so that "step 2 of 9" is the step with number 2.
    Where the `case` has steps already, the numbers go on from there; what it has of these playbooks is not added again.
    """
    rows: list[_Row] = []
    holdings: list[Holding] = []
    for playbook in playbooks:
        wanted, held = in_play(playbook, answers), holders(playbook, answers)
        for target in targets(playbook, answers):
            holdings += [Holding(id=id, holder=holder, target=target) for id, holder in held.items()]
            rows += [
                _Row(playbook.name, target, spec, spec.id in wanted and not spec.recovers) for spec in playbook.steps
            ]
    rows.sort(key=lambda row: not row.needed)
    invariants = [_invariant(playbook, spec) for playbook in playbooks for spec in playbook.invariants]
    numbers: dict[_Key, int] = {}
    if case is not None and case.steps:
        rows, numbers = _on_top(case, rows)
        there = {(holding.target, holding.id) for holding in case.holdings}
        holdings = [holding for holding in holdings if (holding.target, holding.id) not in there]
        invariants = [invariant for invariant in invariants if invariant not in case.invariants]
    first = 1 if case is None else len(case.steps) + 1
    numbers |= {row.key: number for number, row in enumerate(rows, start=first)}
    steps = tuple(_step(row, numbers, titles or {}, last_day, workdays) for row in rows)
    leads = tuple(lead for playbook in playbooks for lead in _leads(playbook, answers))
    return Plan(steps=steps, holdings=tuple(holdings), invariants=tuple(invariants), leads=leads)


def _on_top(case: Case, rows: Sequence[_Row]) -> tuple[list[_Row], dict[_Key, int]]:
    """What is still to be added to a case that was on this way before, and the numbers of what is there: a step that
    is under way or done counts; one that was left or not needed comes anew, if it is needed now."""
    out = (StepStatus.WAIVED, StepStatus.NOT_NEEDED)
    known = {(step.playbook, step.target, step.id) for step in case.steps}
    there = {(step.playbook, step.target, step.id): step.number for step in case.steps if step.status not in out}
    return [row for row in rows if row.key not in there and (row.needed or row.key not in known)], there


def _leads(playbook: Playbook, answers: Mapping[str, Answer]) -> Iterator[Lead]:
    """Where this plan leads, beside it and at its end."""
    for spec in playbook.leads_to:
        if spec.at != "answers" and applies(spec.when, answers):
            yield Lead(of=playbook.name, to=spec.playbook, at=spec.at, needs=spec.needs)


def elsewhere(playbook: Playbook, answers: Mapping[str, Answer]) -> tuple[str, ...]:
    """The playbooks that may be taken in place of this one, the best first: those whose condition certainly holds,
    then those of which that is not known."""
    held = [(spec.playbook, spec.when.holds(answers)) for spec in playbook.leads_to if spec.at == "answers"]
    return (*(name for name, holds in held if holds), *(name for name, holds in held if holds is None))


def _holder(spec: HoldingSpec, answers: Mapping[str, Answer]) -> Holder:
    if spec.leaver_when is not None and applies(spec.leaver_when, answers):
        return Holder.LEAVER
    return spec.otherwise


class _Row(NamedTuple):
    """One step of one playbook for one target, before it has a number."""

    playbook: str
    target: str
    spec: StepSpec
    needed: bool

    @property
    def key(self) -> _Key:
        return (self.playbook, self.target, self.spec.id)


def _step(
    row: _Row,
    numbers: Mapping[_Key, int],
    titles: Mapping[str, Mapping[str, str]],
    last_day: date | None,
    workdays: Workdays | None,
) -> Step:
    spec = row.spec

    def linked(ids: Iterable[str]) -> tuple[int, ...]:
        found = (numbers.get((row.playbook, row.target, id)) for id in ids)
        return tuple(number for number in found if number is not None)

    return Step(
        number=numbers[row.playbook, row.target, spec.id],
        id=spec.id,
        playbook=row.playbook,
        owner=spec.owner,
        target=row.target,
        title=titles.get(row.playbook, {}).get(spec.id, spec.id),
        needs=linked(spec.needs),
        after=linked(spec.after),
        gives=spec.gives,
        takes=spec.takes,
        disables=spec.disables,
        destroys=spec.destroys,
        demands=spec.demands,
        approvals=spec.approvals,
        soak_hours=spec.soak_hours,
        patience_hours=spec.patience_hours,
        recovers=spec.recovers,
        only_leaver=spec.only_leaver and spec.owner is Owner.LEAVER,
        before_last_day=spec.before_last_day,
        waits=spec.waits,
        again_days=spec.again_days,
        due=_due(spec, last_day, workdays),
        status=StepStatus.LOCKED if row.needed else StepStatus.NOT_NEEDED,
    )


def _due(spec: StepSpec, last_day: date | None, workdays: Workdays | None) -> date | None:
    if last_day is None or workdays is None or spec.before_last_day < 0:
        return None
    return workdays_before(last_day, spec.before_last_day, workdays)


def _invariant(playbook: Playbook, spec: InvariantSpec) -> Invariant:
    def members(words: Iterable[str]) -> tuple[str, ...]:
        found = (holding.id for word in words for holding in playbook.holdings if word in (holding.id, holding.group))
        return tuple(dict.fromkeys(found))

    return Invariant(
        id=spec.id,
        guards=members(spec.guards),
        of=members(spec.of),
        held_by=spec.held_by,
        at_least=spec.at_least,
        at_most=spec.at_most,
        grade=spec.grade,
    )
