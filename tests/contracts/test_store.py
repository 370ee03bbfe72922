"""What any store must do, said through the port alone. A later store is added to `OPENERS` and must pass all of it.

The sending of messages is in test_store_queue.py.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, wait
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn

import pytest

from bot.errors import BadValue, StoreClosed
from bot.ports import Reads, Store, Tx
from bot.rows import FactRow, PersonRow, PostRow, Timer
from bot.store.chain import verify_chain
from tests.contracts.stores import LIN, MEI, NOW, OPENERS, Opener, fact, held, new_case, opener, shared, store, together

__all__ = ["opener", "shared", "store"]  # fixtures

SURROGATE = "half a smile \ud83d"
TOO_BIG = 2**63
NAN: Any = float("nan")


def refs(reads: Reads) -> list[str]:
    return [row.ref for row in reads.cases()]


# ------------------------------------------------------------------------------------------ works and futures


def test_a_work_that_was_answered_can_be_read(store: Store) -> None:
    assert store.transact(new_case).result() == "OFB-1"
    assert store.read(refs) == ["OFB-1"]


@pytest.mark.parametrize(
    "error", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError, CancelledError]
)
def test_a_work_that_raises_keeps_nothing_and_its_waiter_gets_the_error(
    store: Store, error: type[BaseException]
) -> None:
    def work(tx: Tx) -> NoReturn:
        new_case(tx)
        raise error("no")

    with pytest.raises(error):
        store.transact(work).result()
    assert store.read(refs) == []
    assert store.transact(new_case).result() == "OFB-1"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_work_that_raises_harms_none_of_those_it_shares_a_commit_with(
    store: Store, error: type[BaseException]
) -> None:
    def work(tx: Tx) -> NoReturn:
        new_case(tx)
        tx.put_key("OFB-1", b"key")
        raise error("no")

    first, failed, last = together(store, new_case, work, new_case)

    assert (first.result(), last.result()) == ("OFB-1", "OFB-2")
    assert isinstance(failed.exception(), error)
    assert store.read(refs) == ["OFB-1", "OFB-2"]
    assert store.read(lambda reads: reads.key("OFB-1")) is None
    assert store.read(verify_chain) == []


def test_works_that_share_a_commit_see_what_those_before_them_wrote(store: Store) -> None:
    _, seen = together(store, new_case, refs)
    assert seen.result() == ["OFB-1"]


def test_more_works_than_fit_into_one_commit_are_all_done_in_order(store: Store) -> None:
    done = together(store, *[new_case] * 300)
    assert [future.result() for future in done] == [f"OFB-{n}" for n in range(1, 301)]
    assert store.read(verify_chain) == []


def test_a_stop_iteration_reaches_the_waiter_as_an_error_that_a_coroutine_can_take(store: Store) -> None:
    """Set as it is on an asyncio future it would leave whoever awaits it waiting for ever."""
    with pytest.raises(RuntimeError, match="StopIteration"):
        store.transact(lambda tx: next(iter(()))).result()


def test_a_waiter_that_gave_up_before_its_work_began_is_passed_over(store: Store) -> None:
    with held(store) as release:
        futures = [store.transact(new_case) for _ in range(3)]
        assert futures[1].cancel()
        release()
    assert [futures[0].result(), futures[2].result()] == ["OFB-1", "OFB-2"]
    assert futures[1].cancelled()
    assert store.read(refs) == ["OFB-1", "OFB-2"]


def test_a_batch_of_which_every_waiter_gave_up_harms_nothing(store: Store) -> None:
    with held(store) as release:
        futures = [store.transact(new_case) for _ in range(3)]
        assert all(future.cancel() for future in futures)
        release()
    assert store.transact(new_case).result() == "OFB-1"


def test_a_work_that_has_begun_can_not_be_given_up(store: Store) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(tx: Tx) -> str:
        begun.set()
        assert go_on.wait(10)
        return new_case(tx)

    future = store.transact(work)
    assert begun.wait(10)
    assert not future.cancel()
    go_on.set()
    assert future.result() == "OFB-1"


def test_what_a_waiter_hangs_on_its_future_cannot_end_the_store(store: Store) -> None:
    def bad(future: Future[str]) -> NoReturn:
        raise SystemExit("no")

    with held(store) as release:
        futures = [store.transact(new_case) for _ in range(3)]
        futures[0].add_done_callback(bad)
        release()
    assert [future.result() for future in futures] == ["OFB-1", "OFB-2", "OFB-3"]


def test_a_future_that_somebody_else_resolved_cannot_end_the_store(store: Store) -> None:
    with held(store) as release:
        stolen = store.transact(new_case)
        stolen.set_result("mine")
        after = store.transact(new_case)
        release()
    assert after.result() in ("OFB-1", "OFB-2")


def test_two_threads_submit_at_once_and_nothing_is_lost_or_doubled(store: Store) -> None:
    got: list[str] = []

    def submit() -> None:
        futures = [store.transact(new_case) for _ in range(100)]
        got.extend(future.result() for future in futures)

    threads = [threading.Thread(target=submit) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got, key=lambda ref: int(ref[4:])) == [f"OFB-{n}" for n in range(1, 201)]
    assert store.read(refs) == [f"OFB-{n}" for n in range(1, 201)]


# ------------------------------------------------------------------------------------------ closing


def test_a_closed_store_says_so_to_works_and_questions(store: Store) -> None:
    store.close()
    with pytest.raises(StoreClosed):
        store.transact(new_case).result()
    with pytest.raises(StoreClosed):
        store.read(refs)
    store.close()


def test_works_that_wait_when_a_store_is_closed_are_done_first(opener: Opener) -> None:
    store = opener()
    with held(store) as release:
        futures = [store.transact(new_case) for _ in range(100)]
        closing = threading.Thread(target=store.close)
        closing.start()
        release()
        closing.join()
    assert [future.result() for future in futures] == [f"OFB-{n}" for n in range(1, 101)]
    assert opener().read(refs) == [f"OFB-{n}" for n in range(1, 101)]


def test_a_work_cannot_close_the_store_it_runs_in(store: Store) -> None:
    with pytest.raises(Exception, match="cannot close"):
        store.transact(lambda tx: store.close()).result()
    assert store.transact(new_case).result() == "OFB-1"
    assert store.read(refs) == ["OFB-1"]


def test_what_was_answered_is_there_when_the_store_is_opened_again(opener: Opener) -> None:
    store = opener()
    store.transact(new_case).result()
    store.close()
    again = opener()
    assert again.read(refs) == ["OFB-1"]
    assert again.transact(new_case).result() == "OFB-2"


# ------------------------------------------------------------------------------------------ reading


def test_a_question_sees_only_what_is_committed(store: Store) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(tx: Tx) -> None:
        new_case(tx)
        begun.set()
        assert go_on.wait(10)

    future = store.transact(work)
    assert begun.wait(10)
    assert store.read(refs) == []
    go_on.set()
    future.result()
    assert store.read(refs) == ["OFB-1"]


def test_a_question_does_not_see_the_record_change_under_it(store: Store) -> None:
    def question(reads: Reads) -> tuple[list[str], list[str]]:
        before = refs(reads)
        store.transact(new_case).result()
        return before, refs(reads)

    assert store.read(question) == ([], [])


def test_a_question_that_raises_harms_no_later_one(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        store.read(lambda reads: 1 // 0)
    assert store.read(refs) == []


def test_questions_may_be_asked_by_many_threads_at_once(store: Store) -> None:
    store.transact(new_case).result()
    barrier = threading.Barrier(8)
    seen: list[list[str]] = []

    def question(reads: Reads) -> list[str]:
        barrier.wait(10)
        return refs(reads)

    threads = [threading.Thread(target=lambda: seen.append(store.read(question))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [["OFB-1"]] * 8


# ------------------------------------------------------------------------------------------ poison


def queue(tx: Tx, **changed: Any) -> int:
    row = {"lane": "x", "case": "OFB-1", "to": LIN, "kind": "say", "effect": b"", "priority": 0, "due": NOW}
    return tx.queue(**{**row, **changed})


POISON: dict[str, Callable[[Tx], object]] = {
    "a key that is half a character": lambda tx: tx.hear(SURROGATE, NOW),
    "an actor that is half a character": lambda tx: tx.record("OFB-2", [fact(actor=SURROGATE)], b"{}", "asking", []),
    "a person that is half a character": lambda tx: tx.record("OFB-2", [fact()], b"{}", "asking", [SURROGATE]),
    "a status that is half a character": lambda tx: tx.record("OFB-1", [fact()], b"{}", SURROGATE, []),
    "a case that is half a character": lambda tx: tx.record(SURROGATE, [fact()], b"{}", "asking", []),
    "a third fact that cannot be kept": lambda tx: tx.record(
        "OFB-1", [fact(), fact(), fact(step=TOO_BIG)], b"{}", "asking", []
    ),
    "a step past 2^63": lambda tx: tx.wake(Timer("OFB-1", "remind", TOO_BIG, 0, NOW)),
    "a step that is no number": lambda tx: tx.wake(Timer("OFB-1", "remind", NAN, 0, NOW)),
    "a revision that is no number": lambda tx: tx.wake(Timer("OFB-1", "remind", 1, NAN, NOW)),
    "a timer without a zone": lambda tx: tx.wake(Timer("OFB-1", "remind", 1, 0, datetime(2026, 1, 1))),  # noqa: DTZ001
    "a lane that is half a character": lambda tx: queue(tx, lane=SURROGATE),
    "a priority that is no number": lambda tx: queue(tx, priority=NAN),
    "a priority that there is not": lambda tx: queue(tx, priority=7),
    "a message without a zone": lambda tx: queue(tx, due=datetime(2026, 1, 1)),  # noqa: DTZ001
    "a time past all time": lambda tx: queue(tx, due=datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-8)))),
    "attempts past 2^63": lambda tx: tx.put_back(queue(tx), state="waiting", due=NOW, attempts=TOO_BIG, why=""),
    "a state that there is not": lambda tx: tx.put_back(queue(tx), state="lost", due=NOW, attempts=1, why=""),
    "a name that is half a character": lambda tx: tx.put_person(PersonRow(LIN, name=SURROGATE)),
    "a revision past 2^63": lambda tx: tx.put_post(PostRow("x", "OFB-1", LIN, "p", "m", revision=TOO_BIG)),
    "a value that is no value": lambda tx: tx.put_desk(LIN, object()),  # type: ignore[arg-type]
    "a limit past 2^63": lambda tx: tx.claim(NOW, TOO_BIG),
    "a look-up with half a character": lambda tx: tx.person(SURROGATE),
}


@pytest.fixture(scope="module", params=OPENERS)
def steady(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Iterator[Store]:
    """One store with one case for all of these: nothing of what they do may change it."""
    store = OPENERS[request.param](tmp_path_factory.mktemp("steady"), shared)()
    store.transact(new_case).result()
    yield store
    store.close()


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON)
def test_a_value_that_cannot_be_kept_is_refused_and_nothing_of_its_work_stays(
    steady: Store, poison: Callable[[Tx], object]
) -> None:
    before = steady.read(everything)

    def work(tx: Tx) -> None:
        tx.put_person(PersonRow(MEI, name="kept?"))
        poison(tx)

    with pytest.raises(BadValue):
        steady.transact(work).result()
    first, refused, last = together(steady, lambda tx: tx.refused("a", NOW), work, lambda tx: tx.refused("a", NOW))
    assert last.result() == first.result() + 1
    assert isinstance(refused.exception(), BadValue)
    assert steady.read(everything) == before
    assert steady.read(verify_chain) == []


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON)
def test_a_work_that_goes_on_after_a_verb_failed_fails_all_the_same(
    steady: Store, poison: Callable[[Tx], object]
) -> None:
    """Or half of what the verb does would be kept: two facts of three, and a head that knows of none."""
    before = steady.read(everything)

    def work(tx: Tx) -> str:
        with suppress(BadValue):
            poison(tx)
        tx.put_person(PersonRow(MEI, name="kept?"))
        return "all is well"

    for future in (steady.transact(work), *together(steady, work, work)):
        with pytest.raises(BadValue):
            future.result()
    assert steady.read(everything) == before


def everything(reads: Reads) -> list[object]:
    facts = [row for case in reads.cases() for row in reads.facts(case.ref)]
    return [reads.cases(), facts, reads.people(), reads.outbox(), reads.due(NOW + timedelta(days=999), 99)]


@pytest.mark.parametrize(
    "text", ["", "\0", "a\0b", "a\0c", "密码", "👩‍👩‍👧", "\u202e", "'; DROP TABLE facts; --", "x" * 70_000]
)
def test_any_other_text_is_kept_as_it_is(store: Store, text: str) -> None:
    def work(tx: Tx) -> None:
        assert tx.hear(text, NOW)
        assert not tx.hear(text, NOW)
        tx.put_person(PersonRow(f"demo:{text}", name=text))

    store.transact(work).result()
    found = store.read(lambda reads: reads.person(f"demo:{text}"))
    assert found is not None
    assert found.name == text


# ------------------------------------------------------------------------------------------ hearing, refusing


def test_a_key_is_heard_once_also_after_the_store_was_opened_again(opener: Opener) -> None:
    store = opener()
    assert store.transact(lambda tx: tx.hear("slack/1", NOW)).result()
    assert not store.transact(lambda tx: tx.hear("slack/1", NOW)).result()
    store.close()
    assert not opener().transact(lambda tx: tx.hear("slack/1", NOW)).result()


def test_one_of_many_deliveries_of_the_same_click_counts(store: Store) -> None:
    heard = together(store, *[lambda tx: tx.hear("slack/1", NOW)] * 20)
    assert [future.result() for future in heard] == [True] + [False] * 19


def test_a_key_whose_work_failed_was_not_heard(store: Store) -> None:
    """The platform delivers again, and then it must count."""

    def work(tx: Tx) -> None:
        tx.hear("slack/1", NOW)
        raise ValueError

    assert store.transact(work).exception() is not None
    assert store.transact(lambda tx: tx.hear("slack/1", NOW)).result()


def test_old_keys_are_forgotten_and_younger_ones_are_not(store: Store) -> None:
    def work(tx: Tx) -> int:
        for hours in range(5):
            tx.hear(f"slack/{hours}", NOW + timedelta(hours=hours))
        return tx.forget_heard(NOW + timedelta(hours=2))

    assert store.transact(work).result() == 2
    assert (
        store.transact(lambda tx: [tx.hear(f"slack/{n}", NOW) for n in range(5)]).result() == [True] * 2 + [False] * 3
    )


def test_refusals_are_counted_for_each_key(store: Store) -> None:
    def work(tx: Tx) -> list[int]:
        return [tx.refused(key, NOW) for key in ("a", "a", "b", "a")]

    assert store.transact(work).result() == [1, 2, 1, 3]
    assert store.transact(work).result() == [4, 5, 2, 6]


# ------------------------------------------------------------------------------------------ cases and facts


def test_a_case_is_read_as_it_was_recorded(store: Store) -> None:
    def work(tx: Tx) -> str:
        ref = tx.new_ref()
        return tx.record(ref, [fact(b"one"), fact(b"two")], b"\x00state", "asking", [LIN])

    head = store.transact(work).result()
    row = store.read(lambda reads: reads.case("OFB-1"))
    assert row is not None
    assert (row.ref, row.state, row.head, row.count, row.status) == ("OFB-1", b"\x00state", head, 2, "asking")
    assert store.read(lambda reads: reads.case("OFB-2")) is None


def test_each_fact_is_tied_to_the_one_before_it(store: Store) -> None:
    store.transact(lambda tx: tx.record(tx.new_ref(), [fact(b"one"), fact(b"two")], b"", "asking", [])).result()
    head = store.transact(lambda tx: tx.record("OFB-1", [fact(b"three")], b"", "asking", [])).result()

    hash = "0" * 64
    stored = store.read(lambda reads: reads.facts("OFB-1"))
    for number, data in enumerate((b"one", b"two", b"three"), start=1):
        was, hash = hash, sha256(f"{hash}\nOFB-1\n{number}\n".encode() + data).hexdigest()
        found = stored[number - 1]
        assert (found.case, found.number, found.data, found.previous, found.hash) == ("OFB-1", number, data, was, hash)
    assert head == hash
    assert store.read(lambda reads: reads.facts("OFB-1", after=2)) == stored[2:]


def test_a_fact_keeps_what_the_history_shows_of_it(store: Store) -> None:
    row = FactRow(b"{}", "confirmed", LIN, "2026-11-24T01:00:00Z", 3)
    store.transact(lambda tx: tx.record(tx.new_ref(), [row], b"", "asking", [])).result()
    found = store.read(lambda reads: reads.facts("OFB-1"))[0]
    assert (found.kind, found.actor, found.at, found.step) == ("confirmed", LIN, "2026-11-24T01:00:00Z", 3)


def test_a_number_goes_back_when_its_work_fails_or_records_no_case(store: Store) -> None:
    def fails(tx: Tx) -> NoReturn:
        new_case(tx)
        new_case(tx)
        raise ValueError

    def changes_its_mind(tx: Tx) -> tuple[str, str]:
        return tx.new_ref(), tx.new_ref()

    first, _, unused, last = together(store, new_case, fails, changes_its_mind, new_case)
    assert (first.result(), unused.result(), last.result()) == ("OFB-1", ("OFB-2", "OFB-3"), "OFB-2")
    assert store.read(lambda reads: reads.numbered()) == 2
    assert store.read(verify_chain) == []


def test_two_cases_in_one_work_have_two_numbers(store: Store) -> None:
    def work(tx: Tx) -> list[str]:
        numbers = [tx.new_ref(), tx.new_ref()]
        for ref in numbers:
            tx.record(ref, [fact()], b"", "asking", [])
        return [*numbers, new_case(tx)]

    assert store.transact(work).result() == ["OFB-1", "OFB-2", "OFB-3"]


@pytest.mark.parametrize("ref", ["OFB-2", "OFB-0", "OFB-01", "OFB--1", "ofb-1", "OFB-", "", "X", "OFB-\uff11"])
def test_a_case_under_any_number_but_the_next_is_refused(store: Store, ref: str) -> None:
    with pytest.raises(BadValue, match="numbers have no gaps"):
        store.transact(lambda tx: tx.record(ref, [fact()], b"", "asking", [])).result()
    assert store.read(refs) == []


def test_cases_are_listed_by_number_and_closed_ones_can_be_left_out(store: Store) -> None:
    def work(tx: Tx) -> None:
        for _ in range(11):
            new_case(tx)
        tx.record("OFB-2", [fact()], b"", "closed", [LIN])
        tx.record("OFB-3", [fact()], b"", "closed", [LIN])
        tx.record("OFB-3", [fact()], b"", "running", [LIN])

    store.transact(work).result()
    assert store.read(refs) == [f"OFB-{n}" for n in range(1, 12)]
    still_open = [f"OFB-{n}" for n in range(1, 12) if n != 2]
    assert store.read(lambda reads: [row.ref for row in reads.cases(open_only=True)]) == still_open


def test_a_person_finds_the_cases_they_are_in_and_no_others(store: Store) -> None:
    def work(tx: Tx) -> None:
        tx.record(tx.new_ref(), [fact()], b"", "asking", [LIN])
        tx.record(tx.new_ref(), [fact()], b"", "running", [LIN, MEI])
        tx.record(tx.new_ref(), [fact()], b"", "closed", [LIN, MEI, MEI])
        tx.record(tx.new_ref(), [fact()], b"", "asking", [])

    def of(person: str, open_only: bool = False) -> list[str]:
        return store.read(lambda reads: [row.ref for row in reads.cases(person=person, open_only=open_only)])

    store.transact(work).result()
    assert of(LIN) == ["OFB-1", "OFB-2", "OFB-3"]
    assert of(MEI) == ["OFB-2", "OFB-3"]
    assert of(MEI, open_only=True) == ["OFB-2"]
    assert of("slack:nobody") == []

    store.transact(lambda tx: tx.record("OFB-2", [fact()], b"", "running", ["slack:WEI", LIN])).result()
    assert (of(LIN), of(MEI), of("slack:WEI")) == (["OFB-1", "OFB-2", "OFB-3"], ["OFB-3"], ["OFB-2"])


def test_wecom_ids_are_the_same_whatever_their_case_and_slack_ids_are_not(store: Store) -> None:
    def work(tx: Tx) -> None:
        tx.record(tx.new_ref(), [fact()], b"", "asking", ["wecom:LiMei", "slack:U1"])
        tx.record("OFB-1", [fact()], b"", "asking", ["wecom:limei", "slack:U1"])
        tx.record("OFB-1", [fact()], b"", "asking", ["wecom:LIMEI", "slack:U1"])
        tx.put_person(PersonRow("wecom:LiMei", name="Li Mei"))
        tx.put_person(PersonRow("slack:U1", name="Lin"))
        tx.put_desk("wecom:LiMei", b"desk")
        tx.put_desk("slack:U1", b"desk")

    def known(person: str) -> tuple[int, bool, bool]:
        return store.read(
            lambda r: (len(r.cases(person=person)), r.person(person) is not None, r.desk(person) == b"desk")
        )

    store.transact(work).result()
    assert known("wecom:LIMEI") == known("wecom:limei") == known("slack:U1") == (1, True, True)
    assert known("slack:u1") == (0, False, False)
    store.transact(lambda tx: tx.record("OFB-1", [fact()], b"", "asking", ["slack:U1"])).result()
    assert known("wecom:LIMEI") == (0, True, True)


def test_a_long_history_of_many_cases_holds(store: Store) -> None:
    works = [lambda tx, n=n: tx.record(f"OFB-{n % 7 + 1}", [fact(b"%d" % n)] * 3, b"", "x", []) for n in range(70)]
    store.transact(lambda tx: [new_case(tx) for _ in range(7)]).result()
    wait(together(store, *works))
    assert store.read(verify_chain) == []
    assert store.read(lambda reads: [(ref, count) for ref, _, count in reads.heads()]) == [
        (f"OFB-{n}", 31) for n in range(1, 8)
    ]


# ------------------------------------------------------------------------------------------ what is kept whole


def test_what_was_pinned_under_a_hash_never_changes(store: Store) -> None:
    def work(tx: Tx) -> None:
        for data in (b"first", b"second"):
            tx.put_playbook("h", data)
            tx.put_text("h", data + b" text")

    store.transact(work).result()
    assert store.read(lambda reads: (reads.playbook("h"), reads.text("h"))) == (b"first", b"first text")
    assert store.read(lambda reads: (reads.playbook("?"), reads.text("?"))) == (None, None)


def test_a_note_is_kept_under_its_name_and_replaced(store: Store) -> None:
    store.transact(lambda tx: tx.put_note("sent", b"one")).result()
    store.transact(lambda tx: tx.put_note("sent", b"another")).result()
    assert store.read(lambda reads: (reads.note("sent"), reads.note("Sent"))) == (b"another", None)


def test_people_and_desks_are_replaced(store: Store) -> None:
    person = PersonRow(LIN, "Lin", "zh-CN", "Asia/Shanghai", "guest", MEI, NOW)

    def work(tx: Tx) -> None:
        tx.put_person(PersonRow(LIN, "Somebody"))
        tx.put_person(person)
        tx.put_person(PersonRow(MEI))
        tx.put_desk(LIN, b"one")
        tx.put_desk(LIN, b"another")

    store.transact(work).result()
    assert store.read(lambda reads: reads.people()) == [person, PersonRow(MEI)]
    assert store.read(lambda reads: (reads.desk(LIN), reads.desk(MEI))) == (b"another", None)


def test_when_somebody_was_seen_may_be_unknown_and_needs_a_zone(store: Store) -> None:
    with pytest.raises(BadValue):
        store.transact(lambda tx: tx.put_person(PersonRow(LIN, seen_at=datetime(2026, 11, 24)))).result()  # noqa: DTZ001
    store.transact(lambda tx: tx.put_person(PersonRow(LIN, seen_at=NOW))).result()
    store.transact(lambda tx: tx.put_person(PersonRow(LIN))).result()
    assert store.read(lambda reads: reads.person(LIN)) == PersonRow(LIN)


def test_a_refusal_that_is_forgotten_is_the_first_again(store: Store) -> None:
    def work(tx: Tx) -> list[int]:
        counts = [tx.refused("a", NOW), tx.refused("a", NOW), tx.refused("b", NOW)]
        tx.forget_refused("a")
        tx.forget_refused("nothing")
        return [*counts, tx.refused("a", NOW), tx.refused("b", NOW)]

    assert store.transact(work).result() == [1, 2, 1, 1, 2]


def test_the_key_of_a_case_is_gone_once_it_is_dropped_and_the_chain_stays_whole(store: Store) -> None:
    def work(tx: Tx) -> None:
        new_case(tx)
        tx.put_key("OFB-1", b"old")
        tx.put_key("OFB-1", b"wrapped")

    store.transact(work).result()
    assert store.read(lambda reads: reads.key("OFB-1")) == b"wrapped"
    store.transact(lambda tx: tx.drop_key("OFB-1")).result()
    store.transact(lambda tx: tx.drop_key("OFB-1")).result()
    assert store.read(lambda reads: reads.key("OFB-1")) is None
    assert store.read(verify_chain) == []


def test_a_post_is_found_by_its_lane_its_place_and_its_case(store: Store) -> None:
    one = PostRow("OFB-1/case/0/admins", "OFB-1", "admins", "C1", "1.0", 0, 2, "hash", b"effect")
    later = NOW + timedelta(hours=1)
    two = PostRow("OFB-1/step-1/0/x", "OFB-1", LIN, "D1", "2.0", 1, 0, "", b"", 3, NOW, 1, later, 4)
    other = PostRow("OFB-10/case/0/admins", "OFB-10", "admins", "C1", "3.0")

    def work(tx: Tx) -> None:
        tx.put_post(PostRow(one.lane, "OFB-1", "admins", "C0", "0.0"))
        for post in (one, two, other):
            tx.put_post(post)

    store.transact(work).result()
    assert store.read(lambda reads: reads.post(one.lane)) == one
    assert store.read(lambda reads: reads.post("?")) is None
    assert store.read(lambda reads: reads.post_at("C1", "1.0")) == one
    assert store.read(lambda reads: reads.post_at("C0", "0.0")) is None
    assert store.read(lambda reads: reads.posts("OFB-1")) == [one, two]


# ------------------------------------------------------------------------------------------ timers


def test_timers_that_are_due_come_earliest_first_and_no_more_than_asked_for(store: Store) -> None:
    def work(tx: Tx) -> None:
        for n in (3, 1, 2, 0, 9):
            tx.wake(Timer("OFB-1", "remind", n, 7, NOW + timedelta(minutes=n)))

    store.transact(work).result()
    found = store.read(lambda reads: reads.due(NOW + timedelta(minutes=3), 3))
    assert found == [Timer("OFB-1", "remind", n, 7, NOW + timedelta(minutes=n)) for n in (0, 1, 2)]
    assert len(store.read(lambda reads: reads.due(NOW + timedelta(minutes=3), 99))) == 4
    assert store.read(lambda reads: reads.due(NOW - timedelta(microseconds=1), 99)) == []
    assert store.read(lambda reads: reads.next_due()) == NOW


def test_a_timer_replaces_the_one_of_the_same_case_about_and_step(store: Store) -> None:
    def work(tx: Tx) -> None:
        tx.wake(Timer("OFB-1", "remind", 1, 1, NOW))
        tx.wake(Timer("OFB-1", "remind", 1, 2, NOW + timedelta(hours=1)))
        tx.wake(Timer("OFB-1", "soak", 1, 1, NOW + timedelta(hours=2)))
        tx.wake(Timer("OFB-2", "remind", 1, 1, NOW + timedelta(hours=3)))
        tx.wake(Timer("desk/demo:lin", "desk", 0, 0, NOW + timedelta(hours=4)))

    store.transact(work).result()
    found = store.read(lambda reads: reads.due(NOW + timedelta(days=1), 99))
    assert [(t.case, t.about, t.step, t.revision) for t in found] == [
        ("OFB-1", "remind", 1, 2),
        ("OFB-1", "soak", 1, 1),
        ("OFB-2", "remind", 1, 1),
        ("desk/demo:lin", "desk", 0, 0),
    ]


def test_a_timer_that_was_taken_back_does_not_come(store: Store) -> None:
    def work(tx: Tx) -> None:
        tx.wake(Timer("OFB-1", "remind", 1, 1, NOW))
        tx.unwake("OFB-1", "remind", 1)
        tx.unwake("OFB-1", "remind", 2)

    store.transact(work).result()
    assert store.read(lambda reads: (reads.next_due(), reads.due(NOW, 99))) == (None, [])


def test_a_time_in_another_zone_is_the_same_moment(store: Store) -> None:
    shanghai = timezone(timedelta(hours=8))
    at = datetime(2026, 11, 24, 9, 0, 0, 1, tzinfo=shanghai)
    store.transact(lambda tx: tx.wake(Timer("OFB-1", "remind", 1, 1, at))).result()
    found = store.read(lambda reads: reads.next_due())
    assert found == at
    assert found is not None
    assert found.tzinfo is UTC
    assert store.read(lambda reads: len(reads.due(at, 9))) == 1
    assert store.read(lambda reads: len(reads.due(at - timedelta(microseconds=1), 9))) == 0
