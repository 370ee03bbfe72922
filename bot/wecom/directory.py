"""Who somebody is, as the corp's own address book says.

An app of today sees a member's name and how they stand, and nothing of those outside its visible range.
Source: developer.work.weixin.qq.com/document/path/90196 (读取成员).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor
from functools import partial

from bot.core.case import PersonId
from bot.ports import ChatError, Closed, Gone, Hidden, Rejected, TryLater
from bot.rows import PersonRow
from bot.wecom.api import Api, Json, Refused, Unanswered, Unreached
from bot.wecom.codes import NOT_VISIBLE, Kind, mend
from bot.wecom.inbound import NAME, is_external, person_id, user_id

DISABLED, LEFT = 2, 5


class WecomDirectory:
    """`pool` is where calls block."""

    def __init__(self, api: Api, pool: Executor) -> None:
        self._api = api
        self._pool = pool

    def serves(self, to: PersonId) -> bool:
        return to.startswith(f"{NAME}:")

    async def look_up(self, person: PersonId) -> PersonRow:
        """Raises Gone for nobody's id, and Hidden for whom we cannot see: they may be there."""
        user = user_id(person)
        if is_external(user):
            return PersonRow(id=person, standing="outsider")
        try:
            loop = asyncio.get_running_loop()
            found = await loop.run_in_executor(self._pool, partial(self._api.get, "user/get", userid=user))
        except (Refused, Unreached, Unanswered) as error:
            raise _of(error) from None
        if str(found.get("userid") or user).casefold() != user.casefold():
            raise Gone("it was answered with somebody else")
        return _row(person, found)

    async def why_not(self, users: Sequence[str], said: str) -> ChatError:
        """Why none of these can get a message: who is only out of our sight is not gone."""
        try:
            for user in users[:1]:
                await self.look_up(person_id(user))
        except Hidden as hidden:
            return hidden
        except ChatError:
            return Gone(said)
        return Gone(said)


def _row(person: PersonId, found: Json) -> PersonRow:
    gone = found.get("status") in (DISABLED, LEFT)
    return PersonRow(id=person, name=str(found.get("name") or ""), standing="gone" if gone else "member")


def _of(error: Refused | Unreached | Unanswered) -> ChatError:
    if not isinstance(error, Refused):
        return TryLater(str(error))
    said = f"WeCom answered {error.code}"
    if error.code == NOT_VISIBLE:
        return Hidden(f"{said}: {mend(error.code)}")
    if error.kind is Kind.GONE:
        return Gone(said)
    match error.kind:
        case Kind.RETRY | Kind.OTHER:
            return TryLater(said)
        case Kind.PAUSE:
            return TryLater(said, 60.0)
        case Kind.REFRESH | Kind.CONFIG:
            return Closed(f"{said}: {mend(error.code)}")
    return Rejected(said)
