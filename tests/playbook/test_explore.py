"""The lockout proof: it catches every playbook that is wrong on purpose, and agrees with a plain search everywhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.core.case import Grade, Holder, Plan
from bot.playbook.combinations import complete
from bot.playbook.explore import TooLarge, explore
from bot.playbook.model import (
    AllOf,
    Always,
    AnyOf,
    Condition,
    HoldingSpec,
    InvariantSpec,
    Is,
    Not,
    Playbook,
    Question,
    StepSpec,
)
from bot.playbook.order import DONE, OPENED, Move
from bot.playbook.plan import build
from bot.playbook.tale import tell
from tests.playbook.plain_search import Search, all_answers, search
from tests.playbook.wrong import A_WAY_IN, OLD, WITNESSED_WAY_IN, Planted, answers, change, lockouts, recoveries, waits

PLANTED = [
    pytest.param(plant, id=name)
    for module in (lockouts, answers, waits, recoveries)
    for name, plant in vars(module).items()
    if getattr(plant, "__annotations__", {}).get("return") == "Planted"
]


@pytest.mark.parametrize("plant", PLANTED)
def test_a_wrong_playbook_is_caught_with_the_shortest_story(plant: Callable[[], Planted]) -> None:
    wrong = plant().playbook
    report = explore(wrong)
    assert not report.ok
    assert tuple(tell(wrong, report)[1:]) == plant().lines


@pytest.mark.parametrize("plant", PLANTED)
def test_with_one_line_mended_it_is_proven(plant: Callable[[], Planted]) -> None:
    mended = plant().mended
    report = explore(mended)
    assert report.ok, tell(mended, report)


def test_there_are_enough_wrong_playbooks() -> None:
    assert len(PLANTED) == 29


# What is handed back.


def test_a_counter_example_is_a_value() -> None:
    found = explore(lockouts.taken_on_the_owners_word().playbook).counterexamples
    assert [(one.answers, one.moves, one.breach.invariant) for one in found] == [
        ({}, (Move(OPENED, "bind"), Move(DONE, "bind"), Move(OPENED, "unbind")), "a_way_in")
    ]


def test_the_report_counts_what_was_gone_through() -> None:
    report = explore(answers.i_do_not_know_brings_both_in().mended)
    assert (report.raw, report.projected) == (3, 3)
    assert [(proof.invariant, proof.combinations, proof.plans) for proof in report.proofs] == [("a_way_in", 3, 3)]
    assert report.plans == 3
    assert report.states == sum(proof.moments for proof in report.proofs) > 0


def test_a_proven_playbook_is_told_in_two_lines() -> None:
    mended = lockouts.last_method_taken().mended
    assert tell(mended, explore(mended)) == [
        "last_method_taken: 1 ways to answer, 1 of them different to this playbook; 1 plans and 2 moments looked at.",
        "No order breaks a_way_in, and every plan can end.",
    ]


def test_it_is_said_which_invariants_are_proven() -> None:
    mended = lockouts.two_invariants_two_stories().mended
    assert tell(mended, explore(mended))[1] == "No order breaks a_way_in or protection_first, and every plan can end."


def test_a_playbook_without_holdings_only_has_to_end() -> None:
    plain = Playbook("plain", (StepSpec("tell"), StepSpec("sign", needs=("tell",))))
    assert tell(plain, explore(plain))[1:] == ["Every plan can end."]


def test_one_target_stands_for_all() -> None:
    mended = lockouts.last_method_taken().mended
    asks = Playbook("p", mended.steps, (Question("account", kind="account_id", targets=True),), mended.holdings)
    assert explore(asks).ok


def test_an_undo_alone_breaks_nothing() -> None:
    """What rests on a step has to be closed when it is undone, so nothing has happened for which it was wanted."""
    mended = lockouts.last_method_taken().mended
    assert explore(change(mended, "bind", approvals=0)).ok


def test_a_waiver_satisfies_no_need() -> None:
    mended = lockouts.last_method_taken().mended
    assert explore(replace(mended, steps=(*mended.steps, StepSpec("tell", after=("bind",))))).ok


def test_a_step_that_recovers_holds_nothing_up() -> None:
    mended = recoveries.a_recovery_that_gives_nothing().mended
    assert explore(change(mended, "unbind", needs=("again", "bind"))).ok


def test_of_all_answers_those_with_the_shortest_story_are_told() -> None:
    """`long` comes first in the file, and takes three moves; `short` takes one, and so does `other`."""
    wrong = Playbook(
        "p",
        (
            StepSpec("bind", gives=("new",), when=Is("how", ("long",))),
            StepSpec("unbind", takes=("old",), needs=("bind",)),
        ),
        (Question("how", options=("long", "short", "other")),),
        (OLD, HoldingSpec("new", leaver_when=Is("how", ("other",)), group="login")),
        (WITNESSED_WAY_IN,),
    )
    (found,) = explore(wrong).counterexamples
    assert (found.answers["how"].values, found.moves) == (("short",), (Move(OPENED, "unbind"),))


def test_where_things_must_leave_the_leaver_each_step_that_recovers_them_has_to_move_one() -> None:
    mended = lockouts.protection_removed_before_it_is_repointed().mended
    both = replace(mended.invariants[0], of=("protection", "phone"))
    again = StepSpec("again", recovers="protection_first", gives=("protection",))
    nod = StepSpec("nod", recovers="protection_first")
    report = explore(replace(mended, invariants=(both,), steps=(*mended.steps, again, nod)))
    assert [one.step for one in report.idle_recoveries] == ["nod"]


def test_a_second_recovery_that_gives_nothing_is_idle_beside_one_that_does() -> None:
    mended = recoveries.a_recovery_that_gives_nothing().mended
    nod = StepSpec("nod", recovers="a_way_in", demands=Grade.WITNESSED)
    report = explore(replace(mended, steps=(*mended.steps, nod)))
    assert [one.step for one in report.idle_recoveries] == ["nod"]


def test_the_same_playbook_always_gets_the_same_report() -> None:
    wrong = lockouts.two_invariants_two_stories().playbook
    assert explore(wrong) == explore(wrong)


# What is too large.


def many_to_bind(steps: int) -> Playbook:
    """Half of the steps give, in any order, and the other half take, each when its own one is there."""
    pairs = range(steps // 2)
    return Playbook(
        "many",
        (
            *(StepSpec(f"bind_{n}", gives=(f"new_{n}",)) for n in pairs),
            *(StepSpec(f"unbind_{n}", takes=(f"old_{n}",), needs=(f"bind_{n}",)) for n in pairs),
        ),
        holdings=(
            *(HoldingSpec(f"new_{n}", group="login") for n in pairs),
            *(HoldingSpec(f"old_{n}", otherwise=Holder.LEAVER, group="login") for n in pairs),
        ),
        invariants=(A_WAY_IN,),
    )


def test_twenty_steps_in_any_order_are_proven() -> None:
    """4 ** 10 ways to stand with everything opened that can be; the takers' being done makes no difference."""
    report = explore(many_to_bind(20))
    assert report.ok
    assert report.states == 2**10


