"""A process that runs the product and plays handovers by itself until it is killed.

    python -m tests.fire.child DATABASE PLATFORM.jsonl SEED CASES [nolookup]

What "the platform" shows is a file of its own, so it survives. Each click has a key that is the same when it is made
again, as a platform's redelivery has. After `hear` has answered, a line says so:

    ack <key> <verb> <case> <step> <person> <refused or -> <repeated>
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from bot.app import App
from bot.core.case import Case
from bot.core.effects import ADMINS
from bot.demo.cast import ADMIN, SECOND, rows
from bot.errors import Gone, Uncertain
from bot.heard import Click, Heard
from bot.playbook.card import Card, card_bytes
from bot.ports import Message, Outgoing, Reads
from bot.runtime import codec
from bot.runtime.clocks import SettableClock
from bot.store.sqlite import SqliteStore
from tests.fire.office import COMPANY, LIN, MASTER, START, ZHAO, library

PRESSED = ("start", "successor:proposed", "accept", "confirm", "approve:looked")
TYPED = {
    "account": "100012345678",
    "registered_with": "1",
    "leavers": "1, 4",
    "protection": "1",
    "real_name": "2",
    "root_keys": "1",
    "successor": "Zhao Yun",
}


REMINDED = (
    (r"Step (\d+):", "confirm", "done {ref} {step}"),
    (r"Approve step (\d+):", "approve", "looked {ref} {step}"),
    ("A handover waits for your agreement", "start", "agree {ref}"),
    ("A successor has to be named", "successor", "successor {ref} Zhao Yun"),
    ("You were asked to take over", "accept", "accept {ref}"),
    ("A question waits for your answer:", "answer", ""),
)
"""What a reminder says, and what people write then."""

HURRY = 40
"""How much faster the outbox's own time runs here: what it waits three seconds for takes less than a tenth of one."""


class Platform:
    """The Chat port on a file: each line is one thing that happened, and it has happened once it is in the file."""

    name = "file"
    paces = ()

    def __init__(self, path: Path, looks_up: bool = True) -> None:
        self.shown: dict[str, tuple[str, Card]] = {}
        self.changed = threading.Event()
        self._looks_up = looks_up
        lines = path.read_text().splitlines() if path.exists() else []
        for line in lines:
            key, to, card = read(line)
            self.shown[key] = (to, card)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def serves(self, to: str) -> bool:
        return True

    async def say(self, post: Outgoing) -> Message:
        self._happens("say", post.key, post.to, post.card)
        return Message(place=post.to, id=post.key)

    async def amend(self, message: Message, post: Outgoing) -> Message:
        if message.id not in self.shown:
            raise Gone("no such message", who="message")
        self._happens("amend", message.id, post.to, post.card)
        return message

    async def find(self, post: Outgoing) -> Message | None:
        if not self._looks_up:
            raise Uncertain("no_look_up")
        return Message(place=post.to, id=post.key) if post.key in self.shown else None

    def _happens(self, what: str, key: str, to: str, card: Card) -> None:
        line = json.dumps({"what": what, "key": key, "to": to, "card": card_bytes(card).decode()})
        os.write(self._file, line.encode() + b"\n")
        self.shown = {**self.shown, key: (to, card)}
        self.changed.set()


def read(line: str) -> tuple[str, str, Card]:
    found = json.loads(line)
    return found["key"], found["to"], msgspec.json.decode(found["card"], type=Card)


class Act(NamedTuple):
    heard: Heard
    verb: str
    case: str = "-"
    step: int = 0


