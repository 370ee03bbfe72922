"""What was promised to whoever clicked, held against the database that a dead process left behind."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from bot.app import App
from bot.core import facts as f
from bot.ports import Reads
from bot.reading import verify
from bot.runtime import codec
from bot.runtime.clocks import SettableClock
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

Log = dict[str, list[f.Fact]]


class Ack(NamedTuple):
    """A click that was answered. `verb` of an answer: `answer:account`."""

    key: str
    verb: str
    case: str
    step: int
    person: str
    refused: str = ""
    repeated: bool = False


def kept(path: Path, acks: Iterable[Ack], why: str) -> tuple[Log, set[str]]:
    """Every chain holds, `fold(facts) == row`, every accepted click is in the log, none counts twice. Returns the log
    and the keys of all deliveries that it has heard."""
    with SqliteReads.open(path) as reads:
        assert verify(reads)["broken"] == [], why
        log = {row.ref: [codec.fact(one.data) for one in reads.facts(row.ref)] for row in reads.cases()}
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as conn:
        heard = {key for (key,) in conn.execute("SELECT key FROM inbox")}
    lost = [one for one in acks if not one.refused and not one.repeated and not is_in(one, log)]
    assert lost == [], f"{why}: {lost}"
    for ref, facts in log.items():
        counted = Counter(twin(fact) for fact in facts if isinstance(fact, ONCE))
        assert [what for what, times in counted.items() if times > 1] == [], f"{ref}, {why}"
    return log, heard


def is_in(one: Ack, log: Log) -> bool:
    """Whether what was answered left its fact."""
    verb, _, question = one.verb.partition(":")
    return any(
        isinstance(fact, MEANS[verb])
        and fact.by == one.person
        and getattr(fact, "step", 0) == one.step
        and answers(fact) in ("", question)
        for fact in log.get(one.case, [])
    )


def answers(fact: f.Fact) -> str:
    """The question that a fact answers, or ""."""
    match fact:
        case f.Answered():
            return fact.question
        case f.Moved():
            return "last_day"
        case f.SuccessorProposed():
            return "successor"
    return ""


def twin(fact: f.Fact) -> tuple[object, ...]:
    """What two facts have in common when one click has counted twice."""
    return (type(fact).__name__, getattr(fact, "step", 0), fact.by if isinstance(fact, f.Approved) else "")


class Traces:
    """What a process that plays handovers (child.py) leaves behind: a database, a platform, and its answers."""

    def __init__(self, folder: Path) -> None:
        self.path, self.platform = folder / "a.db", folder / "platform.jsonl"
        self.acks: list[Ack] = []

    def holds(self, why: str, since: int = 0) -> None:
        """Everything that was promised, after a death. Keys are looked for from the ack `since` on: they are forgotten
        after two weeks, which here pass in a few seconds; the facts of all acks must be there for ever."""
        _, heard = kept(self.path, self.acks, why)
        assert [one for one in self.acks[since:] if one.key not in heard] == [], why

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
