"""The handover in a terminal: what people see, as lines; what they do, from standard input or from a story.

RULES
 1. Every message is printed once, when it appears; a redraw is one line, and only when it says something new.
 2. Nothing printed depends on chance, on the machine or on the wall clock: the same story gives the same bytes.
 3. The end of the input is a way to stop, not an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TextIO

from bot.core.effects import ADMINS
from bot.demo.board import Shown
from bot.demo.cast import BY_ROLE, role_of
from bot.demo.lines import lines, named, wrapped
from bot.demo.stage import Director, Stage, Watcher
from bot.demo.story import Player, Story
from bot.demo.words import Speech
from bot.heard import Answer
from bot.playbook.copy import load


class Terminal:
    """Prints a stage. Give it `show` as the board's `on_show`."""

    def __init__(self, out: TextIO, language: str, zone: str) -> None:
        self._out = out
        self._copy = load(language)
        self._zone = zone
        self._seen: dict[str, str] = {}
        self._at = ""
        self._now: Callable[[], datetime] | None = None
        self.speech = Speech(language)

    def follow(self, now: Callable[[], datetime]) -> None:
        """From here on the time is printed whenever something happens at another one."""
        self._now = now

    def line(self, text: str = "") -> None:
        self._out.write(text + "\n")

    def raw(self, text: str) -> None:
        """A prompt: no line end, and at once."""
        self._out.write(text)
        self._out.flush()

    def clock(self) -> None:
        """The time, when it has changed."""
        shown = self._copy.moment(self._now(), self._zone) if self._now is not None else self._at
        if shown != self._at:
            self._at = shown
            self.line()
            self.line(f"── {shown} ──")

    def show(self, shown: Shown) -> None:
        if shown.was is None:
            self.clock()
            self._seen[shown.message.id] = self._news(shown)
            self.block(self._where(shown), lines(shown.card, shown.names))
        elif (news := self._news(shown)) != self._seen.get(shown.message.id):
            self.clock()
            self._seen[shown.message.id] = news
            title = named(shown.card.title, shown.names)
            text = self.speech("redrawn", where=self._where(shown), title=title, text=news)
            self._indented(wrapped(f"~ {text}", 88, "  "))

    def _news(self, shown: Shown) -> str:
        card = shown.card
        news = card.lead if card.kind == "case" else card.notice or card.lead or card.state
        return named(news, shown.names)

    def _where(self, shown: Shown) -> str:
        if shown.to == ADMINS:
            return self.speech("thread", ref=shown.case)
        return self.privately(role_of(shown.to))

    def privately(self, role: str) -> str:
        return self.speech("privately", who=self.who(role))

    def who(self, role: str) -> str:
        return BY_ROLE[role].name[self.speech.language]

    def block(self, head: str, body: Iterable[str]) -> None:
        self.line()
        self.line(f"    {head}")
        for text in body:
            self.line(f"    │ {text}".rstrip())

    def _indented(self, texts: Iterable[str]) -> None:
        for text in texts:
            self.line(f"    {text}")


class Watching(Watcher):
    """Prints what people do and hear. `by_hand`: what is typed stands in the terminal already."""

    def __init__(self, terminal: Terminal, director: Director, *, by_hand: bool = False) -> None:
        self._terminal = terminal
        self._director = director
        self._by_hand = by_hand
        self._typed = True

    def did(self, role: str, how: str, text: str) -> None:
        terminal = self._terminal
        self._typed = how == "writes"
        if self._typed and self._by_hand:
            return  # it stands there, where it was typed
        terminal.clock()
        terminal.line()
        who = terminal.speech("person", who=terminal.who(role), role=terminal.speech(role))
        terminal.line(terminal.speech(how, who=who, text=text))

    def told(self, role: str, answer: Answer) -> None:
        names = self._director.names()
        for card in answer.cards:
            if card.kind == "answer" and not self._typed:
                continue  # the card that was clicked is redrawn, and says it
            self._terminal.block(self._terminal.privately(role), lines(card, names))

    def time_passed(self) -> None:
        if not self._by_hand:
            self._terminal.clock()


def auto(terminal: Terminal, stage: Stage, story: Story, language: str) -> None:
    """Play a story to its end; what everybody did and saw is printed by the watcher and the board."""
    terminal.clock()
    Player(stage, language).play(story)
    terminal.line()
    terminal.line(terminal.speech("end"))
