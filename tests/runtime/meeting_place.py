"""An app with a Slack and a WeCom that do what they are told, and a directory behind each: what the tests of look-ups,
of those who leave, and of mixed companies play with."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.app import DEFAULT_PLAYBOOKS, App, shipped
from bot.core.case import Case
from bot.core.effects import ADMINS
from bot.heard import Answer, Click, Heard
from bot.playbook.card import Card
from bot.ports import OutboxRow, Reads
from bot.reading import history, verify
from bot.rows import PersonRow
from bot.runtime import codec
from bot.runtime.clocks import SettableClock, SettableMonotonic
from bot.runtime.library import Library
from bot.runtime.people import Company
from bot.runtime.scripted import ScriptedChat, ScriptedDirectory
from bot.store.sqlite import SqliteStore

MEI, ADA, LIN, ZHAO = "slack:MEI", "slack:ADA", "slack:LIN", "slack:ZHAO"
WANG = "wecom:wang"
START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LIBRARY = Library(shipped(), "en", DEFAULT_PLAYBOOKS)
MASTER = b"k" * 32

ANSWERS = ("100012345678", "1", "1, 4", "5", "2", "2", "Zhao Yun")
"""A leaver's answers, up to who takes over."""

EVERYBODY = (
    PersonRow(MEI, "Mei Chen", "en", "Asia/Shanghai"),
    PersonRow(ADA, "Ada Wu", "en", "Asia/Shanghai"),
    PersonRow(LIN, "Lin Hao", "en", "Europe/Paris"),
    PersonRow(ZHAO, "Zhao Yun", "en", "Asia/Shanghai"),
)


class Place:
    """`says` and `presses` are deliveries; `restart` is the process that died and began again on the same database."""

    def __init__(self, path: Path, company: Company, admin_chats: tuple[str, ...]) -> None:
        self.admin_chats = admin_chats
        self.path = path
        self.company = company
        self.clock = SettableClock(START)
        self.monotonic = SettableMonotonic()
        self.slack = ScriptedChat("slack", lambda to: to.startswith("slack:") or to == ADMINS)
        self.wecom = ScriptedChat("wecom", lambda to: to.startswith("wecom:") or to == ADMINS)
        self.directory = ScriptedDirectory("slack:", *EVERYBODY)
        self.corp = ScriptedDirectory(
            "wecom:", PersonRow(WANG, "Wang Wu", "zh-CN"), PersonRow("wecom:ada", "Ada Wu", "en")
        )
        self.loop = asyncio.Runner()
        self.count = 0
        self.open()

    def open(self) -> None:
        self.app = App(
            SqliteStore(self.path),
            MASTER,
            self.company,
            [self.slack, self.wecom],
            self.clock,
            LIBRARY,
            monotonic=self.monotonic,
            at_once=1,
            admin_chats=self.admin_chats,
            directories=[self.directory, self.corp],
        )

    def restart(self) -> None:
        self.app.close()
        self.open()

    def close(self) -> None:
        self.loop.close()
        self.app.close()

    # ------------------------------------------------------------------ what happens

    def hear(self, heard: Heard) -> Answer:
        """A delivery; nothing leaves before `settle`."""
        return self.app.hear(heard)

    def says(self, who: str, text: str, *people: str, key: str = "") -> Answer:
        return self.hear(Heard(key or self.key(), who, text=text, people=people))

    def presses(self, who: str, verb: str, step: int = 0, chosen: tuple[str, ...] = (), of: str = "") -> Answer:
        chat = self.wecom if who.startswith("wecom:") and not of.startswith("slack:") else self.slack
        shown, button = chat.offer(of or who, verb, step=step)
        click = Click(button.verb, button.value, button.detail, chosen=chosen, message=shown.message)
        return self.hear(Heard(self.key(), who, click=click))

    def key(self) -> str:
        self.count += 1
        return f"test/{self.count}"

    def settle(self) -> None:
        self.loop.run(self.app.outbox.drain())

    def wait(self, **time: float) -> None:
        """Time passes on both clocks; timers fire, and what can go goes."""
        by = timedelta(**time)
        self.clock.advance(by)
        self.monotonic.advance(by.total_seconds())
        while self.app.engine.tick():
            pass
        self.settle()

    def meet(self, *people: str) -> None:
        """They write something, so that they are known."""
        for person in people:
            self.says(person, "help")
        self.settle()

    def run_to_first_step(self) -> None:
        self.meet(MEI, ADA, LIN, ZHAO)
        self.says(MEI, f"/offboard @{LIN} 2026-12-04", LIN)
        self.settle()
        for text in ANSWERS:
            self.says(LIN, text)
        self.settle()
        self.presses(MEI, "successor:proposed", of=ADMINS)
        self.settle()
        self.presses(ZHAO, "accept")
        self.settle()

    # ------------------------------------------------------------------ what can be seen

    def told(self, who: str) -> list[str]:
        chat = self.wecom if who.startswith("wecom:") else self.slack
        return [f"{card.title} {card.lead}".strip() for card in chat.conversation(who)]

    def rows(self) -> list[OutboxRow]:
        return self.app.store.read(lambda reads: reads.outbox())

    def person(self, id: str) -> PersonRow | None:
        return self.app.store.read(lambda reads: reads.person(id))

    def case(self, ref: str = "OFB-1") -> Case:
        def one(reads: Reads) -> Case:
            row = reads.case(ref)
            assert row is not None, f"there is no {ref}"
            return codec.case(row.state)

        return self.app.store.read(one)

    def cases(self) -> int:
        return self.app.store.read(lambda reads: len(reads.cases()))

    def log(self, ref: str = "OFB-1") -> list[dict[str, Any]]:
        return self.app.store.read(lambda reads: history(reads, ref, None))

    def whole(self) -> None:
        assert self.app.store.read(verify)["broken"] == []


def said(cards: tuple[Card, ...]) -> str:
    return " ".join(f"{card.title} {card.lead}" for card in cards)


@contextmanager
def place(path: Path, company: Company | None = None, admin_chats: tuple[str, ...] = ()) -> Iterator[Place]:
    made = Place(path, company or Company(admins=(MEI, ADA), language="en"), admin_chats)
    try:
        yield made
    finally:
        made.close()
