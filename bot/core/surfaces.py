"""What people see of a change: the effects, as the difference between the case before and after.

RULES
 1. What people see is a projection of the case. Whatever changed is redrawn wherever it shows: the owner's card, the
    approval in the admins' thread, the case's own card.
 2. Something new to do is a new message (a redraw notifies nobody); everything else is a redraw of one that is there.
 3. A refusal changes nothing and is told to the person who met it, and to nobody else.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.core import facts as f
from bot.core.case import AT_WORK, Case, CaseStatus, Step, StepStatus, Successor
from bot.core.effects import ADMINS, Amend, Ask, Effect, Say, Tell, View, lane
from bot.core.events import Event, Roster
from bot.core.opening import SUCCESSOR
from bot.core.progress import place
from bot.core.rules import seconds_needed
from bot.core.waking import case_timer_changed, nudges, step_timer


def effects(before: Case | None, after: Case, facts: tuple[f.Fact, ...], event: Event) -> list[Effect]:
    """Everything to be said, redrawn, put on desks and come back to after these facts."""
    found: list[Effect] = []
    found += _case_card(before, after)
    found += _conversation(before, after, facts)
    for number, step in enumerate(after.steps):
        was = before.steps[number] if before is not None and number < len(before.steps) else None
        if was is step:
            continue
        found += _step_cards(after, was, step, event.roster)
        if (timer := step_timer(was, step, event)) is not None:
            found.append(timer)
    if before is not None and before.is_open and not after.is_open:
        found += _left_open(before, after, event.roster)
    for fact in facts:
        found += _of_fact(after, fact, event.roster)
    if (timer := case_timer_changed(before, after, event.at)) is not None:
        found.append(timer)
    return found


def _case_card(before: Case | None, after: Case) -> Iterator[Effect]:
    """The one living card of the case among the admins."""
    name = lane(after.ref, "case", ADMINS)
    view = View("case")
    yield Say(name, ADMINS, view) if before is None else Amend(name, view)


def _conversation(before: Case | None, after: Case, facts: tuple[f.Fact, ...]) -> Iterator[Effect]:
    """Welcome, questions, the offer to the successor, the plan, the end."""
    if before is not None and before.asking is not None and before.asking is not after.asking:
        asked = before.asking
        yield Amend(_question_lane(before), View("question", question=asked.question, step=asked.revision))
    if after.leaver and _is_set(after) and not (before is not None and _is_set(before)):
        yield Say(lane(after.ref, "welcome", after.leaver), after.leaver, View("welcome"))
    if after.asking is not None and (before is None or before.asking is not after.asking):
        view = View("question", question=after.asking.question, step=after.asking.revision)
        yield Ask(_question_lane(after), after.asking.of, view)
    there = len(before.steps) if before is not None else 0
    if len(after.steps) > there and after.leaver:  # a way taken again may plan nothing new: then nothing is said again
        yield Say(lane(after.ref, "plan", after.leaver, there), after.leaver, View("status"))
    yield from _successor(before, after)
    if after.status is CaseStatus.CLOSED and (before is None or before.is_open) and after.leaver:
        yield Say(lane(after.ref, "receipt", after.leaver), after.leaver, View("receipt"))


def _is_set(case: Case) -> bool:
    """Whether it is agreed that somebody leaves, and when: only then are they welcomed."""
    return bool(case.agreed_by and case.last_day)


def _question_lane(case: Case) -> str:
    assert case.asking is not None
    return lane(case.ref, "question", case.asking.of, case.asking.revision)


def _successor(before: Case | None, after: Case) -> Iterator[Effect]:
    """The admins are asked to name somebody; the one who is named is asked to take over."""
    for target, now in after.successors.items():
        was = before.successors.get(target) if before is not None else None
        if was is now:
            continue
        view = View("naming", args={"target": target})
        if not now.named_by:
            yield Say(_naming_lane(after, now), ADMINS, view)
        if was is not None and not was.named_by:
            yield Amend(_naming_lane(after, was), view)
        if was is not None and was.named_by and was.number != now.number:
            yield Amend(_offer_lane(after, was), View("offer", args={"target": target}))
        if now.named_by:
            named = was is None or was.number != now.number or not was.named_by
            offer = View("offer", args={"target": target})
            yield Say(_offer_lane(after, now), now.person, offer) if named else Amend(_offer_lane(after, now), offer)


def _naming_lane(case: Case, successor: Successor) -> str:
    return lane(case.ref, "naming", ADMINS, successor.number)


def _offer_lane(case: Case, successor: Successor) -> str:
    return lane(case.ref, "offer", successor.person, successor.number)


def _step_cards(case: Case, was: Step | None, step: Step, roster: Roster) -> Iterator[Effect]:
    if was is None and step.status in (StepStatus.LOCKED, StepStatus.NOT_NEEDED):
        return
    yield from _owner_card(case, was, step)
    yield from _approval_card(case, was, step, roster)


def _owner_card(case: Case, was: Step | None, step: Step) -> Iterator[Effect]:
    """Whoever is asked anew gets a new card; the one before it, wherever that is, says so."""
    here, there = _card_lane(case, step), _card_lane(case, was)
    view = View("step", step=step.number)
    if there and there != here:
        yield Amend(there, view)
    if here and here != there:
        yield Say(here, step.shown_to, view)
    elif here and was is not None and _shows_differently(was, step):
        yield Amend(here, view)


def _card_lane(case: Case, step: Step | None) -> str:
    """The post that shows the step to whoever does it, or "" when there is none yet."""
    if step is None or not step.shown_to:
        return ""
    return lane(case.ref, f"step-{step.number}", step.shown_to, step.round)


def _left_open(before: Case, after: Case, roster: Roster) -> Iterator[Effect]:
    """What still asks somebody for something when the case ends: it is redrawn, so that nothing is left to press."""
    for was, step in zip(before.steps, after.steps, strict=False):
        if was is not step or step.status not in AT_WORK:
            continue  # redrawn as it is
        if name := _card_lane(after, step):
            yield Amend(name, View("step", step=step.number))
        if step.status is StepStatus.CLAIMED:
            for _, name in _approval_lanes(after, step, roster):
                yield Amend(name, View("approval", step=step.number))
    for target, successor in after.successors.items():
        if successor is before.successors.get(target) and not successor.accepted and not successor.declined:
            naming, offer = View("naming", args={"target": target}), View("offer", args={"target": target})
            yield (
                Amend(_offer_lane(after, successor), offer)
                if successor.named_by
                else Amend(_naming_lane(after, successor), naming)
            )


def _shows_differently(was: Step, step: Step) -> bool:
    return (was.revision, was.stuck, was.not_mine, was.snoozed_until) != (
        step.revision,
        step.stuck,
        step.not_mine,
        step.snoozed_until,
    )


def _approval_card(case: Case, was: Step | None, step: Step, roster: Roster) -> Iterator[Effect]:
    """A claimed step asks the admins, in the thread; and a second approver privately, where one is needed."""
    if step.approvals == 0 or (was is not None and was.revision == step.revision):
        return
    view = View("approval", step=step.number)
    fresh = step.status is StepStatus.CLAIMED and (was is None or was.status is not StepStatus.CLAIMED)
    if fresh:
        for reader, name in _approval_lanes(case, step, roster):
            yield Say(name, reader, view)
    elif was is not None and was.status in (StepStatus.CLAIMED, StepStatus.SOAKING):
        for _, name in _approval_lanes(case, was, roster):
            yield Amend(name, view)


def _approval_lanes(case: Case, step: Step, roster: Roster) -> Iterator[tuple[str, str]]:
    """Who is asked to approve this confirmation, and in which post: each confirmation has posts of its own."""
    readers = [ADMINS]
    if seconds_needed(case, step, roster):
        readers += [person for person in roster.second_approvers if person not in (case.leaver, step.confirmed_by)]
    for reader in readers:
        yield reader, lane(case.ref, f"approval-{step.number}", reader, step.fact_number)


def _of_fact(case: Case, fact: f.Fact, roster: Roster) -> Iterator[Effect]:
    """Things that happened which nobody would see from a card alone."""
    match fact:
        case f.Answered() if fact.question == SUCCESSOR:
            yield _line(case, "naming", ADMINS, 0, View("naming"))
        case f.Alarmed():
            view = View("alarm", step=fact.step, code=fact.invariant, args={"target": fact.target})
            yield Say(lane(case.ref, f"alarm-{fact.invariant}", ADMINS, case.count), ADMINS, view)
            if case.leaver:
                yield Say(lane(case.ref, f"alarm-{fact.invariant}", case.leaver, case.count), case.leaver, view)
        case f.Closed():
            yield from _ended(case)
        case f.Stuck():
            yield _line(case, "stuck", fact.by, fact.step, View("line", code="stuck", step=fact.step, words=fact.words))
        case f.NotMine():
            yield _line(case, "not-mine", fact.by, fact.step, View("line", code="not_mine", step=fact.step))
        case f.StayAsked():
            yield _line(case, "stay", fact.by, 0, View("line", code="stay"))
        case f.SuccessorDeclined():
            yield _line(case, "declined", fact.by, 0, View("line", code="declined", args={"who": fact.by}))
        case f.Undelivered():
            yield from _undelivered(case, fact, roster)
        case f.Moved() if case.leaver and case.status is CaseStatus.RUNNING:
            name = lane(case.ref, "moved", case.leaver, case.count)
            yield Say(name, case.leaver, View("line", code="moved"))
        case f.Nudged():
            yield from nudges(case, fact)


def _ended(case: Case) -> Iterator[Effect]:
    """The successor hears that it is over; the leaver has the receipt."""
    successor = case.successor()
    if successor is not None and successor.accepted:
        name = lane(case.ref, "ended", successor.person, case.count)
        yield Say(name, successor.person, View("line", code="ended"))


def _undelivered(case: Case, fact: f.Undelivered, roster: Roster) -> Iterator[Effect]:
    """Told in the admins' thread; when it is the thread that cannot be reached, to each admin, not to the thread."""
    view = View("line", code="undelivered", args={"who": fact.person, "why": fact.why})
    if fact.person != ADMINS:
        yield _line(case, "undelivered", fact.person, 0, view)
        return
    for admin in roster.approvers(without=(case.leaver,)):
        yield Say(lane(case.ref, "undelivered", admin, case.count), admin, view)


def _line(case: Case, subject: str, who: str, step: int, view: View) -> Say:
    """A sentence in the admins' thread."""
    return Say(lane(case.ref, f"{subject}-{step}", ADMINS, case.count), ADMINS, view)


def told(case: Case | None, event: Event, step: int) -> Tell:
    """The private answer to the person whose event was accepted."""
    args = {}
    if case is not None and (found := case.step(step)) is not None:
        at, of = place(case, found)
        args = {"place": str(at), "of": str(of), "status": str(found.status)}
    return Tell(to=event.by.person, view=View("answer", code=event.verb, step=step, args=args))
