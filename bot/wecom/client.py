"""The Chat port on WeCom: what is said, redrawn and looked up.

RULES
 1. WeCom has no threads. What goes to the admins goes as one message to all of them who are on WeCom.
 2. A card can be replaced with a code that its sending brought, or a click on it; each once and within 72 hours
    (tasks.py). The code of the newest click goes first; what is left stands in the message's id.
 3. A card that cannot be replaced is taken back (recalled) and posted anew, except the living card of a case, which
    changes with everything that happens: it waits half a day, and a click on it brings it up to date.
 4. What has no news and nothing to press any more (an answered question, a card whose step moved on) is taken back and
    not posted anew.
 5. A card that is 60 hours old and still asks for something is posted anew while its code can still say so on it.
 6. A text cannot be changed. It is left as it is, until there is something to press: then a card is posted.

Sources: developer.work.weixin.qq.com/document/path/90236 (发送应用消息), 94888 (更新模版卡片), 94867 (撤回).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog
from msgspec.structs import replace

from bot.core.case import PersonId
from bot.core.effects import ADMINS
from bot.playbook.card import Card
from bot.playbook.text import word
from bot.ports import ChatError, Clock, Closed, Gone, Hidden, Message, Outgoing, Rejected, TryLater, Uncertain
from bot.rows import WecomSettings
from bot.wecom.api import Api, Json, Refused, Unanswered, Unreached
from bot.wecom.cards import WecomRenderer
from bot.wecom.codes import DAY_IS_FULL, NOT_VISIBLE, Kind, mend
from bot.wecom.directory import WecomDirectory
from bot.wecom.inbound import NAME, user_id
from bot.wecom.paces import PACES
from bot.wecom.posting import ATTEMPTS, Doubtful, Letter, Nobody, Posted, Posting
from bot.wecom.quota import PER_ACCOUNT, Quota
from bot.wecom.redrawing import Pack, Spent
from bot.wecom.tasks import Standing, is_answer, standing, task_of
from bot.wecom.workers import Workers

T = TypeVar("T")
log = structlog.get_logger("offboard.wecom")

AT_ONCE = 8
LIVING = frozenset({"case"})
REST = timedelta(hours=12)
PAUSE, LONG_PAUSE = 60.0, 900.0
"""Seconds to wait after "too often", and after the day's cap."""


