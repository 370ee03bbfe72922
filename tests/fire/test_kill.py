"""kill -9 at any moment and at every named point: whoever was answered is in the record, once, and it goes on.

The killed process is tests/fire/child.py: four people who play handovers by themselves.
"""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.app import App
from bot.core import facts as f
from bot.core.case import CaseStatus
from bot.ports import Reads
from bot.reading import verify
from bot.runtime import codec
from bot.runtime.clocks import SettableClock
from bot.runtime.failpoints import KILLED, POINTS
from bot.store.beside import SqliteReads
from bot.store.sqlite import SqliteStore
from tests.fire.child import newest, read
from tests.fire.office import COMPANY, MASTER, library

MEANS: dict[str, type[f.Fact] | tuple[type[f.Fact], ...]] = {
    "begin": f.Opened,
    "start": f.Agreed,
    "answer": (f.Answered, f.Moved, f.SuccessorProposed),
    "successor": f.SuccessorNamed,
    "accept": f.SuccessorAccepted,
    "confirm": f.Confirmed,
    "approve": f.Approved,
}
"""What an accepted click leaves in the log."""

ONCE = (f.Opened, f.Agreed, f.SuccessorNamed, f.SuccessorAccepted, f.Confirmed, f.Approved, f.StepDone, f.SoakBegan)


REDRAWN = ("case", "step", "approval", "question", "naming", "offer")
"""Views that are redrawn whenever they change; the others tell of a moment."""


class Ack(NamedTuple):
    key: str
    verb: str
    case: str
    step: int
    person: str
    refused: str
    repeated: bool


class Fire:
    """A database and a platform that outlive the processes which work on them."""

    def __init__(self, folder: Path, seed: int, looks_up: bool = True) -> None:
        self.path, self.platform = folder / "a.db", folder / "platform.jsonl"
        self.chance = random.Random(seed)
        self.seed = seed
        self.looks_up = looks_up
        self.acks: list[Ack] = []
        self.kills: Counter[str] = Counter()

    def burns(self, *, point: str = "", after: int = 0, cases: int = 10**6) -> None:
        """Run a process until it dies at a point, or until we kill it after so many answers, or until it is done."""
        times = self.chance.randrange(1, 6)
        environment = os.environ | ({"OFFBOARD_FAILPOINT": f"{point}:{times}"} if point else {})
        looks = "lookup" if self.looks_up else "nolookup"
        arguments = [str(self.path), str(self.platform), str(self.chance.randrange(10**6)), str(cases), looks]
        command = [sys.executable, "-m", "tests.fire.child", *arguments]
        before = len(self.acks)
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            over = False
            for line in process.stdout:
                over = over or line == b"over\n"
                if line.startswith(b"ack ") and line.endswith(b"\n"):
                    self.acks.append(ack(line.decode()))
                if after and len(self.acks) - before >= after:
                    process.kill()
            trouble = process.stderr.read().decode()
        why = f"seed {self.seed}, kill {self.kills.total()}, {point or after}: {trouble}"
        assert trouble == "", why
        assert process.returncode == (KILLED if point else -9 if after else 0), why
        assert over == (not point and not after), why
        self.kills[point or ("at random" if after else "not at all")] += 1
        self.holds(why)

    def holds(self, why: str) -> None:
        """Everything that was promised, after a death."""
        with SqliteReads.open(self.path) as reads:
            assert verify(reads)["broken"] == [], why
            log = {row.ref: [codec.fact(one.data) for one in reads.facts(row.ref)] for row in reads.cases()}
        with sqlite3.connect(f"file:{self.path}?mode=ro", uri=True) as conn:
            heard = {key for (key,) in conn.execute("SELECT key FROM inbox")}
        conn.close()
        assert [one for one in self.acks if one.key not in heard] == [], why
        lost = [one for one in self.acks if not one.refused and not one.repeated and not is_in(one, log)]
        assert lost == [], why
        for ref, facts in log.items():
            counted = Counter(twin(fact) for fact in facts if isinstance(fact, ONCE))
            assert [what for what, times in counted.items() if times > 1] == [], f"{ref}, {why}"

    def said(self) -> Counter[str]:
        """How often each lane was said."""
        lines = self.platform.read_text().splitlines()
        return Counter(read(line)[0].rpartition("/")[0] for line in lines if '"what": "say"' in line)

    def shows_the_newest(self) -> None:
        """What the platform shows last of every lane is what would be drawn now."""
        shown = {}
        for key, _, card in (read(line) for line in self.platform.read_text().splitlines()):
            shown[key] = card
        store = SqliteStore(self.path)
        app = App(store, MASTER, COMPANY, [], SettableClock(store.read(newest)), library())

        def stale(reads: Reads) -> Iterator[str]:
            for row in reads.cases():
                for post in reads.posts(row.ref):
                    view = codec.said(post.effect).view
                    over = view.name in ("naming", "offer") and not shown[post.message].row  # nothing to press any more
                    living = view.name in REDRAWN and not over
                    posted = app.drawer.posted(reads, post.case, post.lane, post.to, view)
                    if living and posted is not None and shown[post.message] != posted.card:
                        yield post.lane

        try:
            assert store.read(lambda reads: list(stale(reads))) == []
            assert store.read(lambda reads: [row.lane for row in reads.outbox() if row.state != "parked"]) == []
        finally:
            app.close()

    def completes(self) -> None:
        """One more process, which nobody kills, brings everything to its end."""
        with SqliteReads.open(self.path) as reads:
            cases = max(1, len(reads.cases()))
        self.burns(cases=cases)
        with SqliteReads.open(self.path) as reads:
            ends = {codec.case(row.state).outcome for row in reads.cases()}
            assert {codec.case(row.state).status for row in reads.cases()} == {CaseStatus.CLOSED}
        assert ends == {"handed_over"}


