"""What a decision leaves behind, in the transaction it was made in: facts, the new state, messages, timers, desks."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from bot.core.case import Case, CaseRef, PersonId
from bot.core.decide import Decision
from bot.core.desk import Desk, put
from bot.core.effects import Amend, Ask, Effect, Nudge, Say, Tell, View, Wake
from bot.core.events import Workdays
from bot.core.facts import Continued, Fact, Refused, worth_keeping
from bot.core.fold import fold
from bot.playbook.card import Card
from bot.ports import Tx
from bot.rows import Message, Timer
from bot.runtime import codec
from bot.runtime.people import People
from bot.runtime.readers import posts_of
from bot.runtime.tools import Tools

DESK = "desk/"
"""The timers of desks are kept under this and the person's id."""


def keep(tx: Tx, decision: Decision, now: datetime, tools: Tools) -> list[Tell]:
    """Write all of it; the private answers come back, to be drawn after the commit."""
    if decision.refused:
        _count(tx, decision, now)
    elif decision.facts and decision.case is not None:
        for fact in decision.facts:
            if isinstance(fact, Continued):
                tools.library.keep(tx, fact.pins)
        head = record(tx, decision.case, decision.facts)
        tools.cases.put(head, decision.case)
    told: list[Tell] = []
    for effect in decision.effects:
        if isinstance(effect, Tell):
            told.append(effect)
        else:
            _queue(tx, decision.case, effect, now, tools)
    return told


def record(tx: Tx, case: Case, facts: tuple[Fact, ...]) -> str:
    doing = (step.person for step in case.steps)
    involved = dict.fromkeys((case.leaver, *(s.person for s in case.successors.values()), *doing))
    return tx.record(
        case.ref,
        [codec.row(fact) for fact in facts],
        codec.encode(case),
        str(case.status),
        tuple(person for person in involved if person),
    )


def _count(tx: Tx, decision: Decision, now: datetime) -> None:
    """A refusal is stored the 1st, 10th, 100th … time a person meets it; the others are only counted."""
    case = decision.case
    for fact in decision.facts:
        if not isinstance(fact, Refused) or case is None:
            continue
        times = tx.refused(f"{case.ref}/{fact.by}/{fact.verb}/{fact.code}/{fact.step}", now)
        if worth_keeping(times):
            counted = replace(fact, times=times)
            record(tx, fold(case, counted), (counted,))


def _queue(tx: Tx, case: Case | None, effect: Effect, now: datetime, tools: Tools) -> None:
    assert case is not None, "only what concerns a case is queued"
    match effect:
        case Say() | Ask():
            priority = int(isinstance(effect, Say) and effect.reminder)
            for lane, to in posts_of(effect.lane, effect.to, tools.admin_chats):
                _add(tx, case.ref, lane, to, effect, now, priority)
        case Amend():
            for lane, to in posts_of(effect.lane, effect.lane.rsplit("/", 1)[1], tools.admin_chats):
                _add(tx, case.ref, lane, to, effect, now)
        case Wake():
            tx.wake(Timer(case=case.ref, about=effect.about, step=effect.step, revision=effect.revision, due=effect.at))
        case Nudge():
            nudge(tx, effect, now, tools.people, tools.workdays)


def queue(tx: Tx, ref: str, effect: Say, now: datetime, priority: int = 0) -> None:
    """A message to one person."""
    _add(tx, ref, effect.lane, effect.to, effect, now, priority)


def _add(
    tx: Tx, ref: str, lane: str, to: PersonId, effect: Say | Ask | Amend, now: datetime, priority: int = 0
) -> None:
    kind, data = "amend" if isinstance(effect, Amend) else "say", codec.encode(effect)
    tx.queue(lane=lane, case=ref, to=to, kind=kind, effect=data, priority=priority, due=now)


def redraw(tx: Tx, clicked: Message | None, ref: CaseRef, now: datetime) -> None:
    """An old button explains itself, and the card it stood on is drawn as things stand."""
    post = tx.post_at(clicked.place, clicked.id) if clicked is not None else None
    if post is None or post.case != ref or not post.effect:
        return
    said = codec.said(post.effect)
    _add(tx, ref, post.lane, post.to, Amend(post.lane, said.view), now)


def amend(tx: Tx, ref: str, lane: str, to: PersonId, view: View, now: datetime) -> None:
    """Draw what stands on this lane again."""
    _add(tx, ref, lane, to, Amend(lane, view), now)


def say(tx: Tx, person: PersonId, card: Card, about: str, now: datetime, tools: Tools) -> None:
    """A card of no case, as a private message. `about` is legal in a lane and unlike any other."""
    lane = f"told/{about}/0/{person}"
    queue(tx, "", Say(lane, person, tools.drawer.note(lane, card)), now)


def desk_of(tx: Tx, person: PersonId) -> Desk:
    data = tx.desk(person)
    return codec.desk(data) if data is not None else Desk(person=person)


def nudge(tx: Tx, effect: Nudge, now: datetime, people: People, workdays: Workdays) -> None:
    """Put it on the person's desk."""
    rhythm = people.rhythm(tx.person(effect.to))
    put_desk(tx, put(desk_of(tx, effect.to), effect, now, rhythm, workdays))


def put_desk(tx: Tx, desk: Desk) -> None:
    """Keep the desk and set its one timer."""
    tx.put_desk(desk.person, codec.encode(desk))
    where = DESK + desk.person
    if desk.flush_at is None:
        tx.unwake(where, "desk", 0)
    else:
        tx.wake(Timer(case=where, about="desk", step=0, revision=0, due=desk.flush_at))
