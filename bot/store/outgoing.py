"""The queue of messages: who is next, and who has to wait for whom.

RULES
 1. A lane is one post. Its Says leave before its Amends, each kind in the order of its coming, one at a time.
 2. Only the newest Amend of a lane matters: one that still waits takes the words of a new one and keeps its place. One
    that comes back while a newer one waits makes way for it, and leaves it how long it has to wait.
 3. While a row of a lane is on its way (`sending`) or nobody knows (`uncertain`), nothing else of the lane leaves.
    A parked row blocks nothing: what becomes of its lane is decided by whoever parked it.
 4. `front` is 1 for the row of a lane that may leave next, when there is one, and 0 for all others. It is set right
    whenever a lane changes, so that `claim` need not look for it: with a million rows behind blocked lanes it reads as
    many rows as it gives.
"""

from __future__ import annotations

from datetime import datetime

from bot.core.case import CaseRef, PersonId
from bot.rows import OutboxRow
from bot.store.reads import OUTBOX, outbox_row
from bot.store.statements import Statements

AMEND = "amend"

LANE = "SELECT id, kind, state, front FROM outbox WHERE lane = ?"
LANE_OF = "SELECT lane, kind FROM outbox WHERE id = ?"
INSERT = (
    "INSERT INTO outbox(lane, case_ref, recipient, kind, effect, priority, state, due, attempts, why, front) "
    "VALUES(?, ?, ?, ?, ?, ?, 'waiting', ?, 0, '', ?)"
)
# An Amend that has failed before keeps the time it was told to wait; one that only waited leaves at the earlier time.
REPLACE = (
    "UPDATE outbox SET case_ref = ?, recipient = ?, effect = ?, priority = min(priority, ?), "
    "due = CASE attempts WHEN 0 THEN min(due, ?) ELSE due END WHERE id = ?"
)
NEXT = f"{OUTBOX} WHERE front = 1 AND priority = ? AND due <= ? ORDER BY due, id LIMIT ?"
SENDING = "UPDATE outbox SET state = 'sending', front = 0 WHERE id = ?"
FRONT = "UPDATE outbox SET front = ? WHERE id = ?"
DELETE = "DELETE FROM outbox WHERE id = ?"
PUT_BACK = "UPDATE outbox SET state = ?, due = ?, attempts = ?, why = ? WHERE id = ?"
HAND_ON = "UPDATE outbox SET due = max(due, ?), attempts = ?, why = ? WHERE id = ?"
AMENDS = f"{OUTBOX} WHERE lane = ? AND kind = '{AMEND}' AND state = 'waiting' ORDER BY id"


class Queue:
    """The verbs of the outbox."""

    def __init__(self, statements: Statements) -> None:
        self._sql = statements

    def add(
        self, lane: str, case: CaseRef, to: PersonId, kind: str, effect: bytes, priority: int, due: datetime
    ) -> int:
        at = self._sql.at(due)
        others = self._sql.all(LANE, lane)
        if kind == AMEND:
            for id, other, state, _ in others:
                if other == AMEND and state == "waiting":
                    self._sql.do(REPLACE, case, to, effect, priority, at, id)
                    return int(id)
        id = self._sql.insert(INSERT, lane, case, to, kind, effect, priority, at, 0 if others else 1)
        if others:
            self._line_up(lane)
        return id

    def claim(self, now: datetime, limit: int) -> list[OutboxRow]:
        at = self._sql.at(now)
        claimed: list[OutboxRow] = []
        for priority in (0, 1):
            if len(claimed) < limit:
                rows = self._sql.all(NEXT, priority, at, limit - len(claimed))
                claimed += [outbox_row((*row[:7], "sending", *row[8:])) for row in rows]
        self._sql.many(SENDING, [(row.id,) for row in claimed])
        return claimed

    def settle(self, id: int) -> None:
        if (row := self._sql.one(LANE_OF, id)) is not None:
            self._sql.do(DELETE, id)
            self._line_up(row[0])

    def put_back(self, id: int, state: str, due: datetime, attempts: int, why: str) -> None:
        at = self._sql.at(due)
        row = self._sql.one(LANE_OF, id)
        if row is None:
            return
        lane, kind = row
        newer = self._newer_amend(lane, id) if kind == AMEND and state == "waiting" else None
        if newer is None:
            self._sql.do(PUT_BACK, state, at, attempts, why, id)
        else:
            self._sql.do(DELETE, id)
            self._sql.do(HAND_ON, at, attempts, why, newer)
        self._line_up(lane)

    def drop_amends(self, lane: str) -> list[OutboxRow]:
        rows = self._sql.all(AMENDS, lane)
        self._sql.many(DELETE, [(row[0],) for row in rows])
        return [outbox_row(row) for row in rows]

    def _newer_amend(self, lane: str, id: int) -> int | None:
        for other, kind, state, _ in self._sql.all(LANE, lane):
            if other != id and kind == AMEND and state == "waiting":
                return int(other)
        return None

    def _line_up(self, lane: str) -> None:
        """Put the one row to the front that may leave next, and no other."""
        rows = self._sql.all(LANE, lane)
        blocked = any(state in ("sending", "uncertain") for _, _, state, _ in rows)
        waiting = [(kind == AMEND, id) for id, kind, state, _ in rows if state == "waiting"]
        first = min(waiting)[1] if waiting and not blocked else None
        for id, _, _, front in rows:
            if front != (id == first):
                self._sql.do(FRONT, int(id == first), id)
