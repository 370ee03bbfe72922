"""No statement on the way of a click reads more than it needs, however much is there."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.store import outgoing, reads, tx
from bot.store.moments import text
from bot.store.reads import RowReads
from bot.store.sqlite import SqliteStore
from bot.store.statements import Statements
from bot.store.tx import SqliteTx

NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)

READ_WHOLE = {
    "CASES": "all cases are asked for",
    "CASES_OPEN": "all open cases are asked for; closed ones are not touched, the index holds none",
    "PEOPLE": "everybody is asked for",
    "OUTBOX waiting": "the whole queue is asked for, by an operator",
    "HEADS": "an audit",
    "STRAYS": "an audit",
    "LINKS": "all are asked for, and few people have two ids",
    "LINK_LINES": "an audit",
    "DROP_CODES": "a handful of codes, each of them there for a quarter of an hour",
    "FORGET": "once a day; an index would cost every click",
}

VERB = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH) ")


def statements() -> Iterator[tuple[str, str]]:
    for module in (reads, tx, outgoing):
        for name, value in vars(module).items():
            if name == "QUEUED":
                yield from ((f"OUTBOX {state}", sql) for state, sql in value.items())
            elif isinstance(value, str) and not name.startswith("_") and name != "OUTBOX" and VERB.match(value):
                yield name, value


STATEMENTS = dict(statements())


@pytest.fixture(scope="module")
def conn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("plans") / "a.db"
    SqliteStore(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        yield conn


def plan(conn: sqlite3.Connection, sql: str) -> list[str]:
    values = (1,) * (2 if "?2" in sql else sql.count("?"))
    return [row[3] for row in conn.execute(f"EXPLAIN QUERY PLAN {sql}", values)]


def test_the_statements_are_found() -> None:
    assert len(STATEMENTS) > 45
    assert set(READ_WHOLE) <= set(STATEMENTS)


@pytest.mark.parametrize("name", sorted(set(STATEMENTS) - set(READ_WHOLE)))
def test_a_statement_descends_a_tree_and_sorts_nothing(conn: sqlite3.Connection, name: str) -> None:
    lines = plan(conn, STATEMENTS[name])
    assert [line for line in lines if "SCAN" in line or "TEMP B-TREE" in line] == []


@pytest.mark.parametrize("name", sorted(READ_WHOLE))
def test_what_reads_much_at_least_sorts_nothing(conn: sqlite3.Connection, name: str) -> None:
    assert [line for line in plan(conn, STATEMENTS[name]) if "TEMP B-TREE" in line] == []


# ------------------------------------------------------------------------------------------ counted, not timed


def instructions(conn: sqlite3.Connection, run: Callable[[], object]) -> int:
    """How many steps SQLite's machine takes: the same on every computer."""
    count = 0

    def step() -> int:
        nonlocal count
        count += 1
        return 0

    conn.set_progress_handler(step, 1)
    run()
    conn.set_progress_handler(None, 1)
    return count


def filled(folder: Path, many: int) -> sqlite3.Connection:
    """Timers far away, messages behind a message that is out, messages that wait for later, and parked ones."""
    path = folder / f"{many}.db"
    SqliteStore(path).close()
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute("BEGIN")
    later = text(NOW + timedelta(days=1))
    conn.executemany(tx.WAKE, ((f"OFB-{n}", "remind", 1, 1, later) for n in range(many)))
    row = "INSERT INTO outbox(lane, case_ref, recipient, kind, effect, priority, state, due, attempts, why, front) "
    row += "VALUES(?, 'OFB-1', 'x', ?, x'', 0, ?, ?, 0, '', ?)"
    conn.executemany(row, ((f"behind/{n}", "say", "uncertain", text(NOW), 0) for n in range(many)))
    conn.executemany(row, ((f"behind/{n}", "amend", "waiting", text(NOW), 0) for n in range(many)))
    conn.executemany(row, ((f"later/{n}", "say", "waiting", later, 1) for n in range(many)))
    conn.executemany(row, ((f"now/{n}", "say", "waiting", text(NOW), 1) for n in range(10)))
    return conn


def work_of(folder: Path, many: int) -> dict[str, int]:
    with closing(filled(folder, many)) as conn:
        transaction = SqliteTx(Statements(conn))
        asked = RowReads(Statements(conn))
        return {
            "due": instructions(conn, lambda: asked.due(NOW, 100)),
            "next_due": instructions(conn, asked.next_due),
            "next_send": instructions(conn, asked.next_send),
            "in flight": instructions(conn, lambda: asked.outbox(states=("sending", "parked"))),
            "claim": instructions(conn, lambda: transaction.claim(NOW, 5)),
            "claim of nothing": instructions(conn, lambda: transaction.claim(NOW - timedelta(days=1), 5)),
        }


def test_looking_for_what_is_due_takes_as_long_with_twenty_thousand_waiting_as_with_twenty(tmp_path: Path) -> None:
    assert work_of(tmp_path, 20_000) == work_of(tmp_path, 20)
