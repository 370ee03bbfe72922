"""The desk: what one person has waiting, over all cases. The one place that decides what they are told and when.

RULES
 1. Cases put nudges on a desk; they never write to people themselves to remind them.
 2. A nudge for the same thing replaces the one that is there.
 3. One timer per desk. When it is due, everything that still waits leaves as one message; what was dealt with in the
    meantime is dropped without a word.
 4. A flush comes in the person's working hours and at most once on a working day (cadence.py). A paused desk keeps
    silent until it is resumed or the pause ends.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace

from bot.core.cadence import Rhythm, local_day, next_moment
from bot.core.case import Case, CaseRef, PersonId, StepStatus
from bot.core.effects import Nudge
from bot.core.events import Workdays
from bot.core.route import Prompt
from bot.core.waking import case_timer


class Waiting(Struct, frozen=True, omit_defaults=True, gc=False):
    """One thing that waits for this person. `about`: do (a step of theirs), approve, escalated."""

    case: CaseRef
    step: int
    about: str
    revision: int
    since: datetime


class Desk(Struct, frozen=True, omit_defaults=True, gc=False):
    person: PersonId
    waiting: tuple[Waiting, ...] = ()
    told_on: date | None = None
    flush_at: datetime | None = None
    paused_until: datetime | None = None
    prompt: Prompt | None = None


def put(desk: Desk, nudge: Nudge, now: datetime, rhythm: Rhythm, workdays: Workdays) -> Desk:
    """The desk with this nudge on it and its timer set."""
    item = Waiting(case=nudge.case, step=nudge.step, about=nudge.about, revision=nudge.revision, since=now)
    others = tuple(w for w in desk.waiting if (w.case, w.step, w.about) != (item.case, item.step, item.about))
    return _timed(replace(desk, waiting=(*others, item)), now, rhythm, workdays)


def pause(desk: Desk, now: datetime, until: datetime, rhythm: Rhythm, workdays: Workdays) -> Desk:
    """No reminders before `until`."""
    return _timed(replace(desk, paused_until=until, flush_at=None), now, rhythm, workdays)


def resume(desk: Desk, now: datetime, rhythm: Rhythm, workdays: Workdays) -> Desk:
    return _timed(replace(desk, paused_until=None, flush_at=None), now, rhythm, workdays)


def flush(
    desk: Desk, now: datetime, rhythm: Rhythm, workdays: Workdays, still_waits: Callable[[Waiting], bool]
) -> tuple[Desk, tuple[Waiting, ...]]:
    """The desk after its timer, and what to say now: nothing when it is not time or nothing waits any more."""
    if desk.flush_at is None or now < desk.flush_at:
        return desk, ()
    moment = _moment(desk, now, rhythm, workdays)
    if moment > now:
        return replace(desk, flush_at=moment), ()
    due = tuple(waiting for waiting in desk.waiting if still_waits(waiting))
    told_on = local_day(now, rhythm.zone) if due else desk.told_on
    return replace(desk, waiting=(), flush_at=None, told_on=told_on), due


def waits(case: Case | None, waiting: Waiting) -> bool:
    """Whether this is still something to remind of: the step stands where it stood when the nudge was put."""
    if case is not None and waiting.about == "again":
        step = case.step(waiting.step)
        return step is not None and step.asked_again and step.revision == waiting.revision
    if case is None or not case.is_open:
        return False
    if waiting.step == 0:
        return _case_waits(case, waiting)
    step = case.step(waiting.step)
    if step is None or step.revision != waiting.revision:
        return False
    if waiting.about == "do":
        snoozed = step.snoozed_until is not None and step.snoozed_until > waiting.since
        return step.status in (StepStatus.OPEN, StepStatus.SENT_BACK) and not snoozed
    if waiting.about == "approve":
        return step.status is StepStatus.CLAIMED
    return step.status in (StepStatus.OPEN, StepStatus.SENT_BACK, StepStatus.CLAIMED)


def _case_waits(case: Case, waiting: Waiting) -> bool:
    timer = case_timer(case, waiting.since)
    return timer is not None and timer.revision == waiting.revision and waiting.about in (timer.about, "escalated")


def _timed(desk: Desk, now: datetime, rhythm: Rhythm, workdays: Workdays) -> Desk:
    if desk.flush_at is not None or not desk.waiting:
        return desk
    return replace(desk, flush_at=_moment(desk, now, rhythm, workdays))


def _moment(desk: Desk, now: datetime, rhythm: Rhythm, workdays: Workdays) -> datetime:
    earliest = max(now, desk.paused_until) if desk.paused_until else now
    return next_moment(earliest, rhythm, workdays, not_on=desk.told_on)
