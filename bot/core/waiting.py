"""What waits for one person in a case now: the query behind a desk, a home page, "where are we". Pure.

RULES
 1. What waits is what the person could do this moment: a step of theirs, a question, an offer, a decision.
 2. What stands since when is what the case says; where it does not say, the case's own beginning counts.
 3. Several confirmations may be approved on their word in one go. What destroys something, what has to be looked at and
    what takes two people is decided by itself, on its own card.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bot.core.case import Case, CaseStatus, Step, StepStatus
from bot.core.desk import Waiting
from bot.core.effects import ADMINS
from bot.core.events import Actor, Roster
from bot.core.progress import in_plan
from bot.core.rules import approvers, does, is_admin

AT_HAND = (StepStatus.OPEN, StepStatus.SENT_BACK)


def waits_for(case: Case, actor: Actor, roster: Roster) -> Iterator[Waiting]:
    """`about`: do, approve, answer, offer, agree, name. `revision`: of the step, or of the question."""
    if not case.is_open:
        return
    yield from of_the_case(case, actor)
    for step in in_plan(case):
        if step.status in AT_HAND and does(case, step, actor):
            since = step.sent_back_at if step.status is StepStatus.SENT_BACK else step.opened_at
            yield _waiting(case, "do", since, step)
        elif step.status is StepStatus.CLAIMED and actor.person in approvers(case, step, roster):
            yield _waiting(case, "approve", step.confirmed_at, step)


def of_the_case(case: Case, actor: Actor) -> Iterator[Waiting]:
    """What waits that is about no step."""
    decides, asking, successor = is_admin(case, actor), case.asking, case.successor()
    if case.status is CaseStatus.PROPOSED and decides:
        yield _waiting(case, "agree", case.opened_at)
    if asking is not None and (asking.of == actor.person or (asking.of == ADMINS and decides)):
        yield _waiting(case, "answer", case.opened_at, revision=asking.revision)
    if successor is None or successor.accepted or successor.declined:
        return
    if not successor.named_by and decides:
        yield _waiting(case, "name", case.opened_at)
    if successor.named_by and successor.person == actor.person:
        yield _waiting(case, "offer", case.opened_at)


def _waiting(case: Case, about: str, since: datetime | None, step: Step | None = None, *, revision: int = 0) -> Waiting:
    since = since or case.opened_at
    assert since is not None, "a case begins some time"
    if step is None:
        return Waiting(case.ref, 0, about, revision, since)
    return Waiting(case.ref, step.number, about, step.revision, since)


def decided_alone(step: Step) -> bool:
    """Rule 3."""
    return step.demands.rank > 0 or bool(step.destroys) or step.approvals > 1
