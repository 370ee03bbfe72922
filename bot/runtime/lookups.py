"""Who has to be looked up before what they did is judged; and what was heard meanwhile, kept until then.

RULES
 1. Who is asked of a directory is decided from the id alone: the id belongs to a platform that has one.
 2. Somebody who decides is judged by what the directory said at most ten minutes ago, and so is somebody of whom it
    said that they may not act: that may have been put right. Anybody else is looked up once a day.
 3. A delivery that has to wait is kept as a row of the outbox, of kind `lookup`, in a lane of its person: it is durable
    before the platform is acknowledged, comes after what the same person did before, and is tried again as a message
    is. What was typed is in it, so the row holds it encrypted, bound to its lane.
 4. It is judged in the transaction that removes the row, once: the number of a row is never given to another.
 5. Nobody's id stays nobody. Who was somebody, and is not known there any more, is gone. Of whom the directory may not
    tell us anything, that counts which was known before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from bot.core.case import PersonId
from bot.core.lexicon import clean
from bot.core.mask import mask
from bot.edges import Directory
from bot.errors import Gone, Hidden, Rejected
from bot.heard import Heard
from bot.ports import Clock, OutboxRow, Reads, Store, Tx
from bot.rows import PersonRow
from bot.runtime.pacing import LOOKUP
from bot.runtime.people import People, folded
from bot.runtime.seal import Seals

if TYPE_CHECKING:
    from bot.runtime.hearing import Hearing
    from bot.runtime.tools import Tools

FRESH = timedelta(minutes=10)
"""How old the directory's word may be of somebody who decides."""

KNOWN = timedelta(days=1)
"""How old it may be of anybody else."""

MOST_KEPT = 8000
"""Characters of a text that are kept: more than is ever read of it."""

MOST_PEOPLE = 20
TO = f"{LOOKUP}/"


class Deferred(Struct, frozen=True):
    """What was heard, and who has to be looked up before it is judged."""

    heard: Heard
    people: tuple[PersonId, ...]


def lane_of(person: PersonId) -> str:
    return f"{LOOKUP}/{LOOKUP}/0/{person}"


class Acquaintances:
    """Whether somebody is known well enough to be judged. `directories` may still be unopened: only `serves` is asked.

    How much is kept of whom is counted, never too little, so that nobody else has to be looked for in the outbox. Used
    by the store's writer alone."""

    def __init__(self, directories: Sequence[Directory], people: People) -> None:
        self.directories = directories
        self._people = people
        self._kept: Counter[PersonId] | None = None

    def directory(self, person: PersonId) -> Directory | None:
        return next((directory for directory in self.directories if directory.serves(person)), None)

    def is_fresh(self, known: PersonRow | None, person: PersonId, now: datetime) -> bool:
        """Whether what is known of this person is enough to judge what they did."""
        if self.directory(person) is None:
            return True
        if known is None or known.seen_at is None:
            return False
        decides = self._people.decides(person) or known.standing != "member"
        return abs(now - known.seen_at) <= (FRESH if decides else KNOWN)

    def missing(self, tx: Tx, heard: Heard, known: PersonRow | None, now: datetime) -> tuple[PersonId, ...]:
        """Who has to be looked up first; `known` is the row of the one who acts."""
        actor = folded(heard.person)
        found = [] if self.is_fresh(known, actor, now) else [actor]
        for person in dict.fromkeys(map(folded, heard.people[:MOST_PEOPLE])):
            if person != actor and not self._is_met(tx.person(person), person, now):
                found.append(person)
        return tuple(found)

    def _is_met(self, known: PersonRow | None, person: PersonId, now: datetime) -> bool:
        """Whether somebody who is only mentioned is known. Who may not take part may be let in by now."""
        if self.directory(person) is None:
            return True
        if known is None or known.seen_at is None:
            return False
        return abs(now - known.seen_at) <= (KNOWN if known.standing == "member" else FRESH)

    def waits(self, tx: Tx, person: PersonId) -> bool:
        """Whether something that this person did earlier still waits to be judged."""
        if self._kept is None:
            self._kept = Counter(row.to.removeprefix(TO) for row in tx.outbox() if row.kind == LOOKUP)
        return self._kept[person] > 0 and tx.queued(lane_of(person))

    def kept(self, person: PersonId) -> None:
        """Something of this person is kept."""
        if self._kept is not None:
            self._kept[person] += 1

    def judged(self, person: PersonId) -> None:
        """It was judged, and that is on disk."""
        if self._kept is not None:
            self._kept[person] -= 1