def ack(line: str) -> Ack:
    _, key, verb, case, step, person, refused, repeated = line.split()
    return Ack(key, verb, case, int(step), person, "" if refused == "-" else refused, repeated == "True")


def is_in(one: Ack, log: dict[str, list[f.Fact]]) -> bool:
    """Whether what was answered left its fact."""
    means = MEANS[one.verb]
    return any(
        isinstance(fact, means) and fact.by == one.person and getattr(fact, "step", 0) == one.step
        for fact in log.get(one.case, [])
    )


def twin(fact: f.Fact) -> tuple[object, ...]:
    """What two facts have in common when one click has counted twice."""
    return (type(fact).__name__, getattr(fact, "step", 0), fact.by if isinstance(fact, f.Approved) else "")


def rounds(fire: Fire, points: list[str]) -> None:
    """Each point, or "" for a random moment; then the end."""
    for point in points:
        if point:
            fire.burns(point=point)
        else:
            fire.burns(after=fire.chance.randrange(1, 40))
    fire.completes()
    fire.shows_the_newest()


def test_a_process_that_is_killed_has_lost_nothing_and_doubled_nothing(tmp_path: Path) -> None:
    fire = Fire(tmp_path, seed=1)
    rounds(fire, ["", "queued", "after-commit", "sent-not-settled"])
    assert [lane for lane, times in fire.said().items() if times > 1] == []


def test_without_a_look_up_what_is_uncertain_is_told_and_the_handover_still_completes(tmp_path: Path) -> None:
    """Only a message that was on its way when the process died may stand there twice, once it changes."""
    fire = Fire(tmp_path, seed=2, looks_up=False)
    rounds(fire, ["sent-not-settled"])
    doubled = [lane for lane, times in fire.said().items() if times > 1]
    assert len(doubled) <= fire.kills["sent-not-settled"]
    with SqliteReads.open(fire.path) as reads:
        told = [codec.fact(one.data) for row in reads.cases() for one in reads.facts(row.ref)]
    uncertain = {fact.lane for fact in told if isinstance(fact, f.Undelivered)}
    assert set(doubled) <= uncertain


@pytest.mark.slow
def test_two_hundred_kills_at_random_and_at_every_point(tmp_path: Path) -> None:
    fire = Fire(tmp_path, seed=3)
    points = [*POINTS] * 12 + [""] * 80
    fire.chance.shuffle(points)
    rounds(fire, points)
    assert fire.kills.total() == 201
    assert [lane for lane, times in fire.said().items() if times > 1] == []


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_every_point_without_a_look_up(tmp_path: Path, point: str) -> None:
    fire = Fire(tmp_path, seed=POINTS.index(point) + 10, looks_up=False)
    rounds(fire, [point, "", point])
