"""The private answers to what people do: given at once, in order, one person at a time; or left in the outbox.

RULES
 1. An answer is tried a few times within seconds. What cannot be given by then goes into the outbox, where it is
    durable and waits for as long as WeCom lets nothing through.
 2. What is still to be given when the server stops is given within a moment, or goes the same way.
 3. Only what can never arrive (nobody is there, or WeCom does not take such a message) is given up, and logged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256

import structlog
from msgspec.structs import replace

from bot.core.case import PersonId
from bot.edges import House, Upkeep
from bot.errors import StoreError
from bot.playbook.card import MENTION, Card, card_bytes
from bot.ports import ChatError, Closed, Outgoing, TryLater, Uncertain
from bot.rows import PersonRow
from bot.wecom.client import WecomChat
from bot.wecom.tasks import LEFT

log = structlog.get_logger("offboard.wecom")

Sleep = Callable[[float], Awaitable[None]]

TRIES = 8
FIRST_WAIT, LONGEST_WAIT = 0.1, 60.0
"""Seconds. Whatever has to wait longer waits in the outbox."""


class Answers:
    def __init__(self, house: House, chat: WecomChat, sleep: Sleep) -> None:
        self._house = house
        self._chat = chat
        self._sleep = sleep
        self._turns: dict[PersonId, asyncio.Lock] = {}
        self._owed: dict[str, Outgoing] = {}

    async def tell(
        self,
        person: PersonId,
        key: str,
        cards: tuple[Card, ...],
        case: str,
        names: Mapping[PersonId, str] | None = None,
    ) -> None:
        """The private answers to the delivery of this key."""
        mark = sha256(key.encode()).hexdigest()[:12]
        posts = [self._post(person, mark, at, card, case) for at, card in enumerate(cards, start=1)]
        self._owed |= {post.key: post for post in posts}
        async with self._turns.setdefault(person, asyncio.Lock()):
            for post in posts:
                known = dict(names) if names is not None else await self._names(post.card)
                if await self._given(replace(post, names=known)):
                    self._owed.pop(post.key, None)
                else:
                    await self._waits(post)

    async def leaves(self) -> None:
        """Nobody gives them any more: what is owed goes into the outbox."""
        for post in list(self._owed.values()):
            await self._waits(post)

    def _post(self, person: PersonId, mark: str, at: int, card: Card, case: str) -> Outgoing:
        """Each text may be read alone, days later: so it names the case."""
        card = replace(card, reference=card.reference or case)
        return Outgoing(f"{card.reference or 'none'}/told-{at}/0/{person}/{mark}", case, person, card)

    async def _given(self, post: Outgoing) -> bool:
        """Whether there is nothing more to be done."""
        for tries in range(TRIES):
            wait = FIRST_WAIT * 2**tries
            try:
                await self._chat.answer(post)
            except TryLater as later:
                if (later.seconds or 0.0) > LONGEST_WAIT:
                    return False
                await self._sleep(later.seconds or wait)
            except Uncertain:
                await self._sleep(wait)  # tried again under its task_id, or under the duplicate check
            except Closed:
                return False
            except ChatError as error:
                log.warning("an answer could not be given", error=type(error).__name__, why=str(error))
                return True
            else:
                return True
        return False

    async def _waits(self, post: Outgoing) -> None:
        *_, subject, _, _, mark = post.key.split("/")
        try:
            if isinstance(self._house, Upkeep):
                await self._house.say(post.to, post.card, f"{LEFT}{mark}-{subject}")
                self._owed.pop(post.key, None)
                return
            why = "there is no outbox"
        except StoreError as error:
            why = type(error).__name__
        log.error("an answer could neither be given nor kept", why=why)

    async def _names(self, card: Card) -> dict[PersonId, str]:
        found = {person: await self._house.person(person) for person in MENTION.findall(card_bytes(card).decode())}
        return {person: _name(person, row) for person, row in found.items()}


def _name(person: PersonId, row: PersonRow | None) -> str:
    return row.name if row is not None and row.name else person.partition(":")[2]
