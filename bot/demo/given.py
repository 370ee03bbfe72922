"""What the web demo is given by the wiring. It imports no platform, no store and no runtime."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Protocol

from msgspec import Struct

from bot.core.case import Case, CaseRef, PersonId
from bot.heard import Answer, Click, Heard
from bot.playbook.card import Card
from bot.rows import Drawn

Json = dict[str, Any]


class Words(Struct, frozen=True):
    """What a case's record is told with: titles of steps by number, questions by id, rules by the id of the invariant,
    playbooks by name."""

    titles: dict[int, str] = {}
    questions: dict[str, str] = {}
    rules: dict[str, str] = {}
    books: dict[str, str] = {}


class Look(Protocol):
    """One platform: the payload it would be sent, and its own reading of a click on that payload."""

    name: str
    threads: bool
    """Whether the admins have a channel with a thread per case; else they get everything in their private chat."""

    def draw(self, card: Card, names: dict[PersonId, str], *, first: Card | None) -> Drawn:
        """What stands there. `first` is the card that the message began with, when it has been redrawn since."""
        ...

    def read(self, payload: Json) -> Click:
        """What the platform would report of a click. Raises ValueError when it is no such report."""
        ...


class House(Protocol):
    """The real engine, store, outbox and clock, on one database. What is not `async` may take a while: call it from a
    thread of its own. The first six are what a stage needs (`Director`)."""

    language: str

    def hear(self, heard: Heard) -> Answer: ...
    def settle(self) -> None: ...
    def now(self) -> datetime: ...
    def pass_time(self, until: datetime) -> None: ...
    def next_due(self) -> datetime | None: ...
    def cases(self) -> list[Case]: ...
    def names(self) -> dict[PersonId, str]: ...

    async def listen(self, heard: Heard) -> Answer:
        """`hear` without a thread that waits."""
        ...

    def history(self) -> list[Json]:
        """Every fact of every case, with `case`, `number`, `at`, `kind`, `actor`, its own fields, and `hash`."""
        ...

    def words(self, ref: CaseRef) -> Words:
        """Of a case, in the language that is spoken now."""
        ...

    def verify(self) -> Json: ...
    def export(self, form: str) -> Iterator[str]: ...
    def stories(self) -> list[tuple[str, Any]]:
        """Name and Story of each."""
        ...

    def title(self, playbook: str) -> str:
        """What a playbook calls itself, in the language that is spoken now."""
        ...

    async def open(self) -> None: ...
    async def close(self) -> None: ...
    async def restart(self) -> None:
        """Close store, engine and outbox, and open them again on the same database."""
        ...

    async def begin_again(self, at: datetime | None = None, playbook: str = "") -> None:
        """An empty database; the clock stands at `at`, or where a demo begins. Cases begin with this `playbook`, or
        with the default ones."""
        ...

    def again(self, card: Card) -> Card:
        """A private answer in the language that is spoken now, where it can still be drawn; else as it was."""
        ...

    async def begin_with(self, playbook: str) -> None:
        """Cases that are begun from now on begin with this playbook; "" for the default ones."""
        ...

    async def speak(self, language: str) -> None:
        """Everybody speaks this language from now on; every message is drawn again in it."""
        ...
