"""The wiring of the web demo: the whole product on one database, with a page in front of it.

It hands the page everything that works (`House`): the engine to hear with, the clock to move, the record to read, and
the switches that close and open it all again. Nothing of the page is known here but how it is started.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from bot.app import DEMO_STARTS, App, Repertoire, play_in_terminal
from bot.carried import newest, restore
from bot.core.case import CaseRef
from bot.demo.board import Board
from bot.demo.cast import ADMIN, SECOND
from bot.demo.given import Words
from bot.demo.server import Site, serve
from bot.demo.story import Story
from bot.errors import PortError, StoreError
from bot.heard import Answer, Heard
from bot.looks import SlackLook, WecomLook
from bot.playbook.card import Card
from bot.ports import Reads
from bot.reading import export, history, verify
from bot.repertoire import TELLS_MOST
from bot.runtime import codec
from bot.runtime.clocks import SettableClock
from bot.runtime.hearing import Hearing
from bot.runtime.people import Company
from bot.runtime.seal import Seals, master_beside
from bot.spoken import Replies, spoken, spoken_by_all, title, words
from bot.store.sqlite import SqliteStore

__all__ = ["Running", "demo", "run"]

BESIDE = ("", "-wal", "-shm")
"""The files of a database, by what follows its name."""


class PortTaken(PortError):
    """Somebody else listens there."""


class Running:
    """One demo database with everything that works on it; the page's `House`. `language` "": the one it spoke last."""

    def __init__(self, path: Path, language: str, board: Board, repertoire: Repertoire | None = None) -> None:
        self.path = path
        self.language = language or "en"
        self._wanted = language
        self._board = board
        self._repertoire = repertoire or Repertoire()
        self._files = self._repertoire.files()
        self._begins = ""
        self._replies = Replies()
        self._app: App | None = None
        self._clock = SettableClock(DEMO_STARTS)
        self._stop = asyncio.Event()
        self._delivering: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def app(self) -> App:
        assert self._app is not None, "the house is shut"
        return self._app

    # ------------------------------------------------------------------ open and shut

    async def open(self) -> None:
        """Carry on where the database stands; its messages go back on the board."""
        self._loop = asyncio.get_running_loop()
        await asyncio.to_thread(self._open)
        carried_on = await asyncio.to_thread(lambda: self.app.store.read(newest))
        self._clock.set(DEMO_STARTS if carried_on is None else carried_on)
        await asyncio.to_thread(self.app.store.read, lambda reads: restore(reads, self.app.drawer, self._board))
        self._deliver()

    def _open(self) -> None:
        store = SqliteStore(self.path)
        try:
            before = store.read(spoken)  # also where a language is asked for: it refuses a database of other people
            self.language = self._wanted = self._wanted or before or self.language
            company = Company(admins=(ADMIN,), second_approvers=(SECOND,), language=self.language)
            self._app = App(
                store,
                master_beside(self.path),
                company,
                [self._board],
                self._clock,
                self._repertoire.library(self.language, self._begins, self._files),
                at_once=1,
                rescue_playbook=self._begins or self._repertoire.rescue,
            )
            store.transact(partial(spoken_by_all, language=self.language)).result()
        except BaseException:
            store.close()
            raise

    def _deliver(self) -> None:
        self._stop = asyncio.Event()
        self._delivering = asyncio.create_task(self.app.outbox.run(self._stop))

    async def close(self) -> None:
        if self._app is None:
            return
        self._stop.set()
        if self._delivering is not None:
            with suppress(StoreError):
                await self._delivering
        await asyncio.to_thread(self.app.close)
        self._app = None

    async def restart(self) -> None:
        await self.close()
        await asyncio.to_thread(self._open)
        self._deliver()

    async def begin_again(self, at: datetime | None = None, playbook: str = "") -> None:
        newest = await asyncio.to_thread(self._newest)
        await self.close()
        self._files, self._begins = newest, playbook
        await asyncio.to_thread(self._remove)
        self._board.clear()
        self._replies.clear()
        self._clock.set(at or DEMO_STARTS)
        await asyncio.to_thread(self._open)
        self._deliver()

    def _newest(self) -> dict[str, dict[str, str]]:
        """The content as it stands on disk now. Raises PlaybookError, before anything is shut."""
        found = self._repertoire.files()
        self._repertoire.library(self.language, files=found)
        return found

    def _remove(self) -> None:
        for ending in BESIDE:
            Path(f"{self.path}{ending}").unlink(missing_ok=True)

    async def begin_with(self, playbook: str) -> None:
        if playbook != self._begins:
            self._begins = playbook
            await self.restart()

    async def speak(self, language: str) -> None:
        await self.close()
        self._wanted = language
        await asyncio.to_thread(self._open)
        self._deliver()
        fresh = Board()
        await asyncio.to_thread(self.app.store.read, lambda reads: restore(reads, self.app.drawer, fresh))
        for shown in fresh.everything():
            self._board.said_again(shown)

    # ------------------------------------------------------------------ what a stage is given

    async def listen(self, heard: Heard) -> Answer:
        try:
            hearing = await asyncio.wrap_future(self.app.engine.hear(heard))
            return await asyncio.to_thread(self._answer, hearing)
        except StoreError:
            return await asyncio.to_thread(self.app.engine.unwritten, heard)

    def hear(self, heard: Heard) -> Answer:
        try:
            return self._answer(self.app.engine.hear(heard).result())
        except StoreError:
            return self.app.engine.unwritten(heard)

    def _answer(self, hearing: Hearing) -> Answer:
        answer = self.app.engine.answer(hearing)
        self._replies.keep(hearing, answer.cards)
        return answer

    def again(self, card: Card) -> Card:
        return self._replies.again(self.app, card)

    def settle(self) -> None:
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(self.app.outbox.drain(), self._loop).result()

    def now(self) -> datetime:
        return self._clock.now()

    def next_due(self) -> datetime | None:
        return self.app.engine.next_due()

    def pass_time(self, until: datetime) -> None:
        """From timer to timer, as it would really happen."""
        while (due := self.next_due()) is not None and due <= until:
            self._clock.set(max(due, self.now()))
            self.app.engine.tick()
            self.settle()
        self._clock.set(max(until, self.now()))
        self.settle()

    def cases(self) -> list[Any]:
        return self.app.store.read(lambda reads: [codec.case(row.state) for row in reads.cases()])

    def names(self) -> dict[str, str]:
        return self.app.store.read(lambda reads: {row.id: row.name for row in reads.people()})

    # ------------------------------------------------------------------ what is read of the record

    def history(self) -> list[dict[str, Any]]:
        def every(reads: Reads) -> list[dict[str, Any]]:
            lines = [line for row in reads.cases() for line in history(reads, row.ref, self._seals())]
            return sorted(lines, key=lambda line: str(line["at"]))

        return self.app.store.read(every)

    def words(self, ref: CaseRef) -> Words:
        return words(self.app, ref)

    def verify(self) -> dict[str, Any]:
        return self.app.store.read(verify)

    def export(self, form: str) -> Iterator[str]:
        return iter(self.app.store.read(lambda reads: list(export(reads, None, form, self._seals()))))

    def _seals(self) -> Seals:
        return Seals(master_beside(self.path))

    def stories(self) -> list[tuple[str, Story]]:
        found = self._repertoire.stories(self._files)
        return sorted(found.items(), key=lambda one: ("/" in one[0], one[0] != TELLS_MOST, one[0]))

    def title(self, playbook: str) -> str:
        return title(self.app, playbook, self.language)


