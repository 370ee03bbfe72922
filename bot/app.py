"""The only wiring: which store, which chats, whose clock; and how the parts are handed to each other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO
from uuid import uuid4

import structlog

from bot.carried import newest, restore
from bot.core.case import Case, PersonId
from bot.demo.board import Board
from bot.demo.cast import ADMIN, SECOND, rows
from bot.demo.stage import Stage
from bot.demo.story import Player, Story, StoryError
from bot.demo.table import Table
from bot.demo.text import Terminal, Watching, auto
from bot.edges import Directory
from bot.errors import StoreError
from bot.heard import Answer, Heard
from bot.ports import Chat, Clock, OutboxRow, PersonRow, Store, Tx
from bot.repertoire import DEFAULT_PLAYBOOKS, DEPARTURE_PLAYBOOKS, RESCUE_PLAYBOOK, Repertoire, shipped
from bot.runtime import codec
from bot.runtime.buttons import Buttons
from bot.runtime.clocks import SettableClock
from bot.runtime.drawing import Drawer
from bot.runtime.engine import Engine
from bot.runtime.library import Library
from bot.runtime.lookups import Acquaintances, LookUps
from bot.runtime.onetime import OneTime
from bot.runtime.outbox import Outbox
from bot.runtime.people import Company, People
from bot.runtime.seal import Seals, master_beside
from bot.runtime.tools import Cases, Tools
from bot.runtime.workdays import Calendar
from bot.store.sqlite import SqliteStore

__all__ = [
    "DEFAULT_PLAYBOOKS",
    "DEMO_STARTS",
    "DEPARTURE_PLAYBOOKS",
    "RESCUE_PLAYBOOK",
    "App",
    "DemoDirector",
    "Repertoire",
    "demo",
    "play_in_terminal",
    "play_story",
    "seat",
    "shipped",
]

log = structlog.get_logger("offboard.app")

DEMO_STARTS = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


class App:
    """A store, an engine and an outbox that know each other."""

    def __init__(
        self,
        store: Store,
        master: bytes,
        company: Company,
        chats: Sequence[Chat],
        clock: Clock,
        library: Library,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        at_once: int = 8,
        calendar: Calendar | None = None,
        cases: Cases | None = None,
        after_commit: Callable[[], None] = lambda: None,
        directories: Sequence[Directory] = (),
        rescue_playbook: str = RESCUE_PLAYBOOK,
        admin_chats: Sequence[str] = (),
    ) -> None:
        """`after_commit` is called from the writer's thread after each commit, beside the outbox. `rescue_playbook`:
        what `/offboard rescue` begins; where the library has none of that name, people are told so. `admin_chats` are
        the chats that reach the admins, by name; without them it is the first one of `chats` that serves them."""
        people = People(company)
        seals, buttons = Seals(master), Buttons(master)
        known = Acquaintances(directories, people)
        calendar, cases = calendar or Calendar(), cases or Cases()
        people.relink(store.read(lambda reads: reads.links()))
        reached = tuple(admin_chats)
        drawer = Drawer(library, people, seals, buttons, clock, calendar, reached)
        rescue = rescue_playbook if rescue_playbook in library.names() else ""
        codes = OneTime(master)
        tools = Tools(
            library, people, seals, buttons, drawer, calendar, library.begins, known, codes, cases, rescue, reached
        )
        self._after_commit = after_commit
        self.store = store
        self.clock = clock
        self.drawer = drawer
        self.people = people
        self.outbox = Outbox(
            store,
            chats,
            drawer.drawing,
            clock,
            on_lost=self._lost,
            ask=LookUps(store, known, seals, clock).ask,
            on_known=self._known,
            monotonic=monotonic,
            at_once=at_once,
        )
        self.engine = Engine(store, tools, clock, self._committed)

    def _committed(self) -> None:
        self.outbox.poke()
        self._after_commit()

    async def _known(self, row: OutboxRow, people: tuple[PersonRow, ...]) -> None:
        await asyncio.wrap_future(self.engine.known(row, people))

    async def _lost(self, row: OutboxRow, why: str) -> None:
        await asyncio.wrap_future(self.engine.lost(row, why))

    def hear(self, heard: Heard) -> Answer:
        """One delivery, answered once it is durable; or the answer that nothing could be written down."""
        try:
            return self.engine.answer(self.engine.hear(heard).result())
        except StoreError as error:
            log.error("nothing was written down", why=str(error))
            return self.engine.unwritten(heard)

    def close(self) -> None:
        self.store.close()


class DemoDirector:
    """What the demo's stage is given: the real engine, and a clock that can be moved."""

    def __init__(self, app: App, clock: SettableClock, loop: asyncio.Runner) -> None:
        self._app = app
        self._clock = clock
        self._loop = loop

    def hear(self, heard: Heard) -> Answer:
        return self._app.hear(heard)

    def settle(self) -> None:
        self._loop.run(self._app.outbox.drain())

    def now(self) -> datetime:
        return self._clock.now()

    def next_due(self) -> datetime | None:
        return self._app.engine.next_due()

    def pass_time(self, until: datetime) -> None:
        """From timer to timer, as it would really happen."""
        while (due := self.next_due()) is not None and due <= until:
            self._clock.set(max(due, self.now()))
            self._app.engine.tick()
            self.settle()
        self._clock.set(max(until, self.now()))
        self.settle()

    def cases(self) -> list[Case]:
        return self._app.store.read(lambda reads: [codec.case(row.state) for row in reads.cases()])

    def names(self) -> dict[PersonId, str]:
        return self._app.store.read(lambda reads: {row.id: row.name for row in reads.people()})


