"""When an admin is there who was not (back again, or new on the list), what is open among the admins is posted anew, to
all of them: a card cannot be sent on. Who they were stands in a note, so that the next process knows.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

from msgspec.structs import replace

from bot.core.effects import ADMINS
from bot.edges import House, Upkeep
from bot.rows import Message, PostRow
from bot.wecom.client import WecomChat
from bot.wecom.inbound import NAME
from bot.wecom.tasks import standing

NOTE = "wecom/admins"


class Gathering:
    def __init__(self, house: House, chat: WecomChat) -> None:
        self._house = house
        self._chat = chat
        self._known: set[str] = set()
        self._turn = asyncio.Lock()

    async def look(self) -> None:
        """Who is there now. Raises StoreError."""
        async with self._turn:
            here = {id for id in self._house.admins() if id.startswith(f"{NAME}:")}
            if here == self._known or not isinstance(self._house, Upkeep):
                return
            noted = await self._house.note(NOTE)
            before = set(noted.decode().split()) if noted is not None else here
            if here - before:
                await self._posts_anew(self._house)
            await self._house.put_note(NOTE, " ".join(sorted(here)).encode())
            self._known = here

    async def _posts_anew(self, house: Upkeep) -> None:
        for post in await house.open_posts():
            said = standing(post.message)
            if said.is_card() and post.to.partition("@")[0] == ADMINS:
                await posts_anew(house, post, self._chat.now())


async def posts_anew(house: Upkeep, post: PostRow, now: datetime) -> None:
    """It is made old in its id, which is durable: it leaves as any old card does."""
    aged = Message(post.place, standing(post.message).aged(now).as_id())
    await house.stands(post.lane, Message(post.place, post.message), aged)
    await house.redraw(replace(post, message=aged.id))
