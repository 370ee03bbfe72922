"""What any store must do with messages that wait: who is next, who waits for whom, and what a crash leaves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from bot.ports import Reads, Store, Tx
from bot.rows import OutboxRow
from bot.store.sqlite import SqliteStore
from tests.contracts.stores import LIN, NOW, Opener, opener, shared, store

__all__ = ["opener", "shared", "store"]  # fixtures

LATER = NOW + timedelta(days=1)


def put(tx: Tx, lane: str, kind: str = "say", minutes: float = 0, priority: int = 0, effect: bytes = b"") -> int:
    due = NOW + timedelta(minutes=minutes)
    return tx.queue(lane=lane, case="OFB-1", to=LIN, kind=kind, effect=effect, priority=priority, due=due)


def back(tx: Tx, id: int, state: str = "waiting", due: datetime = NOW, attempts: int = 1, why: str = "") -> None:
    tx.put_back(id, state=state, due=due, attempts=attempts, why=why)


def lanes(rows: list[OutboxRow]) -> list[str]:
    return [f"{row.lane} {row.kind}" for row in rows]


def test_a_message_is_claimed_as_it_was_queued(store: Store) -> None:
    def work(tx: Tx) -> list[OutboxRow]:
        put(tx, "a", effect=b"\x00effect", priority=1)
        return tx.claim(NOW, 9)

    row = store.transact(work).result()[0]
    assert row == OutboxRow(row.id, "a", "OFB-1", LIN, "say", b"\x00effect", 1, "sending", NOW, 0, "")
    assert store.read(lambda reads: reads.outbox()) == [row]
    assert store.read(lambda reads: reads.outbox(states=("waiting",))) == []


def test_answers_leave_before_reminders_and_the_oldest_first(store: Store) -> None:
    def work(tx: Tx) -> list[OutboxRow]:
        put(tx, "old reminder", minutes=-9, priority=1)
        put(tx, "young answer", minutes=-1)
        put(tx, "old answer", minutes=-5)
        put(tx, "as old", minutes=-5)
        put(tx, "not yet", minutes=1)
        return tx.claim(NOW, 9)

    expected = ["old answer say", "as old say", "young answer say", "old reminder say"]
    assert lanes(store.transact(work).result()) == expected


@pytest.mark.parametrize("limit", [0, 1, 2, 3])
def test_no_more_are_claimed_than_asked_for(store: Store, limit: int) -> None:
    def work(tx: Tx) -> list[OutboxRow]:
        put(tx, "reminder", priority=1)
        put(tx, "answer")
        put(tx, "another")
        return tx.claim(NOW, limit)

    assert lanes(store.transact(work).result()) == ["answer say", "another say", "reminder say"][:limit]


def test_a_lane_sends_one_message_at_a_time_its_say_first(store: Store) -> None:
    def work(tx: Tx) -> None:
        put(tx, "a", "amend", minutes=-9)
        put(tx, "a", "say")
        put(tx, "a", "say")
        seen = []
        while rows := tx.claim(NOW, 9):
            assert tx.claim(NOW, 9) == []
            seen += lanes(rows)
            tx.settle(rows[0].id)
        assert seen == ["a say", "a say", "a amend"]

    store.transact(work).result()


def test_an_amend_waits_for_a_say_of_its_lane_that_is_not_due_yet(store: Store) -> None:
    def work(tx: Tx) -> None:
        put(tx, "a", "say", minutes=5)
        put(tx, "a", "amend")
        assert tx.claim(NOW, 9) == []
        assert lanes(tx.claim(NOW + timedelta(minutes=5), 9)) == ["a say"]

    store.transact(work).result()


def test_an_answer_waits_for_a_reminder_of_its_own_lane(store: Store) -> None:
    def work(tx: Tx) -> None:
        put(tx, "a", "say", priority=1)
        put(tx, "a", "amend", priority=0)
        assert lanes(tx.claim(NOW, 9)) == ["a say"]

    store.transact(work).result()


@pytest.mark.parametrize("state", ["sending", "uncertain"])
def test_nothing_of_a_lane_leaves_while_a_message_of_it_is_out_and_other_lanes_do(store: Store, state: str) -> None:
    def work(tx: Tx) -> None:
        put(tx, "a")
        (first,) = tx.claim(NOW, 9)
        back(tx, first.id, state)
        put(tx, "a", "amend")
        put(tx, "a")
        put(tx, "b")
        assert lanes(tx.claim(NOW, 9)) == ["b say"]
        tx.settle(first.id)
        assert lanes(tx.claim(NOW, 9)) == ["a say"]

    store.transact(work).result()


def test_a_parked_message_holds_nothing_back(store: Store) -> None:
    def work(tx: Tx) -> None:
        put(tx, "a")
        (first,) = tx.claim(NOW, 9)
        put(tx, "a", "amend")
        back(tx, first.id, "parked", why="gone")
        assert lanes(tx.claim(NOW, 9)) == ["a amend"]
        assert [(row.state, row.why) for row in tx.outbox()] == [("parked", "gone"), ("sending", "")]

    store.transact(work).result()


def test_an_amend_replaces_the_one_of_its_lane_that_still_waits(store: Store) -> None:
    def work(tx: Tx) -> None:
        first = put(tx, "a", "amend", minutes=-3, priority=1, effect=b"old")
        other = put(tx, "b", "amend", effect=b"other")
        assert put(tx, "a", "amend", effect=b"new") == first
        rows = tx.claim(NOW, 9)
        assert [(row.id, row.effect, row.priority) for row in rows] == [(first, b"new", 0), (other, b"other", 0)]

    store.transact(work).result()


def test_an_amend_that_may_leave_earlier_makes_the_waiting_one_leave_earlier(store: Store) -> None:
    def work(tx: Tx) -> None:
        put(tx, "a", "amend", minutes=60)
        put(tx, "a", "amend", minutes=0)
        assert len(tx.claim(NOW, 9)) == 1

    store.transact(work).result()


def test_an_amend_that_has_failed_keeps_the_time_it_has_to_wait_when_it_is_replaced(store: Store) -> None:
    def work(tx: Tx) -> None:
        put(tx, "a", "amend")
        (row,) = tx.claim(NOW, 9)
        back(tx, row.id, due=LATER, attempts=3, why="try later")
        put(tx, "a", "amend", effect=b"new")
        assert tx.claim(NOW, 9) == []
        (row,) = tx.claim(LATER, 9)
        assert (row.effect, row.attempts, row.why) == (b"new", 3, "try later")

    store.transact(work).result()


def test_an_amend_that_comes_back_makes_way_for_a_newer_one_and_leaves_it_its_waiting_time(store: Store) -> None:
    def work(tx: Tx) -> None:
        put(tx, "a", "amend", effect=b"old")
        (row,) = tx.claim(NOW, 9)
        put(tx, "a", "amend", effect=b"new")
        back(tx, row.id, due=LATER, attempts=1, why="try later")
        assert tx.claim(NOW, 9) == []
        assert [(row.effect, row.attempts, row.due) for row in tx.outbox()] == [(b"new", 1, LATER)]
        assert len(tx.claim(LATER, 9)) == 1

    store.transact(work).result()


def test_an_amend_that_should_leave_later_still_does_when_an_older_one_comes_back(store: Store) -> None:
    def work(tx: Tx) -> None:
        put(tx, "a", "amend")
        (row,) = tx.claim(NOW, 9)
        put(tx, "a", "amend", minutes=60)
        back(tx, row.id, due=NOW)
        assert [row.due for row in tx.outbox()] == [NOW + timedelta(minutes=60)]

    store.transact(work).result()


def test_an_amend_does_not_replace_one_that_is_on_its_way(store: Store) -> None:
    """What is on its way may show the older state, so the newer one has to follow it."""

    def work(tx: Tx) -> None:
        put(tx, "a", "amend", effect=b"old")
        (row,) = tx.claim(NOW, 9)
        assert put(tx, "a", "amend", effect=b"new") != row.id
        tx.settle(row.id)
        assert [row.effect for row in tx.claim(NOW, 9)] == [b"new"]

    store.transact(work).result()


def test_the_waiting_amends_of_a_lane_can_be_taken_out(store: Store) -> None:
    def work(tx: Tx) -> None:
        put(tx, "a", "say")
        (say,) = tx.claim(NOW, 9)
        put(tx, "a", "amend", effect=b"newest")
        put(tx, "b", "amend")
        assert [row.effect for row in tx.drop_amends("a")] == [b"newest"]
        assert tx.drop_amends("a") == []
        assert lanes(tx.outbox()) == ["a say", "b amend"]
        tx.settle(say.id)
        assert lanes(tx.claim(NOW, 9)) == ["b amend"]

    store.transact(work).result()


def test_one_can_ask_whether_anything_of_a_lane_is_queued_whatever_its_state(store: Store) -> None:
    def work(tx: Tx) -> list[bool]:
        put(tx, "a")
        asked = [tx.queued("a"), tx.queued("b")]
        (row,) = tx.claim(NOW, 5)
        asked.append(tx.queued("a"))
        tx.put_back(row.id, state="parked", due=NOW, attempts=1, why="gone")
        asked.append(tx.queued("a"))
        tx.settle(row.id)
        return [*asked, tx.queued("a")]

    assert store.transact(work).result() == [True, False, True, True, False]


def test_settling_or_putting_back_what_is_not_there_does_nothing(store: Store) -> None:
    def work(tx: Tx) -> None:
        put(tx, "a")
        (row,) = tx.claim(NOW, 9)
        tx.settle(row.id)
        tx.settle(row.id)
        back(tx, row.id)
        assert tx.outbox() == []

    store.transact(work).result()


def test_the_number_of_a_message_is_never_given_to_another(opener: Opener) -> None:
    """Whoever settles late what was settled already must not remove somebody else's message."""
    store = opener()
    first = store.transact(lambda tx: put(tx, "a")).result()
    store.transact(lambda tx: tx.settle(first)).result()
    assert store.transact(lambda tx: put(tx, "b")).result() > first
    store.transact(lambda tx: tx.settle(first + 1)).result()
    store.close()
    assert opener().transact(lambda tx: put(tx, "c")).result() > first + 1


