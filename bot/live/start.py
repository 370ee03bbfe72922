"""From nothing to serving, and back: in which order everything is opened, and closed again within five seconds.

OPENING  settings → address → record → key → platforms → loops → requests. What is wrong is said in one line, and
nothing is left open.
CLOSING  requests end → the outbox lets arrive what is on its way, and leaves the rest → platforms → record.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from functools import partial

import structlog

from bot.app import App
from bot.config import BadConfig, Problem, Settings, open_
from bot.core.case import PersonId
from bot.core.effects import ADMINS
from bot.edges import Edge
from bot.errors import PortError
from bot.live import logs, metrics, wiring
from bot.live.health import Health
from bot.live.house import Configured, LiveHouse
from bot.live.loops import Kept, News, Noted, Timers
from bot.live.supervisor import Supervisor
from bot.live.web import Server, address, listening_on, site
from bot.ports import Clock, Store
from bot.rows import PersonRow
from bot.runtime.clocks import RealClock
from bot.runtime.library import Library
from bot.store.sqlite import SqliteStore

log = structlog.get_logger("offboard.live")

LANDING = 1.0
"""Seconds in which messages that are on their way may arrive, once no request is answered any more."""
WHOLE = 4.2
"""Seconds from the signal until the platforms are closed; the record closes in the rest of the five."""
LEAST = 0.3


class Unstartable(PortError):
    """The server cannot start; the text says why and what to do."""


class Live:
    """The whole server on an open store and listening sockets."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        library: Library,
        edges: Sequence[Edge],
        clock: Clock,
        measured: metrics.Metrics,
    ) -> None:
        self.clock = clock
        self.edges = edges
        # Without a signing secret (Socket Mode alone) nobody's word could be checked, so there is no way in over HTTP.
        slack = settings.slack_settings()
        self.unreachable = ("slack",) if slack is not None and not slack.signing_secret else ()
        self.noted = Noted((*settings.admins, *settings.second_approvers))
        timed = metrics.TimedStore(store, measured)
        self.app = App(
            timed,
            wiring.master(settings),
            wiring.company(settings),
            [metrics.CountedChat(edge.chat, measured) for edge in self.edges],
            self.clock,
            library,
            calendar=wiring.calendar(settings),
            cases=self.noted,
            after_commit=self._committed,
            admin_chats=[edge.chat.name for edge in edges if edge.chat.serves(ADMINS)],
            directories=[Configured(edge.directory, self._merged) for edge in edges],
        )
        self.stop = asyncio.Event()
        self.loop = asyncio.get_running_loop()
        self.timers = Timers(self.app.engine, self.clock, self.stop)
        self.news = News(self.edges, self.app.people, self.stop)
        self.kept = {
            "outbox": Kept("outbox", partial(self.app.outbox.run, self.stop), self.stop),
            "timers": Kept("timers", self.timers.run, self.stop),
            "news": Kept("news", self.news.run, self.stop),
        }
        self.house = LiveHouse(self.app, measured, wiring.known_people(settings))
        self.health = Health(timed, self.clock, self.troubles)
        self.waiting = metrics.Waiting(timed, self.clock, self.troubles)

    def _merged(self, said: PersonRow) -> PersonRow:
        return self.house.merged(said)

    def troubles(self) -> dict[str, str]:
        """Each part of the server, and why it does not work now, or ""."""
        shut = self.app.outbox.shut()
        edges = {edge.name: edge.trouble() or shut.get(edge.chat.name, "") for edge in self.edges}
        return {name: loop.trouble for name, loop in self.kept.items()} | edges

    def _committed(self) -> None:
        """On the writer's thread."""
        people = self.noted.taken()
        with suppress(RuntimeError):  # the loop was closed just now
            self.loop.call_soon_threadsafe(self._heard_of, people)

    def _heard_of(self, people: set[PersonId]) -> None:
        self.timers.poke()
        if people:
            self.news.add(people)

    async def serve(self, listening: socket.socket, ready: Callable[[], None]) -> None:
        """Until the process is told to end. Then everything but the record is closed."""
        supervisor = Supervisor()
        opening = asyncio.create_task(self._open())

        asked = self.loop.time()

        def stopping() -> None:
            nonlocal asked
            if not self.health.stopping:
                self.health.stopping, asked = True, self.loop.time()
                opening.cancel()
                supervisor.tell("STOPPING=1")
                log.info("stopping")

        def serving() -> None:
            supervisor.tell("READY=1")
            ready()

        server = Server(site(self.health, self.edges, self.unreachable), stopping, serving)
        loops: list[asyncio.Task[None]] = []
        try:
            with server.capture_signals():
                await asyncio.wait([opening])
                if opening.cancelled():
                    return
                opening.result()
                loops += [asyncio.create_task(loop.run()) for loop in self.kept.values()]
                loops.append(asyncio.create_task(supervisor.watch(self.health.alive, self.stop)))
                await server.serve(sockets=[listening])
        finally:
            self.stop.set()
            await _within(LANDING, *loops)
            left = max(asked + WHOLE - self.loop.time(), LEAST) if self.health.stopping else WHOLE
            self.health.stopping = True
            await _within(left, *(asyncio.create_task(edge.close()) for edge in self.edges))

    async def _open(self) -> None:
        await asyncio.wrap_future(self.app.engine.settle_links())
        await self.house.remember()
        await asyncio.gather(*(edge.open(self.house.at(edge.chat.name)) for edge in self.edges))


