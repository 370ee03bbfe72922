"""What can come of sending a message, and what each outcome does to the record.

RULES
 1. Every outcome is written down in one transaction: the post, its text and the row that is done, or none of them.
 2. Only a row that is done or not wanted is removed. Everything else stays and says why (`OutboxRow.why`).
 3. A lane has one parked row at most, the newest; it goes when something of the lane arrives after all.
 4. What is parked because somebody is gone or out of reach leaves again when anything reaches them.
 5. A Say made from an Amend keeps the Amend's bytes: how a row is sent is said by its `kind`, not by its effect.

| outcome             | a Say                                         | an Amend                                    |
|---------------------|-----------------------------------------------|---------------------------------------------|
| Sent                | the post is noted with what it shows, the row and the lane's parked ones go                 |
| Sent, found late    | the same; redrawn when it may show old news   | –                                           |
| Later               | waits, one try more; told after 8, parked after 900                                         |
| Shut                | waits, with as many tries as before, until the platform lets us in                          |
| Unsure              | `uncertain`: looked up before it is repeated  | as Later: a redraw can be repeated          |
| Lost, "gone", "hidden" | parked and told, with the newest Amend's words; nobody is there to see the Amends           |
| Lost, another cause | parked and told; waiting Amends become a Say  | parked and told; a newer Amend takes over   |
| Vanished            | –                                             | becomes a Say: the message is posted anew   |
| Unwanted            | removed                                       | removed                                     |

A look-up is neither: Known is judged (whoever judges it removes the row), Later and Shut are as of a Say, Lost is told
and the row removed, since it holds what somebody typed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from bot.core.case import PersonId
from bot.playbook.card import Card
from bot.ports import Message, OutboxRow, PersonRow, PostRow, Tx
from bot.runtime.pacing import AMEND, SAY

GONE, HIDDEN, REJECTED, UNCERTAIN, LATER = "gone", "hidden", "rejected", "uncertain", "later"
"""Why a message is lost, in the words of the copy (`lost.…`). LATER is told of one that is still tried, too."""

CAUSES = (GONE, HIDDEN, REJECTED, UNCERTAIN, LATER)
AWAY = (GONE, HIDDEN)
"""Of these no message reaches the reader, whichever it is; what was kept leaves when one does."""
RETURNED = "its reader is back"


class Drawing(Struct, frozen=True):
    """A row as a card, and what is to be known of it when somebody clicks: the step's number and revision, the hash of
    the text, and the bytes that are kept under this hash. `facts`: how many its case had, `at`: when it was drawn."""

    card: Card
    names: dict[PersonId, str]
    step: int
    revision: int
    text_hash: str
    card_bytes: bytes
    facts: int = 0
    at: datetime | None = None


class Sent(Struct, frozen=True):
    """It stands there. `drawing` is what it shows, when that is known; `stale`: that may be old news."""

    message: Message
    drawing: Drawing | None
    stale: bool = False


class Known(Struct, frozen=True):
    """What the directories say; who is nobody there is not among them."""

    people: tuple[PersonRow, ...]


class Later(Struct, frozen=True):
    """It certainly did not happen. `seconds`: the platform's own wish."""

    why: str
    seconds: float | None = None


class Shut(Struct, frozen=True):
    """The platform lets us in no more: it waits, and that is nobody's failure."""

    why: str


class Unsure(Struct, frozen=True):
    """It may have happened; `drawing` is what would then stand there."""

    why: str
    drawing: Drawing | None = None
    seconds: float | None = None


class Lost(Struct, frozen=True):
    """It will not arrive: `cause` is one of the four above, `why` is the platform's own code."""

    cause: str
    why: str


class Vanished(Struct, frozen=True):
    """The message to redraw is not there any more."""


class Unwanted(Struct, frozen=True):
    """There is nothing to show any more."""


Outcome = Sent | Known | Later | Shut | Unsure | Lost | Vanished | Unwanted


