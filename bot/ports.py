"""Every port: what the runtime asks of a store, a chat platform, a directory, a clock, a renderer.

    PortError
    ├── StoreError            the record could not be written or read; the person is told to try again
    │   ├── StoreFull         no room: nothing of this work was kept
    │   ├── StoreClosed       the store was shut, or its writer died
    │   ├── StoreBusy         another process writes to this database
    │   ├── SchemaNewer       the database was written by a newer version: refuse to start
    │   └── BadValue          a value that no store can hold (a lone surrogate, a number past 2^63, NaN)
    └── ChatError             the platform did not do what was asked
        ├── TryLater          it certainly did not happen; again after `seconds`
        ├── Uncertain         it may have happened (a time-out, a dropped line); look it up before repeating
        ├── Gone              the person or the message is no longer there
        └── Rejected          it will never work as it is (a card that breaks a limit, a missing right)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Any, Protocol, TypeVar

from msgspec import Struct

from bot.core.case import CaseRef, PersonId
from bot.playbook.card import Card

T = TypeVar("T")


class PortError(Exception):
    """Something outside the machine did not work."""


class StoreError(PortError):
    """The record could not be written or read."""


class StoreFull(StoreError):
    """There is no room left; nothing of this work was kept."""


class StoreClosed(StoreError):
    """The store is shut."""


class StoreBusy(StoreError):
    """Another process writes to this database."""


class SchemaNewer(StoreError):
    """The database was written by a newer version of this program."""


class BadValue(StoreError):
    """A value that no store can hold."""


class ChatError(PortError):
    """The platform did not do what was asked."""


class TryLater(ChatError):
    """It certainly did not happen. `seconds` is the platform's own wish, or None."""

    def __init__(self, why: str, seconds: float | None = None) -> None:
        super().__init__(why)
        self.seconds = seconds


class Uncertain(ChatError):
    """It may have happened."""


class Gone(ChatError):
    """The person or the message is no longer there. `who` is "person" or "message"."""

    def __init__(self, why: str, who: str = "person") -> None:
        super().__init__(why)
        self.who = who


class Rejected(ChatError):
    """It will never work as it is."""


# ---------------------------------------------------------------------------------------------- store


class FactRow(Struct, frozen=True):
    """One fact as it is stored: the exact bytes that are hashed, and what the public view `history` shows."""

    data: bytes
    kind: str
    actor: str
    at: str
    step: int = 0


class StoredFact(Struct, frozen=True):
    case: CaseRef
    number: int
    data: bytes
    previous: str
    hash: str


class CaseRow(Struct, frozen=True):
    """The working truth of a case: its state (exact bytes), the hash of its newest fact, how many facts it has."""

    ref: CaseRef
    state: bytes
    head: str
    count: int
    status: str


class Timer(Struct, frozen=True):
    """Something to come back to. `case` may be a desk (`desk/<person>`); `due` is UTC."""

    case: str
    about: str
    step: int
    revision: int
    due: datetime


class OutboxRow(Struct, frozen=True, omit_defaults=True):
    """A queued Say or Amend. `id` grows; `priority` 0 answers, 1 reminders. `effect` are its exact bytes.

    state: waiting, sending, uncertain, parked. `due` is UTC; `attempts` counts tries that certainly failed.
    """

    id: int
    lane: str
    case: CaseRef
    to: PersonId
    kind: str
    effect: bytes
    priority: int = 0
    state: str = "waiting"
    due: datetime | None = None
    attempts: int = 0
    why: str = ""


class PostRow(Struct, frozen=True, omit_defaults=True):
    """A message that stands somewhere: which lane, where, and what it shows now."""

    lane: str
    case: CaseRef
    to: PersonId
    place: str
    message: str
    step: int = 0
    revision: int = 0
    text_hash: str = ""
    effect: bytes = b""


class PersonRow(Struct, frozen=True, omit_defaults=True):
    """What is known of a person. `same_as` is the id under which they act when one person has several."""

    id: PersonId
    name: str = ""
    language: str = ""
    zone: str = ""
    standing: str = "member"
    same_as: PersonId = ""


class Reads(Protocol):
    """What can be read, inside a transaction or beside it."""

    def case(self, ref: CaseRef) -> CaseRow | None: ...
    def cases(self, *, person: PersonId | None = None, open_only: bool = False) -> list[CaseRow]:
        """In order of their number. `person` limits to cases that have this person as leaver or successor."""
        ...

    def facts(self, ref: CaseRef, *, after: int = 0) -> list[StoredFact]: ...
    def playbook(self, hash: str) -> bytes | None: ...
    def text(self, hash: str) -> bytes | None: ...
    def person(self, id: PersonId) -> PersonRow | None: ...
    def desk(self, person: PersonId) -> bytes | None: ...
    def key(self, ref: CaseRef) -> bytes | None: ...
    def post(self, lane: str) -> PostRow | None: ...
    def post_at(self, place: str, message: str) -> PostRow | None: ...
    def posts(self, ref: CaseRef) -> list[PostRow]: ...
    def due(self, now: datetime, limit: int) -> list[Timer]:
        """Timers that are due, earliest first. Takes the same time with a million timers as with a thousand."""
        ...

    def next_due(self) -> datetime | None:
        """When the earliest timer is due."""
        ...

    def outbox(self, *, states: Sequence[str] = ("waiting", "sending", "uncertain", "parked")) -> list[OutboxRow]: ...


