"""An app with a real store, people, a board and clocks that are moved by hand: what is tried under fire."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bot.app import DEFAULT_PLAYBOOKS, RESCUE_PLAYBOOK, App, shipped
from bot.core.case import Case
from bot.demo.board import Board, Shown
from bot.demo.cast import ADMIN, SECOND, rows
from bot.heard import Answer, Click, Heard
from bot.playbook.card import Button, Card
from bot.ports import Chat, Reads, Store
from bot.reading import history, verify
from bot.rows import PersonRow
from bot.runtime import codec
from bot.runtime.clocks import SettableClock
from bot.runtime.library import Library
from bot.runtime.people import Company
from bot.store.sqlite import SqliteStore

LIN, ZHAO = "demo:lin", "demo:zhao"
START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
MASTER = b"f" * 32
COMPANY = Company(admins=(ADMIN,), second_approvers=(SECOND,), language="en")
TO_PLAN = ("100012345678", "1", "1, 4", "1", "2", "1", "Zhao Yun")
"""A leaver's answers: the company's account, registered by email; phone and WeChat; a phone code; keys; Zhao."""


@cache
def library() -> Library:
    return Library(shipped(), "en", DEFAULT_PLAYBOOKS)


@dataclass
class Office:
    app: App
    board: Board
    clock: SettableClock
    loop: asyncio.Runner
    count: int = 0

    # ------------------------------------------------------------------ what people do

    def says(self, who: str, text: str, thread: str = "", *, settle: bool = True) -> Answer:
        return self.hear(Heard(self.key(), who, text=text, thread=thread), settle=settle)

    def presses(self, who: str, verb: str, step: int = 0, words: str = "", chosen: tuple[str, ...] = ()) -> Answer:
        shown, button = self.offer(who, verb, step)
        click = Click(button.verb, button.value, button.detail, chosen=chosen, words=words, message=shown.message)
        return self.hear(Heard(self.key(), who, click=click))

    def offer(self, who: str, verb: str, step: int = 0) -> tuple[Shown, Button]:
        found = self.board.offering(who, verb, step, admin=who == ADMIN)
        assert found is not None, f"{who} sees no {verb} {step or ''}"
        return found

    def hear(self, heard: Heard, *, settle: bool = True) -> Answer:
        answer = self.app.hear(heard)
        if settle:
            self.settle()
        return answer

    def key(self) -> str:
        self.count += 1
        return f"fire/{self.count}"

    def settle(self) -> None:
        self.loop.run(self.app.outbox.drain())

    def wait(self, **time: float) -> None:
        """From timer to timer."""
        until = self.clock.now() + timedelta(**time)
        while (due := self.app.engine.next_due()) is not None and due <= until:
            self.clock.set(max(due, self.clock.now()))
            self.app.engine.tick()
            self.settle()
        self.clock.set(until)

    def knows(self, *people: PersonRow) -> None:
        def work(tx: Any) -> None:
            for person in people:
                tx.put_person(person)

        self.app.store.transact(work).result()

    # ------------------------------------------------------------------ where the case stands

    def run_to_plan(self) -> None:
        self.says(ADMIN, "/offboard @Lin 2026-12-04")
        for text in TO_PLAN:
            assert not self.says(LIN, text).refused
        self.presses(ADMIN, "successor:proposed")
        self.presses(ZHAO, "accept")

    def case(self, ref: str = "OFB-1") -> Case:
        def one(reads: Reads) -> Case:
            row = reads.case(ref)
            assert row is not None, f"there is no {ref}"
            return codec.case(row.state)

        return self.app.store.read(one)

    def log(self, ref: str = "OFB-1") -> list[dict[str, Any]]:
        return self.app.store.read(lambda reads: history(reads, ref, None))

    def whole(self) -> None:
        """Every chain verifies and every state is what its facts fold to."""
        assert self.app.store.read(verify)["broken"] == []


def words(cards: Iterable[Card]) -> str:
    return " ".join(f"{card.title} {card.lead} {card.notice}" for card in cards)


@contextmanager
def office(
    path: Path,
    *,
    company: Company = COMPANY,
    chats: Iterable[Chat] = (),
    books: Mapping[str, Mapping[str, str]] | None = None,
    begins: Sequence[str] = DEFAULT_PLAYBOOKS,
    rescue: str = RESCUE_PLAYBOOK,
    language: str = "en",
    store: Store | None = None,
    master: bytes = MASTER,
) -> Iterator[Office]:
    board, clock = Board(), SettableClock(START)
    known = Library(books, language, begins) if books is not None else library()
    app = App(
        store or SqliteStore(path), master, company, [*chats, board], clock, known, at_once=1, rescue_playbook=rescue
    )
    try:
        with asyncio.Runner() as loop:
            opened = Office(app, board, clock, loop)
            opened.knows(*rows(language))
            yield opened
    finally:
        app.close()