@contextmanager
def demo(
    path: Path, language: str, library: Library, board: Board, starts: datetime, rescue: str = RESCUE_PLAYBOOK
) -> Iterator[DemoDirector]:
    """The whole product on one database, with the demo's people. Carries on where the database stands."""
    company = Company(admins=(ADMIN,), second_approvers=(SECOND,), language=language)
    store = SqliteStore(path)
    try:
        clock = SettableClock(store.read(newest) or starts)
        app = App(store, master_beside(path), company, [board], clock, library, at_once=1, rescue_playbook=rescue)
        store.transact(lambda tx: seat(tx, language)).result()
        store.read(lambda reads: restore(reads, app.drawer, board))
        with asyncio.Runner() as loop:
            yield DemoDirector(app, clock, loop)
    finally:
        store.close()


def seat(tx: Tx, language: str) -> None:
    for person in rows(language):
        if tx.person(person.id) is None:
            tx.put_person(person)


def play_story(story: Story, language: str, name: str, root: Path) -> None:
    """Play a story of a playbook on an empty database. Raises StoryError where it does not happen as told."""
    with TemporaryDirectory() as folder:
        board = Board()
        library = Repertoire(name, root).library(language)
        with demo(Path(folder) / "story.db", language, library, board, story.starts, name) as director:
            Player(Stage(director, board), language).play(story)


def play_in_terminal(
    *,
    language: str,
    path: str | None,
    story: str | None,
    out: TextIO,
    source: TextIO,
    repertoire: Repertoire | None = None,
) -> str:
    """The terminal demo: by hand, or a story to its end; `story` "" is the one that tells most. Returns what went
    wrong, or ""."""
    repertoire = repertoire or Repertoire()
    with TemporaryDirectory() as folder:
        where = Path(path) if path else Path(folder) / "demo.db"
        carried_on = where.exists()
        terminal = Terminal(out, language, "Asia/Shanghai")
        board = Board(terminal.show)
        told = repertoire.story(story) if story is not None else None
        if isinstance(told, str):
            return told
        with _table(where, language, board, told, repertoire) as director:
            terminal.follow(director.now)
            stage = Stage(director, board, uuid4().hex, Watching(terminal, director, by_hand=told is None))
            if told is not None:
                return _auto(terminal, stage, told, language)
            if carried_on:
                terminal.line(terminal.speech("resumed", db=path))
            director.settle()
            Table(terminal, stage, source).play()
        terminal.line(terminal.speech("kept", db=path) if path else terminal.speech("not_kept"))
        return ""


def _auto(terminal: Terminal, stage: Stage, story: Story, language: str) -> str:
    try:
        auto(terminal, stage, story, language)
    except StoryError as error:
        return str(error)
    return ""


def _table(
    where: Path, language: str, board: Board, told: Story | None, repertoire: Repertoire
) -> AbstractContextManager[DemoDirector]:
    """The demo, or the one in which this story is played."""
    if told is None:
        return demo(where, language, repertoire.library(language), board, DEMO_STARTS, repertoire.rescue)
    library = Repertoire(told.playbook, repertoire.folder).library(language)
    return demo(where, language, library, board, told.starts, told.playbook)