def test_what_was_on_its_way_when_the_process_ended_is_uncertain_afterwards(opener: Opener) -> None:
    store = opener()

    def work(tx: Tx) -> None:
        put(tx, "a")
        assert len(tx.claim(NOW, 9)) == 1
        put(tx, "a", "amend")
        put(tx, "b")

    store.transact(work).result()
    store.close()
    again = opener()
    assert [(row.lane, row.state) for row in again.read(lambda reads: reads.outbox())] == [
        ("a", "uncertain"),
        ("a", "waiting"),
        ("b", "waiting"),
    ]
    assert lanes(again.transact(lambda tx: tx.claim(NOW, 9)).result()) == ["b say"]


def test_one_hears_when_the_next_message_may_leave(store: Store) -> None:
    def next_send() -> datetime | None:
        return store.read(lambda reads: reads.next_send())

    assert next_send() is None
    store.transact(lambda tx: put(tx, "a", minutes=5, priority=1)).result()
    store.transact(lambda tx: put(tx, "b", minutes=7)).result()
    store.transact(lambda tx: put(tx, "a", "amend", minutes=-5)).result()
    assert next_send() == NOW + timedelta(minutes=5)
    store.transact(lambda tx: tx.claim(NOW + timedelta(minutes=5), 1)).result()
    assert next_send() == NOW + timedelta(minutes=7), "the amend waits for its say"
    store.transact(lambda tx: tx.claim(NOW + timedelta(minutes=9), 1)).result()
    assert next_send() is None


