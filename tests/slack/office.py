"""The whole of it: the real engine and outbox, the Slack edge behind a real HTTP server, and a scripted Slack."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.app import App, shipped
from bot.core.case import Case, PersonId
from bot.errors import ChatError, StoreError
from bot.heard import Answer, Heard
from bot.playbook.card import Card
from bot.ports import Reads
from bot.rows import PersonRow, PostRow, SlackSettings
from bot.runtime import codec
from bot.runtime.clocks import SettableClock
from bot.runtime.library import Library
from bot.runtime.people import Company
from bot.slack.edge import SlackEdge, make
from bot.slack.scripted import ScriptedSlack
from bot.store.sqlite import SqliteStore
from tests.slack.human import SECRET, Human

Json = dict[str, Any]

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LIN, ZHAO, CHEN, HR = "U00LIN", "U0ZHAO", "U0CHEN", "U000HR"
ADMINS_CHANNEL, PUBLIC = "G0ADMINS", "C0PUBLIC"
NAMES = {LIN: "Lin Wei", ZHAO: "Zhao Yun", CHEN: "Chen Jie", HR: "Wu Min"}
COMPANY = Company(admins=(f"slack:{CHEN}",), second_approvers=(f"slack:{HR}",), language="en")


@cache
def library() -> Library:
    return Library(shipped(), "en")


class PlainHouse:
    """A house that looks up whom it does not know before it judges."""

    def __init__(self, app: App, edge: SlackEdge) -> None:
        self.app = app
        self.edge = edge

    async def hear(self, heard: Heard) -> Answer:
        for person in (heard.person, *heard.people):
            if await self.person(person) is None:
                try:
                    await self.learn(await self.edge.directory.look_up(person))
                except ChatError:
                    continue
        try:
            hearing = await asyncio.wrap_future(self.app.engine.hear(heard))
            return await asyncio.to_thread(self.app.engine.answer, hearing)
        except StoreError:
            return await asyncio.to_thread(self.app.engine.unwritten, heard)

    async def learn(self, person: PersonRow) -> None:
        await asyncio.wrap_future(self.app.store.transact(lambda tx: tx.put_person(person)))

    async def post(self, lane: str) -> PostRow | None:
        return self.app.store.read(lambda reads: reads.post(lane))

    async def post_at(self, place: str, message: str) -> PostRow | None:
        return self.app.store.read(lambda reads: reads.post_at(place, message))

    async def person(self, id: PersonId) -> PersonRow | None:
        return self.app.store.read(lambda reads: reads.person(id))

    async def desk(self, person: PersonId) -> tuple[Card, dict[PersonId, str]]:
        return Card(kind="desk", title="What waits", summary="Nothing waits.", lead="Nothing waits."), {}


@dataclass
class Office:
    slack: ScriptedSlack
    edge: SlackEdge
    app: App
    clock: SettableClock
    session: aiohttp.ClientSession
    address: str
    people: dict[str, Human] = field(default_factory=dict)

    def human(self, user: str) -> Human:
        if user not in self.people:
            now = lambda: self.clock.now().timestamp()  # noqa: E731
            self.people[user] = Human(self.slack, self.session, self.address, user, now)
        return self.people[user]

    # ------------------------------------------------------------------ what people do, on what they see

    async def press(
        self, user: str, verb: str, *, step: int = 0, place: str = "", words: str = "", **chosen: str
    ) -> None:
        """The newest button of this verb that this person sees; then the form, if one opens."""
        found = self.offer(user, verb, step, place)
        forms = len(self.slack.forms)
        assert await self.human(user).presses(*found, verb) == 200
        if len(self.slack.forms) > forms and (words or chosen):
            status, answer = await self.human(user).fills(self.slack.forms[-1], words=words, **chosen)
            assert (status, answer) == (200, {"text": ""}), answer
        await self.settle()

    def offer(self, user: str, verb: str, step: int = 0, place: str = "") -> tuple[str, str]:
        """Where the newest message stands that offers this."""
        from tests.slack.human import offered

        place = place or self.slack.private.get(user, "")
        for said in reversed(self.slack.messages.get(place, [])):
            try:
                found = offered(said, verb)
            except LookupError:
                continue
            value = str(found.get("value") or found.get("selected_option", {}).get("value", ""))
            if not step or f"@{step}@" in value:
                return place, said["ts"]
        raise LookupError(f"{user} is offered no {verb} in {place}")

    async def write(self, user: str, text: str) -> None:
        assert await self.human(user).says(text) == 200
        await self.settle()

    # ------------------------------------------------------------------ what is

    async def settle(self) -> None:
        await self.app.outbox.drain()
        await self.edge.settle()

    async def pass_time(self, **time: float) -> None:
        until = self.clock.now() + timedelta(**time)
        while (due := self.app.engine.next_due()) is not None and due <= until:
            self.clock.set(max(due, self.clock.now()))
            await asyncio.to_thread(self.app.engine.tick)
            await self.settle()
        self.clock.set(until)
        await self.settle()

    def case(self, ref: str = "OFB-1") -> Case:
        def read(reads: Reads) -> Case:
            row = reads.case(ref)
            assert row is not None, f"there is no {ref}"
            return codec.case(row.state)

        return self.app.store.read(read)

    def cases(self) -> int:
        return self.app.store.read(lambda reads: len(reads.cases()))

    def facts(self) -> int:
        return self.app.store.read(lambda reads: sum(row.count for row in reads.cases()))

    def card(self) -> Json:
        """The case's own card in the admins' channel."""
        return next(said for said in self.slack.messages[ADMINS_CHANNEL] if "thread_ts" not in said)


@asynccontextmanager
async def office(
    path: Path, *, app_token: str = "", admins: Sequence[str] = (CHEN,), channel: Json | None = None
) -> AsyncIterator[Office]:
    async with ScriptedSlack() as slack:
        for user, name in NAMES.items():
            slack.join(user, name)
        slack.channel(ADMINS_CHANNEL, **(channel or {}))
        slack.channel(PUBLIC, private=False)
        clock = SettableClock(START)
        settings = SlackSettings(
            bot_token=slack.token,
            signing_secret=SECRET,
            app_token=app_token,
            admin_channel=ADMINS_CHANNEL,
            api_url=slack.api_url,
            language="en",
            admins=tuple(f"slack:{user}" for user in admins),
        )
        edge = make(settings, clock, paces=())
        store = SqliteStore(path)
        app = App(store, b"s" * 32, COMPANY, [edge.chat], clock, library())
        await edge.open(PlainHouse(app, edge))
        try:
            async with _served(edge) as address, aiohttp.ClientSession() as session:
                yield Office(slack, edge, app, clock, session, address)
        finally:
            await edge.close()
            store.close()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.up.set()


@asynccontextmanager
async def _served(edge: SlackEdge) -> AsyncIterator[str]:
    """The edge's routes behind a real server on the loopback."""
    routes = [Mount(path, app=app) for path, app in edge.routes().items()]
    config = uvicorn.Config(Starlette(routes=routes), port=0, log_config=None, lifespan="off", access_log=False)
    server = _Server(config)
    task = asyncio.create_task(server.serve())
    await server.up.wait()
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    try:
        yield f"http://{host}:{port}/slack/events"
    finally:
        server.should_exit = True
        await task