def test_what_is_too_large_is_not_passed_over() -> None:
    with pytest.raises(TooLarge, match="too large to prove"):
        explore(many_to_bind(20), most=1000)


def test_too_many_answers_are_not_passed_over() -> None:
    questions = tuple(Question(f"q{n}", kind="many", options=tuple("abcdef")) for n in range(4))
    steps = tuple(
        StepSpec(f"s{n}{option}", takes=("old",), when=Is(f"q{n}", (option,))) for n in range(4) for option in "abcdef"
    )
    with pytest.raises(TooLarge, match="17850625 sets of answers"):
        explore(Playbook("p", steps, questions, (OLD,), (A_WAY_IN,)))


# Against the plain search.

THINGS = ("a", "b", "c")
CONDITIONS: tuple[Condition, ...] = (
    Always(),
    Always(),
    Is("how", ("x",)),
    Is("who", ("p",)),
    Not(Is("who", ("q",))),
    AllOf((Is("how", ("y",)), Is("who", ("p", "q")))),
    AnyOf((Is("how", ("x",)), Is("who", ("p",)))),
)
FIRST_CONDITIONS = [condition for condition in CONDITIONS if "who" not in condition.questions()]
conditions = st.sampled_from(CONDITIONS)
things = st.lists(st.sampled_from(THINGS), max_size=2, unique=True).map(tuple)
words = st.lists(st.sampled_from((*THINGS, "group")), min_size=1, max_size=2, unique=True).map(tuple)
nothing = st.just(())


