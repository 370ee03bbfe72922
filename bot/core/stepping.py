"""What a fact means for the step that it is about: the half of `fold` that concerns one step (rules in fold.py)."""

from __future__ import annotations

from msgspec.structs import replace

from bot.core import facts as f
from bot.core.case import SYSTEM, Approval, Grade, Step, StepStatus
from bot.core.effects import ADMINS


def stepped(step: Step, fact: f.StepFact, count: int) -> Step:
    """The step after this fact. `count`: the number of the fact."""
    next_revision = step.revision + 1
    match fact:
        case f.StepOpened():
            return replace(
                step,
                status=StepStatus.SENT_BACK if step.sent_back_by else StepStatus.OPEN,
                revision=next_revision,
                round=step.round + (step.opened_at is not None),
                person=fact.person,
                shown_to=fact.person or ADMINS,
                opened_at=step.opened_at or fact.at,
                nudges=0,
                snoozed_until=None,
            )
        case f.StepHeld():
            return replace(step, status=StepStatus.LOCKED, revision=next_revision)
        case f.Confirmed():
            return _confirmed(step, fact, count)
        case f.Undone():
            return replace(_asked_anew(step), round=step.round, shown_to=step.shown_to)
        case f.SentBack():
            return replace(
                _asked_anew(step),
                status=StepStatus.SENT_BACK,
                sent_back_count=step.sent_back_count + 1,
                sent_back_by=fact.by,
                sent_back_at=fact.at,
                sent_back_reason=fact.reason,
            )
        case f.Restored():
            return replace(_asked_anew(step), restored_by=fact.by)
        case f.Approved():
            approved = (*step.approved, Approval(by=fact.by, at=fact.at, looked=fact.looked))
            return replace(step, approved=approved, revision=next_revision, nudges=0)
        case f.SoakBegan():
            return replace(step, status=StepStatus.SOAKING, revision=next_revision, soak_until=fact.until)
        case f.StepDone():
            return replace(
                step, status=StepStatus.DONE, revision=next_revision, grade=Grade(fact.grade), soak_until=None
            )
    return _aside(step, fact)


def _aside(step: Step, fact: f.StepFact) -> Step:
    """Facts that leave the course of a step as it was, or end it on purpose."""
    match fact:
        case f.Waived():
            return replace(
                step,
                status=StepStatus.WAIVED,
                revision=step.revision + 1,
                waived_by=fact.by,
                waived_at=fact.at,
                waiver_reason=fact.reason,
                waiver_words=fact.words,
            )
        case f.Stuck():
            return replace(step, stuck=True)
        case f.NotMine():
            return replace(step, not_mine=True)
        case f.Snoozed():
            return replace(step, snoozed_until=fact.until, nudges=0)
        case f.Reassigned():
            return _handed_on(step, fact)
        case f.Renewed():
            now = replace(step, renewed_by=fact.by, renewed_at=fact.at)
            return replace(now, revision=step.revision + 1, nudges=0)
        case f.Nudged():
            return replace(step, nudges=step.nudges + 1)
    raise TypeError(f"no rule for the fact {type(fact).__name__}")


def _handed_on(step: Step, fact: f.Reassigned) -> Step:
    """The step as somebody else gets it; one that is still closed is shown to them when it opens."""
    now = replace(
        step,
        person=fact.person,
        handed=fact.by != SYSTEM,
        revision=step.revision + 1,
        not_mine=False,
        stuck=False,
        nudges=0,
        snoozed_until=None,
    )
    if step.status not in (StepStatus.OPEN, StepStatus.SENT_BACK):
        return now
    return replace(now, round=step.round + 1, shown_to=fact.person)


def _confirmed(step: Step, fact: f.Confirmed, count: int) -> Step:
    """The owner's word, and nothing that was said of the step before."""
    return replace(
        step,
        status=StepStatus.CLAIMED,
        revision=step.revision + 1,
        confirmed_by=fact.by,
        confirmed_at=fact.at,
        platform=fact.via,
        text_hash=fact.text_hash,
        fact_number=count,
        early=fact.early or step.early,
        opened_at=step.opened_at or fact.at,
        approved=(),
        grade=None,
        sent_back_by="",
        sent_back_reason=None,
        restored_by="",
        stuck=False,
        not_mine=False,
        nudges=0,
        snoozed_until=None,
    )


def _asked_anew(step: Step) -> Step:
    """The step as its owner gets it again: nothing that was said of it before counts any more.

    One that was only ever confirmed too early has been shown to nobody, and is not shown by this either.
    """
    return replace(
        step,
        status=StepStatus.OPEN,
        revision=step.revision + 1,
        round=step.round + 1,
        shown_to=(step.person or ADMINS) if step.shown_to else "",
        confirmed_by="",
        confirmed_at=None,
        platform="",
        text_hash="",
        fact_number=0,
        approved=(),
        grade=None,
        soak_until=None,
        nudges=0,
    )