def run(
    *,
    path: Path,
    port: int,
    look: str,
    language: str,
    pause: float = 1.2,
    repertoire: Repertoire | None = None,
) -> None:
    """Serve the demo until Ctrl-C. Raises PortTaken, and StoreError when the database cannot be used."""
    board = Board()
    house = Running(path, language, board, repertoire)
    looks = {one.name: one for one in (SlackLook(), WecomLook())}
    try:
        serve(Site(house, board, looks, look, pause=pause), port)
    except OSError as error:
        raise PortTaken(
            f"port {port} cannot be used ({error.strerror}): give another one, such as --port 8401"
        ) from error


def demo(
    *,
    port: int,
    look: str,
    language: str | None,
    path: str | None,
    text: bool,
    auto: bool,
    story: str,
    playbook: str,
    folder: str | None,
    out: TextIO,
    source: TextIO,
) -> str:
    """`offboard demo`: the page, or with `text` the terminal. Returns what went wrong, or ""."""
    if folder is not None and not playbook:
        return f"Say which playbook of {folder} to begin with: --playbook NAME"
    repertoire = Repertoire(playbook, Path(folder) if folder is not None else None)
    if playbook and (wrong := repertoire.wrong()):
        return wrong
    if text:
        told = story if auto else None
        return play_in_terminal(
            language=language or "en", path=path, story=told, out=out, source=source, repertoire=repertoire
        )
    where = Path(path or kept_in(playbook))
    run(path=where, port=port, look=look, language=language or "", repertoire=repertoire)
    return ""


def kept_in(playbook: str) -> str:
    """The file of a demo that was given none: each playbook has its own, so that one's first case is a new one."""
    return f"offboard-demo-{playbook.replace('/', '-')}.db" if playbook else "offboard-demo.db"
