"""The schema, and how a database of an older version becomes one of this version.

RULES
 1. Forward only. A migration that was released is never edited; a change is a new one at the end.
 2. All that is missing is applied in one immediate transaction: the database is of the old version or of the new one.
 3. A database that knows a migration this program does not know was written by a newer version: SchemaNewer.
 4. Few indexes. Each B-tree that a commit touches costs a page in the write-ahead log, and the commit is what people
    wait for. What is looked up by its whole key is WITHOUT ROWID; what carries big values is not.
 5. Times are text in UTC, all of one length (`2026-11-24T01:00:00.000000Z`), so that their order is the order of time
    and an operator can read them.
 6. The views are public (CONTRACT, the log in SQL). Their columns may grow, never change.
"""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from bot.errors import SchemaNewer, StoreError
from bot.store.chain import FIRST, LINKS, link, link_data

NAME = "offboard"
MIGRATIONS = Migrations(NAME)

_TABLES = (
    # `people` is the leaver and the successors as a JSON list; case_people is the same, for look-up.
    """CREATE TABLE cases(
        number INTEGER PRIMARY KEY, ref TEXT NOT NULL UNIQUE, head TEXT NOT NULL, count INTEGER NOT NULL,
        status TEXT NOT NULL, people TEXT NOT NULL, state BLOB NOT NULL)""",
    "CREATE INDEX cases_open ON cases(number) WHERE status <> 'closed'",
    """CREATE TABLE case_people(
        person TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY(person, number)) WITHOUT ROWID""",
    # Clustered by case: a case's history is read in one go, and a new fact touches one B-tree.
    """CREATE TABLE facts(
        case_ref TEXT NOT NULL, number INTEGER NOT NULL, data BLOB NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL,
        kind TEXT NOT NULL, actor TEXT NOT NULL, at TEXT NOT NULL, step INTEGER NOT NULL,
        PRIMARY KEY(case_ref, number)) WITHOUT ROWID""",
    "CREATE TABLE playbooks(hash TEXT NOT NULL PRIMARY KEY, data BLOB NOT NULL)",
    "CREATE TABLE texts(hash TEXT NOT NULL PRIMARY KEY, data BLOB NOT NULL)",
    """CREATE TABLE posts(
        lane TEXT PRIMARY KEY, case_ref TEXT NOT NULL, recipient TEXT NOT NULL, place TEXT NOT NULL,
        message TEXT NOT NULL, step INTEGER NOT NULL, revision INTEGER NOT NULL, text_hash TEXT NOT NULL,
        effect BLOB NOT NULL) WITHOUT ROWID""",
    "CREATE INDEX posts_at ON posts(place, message)",
    "CREATE INDEX posts_of ON posts(case_ref)",
    # `front`: this row is the next of its lane, and nothing of the lane is on its way (outgoing.py keeps it so).
    """CREATE TABLE outbox(
        id INTEGER PRIMARY KEY AUTOINCREMENT, lane TEXT NOT NULL, case_ref TEXT NOT NULL, recipient TEXT NOT NULL,
        kind TEXT NOT NULL, effect BLOB NOT NULL, priority INTEGER NOT NULL CHECK(priority IN (0, 1)),
        state TEXT NOT NULL CHECK(state IN ('waiting', 'sending', 'uncertain', 'parked')), due TEXT NOT NULL,
        attempts INTEGER NOT NULL, why TEXT NOT NULL, front INTEGER NOT NULL)""",
    "CREATE INDEX outbox_lane ON outbox(lane)",
    "CREATE INDEX outbox_next ON outbox(priority, due) WHERE front = 1",
    "CREATE INDEX outbox_held ON outbox(state) WHERE state = 'sending' OR state = 'uncertain' OR state = 'parked'",
    "CREATE TABLE inbox(key TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE people(
        key TEXT PRIMARY KEY, id TEXT NOT NULL, name TEXT NOT NULL, language TEXT NOT NULL, zone TEXT NOT NULL,
        standing TEXT NOT NULL, same_as TEXT NOT NULL) WITHOUT ROWID""",
    "CREATE TABLE desks(person TEXT NOT NULL PRIMARY KEY, state BLOB NOT NULL)",
    """CREATE TABLE timers(
        case_ref TEXT NOT NULL, about TEXT NOT NULL, step INTEGER NOT NULL, revision INTEGER NOT NULL,
        due TEXT NOT NULL, PRIMARY KEY(case_ref, about, step)) WITHOUT ROWID""",
    "CREATE INDEX timers_due ON timers(due)",
    """CREATE TABLE refusals(
        key TEXT PRIMARY KEY, count INTEGER NOT NULL, first_at TEXT NOT NULL, last_at TEXT NOT NULL) WITHOUT ROWID""",
    "CREATE TABLE keys(case_ref TEXT PRIMARY KEY, wrapped BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE counters(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
    "INSERT INTO counters(name, value) VALUES('cases', 0)",
)

# A field that was left out of the state has its default (bot.core.case, omit_defaults). What has not happened is NULL.
_CONFIRMATIONS = """CREATE VIEW confirmations AS
    SELECT cases.ref AS case_ref,
        json_extract(plan.value, '$.playbook') AS playbook,
        json_extract(plan.value, '$.id') AS step,
        coalesce(json_extract(plan.value, '$.target'), '') AS target,
        coalesce(json_extract(plan.value, '$.title'), '') AS title,
        json_extract(plan.value, '$.owner') AS owner,
        coalesce(json_extract(plan.value, '$.status'), 'locked') AS status,
        CASE json_extract(plan.value, '$.status') WHEN 'done' THEN json_extract(plan.value, '$.grade') END AS grade,
        json_extract(plan.value, '$.confirmed_by') AS confirmed_by,
        replace(json_extract(plan.value, '$.confirmed_at'), '+00:00', 'Z') AS confirmed_at,
        json_extract(plan.value, '$.approved[0].by') AS approved_by,
        replace(json_extract(plan.value, '$.approved[0].at'), '+00:00', 'Z') AS approved_at,
        json_extract(plan.value, '$.approved[1].by') AS second_approved_by,
        replace(json_extract(plan.value, '$.approved[1].at'), '+00:00', 'Z') AS second_approved_at,
        coalesce(json_extract(plan.value, '$.sent_back_count'), 0) AS sent_back_count,
        json_extract(plan.value, '$.waiver_reason') AS waiver_reason,
        json_extract(plan.value, '$.platform') AS platform,
        json_extract(plan.value, '$.text_hash') AS text_hash,
        json_extract(plan.value, '$.fact_number') AS fact_number
    FROM cases, json_each(CAST(cases.state AS TEXT), '$.steps') AS plan"""

_HISTORY = """CREATE VIEW history AS
    SELECT facts.case_ref, facts.number, replace(facts.at, '+00:00', 'Z') AS at, facts.kind, facts.actor,
        CASE WHEN facts.step > 0
            THEN json_extract(CAST(cases.state AS TEXT), '$.steps[' || (facts.step - 1) || '].id') END AS step,
        facts.hash
    FROM facts LEFT JOIN cases ON cases.ref = facts.case_ref"""


@MIGRATIONS()
def m0001_first(db: Database) -> None:
    for statement in (*_TABLES, _CONFIRMATIONS, _HISTORY):
        db.execute(statement)  # one by one: executescript would commit behind our back


@MIGRATIONS()
def m0002_seen_at(db: Database) -> None:
    """When the directory last said who somebody is; "" for never."""
    db.execute("ALTER TABLE people ADD COLUMN seen_at TEXT NOT NULL DEFAULT ''")


@MIGRATIONS()
def m0003_links(db: Database) -> None:
    """Two ids of one person, as agreed in chat: one line for each thing that happened. And one-time codes, hashed."""
    db.execute(
        """CREATE TABLE links(
            number INTEGER PRIMARY KEY AUTOINCREMENT, link INTEGER NOT NULL, state TEXT NOT NULL, at TEXT NOT NULL,
            by TEXT NOT NULL, one TEXT NOT NULL, other TEXT NOT NULL)"""
    )
    db.execute(
        """CREATE TABLE codes(
            mark TEXT PRIMARY KEY, hash TEXT NOT NULL, person TEXT NOT NULL, until TEXT NOT NULL,
            wrong INTEGER NOT NULL) WITHOUT ROWID"""
    )


@MIGRATIONS()
def m0004_notes(db: Database) -> None:
    """What a platform's side remembers over a restart: how much it has sent."""
    db.execute("CREATE TABLE notes(name TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID")


