"""What can be read, on whichever connection: the writer's own, a reader's beside it, or a copy's.

Everything that is asked often is a descent of one B-tree; tests/store/test_plans.py holds that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.core.case import CaseRef, PersonId
from bot.rows import CaseRow, CodeRow, LinkRow, OutboxRow, PersonRow, PostRow, StoredFact, StoredLine, Timer
from bot.store.chain import link_data
from bot.store.moments import folded, moment
from bot.store.statements import Row, Statements

_CASE = "SELECT ref, state, head, count, status FROM cases"
CASE = f"{_CASE} WHERE ref = ?"
CASES = f"{_CASE} ORDER BY number"
CASES_OPEN = f"{_CASE} INDEXED BY cases_open WHERE status <> 'closed' ORDER BY number"
_CASE_OF = (
    "SELECT c.ref, c.state, c.head, c.count, c.status FROM case_people AS p CROSS JOIN cases AS c USING (number) "
    "WHERE p.person = ?"
)
CASES_OF = f"{_CASE_OF} ORDER BY p.number"
CASES_OF_OPEN = f"{_CASE_OF} AND c.status <> 'closed' ORDER BY p.number"
FACTS = (
    "SELECT case_ref, number, data, previous, hash, kind, actor, at, step FROM facts "
    "WHERE case_ref = ? AND number > ? ORDER BY number"
)
PLAYBOOK = "SELECT data FROM playbooks WHERE hash = ?"
TEXT = "SELECT data FROM texts WHERE hash = ?"
_PERSON = "SELECT id, name, language, zone, standing, same_as, seen_at FROM people"
PERSON = f"{_PERSON} WHERE key = ?"
PEOPLE = f"{_PERSON} ORDER BY key"
LINKS = "SELECT link, state, at, by, one, other FROM links ORDER BY number"
LINK_LINES = "SELECT number, link, state, at, by, one, other, hash FROM links ORDER BY number"
LINKED = "SELECT value FROM counters WHERE name = 'links'"
CODE = "SELECT mark, hash, person, until, wrong FROM codes WHERE mark = ?"
DESK = "SELECT state FROM desks WHERE person = ?"
NOTE = "SELECT data FROM notes WHERE name = ?"
KEY = "SELECT wrapped FROM keys WHERE case_ref = ?"
_POST = (
    "SELECT lane, case_ref, recipient, place, message, step, revision, text_hash, effect, "
    "posted, posted_at, began, drawn_at, drawn FROM posts"
)
POST = f"{_POST} WHERE lane = ?"
POST_AT = f"{_POST} WHERE place = ? AND message = ? ORDER BY lane LIMIT 1"
POSTS = f"{_POST} WHERE case_ref = ? ORDER BY lane"
DUE = (
    "SELECT case_ref, about, step, revision, due FROM timers WHERE due <= ? ORDER BY due, case_ref, about, step LIMIT ?"
)
NEXT_DUE = "SELECT min(due) FROM timers"
OUTBOX = "SELECT id, lane, case_ref, recipient, kind, effect, priority, state, due, attempts, why FROM outbox"
IN_LANE = "SELECT 1 FROM outbox WHERE lane = ? LIMIT 1"
# The states stand in the text: only so can SQLite see that `outbox_held` answers for the rare ones.
QUEUED = {
    state: f"{OUTBOX} WHERE state = '{state}' ORDER BY id" for state in ("waiting", "sending", "uncertain", "parked")
}
NEXT_SEND = "SELECT min(due) FROM outbox WHERE front = 1 AND priority = ?"
NUMBERED = "SELECT value FROM counters WHERE name = 'cases'"
HEADS = "SELECT ref, head, count FROM cases ORDER BY number"
# From one case's facts straight to the next one's, instead of over all of them.
STRAYS = """
    WITH RECURSIVE refs(ref) AS (
        SELECT min(case_ref) FROM facts
        UNION ALL SELECT (SELECT min(case_ref) FROM facts WHERE case_ref > refs.ref) FROM refs WHERE ref IS NOT NULL)
    SELECT ref FROM refs WHERE ref IS NOT NULL AND ref NOT IN (SELECT ref FROM cases)"""


class RowReads:
    """The port `Reads` over one connection that is in a transaction."""

    def __init__(self, statements: Statements) -> None:
        self._sql = statements

    def case(self, ref: CaseRef) -> CaseRow | None:
        row = self._sql.one(CASE, ref)
        return CaseRow(*row) if row else None

    def cases(self, *, person: PersonId | None = None, open_only: bool = False) -> list[CaseRow]:
        if person is None:
            rows = self._sql.all(CASES_OPEN if open_only else CASES)
        else:
            rows = self._sql.all(CASES_OF_OPEN if open_only else CASES_OF, folded(person))
        return [CaseRow(*row) for row in rows]

    def facts(self, ref: CaseRef, *, after: int = 0) -> list[StoredFact]:
        return [StoredFact(*row) for row in self._sql.all(FACTS, ref, after)]

    def playbook(self, hash: str) -> bytes | None:
        return self._bytes(PLAYBOOK, hash)

    def text(self, hash: str) -> bytes | None:
        return self._bytes(TEXT, hash)

    def person(self, id: PersonId) -> PersonRow | None:
        row = self._sql.one(PERSON, folded(id))
        return _person(row) if row else None

    def people(self) -> list[PersonRow]:
        return [_person(row) for row in self._sql.all(PEOPLE)]

    def links(self) -> list[LinkRow]:
        newest = {line.link: line for line in map(_line, self._sql.all(LINKS))}
        return [newest[link] for link in sorted(newest)]

    def link_lines(self) -> tuple[int, list[StoredLine]]:
        lines = [StoredLine(row[0], link_data(row[1:-1]), row[-1]) for row in self._sql.all(LINK_LINES)]
        counted = self._sql.one(LINKED)
        return (counted[0] if counted else 0), lines

    def code(self, mark: str) -> CodeRow | None:
        row = self._sql.one(CODE, mark)
        return CodeRow(row[0], row[1], row[2], moment(row[3]), row[4]) if row else None

    def desk(self, person: PersonId) -> bytes | None:
        return self._bytes(DESK, folded(person))

    def note(self, name: str) -> bytes | None:
        return self._bytes(NOTE, name)

    def key(self, ref: CaseRef) -> bytes | None:
        return self._bytes(KEY, ref)

    def post(self, lane: str) -> PostRow | None:
        row = self._sql.one(POST, lane)
        return _post(row) if row else None

    def post_at(self, place: str, message: str) -> PostRow | None:
        row = self._sql.one(POST_AT, place, message)
        return _post(row) if row else None

    def posts(self, ref: CaseRef) -> list[PostRow]:
        return [_post(row) for row in self._sql.all(POSTS, ref)]

    def due(self, now: datetime, limit: int) -> list[Timer]:
        rows = self._sql.all(DUE, self._sql.at(now), limit)
        return [Timer(case, about, step, revision, moment(due)) for case, about, step, revision, due in rows]

    def next_due(self) -> datetime | None:
        row = self._sql.one(NEXT_DUE)
        return moment(row[0]) if row and row[0] is not None else None

    def outbox(self, *, states: Sequence[str] = ("waiting", "sending", "uncertain", "parked")) -> list[OutboxRow]:
        rows = [row for state in states if state in QUEUED for row in self._sql.all(QUEUED[state])]
        return [outbox_row(row) for row in sorted(rows)]

    def queued(self, lane: str) -> bool:
        return self._sql.one(IN_LANE, lane) is not None

    def next_send(self) -> datetime | None:
        found = [row[0] for priority in (0, 1) if (row := self._sql.one(NEXT_SEND, priority)) and row[0] is not None]
        return moment(min(found)) if found else None

    def numbered(self) -> int:
        row = self._sql.one(NUMBERED)
        return row[0] if row and isinstance(row[0], int) else 0

    def heads(self) -> Iterator[tuple[CaseRef, str, int]]:
        yield from self._sql.each(HEADS)

    def strays(self) -> list[CaseRef]:
        return [ref for (ref,) in self._sql.all(STRAYS)]

    def _bytes(self, sql: str, key: str) -> bytes | None:
        row = self._sql.one(sql, key)
        return row[0] if row else None


def _person(row: Row) -> PersonRow:
    id, name, language, zone, standing, same_as, seen_at = row
    return PersonRow(id, name, language, zone, standing, same_as, moment(seen_at) if seen_at else None)


def _line(row: Row) -> LinkRow:
    link, state, at, by, one, other = row
    return LinkRow(link, state, moment(at), by, one, other)


def outbox_row(row: Row) -> OutboxRow:
    id, lane, case, to, kind, effect, priority, state, due, attempts, why = row
    return OutboxRow(id, lane, case, to, kind, effect, priority, state, moment(due), attempts, why)


def _post(row: Row) -> PostRow:
    lane, case, to, place, message, step, revision, text_hash, effect, posted, posted_at, began, drawn_at, drawn = row
    shows = (step, revision, text_hash, effect)
    return PostRow(lane, case, to, place, message, *shows, posted, _at(posted_at), began, _at(drawn_at), drawn)


def _at(text: str) -> datetime | None:
    return moment(text) if text else None
