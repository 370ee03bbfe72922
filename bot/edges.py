"""Where a platform meets the house: what an edge is given, what it gives, and how the server runs it.

An edge translates and nothing more: it verifies what arrives, turns it into a `Heard`, waits until that is durable,
acknowledges, and sends what the outbox hands it. Whatever needs judgement is behind `House.hear`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from bot.core.case import PersonId
from bot.heard import Answer, Heard
from bot.playbook.card import Card
from bot.ports import Chat
from bot.rows import Message, PersonRow, PostRow


class Directory(Protocol):
    """Who somebody is, as the platform's own directory says. Each method raises a ChatError and nothing else."""

    def serves(self, to: PersonId) -> bool: ...

    async def look_up(self, person: PersonId) -> PersonRow:
        """Name, language, zone and standing (member, guest, outsider, bot, gone). Raises Gone for nobody's id."""
        ...


class House(Protocol):
    """What an edge is given: the one way in, and what it may ask. Nothing else of the product is known to it."""

    async def hear(self, heard: Heard) -> Answer:
        """Judge one delivery. When it returns, what it led to is durable: only then acknowledge the platform.

        Never raises: when nothing could be written down the answer says so (`refused` is "storage")."""
        ...

    async def learn(self, person: PersonRow) -> None:
        """What the directory says of a person now; durable when it returns. Who is `gone` is messaged no more, and the
        admins of their open cases are told. Raises StoreError."""
        ...

    async def post(self, lane: str) -> PostRow | None:
        """The message that was posted under this lane (the case's card: `lane(ref, "case", ADMINS)`)."""
        ...

    async def post_at(self, place: str, message: str) -> PostRow | None: ...

    async def person(self, id: PersonId) -> PersonRow | None:
        """What is known of this very id; its language and zone are those of the person whose id it is."""
        ...

    def admins(self) -> tuple[PersonId, ...]:
        """The ids under which the admins act now: one for each of them, however many chats they have."""
        ...

    async def reached(self) -> None:
        """The admins' channel of this platform can be written in again: what was kept for it leaves. Raises
        StoreError."""
        ...

    async def desk(self, person: PersonId) -> tuple[Card, dict[PersonId, str]]:
        """Everything that waits for this person over all cases, oldest first, with the names that the card mentions:
        what a home page or a menu shows."""
        ...


@runtime_checkable
class Upkeep(Protocol):
    """What the same house does besides for a platform whose messages grow old, as WeCom's do. Each is durable when it
    returns, and raises StoreError."""

    async def renamed(self, old: PersonId, new: PersonRow) -> None:
        """Somebody goes on under another id, and the old one is gone: the admins are told, and how to go on."""
        ...

    async def tag(self) -> str:
        """A few letters and digits (or `_-`) that are this house's own."""
        ...

    async def once(self, key: str) -> bool:
        """Whether this was never asked before."""
        ...

    def counts(self, name: str, what: str, number: Callable[[], float]) -> None:
        """A number for whoever watches the server, asked each time; `name` as Prometheus wants it."""
        ...

    async def say(self, person: PersonId, card: Card, about: str) -> None:
        """Queue a card of no case as a private message. `about` is legal in a lane; what it names is queued once."""
        ...

    async def note(self, name: str) -> bytes | None:
        """What was last put down under this name."""
        ...

    async def put_note(self, name: str, data: bytes) -> None: ...

    async def stands(self, lane: str, was: Message, now: Message) -> None:
        """The message of this lane has another id now; nothing happens when it was not `was`."""
        ...

    def opens(self, at: datetime) -> datetime:
        """The first moment of the company's working hours from this one on."""
        ...

    async def open_posts(self) -> list[PostRow]:
        """The messages of all open cases."""
        ...

    async def redraw(self, post: PostRow) -> None:
        """Draw it again as things stand, or post it anew where it can no longer be changed."""
        ...


Asgi = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[MutableMapping[str, Any]]],
        Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ],
    Awaitable[None],
]
"""An ASGI application: scope, receive, send."""


class Edge(Protocol):
    """One platform as the server runs it. Made before the house stands, opened with it.

    The server makes it with `bot.slack.edge.make(SlackSettings, Clock)` or `bot.wecom.edge.make(WecomSettings, Clock)`.
    Making one asks nobody and opens nothing. `offboard doctor` asks `bot.<platform>.doctor.doctor(settings)`, a
    coroutine that returns a list of `rows.Finding` and raises nothing."""

    name: str

    @property
    def chat(self) -> Chat: ...

    @property
    def directory(self) -> Directory: ...

    def routes(self) -> Mapping[str, Asgi]:
        """Path -> what answers there (GET and POST; the application itself refuses what it does not take)."""
        ...

    async def open(self, house: House) -> None:
        """Called once, inside the event loop, before the first request and before the first message leaves."""
        ...

    async def close(self) -> None: ...

    def trouble(self) -> str:
        """Why this platform cannot be used now, in one sentence for the operator, or "" when all is well."""
        ...

    async def touched(self, people: Sequence[PersonId]) -> None:
        """Something changed for these people: redraw what no message carries (a home page). May do nothing."""
        ...