def known_here(tx: Tx, id: PersonId, known: PersonRow | None, tools: Tools) -> PersonRow | None:
    """What is known of an id of somebody who acts under another one, `known`. Where a directory knows the id they came
    by, that is what counts: who was locked out there cannot go on under their other name."""
    row = tx.person(folded(id))
    return row if tools.acquaintances.directory(folded(id)) is not None else row or known


def must_wait(hearing: Hearing) -> bool:
    """Whether somebody has to be looked up first, or something is kept that came before this; then this is kept."""
    asked, heard, person = hearing.tools.acquaintances, hearing.heard, hearing.actor.person
    if asked.directory(folded(heard.person)) is None and not heard.people:
        return False
    missing = asked.missing(hearing.tx, heard, hearing.seen, hearing.now)
    if missing or asked.waits(hearing.tx, person):
        defer(hearing.tx, heard, person, missing, hearing.tools.seals, hearing.now)
        asked.kept(person)
        hearing.later = True
        hearing.warn()
    return hearing.later


def defer(tx: Tx, heard: Heard, person: PersonId, missing: tuple[PersonId, ...], seals: Seals, now: datetime) -> None:
    """Keep what was heard until these are looked up. `person` is the id under which the one who acts does."""
    lane = lane_of(person)
    data = msgspec.json.encode(_storable(Deferred(heard, missing)))
    tx.queue(lane=lane, case="", to=TO + person, kind=LOOKUP, effect=seals.hide(lane, data), priority=0, due=now)


def _storable(deferred: Deferred) -> Deferred:
    """No longer than what is ever read of it, without what looks like a secret (the person is told of it before), and
    without halves of characters, which nothing can store."""
    heard, click = deferred.heard, deferred.heard.click

    def whole(text: str) -> str:
        return mask(clean(text[:MOST_KEPT].encode("utf-8", "replace").decode()))[0]

    if click is not None:
        chosen = tuple(map(whole, click.chosen))
        click = replace(click, words=whole(click.words), chosen=chosen)
    return Deferred(replace(heard, text=whole(heard.text), click=click), deferred.people)


def opened(row: OutboxRow, seals: Seals) -> Deferred | None:
    """What was kept; None when the master key is another one now."""
    data = seals.shown(row.lane, row.effect)
    return msgspec.json.decode(data, type=Deferred) if data is not None else None


class LookUps:
    """Asks the directories, outside of any transaction."""

    def __init__(self, store: Store, known: Acquaintances, seals: Seals, clock: Clock) -> None:
        self._store = store
        self._known = known
        self._seals = seals
        self._clock = clock

    async def ask(self, row: OutboxRow) -> tuple[PersonRow, ...]:
        """What the directories say of everybody whom this row waits for. Raises a ChatError: then it is not known."""
        deferred = opened(row, self._seals)
        if deferred is None:
            raise Rejected("what was kept cannot be opened with this master key")
        found = []
        for person in deferred.people:
            known = self._store.read(lambda reads, id=person: _person(reads, id))  # type: ignore[misc]
            if self._known.is_fresh(known, person, self._clock.now()):
                continue
            directory = self._known.directory(person)
            assert directory is not None, "who is served by none is fresh"
            try:
                found.append(replace(await directory.look_up(person), id=person))
            except Gone:
                if known is not None:
                    found.append(replace(known, standing="gone"))
            except Hidden:
                continue  # what was known of them is still what is known
        return tuple(found)


def _person(reads: Reads, id: PersonId) -> PersonRow | None:
    return reads.person(id)
