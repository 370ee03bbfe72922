"""Every port: what the runtime asks of a store, a chat platform, a directory, a clock, a renderer.

The values that cross them are in rows.py, what they raise in errors.py; both can be imported from here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Protocol, TypeVar

from bot.core.case import CaseRef, PersonId
from bot.errors import (
    BadValue,
    ChatError,
    Closed,
    Gone,
    Hidden,
    PortError,
    Rejected,
    SchemaNewer,
    StoreBusy,
    StoreClosed,
    StoreError,
    StoreFull,
    TryLater,
    Uncertain,
)
from bot.playbook.card import Card
from bot.rows import (
    CaseRow,
    CodeRow,
    Drawn,
    FactRow,
    Limits,
    LinkRow,
    Message,
    OutboxRow,
    Outgoing,
    PersonRow,
    PostRow,
    Rate,
    StoredFact,
    StoredLine,
    Timer,
)

__all__ = [
    "BadValue",
    "CaseRow",
    "Chat",
    "ChatError",
    "Clock",
    "Closed",
    "CodeRow",
    "Drawn",
    "FactRow",
    "Gone",
    "Hidden",
    "Limits",
    "LinkRow",
    "Message",
    "OutboxRow",
    "Outgoing",
    "PersonRow",
    "PortError",
    "PostRow",
    "Rate",
    "Reads",
    "Rejected",
    "Renderer",
    "SchemaNewer",
    "Store",
    "StoreBusy",
    "StoreClosed",
    "StoreError",
    "StoreFull",
    "StoredFact",
    "Timer",
    "TryLater",
    "Tx",
    "Uncertain",
]

T = TypeVar("T")


class Reads(Protocol):
    """What can be read, inside a transaction or beside it."""

    def case(self, ref: CaseRef) -> CaseRow | None: ...
    def cases(self, *, person: PersonId | None = None, open_only: bool = False) -> list[CaseRow]:
        """In order of their number. `person` limits to cases in which this person leaves, takes over or has a step."""
        ...

    def facts(self, ref: CaseRef, *, after: int = 0) -> list[StoredFact]: ...
    def playbook(self, hash: str) -> bytes | None: ...
    def text(self, hash: str) -> bytes | None: ...
    def person(self, id: PersonId) -> PersonRow | None: ...
    def people(self) -> list[PersonRow]:
        """Everybody who is known, by id."""
        ...

    def link_lines(self) -> tuple[int, list[StoredLine]]:
        """How many lines about links were written, and those that are there: for whoever audits."""
        ...

    def links(self) -> list[LinkRow]:
        """Every link as it stands, by its number."""
        ...

    def code(self, mark: str) -> CodeRow | None: ...
    def desk(self, person: PersonId) -> bytes | None: ...
    def key(self, ref: CaseRef) -> bytes | None: ...
    def note(self, name: str) -> bytes | None: ...
    def post(self, lane: str) -> PostRow | None: ...
    def post_at(self, place: str, message: str) -> PostRow | None: ...
    def posts(self, ref: CaseRef) -> list[PostRow]: ...
    def due(self, now: datetime, limit: int) -> list[Timer]:
        """Timers that are due, earliest first. Takes the same time with a million timers as with a thousand."""
        ...

    def next_due(self) -> datetime | None:
        """When the earliest timer is due."""
        ...

    def outbox(self, *, states: Sequence[str] = ("waiting", "sending", "uncertain", "parked")) -> list[OutboxRow]:
        """Queued rows in these states, oldest first. Without `waiting` it takes no longer for a long queue."""
        ...

    def queued(self, lane: str) -> bool:
        """Whether anything of this lane is queued, whatever its state."""
        ...

    def next_send(self) -> datetime | None:
        """When the next row that `claim` would give is due; it may have been due for a while. None: nothing waits."""
        ...

    # What an audit asks. Read inside one `Store.read`, these answers belong together.

    def numbered(self) -> int:
        """How many case references were ever given out: the number of the newest case."""
        ...

    def heads(self) -> Iterator[tuple[CaseRef, str, int]]:
        """Each case in order of its number, without its state: reference, head, how many facts it should have."""
        ...

    def strays(self) -> list[CaseRef]:
        """References that have facts but no case."""
        ...


class Tx(Reads, Protocol):
    """One work inside the writer's transaction. All of it is kept, or none.

    A verb that cannot do what it is asked raises a StoreError, BadValue for a value that no store can hold or a time
    without a zone. A work of which a verb has failed fails, even if it caught the error: half a verb is never kept.
    """

    def hear(self, key: str, at: datetime) -> bool:
        """Note an inbound key. False when it was heard before: then this is a repeated delivery."""
        ...

    def new_ref(self) -> CaseRef:
        """The next case reference, `OFB-1`, `OFB-2` … without gaps: a number is only taken once a case is recorded
        under it, so a work that fails, or that records no case, gives it back."""
        ...

    def record(
        self, ref: CaseRef, facts: Iterable[FactRow], state: bytes, status: str, people: Sequence[PersonId]
    ) -> str:
        """Chain the facts to the case, write its state; return the new head. `people` are the leaver, the successors
        and whoever has a step to do.

        hash = SHA-256(previous hash, case reference, number, data); the first previous hash is 64 zeros. A new case
        must be the next one: any other reference raises BadValue.
        """
        ...

    def refused(self, key: str, at: datetime) -> int:
        """Count a refusal; return how often this key was refused now (the first is 1)."""
        ...

    def forget_refused(self, key: str) -> None:
        """The next one of this key is the first again."""
        ...

    def wake(self, timer: Timer) -> None:
        """Set a timer; it replaces the one of the same case, about and step."""
        ...

    def unwake(self, case: str, about: str, step: int) -> None: ...

    def queue(
        self, *, lane: str, case: CaseRef, to: PersonId, kind: str, effect: bytes, priority: int, due: datetime
    ) -> int:
        """Queue a Say or an Amend (`kind` "amend"; anything else is a Say). Returns its id.

        An Amend of whose lane one still waits takes its place: its id, and its due time if that is earlier or if it
        has failed before.
        """
        ...

    def claim(self, now: datetime, limit: int) -> list[OutboxRow]:
        """Up to `limit` rows to send now, answers first, then the oldest, at most one per lane, a Say before its
        Amends, none of a lane that has a row in `sending` or `uncertain`. They become `sending`.

        A parked row holds nothing back. Takes the same time however many rows wait. When a store is opened, what was
        left in `sending` becomes `uncertain`."""
        ...

    def settle(self, id: int) -> None:
        """It was sent, or is not wanted any more: remove it."""
        ...

    def put_back(self, id: int, *, state: str, due: datetime, attempts: int, why: str) -> None:
        """An Amend that is to wait again while a newer one of its lane waits is removed; the newer one takes over
        `attempts`, and its due time if that is later. Nothing happens when there is no such row any more."""
        ...

    def drop_amends(self, lane: str) -> list[OutboxRow]:
        """Remove and return the waiting Amends of a lane (its Say was parked)."""
        ...

    def put_post(self, post: PostRow) -> None: ...
    def put_playbook(self, hash: str, data: bytes) -> None: ...
    def put_text(self, hash: str, data: bytes) -> None: ...
    def put_person(self, person: PersonRow) -> None: ...
    def put_link(self, line: LinkRow) -> None: ...
    def put_code(self, code: CodeRow) -> None: ...
    def drop_codes(self, person: PersonId, now: datetime) -> None: ...
    def put_desk(self, person: PersonId, state: bytes) -> None: ...
    def put_note(self, name: str, data: bytes) -> None: ...
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


class Chat(Protocol):
    """One platform. Each method raises a ChatError and nothing else."""

    name: str

    @property
    def paces(self) -> Sequence[Rate]:
        """Its own limits, each with the page it comes from. A method without one is not paced; one that has several
        leaves when all of them let it. What the platform says in an answer (TryLater with seconds) is obeyed besides,
        for that method and destination."""
        ...

    def serves(self, to: PersonId) -> bool:
        """Whether this platform reaches that person (or "admins")."""
        ...

    async def say(self, post: Outgoing) -> Message: ...
    async def amend(self, message: Message, post: Outgoing) -> Message:
        """Redraw a message. Raises Gone("…", "message") when it can no longer be changed."""
        ...

    async def find(self, post: Outgoing) -> Message | None:
        """Look up an uncertain `say` by its key: the message, or None when it certainly did not happen.

        Raises Uncertain when the platform offers no look-up, and TryLater when the look-up itself did not work."""
        ...


class Renderer(Protocol):
    """Draws the neutral card as a platform's own payload. Pure; names come from the people the card mentions."""

    name: str
    limits: Limits

    def draw(self, card: Card, names: dict[PersonId, str]) -> Drawn: ...
    def findings(self, drawn: Drawn) -> list[str]:
        """What in the payload breaks the platform's limits; one sentence each, with the path and the number."""
        ...


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware, UTC."""
        ...
