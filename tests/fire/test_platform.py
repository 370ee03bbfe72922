"""A platform that hangs, or does what it was asked and loses the answer: in the end every lane shows its newest state,
once."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import App
from bot.core.case import CaseStatus
from bot.demo.cast import rows
from bot.errors import TryLater, Uncertain
from bot.ports import Message, Outgoing
from bot.runtime.clocks import SettableClock, SettableMonotonic
from bot.store.sqlite import SqliteStore
from tests.fire.child import Platform, Player
from tests.fire.office import COMPANY, MASTER, START, library
from tests.fire.promises import Traces


class BadDay(Platform):
    """Of ten calls about four go wrong: three lose their answer in one of the ways in which answers are lost."""

    def __init__(self, path: Path, chance: random.Random) -> None:
        super().__init__(path)
        self.chance = chance
        self.went_wrong: Counter[str] = Counter()

    async def say(self, post: Outgoing) -> Message:
        self.before("say")
        return self.after("say", await super().say(post))

    async def amend(self, message: Message, post: Outgoing) -> Message:
        self.before("amend")
        return self.after("amend", await super().amend(message, post))

    async def find(self, post: Outgoing) -> Message | None:
        self.before("find")
        return await super().find(post)

    def before(self, method: str) -> None:
        if self.chance.random() < 0.1:
            self.went_wrong[f"{method} refused"] += 1
            raise TryLater("busy", self.chance.choice((None, 3.0)))

    def after(self, method: str, message: Message) -> Message:
        if self.chance.random() < 0.3:
            self.went_wrong[f"{method} lost"] += 1
            raise self.chance.choice(
                (Uncertain("timeout"), TimeoutError(), ConnectionResetError("what none may raise"))
            )
        return message


def story(folder: Path, seed: int) -> BadDay:
    chance = random.Random(seed)
    clock, monotonic = SettableClock(START), SettableMonotonic()
    platform = BadDay(folder / "platform.jsonl", chance)
    app = App(SqliteStore(folder / "a.db"), MASTER, COMPANY, [platform], clock, library(), monotonic=monotonic)
    player = Player(app, platform, clock, chance)
    with asyncio.Runner() as loop:
        for row in rows("en"):
            app.store.transact(lambda tx, row=row: tx.put_person(row)).result()  # type: ignore[misc]
        player.begins()
        for _ in range(3000):
            loop.run(app.outbox.drain())
            if acts := player.wanted():
                player.do(acts)
            elif player.unsaid():
                clock.advance(timedelta(seconds=20))
                monotonic.advance(20)
            elif not player.open():
                break
            else:
                player.pass_time()
        ends = [case.status for case in player.cases()]
        left = app.store.read(lambda reads: [(row.lane, row.state, row.why) for row in reads.outbox()])
    app.close()
    assert (ends, left) == ([CaseStatus.CLOSED], []), f"seed {seed}"
    return platform


def shows_everything_once(folder: Path, seed: int) -> None:
    platform = story(folder, seed)
    assert platform.went_wrong["say lost"] > 0, f"seed {seed}"
    assert platform.went_wrong["amend lost"] > 0, f"seed {seed}"
    traces = Traces(folder)
    assert [lane for lane, times in traces.said().items() if times > 1] == [], f"seed {seed}"
    traces.shows_the_newest()
    traces.holds(f"seed {seed}")


def test_lost_answers_double_nothing_and_leave_nothing_out_of_date(tmp_path: Path) -> None:
    shows_everything_once(tmp_path, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 22))
def test_twenty_more_bad_days(tmp_path: Path, seed: int) -> None:
    shows_everything_once(tmp_path, seed)
