"""kill -9 of the demo's own server while people use the page: nothing that it answered is lost, and the page goes on.

The killed process is the command `offboard demo`; what it is asked, it is asked over HTTP as a browser does
(visitor.py). The same without a page, with more people at once and a platform that remembers: test_kill.py.
"""

from __future__ import annotations

import re
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from random import Random
from threading import Event, Timer

import pytest

from bot.demo.cast import SECOND
from bot.runtime.failpoints import KILLED, POINTS
from bot.store.beside import SqliteReads
from tests.fire.nursery import Child, Nursery, nursery
from tests.fire.promises import Log, kept
from tests.fire.visitor import Died, Visitor, numbers

AT_ONCE = 4
"""Databases that are worked on at the same time: after some deaths the outbox waits three seconds before it asks."""


class Page:
    """A demo's database, and the people who use the page on it, whichever process serves it."""

    def __init__(self, folder: Path, seed: int, warm: Nursery) -> None:
        self.path = folder / "demo.db"
        self.chance = Random(seed)
        self.seed = seed
        self.nursery = warm
        self.visitor = Visitor()
        self.log: Log = {}
        self.heard: set[str] = set()
        self.kills: Counter[str] = Counter()

    def burns(self, point: str = "") -> None:
        """The server dies at a point, or at any moment; then all that was promised is looked for."""
        failpoint = f"{point}:{self.chance.randrange(1, 3 if point == 'fired' else 5)}" if point else ""
        sent, answered = self.visitor.sent, self.visitor.answered
        child = self.nursery.born("offboard", *self.command(), failpoint=failpoint)
        blow = Timer(self.chance.uniform(0, 0.03), child.kill)
        last = answered + self.chance.randrange(0, 10)

        def strikes() -> None:
            if not point and self.visitor.answered >= last and blow.ident is None:
                blow.start()

        with pytest.raises(Died):
            self.lives(child, strikes)
        code = child.ended()
        blow.cancel()
        why = f"seed {self.seed}, kill {self.kills.total()}, {failpoint or 'at random'}: {self.nursery.trouble()}"
        assert self.nursery.trouble() == "", why
        assert code == (KILLED if point else -9), why
        self.kills[point or "at random"] += 1
        self.log, heard = kept(self.path, self.visitor.acks, why)
        assert answered + len(heard - self.heard) >= self.visitor.answered, f"an answered delivery is not noted: {why}"
        assert sent + len(heard - self.heard) <= self.visitor.sent, f"one delivery is noted twice: {why}"
        self.heard = heard

    def completes(self) -> None:
        """One more process, which nobody kills, brings all to its end; the page says that the record is whole."""
        child = self.nursery.born("offboard", *self.command())
        self.lives(child, finish=True)
        child.kill(signal.SIGINT)
        assert child.ended() == 0
        assert self.nursery.trouble() == ""
        self.log, _ = kept(self.path, self.visitor.acks, f"seed {self.seed}")
        with SqliteReads.open(self.path) as reads:
            assert {row.status for row in reads.cases()} == {"closed"}

    def command(self) -> tuple[str, ...]:
        return ("demo", "--port", "0", "--language", "en", "--db", str(self.path))

    def lives(self, child: Child, ready: Callable[[], object] = lambda: None, *, finish: bool = False) -> None:
        """People use the page until it dies, which raises Died; with `finish`, until every handover is closed."""
        banner = next(child.lines(), "")
        if (found := re.search(r":(\d+)/", banner)) is None:
            raise Died(banner)
        visitor, pause = self.visitor, Event()
        with closing(visitor.comes(int(found[1]))):
            page = visitor.looks()
            there = set(numbers(page.facts))
            lost = [
                (ref, n) for ref, facts in self.log.items() for n in range(1, len(facts) + 1) if (ref, n) not in there
            ]
            assert lost == [], f"seed {self.seed}: the page does not show what is in the record"
            ready()
            visitor.insists(page)
            for _ in range(2_000):
                pending = self.count("outbox WHERE state <> 'parked'")
                acts = visitor.wanted(visitor.looks())
                # The second approver's word counts after an admin's, whose card may still be on its way.
                if acts and not (pending and acts[0].ack.person == SECOND):
                    ready()
                    visitor.acts(acts[0])
                elif pending:
                    pause.wait(0.01)
                elif self.count("cases WHERE status <> 'closed'"):
                    visitor.does("time", "next")
                elif finish and page.cases:
                    visitor.does("verify")
                    assert "Whole." in visitor.fetches()
                    return
                else:
                    ready()
                    visitor.begins()
        raise AssertionError(f"seed {self.seed}: it never ends")

    def count(self, of: str) -> int:
        with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as conn:
            found: int = conn.execute(f"SELECT count(*) FROM {of}").fetchone()[0]  # noqa: S608  (words of ours)
        return found


def rounds(folder: Path, seed: int, points: list[str]) -> Counter[str]:
    """Each point, or "" for a random moment; then the end. How often it died of what."""
    folder.mkdir()
    with nursery(folder) as warm:
        page = Page(folder, seed, warm)
        for point in points:
            page.burns(point)
        page.completes()
        return page.kills


def test_the_page_goes_on_after_its_server_was_killed(tmp_path: Path) -> None:
    rounds(tmp_path / "0", 1, ["", "after-commit"])


@pytest.mark.slow
def test_the_page_goes_on_after_a_hundred_kills_at_random_and_at_every_point(tmp_path: Path) -> None:
    points = [*POINTS] * 5 + [""] * 50
    Random(3).shuffle(points)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        parts = [pool.submit(rounds, tmp_path / str(n), 50 + n, points[n::8]) for n in range(8)]
        kills = sum((part.result() for part in parts), Counter[str]())
    assert kills.total() == 100
    assert min(kills[point] for point in POINTS) == 5