def sent(tx: Tx, row: OutboxRow, outcome: Sent, parked: Iterable[int], back: Collection[int], now: datetime) -> None:
    """The message stands there. `parked` are rows of its lane that had been given up; `back` are rows of other lanes
    whose reader was gone, and is not."""
    shown = outcome.drawing
    before = tx.post(row.lane) if row.kind == AMEND else None
    drawn_at, drawn = (shown.at or now, shown.facts) if shown else (now, 0)
    tx.put_post(
        PostRow(
            lane=row.lane,
            case=row.case,
            to=row.to,
            place=outcome.message.place,
            message=outcome.message.id,
            step=shown.step if shown else 0,
            revision=shown.revision if shown else 0,
            text_hash=shown.text_hash if shown else "",
            effect=row.effect,
            posted=before.posted if before else row.id,
            posted_at=before.posted_at if before else drawn_at,
            began=before.began if before else drawn,
            drawn_at=drawn_at,
            drawn=drawn,
        )
    )
    if shown is not None:
        tx.put_text(shown.text_hash, shown.card_bytes)
    for id in (row.id, *parked):
        tx.settle(id)
    if outcome.stale:
        _queue(tx, _newest(tx, row), AMEND, now)
    if back:
        return_to(tx, back, now)


def put_off(tx: Tx, row: OutboxRow, due: datetime, why: str) -> OutboxRow:
    """It waits, one try the poorer. When a newer Amend of the lane waits, that one waits in its place, as long and with
    as many tries: otherwise a card that changes often would never be called late. Returns the row that now waits."""
    waits = row
    if row.kind == AMEND and (newer := _newest(tx, row)) is not row:
        tx.settle(row.id)
        waits = replace(newer, id=_queue(tx, newer, AMEND, due), due=due)
    waits = replace(waits, attempts=row.attempts + 1, why=why)
    tx.put_back(waits.id, state="waiting", due=due, attempts=waits.attempts, why=why)
    return waits


def put_aside(tx: Tx, row: OutboxRow, due: datetime, why: str) -> None:
    """A row that was claimed waits for its turn, which is nobody's failure. A newer Amend that came meanwhile takes its
    place and its number: the one who wakes this lane knows no other."""
    newer = tx.drop_amends(row.lane) if row.kind == AMEND else []
    tx.put_back(row.id, state="waiting", due=due, attempts=row.attempts, why=why)
    if newer:
        _queue(tx, newer[-1], AMEND, due)


def doubt(tx: Tx, row: OutboxRow, why: str, now: datetime) -> None:
    tx.put_back(row.id, state="uncertain", due=row.due or now, attempts=row.attempts, why=why)


def park(tx: Tx, row: OutboxRow, outcome: Lost, parked: Iterable[int], now: datetime) -> OutboxRow:
    """It is given up; `parked` are older ones of its lane. Returns the row that is parked."""
    why = f"{outcome.cause}: {outcome.why}"
    rests = replace(row, state="parked", why=why)
    if outcome.cause in AWAY and (newest := _newest(tx, row)) is not row:
        tx.settle(row.id)  # when they come back, they see the newest
        rests = replace(rests, id=_queue(tx, newest, row.kind, now), effect=newest.effect)
    tx.put_back(rests.id, state="parked", due=row.due or now, attempts=row.attempts, why=why)
    for id in parked:
        tx.settle(id)
    if outcome.cause not in AWAY and row.kind == SAY and (newest := _newest(tx, row)) is not row:
        _queue(tx, newest, SAY, now)
    return rests


def return_to(tx: Tx, back: Collection[int], now: datetime) -> None:
    """Rows whose reader is there again. What has been overtaken by something newer of its lane is not needed."""
    rows = tx.outbox()
    under_way = {row.lane for row in rows if row.state != "parked"}
    for row in rows:
        if row.id in back and row.state == "parked":
            if row.lane in under_way:
                tx.settle(row.id)
            else:
                tx.put_back(row.id, state="waiting", due=now, attempts=0, why=RETURNED)


def cause_of(row: OutboxRow) -> str:
    """The cause of a parked row."""
    return row.why.partition(":")[0]


def post_anew(tx: Tx, row: OutboxRow, now: datetime) -> None:
    """An Amend that has no message to redraw becomes a Say."""
    tx.settle(row.id)
    _queue(tx, _newest(tx, row), SAY, now)


def _newest(tx: Tx, row: OutboxRow) -> OutboxRow:
    """Take the waiting Amend out of the lane; `row` itself, when there is none."""
    amends = tx.drop_amends(row.lane)
    return amends[-1] if amends else row


def _queue(tx: Tx, row: OutboxRow, kind: str, due: datetime) -> int:
    return tx.queue(
        lane=row.lane, case=row.case, to=row.to, kind=kind, effect=row.effect, priority=row.priority, due=due
    )
