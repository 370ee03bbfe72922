"""What a view is drawn from: the case as it stands now, who reads, in which language, and how buttons get values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from msgspec import Struct

from bot.core.cadence import local_day
from bot.core.case import Case, PersonId, Sealed, Step
from bot.core.effects import ADMINS, View
from bot.core.events import Roster, Weekdays, Workdays, working_days
from bot.core.progress import place
from bot.core.rules import is_admin
from bot.playbook.card import Button, Card, Field, mention, plain
from bot.playbook.copy import Copy, compiled
from bot.playbook.model import Playbook, StepWords

NOBODY = "–"


class Scene(Struct, frozen=True):
    """Everything a card may depend on.

    `value(subject, revision, verb)` makes the opaque value of a button; `unseal` opens free text (None when it cannot
    be read any more). `round` is the round of the message that is drawn: an older one than the step's is out of date.
    """

    case: Case
    view: View
    reader: PersonId
    copy: Copy
    zone: str
    now: datetime
    roster: Roster
    playbooks: Mapping[str, Playbook]
    value: Callable[[str, int, str], str]
    unseal: Callable[[Sealed], str | None]
    round: int = 0
    workdays: Workdays = Weekdays()

    @property
    def language(self) -> str:
        return self.copy.language

    @property
    def for_admins(self) -> bool:
        return self.reader == ADMINS

    def who(self, person: PersonId) -> str:
        """A person in a sentence; the admins as a group; nobody as a dash."""
        if person == ADMINS:
            return self.copy("admins")
        return mention(person) if person else NOBODY

    def people(self, people: tuple[PersonId, ...]) -> str:
        return self.copy.listed([self.who(person) for person in people]) if people else NOBODY

    def leaver(self) -> str:
        return self.who(self.case.leaver)

    def day(self, day: date | None) -> str:
        return self.copy.day(day) or NOBODY

    def today(self) -> date:
        return local_day(self.now, self.zone)

    def days_left(self, day: date) -> int:
        """Working days until this day, today and the day itself included."""
        return working_days(self.today(), day, self.workdays)

    def moment(self, at: datetime | None) -> str:
        return self.copy.moment(at, self.zone)

    def words(self, sealed: Sealed | None) -> str:
        """Free text, made harmless; "" when there is none or it was erased."""
        opened = self.unseal(sealed) if sealed is not None else None
        return plain(opened) if opened else ""

    def step(self) -> Step:
        step = self.case.step(self.view.step)
        assert step is not None, "a view names a step of its own case"
        return step

    def step_words(self, step: Step) -> StepWords:
        """The words of a step in the reader's language, or in any that the playbook has."""
        playbook = self.playbooks.get(step.playbook)
        if playbook is None or not playbook.words:
            return StepWords(title=step.title)
        words = playbook.words.get(self.language) or next(iter(playbook.words.values()))
        return words.steps.get(step.id) or StepWords(title=step.title)

    def title(self, step: Step) -> str:
        return self.step_words(step).title

    def prose(self, source: str, step: Step) -> str:
        """A part of the prose with its variables filled in (the variables of interface version 1)."""
        successor = self.case.successor(step.target)
        return (
            compiled(source)
            .render(
                target=plain(step.target) or self.target_word(step),
                leaver=self.leaver(),
                successor=self.who(successor.person if successor else ""),
                last_day=self.day(self.case.last_day),
            )
            .strip()
        )

    def target_word(self, step: Step) -> str:
        playbook = self.playbooks.get(step.playbook)
        words = playbook.words.get(self.language) if playbook else None
        return words.target if words else ""

    def place(self, step: Step) -> str:
        at, of = place(self.case, step)
        if step.recovers:
            return self.copy("step_extra", at=at)
        return self.copy("step_of", at=at, of=of) if of else self.copy("step_at", at=at)

    def subject(self) -> str:
        """What the case is about: the names of the playbooks that it works through, and the targets of its plan."""
        at_work = dict.fromkeys(step.playbook for step in self.case.steps) or (pin.name for pin in self.case.pins)
        books = [self.playbooks[name] for name in at_work if name in self.playbooks]
        names = [words.name for book in books if (words := book.words.get(self.language)) is not None]
        targets = dict.fromkeys(plain(step.target) for step in self.case.steps if step.target)
        return self.copy("about", what=self.copy.listed(names), targets=self.copy.listed(list(targets)))

    def button(
        self, verb: str, label: str, subject: str, revision: int, *, detail: str = "", style: str = "", asks: str = ""
    ) -> Button:
        return Button(
            verb=verb,
            label=label,
            value=self.value(subject, revision, f"{verb}:{detail}" if detail else verb),
            detail=detail,
            style=style,
            asks=asks,
        )

    def field(self, name: str, value: str) -> Field:
        return Field(self.copy(f"fields.{name}"), value)

    def card(self, kind: str, title: str, summary: str = "") -> Card:
        """The beginning of every card of this scene."""
        ref = self.case.ref
        return Card(
            kind=kind,
            title=title,
            summary=self.copy.headed(ref, summary or title),
            reference=ref,
            language=self.language,
        )

    def reader_is_admin(self) -> bool:
        """Whether the card is drawn for those who decide."""
        return self.for_admins or (self.reader in self.roster.admins and self.reader != self.case.leaver)


def ended(scene: Scene) -> str:
    """Why nothing is left to do on what was never finished: the case is closed."""
    return scene.copy("case.closed", outcome=scene.copy(f"outcomes.{scene.case.outcome}"))


__all__ = ["ADMINS", "NOBODY", "Scene", "ended", "is_admin"]