@st.composite
def steps(draw: st.DrawFn, number: int, of: int) -> StepSpec:
    before = range(number) if draw(st.integers(0, 9)) else range(of)
    links = st.lists(st.sampled_from([f"s{n}" for n in before]), max_size=2, unique=True).map(tuple)
    gives, takes = draw(st.sampled_from([(things, nothing), (nothing, things), (things, things), (nothing, nothing)]))
    return StepSpec(
        f"s{number}",
        when=draw(conditions),
        needs=draw(links) if before else (),
        after=draw(links) if before and draw(st.booleans()) else (),
        gives=draw(gives),
        takes=draw(takes),
        disables=draw(things) if draw(st.integers(0, 4)) == 0 else (),
        destroys=draw(things) if draw(st.integers(0, 4)) == 0 else (),
        demands=draw(st.sampled_from([*[Grade.STATED, Grade.WITNESSED] * 3, Grade.VERIFIED])),
        approvals=draw(st.integers(0, 1)),
        soak_hours=draw(st.sampled_from([0, 24])),
    )


@st.composite
def invariants(draw: st.DrawFn, name: str) -> InvariantSpec:
    least, most = draw(st.sampled_from([(1, -1), (1, -1), (2, -1), (0, 0), (0, 1), (1, 1)]))
    return InvariantSpec(
        name,
        guards=draw(words),
        of=draw(words),
        held_by=draw(st.sampled_from([Holder.COMPANY, Holder.COMPANY, Holder.LEAVER, Holder.NOBODY])),
        at_least=least,
        at_most=most,
        grade=draw(st.sampled_from([Grade.STATED, Grade.WITNESSED])),
    )


@st.composite
def playbooks(draw: st.DrawFn) -> Playbook:
    of = draw(st.integers(2, 5))
    holding = st.builds(
        HoldingSpec,
        st.just(""),
        leaver_when=st.none() | conditions,
        otherwise=st.sampled_from(Holder),
        group=st.sampled_from(["group", ""]),
    )
    made = [draw(steps(number, of)) for number in range(of)]
    return Playbook(
        "p",
        steps=tuple(draw(st.permutations(made))),
        questions=(
            Question("how", options=("x", "y")),
            Question("who", kind="many", options=("p", "q"), when=draw(st.sampled_from(FIRST_CONDITIONS))),
        ),
        holdings=tuple(replace(draw(holding), id=id) for id in THINGS),
        invariants=tuple(draw(invariants(name)) for name in ("i", "j")[: draw(st.integers(1, 2))]),
    )


def agree(playbook: Playbook) -> None:
    """The same invariants can be broken, by stories that nothing shortens, and the same plans are lost."""
    report = explore(playbook)
    plain: dict[Plan, Search] = {}
    for given_answers in all_answers(playbook):
        plan = build([playbook], given_answers)
        if plan not in plain:
            plain[plan] = search(plan)
    broken = {invariant for one in plain.values() for invariant in one.broken}
    assert sorted(one.breach.invariant for one in report.counterexamples) == sorted(broken)
    assert bool(report.dead_ends) == any(one.lost for one in plain.values())
    for found in report.counterexamples:
        plan = build([playbook], complete(playbook, found.answers))
        assert len(found.moves) == plain[plan].broken[found.breach.invariant]


@settings(max_examples=50, deadline=None)
@given(playbooks())
def test_the_proof_agrees_with_a_plain_search_through_every_move(playbook: Playbook) -> None:
    agree(playbook)


@pytest.mark.slow
@settings(max_examples=800, deadline=None)
@given(playbooks())
def test_the_proof_agrees_with_a_plain_search_through_every_move_at_length(playbook: Playbook) -> None:
    agree(playbook)
