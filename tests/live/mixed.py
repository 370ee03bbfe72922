"""A company that is in Slack and in WeCom at once: the real engine and both edges behind real HTTP, and stand-ins of
both platforms. People are named by their ids; whoever is in Slack reads English, whoever is in WeCom Chinese."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import uvicorn

from bot.app import DEFAULT_PLAYBOOKS, App, shipped
from bot.core.case import Case
from bot.live.house import LiveHouse
from bot.live.metrics import Metrics
from bot.playbook.card import Card
from bot.rows import PostRow, SlackSettings
from bot.runtime import codec
from bot.runtime.library import Library
from bot.runtime.people import Company
from bot.slack.edge import SlackEdge
from bot.slack.edge import make as slack_edge
from bot.slack.scripted import ScriptedSlack
from bot.store.sqlite import SqliteStore
from bot.wecom.crypto import keys
from bot.wecom.edge import CALLBACK, WecomEdge
from bot.wecom.edge import make as wecom_edge
from bot.wecom.standin import Standin
from bot.wecom.standin_push import Pusher
from tests.slack.human import SECRET, Human, offered
from tests.wecom.corp import AES_KEY, AGENT, CORP, TOKEN, HandClock, settings
from tests.wecom.corp import SECRET as WECOM_SECRET

CHANNEL = "G0ADMINS"
SLACK = {"U00LIN": "Lin Wei", "U0ZHAO": "Zhao Yun", "U0CHEN": "Chen Jie", "U000HR": "Wu Min"}
WECOM = {"lin": "林小满", "sun": "孙一", "zhao": "赵平", "wu": "吴双"}
ANSWERS = ("100012345678", "1", "1, 4", "1", "2", "1")
"""What a leaver answers, up to who takes over: registered with an email, gives up a phone and a WeChat."""


def is_slack(who: str) -> bool:
    return who.startswith("slack:")


def name_of(who: str) -> str:
    _, _, user = who.partition(":")
    return (SLACK if is_slack(who) else WECOM)[user]


class Mixed:
    def __init__(
        self,
        slack: ScriptedSlack,
        wecom: Standin,
        clock: HandClock,
        session: aiohttp.ClientSession,
        app: App,
        edges: tuple[SlackEdge, WecomEdge],
        base: str,
        path: Path,
    ) -> None:
        self.slack, self.wecom, self.clock, self.app, self.edges, self.path = slack, wecom, clock, app, edges, path
        self.pusher = Pusher(wecom, keys(TOKEN, AES_KEY, CORP), base + CALLBACK)
        self._session, self._address = session, f"{base}/slack/events"

    def human(self, who: str) -> Human:
        user = who.removeprefix("slack:")
        return Human(self.slack, self._session, self._address, user, lambda: self.clock.now().timestamp())

    # ------------------------------------------------------------------ what people do

    async def types(self, who: str, text: str) -> None:
        if is_slack(who):
            assert await self.human(who).says(text) == 200
        else:
            assert await asyncio.to_thread(self.pusher.types, who.removeprefix("wecom:"), text) == [200]
        await self.settle()

    async def presses(self, who: str, verb: str, step: int = 0, words: str = "") -> None:
        await self.press(who, verb, step)
        await self.settle()
        if words:
            await self.types(who, words)

    async def press(self, who: str, verb: str, step: int = 0) -> None:
        """The newest button of this verb that they see; nothing is waited for."""
        if is_slack(who):
            place, ts = self.offer(who, verb, step)
            assert await self.human(who).presses(place, ts, verb) == 200
            return
        name = verb.replace(":", "@")
        if step:
            name = f"{name}{'@' if '@' in name else '@@'}OFB-1@{step}"
        elif "@" not in name:
            name = f"{name}@"
        assert await asyncio.to_thread(self.pusher.presses, who.removeprefix("wecom:"), name) == [200]

    def offer(self, who: str, verb: str, step: int = 0) -> tuple[str, str]:
        """Where in Slack the newest message stands that offers this to them."""
        for place in (self.slack.private.get(who.removeprefix("slack:"), ""), CHANNEL):
            for said in reversed(self.slack.messages.get(place, [])):
                try:
                    found = offered(said, verb)
                except LookupError:
                    continue
                value = str(found.get("value") or found.get("selected_option", {}).get("value", ""))
                if not step or f"@{step}@" in value:
                    return place, said["ts"]
        raise LookupError(f"{who} is offered no {verb}")

    # ------------------------------------------------------------------ what is

    async def settle(self, most: int = 100) -> None:
        slack, wecom = self.edges
        for _ in range(most):
            await slack.settle()
            if wecom.reception is not None:
                await wecom.reception.settled()
            await self.app.outbox.drain()
            if not self.app.store.read(lambda reads: reads.outbox(states=("waiting", "sending", "uncertain"))):
                return
            self.clock.goes_on(5)
        raise AssertionError("something still waits")

    async def waits(self, **span: float) -> None:
        until = self.clock.now() + timedelta(**span)
        while (due := self.app.engine.next_due()) is not None and due <= until:
            self.clock.at = max(due, self.clock.now())
            await asyncio.to_thread(self.app.engine.tick)
            await self.settle()
        self.clock.at = max(until, self.clock.now())
        await self.settle()

    def case(self, ref: str = "OFB-1") -> Case:
        row = self.app.store.read(lambda reads: reads.case(ref))
        assert row is not None
        return codec.case(row.state)

    def step(self, id: str) -> int:
        return next(step.number for step in self.case().steps if step.id == id)

    def posts(self) -> list[tuple[PostRow, Card]]:
        """Every message of the case that stands somewhere, with what the record says that it shows."""
        found = []
        for post in self.app.store.read(lambda reads: reads.posts("OFB-1")):
            data = self.app.store.read(lambda reads, hash=post.text_hash: reads.text(hash))  # type: ignore[misc]
            assert data is not None, post.lane
            found.append((post, msgspec.json.decode(data, type=Card)))
        return found

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.path) as conn:
            return conn.execute(sql).fetchall()

    def told(self, who: str) -> str:
        """All that this person can read in private."""
        user = who.partition(":")[2]
        return str(self.slack.conversation(user) if is_slack(who) else self.wecom.seen(user))


@asynccontextmanager
async def mixed(
    path: Path, *, admins: tuple[str, ...], second: str, persons: Mapping[str, str] | None = None
) -> AsyncIterator[Mixed]:
    """`persons`: other id -> the id under which they act, as the configuration says it."""
    clock = HandClock()
    async with ScriptedSlack() as slack, aiohttp.ClientSession() as session:
        for user, name in SLACK.items():
            slack.join(user, name)
        slack.channel(CHANNEL)
        with Standin(corp=CORP, secret=WECOM_SECRET, agent=AGENT, clock=clock) as wecom:
            for user, name in WECOM.items():
                wecom.join(user, name)

            async def sleep(seconds: float) -> None:
                clock.goes_on(seconds)
                await asyncio.sleep(0)

            one = slack_edge(_slack(slack, admins), clock, monotonic=clock.monotonic, paces=())
            other = wecom_edge(settings(wecom.api_url, admins=admins), clock, monotonic=clock.monotonic, sleep=sleep)
            store = SqliteStore(path)
            app = App(
                store,
                b"m" * 32,
                Company(admins=admins, second_approvers=(second,), same=dict(persons or {}), language="zh-CN"),
                [one.chat, other.chat],
                clock,
                Library(shipped(), "zh-CN", DEFAULT_PLAYBOOKS),
                monotonic=clock.monotonic,
                directories=[one.directory, other.directory],
                admin_chats=[edge.chat.name for edge in (one, other) if edge.chat.serves("admins")],
            )
            house = LiveHouse(app, Metrics(), {})
            await one.open(house.at("slack"))
            await other.open(house.at("wecom"))
            try:
                async with _served({**one.routes(), **other.routes()}) as base:
                    here = Mixed(slack, wecom, clock, session, app, (one, other), base, path)
                    yield here
            finally:
                await one.close()
                await other.close()
                store.close()


def _slack(slack: ScriptedSlack, admins: tuple[str, ...]) -> SlackSettings:
    return SlackSettings(
        bot_token=slack.token,
        signing_secret=SECRET,
        admin_channel=CHANNEL,
        api_url=slack.api_url,
        language="zh-CN",
        admins=admins,
    )


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.up.set()


@asynccontextmanager
async def _served(routes: Mapping[str, Any]) -> AsyncIterator[str]:
    async def site(scope: Any, receive: Any, send: Any) -> None:
        await routes[scope["path"]](scope, receive, send)

    server = _Server(uvicorn.Config(site, port=0, log_config=None, lifespan="off", access_log=False))
    task = asyncio.create_task(server.serve())
    await server.up.wait()
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        await task
