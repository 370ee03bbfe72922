"""Private answers: what somebody is told at once about what they just did, where nobody else sees it.

In the private chat it is a message. Elsewhere it is one that only they see; where the bot may not write, the address
that came with the command takes it. An answer is not the record: where it cannot be delivered, that is only logged.

Sources: docs.slack.dev/reference/methods/chat.postEphemeral, /interactivity/handling-user-interaction (response_url:
five messages within half an hour).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.core.case import PersonId
from bot.edges import House
from bot.errors import Rejected, StoreError, TryLater
from bot.playbook.card import MENTION, Card, card_bytes
from bot.playbook.copy import load
from bot.slack.blocks import SlackRenderer
from bot.slack.chat import PLAIN, SlackChat
from bot.slack.inbound import ANSWER, Act
from bot.slack.line import Line

Json = dict[str, Any]

HOSTS = frozenset({"hooks.slack.com", "hooks.slack-gov.com"})


class Answers:
    def __init__(self, line: Line, chat: SlackChat, api_url: str) -> None:
        self._line = line
        self._chat = chat
        self._own = urlsplit(api_url).netloc
        self._renderer = SlackRenderer()

    async def drawn(self, house: House, card: Card, names: dict[PersonId, str] | None = None) -> Json:
        """`text` and `blocks` of a card."""
        return dict(self._renderer.draw(card, await self._names(house, card) if names is None else names).payload)

    async def answer(self, house: House, card: Card) -> Json:
        """The same, marked as an answer: it passes, and is none of the posts on which buttons are compared."""
        payload = await self.drawn(house, card)
        for number, block in enumerate(payload["blocks"]):
            if block["type"] == "actions":
                block.setdefault("block_id", f"{ANSWER}{number}")
        return payload

    async def tell(self, house: House, act: Act, cards: tuple[Card, ...]) -> None:
        """Raises ChatError where nothing took it."""
        for card in cards:
            await self._show(act, await self.answer(house, card))

    async def to(self, house: House, person: PersonId, card: Card) -> None:
        """Something for one person, in private. Raises ChatError."""
        await self._in_private(person, await self.answer(house, card))

    async def _show(self, act: Act, payload: Json) -> None:
        user = act.heard.person.removeprefix("slack:")
        if act.how in ("command", "shortcut") and self._trusted(act.response_url):
            await self._respond(act.response_url, payload)
        elif act.private:
            await self._line.do("chat.postMessage", channel=act.channel, **payload, **PLAIN)
        elif act.channel:
            place: Json = {"channel": act.channel, "user": user}
            if act.thread:
                place["thread_ts"] = act.thread
            try:
                await self._line.do("chat.postEphemeral", **place, **payload)
            except Rejected:
                await self._in_private(act.heard.person, payload)
        else:
            await self._in_private(act.heard.person, payload)

    async def _in_private(self, person: PersonId, payload: Json) -> None:
        channel = await self._chat.private(person)
        await self._line.do("chat.postMessage", channel=channel, **payload, **PLAIN)

    def _trusted(self, address: str) -> bool:
        """Whether an address that came in a payload is Slack's own."""
        try:
            parts = urlsplit(address)
        except ValueError:
            return False
        return (parts.scheme == "https" and parts.netloc in HOSTS) or (bool(self._own) and parts.netloc == self._own)

    async def _respond(self, address: str, payload: Json) -> None:
        body = {"response_type": "ephemeral", "replace_original": False, **payload}
        try:
            async with self._line.session.post(address, json=body, allow_redirects=False) as answer:
                if answer.status >= 400:
                    raise Rejected(f"response_url {answer.status}")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise TryLater(type(error).__name__) from None

    async def _names(self, house: House, card: Card) -> dict[PersonId, str]:
        """The names of everybody that a card mentions."""
        names: dict[PersonId, str] = {}
        for person in dict.fromkeys(MENTION.findall(card_bytes(card).decode())):
            try:
                known = await house.person(person)
            except StoreError:
                known = None
            names[person] = known.name if known is not None and known.name else person.partition(":")[2]
        return names


def worth_telling(act: Act, card: Card, *, refused: bool) -> bool:
    """A click that was accepted shows on its card already, so its bare "noted" is left out; and what people say to each
    other in a thread is not answered with "I do not understand"."""
    if act.how == "click" and not act.passing and card.kind == "answer" and not refused:
        return False
    return not (act.how == "typed" and not act.private and card.title == load(card.language)("told.not_understood"))
