"""kill -9 at any moment and at every named point: whoever was answered is in the record, once, and it goes on.

The killed process is tests/fire/child.py: four people who play handovers by themselves. The same with the page of the
demo, over HTTP: test_kill_page.py.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core import facts as f
from bot.core.case import CaseStatus
from bot.runtime import codec
from bot.runtime.failpoints import KILLED, POINTS
from bot.store.beside import SqliteReads
from tests.fire.nursery import Nursery, nursery
from tests.fire.promises import Ack, Traces


@pytest.fixture
def warm(tmp_path: Path) -> Iterator[Nursery]:
    with nursery(tmp_path) as opened:
        yield opened


class Fire(Traces):
    """A database and a platform that outlive the processes which work on them."""

    def __init__(self, folder: Path, seed: int, warm: Nursery, looks_up: bool = True) -> None:
        folder.mkdir(exist_ok=True)
        super().__init__(folder)
        self.chance = random.Random(seed)
        self.seed = seed
        self.nursery = warm
        self.looks_up = looks_up
        self.kills: Counter[str] = Counter()

    def burns(self, *, point: str = "", after: int = 0, cases: int = 10**6) -> None:
        """Run a process until it dies at a point, or until we kill it after so many answers, or until it is done."""
        failpoint = f"{point}:{self.chance.randrange(1, 6)}" if point else ""
        looks = "lookup" if self.looks_up else "nolookup"
        arguments = [str(self.path), str(self.platform), str(self.chance.randrange(10**6)), str(cases), looks]
        before, over = len(self.acks), False
        child = self.nursery.born("player", *arguments, failpoint=failpoint)
        for line in child.lines():
            over = over or line == "over\n"
            if line.startswith("ack "):
                self.acks.append(ack(line))
            if after and len(self.acks) - before >= after:
                child.kill()
        trouble = self.nursery.trouble()
        why = f"seed {self.seed}, kill {self.kills.total()}, {failpoint or after}: {trouble}"
        assert trouble == "", why
        assert child.code == (KILLED if point else -9 if after else 0), why
        assert over == (not point and not after), why
        self.kills[point or ("at random" if after else "not at all")] += 1
        self.holds(why, since=before)

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


def rounds(fire: Fire, points: list[str]) -> None:
    """Each point, or "" for a random moment; then the end."""
    for point in points:
        if point:
            fire.burns(point=point)
        else:
            fire.burns(after=fire.chance.randrange(1, 40))
    fire.completes()
    fire.shows_the_newest()


def test_a_process_that_is_killed_has_lost_nothing_and_doubled_nothing(tmp_path: Path, warm: Nursery) -> None:
    fire = Fire(tmp_path, 1, warm)
    rounds(fire, ["", "queued", "after-commit", "sent-not-settled"])
    assert [lane for lane, times in fire.said().items() if times > 1] == []


def test_without_a_look_up_what_is_uncertain_is_told_and_the_handover_still_completes(
    tmp_path: Path, warm: Nursery
) -> None:
    """Only a message that was on its way when the process died may stand there twice, once it changes."""
    fire = Fire(tmp_path, 2, warm, looks_up=False)
    rounds(fire, ["sent-not-settled"])
    doubled = [lane for lane, times in fire.said().items() if times > 1]
    assert len(doubled) <= fire.kills["sent-not-settled"]
    with SqliteReads.open(fire.path) as reads:
        told = [codec.fact(one.data) for row in reads.cases() for one in reads.facts(row.ref)]
    uncertain = {fact.lane for fact in told if isinstance(fact, f.Undelivered)}
    assert set(doubled) <= uncertain


@pytest.mark.slow
def test_two_hundred_kills_at_random_and_at_every_point(tmp_path: Path, warm: Nursery) -> None:
    """On ten databases, since one with a hundred handovers is slow to play on."""
    points = [*POINTS] * 12 + [""] * 80
    random.Random(3).shuffle(points)
    kills: Counter[str] = Counter()
    for n in range(10):
        fire = Fire(tmp_path / str(n), 30 + n, warm)
        rounds(fire, points[n::10])
        assert [lane for lane, times in fire.said().items() if times > 1] == []
        kills += fire.kills
    assert kills.total() - kills["not at all"] == 200
    assert min(kills[point] for point in POINTS) == 12


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_every_point_without_a_look_up(tmp_path: Path, warm: Nursery, point: str) -> None:
    fire = Fire(tmp_path, POINTS.index(point) + 10, warm, looks_up=False)
    rounds(fire, [point, "", point])
