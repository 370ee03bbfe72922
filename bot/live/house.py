"""The one way in for the edges: what they hear is judged on the writer's thread and drawn on another one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import datetime

import structlog
from msgspec.structs import replace

from bot.app import App
from bot.core.cadence import next_moment
from bot.core.case import PersonId
from bot.core.effects import ADMINS
from bot.edges import Directory
from bot.errors import StoreError
from bot.heard import Answer, Heard
from bot.live.metrics import Metrics
from bot.playbook.card import Card
from bot.playbook.copy import load
from bot.playbook.views.replies import refusal
from bot.ports import Reads, Tx
from bot.rows import Message, PersonRow, PostRow
from bot.runtime.keeping import redraw, say
from bot.runtime.outcomes import AWAY, cause_of, return_to
from bot.runtime.people import folded
from bot.runtime.readers import lane_at

log = structlog.get_logger("offboard.live")


class Configured:
    """A directory whose word gives way to what the configuration says (`merged`)."""

    def __init__(self, directory: Directory, merged: Callable[[PersonRow], PersonRow]) -> None:
        self._directory = directory
        self._merged = merged

    def serves(self, to: PersonId) -> bool:
        return self._directory.serves(to)

    async def look_up(self, person: PersonId) -> PersonRow:
        return self._merged(await self._directory.look_up(person))


class LiveHouse:
    """`known`: what the configuration says of a person, by each of their ids; it counts more than a directory."""

    def __init__(self, app: App, metrics: Metrics, known: Mapping[PersonId, PersonRow], chat: str = "") -> None:
        self._app = app
        self._metrics = metrics
        self._known = known
        self._chat = chat

    def at(self, chat: str) -> LiveHouse:
        """The same house as this platform sees it: it finds its own posts under the lanes of the core."""
        return LiveHouse(self._app, self._metrics, self._known, chat)

    def _lane(self, lane: str) -> str:
        return lane_at(lane, self._chat, self._app.engine.tools.admin_chats)

    async def hear(self, heard: Heard) -> Answer:
        began = time.monotonic()
        try:
            hearing = await asyncio.wrap_future(self._app.engine.hear(heard))
        except StoreError as error:
            answer = await self._unwritten(heard, error)
        except Exception as error:  # noqa: BLE001  the web edge: nothing was kept, and the person is told so
            answer = await self._unwritten(heard, error)
        else:
            self._metrics.durable(time.monotonic() - began)
            try:
                answer = await asyncio.to_thread(self._app.engine.answer, hearing)
            except Exception as error:
                log.error("an answer cannot be drawn", exc_info=error)
                answer = Answer(tuple(hearing.cards), refused=hearing.refused)
        self._metrics.heard(heard, answer)
        return answer

    async def _unwritten(self, heard: Heard, error: Exception) -> Answer:
        why = str(error) if isinstance(error, StoreError) else ""
        log.error("nothing was written down", why=why, exc_info=error)
        try:
            return await asyncio.to_thread(self._app.engine.unwritten, heard)
        except StoreError:
            card = refusal(load(self._app.people.company.language), "storage", "", {})
            return Answer((card,), refused="storage")

    async def learn(self, person: PersonRow) -> None:
        await asyncio.wrap_future(self._app.engine.learn(self.merged(person)))

    async def renamed(self, old: PersonId, new: PersonRow) -> None:
        await asyncio.wrap_future(self._app.engine.renamed(old, self.merged(new)))

    def merged(self, person: PersonRow) -> PersonRow:
        """What the directory says, with what the configuration says of the same person over it."""
        said = self._known.get(self._app.people.acts_as(person.id))
        if said is None:
            return person
        return replace(
            person,
            name=said.name or person.name,
            language=said.language or person.language,
            zone=said.zone or person.zone,
            same_as=said.same_as or person.same_as,
        )

    async def remember(self) -> None:
        """What the configuration says now, for those who are known already. A language that they have is kept: they
        may have chosen it themselves."""

        def work(tx: Tx) -> None:
            for id in self._known:
                row = tx.person(id)
                merged = row and replace(self.merged(row), language=row.language or self._known[id].language)
                if merged is not None and merged != row:
                    tx.put_person(merged)

        await asyncio.wrap_future(self._app.store.transact(work))

    async def post(self, lane: str) -> PostRow | None:
        return await asyncio.to_thread(self._app.store.read, lambda reads: reads.post(self._lane(lane)))

    async def post_at(self, place: str, message: str) -> PostRow | None:
        return await asyncio.to_thread(self._app.store.read, lambda reads: reads.post_at(place, message))

    async def person(self, id: PersonId) -> PersonRow | None:
        """The row of this very id, with the language and zone of the person: who is gone under one id is not gone under
        another. Where only the person is known, the id is as they are."""
        own, acts_as = folded(id), self._app.people.acts_as(id)

        def of_this_id(reads: Reads) -> PersonRow | None:
            known, person = reads.person(own), reads.person(acts_as)
            if person is None or own == acts_as:
                return known
            return replace(known or replace(person, id=own), language=person.language, zone=person.zone)

        return await asyncio.to_thread(self._app.store.read, of_this_id)

    def admins(self) -> tuple[PersonId, ...]:
        return self._app.people.there.admins

    async def reached(self) -> None:
        chats = self._app.engine.tools.admin_chats
        to = f"{ADMINS}@{self._chat}" if self._chat in chats[1:] else ADMINS
        now = self._app.clock.now()

        def work(tx: Tx) -> None:
            rows = tx.outbox(states=("parked",))
            return_to(tx, {row.id for row in rows if row.to == to and cause_of(row) in AWAY}, now)

        await asyncio.wrap_future(self._app.store.transact(work))
        self._app.outbox.poke()

    async def desk(self, person: PersonId) -> tuple[Card, dict[PersonId, str]]:
        return await asyncio.to_thread(self._app.engine.desk, person)

    # ------------------------------------------------------------------ for messages that grow old (edges.Upkeep)

    async def tag(self) -> str:
        return self._app.engine.tools.buttons.value("OFB-0", "tag", 0, "tag")[-8:]

    async def once(self, key: str) -> bool:
        now = self._app.clock.now()
        return await asyncio.wrap_future(self._app.store.transact(lambda tx: tx.hear(key, now)))

    def counts(self, name: str, what: str, number: Callable[[], float]) -> None:
        self._metrics.counts(name, what, number)

    async def say(self, person: PersonId, card: Card, about: str) -> None:
        now, tools = self._app.clock.now(), self._app.engine.tools

        def work(tx: Tx) -> None:
            if tx.hear(f"say/{about}", now):
                say(tx, person, card, about, now, tools)

        await asyncio.wrap_future(self._app.store.transact(work))
        self._app.outbox.poke()

    async def note(self, name: str) -> bytes | None:
        return await asyncio.to_thread(self._app.store.read, lambda reads: reads.note(name))

    async def put_note(self, name: str, data: bytes) -> None:
        await asyncio.wrap_future(self._app.store.transact(lambda tx: tx.put_note(name, data)))

    async def stands(self, lane: str, was: Message, now: Message) -> None:
        def work(tx: Tx) -> None:
            post = tx.post(self._lane(lane))
            if post is not None and (post.place, post.message) == (was.place, was.id):
                tx.put_post(replace(post, place=now.place, message=now.id))

        await asyncio.wrap_future(self._app.store.transact(work))

    def opens(self, at: datetime) -> datetime:
        return next_moment(at, self._app.people.rhythm(None), self._app.engine.tools.workdays)

    async def open_posts(self) -> list[PostRow]:
        def of_open_cases(reads: Reads) -> list[PostRow]:
            return [post for row in reads.cases(open_only=True) for post in reads.posts(row.ref)]

        return await asyncio.to_thread(self._app.store.read, of_open_cases)

    async def redraw(self, post: PostRow) -> None:
        message, now = Message(post.place, post.message), self._app.clock.now()
        await asyncio.wrap_future(self._app.store.transact(lambda tx: redraw(tx, message, post.case, now)))
        self._app.outbox.poke()
