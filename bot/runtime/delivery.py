"""One message to its platform: draw it, hand it over, and say what came of it. Nothing is written down here.

RULES
 1. A card is drawn at the moment it leaves, from the case as it stands then.
 2. The key of a post is its lane and the number of its Say: the same for every try of that Say, and a new one when the
    message has to be posted anew, so that a look-up never finds the message that went before.
 3. A call that takes longer than the limit is cut, and then it is uncertain what came of it.
 4. A Chat raises ChatErrors and nothing else. If one raises something else, that is a mistake in the adapter, it is
    logged, and it is uncertain what came of it; the other messages go on. Only the kind of an error is logged: its
    words may hold somebody's own.
 5. A look-up answers "here it is", or "it did not happen", or it cannot be made (the platform has none, a right is
    missing, the person is gone): then the message is lost as `uncertain`. One that merely failed is made again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import structlog

from bot.errors import ChatError, Closed, Gone, Hidden, Rejected, StoreError, TryLater, Uncertain
from bot.playbook.card import Card
from bot.ports import Chat, Message, OutboxRow, Outgoing, PersonRow, PostRow, Reads, Store
from bot.runtime.outcomes import (
    GONE,
    HIDDEN,
    REJECTED,
    UNCERTAIN,
    Drawing,
    Known,
    Later,
    Lost,
    Outcome,
    Sent,
    Shut,
    Unsure,
    Unwanted,
    Vanished,
)
from bot.runtime.pacing import AMEND, LOOKUP
from bot.runtime.readers import chat_of, lane_of, reader_of

T = TypeVar("T")
log = structlog.get_logger("offboard.outbox")

Draw = Callable[[Reads, OutboxRow], Drawing | None]
"""Draws a row from the case as it stands; None when there is nothing to show any more. Raises Gone when its reader is
not written to any more."""

Ask = Callable[[OutboxRow], Awaitable[tuple[PersonRow, ...]]]
"""Asks the directories for everybody whom a row of kind `lookup` waits for. Raises a ChatError."""

NOWHERE = "no platform reaches them"
NOTHING = Drawing(Card(kind="", title="", summary=""), {}, 0, 0, "", b"")


class Delivery:
    def __init__(self, store: Store, chats: Sequence[Chat], draw: Draw, ask: Ask, limit: float) -> None:
        self._ask = ask
        self._store = store
        self._chats = chats
        self._draw = draw
        self._limit = limit

    def chat(self, row: OutboxRow) -> Chat | None:
        """The platform that reaches this row's reader, or whose directory is asked."""
        if meant := chat_of(row.to):
            return next((chat for chat in self._chats if chat.name == meant), None)
        to = row.to.removeprefix(f"{LOOKUP}/") if row.kind == LOOKUP else row.to
        return next((chat for chat in self._chats if chat.serves(to)), None)

    async def send(self, row: OutboxRow, post: PostRow | None) -> Outcome:
        """Say it, or redraw `post`, or look somebody up."""
        if row.kind == LOOKUP:
            return _learnt(await self._call(row, self._ask(row)))
        chat = self.chat(row)
        if chat is None:
            return Lost(GONE, NOWHERE)
        drawing = self._drawn(row)
        if not isinstance(drawing, Drawing):
            return drawing
        outgoing = _outgoing(row, drawing)
        if post is None:
            called = await self._call(row, chat.say(outgoing))
        else:
            called = await self._call(row, chat.amend(Message(post.place, post.message), outgoing))
        return Sent(called, drawing) if isinstance(called, Message) else _failed(row, called, drawing)

    async def look_up(self, row: OutboxRow, sent: Drawing | None) -> Outcome:
        """What came of a Say that is uncertain. `sent` is what it showed, if this process sent it."""
        chat = self.chat(row)
        if chat is None:
            return Lost(UNCERTAIN, NOWHERE)
        drawn = self._drawn(row)
        now = drawn if isinstance(drawn, Drawing) else None
        shown = sent or now
        found = await self._call(row, chat.find(_outgoing(row, shown or NOTHING)))
        match found:
            case Message():
                stale = now is not None and (sent is None or sent.card_bytes != now.card_bytes)
                return Sent(found, shown, stale=stale)
            case None:
                return Later("it did not arrive")
            case Closed():
                return Shut(str(found))
            case Uncertain() | Rejected() | Gone() | Hidden():
                return Lost(UNCERTAIN, str(found))
            case _:
                return Unsure(_kind(found), sent, found.seconds if isinstance(found, TryLater) else None)

    async def _call(self, row: OutboxRow, call: Awaitable[T]) -> T | Exception:
        """What the platform answered, or what was raised."""
        try:
            async with asyncio.timeout(self._limit):
                return await call
        except Exception as error:  # noqa: BLE001  whatever an adapter lets through, the other messages go on
            if not isinstance(error, ChatError | TimeoutError):
                log.error("an adapter raised what it must not", row=row.id, case=row.case, error=_kind(error))
            return error

    def _drawn(self, row: OutboxRow) -> Drawing | Outcome:
        """On the loop's own thread: drawing is all Python, and another thread would only take turns with this one."""
        try:
            drawing = self._store.read(lambda reads: self._draw(reads, row))
        except StoreError as error:
            return Later(_kind(error))
        except Gone as error:
            return Lost(GONE, str(error))
        except Exception as error:  # noqa: BLE001  a card that cannot be drawn must not stop the others
            log.error("a card cannot be drawn", row=row.id, case=row.case, error=_kind(error))
            return Lost(REJECTED, _kind(error))
        return drawing if drawing is not None else Unwanted()


def _learnt(called: tuple[PersonRow, ...] | Exception) -> Outcome:
    """To ask again does no harm, so nothing is in doubt."""
    match called:
        case tuple():
            return Known(called)
        case Closed():
            return Shut(str(called))
        case Rejected():
            return Lost(REJECTED, str(called))
        case _:
            return Later(_kind(called), called.seconds if isinstance(called, TryLater) else None)


def _failed(row: OutboxRow, error: Exception, drawing: Drawing) -> Outcome:
    match error:
        case TryLater():
            return Later(str(error), error.seconds)
        case Closed():
            return Shut(str(error))
        case Gone(who="message") if row.kind == AMEND:
            return Vanished()
        case Gone(who="person"):
            return Lost(GONE, str(error))
        case Hidden():
            return Lost(HIDDEN, str(error))
        case Rejected() | Gone():
            return Lost(REJECTED, str(error))
        case Uncertain():
            return Unsure(str(error), drawing)
        case _:
            return Unsure(_kind(error), drawing)


def _outgoing(row: OutboxRow, drawing: Drawing) -> Outgoing:
    key, to = f"{lane_of(row.lane)}/{row.id}", reader_of(row.to)
    return Outgoing(key=key, case=row.case, to=to, card=drawing.card, names=drawing.names)


def _kind(error: object) -> str:
    return type(error).__name__