class Player:
    """Four people who do what their cards ask of them."""

    def __init__(self, app: App, platform: Platform, clock: SettableClock, chance: random.Random) -> None:
        self.app = app
        self.platform = platform
        self.clock = clock
        self.chance = chance
        self.began = clock.now()
        self.done: set[str] = set()

    def play(self, cases: int) -> None:
        """Until so many cases are closed and nothing is left to say."""
        while True:
            self.platform.changed.clear()
            if acts := self.wanted():
                self.do(acts)
            elif self.unsaid():
                self.app.outbox.poke()
                self.platform.changed.wait(0.02)
            elif len(self.cases()) >= cases and not self.open():
                return
            elif not self.open():
                self.begins()
            elif acts := self.reminded():
                self.do(acts)
            else:
                self.pass_time()

    def reminded(self) -> list[Act]:
        """What people write who were reminded of something of which no card ever came: it was on its way when a process
        died, on a platform that cannot say whether it arrived. The newest reminder of each person counts."""
        newest = {to: (key, card) for key, (to, card) in self.platform.shown.items() if card.kind == "digest"}
        acts = [act for to, (key, card) in newest.items() for act in self._writes(key, to, card)]
        return [act for act in acts if act.heard.key not in self.done]

    def _writes(self, key: str, who: str, card: Card) -> Iterator[Act]:
        for item in card.items:
            for pattern, verb, words in REMINDED:
                if found := re.match(pattern, item.text):
                    step, ref = int((*found.groups(), "0")[0]), item.detail
                    known = Heard(f"{who}/{key}/{ref}/{verb}/{step}", who, text=words.format(ref=ref, step=step))
                    if verb != "answer":
                        yield Act(known, verb, ref, step)
                    elif asked := next((case.asking for case in self.open() if case.ref == ref), None):
                        text = TYPED.get(asked.question, f"move {ref} {self._last_day()}")
                        yield Act(replace(known, text=text), f"answer:{asked.question}", ref)

    def _last_day(self) -> str:
        return (self.clock.now() + timedelta(days=11)).date().isoformat()

    def begins(self) -> None:
        self.do([Act(Heard(f"begin/{len(self.cases()) + 1}", LIN, text="/offboard"), "begin")])

    def wanted(self) -> list[Act]:
        """What can be done and was not done yet."""
        return [act for act in self.acts() if act.heard.key not in self.done]

    def unsaid(self) -> bool:
        return self.app.store.read(lambda reads: any(row.state != "parked" for row in reads.outbox()))

    def do(self, acts: list[Act]) -> None:
        """All at the same moment, and some of them twice."""
        twice = [act for act in acts if self.chance.random() < 0.2]
        sent = [(act, self.app.engine.hear(act.heard)) for act in (*acts, *twice)]
        for act, future in sent:
            answer = self.app.engine.answer(future.result())
            asked_next = act.verb.startswith("answer") and not answer.refused  # then the next question is the answer
            assert answer.cards or asked_next, "a click went unanswered"
            self.done.add(act.heard.key)
            ref = answer.case or act.case
            line = f"ack {act.heard.key} {act.verb} {ref} {act.step} {act.heard.person}"
            os.write(1, f"{line} {answer.refused or '-'} {answer.repeated}\n".encode())

    def acts(self) -> Iterator[Act]:
        """What the platform offers these people now."""
        for to, card in list(self.platform.shown.values()):
            people = (ADMIN,) if to == ADMINS else (to,)
            for who in people:
                yield from self._presses(who, card)
                if card.input is not None:
                    yield self._answers(who, card)

    def _presses(self, who: str, card: Card) -> Iterator[Act]:
        for button in (*card.row, *card.more):
            verb = f"{button.verb}:{button.detail}".rstrip(":")
            if verb in PRESSED:
                ref = button.value.split("@")[0]
                click = Click(button.verb, button.value, button.detail)
                yield Act(Heard(f"{who}/{button.value}", who, click=click), button.verb, ref, card.step)

    def _answers(self, who: str, card: Card) -> Act:
        assert card.input is not None
        ref = card.input.value.split("@")[0]
        text = TYPED.get(card.input.id, self._last_day())
        thread = ref if card.input.id == "last_day" else ""
        return Act(Heard(f"{who}/{card.input.value}", who, text=text, thread=thread), f"answer:{card.input.id}", ref)

    def pass_time(self) -> None:
        due = self.app.engine.next_due()
        assert due is not None, "an open case with nothing to come back to"
        assert due < self.began + timedelta(days=365), "it never ends"
        self.clock.set(max(due, self.clock.now()))
        self.app.engine.tick()
        os.write(1, b"tick\n")

    def cases(self) -> list[Case]:
        return self.app.store.read(lambda reads: [codec.case(row.state) for row in reads.cases()])

    def open(self) -> list[Case]:
        return [case for case in self.cases() if case.is_open]


def newest(reads: Reads) -> datetime:
    times = [codec.fact(facts[-1].data).at for row in reads.cases() if (facts := reads.facts(row.ref))]
    return max(times, default=START)


def main(path: str, platform_file: str, seed: str, cases: str, looks_up: str = "lookup") -> None:
    store = SqliteStore(path)
    clock = SettableClock(store.read(newest))
    platform = Platform(Path(platform_file), looks_up == "lookup")
    app = App(store, MASTER, COMPANY, [platform], clock, library(), monotonic=lambda: monotonic() * HURRY)
    for person in rows("en"):
        store.transact(lambda tx, person=person: tx.put_person(person)).result()  # type: ignore[misc]
    assert SECOND
    stopped = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(deliver(app, stopped)), daemon=True)
    thread.start()
    Player(app, platform, clock, random.Random(int(seed))).play(int(cases))
    stopped.set()
    app.outbox.poke()
    thread.join()
    app.close()
    os.write(1, b"over\n")


async def deliver(app: App, stopped: threading.Event) -> None:
    stop = asyncio.Event()

    async def watch() -> None:
        await asyncio.to_thread(stopped.wait)
        stop.set()

    watching = asyncio.create_task(watch())
    await app.outbox.run(stop)
    await watching


if __name__ == "__main__":
    main(*sys.argv[1:])
    assert ZHAO
