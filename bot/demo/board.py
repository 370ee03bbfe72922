"""The demo's chat platform: every conversation as a list of cards in memory. It implements the Chat port."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from bot.core.case import CaseRef, PersonId
from bot.core.effects import ADMINS
from bot.demo.cast import PARTS
from bot.errors import Gone
from bot.playbook.card import Button, Card
from bot.rows import Message, Outgoing


class Shown(Struct):
    """A message as it stands now. `was` is the card before the last redraw."""

    message: Message
    key: str
    case: CaseRef
    to: PersonId
    card: Card
    names: Mapping[PersonId, str]
    was: Card | None = None


class Board:
    """Who sees what. `on_show` is called with each message that is new or was redrawn."""

    name = "demo"

    def __init__(self, on_show: Callable[[Shown], None] | None = None) -> None:
        self._people = {part.id for part in PARTS} | {ADMINS}
        self._shown: dict[str, Shown] = {}
        self._on_show = on_show or (lambda shown: None)
        self.changes = 0

    def serves(self, to: PersonId) -> bool:
        return to == ADMINS or to.startswith("demo:")

    async def say(self, post: Outgoing) -> Message:
        if post.to not in self._people:
            raise Gone(f"nobody here is {post.to}")
        message = Message(place=post.to, id=post.key)
        return self._put(Shown(message, post.key, post.case, post.to, post.card, post.names))

    async def amend(self, message: Message, post: Outgoing) -> Message:
        before = self._shown.get(message.id)
        if before is None:
            raise Gone("no such message", who="message")
        return self._put(Shown(message, post.key, post.case, post.to, post.card, post.names, was=before.card))

    async def find(self, post: Outgoing) -> Message | None:
        found = self._shown.get(post.key)
        return found.message if found is not None else None

    def _put(self, shown: Shown) -> Message:
        self._shown[shown.message.id] = shown
        self.changes += 1
        self._on_show(shown)
        return shown.message

    def restore(self, shown: Shown) -> None:
        """A message of an earlier run, put back without a word."""
        self._shown[shown.message.id] = shown

    def conversation(self, reader: PersonId, *, admin: bool = False) -> list[Shown]:
        """What somebody can see, oldest first; an admin also sees the admins' threads."""
        return [shown for shown in self._shown.values() if shown.to == reader or (admin and shown.to == ADMINS)]

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
