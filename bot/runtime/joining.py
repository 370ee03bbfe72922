"""What follows when two ids become one person, or two again: the record, their desks, what is told and shown.

RULES
 1. What happened is one line each in `links`, and stays there; who acts as whom follows from the newest of each link.
 2. Every outcome is told in both chats, in the language of each; every admin who was asked sees it on their card.
 3. Nothing that was done before changes. What waited on the desk of the other id waits for the person.
 4. The configuration counts more: what it says otherwise is undone when the server begins, and that is told too.
 5. An id that was given up and is somebody's again may be somebody else's: companies give them out anew. What was
    agreed to before is undone, and whoever it is links again.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec.structs import replace

from bot.core.case import SYSTEM, PersonId
from bot.core.desk import resume
from bot.core.effects import View
from bot.playbook.card import Card
from bot.playbook.copy import load
from bot.playbook.views.pairing import said
from bot.playbook.views.replies import sentence
from bot.ports import Reads, Tx
from bot.rows import LinkRow
from bot.runtime.keeping import amend, desk_of, put_desk, say
from bot.runtime.links import LINK, numbered
from bot.runtime.people import folded
from bot.runtime.tools import Tools

CONFIGURATION = "configuration"


def lapse(tx: Tx, number: int, now: datetime, tools: Tools) -> None:
    """Nobody decided in time."""
    asked = numbered(tx, number)
    if asked is not None and asked.state == "asked":
        ends(tx, replace(asked, state="lapsed", by=SYSTEM, at=now), now, tools)


def settle(tx: Tx, now: datetime, tools: Tools) -> None:
    """Rule 4, when the server begins; and what rows say of configured ids that are joined no more is taken out."""
    for row in tx.links():
        if row.state == "agreed" and tools.people.denies(row.one, row.other):
            undo(tx, row, CONFIGURATION, now, tools)
    for person in tx.people():
        acts_as = tools.people.acts_as(person.id)
        same_as = acts_as if acts_as != folded(person.id) else ""
        if person.same_as != same_as:
            tx.put_person(replace(person, same_as=same_as))


def returned(tx: Tx, id: PersonId, now: datetime, tools: Tools) -> None:
    """Rule 5: an id that was nobody's is somebody's again."""
    for row in tx.links():
        if row.state == "agreed" and id in (row.one, row.other):
            undo(tx, row, SYSTEM, now, tools)


def join(tx: Tx, agreed: LinkRow, now: datetime, tools: Tools) -> None:
    """From here on they act as one; what waited for the other id waits for them."""
    if (row := tx.person(agreed.other)) is not None:
        tx.put_person(replace(row, same_as=agreed.one))
    moved, desk = desk_of(tx, agreed.other), desk_of(tx, agreed.one)
    if moved.waiting:
        rhythm = tools.people.rhythm(tx.person(agreed.one))
        desk = replace(desk, waiting=(*desk.waiting, *moved.waiting))
        put_desk(tx, desk if desk.flush_at or desk.paused_until else resume(desk, now, rhythm, tools.workdays))
    put_desk(tx, replace(moved, waiting=(), flush_at=None, prompt=None))


def undo(tx: Tx, agreed: LinkRow, by: PersonId, now: datetime, tools: Tools) -> None:
    if (row := tx.person(agreed.other)) is not None:
        tx.put_person(replace(row, same_as=""))
    ends(tx, replace(agreed, state="undone", by=by, at=now), now, tools)


def ends(tx: Tx, line: LinkRow, now: datetime, tools: Tools) -> None:
    """Written down, told in both chats, and shown on every admin's card."""
    tx.put_link(line)
    tools.people.relink(tx.links())
    tx.unwake(f"{LINK}/{line.link}", "lapse", 0)
    for id, other in ((line.one, line.other), (line.other, line.one)):
        about = f"link-{line.link}-{line.state}"
        key = f"pairing.{line.state}" if line.state != "agreed" else _where(line, id)
        tell(tx, id, key, about, now, tools, who=other)
    view = View("pairing", args={"link": str(line.link)})
    for post in tx.posts(""):
        if post.lane.startswith(lane(line.link, "")):
            amend(tx, "", post.lane, post.to, view, now)


def _where(line: LinkRow, id: PersonId) -> str:
    """Who is told in which chat they will be written to."""
    return "pairing.agreed" if id == line.one else "pairing.agreed_there"


def tell(tx: Tx, to: PersonId, key: str, about: str, now: datetime, tools: Tools, who: PersonId = "") -> None:
    """To this id itself, whatever it acts as."""
    copy = load(tools.people.language(tx.person(to)))
    card: Card = sentence(copy, key, who=said(copy, who) if who else "")
    say(tx, to, card, about, now, tools)


def lane(number: int, admin: PersonId) -> str:
    return f"{LINK}/request-{number}/0/{admin}"


def has_part(reads: Reads, id: PersonId) -> bool:
    """Whether this id stands anywhere in an open handover: as who leaves, takes over, does, confirmed or approved."""
    name = msgspec.json.encode(id)
    return any(name in row.state for row in reads.cases(open_only=True))
