"""The demo's chat platform: every conversation as a list of cards in memory. It implements the Chat port."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec import Struct

from bot.core.case import CaseRef, PersonId
from bot.core.effects import ADMINS
from bot.demo.cast import PARTS
from bot.errors import Gone, TryLater, Uncertain
from bot.playbook.card import Button, Card
from bot.rows import Message, Outgoing

OLDER = 8
"""Earlier pictures of a message that are kept, so that an old button can be pressed on purpose."""


class Shown(Struct):
    """A message as it stands now. `was` is the card before the last redraw, `older` the earlier ones that had buttons,
    `first` the one that it began with. `times`: how often it was posted (more than once would be a doubled message).
    `at`: when that was, if it was in an earlier run."""

    message: Message
    key: str
    case: CaseRef
    to: PersonId
    card: Card
    names: Mapping[PersonId, str]
    was: Card | None = None
    first: Card | None = None
    older: tuple[Card, ...] = ()
    times: int = 1
    at: datetime | None = None


class Board:
    """Who sees what. `on_show` is called with each message that is new or was redrawn; `on_trouble` with "lost" when an
    answer was lost on purpose, and with "found" when such a message was looked up."""

    name = "demo"
    paces = ()

    def __init__(
        self,
        on_show: Callable[[Shown], None] | None = None,
        on_trouble: Callable[[str, Shown], None] | None = None,
    ) -> None:
        self._people = {part.id for part in PARTS} | {ADMINS}
        self._shown: dict[str, Shown] = {}
        self.on_show = on_show or (lambda shown: None)
        self.on_trouble = on_trouble or (lambda what, shown: None)
        self._lose = ""
        self._lost: set[str] = set()
        self.changes = self.said = 0

    def serves(self, to: PersonId) -> bool:
        return to == ADMINS or to.startswith("demo:")

    async def say(self, post: Outgoing) -> Message:
        if post.to not in self._people:
            raise Gone(f"nobody here is {post.to}")
        message = Message(place=post.to, id=post.key)
        before = self._shown.get(post.key)
        times = before.times + 1 if before is not None else 1
        shown = Shown(message, post.key, post.case, post.to, post.card, post.names, first=post.card, times=times)
        self._put(shown)
        self.said += 1
        self._answer_lost("say", shown)
        return message

    async def amend(self, message: Message, post: Outgoing) -> Message:
        before = self._shown.get(message.id)
        if before is None:
            raise Gone("no such message", who="message")
        shown = self._redrawn(before, post.card, post.names)
        self._answer_lost("amend", shown)
        return message

    async def find(self, post: Outgoing) -> Message | None:
        if self._lose == "any":
            self._lose = ""
            raise TryLater("the look-up was not answered")
        found = self._shown.get(post.key)
        if found is not None and post.key in self._lost:
            self._lost.discard(post.key)
            self.on_trouble("found", found)
        return found.message if found is not None else None

    def lose(self, method: str = "any") -> None:
        """The next call (or the next `say`) has its effect, but its answer never comes."""
        self._lose = method

    def _answer_lost(self, method: str, shown: Shown) -> None:
        if self._lose in (method, "any"):
            self._lose = ""
            self._lost.add(shown.key)
            self.on_trouble("lost", shown)
            raise Uncertain("the platform's answer was lost")

    def _redrawn(self, before: Shown, card: Card, names: Mapping[PersonId, str]) -> Shown:
        was = before.card
        older = before.older
        if was != card and (was.row or was.more):
            older = (*older, was)[-OLDER:]
        return self._put(
            Shown(
                before.message,
                before.key,
                before.case,
                before.to,
                card,
                names,
                was=was,
                first=before.first,
                older=older,
                times=before.times,
                at=before.at,
            )
        )

    def _put(self, shown: Shown) -> Shown:
        self._shown[shown.message.id] = shown
        self.changes += 1
        self.on_show(shown)
        return shown

    def restore(self, shown: Shown) -> None:
        """A message of an earlier run, put back without a word."""
        self._shown[shown.message.id] = shown

    def said_again(self, again: Shown) -> None:
        """The same message in another language: nothing that anybody has to know of."""
        if (before := self._shown.get(again.message.id)) is not None:
            before.card, before.names, before.was, before.first = again.card, again.names, again.was, again.first
            before.older = again.older or before.older
            self.on_show(before)

    def erase(self, message: Message) -> None:
        """Somebody deleted the message."""
        self._shown.pop(message.id, None)

    def clear(self) -> None:
        self._shown.clear()
        self._lost.clear()
        self._lose = ""

    def everything(self) -> list[Shown]:
        """Every message, oldest first."""
        return list(self._shown.values())

    def conversation(self, reader: PersonId, *, admin: bool = False) -> list[Shown]:
        """What somebody can see, oldest first; an admin also sees the admins' threads."""
        return [shown for shown in self.everything() if shown.to == reader or (admin and shown.to == ADMINS)]

    def offering(
        self, reader: PersonId, verb: str, step: int = 0, *, admin: bool = False
    ) -> tuple[Shown, Button] | None:
        """The newest message in which this person finds a button with this verb (`approve:looked`) for this step."""
        for shown in reversed(self.conversation(reader, admin=admin)):
            if step and shown.card.step != step:
                continue
            for button in (*shown.card.row, *shown.card.more):
                if verb in (button.verb, f"{button.verb}:{button.detail}"):
                    return shown, button
        return None

    def question(self, reader: PersonId, *, admin: bool = False) -> Shown | None:
        """The newest message with an input that waits for an answer."""
        asked = [shown for shown in self.conversation(reader, admin=admin) if shown.card.input is not None]
        return asked[-1] if asked else None