class Tx(Reads, Protocol):
    """One work inside the writer's transaction. All of it is kept, or none."""

    def hear(self, key: str, at: datetime) -> bool:
        """Note an inbound key. False when it was heard before: then this is a repeated delivery."""
        ...

    def new_ref(self) -> CaseRef:
        """The next case reference, `OFB-1`, `OFB-2` … without gaps: a work that fails gives its number back."""
        ...

    def record(self, ref: CaseRef, facts: Iterable[FactRow], state: bytes, status: str, people: Sequence[PersonId]) -> str:
        """Chain the facts to the case, write its state; return the new head. `people` are leaver and successors.

        hash = SHA-256(previous hash, case reference, number, data); the first previous hash is 64 zeros.
        """
        ...

    def refused(self, key: str, at: datetime) -> int:
        """Count a refusal; return how often this key was refused now (the first is 1)."""
        ...

    def wake(self, timer: Timer) -> None:
        """Set a timer; it replaces the one of the same case, about and step."""
        ...

    def unwake(self, case: str, about: str, step: int) -> None: ...

    def queue(self, *, lane: str, case: CaseRef, to: PersonId, kind: str, effect: bytes, priority: int, due: datetime) -> int:
        """Queue a Say or an Amend. An Amend replaces one of its lane that still waits. Returns its id."""
        ...

    def claim(self, now: datetime, limit: int) -> list[OutboxRow]:
        """Up to `limit` rows to send now, answers first, then the oldest, at most one per lane, a Say before its
        Amends, none of a lane that has a row in `sending` or `uncertain`. They become `sending`."""
        ...

    def settle(self, id: int) -> None:
        """It was sent, or is not wanted any more: remove it."""
        ...

    def put_back(self, id: int, *, state: str, due: datetime, attempts: int, why: str) -> None: ...

    def drop_amends(self, lane: str) -> list[OutboxRow]:
        """Remove and return the waiting Amends of a lane (its Say was parked)."""
        ...

    def put_post(self, post: PostRow) -> None: ...
    def put_playbook(self, hash: str, data: bytes) -> None: ...
    def put_text(self, hash: str, data: bytes) -> None: ...
    def put_person(self, person: PersonRow) -> None: ...
    def put_desk(self, person: PersonId, state: bytes) -> None: ...
    def put_key(self, ref: CaseRef, wrapped: bytes) -> None: ...
    def drop_key(self, ref: CaseRef) -> None:
        """Erase the words of a case: without its key they can never be read again. The chain stays whole."""
        ...

    def forget_heard(self, before: datetime) -> int:
        """Drop inbound keys older than `before`; how many."""
        ...


class Store(Protocol):
    """Durable, one writer. `transact` returns at once; its future is done when the work is on disk, or refused."""

    def transact(self, work: Callable[[Tx], T]) -> Future[T]: ...
    def read(self, question: Callable[[Reads], T]) -> T:
        """Ask outside the writer; sees what was committed before the call."""
        ...

    def close(self) -> None: ...


# ---------------------------------------------------------------------------------------------- chat


class Message(Struct, frozen=True):
    """Where a message stands: the conversation (`place`) and its id there, both the platform's own words."""

    place: str
    id: str


class Outgoing(Struct, frozen=True):
    """A card on its way out. `key` names the post for ever; `to` is a person, or "admins" for the case's thread."""

    key: str
    case: CaseRef
    to: PersonId
    card: Card
    names: dict[PersonId, str] = {}
    quiet: bool = False


class Chat(Protocol):
    """One platform. Each method raises a ChatError and nothing else."""

    name: str

    def serves(self, to: PersonId) -> bool:
        """Whether this platform reaches that person (or "admins")."""
        ...

    async def say(self, post: Outgoing) -> Message: ...
    async def amend(self, message: Message, post: Outgoing) -> Message:
        """Redraw a message. Raises Gone("…", "message") when it can no longer be changed."""
        ...

    async def find(self, post: Outgoing) -> Message | None:
        """Look up an uncertain `say` by its key: the message, or None when it certainly did not happen.

        Raises Uncertain when the platform offers no look-up."""
        ...


class Limits(Struct, frozen=True):
    """How much a platform can show; characters unless said. Sources: the platforms' documents, see each table."""

    title: int
    body: int
    button: int
    buttons_in_row: int
    buttons: int
    fields: int
    field_label: int
    field_value: int
    options: int
    option: int
    options_many: int
    beside_bytes: int = 0
    """Bytes of text that may stand beside the card as a message of its own; 0: the card carries everything."""
    whole: int = 0
    """Characters of the whole payload as JSON; 0: no limit known."""


class Drawn(Struct, frozen=True):
    """A card as a platform would get it: its payload, and the messages that stand beside it (WeCom's long prose)."""

    payload: dict[str, Any]
    beside: tuple[str, ...] = ()


class Renderer(Protocol):
    """Draws the neutral card as a platform's own payload. Pure; names come from the people the card mentions."""

    name: str
    limits: Limits

    def draw(self, card: Card, names: dict[PersonId, str]) -> Drawn: ...
    def findings(self, drawn: Drawn) -> list[str]:
        """What in the payload breaks the platform's limits; one sentence each, with the path and the number."""
        ...


# ---------------------------------------------------------------------------------------------- the rest


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware, UTC."""
        ...


class Directory(Protocol):
    """What a platform knows of a person (name, language, zone, standing)."""

    def look_up(self, person: PersonId) -> PersonRow | None: ...