# ------------------------------------------------------------------------------------------ any order of events


class Model(Struct):
    """The rules of the queue, said the slow and plain way: look at everything, each time."""

    rows: dict[int, OutboxRow] = {}

    def of(self, lane: str, *states: str) -> list[OutboxRow]:
        return [row for row in self.rows.values() if row.lane == lane and row.state in states]

    def queue(self, id: int, new: OutboxRow) -> None:
        old = next((row for row in self.of(new.lane, "waiting") if row.kind == new.kind == "amend"), None)
        if old is not None:
            assert old.due is not None
            assert new.due is not None
            due = old.due if old.attempts else min(old.due, new.due)
            new = replace(new, priority=min(old.priority, new.priority), due=due, attempts=old.attempts, why=old.why)
            assert id == old.id
        self.rows[id] = replace(new, id=id)

    def ready(self) -> list[OutboxRow]:
        """The rows that may leave as soon as they are due, in the order in which they may."""
        found = []
        for lane in {row.lane for row in self.rows.values()}:
            waiting = sorted(self.of(lane, "waiting"), key=lambda row: (row.kind == "amend", row.id))
            if waiting and not self.of(lane, "sending", "uncertain"):
                found.append(waiting[0])
        return sorted(found, key=lambda row: (row.priority, row.due, row.id))

    def claim(self, now: datetime, limit: int) -> list[OutboxRow]:
        rows = [replace(row, state="sending") for row in self.ready() if row.due is not None and row.due <= now][:limit]
        self.rows.update({row.id: row for row in rows})
        return rows

    def put_back(self, id: int, state: str, due: datetime, attempts: int, why: str) -> None:
        row = self.rows.pop(id)
        waiting = [other for other in self.of(row.lane, "waiting") if other.kind == row.kind == "amend"]
        if state == "waiting" and waiting:
            newer = waiting[0]
            assert newer.due is not None
            self.rows[newer.id] = replace(newer, due=max(newer.due, due), attempts=attempts, why=why)
        else:
            self.rows[id] = replace(row, state=state, due=due, attempts=attempts, why=why)

    def drop_amends(self, lane: str) -> list[OutboxRow]:
        return [self.rows.pop(row.id) for row in self.of(lane, "waiting") if row.kind == "amend"]


