"""Who is who: roles from the company's own lists, names and languages from what is known of a person.

RULES
 1. Authority comes from the configuration, never from a payload, a profile or a chat.
 2. One person may have several ids (Slack, WeCom); they act under one, and it is the one in the record.
 3. Ids are compared case-folded where the platform does (WeCom).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import time

from msgspec import Struct

from bot.core.cadence import Rhythm
from bot.core.case import PersonId
from bot.core.events import Actor, Roster
from bot.core.lexicon import key
from bot.core.rules import Refusal
from bot.playbook.card import MENTION, Card
from bot.ports import Tx
from bot.rows import PersonRow

OUTSIDE = frozenset({"outsider", "bot"})
"""Standings of those who can have no part in a handover, not even as the one who leaves."""

NO_HELP = OUTSIDE | {"guest", "gone"}
"""Standings of those who can take nothing over."""


class Company(Struct, frozen=True):
    """What the configuration says of the company. Times are local to `zone`."""

    admins: tuple[PersonId, ...] = ()
    second_approvers: tuple[PersonId, ...] = ()
    owner: PersonId = ""
    zone: str = "Asia/Shanghai"
    language: str = "zh-CN"
    start: time = time(9, 30)
    end: time = time(18, 0)
    lunch: tuple[time, time] = (time(12, 0), time(14, 0))
    same: Mapping[PersonId, PersonId] = {}
    """Other ids of a person -> the one under which they act."""


def folded(id: PersonId) -> PersonId:
    """WeCom ids are the same whatever their case."""
    return id.casefold() if id.startswith("wecom:") else id


class People:
    def __init__(self, company: Company) -> None:
        self.company = company
        self._same = {folded(other): folded(one) for other, one in company.same.items()}
        self.roster = Roster(
            admins=tuple(dict.fromkeys(map(self.acts_as, company.admins))),
            second_approvers=tuple(dict.fromkeys(map(self.acts_as, company.second_approvers))),
            owner=self.acts_as(company.owner) if company.owner else "",
        )

    def acts_as(self, id: PersonId) -> PersonId:
        return self._same.get(folded(id), folded(id))

    def actor(self, id: PersonId, known: PersonRow | None) -> Actor:
        """Who this id is. A person of whom nothing is known is nobody who may act."""
        person = self.acts_as(id)
        via, _, _ = id.partition(":")
        return Actor(
            person=person,
            admin=person in self.roster.admins,
            second_approver=person in self.roster.second_approvers,
            operator=via == "operator",
            standing="member" if via == "operator" else known.standing if known else "stranger",
            via=via,
        )

    def decides(self, id: PersonId) -> bool:
        """Whether this person has a say in other people's cases."""
        person, roster = self.acts_as(id), self.roster
        return person in roster.admins or person in roster.second_approvers or person == roster.owner

    def language(self, known: PersonRow | None) -> str:
        return (known.language if known else "") or self.company.language

    def zone(self, known: PersonRow | None) -> str:
        return (known.zone if known else "") or self.company.zone

    def rhythm(self, known: PersonRow | None) -> Rhythm:
        company = self.company
        return Rhythm(zone=self.zone(known), start=company.start, end=company.end, lunch=company.lunch)


def mentioned(card: Card) -> tuple[PersonId, ...]:
    """Everybody whose name a card needs."""
    from bot.playbook.card import card_bytes  # local: the hot path never draws

    return tuple(dict.fromkeys(MENTION.findall(card_bytes(card).decode())))


def named(text: str, people: Iterable[PersonRow]) -> PersonId | None:
    """The one person whose id or name was typed, or None when nobody or several fit."""
    wanted = key(text).lstrip("@").strip()
    if not wanted:
        return None
    fits = {
        p.same_as or p.id
        for p in people
        if wanted in (p.id.casefold(), key(p.name)) or key(p.name).split(" ")[0] == wanted
    }
    return fits.pop() if len(fits) == 1 else None


def find(tx: Tx, text: str, people: People, *, leaves: bool) -> PersonId | None:
    """Who was named or chosen, by id or by name; None when nobody is known by it, or several are.

    Raises Refusal for those who can have no part in a handover (`leaves`: as the one who leaves)."""
    row = tx.person(people.acts_as(text.strip().lstrip("@").strip()))
    if row is None and (found := named(text, tx.people())) is not None:
        row = tx.person(people.acts_as(found))
    if row is None:
        return None
    if row.standing in (OUTSIDE if leaves else NO_HELP):
        raise Refusal("not_of_us")
    return row.id
