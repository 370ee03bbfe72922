"""Who is who: roles from the company's own lists, names and languages from what is known of a person.

RULES
 1. Authority comes from the configuration, never from a payload, a profile or a chat.
 2. One person may have several ids (Slack, WeCom); they act under one, and it is the one in the record.
 3. Ids are compared case-folded where the platform does (WeCom).
 4. Who is gone decides nothing (`there`), however the configuration names them.
 5. Ids are joined by the configuration, or by an admin who agreed to a link in chat (linking.py). Where they say
    different things, the configuration counts. Whose names are alike are not the same for that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import time

from msgspec import Struct
from msgspec.structs import replace

from bot.core.cadence import Rhythm
from bot.core.case import PersonId
from bot.core.events import Actor, Roster
from bot.core.lexicon import key
from bot.core.rules import Refusal
from bot.playbook.card import MENTION, Card
from bot.ports import Reads, Tx
from bot.rows import LinkRow, PersonRow

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
    persons: tuple[tuple[PersonId, ...], ...] = ()
    """The ids of each person whom the configuration names, those with one id too."""


_ID = re.compile(r"[a-z]+:\S+$")


def folded(id: PersonId) -> PersonId:
    """WeCom ids are the same whatever their case."""
    return id.casefold() if id.startswith("wecom:") else id


class People:
    """Links are kept here as the store has them. A work that changes them does so in `as_of`: when it comes to nothing,
    they are read anew before the next one."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self._configured = {folded(other): folded(one) for other, one in company.same.items()}
        self._groups: dict[PersonId, frozenset[PersonId]] = {}
        for group in (*company.same.items(), *company.persons):
            ids = frozenset(map(folded, group))
            self._groups |= {id: ids | self._groups.get(id, frozenset()) for id in ids}
        self.doubtful = True
        self._gone: frozenset[PersonId] = frozenset()
        self._join({})

    def _join(self, linked: Mapping[PersonId, PersonId]) -> None:
        company = self.company
        self._same = {**linked, **self._configured}
        self.roster = Roster(
            admins=tuple(dict.fromkeys(map(self.acts_as, company.admins))),
            second_approvers=tuple(dict.fromkeys(map(self.acts_as, company.second_approvers))),
            owner=self.acts_as(company.owner) if company.owner else "",
        )
        self._reckon()

    def _reckon(self) -> None:
        """Who of those who decide is away: gone under every id of theirs. `there` is the roster without them; with them
        where no admin would be left."""
        lists = (*self.roster.admins, *self.roster.second_approvers, self.roster.owner)
        self.away = frozenset(one for one in lists if one and self._gone.issuperset(self.ids(one)))
        admins = self.roster.approvers(without=self.away)
        seconds = tuple(one for one in self.roster.second_approvers if one not in self.away)
        left = replace(self.roster, admins=admins, second_approvers=seconds)
        self.there = left if admins else self.roster

    def standings(self, known: Iterable[PersonRow]) -> None:
        """How everybody stands, as it was last learnt."""
        self._gone = frozenset(row.id for row in known if row.standing == "gone")
        self._reckon()

    def relink(self, links: Iterable[LinkRow]) -> None:
        """These are the links."""
        agreed = [link for link in links if link.state == "agreed" and not self.denies(link.one, link.other)]
        self._join({folded(link.other): folded(link.one) for link in agreed})
        self.doubtful = False

    @contextmanager
    def as_of(self, reads: Reads) -> Iterator[None]:
        """For one work on the writer's thread."""
        if self.doubtful:
            self.relink(reads.links())
            self.standings(reads.people())
        try:
            yield
        except BaseException:
            self.doubtful = True
            raise

    def denies(self, one: PersonId, other: PersonId) -> bool:
        """Whether the configuration says that these are not the same: it names both, as two people, or it names another
        id for one of them."""
        groups = [group for id in (one, other) if (group := self._groups.get(folded(id))) is not None]
        if any(folded(one) in group and folded(other) in group for group in groups):
            return False
        return len(groups) > 1 or any(len(group) > 1 for group in groups)

    def is_configured(self, id: PersonId) -> bool:
        """Whether the configuration names another id of this person."""
        return len(self._groups.get(folded(id), ())) > 1

    def acts_as(self, id: PersonId) -> PersonId:
        return self._same.get(folded(id), folded(id))

    def ids(self, person: PersonId) -> tuple[PersonId, ...]:
        """Every id of whoever acts under this one, that one first."""
        return (person, *(other for other, one in self._same.items() if one == person and other != person))

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


def named(text: str, known: Iterable[PersonRow], people: People) -> PersonId | None:
    """The one person whose id or name was typed, or None when nobody or several fit. What has the form of an id is one,
    and nobody's name: anybody may call themselves what they like."""
    wanted = key(text).lstrip("@").strip()
    if not wanted:
        return None
    if _ID.match(wanted):
        fits = {people.acts_as(row.id) for row in known if row.id.casefold() == wanted}
    else:
        fits = {people.acts_as(row.id) for row in known if wanted in (key(row.name), key(row.name).split(" ")[0])}
    return fits.pop() if len(fits) == 1 else None


def find(tx: Tx, text: str, people: People, *, leaves: bool) -> PersonId | None:
    """Who was named or chosen, by id or by name; None when nobody is known by it, or several are.

    Raises Refusal for those who can have no part in a handover (`leaves`: as the one who leaves)."""
    row = tx.person(people.acts_as(text.strip().lstrip("@").strip()))
    if row is None and (found := named(text, tx.people(), people)) is not None:
        row = tx.person(people.acts_as(found))
    if row is None:
        return None
    if row.standing in (OUTSIDE if leaves else NO_HELP):
        raise Refusal("not_of_us")
    return row.id
