"""What stands in the conversations of the page, in the order in which it came.

Posts are the board's and survive a restart of the program. What was typed and answered privately is kept in memory
only: free text has its place in the record, sealed, and nowhere else. What looks like a secret is masked before it is
shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from msgspec import Struct

from bot.core.case import CaseRef, PersonId
from bot.core.effects import ADMINS
from bot.core.mask import mask
from bot.demo.board import Shown
from bot.demo.cast import BY_ROLE, PARTS
from bot.playbook.card import Card

ADMIN = BY_ROLE["admin"].id


class Entry(Struct):
    """`kind`: post, typed (by `who`), told (privately, to `who`). `place` is a person's chat, or ADMINS with `case` for
    a thread. `version` grows with each redraw."""

    id: str
    kind: str
    place: PersonId
    at: datetime
    case: CaseRef = ""
    who: PersonId = ""
    text: str = ""
    card: Card | None = None
    names: Mapping[PersonId, str] = {}
    first: Card | None = None
    redrawn: bool = False
    root: bool = False
    shown: Shown | None = None
    version: int = 0


class Note(Struct, frozen=True):
    """One sentence about what just happened on purpose: a key of the page's words, and what fills it in."""

    key: str
    values: Mapping[str, str] = {}
    bad: bool = False


class Room:
    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._of_message: dict[str, str] = {}
        self._count = 0
        self.note: Note | None = None
        self.version = 0

    def clear(self) -> None:
        """Ids are not used again, so that a page that is behind cannot mistake one message for another."""
        self._entries.clear()
        self._of_message.clear()
        self.note = None

    def posted(self, shown: Shown, at: datetime) -> Entry:
        """A post that is new, or redrawn where it stands."""
        known = self._entries.get(self._of_message.get(shown.message.id, ""))
        if known is None:
            root = shown.to == ADMINS and shown.card.kind == "case"
            known = self._new("post", shown.to, at, shown.case, root=root)
            self._of_message[shown.message.id] = known.id
        else:
            self.version += 1
            known.version = self.version
        # What stood in the message as it was first sent keeps its names: a redrawn card may mention fewer people.
        known.card, known.names, known.shown = shown.card, {**known.names, **shown.names}, shown
        known.first, known.redrawn = shown.first, shown.was is not None
        return known

    def typed(self, who: PersonId, place: PersonId, case: CaseRef, text: str, at: datetime) -> Entry:
        entry = self._new("typed", place, at, case)
        entry.who, entry.text = who, mask(text)[0]
        return entry

    def told(
        self, who: PersonId, place: PersonId, case: CaseRef, card: Card, names: Mapping[PersonId, str], at: datetime
    ) -> Entry:
        entry = self._new("told", place, at, case)
        entry.who, entry.card, entry.names = who, card, names
        return entry

    def again(self, said: Callable[[Card], Card], names: Mapping[PersonId, str]) -> None:
        """Private answers in another language; what nobody can say again stays as it was told."""
        for entry in self._entries.values():
            if entry.kind == "told" and entry.card is not None and (card := said(entry.card)) is not entry.card:
                self.version += 1
                entry.card, entry.names, entry.version = card, names, self.version

    def entry(self, id: str) -> Entry | None:
        return self._entries.get(id)

    def entries(self) -> list[Entry]:
        """Everything, oldest first."""
        return list(self._entries.values())

    def of(self, pane: str, *, threads: bool) -> Iterator[Entry]:
        return (entry for entry in self.entries() if pane_of(entry, threads=threads) == pane)

    def _new(self, kind: str, place: PersonId, at: datetime, case: CaseRef, *, root: bool = False) -> Entry:
        self._count += 1
        self.version += 1
        entry = Entry(f"m{self._count}", kind, place, at, case, root=root, version=self.version)
        self._entries[entry.id] = entry
        return entry


def pane_of(entry: Entry, *, threads: bool) -> str:
    """The pane in which an entry stands. Where there are no threads, the admins read everything in their own chat."""
    private = not threads and entry.kind == "told" and entry.who != ADMIN
    if entry.place == ADMINS and not private:
        return "admins" if threads else "admin"
    owner = entry.who if private else entry.place
    return next((part.role for part in PARTS if part.id == owner), "")
