"""What can be written, inside one work of the writer's transaction: the port `Tx`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from bot.core.case import CaseRef, PersonId
from bot.errors import BadValue
from bot.rows import CodeRow, FactRow, LinkRow, OutboxRow, PersonRow, PostRow, Timer
from bot.store.chain import FIRST, LINKS, link, link_data, reference
from bot.store.moments import folded
from bot.store.outgoing import Queue
from bot.store.reads import RowReads
from bot.store.statements import Statements

HEAR = "INSERT INTO inbox(key, at) VALUES(?, ?) ON CONFLICT DO NOTHING"
FORGET = "DELETE FROM inbox WHERE at < ?"
STANDS = "SELECT number, head, count, status, people FROM cases WHERE ref = ?"
NEW_CASE = "INSERT INTO cases(number, ref, head, count, status, people, state) VALUES(?, ?, ?, ?, ?, ?, ?)"
COUNT_CASE = "UPDATE counters SET value = ? WHERE name = 'cases'"
# Who is in a case and whether it is open change seldom, and an index hangs on each: so they are set apart.
MOVE_CASE = "UPDATE cases SET state = ?, head = ?, count = ? WHERE number = ?"
TURN_CASE = "UPDATE cases SET status = ?, people = ? WHERE number = ?"
LEAVE = "DELETE FROM case_people WHERE person = ? AND number = ?"
JOIN = "INSERT INTO case_people(person, number) VALUES(?, ?) ON CONFLICT DO NOTHING"
FACT = (
    "INSERT INTO facts(case_ref, number, data, previous, hash, kind, actor, at, step) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
REFUSED = (
    "INSERT INTO refusals(key, count, first_at, last_at) VALUES(?, 1, ?2, ?2) "
    "ON CONFLICT DO UPDATE SET count = count + 1, last_at = excluded.last_at"
)
FORGET_REFUSED = "DELETE FROM refusals WHERE key = ?"
REFUSALS = "SELECT count FROM refusals WHERE key = ?"
WAKE = (
    "INSERT INTO timers(case_ref, about, step, revision, due) VALUES(?, ?, ?, ?, ?) "
    "ON CONFLICT DO UPDATE SET revision = excluded.revision, due = excluded.due"
)
UNWAKE = "DELETE FROM timers WHERE case_ref = ? AND about = ? AND step = ?"
PUT_POST = (
    "INSERT INTO posts(lane, case_ref, recipient, place, message, step, revision, text_hash, effect, "
    "posted, posted_at, began, drawn_at, drawn) "
    "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET case_ref = excluded.case_ref, "
    "recipient = excluded.recipient, place = excluded.place, message = excluded.message, step = excluded.step, "
    "revision = excluded.revision, text_hash = excluded.text_hash, effect = excluded.effect, "
    "posted = excluded.posted, posted_at = excluded.posted_at, began = excluded.began, "
    "drawn_at = excluded.drawn_at, drawn = excluded.drawn"
)
PUT_PLAYBOOK = "INSERT INTO playbooks(hash, data) VALUES(?, ?) ON CONFLICT DO NOTHING"
PUT_TEXT = "INSERT INTO texts(hash, data) VALUES(?, ?) ON CONFLICT DO NOTHING"
PUT_PERSON = (
    "INSERT OR REPLACE INTO people(key, id, name, language, zone, standing, same_as, seen_at) "
    "VALUES(?, ?, ?, ?, ?, ?, ?, ?)"
)
LAST_LINK = "SELECT number, hash FROM links WHERE number = (SELECT max(number) FROM links)"
PUT_LINK = "INSERT INTO links(number, link, state, at, by, one, other, hash) VALUES(?, ?, ?, ?, ?, ?, ?, ?)"
COUNT_LINK = "UPDATE counters SET value = ? WHERE name = 'links'"
PUT_CODE = "INSERT OR REPLACE INTO codes(mark, hash, person, until, wrong) VALUES(?, ?, ?, ?, ?)"
DROP_CODES = "DELETE FROM codes WHERE person = ? OR until <= ?"
PUT_NOTE = "INSERT INTO notes(name, data) VALUES(?, ?) ON CONFLICT DO UPDATE SET data = excluded.data"
PUT_DESK = "INSERT INTO desks(person, state) VALUES(?, ?) ON CONFLICT DO UPDATE SET state = excluded.state"
PUT_KEY = "INSERT INTO keys(case_ref, wrapped) VALUES(?, ?) ON CONFLICT DO UPDATE SET wrapped = excluded.wrapped"
DROP_KEY = "DELETE FROM keys WHERE case_ref = ?"


class SqliteTx(RowReads):
    """One work at a time: the writer calls `begin` before each."""

    def __init__(self, statements: Statements) -> None:
        super().__init__(statements)
        self._queue = Queue(statements)
        self._given = 0  # references given out in this work for which there is no case yet
        self.erased = True
        """A key was dropped, or may have been by a process that died: the writer sees to it that no copy stays in the
        log beside the database."""

    def begin(self) -> None:
        self._given = 0
        self._sql.failure = None

    # ------------------------------------------------------------------ heard, refused

    def hear(self, key: str, at: datetime) -> bool:
        return self._sql.do(HEAR, key, self._sql.at(at)) == 1

    def forget_heard(self, before: datetime) -> int:
        """Reads all that was heard: without an index, since that would cost every single click a page."""
        return self._sql.do(FORGET, self._sql.at(before))

    def refused(self, key: str, at: datetime) -> int:
        self._sql.do(REFUSED, key, self._sql.at(at))
        row = self._sql.one(REFUSALS, key)
        return int(row[0]) if row else 0

    def forget_refused(self, key: str) -> None:
        self._sql.do(FORGET_REFUSED, key)

    # ------------------------------------------------------------------ cases

    def new_ref(self) -> CaseRef:
        """A number that no case was recorded under by the end of the work is given out again."""
        self._given += 1
        return reference(self.numbered() + self._given)

    def record(
        self, ref: CaseRef, facts: Iterable[FactRow], state: bytes, status: str, people: Sequence[PersonId]
    ) -> str:
        """Raises BadValue for a new case that is not the next one: so no number can ever be left out."""
        now = self._listed(people)
        stands = self._sql.one(STANDS, ref)
        if stands is None:
            number, head, count, was, known = self._next(ref), FIRST, 0, "", "[]"
        else:
            number, head, count, was, known = stands
        rows = []
        for fact in facts:
            count += 1
            hash = link(head, ref, count, fact.data)
            rows.append((ref, count, fact.data, head, hash, fact.kind, fact.actor, fact.at, fact.step))
            head = hash
        self._sql.many(FACT, rows)
        if stands is None:
            self._sql.do(NEW_CASE, number, ref, head, count, status, now, state)
            self._sql.do(COUNT_CASE, number)
        else:
            self._sql.do(MOVE_CASE, state, head, count, number)
            if (status, now) != (was, known):
                self._sql.do(TURN_CASE, status, now, number)
        if now != known:
            self._involve(number, msgspec.json.decode(known, type=list[str]), people)
        return head

    def _next(self, ref: CaseRef) -> int:
        number = self.numbered() + 1
        if ref != reference(number):
            why = f"{ref} is not the next case: {reference(number)} is, and numbers have no gaps"
            raise self._sql.failed(BadValue(why))
        self._given = max(0, self._given - 1)
        return number

    def _involve(self, number: int, before: Iterable[PersonId], now: Iterable[PersonId]) -> None:
        was, will = set(map(folded, before)), set(map(folded, now))
        self._sql.many(LEAVE, [(person, number) for person in sorted(was - will)])
        self._sql.many(JOIN, [(person, number) for person in sorted(will - was)])

    def _listed(self, people: Sequence[PersonId]) -> str:
        try:
            return msgspec.json.encode(people).decode()
        except UnicodeEncodeError as error:
            raise self._sql.failed(error) from error

    # ------------------------------------------------------------------ timers

    def wake(self, timer: Timer) -> None:
        self._sql.do(WAKE, timer.case, timer.about, timer.step, timer.revision, self._sql.at(timer.due))

    def unwake(self, case: str, about: str, step: int) -> None:
        self._sql.do(UNWAKE, case, about, step)

    # ------------------------------------------------------------------ messages

    def queue(
        self, *, lane: str, case: CaseRef, to: PersonId, kind: str, effect: bytes, priority: int, due: datetime
    ) -> int:
        return self._queue.add(lane, case, to, kind, effect, priority, due)

    def claim(self, now: datetime, limit: int) -> list[OutboxRow]:
        return self._queue.claim(now, limit)

    def settle(self, id: int) -> None:
        self._queue.settle(id)

    def put_back(self, id: int, *, state: str, due: datetime, attempts: int, why: str) -> None:
        self._queue.put_back(id, state, due, attempts, why)

    def drop_amends(self, lane: str) -> list[OutboxRow]:
        return self._queue.drop_amends(lane)

    def put_post(self, post: PostRow) -> None:
        self._sql.do(
            PUT_POST,
            post.lane,
            post.case,
            post.to,
            post.place,
            post.message,
            post.step,
            post.revision,
            post.text_hash,
            post.effect,
            post.posted,
            self._sql.at(post.posted_at) if post.posted_at else "",
            post.began,
            self._sql.at(post.drawn_at) if post.drawn_at else "",
            post.drawn,
        )

    # ------------------------------------------------------------------ what is kept whole

    def put_playbook(self, hash: str, data: bytes) -> None:
        """What is there under this hash stays: a pinned version never changes."""
        self._sql.do(PUT_PLAYBOOK, hash, data)

    def put_text(self, hash: str, data: bytes) -> None:
        self._sql.do(PUT_TEXT, hash, data)

    def put_person(self, person: PersonRow) -> None:
        seen_at = self._sql.at(person.seen_at) if person.seen_at is not None else ""
        key, standing = folded(person.id), person.standing
        known = (person.name, person.language, person.zone, standing, person.same_as)
        self._sql.do(PUT_PERSON, key, person.id, *known, seen_at)

    def put_link(self, line: LinkRow) -> None:
        last = self._sql.one(LAST_LINK)
        number, previous = (last[0] + 1, last[1]) if last else (1, FIRST)
        fields = (line.link, line.state, self._sql.at(line.at), line.by, folded(line.one), folded(line.other))
        self._sql.do(PUT_LINK, number, *fields, link(previous, LINKS, number, link_data(fields)))
        self._sql.do(COUNT_LINK, number)

    def put_code(self, code: CodeRow) -> None:
        until = self._sql.at(code.until)
        self._sql.do(PUT_CODE, code.mark, code.hash, folded(code.person), until, code.wrong)

    def drop_codes(self, person: PersonId, now: datetime) -> None:
        """This person's, and all that are not good any more."""
        self._sql.do(DROP_CODES, folded(person), self._sql.at(now))

    def put_desk(self, person: PersonId, state: bytes) -> None:
        self._sql.do(PUT_DESK, folded(person), state)

    def put_note(self, name: str, data: bytes) -> None:
        self._sql.do(PUT_NOTE, name, data)

    def put_key(self, ref: CaseRef, wrapped: bytes) -> None:
        self._sql.do(PUT_KEY, ref, wrapped)

    def drop_key(self, ref: CaseRef) -> None:
        """What SQLite deletes may stay readable in the file; with `secure_delete` on, also pages that fall free are
        blanked. That is too dear for every click: with FAST, which is not, one key in thirty stayed.
        """
        self._sql.one("PRAGMA secure_delete = ON")
        if self._sql.do(DROP_KEY, ref):
            self.erased = True
        self._sql.one("PRAGMA secure_delete = FAST")
