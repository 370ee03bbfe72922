"""Time passes and nobody answers: what each person is sent, and when; and nothing is ever forgotten."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays
import pytest

from bot.app import App
from bot.core.case import CaseStatus
from bot.demo.cast import ADMIN, SECOND, rows
from bot.heard import Heard
from bot.playbook.card import Card
from bot.ports import Message, Outgoing, Reads
from bot.rows import PersonRow
from bot.runtime import codec
from bot.runtime.clocks import SettableClock
from tests.fire.office import COMPANY, MASTER, START, TO_PLAN, library
from tests.runtime.memory_store import MemoryStore

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Postman:
    """The Chat port; it only notes what came when, to whom."""

    name = "postman"
    paces = ()

    def __init__(self, clock: SettableClock) -> None:
        self.clock = clock
        self.came: list[tuple[datetime, str, Card]] = []
        self.count = 0

    def serves(self, to: str) -> bool:
        return True

    async def say(self, post: Outgoing) -> Message:
        self.came.append((self.clock.now().astimezone(SHANGHAI), post.to, post.card))
        self.count += 1
        return Message(post.to, str(self.count))

    async def amend(self, message: Message, post: Outgoing) -> Message:
        return message

    async def find(self, post: Outgoing) -> Message | None:
        return None


class Silence:
    """Cases in every state in which somebody is waited for; then nobody does anything any more."""

    def __init__(self, cases: int) -> None:
        self.clock = SettableClock(START)
        self.postman = Postman(self.clock)
        self.app = App(MemoryStore(), MASTER, COMPANY, [self.postman], self.clock, library(), at_once=1)
        self.loop = asyncio.Runner()
        self.keys = iter(range(10**9))
        for row in (*rows("en"), *(PersonRow(f"demo:leaver{n}", f"Leaver{n}", "en") for n in range(cases))):
            self.app.store.transact(lambda tx, row=row: tx.put_person(row)).result()  # type: ignore[misc]
        for n in range(cases):
            self.begins(n, f"OFB-{n + 1}")
        self.settle()
        self.fired = 0

    def begins(self, n: int, ref: str) -> None:
        """0: not agreed to. 1: asking. 2: nobody is named. 3: offered. 4: a step. 5: an approval."""
        who, stage = f"demo:leaver{n}", n % 6
        if stage == 0:
            return self.says(who, "/offboard")
        self.says(ADMIN, f"/offboard @{who} 2026-12-18")
        for text in TO_PLAN[: 2 if stage == 1 else None]:
            self.says(who, text.replace("Zhao Yun", "demo:zhao"))
        if stage >= 3:
            self.says(ADMIN, f"successor {ref} demo:zhao")
        if stage >= 4:
            self.says("demo:zhao", f"accept {ref}")
        if stage == 5:
            self.says("demo:zhao", f"done {ref} 1")
        return None

    def says(self, who: str, text: str) -> None:
        answer = self.app.hear(Heard(f"year/{next(self.keys)}", who, text=text))
        assert not answer.refused, (who, text, answer.refused)

    def settle(self) -> None:
        self.loop.run(self.app.outbox.drain())

    def passes(self, days: int) -> None:
        until = self.clock.now() + timedelta(days=days)
        self.postman.came.clear()
        while (due := self.app.engine.next_due()) is not None and due <= until:
            self.clock.set(max(due, self.clock.now()))
            self.fired += self.app.engine.tick()
            self.settle()
        self.clock.set(until)

    def close(self) -> None:
        self.loop.close()
        self.app.close()


def forgotten(reads: Reads) -> Iterator[str]:
    """Open cases that nothing will ever come back to."""
    far = START + timedelta(days=4000)
    timed = {timer.case for timer in reads.due(far, 10**6)}
    for row in reads.cases():
        case = codec.case(row.state)
        if case.status is not CaseStatus.CLOSED and case.ref not in timed:
            yield case.ref


def working(day: date) -> bool:
    """By the library itself, not by our calendar."""
    return holidays.country_holidays("CN").is_working_day(day)


def told_as_the_cadence_allows(silence: Silence, days: int) -> str:
    came = silence.postman.came
    assert came, "nobody was ever reminded"
    digests = [(at, to) for at, to, card in came if card.kind == "digest"]
    a_day = Counter((to, at.date()) for at, to in digests)
    assert max(a_day.values()) == 1, [key for key, times in a_day.items() if times > 1][:5]
    for at, to in digests:
        assert working(at.date()), f"{to} on {at}"
        minutes = at.hour * 60 + at.minute
        assert 570 <= minutes < 720 or 840 <= minutes < 1080, f"{to} at {at}"
    others = [(at, to, card.kind) for at, to, card in came if card.kind != "digest"]
    assert others == [], "somebody was written to although nothing happened"
    first = START.astimezone(SHANGHAI).date()
    workdays = sum(working(first + timedelta(days=n)) for n in range(1, days + 1))
    most = Counter(to for _, to in digests).most_common(1)[0]
    assert most[1] <= workdays + 1
    return f"{days} days, {workdays} working: {len(digests)} reminders, at most {most[1]} to one person ({most[0]})"


def silent(cases: int, days: int) -> str:
    silence = Silence(cases)
    try:
        silence.passes(days)
        assert silence.app.store.read(lambda reads: list(forgotten(reads))) == []
        told = told_as_the_cadence_allows(silence, days)
        facts = silence.app.store.read(lambda reads: sum(row.count for row in reads.cases()))
        return f"{cases} cases, {told}; {silence.fired} timers, {facts} facts"
    finally:
        silence.close()


def test_in_six_weeks_of_silence_nobody_is_reminded_more_than_once_a_working_day() -> None:
    assert SECOND
    silent(cases=12, days=42)


@pytest.mark.slow
def test_in_a_year_of_silence_with_two_hundred_cases(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    told = silent(cases=200, days=365)
    with capsys.disabled():
        (tmp_path / "year.txt").write_text(told)
        print(told)  # noqa: T201  the numbers are what this is for