async def _within(seconds: float, *tasks: asyncio.Task[None]) -> None:
    """Let them end; what has not ended by then is cut."""
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=seconds)
    for task in late:
        task.cancel()
    for ended in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(ended, Exception):
            log.error("something did not end as it should", exc_info=ended)


async def _live(settings: Settings, store: SqliteStore, library: Library, listening: socket.socket) -> None:
    if not store.read(partial(wiring.fits, key=wiring.master(settings))):
        why = "it is not the key under which this database was written: give that one, or its file beside the database"
        raise BadConfig([Problem("OFFBOARD_KEY (key)", why)])
    clock, measured = RealClock(), metrics.Metrics()
    live = Live(settings, store, library, wiring.edges(settings, clock), clock, measured)
    host, port = listening.getsockname()[:2]
    names = [edge.name for edge in live.edges]
    with ExitStack() as stack:
        if settings.metrics_listen:
            measured.registry.register(live.waiting)
            stack.callback(_measured(settings.metrics_listen, measured))
        await live.serve(listening, lambda: log.info("ready", address=f"http://{host}:{port}", platforms=names))


def _measured(listen: str, measured: metrics.Metrics) -> Callable[[], None]:
    try:
        return metrics.serve(measured, *address(listen))
    except OSError as error:
        raise Unstartable(_taken(listen, error, "OFFBOARD_METRICS_LISTEN")) from error


def _taken(listen: str, error: OSError, name: str) -> str:
    return f"{listen} cannot be listened on ({error.strerror}): give another address with {name}"


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. Raises BadConfig, StoreError, Unstartable: all with a text for the operator."""
    slack, wecom = settings.slack_settings(), settings.wecom_settings()
    secrets = [getattr(given, name) for given in (slack, wecom) if given is not None for name in given.SECRETS]
    logs.set_up([*secrets, open_(settings.key), open_(settings.api_token)])
    library = wiring.library(settings)
    if slack is None and wecom is None:
        log.warning("no platform is configured: nobody can talk to this bot", mend="offboard init; offboard doctor")
    try:
        listening = listening_on(settings.listen)
    except OSError as error:
        raise Unstartable(_taken(settings.listen, error, "OFFBOARD_LISTEN")) from error
    with listening:
        store = SqliteStore(settings.database)
        try:
            asyncio.run(_live(settings, store, library, listening))
        finally:
            store.close()
    log.info("stopped")
