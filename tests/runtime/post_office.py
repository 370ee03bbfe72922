"""One person's and the admins' messages, a chat that does what it is told, and clocks that stand still: what the tests
of the outbox play with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from bot.core.effects import ADMINS, Amend, Say, View, lane
from bot.playbook.card import Card, card_bytes, card_hash
from bot.ports import OutboxRow, PostRow, Reads, Store, Tx
from bot.runtime import codec
from bot.runtime.clocks import SettableClock, SettableMonotonic
from bot.runtime.outbox import Drawing, Outbox, Pace, Patience, Told
from bot.runtime.scripted import ScriptedChat

T = TypeVar("T")
START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
LIN, MEI = "slack:LIN", "slack:MEI"
CASE = "OFB-1"
STEP = lane(CASE, "step-1", LIN)
HALF = 0.5
"""What chance gives: back-off is in the middle of its bound."""


class PostOffice:
    """Everything but the store can be replaced after it was made; `restart` makes a new outbox on the same store.

    `state` is what the case says of each lane (0 when nothing was ever said of it), `unwanted` are lanes with nothing
    to show, `effects` what was queued last for each, `told` is what somebody was told of lost messages."""

    def __init__(self, store: Store, chat: ScriptedChat | None = None) -> None:
        self.store = store
        self.clock = SettableClock(START)
        self.monotonic: SettableMonotonic = SettableMonotonic()
        self.chat = chat or ScriptedChat("slack", lambda to: to.startswith("slack:") or to == ADMINS)
        self.chats = [self.chat]
        self.pace = Pace(())
        self.patience = Patience()
        self.chance: Callable[[], float] = lambda: HALF
        self.limit = 10.0
        self.at_once = 8
        self.state: dict[str, int] = {}
        self.effects: dict[str, bytes] = {}
        self.unwanted: set[str] = set()
        self.undrawable: set[str] = set()
        self.told: list[tuple[str, str]] = []
        self.telling_fails = 0
        self.on_lost: Told = self._tell
        self._runner = asyncio.Runner()
        self.restart()

    def restart(self) -> None:
        self.outbox = Outbox(
            self.store,
            self.chats,
            self.draw,
            self.clock,
            on_lost=self.on_lost,
            monotonic=self.monotonic,
            pace=self.pace,
            patience=self.patience,
            chance=self.chance,
            limit=self.limit,
            at_once=self.at_once,
        )

    def close(self) -> None:
        self._runner.close()
        self.store.close()

    # ------------------------------------------------------------------ what happens

    def say(self, lane: str = STEP, *, reminder: bool = False) -> int:
        """The case says something new. Returns the number of the row."""
        return self._queue(lane, Say(lane, lane.rsplit("/", 1)[1], self._view(lane), reminder), "say", reminder)

    def amend(self, lane: str = STEP) -> int:
        """Something changed that the lane shows."""
        return self._queue(lane, Amend(lane, self._view(lane)), "amend")

    def _view(self, lane: str) -> View:
        self.state[lane] = self.state.get(lane, 0) + 1
        return View("step", step=1, args={"state": str(self.state[lane])})

    def _queue(self, lane: str, effect: Say | Amend, kind: str, reminder: bool = False) -> int:
        self.effects[lane] = codec.encode(effect)

        def work(tx: Tx) -> int:
            return tx.queue(
                lane=lane,
                case=CASE,
                to=lane.rsplit("/", 1)[1],
                kind=kind,
                effect=self.effects[lane],
                priority=int(reminder),
                due=self.clock.now(),
            )

        return self.store.transact(work).result()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(coroutine)

    def deliver(self) -> int:
        return self.run(self.outbox.drain())

    def wait(self, seconds: float) -> int:
        """Time passes, on both clocks, and what can go goes."""
        self.clock.advance(timedelta(seconds=seconds))
        self.monotonic.advance(seconds)
        return self.deliver()

    def hang(self, times: int = 1) -> None:
        """The next calls hang until they are cut."""
        self.chat.will("hang", times=times)
        self.limit = 0.005
        self.restart()

    def draw(self, reads: Reads, row: OutboxRow) -> Drawing | None:
        if row.lane in self.undrawable:
            raise KeyError("somebody's own words")
        if row.lane in self.unwanted:
            return None
        revision = self.state[row.lane]
        card = self.card(row.lane, revision)
        return Drawing(card, {}, card.step, revision, card_hash(card), card_bytes(card))

    def card(self, lane: str, revision: int) -> Card:
        return Card(kind="step", title=lane, summary=f"{lane} as of {revision}", step=1, revision=revision)

    async def _tell(self, row: OutboxRow, why: str) -> None:
        if self.telling_fails:
            self.telling_fails -= 1
            raise RuntimeError("nobody listens")
        self.told.append((row.lane, why))

    # ------------------------------------------------------------------ what can be seen

    def shows(self, lane: str = STEP) -> list[int]:
        """The revisions of this lane that its reader sees, oldest message first."""
        messages = self.chat.messages(lane.rsplit("/", 1)[1])
        return [shown.card.revision for shown in messages if shown.card.title == lane]

    def said(self) -> list[str]:
        return [call.method for call in self.chat.calls]

    def post(self, lane: str = STEP) -> PostRow | None:
        return self.store.read(lambda reads: reads.post(lane))

    def rows(self, *states: str) -> list[OutboxRow]:
        return self.store.read(lambda reads: reads.outbox(states=states) if states else reads.outbox())

    def transact(self, work: Callable[[Tx], T]) -> T:
        future: Future[T] = self.store.transact(work)
        return future.result()
