"""The real engine behind the WeCom edge, served over real HTTP, with the stand-in in WeCom's place."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvicorn

from bot.app import DEFAULT_PLAYBOOKS, App, shipped
from bot.core.case import Case
from bot.errors import StoreFull
from bot.heard import Answer, Heard
from bot.live.house import LiveHouse
from bot.live.metrics import Metrics
from bot.ports import Tx
from bot.rows import PersonRow
from bot.runtime import codec
from bot.runtime.library import Library
from bot.runtime.people import Company
from bot.store.sqlite import SqliteStore
from bot.wecom.crypto import keys
from bot.wecom.edge import CALLBACK, CONTACTS, WecomEdge, make
from bot.wecom.standin import Standin
from bot.wecom.standin_push import Pusher
from tests.wecom.corp import AES_KEY, CONTACT_AES_KEY, CONTACT_TOKEN, CORP, TOKEN, HandClock, corp, settings

PEOPLE = {"lin": "林小满", "sun": "孙一", "zhao": "赵平", "qian": "钱多", "wu": "吴双"}


class Home(LiveHouse):
    """The server's own, and what it was told."""

    def __init__(self, app: App) -> None:
        super().__init__(app, Metrics(), {})
        self.heard: list[Heard] = []
        self.learned: list[PersonRow] = []
        self.full = 0
        """How many deliveries cannot be written down."""
        self.forgetful = 0
        """The same of what is learned of people."""

    def shown(self, name: str) -> float | None:
        """What whoever watches sees under this name."""
        return self._metrics.registry.get_sample_value(name)

    async def hear(self, heard: Heard) -> Answer:
        self.heard.append(heard)
        if self.full:
            self.full -= 1
            return Answer(refused="storage")
        return await super().hear(heard)

    async def learn(self, person: PersonRow) -> None:
        if self.forgetful:
            self.forgetful -= 1
            raise StoreFull
        self.learned.append(person)
        await super().learn(person)


class Place:
    """Everything of one such house."""

    def __init__(self, app: App, edge: WecomEdge, home: Home, wecom: Standin, clock: HandClock, port: int) -> None:
        self.app, self.edge, self.home, self.wecom, self.clock = app, edge, home, wecom, clock
        self.port = port
        base = f"http://127.0.0.1:{port}"
        self.pusher = Pusher(wecom, keys(TOKEN, AES_KEY, CORP), base + CALLBACK)
        self.contacts = Pusher(wecom, keys(CONTACT_TOKEN, CONTACT_AES_KEY, CORP), base + CONTACTS)

    def case(self, ref: str = "OFB-1") -> Case:
        row = self.app.store.read(lambda reads: reads.case(ref))
        assert row is not None
        return codec.case(row.state)

    async def settle(self, most: int = 200) -> None:
        """Until everything that can be sent has been sent; the clock goes on while it has to wait."""
        for _ in range(most):
            if self.edge.reception is not None:
                await self.edge.reception.settled()
            await self.app.outbox.drain()
            if self.edge.reception is not None:
                await self.edge.reception.settled()  # who could not be reached is looked up
            if not self.app.store.read(lambda reads: reads.outbox(states=("waiting", "sending", "uncertain"))):
                return
            self.clock.goes_on(5)
        raise AssertionError("something still waits")

    async def types(self, user: str, text: str) -> list[int]:
        statuses = await asyncio.to_thread(self.pusher.types, user, text)
        await self.settle()
        return statuses

    async def presses(self, user: str, verb: str, chosen: dict[str, list[str]] | None = None) -> list[int]:
        statuses = await asyncio.to_thread(self.pusher.presses, user, verb, chosen)
        await self.settle()
        return statuses

    async def waits(self, span: timedelta) -> None:
        until = self.clock.now() + span
        while (due := self.app.engine.next_due()) is not None and due <= until:
            self.clock.at = max(due, self.clock.now())
            await asyncio.to_thread(self.app.engine.tick)
            await self.settle()
        self.clock.at = max(until, self.clock.now())
        await self.settle()


@asynccontextmanager
async def house(path: Path, wecom: Standin | None = None, **more: Any) -> AsyncIterator[Place]:
    """With `wecom`: a house that opens again, before the same corp."""
    with corp(HandClock()) if wecom is None else nullcontext(wecom) as standin:
        clock = standin.clock
        assert isinstance(clock, HandClock)
        standin.join("wu", "吴双")
        given = settings(standin.api_url, **({"admins": ("wecom:zhao",)} | more))

        async def sleep(seconds: float) -> None:
            clock.goes_on(seconds)
            await asyncio.sleep(0)

        edge = make(given, clock, monotonic=clock.monotonic, sleep=sleep)
        company = Company(admins=given.admins, second_approvers=("wecom:wu",), language="zh-CN")
        store = SqliteStore(path)
        app = App(
            store,
            b"k" * 32,
            company,
            [edge.chat],
            clock,
            Library(shipped(), "zh-CN", DEFAULT_PLAYBOOKS),
            monotonic=clock.monotonic,
            directories=[edge.directory],
        )
        store.transact(seat).result()
        home = Home(app)
        await edge.open(home)
        async with serving(edge) as port:
            yield Place(app, edge, home, standin, clock, port)
        await edge.close()
        store.close()


def seat(tx: Tx) -> None:
    for user, name in PEOPLE.items():
        if tx.person(f"wecom:{user}") is None:
            tx.put_person(PersonRow(f"wecom:{user}", name, "zh-CN", "Asia/Shanghai"))


@asynccontextmanager
async def serving(edge: WecomEdge) -> AsyncIterator[int]:
    """The edge's addresses on a port of this machine."""
    routes = edge.routes()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await routes[scope["path"]](scope, receive, send)

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(512)
        server = uvicorn.Server(
            uvicorn.Config(application, log_level="warning", access_log=False, lifespan="off", ws="none")
        )
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        running = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            await running
