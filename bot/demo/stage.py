"""The table at which a handover is played: people write and press, time passes, the board shows what they see.

The stage is *given* everything that works by its director: hear a delivery, deliver what is queued, move the clock and
let happen what is due, read a case. It knows no store and no platform.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bot.core.case import Case, CaseRef, PersonId
from bot.demo.board import Board, Shown
from bot.demo.cast import BY_ROLE, Part
from bot.demo.lines import named
from bot.heard import Answer, Click, Heard
from bot.playbook.card import Button
from bot.playbook.copy import load


class Director(Protocol):
    """What the wiring gives to the stage."""

    def hear(self, heard: Heard) -> Answer: ...
    def settle(self) -> None:
        """Deliver everything that can be delivered now."""
        ...

    def now(self) -> datetime: ...
    def pass_time(self, until: datetime) -> None: ...
    def next_due(self) -> datetime | None: ...
    def cases(self) -> list[Case]: ...
    def names(self) -> dict[PersonId, str]: ...


class Watcher:
    """Is told what people do and hear. This one does nothing with it."""

    def did(self, role: str, how: str, text: str) -> None:
        """`how`: writes, presses, chooses."""

    def told(self, role: str, answer: Answer) -> None:
        """The private answer, before anything else is delivered."""

    def time_passed(self) -> None:
        """The clock has been moved."""


class NothingToPress(LookupError):
    """The person sees no such button."""


class Stage:
    """`run` makes the keys of deliveries differ between runs on one database. `watcher` is told what is done."""

    def __init__(self, director: Director, board: Board, run: str = "", watcher: Watcher | None = None) -> None:
        self.director = director
        self.board = board
        self.watcher = watcher or Watcher()
        self._run = run
        self._count = 0

    def part(self, role: str) -> Part:
        return BY_ROLE[role]

    def sees_thread(self, role: str) -> bool:
        return role == "admin"

    def writes(self, role: str, text: str, thread: CaseRef = "") -> Answer:
        """This person types something, privately or in a case's thread."""
        self.watcher.did(role, "writes", text)
        return self._heard(role, text=text, thread=thread)

    def presses(self, role: str, shown: Shown, button: Button, words: str = "", chosen: tuple[str, ...] = ()) -> Answer:
        self.watcher.did(role, "presses", f"{named(button.label, shown.names)} {words}".strip())
        click = Click(button.verb, button.value, button.detail, chosen=chosen, words=words, message=shown.message)
        return self._heard(role, click=click)

    def chooses(self, role: str, shown: Shown, chosen: tuple[str, ...], words: str = "") -> Answer:
        """This person answers the question of a message."""
        asked = shown.card.input
        assert asked is not None
        labels = {option.id: option.label for option in asked.options} | self.director.names()
        copy = load(shown.card.language)
        said = copy.listed([labels.get(value, value) for value in chosen]) or words or copy("none_option")
        self.watcher.did(role, "chooses", said)
        return self._heard(role, click=Click("answer", asked.value, chosen=chosen, words=words, message=shown.message))

    def finds(self, role: str, verb: str, step: int = 0) -> tuple[Shown, Button]:
        """The newest button of this kind that the person sees."""
        found = self.board.offering(self.part(role).id, verb, step, admin=self.sees_thread(role))
        if found is None:
            raise NothingToPress(f"{role} sees no button {verb}{f' for step {step}' if step else ''}")
        return found

    def open_cards(self, role: str) -> list[Shown]:
        """The messages on which this person can still do something, oldest first."""
        seen = self.board.conversation(self.part(role).id, admin=self.sees_thread(role))
        return [shown for shown in seen if shown.card.input is not None or shown.card.row or shown.card.more]

    def _heard(self, role: str, text: str = "", click: Click | None = None, thread: CaseRef = "") -> Answer:
        self._count += 1
        key = f"demo/{self._run}/{self._count}"
        return self.deliver(role, Heard(key, self.part(role).id, text=text, click=click, thread=thread))

    def deliver(self, role: str, heard: Heard) -> Answer:
        """One delivery, as it is: the same one twice is a repeated delivery."""
        answer = self.director.hear(heard)
        self.watcher.told(role, answer)
        self.director.settle()
        return answer

    def wait_until(self, until: datetime) -> None:
        self.director.pass_time(until)
        self.watcher.time_passed()
