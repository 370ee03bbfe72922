"""The demo in another language: who speaks it, and what was answered privately said again in it.

A private answer is kept nowhere: it is drawn from the case as it stood when it was given, so it is remembered here for
as long as the program runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from bot.app import App, seat
from bot.core.case import Case, CaseRef
from bot.core.effects import ADMINS, Tell, View
from bot.demo.cast import ADMIN, rows
from bot.demo.given import Words
from bot.errors import StoreError
from bot.playbook.card import Card
from bot.playbook.views.replies import help_card
from bot.playbook.views.talk import question_words
from bot.ports import Reads, Tx
from bot.runtime import codec

if TYPE_CHECKING:
    from bot.runtime.hearing import Hearing


class Replies:
    """Private answers that can be drawn again: those that tell how a case stood, and what can be written."""

    def __init__(self) -> None:
        self._given: list[tuple[Card, Tell | None, Case | None, str]] = []

    def keep(self, hearing: Hearing, cards: Sequence[Card]) -> None:
        """`cards`: everything that the person was told, as it was drawn."""
        plain = len(hearing.cards)
        self._given += [(card, None, None, hearing.heard.person) for card in cards[:plain] if card.kind == "help"]
        for card, (case, tell) in zip(cards[plain:], hearing.tells, strict=True):
            self._given.append((card, tell, case, hearing.heard.person))

    def clear(self) -> None:
        self._given.clear()

    def again(self, app: App, card: Card) -> Card:
        """The same answer as it is said now; the card itself when nothing is known of it."""
        for place, (known, tell, case, person) in enumerate(self._given):
            if known is not card:
                continue
            if tell is not None and case is not None:
                said = app.store.read(partial(app.drawer.tell, case=case, tell=tell))
            else:
                copy = app.store.read(partial(app.drawer.copy, reader=person))
                said = help_card(copy, admin=person == ADMIN)
            self._given[place] = (said, tell, case, person)
            return said
        return card


def title(app: App, playbook: str, language: str) -> str:
    """What a playbook calls itself."""
    library = app.drawer.library

    def named(reads: Reads) -> str:
        return library.of(reads, None, library.newest(playbook))[playbook].words[language].name

    return app.store.read(named)


def words(app: App, ref: CaseRef) -> Words:
    """What the record of a case is told with."""

    def asked(reads: Reads) -> Words:
        row = reads.case(ref)
        if row is None:
            return Words()
        case = codec.case(row.state)
        scene = app.drawer.scene(reads, case, View("case"), ADMINS)
        questions = {*case.answers, "last_day", "successor"}
        questions |= {case.asking.question} if case.asking else set()
        own = {id: book.words[scene.language] for id, book in scene.playbooks.items()}
        return Words(
            {step.number: scene.title(step) for step in case.steps},
            {id: question_words(scene, id).ask for id in questions},
            {id: rule for book in own.values() for id, rule in book.invariants.items()},
            {id: book.name for id, book in own.items()},
        )

    return app.store.read(asked)


def spoken(reads: Reads) -> str:
    """The language in which a demo was played last. Raises StoreError when this is no demo's database."""
    people = reads.people()
    if any(not person.id.startswith("demo:") for person in people) or (reads.cases() and not people):
        raise StoreError("this database holds more than the demo's people: give the demo one of its own, with --db")
    return people[0].language if people else ""


def spoken_by_all(tx: Tx, language: str) -> None:
    seat(tx, language)
    for person in rows(language):
        tx.put_person(person)
