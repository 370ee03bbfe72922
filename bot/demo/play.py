"""What people do on the page: write, press, let time pass, play a story. One thing at a time, each told to the room.

The page is only another place from which deliveries come: everything here ends in `house.listen`, with a key, a person
and a text or a click, as it would from a platform.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec

from bot.core.case import Case
from bot.core.effects import ADMINS
from bot.demo.board import Board, Shown
from bot.demo.cast import BY_ROLE, role_of
from bot.demo.given import House, Json, Look
from bot.demo.lines import named
from bot.demo.room import Entry, Note, Room
from bot.demo.stage import NothingToPress, Stage, Watcher
from bot.demo.story import Player, Story, StoryError, duration
from bot.heard import Answer, Click, Heard
from bot.playbook.problem import PlaybookError


class Told(Exception):
    """Something that cannot be done here, as a note for the page."""

    def __init__(self, key: str, **values: str) -> None:
        super().__init__(key)
        self.note = Note(key, values)


class Play:
    """`changed` is called after everything that happened: "room" (something new to see) or "whole" (all of it).

    `turn`: one thing is done at a time. `gate`: nobody reads while the house is shut and opened again.
    """

    def __init__(self, house: House, board: Board, looks: Mapping[str, Look], changed: Callable[[str], None]) -> None:
        self.house = house
        self.board = board
        self.looks = looks
        self.room = Room()
        self.last: tuple[str, Heard, Entry | None] | None = None
        self.impostor = ""
        self.telling: dict[str, Any] | None = None
        self.turn, self.gate = asyncio.Lock(), asyncio.Lock()
        self._changed = changed
        self._story: asyncio.Task[None] | None = None
        self._stop_story = asyncio.Event()
        self._run, self._count = uuid4().hex, 0
        board.on_show = self._shown
        board.on_trouble = self._trouble

    async def open(self) -> None:
        await self.house.open()
        for shown in self.board.everything():
            self.room.posted(shown, shown.at or self.house.now())
        if self.room.version:
            self.room.note = Note("carried_on")

    async def close(self) -> None:
        await self.stop_story()
        await self.house.close()

    # ------------------------------------------------------------------ people

    def at_rest(self) -> None:
        """Raises Told while a story is played."""
        if self.telling is not None:
            raise Told("busy")

    async def write(self, role: str, pane: str, case: str, text: str) -> Answer:
        """`pane` is where it was typed, `case` the thread. A thread takes no commands: those go to the channel."""
        place, role = ADMINS if pane == "admins" else BY_ROLE[role].id, self._who(role)
        part = BY_ROLE[role]
        thread = "" if text.lstrip().startswith("/") else case
        async with self.turn:
            self.room.typed(part.id, place, thread, text, self.house.now())
            self._changed("room")
            heard = Heard(self._key(), part.id, text=text, thread=thread)
            answer = await self._hear(role, heard)
            self._answered(role, answer, place, thread, typed=True)
        return answer

    async def press(self, id: str, look: str, payload: Json) -> Answer:
        """A click on an entry, as the platform reports it."""
        entry = self.room.entry(id)
        if entry is None or entry.shown is None:
            raise Told("no_message")
        click = self.looks[look].read(payload)
        owner = "admin" if entry.place == ADMINS else role_of(entry.place)
        return await self.click(self._who(owner), entry, click)

    async def click(self, role: str, entry: Entry, click: Click) -> Answer:
        assert entry.shown is not None
        click = msgspec.structs.replace(click, message=entry.shown.message)
        heard = Heard(self._key(), BY_ROLE[role].id, click=click)
        async with self.turn:
            answer = await self._hear(role, heard, entry)
            self._answered(role, answer, entry.place, entry.case, typed=False)
        return answer

    def _who(self, role: str) -> str:
        """The one who acts: the owner of the pane, or for one click the wrong person."""
        who, self.impostor = self.impostor or role, ""
        return who

    def _key(self) -> str:
        self._count += 1
        return f"demo/{self._run}/{self._count}"

    async def _hear(self, role: str, heard: Heard, entry: Entry | None = None) -> Answer:
        self.room.note = None
        answer = await self.house.listen(heard)
        if heard.click is not None:
            self.last = (role, heard, entry)
        return answer

    def _answered(self, role: str, answer: Answer, place: str, thread: str, *, typed: bool) -> None:
        """The private answers, to the one who acted, whoever's pane it was in. An accepted click shows on its card
        already, so a bare "noted" is left out."""
        place = place if place == ADMINS else BY_ROLE[role].id
        for card in answer.cards:
            if card.kind == "answer" and not typed and not answer.refused:
                continue
            self.room.told(BY_ROLE[role].id, place, thread, card, self._names(), self.house.now())
        self._changed("room")

    def _names(self) -> dict[str, str]:
        return {part.id: part.name[self.house.language] for part in BY_ROLE.values()}

    # ------------------------------------------------------------------ time

    async def time(self, how: str) -> None:
        """`1h`, `1d`, `next` (the next timer after which somebody sees something), `last` (the last day)."""
        async with self.turn:
            self.room.note = None
            try:
                await asyncio.to_thread(self._next if how == "next" else self._until, how)
            finally:
                self._changed("room")

    def _next(self, _: str) -> None:
        before = self.board.said
        for _turn in range(100):
            due = self.house.next_due()
            if due is None:
                raise Told("no_timer")
            self.house.pass_time(due)
            if self.board.said != before:
                return

    def _until(self, how: str) -> None:
        now = self.house.now()
        self.house.pass_time(_last_day(self.house.cases(), now) if how == "last" else now + duration(how))

    # ------------------------------------------------------------------ stories

    async def story(self, name: str, *, pause: float) -> None:
        """Begin again, and play a story; returns as soon as it has begun. `pause` 0: to its end at once."""
        story = dict(self.house.stories()).get(name)
        if story is None:
            raise Told("no_story", name=name)
        await self.stop_story()
        await self.begin_again(story.starts, story.playbook)
        self._stop_story = asyncio.Event()
        self.telling = {"name": name, "at": 0, "of": len(story.moves), "said": ""}
        self._story = asyncio.create_task(self._tell(story, pause))
        if pause == 0:
            await self._story

    async def _tell(self, story: Story, pause: float) -> None:
        stage = Stage(self.house, self.board, uuid4().hex, _Watching(self, asyncio.get_running_loop()))
        player = _Stepwise(stage, self.house.language)
        telling = self.telling
        assert telling is not None
        try:
            for at, move in enumerate(story.moves, start=1):
                if self._stop_story.is_set():
                    self.room.note = Note("story_stopped", {"at": str(at - 1), "of": str(telling["of"])})
                    return
                telling["at"] = at
                async with self.turn:
                    await asyncio.to_thread(player.one, move)
                self._changed("room")
                if pause and "expect" not in move:
                    await _waited(self._stop_story, pause)
            self.room.note = Note("story_ends")
        except (StoryError, NothingToPress, msgspec.ValidationError) as error:
            self.room.note = Note("story_broke", {"why": str(error)}, bad=True)
        finally:
            await self._by_itself()
            self.telling = None
            self._changed("room")

    async def _by_itself(self) -> None:
        """What people begin after a story is what the demo begins, not what the story began."""
        async with self.turn, self.gate:
            await self.house.begin_with("")

    async def stop_story(self) -> None:
        if self._story is not None:
            self._stop_story.set()
            await self._story
            self._story = None

    # ------------------------------------------------------------------ all of it

    async def begin_again(self, at: datetime | None = None, playbook: str = "") -> None:
        async with self.turn, self.gate:
            try:
                await self.house.begin_again(at, playbook)
            except PlaybookError as error:
                raise Told("playbook_broke", why=str(error)) from None
            self.room.clear()
            self.last, self.impostor = None, ""
            self._changed("whole")

    async def speak(self, language: str) -> None:
        if language == self.house.language:
            return
        await self.stop_story()
        async with self.turn, self.gate:
            await self.house.speak(language)
            self.room.note = None
            await asyncio.to_thread(self.room.again, self.house.again, self._names())
            self._changed("whole")

    async def restart(self) -> None:
        async with self.turn, self.gate:
            await self.house.restart()

    # ------------------------------------------------------------------ what the board says

    def _shown(self, shown: Shown) -> None:
        self.room.posted(shown, self.house.now())
        self._changed("room")

    def _trouble(self, what: str, shown: Shown) -> None:
        title = named(shown.card.title, shown.names, shown.card.language)
        self.room.note = Note(f"lose_{what}", {"title": title, "times": str(shown.times)}, bad=shown.times != 1)
        self._changed("room")


class _Stepwise(Player):
    def one(self, move: Mapping[str, Any]) -> None:
        self._move(move)


class _Watching(Watcher):
    """Puts what a story's people do into the room, from the thread in which the story is played."""

    def __init__(self, play: Play, loop: asyncio.AbstractEventLoop) -> None:
        self._play = play
        self._loop = loop
        self._typed = False

    def did(self, role: str, how: str, text: str) -> None:
        self._typed = how == "writes"
        if self._play.telling is not None:
            self._play.telling["said"] = (role, how, text)
        if self._typed:
            self._loop.call_soon_threadsafe(self._put_typed, role, text)

    def _put_typed(self, role: str, text: str) -> None:
        play, id = self._play, BY_ROLE[role].id
        case = next((e.case for e in play.room.entries() if e.root), "") if role == "admin" else ""
        command = text.startswith("/") or not case
        place = ADMINS if role == "admin" else id
        play.room.typed(id, place, "" if command else case, text, play.house.now())

    def told(self, role: str, answer: Answer) -> None:
        place = ADMINS if role == "admin" else BY_ROLE[role].id
        thread = answer.case if role == "admin" else ""
        self._loop.call_soon_threadsafe(lambda: self._play._answered(role, answer, place, thread, typed=self._typed))


def _last_day(cases: list[Case], now: datetime) -> datetime:
    days = [case.last_day for case in cases if case.last_day is not None and case.is_open]
    last = max(days, default=None)
    if last is None:
        raise Told("no_last_day")
    there = now.replace(year=last.year, month=last.month, day=last.day)
    if there <= now:
        raise Told("last_day_there")
    return there


async def _waited(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
