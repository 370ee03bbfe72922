"""What becomes of a callback: it is heard, and once it is durable the person is answered.

RULES
 1. Hear first, acknowledge then, answer last: an answer is a message of its own, so it never holds up the 200.
 2. A delivery that was heard before is acknowledged and not answered again.
 3. A click that was accepted shows on its card, and is not thanked for besides: a member gets only so many messages.
 4. Whoever acts and was thought to be gone is asked after: the corp's address book says whether they are back.
    That somebody left is taken once from each delivery: who sends it again does not make them leave again.
 5. A click on a card in whose place another one stands says so on the card itself; a card that is no post (a list of
    what waits) turns into the answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import structlog
from msgspec.structs import replace

from bot.core.case import PersonId
from bot.edges import House, Upkeep
from bot.errors import StoreError
from bot.heard import Heard
from bot.playbook.card import Card
from bot.playbook.copy import load
from bot.playbook.views.replies import sentence
from bot.ports import ChatError, Gone, Hidden, Message
from bot.rows import PersonRow, WecomSettings
from bot.wecom.answering import Answers, Sleep
from bot.wecom.callback import NotKept
from bot.wecom.client import WecomChat
from bot.wecom.directory import WecomDirectory
from bot.wecom.gathering import Gathering, posts_anew
from bot.wecom.inbound import Back, Left, Meaning, Nothing, Opened, Said, contact, meaning, user_id
from bot.wecom.record import Record
from bot.wecom.renewing import is_due
from bot.wecom.returning import Returns
from bot.wecom.tasks import lane_of, standing

log = structlog.get_logger("offboard.wecom")

LANDING = 2.5
"""Seconds in which the answers that are on their way may arrive when the server stops: it has five for everything."""
GREETED = 20_000
RENEWS_FIRST, RENEWS_EVERY = 60.0, 1_800.0
"""Seconds."""


class Reception:
    def __init__(
        self, settings: WecomSettings, house: House, chat: WecomChat, directory: WecomDirectory, sleep: Sleep
    ) -> None:
        self._settings = settings
        self._house = house
        self._chat = chat
        self._directory = directory
        self._tasks: set[asyncio.Task[None]] = set()
        self._answers = Answers(house, chat, sleep)
        self.returns = Returns(house, directory)
        self.gathering = Gathering(house, chat)
        self._greeted: dict[str, None] = {}
        self._unkept: set[str] = set()

    async def close(self) -> None:
        """Whoever acted is answered now, or what they are owed waits in the outbox."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LANDING)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._answers.leaves()

    async def settled(self) -> None:
        """Until everybody who acted has been answered."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    # ------------------------------------------------------------------ the two addresses

    async def message(self, record: Record, plain: bytes) -> None:
        await self._take(meaning(record, plain, self._settings.corp_id, self._settings.agent_id))

    async def contact(self, record: Record, plain: bytes) -> None:
        await self._take(contact(record, plain, self._settings.corp_id))

    async def _take(self, what: Meaning) -> None:
        match what:
            case Said():
                await self._heard(what)
            case Opened():
                if await self._is_first(what.key):
                    self._later(self._shows_desk(what))
            case Left():
                if await self._is_first(what.key):
                    await self._leaves(what)
            case Back():
                if await self.returns.keep(what.person):
                    self._later(self._asks_who_is_back())
            case Nothing():
                log.info("a callback with nothing to do", why=what.why)

    # ------------------------------------------------------------------ somebody acts

    async def _heard(self, said: Said) -> None:
        self._chat.clicked(said.task, said.code)
        heard = said.heard
        stood = await self._stood(said) if said.task else None
        if heard.click is not None and isinstance(stood, Message):
            now = self._chat.with_code(stood, said.code) if said.code else stood
            heard = replace(heard, click=replace(heard.click, message=now))
            _, answer = await asyncio.gather(self._keeps(said, stood, now), self._house.hear(heard))
        else:
            answer = await self._house.hear(heard)
        if answer.refused == "storage":
            raise NotKept
        if not answer.repeated:
            shows = isinstance(stood, Message) and not answer.refused
            told = tuple(card for card in answer.cards if not (shows and card.kind == "answer"))
            self._later(self._answered(heard, told, answer.case))
            if said.task and not isinstance(stood, Message):
                cards = (await self._received(heard.person),) if answer.later else answer.cards
                self._later(self._turns(said.task, heard.person, _on_it(stood, cards)))

    async def _turns(self, task: str, person: PersonId, said: Card | None) -> None:
        await self._chat.turns(task, person, said, await self._language(person))

    async def _received(self, person: PersonId) -> Card:
        """Somebody has to be looked up first: what came of the click is told when that is done."""
        copy = load(await self._language(person))
        return replace(sentence(copy, "told.received"), lead=copy("told.looking_up"))

    async def _language(self, person: PersonId) -> str:
        known = await self._house.person(person)
        return (known.language if known is not None else "") or self._settings.language

    async def _stood(self, said: Said) -> Message | str | None:
        """Where the clicked card stands; its `task_id` when another one stands in its place; None: it is no post."""
        lane = lane_of(said.task, user_id(said.heard.person))
        post = await self._house.post(lane) if lane else None
        if post is None:
            return None
        return Message(post.place, post.message) if standing(post.message).task == said.task else said.task

    async def _keeps(self, said: Said, was: Message, now: Message) -> None:
        """The click's code is kept in the message's id, in the same breath as the click itself."""
        if was == now or not isinstance(self._house, Upkeep):
            return
        with suppress(StoreError):  # then the click has failed too
            await self._house.stands(lane_of(said.task, user_id(said.heard.person)), was, now)

    async def _answered(self, heard: Heard, cards: tuple[Card, ...], case: str) -> None:
        await self._answers.tell(heard.person, heard.key, cards, case)
        await self._is_back(heard.person)
        await self.gathering.look()

    async def _shows_desk(self, opened: Opened) -> None:
        """What waits; where nothing does, how it stands (asked by the menu) or what one can say here (on entering)."""
        card, names = await self._house.desk(opened.person)
        if card.title:
            await self._answers.tell(opened.person, opened.key, (card,), card.reference, names)
            return
        said = Heard(key=f"{opened.key}/said", person=opened.person, text="进度" if opened.by_menu else "帮助")
        answer = await self._house.hear(said)
        if not answer.repeated:
            await self._answers.tell(opened.person, said.key, answer.cards, answer.case)

    async def _is_first(self, key: str) -> bool:
        """Whether this was never done. Raises NotKept."""
        if key in self._unkept:
            return True
        if key in self._greeted:
            return False
        try:
            first = not isinstance(self._house, Upkeep) or await self._house.once(key)
        except StoreError:
            raise NotKept from None
        self._greeted[key] = None
        if len(self._greeted) > GREETED:
            del self._greeted[next(iter(self._greeted))]
        return first

    # ------------------------------------------------------------------ cards grow old

    async def renews(self, stop: asyncio.Event) -> None:
        """Until `stop` is set: whatever still asks for something is posted anew while its code can still say so."""
        wait = RENEWS_FIRST
        while not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), wait)
                return
            wait = RENEWS_EVERY
            try:
                await self.renew()
            except Exception as error:  # noqa: BLE001  the next hour tries again
                log.error("old cards could not be renewed", error=type(error).__name__)

    async def renew(self) -> int:
        """How many were old."""
        if not isinstance(self._house, Upkeep):
            return 0
        await self.gathering.look()
        now, opens = self._chat.now(), self._house.opens
        old = [post for post in await self._house.open_posts() if is_due(standing(post.message), now, opens)]
        for post in old:
            await posts_anew(self._house, post, now)
        return len(old)

    # ------------------------------------------------------------------ who is there

    async def _leaves(self, left: Left) -> None:
        """Raises NotKept: then the next delivery of it counts."""
        if not left.certain and await self._is_hidden(left.person):
            log.warning("a member is outside the app's visible range now", mend="可见范围")
            return
        self._unkept.add(left.key)
        if left.now:
            await self._goes_on(left)
        await self.gone(left.person)
        self._unkept.discard(left.key)

    async def _is_hidden(self, person: PersonId) -> bool:
        """WeCom says of both that they unsubscribed: who was deleted, and whom the app may not see any more."""
        try:
            await self._directory.look_up(person)
        except Hidden:
            return True
        except ChatError:
            return False
        return False

    async def _goes_on(self, left: Left) -> None:
        """Under another id. Where the address book does not answer, the event's word counts."""
        try:
            row = await self._directory.look_up(left.now)
        except ChatError:
            row = PersonRow(id=left.now)
        try:
            if isinstance(self._house, Upkeep):
                await self._house.renamed(left.person, row)
        except StoreError:
            raise NotKept from None

    async def gone(self, person: PersonId) -> None:
        """Raises NotKept."""
        try:
            known = await self._house.person(person)
            if known is not None and known.standing != "gone":
                await self._house.learn(replace(known, standing="gone"))
                await self.gathering.look()
        except StoreError:
            raise NotKept from None

    async def missed(self, users: tuple[str, ...]) -> None:
        """These members could not get a message. Who is only outside the visible range is not gone."""
        for user in users:
            self._later(self._asks_after(f"wecom:{user}"))

    async def _asks_after(self, person: PersonId) -> None:
        try:
            row = await self._directory.look_up(person)
        except Gone:
            await self.gone(person)
        except ChatError as error:  # Hidden among them: they may be there
            log.warning("a member could not be looked up", why=str(error))
        else:
            if row.standing == "gone":
                await self.gone(person)
            else:
                log.warning("a member is outside the app's visible range, or has not joined yet")

    async def _is_back(self, person: PersonId) -> None:
        if await self.returns.keep(person):
            await self._asks_who_is_back()

    async def _asks_who_is_back(self) -> None:
        await self.returns.ask()
        await self.gathering.look()

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        async def done() -> None:
            try:
                await work
            except Exception as error:  # noqa: BLE001  the edge goes on
                log.error("an answer was not given", error=type(error).__name__)

        task = asyncio.create_task(done())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _on_it(stood: str | None, cards: tuple[Card, ...]) -> Card | None:
    """What a clicked card that is no post turns into; None: another one stands in its place."""
    short = [card for card in cards if card.kind in ("answer", "notice", "refusal")]
    return None if stood or not short else short[-1]