class WecomChat:
    """`tag` tells this house's cards from those of another database behind the same app. `on_missed` hears of members
    who cannot get what was sent to them."""

    name = NAME
    paces = PACES

    def __init__(
        self,
        settings: WecomSettings,
        api: Api,
        clock: Clock,
        *,
        tag: str = "0",
        monotonic: Callable[[], float] = time.monotonic,
        on_missed: Callable[[tuple[str, ...]], Awaitable[None]] | None = None,
    ) -> None:
        self.who_decides: Callable[[], Sequence[PersonId]] = lambda: settings.admins
        """The ids under which the admins act: who acts in another chat is written to there."""
        self.quota = Quota(monotonic)
        self._trouble = ""
        self._full = ("", float("-inf"))
        self._monotonic = monotonic
        self._api = api
        self._agent = settings.agent_id
        self._clock = clock
        self.tag = tag
        self._posting = Posting(api, settings.agent_id, monotonic, clock.now)
        self._pack = Pack(api, settings.agent_id)
        self._draws = WecomRenderer()
        self._on_missed = on_missed
        self.pool = Workers(AT_ONCE)
        self.directory = WecomDirectory(api, self.pool)

    def close(self) -> None:
        self.pool.shutdown(wait=False)

    def now(self) -> datetime:
        return self._clock.now()

    @property
    def trouble(self) -> str:
        """Why WeCom lets nothing through. That the day is full is over when the pause is, for nothing else says so."""
        said, until = self._full
        return self._trouble or (said if self._monotonic() < until else "")

    async def probes(self) -> None:
        """Where there was trouble that somebody may have mended: is it over? A call comes only when there is something
        to say, and where nothing is let through from outside while there is trouble, there never is."""
        if self._trouble:
            with suppress(ChatError):
                await self._asked(partial(self._api.get, "agent/get", agentid=str(self._agent)))

    # ------------------------------------------------------------------ the port

    def serves(self, to: PersonId) -> bool:
        return bool(self._admins()) if to == ADMINS else to.startswith(f"{NAME}:")

    async def say(self, post: Outgoing) -> Message:
        return await self._sent(post, answer=is_answer(post.key))

    async def answer(self, post: Outgoing) -> Message:
        """A private answer to what somebody just did: it has room that nothing else may take."""
        return await self._sent(post, answer=True)

    async def amend(self, message: Message, post: Outgoing) -> Message:
        stands, now = standing(message.id), self._clock.now()
        card = self._draws.draw(post.card, post.names).payload
        if not stands.is_card():
            if card["msgtype"] == "template_card":
                raise Gone("a text cannot be changed", "message")
            return message
        asks = card["msgtype"] == "template_card"
        drawn = self._draws.redraw(post.card, post.names).payload["template_card"]
        if asks and stands.is_old(now) and self._pack.can(stands, now):
            drawn = self._draws.redraw(_newer(post.card), post.names).payload["template_card"]
            await self._redrawn(stands, post.to, drawn)
            raise Gone("it is too old to wait any longer", "message")
        try:
            stands = await self._redrawn(stands, post.to, drawn)
        except Gone as gone:
            if gone.who == "person":
                raise
            fresh = now.timestamp() - stands.issued < REST.total_seconds()
            if post.card.kind in LIVING and asks and fresh:
                return message
            await self._worker(partial(self._pack.take_back, stands))
            if not asks and not post.card.state and post.card.kind not in LIVING:
                return message
            raise
        return Message(message.place, stands.as_id())

    async def find(self, post: Outgoing) -> Message | None:
        """A card is looked up by sending it under the same `task_id`: where an earlier process sent it, the next `say`
        does that."""
        key = post.key
        if (posted := self._posting.posted(key)) is not None:
            return self._message(post.to, posted)
        if self._posting.is_busy(key):
            raise TryLater("it is still on its way")
        if self._posting.is_doubted(key):
            try:
                return await self._sent(post, answer=is_answer(post.key))
            except Uncertain as error:
                if self._posting.is_hopeless(key):
                    raise
                raise TryLater(str(error)) from None
        if self._letter(post).card is None:
            if is_answer(post.key):
                return None  # better twice than not at all
            raise Uncertain("a text cannot be looked up")
        self._posting.doubt_card(key)
        return None

    def clicked(self, task: str, code: str) -> None:
        """A click on this card has brought a code."""
        if task and code:
            self._pack.put(task, code, self._clock.now())

    def with_code(self, message: Message, code: str) -> Message:
        """The message whose id holds the code of a click; the one that it held is kept in mind."""
        stands, now = standing(message.id), self._clock.now()
        if stands.code:
            self._pack.put(stands.task, stands.code, datetime.fromtimestamp(stands.issued, UTC), first=True)
        return Message(message.place, replace(stands, code=code, issued=int(now.timestamp())).as_id())

    async def turns(self, task: str, person: PersonId, said: Card | None, language: str) -> None:
        """A card that is no post (or is one no more) was clicked: it turns into what was said to that, or says in the
        reader's language that another one stands in its place."""
        language = said.language if said is not None else language
        title = said.title if said is not None else word("newer", language)
        state = "" if said is not None else title
        card = Card(
            "turned", title=title, summary=title, lead=said.lead if said else "", language=language, state=state
        )
        drawn = self._draws.redraw(card, {}).payload["template_card"]
        await self._redrawn(Standing(task), person, drawn)

    # ------------------------------------------------------------------ sending

    def _letter(self, post: Outgoing) -> Letter:
        drawn = self._draws.draw(post.card, post.names)
        texts = tuple({"msgtype": "markdown", "markdown": {"content": text}} for text in drawn.beside)
        users, _ = self._whom(post.to)
        if drawn.payload["msgtype"] != "template_card":
            return Letter(post.key, users, (drawn.payload, *texts), None)
        tasks = tuple(task_of(post.key, post.to, self.tag, attempt) for attempt in range(1, ATTEMPTS + 1))
        return Letter(post.key, users, texts, drawn.payload, tasks)

    async def _sent(self, post: Outgoing, *, answer: bool) -> Message:
        letter = replace(self._letter(post), answer=answer)
        posted = await self._asked(self._post, letter)
        self._full = ("", float("-inf"))
        await self._misses(posted.missed)
        return self._message(post.to, posted)

    async def _redrawn(self, stands: Standing, to: PersonId, card: Json) -> Standing:
        stands, missed = await self._asked(self._pack.redraw, stands, self._whom(to), card, self._clock.now())
        await self._misses(missed)
        return stands

    async def _misses(self, users: tuple[str, ...]) -> None:
        if users and self._on_missed is not None:
            await self._on_missed(users)

    def _post(self, letter: Letter) -> Posted:
        left = self._posting.left(letter)
        if not letter.users:
            raise Nobody(())
        if (wait := self.quota.take(letter.users, left, answer=letter.answer)) > 0:
            raise TryLater("this member has had as many messages as WeCom lets through", wait)
        return self._posting.send(letter)

    def _message(self, to: PersonId, posted: Posted) -> Message:
        stands = Standing(posted.task, posted.msgid, posted.code, int(self._clock.now().timestamp()))
        return Message(to, stands.as_id())

    def _admins(self) -> tuple[str, ...]:
        here = (id for id in self.who_decides() if id.startswith(f"{NAME}:"))
        return tuple(dict.fromkeys(user_id(id).casefold() for id in here))

    def _whom(self, to: PersonId) -> tuple[tuple[str, ...], bool]:
        """The users, and whether it is everybody who got the card."""
        return (self._admins(), True) if to == ADMINS else ((user_id(to).casefold(),), False)

    # ------------------------------------------------------------------ on a worker's thread

    async def _worker(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.pool, work)

    async def _asked(self, call: Callable[..., T], *args: object) -> T:
        """What it gives. Raises ChatErrors alone."""
        try:
            found = await self._worker(partial(call, *args))
        except Nobody as nobody:
            await self._misses(nobody.users)
            raise await self.directory.why_not(nobody.users, str(nobody)) from None
        except Refused as refused:
            raise self._of(refused) from None
        except Unreached as error:
            raise TryLater(str(error)) from None
        except (Unanswered, Doubtful) as error:
            raise Uncertain(str(error)) from None
        except Spent:
            raise Gone("it can no longer be changed", "message") from None
        self._trouble = ""
        return found

    def _of(self, refused: Refused) -> ChatError:
        said = f"WeCom answered {refused.code}"
        match refused.kind:
            case _ if refused.code == NOT_VISIBLE:
                return Hidden(f"{said}: {mend(refused.code)}")
            case Kind.RETRY:
                return TryLater(said)
            case Kind.PAUSE:
                if refused.code not in DAY_IS_FULL:
                    return TryLater(said, PAUSE)
                self._is_full(said)
                return TryLater(said, LONG_PAUSE)
            case Kind.GONE:
                return Gone(said)
            case Kind.REFRESH:
                self._trouble = f"WeCom refuses the token that it has just given ({refused.code})."
                return Closed(self._trouble)
            case Kind.CONFIG:
                where = f" This server is seen as {refused.address}." if refused.address else ""
                self._trouble = f"{said}: {mend(refused.code)}.{where}"
                return Closed(self._trouble)
        return Rejected(said)

    def _is_full(self, said: str) -> None:
        """Nothing more goes for a while. That is logged once, when it begins."""
        today = self.quota.today()
        if not self.trouble:
            log.warning("WeCom lets no more through", why=said, seconds=LONG_PAUSE, sent_in_24_hours=today)
        text = f"{said}: it lets no more through for now; {today} were sent in 24 hours, of accounts × {PER_ACCOUNT}."
        self._full = text, self._monotonic() + LONG_PAUSE


def _newer(card: Card) -> Card:
    """What stands on a card in whose place a new one was sent."""
    return replace(card, row=(), more=(), input=None, state=word("newer", card.language))