@MIGRATIONS()
def m0005_chained_links(db: Database) -> None:
    """What happened to links is chained as facts are, with what there is already."""
    db.execute("ALTER TABLE links ADD COLUMN hash TEXT NOT NULL DEFAULT ''")
    db.execute("INSERT INTO counters(name, value) SELECT 'links', count(*) FROM links")
    hash = FIRST
    lines = db.execute("SELECT number, link, state, at, by, one, other FROM links ORDER BY number").fetchall()
    for number, *fields in lines:
        hash = link(hash, LINKS, number, link_data(fields))
        db.execute("UPDATE links SET hash = ? WHERE number = ?", (hash, number))


@MIGRATIONS()
def m0006_moments_of_posts(db: Database) -> None:
    """When a message was first sent and last drawn, and from how many facts of its case; "" and 0 of older ones."""
    for column in ("posted", "began", "drawn"):
        db.execute(f"ALTER TABLE posts ADD COLUMN {column} INTEGER NOT NULL DEFAULT 0")
    for column in ("posted_at", "drawn_at"):
        db.execute(f"ALTER TABLE posts ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")


def bring_up_to_date(conn: sqlite3.Connection, migrations: Migrations = MIGRATIONS) -> None:
    """Apply what is missing, all of it or nothing. Needs a connection that is in no transaction.

    Raises SchemaNewer, or StoreError when this is somebody else's database.
    """
    conn.execute("BEGIN IMMEDIATE")
    try:
        if missing(conn, migrations):
            migrations.apply(Database(conn, execute_plugins=False))
        conn.execute("COMMIT")
    finally:
        if conn.in_transaction:
            conn.execute("ROLLBACK")


def missing(conn: sqlite3.Connection, migrations: Migrations = MIGRATIONS) -> list[str]:
    """Which migrations this database has not seen. Raises SchemaNewer, or StoreError when it is not one of ours."""
    tables = {name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    seen: set[str] = set()
    if Migrations.migrations_table in tables:
        found = conn.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = ?", (migrations.name,))
        seen = {name for (name,) in found}
    if tables and not seen:
        raise StoreError("this is a database, but not Offboard's: give the path of another file")
    known = [migration.name for migration in migrations.pending(Database(memory=True))]  # all of them: it is empty
    if unknown := seen.difference(known):
        raise SchemaNewer(
            f"this database was written by a newer version of Offboard (it knows {', '.join(sorted(unknown))}): "
            f"install that version, or restore a backup from before the upgrade"
        )
    return [name for name in known if name not in seen]
