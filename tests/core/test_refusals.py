"""A refusal is told every time and stored now and then: the 1st, 10th, 100th time that a person meets it."""

from __future__ import annotations

from typing import cast

from bot.core import events as e
from bot.core import facts as f
from bot.core.decide import decide
from bot.core.effects import Tell
from bot.core.fold import fold_all
from bot.ports import Tx
from bot.runtime import codec
from bot.runtime.keeping import keep, record
from bot.runtime.tools import Tools
from tests.core.player import LIN, SUN, Player
from tests.runtime.memory_store import MemoryStore

UNUSED = cast(Tools, None)
"""A refusal needs nothing of the company's tools."""


def meets(store: MemoryStore, player: Player, person: str, what: e.What, times: int) -> list[Tell]:
    """This person tries this so often; what they are told."""

    def work(tx: Tx) -> list[Tell]:
        row = tx.case("OFB-1")
        assert row is not None
        case = codec.case(row.state)
        event = e.Event(player.at, player.actor(person), what, player.roster, player.workdays)
        return keep(tx, decide(case, event, player.playbooks), player.at, UNUSED)

    return [tell for _ in range(times) for tell in store.transact(work).result()]


def stored(store: MemoryStore) -> list[f.Fact]:
    return [codec.fact(row.data) for row in store.read(lambda reads: reads.facts("OFB-1"))]


def opened(player: Player) -> MemoryStore:
    store = MemoryStore()

    def work(tx: Tx) -> None:
        assert tx.new_ref() == "OFB-1"
        record(tx, player.now, tuple(player.log))

    store.transact(work).result()
    return store


def test_of_120_refusals_three_are_stored_with_how_often_it_happened_and_each_is_answered() -> None:
    player = Player.running()
    store = opened(player)
    told = meets(store, player, LIN, e.Approve(1, looked=True), 120)
    assert len(told) == 120
    assert {(tell.to, tell.view.code) for tell in told} == {(LIN, "own_case")}
    refused = [fact for fact in stored(store) if isinstance(fact, f.Refused)]
    assert [(fact.by, fact.code, fact.verb, fact.step, fact.times) for fact in refused] == [
        (LIN, "own_case", "approve", 1, times) for times in (1, 10, 100)
    ]


def test_each_person_verb_step_and_reason_is_counted_by_itself() -> None:
    player = Player.running()
    store = opened(player)
    for person, what in ((LIN, e.Approve(1)), (SUN, e.Approve(1)), (LIN, e.Approve(2)), (LIN, e.SendBack(1))):
        meets(store, player, person, what, 3)
    refused = [fact for fact in stored(store) if isinstance(fact, f.Refused)]
    assert [(fact.by, fact.verb, fact.step, fact.times) for fact in refused] == [
        (LIN, "approve", 1, 1),
        (SUN, "approve", 1, 1),
        (LIN, "approve", 2, 1),
        (LIN, "send_back", 1, 1),
    ]


def test_after_refusals_the_log_still_folds_to_the_row_and_the_case_stands_as_it_stood() -> None:
    player = Player.running()
    store = opened(player)
    meets(store, player, LIN, e.Approve(1, looked=True), 12)
    row = store.read(lambda reads: reads.case("OFB-1"))
    assert row is not None
    case = codec.case(row.state)
    assert fold_all(stored(store)) == case
    assert (case.count, row.count) == (player.now.count + 2, player.now.count + 2)
    assert case.steps == player.now.steps