LANE = st.sampled_from(["a", "b", "c"])
MINUTES = st.integers(0, 4).map(lambda minutes: NOW + timedelta(minutes=minutes))
STEP = st.one_of(
    st.tuples(st.just("queue"), LANE, st.sampled_from(["say", "amend"]), st.integers(0, 1), MINUTES),
    st.tuples(st.just("claim"), MINUTES, st.integers(0, 3)),
    st.tuples(st.just("settle"), st.integers(0, 9)),
    st.tuples(
        st.just("put_back"), st.integers(0, 9), st.sampled_from(["waiting", "uncertain", "parked"]), MINUTES, MINUTES
    ),
    st.tuples(st.just("drop_amends"), LANE),
)


class TakeBack(Exception):
    """So that each example begins with an empty queue."""


def play(tx: Tx, model: Model, number: int, step: tuple[Any, ...]) -> None:
    match step:
        case "queue", lane, kind, priority, due:
            effect = b"%d" % number
            new = OutboxRow(0, lane, "OFB-1", LIN, kind, effect, priority, "waiting", due)
            id = tx.queue(lane=lane, case="OFB-1", to=LIN, kind=kind, effect=effect, priority=priority, due=due)
            model.queue(id, new)
        case "claim", now, limit:
            assert tx.claim(now, limit) == model.claim(now, limit)
        case "settle", which if model.rows:
            id = sorted(model.rows)[which % len(model.rows)]
            tx.settle(id)
            del model.rows[id]
        case "put_back", which, state, due, _ if model.rows:
            id = sorted(model.rows)[which % len(model.rows)]
            tx.put_back(id, state=state, due=due, attempts=number, why=state)
            model.put_back(id, state, due, number, state)
        case "drop_amends", lane:
            assert tx.drop_amends(lane) == model.drop_amends(lane)


def check(reads: Reads, model: Model) -> None:
    assert reads.outbox() == [model.rows[id] for id in sorted(model.rows)]
    ready = [row.due for row in model.ready() if row.due is not None]
    assert reads.next_send() == min(ready, default=None)


@pytest.fixture(scope="module")
def one_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with SqliteStore(tmp_path_factory.mktemp("queue") / "a.db") as store:
        yield store


@settings(max_examples=100, deadline=None)
@given(st.lists(STEP, max_size=25))
def test_the_queue_keeps_its_rules_whatever_happens_in_whatever_order(
    one_store: Store, steps: list[tuple[Any, ...]]
) -> None:
    def work(tx: Tx) -> None:
        model = Model({})
        for number, step in enumerate(steps, start=1):
            play(tx, model, number, step)
            check(tx, model)
        raise TakeBack

    with pytest.raises(TakeBack):
        one_store.transact(work).result()
