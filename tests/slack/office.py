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

from bot.app import DEFAULT_PLAYBOOKS, App, shipped
from bot.core.case import Case
from bot.live.house import LiveHouse
from bot.live.metrics import Metrics
from bot.ports import Reads
from bot.rows import SlackSettings
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
    return Library(shipped(), "en", DEFAULT_PLAYBOOKS)


class Ticks:
    """Monotonic seconds that are moved by hand."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Office:
    slack: ScriptedSlack
    edge: SlackEdge
    app: App
    clock: SettableClock
    session: aiohttp.ClientSession
    address: str
    ticks: Ticks
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
        """Until everything that can be sent is; time goes on while something has to wait."""
        for _ in range(30):
            await self.app.outbox.drain()
            await self.edge.settle()
            if not self.left():
                return
            self.ticks.at += 5

    def left(self) -> int:
        """Messages that are still to be sent."""
        states = ("waiting", "sending", "uncertain")
        return self.app.store.read(lambda reads: len(reads.outbox(states=states)))

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
    path: Path,
    *,
    app_token: str = "",
    admins: Sequence[str] = (CHEN,),
    channel: Json | None = None,
    faults: Sequence[str] = (),
) -> AsyncIterator[Office]:
    """`faults` are those of the first calls."""
    async with ScriptedSlack() as slack:
        for fault in faults:
            slack.will(fault)
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
        ticks = Ticks()
        edge = make(settings, clock, monotonic=ticks, paces=())
        store = SqliteStore(path)
        chats, directories = [edge.chat], [edge.directory]
        app = App(store, b"s" * 32, COMPANY, chats, clock, library(), monotonic=ticks, directories=directories)
        await edge.open(LiveHouse(app, Metrics(), {}))
        try:
            async with _served(edge) as address, aiohttp.ClientSession() as session:
                yield Office(slack, edge, app, clock, session, address, ticks)
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
