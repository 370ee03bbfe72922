"""What the directory says is learnt; who is gone is told to those who can act; what waited for it is judged.

RULES
 1. The first word of the directory sets a person's language and zone. Later ones do not: a person may have chosen.
 2. Who is gone is written to no more. The admins of each open case in which they have a part are told, once for each
    time that they go. Nothing of the case changes by itself.
 3. Who comes back finds everything that was kept for them: their messages leave, their desk goes on.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from bot.core import desk as desks
from bot.core.case import SETTLED, Case, CaseRef, PersonId
from bot.core.effects import Say
from bot.ports import Tx
from bot.rows import PersonRow
from bot.runtime.hearing import Hearing
from bot.runtime.keeping import desk_of, put_desk, queue, say
from bot.runtime.outcomes import AWAY, GONE, HIDDEN, cause_of, return_to
from bot.runtime.people import folded
from bot.runtime.tools import Tools


def learn(tx: Tx, said: PersonRow, now: datetime, tools: Tools) -> list[CaseRef]:
    """Store it. Returns the cases whose admins have to be told that this person is gone."""
    id = folded(said.id)
    before = tx.person(id)
    acts_as = tools.people.acts_as(id)
    row = replace(
        said,
        id=id,
        name=said.name or (before.name if before else ""),
        language=(before.language if before else "") or said.language,
        zone=(before.zone if before else "") or said.zone,
        same_as=acts_as if acts_as != id else "",
        seen_at=now,
    )
    tx.put_person(row)
    was, is_gone = before is not None and before.standing == GONE, row.standing == GONE
    if not was and not is_gone:  # they are seen: what they were out of reach for leaves
        rows = tx.outbox(states=("parked",))
        return_to(tx, {row.id for row in rows if row.to == id and cause_of(row) == HIDDEN}, now)
    if acts_as != id or was == is_gone:
        return []
    if is_gone:
        return [case.ref for case in parts(tx, id, tools) if before is not None and first_told(tx, case.ref, id, now)]
    comes_back(tx, id, now, tools)
    return []


def parts(tx: Tx, person: PersonId, tools: Tools) -> Iterable[Case]:
    """The open cases in which this person has something to do, or leaves."""
    for row in tx.cases(open_only=True):
        case = tools.cases.get(row)
        successors = {successor.person for successor in case.successors.values() if not successor.declined}
        doing = {step.person for step in case.steps if step.status not in SETTLED}
        if person in {case.leaver, *successors, *doing}:
            yield case


def first_told(tx: Tx, ref: CaseRef, person: PersonId, now: datetime) -> bool:
    """Whether the admins of this case have not been told yet that this person is gone."""
    return tx.refused(_gone(ref, person), now) == 1


def _gone(ref: CaseRef, person: PersonId) -> str:
    return f"{GONE}/{ref}/{person}"


def comes_back(tx: Tx, person: PersonId, now: datetime, tools: Tools) -> None:
    """Rule 3."""
    return_to(tx, {row.id for row in tx.outbox(states=("parked",)) if row.to == person and cause_of(row) in AWAY}, now)
    for row in tx.cases(open_only=True):
        tx.forget_refused(_gone(row.ref, person))
    desk = desk_of(tx, person)
    if desk.waiting and desk.flush_at is None:
        rhythm = tools.people.rhythm(tx.person(person))
        put_desk(tx, desks.resume(desk, now, rhythm, tools.workdays))


def answer(tx: Tx, hearing: Hearing, about: str, now: datetime, tools: Tools) -> None:
    """What somebody is told of a delivery that had to wait: privately, as messages. `about` is unlike any other. What
    was pressed on a message that stands, and accepted, shows there and is not said besides."""
    person, click = hearing.actor.person, hearing.heard.click
    shows = click is not None and click.message is not None and not hearing.refused
    told = [(case, tell) for case, tell in hearing.tells if not (shows and tell.view.name == "answer")]
    for number, (case, tell) in enumerate(told, start=1):
        queue(tx, case.ref, Say(f"{case.ref}/told-{about}-{number}/0/{person}", person, tell.view), now)
    for number, card in enumerate(hearing.cards, start=1):
        say(tx, person, card, f"{about}-{number}", now, tools)
