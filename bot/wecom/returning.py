"""Who was gone, and of whom WeCom has said that they are there again: the address book is asked until it has answered.

Nobody is taken to be back on an event's word alone. Who is asked after stands in a note, so that a look-up that fails
is made again, by the next process too.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog
from msgspec import DecodeError, json
from msgspec.structs import replace

from bot.core.case import PersonId
from bot.edges import House, Upkeep
from bot.errors import ChatError, Gone, StoreError
from bot.wecom.callback import NotKept
from bot.wecom.directory import WecomDirectory

log = structlog.get_logger("offboard.wecom")

NAME = "wecom/back"
AGAIN = 60.0
"""Seconds between two look-ups."""
MOST = 1_000


class Returns:
    def __init__(self, house: House, directory: WecomDirectory) -> None:
        self._house = house
        self._directory = directory
        self._asked: dict[PersonId, None] = {}
        self._read = False
        self._turn = asyncio.Lock()

    async def keep(self, person: PersonId) -> bool:
        """Whether they were gone, and are asked after from now on: that is durable. Raises NotKept."""
        try:
            async with self._turn:
                await self._recall()
                if person in self._asked:
                    return True
                known = await self._house.person(person)
                if known is None or known.standing != "gone" or len(self._asked) >= MOST:
                    return False
                self._asked[person] = None
                await self._put()
                return True
        except StoreError:
            self._asked.pop(person, None)
            raise NotKept from None

    async def ask(self) -> None:
        """After all of them, once. Raises StoreError."""
        async with self._turn:
            await self._recall()
            before = len(self._asked)
            for person in list(self._asked):
                if await self._is_answered(person):
                    del self._asked[person]
            if len(self._asked) < before:
                await self._put()

    async def asks(self) -> None:
        """Until it is cancelled."""
        while True:
            with suppress(StoreError):
                await self.ask()
            await asyncio.sleep(AGAIN)

    async def _is_answered(self, person: PersonId) -> bool:
        known = await self._house.person(person)
        if known is None or known.standing != "gone":
            return True
        try:
            row = await self._directory.look_up(person)
        except Gone:
            return True
        except ChatError as error:
            log.warning("whether a member is back is not known yet", why=str(error))
            return False
        if row.standing != "gone":
            await self._house.learn(replace(known, name=row.name or known.name, standing=row.standing))
        return True

    async def _recall(self) -> None:
        """What an earlier process has left."""
        if self._read:
            return
        note = await self._house.note(NAME) if isinstance(self._house, Upkeep) else None
        with suppress(DecodeError):
            self._asked |= dict.fromkeys(json.decode(note or b"[]", type=list[str]))
        self._read = True

    async def _put(self) -> None:
        if isinstance(self._house, Upkeep):
            await self._house.put_note(NAME, json.encode(list(self._asked)))
