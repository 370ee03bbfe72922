"""Playing by hand in a terminal: one person sits in all four seats, reads, writes or picks a number, lets time pass."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TextIO

from msgspec import Struct

from bot.core.effects import ADMINS
from bot.demo.board import Shown
from bot.demo.lines import buttons, lines, named
from bot.demo.stage import Stage
from bot.demo.story import ROLES, StoryError, duration
from bot.demo.text import Terminal
from bot.playbook.card import Button, Option

SEATS = {
    **{role: role for role in ROLES},
    "离职同事": "leaver",
    "接手人": "successor",
    "管理员": "admin",
    "第二确认人": "second",
}


class Choice(Struct, frozen=True):
    """A number that can be picked: a button of a message, or an option of its question."""

    shown: Shown
    button: Button | None = None
    option: Option | None = None

    @property
    def label(self) -> str:
        label = self.button.label if self.button is not None else self.option.label if self.option is not None else ""
        return named(label, self.shown.names)


class Table:
    def __init__(self, terminal: Terminal, stage: Stage, source: TextIO) -> None:
        self._terminal = terminal
        self._stage = stage
        self._source = source
        self._seat = "leaver"

    def play(self) -> None:
        """Until the input ends or somebody writes :quit."""
        say = self._terminal.speech
        self._terminal.line(say("intro"))
        for text in self._inputs():
            if text.startswith((":", "：")):
                if text[1:].strip() in ("quit", "q", "结束"):
                    return
                self._direct(text[1:].strip())
            elif (choice := self._picked(text)) is not None:
                self._pick(choice)
            else:
                self._stage.writes(self._seat, text, self._thread(text))

    def _inputs(self) -> Iterator[str]:
        while True:
            self._prompt()
            line = self._source.readline()
            if not line:
                self._terminal.line()
                return
            yield line.rstrip("\r\n")

    def _prompt(self) -> None:
        terminal, say = self._terminal, self._terminal.speech
        terminal.clock()
        terminal.line()
        for n, choice in enumerate(self._choices(), start=1):
            terminal.line(f"  {n}  {choice.label}{self._about(choice)}")
        person = say("person", who=terminal.who(self._seat), role=say(self._seat))
        terminal.raw(f"{person} > ")

    def _about(self, choice: Choice) -> str:
        """Which message a choice belongs to, where several are open."""
        if len({c.shown.key for c in self._choices()}) < 2:
            return ""
        return f"   · {named(choice.shown.card.title, choice.shown.names)}"

    def _choices(self) -> list[Choice]:
        """Options of the question first, so that a number means the same to the bot and to the demo."""
        asked = [shown for shown in self._stage.open_cards(self._seat) if shown.card.input is not None]
        found: list[Choice] = []
        for shown in asked[-1:]:
            assert shown.card.input is not None
            found += [Choice(shown, option=option) for option in shown.card.input.options]
        for shown in reversed(self._stage.open_cards(self._seat)):
            found += [Choice(shown, button=button) for button in buttons(shown.card)]
        return found

    def _picked(self, text: str) -> Choice | None:
        number = text.strip()
        choices = self._choices()
        if not number.isascii() or not number.isdigit() or not 0 < int(number) <= len(choices):
            return None
        return choices[int(number) - 1]

    def _pick(self, choice: Choice) -> None:
        if choice.button is not None:
            self._stage.presses(self._seat, choice.shown, choice.button)
        elif choice.option is not None:
            self._stage.chooses(self._seat, choice.shown, (choice.option.id,))

    def _thread(self, text: str) -> str:
        """An admin who writes about a case writes in its thread; /offboard is never typed there."""
        if self._seat != "admin" or text.lstrip().startswith("/"):
            return ""
        threads = [shown.case for shown in self._stage.open_cards("admin") if shown.to == ADMINS and shown.case]
        return threads[-1] if len(set(threads)) == 1 else ""

    def _direct(self, text: str) -> None:
        word, _, rest = text.partition(" ")
        terminal, say = self._terminal, self._terminal.speech
        if word in SEATS:
            self._seat = SEATS[word]
            terminal.line(say("seat", who=terminal.who(self._seat), role=say(self._seat)))
        elif word == "cards":
            self._cards()
        elif word in ("wait", "next", "last"):
            self._wait(word, rest.strip())
        elif word in ("help", "帮助"):
            terminal.line(say("intro"))
        else:
            terminal.line(say("no_such", text=f":{text}"))

    def _cards(self) -> None:
        open_cards = self._stage.open_cards(self._seat)
        if not open_cards:
            self._terminal.line(self._terminal.speech("nothing", who=self._terminal.who(self._seat)))
        for shown in open_cards:
            self._terminal.block(named(shown.card.title, shown.names), lines(shown.card, shown.names))

    def _wait(self, word: str, how: str) -> None:
        if word == "next":
            self._next()
            return
        until = self._until(word, how)
        if until is None:
            key = "no_timer" if word != "wait" else "no_such"
            self._terminal.line(self._terminal.speech(key, text=f":{word} {how}".strip()))
            return
        self._stage.wait_until(until)

    def _next(self) -> None:
        """To the next timer after which somebody gets a message."""
        director, before = self._stage.director, self._stage.board.said
        for _ in range(100):
            due = director.next_due()
            if due is None:
                break
            self._stage.wait_until(due)
            if self._stage.board.said != before:
                return
        self._terminal.line(self._terminal.speech("no_timer"))

    def _until(self, word: str, how: str) -> datetime | None:
        director = self._stage.director
        if word == "last":
            days = [case.last_day for case in director.cases() if case.last_day is not None and case.is_open]
            now = director.now()
            last = max(days, default=None)
            return None if last is None else max(now, now.replace(year=last.year, month=last.month, day=last.day))
        try:
            return director.now() + duration(how or "1h")
        except (StoryError, OverflowError):
            return None
