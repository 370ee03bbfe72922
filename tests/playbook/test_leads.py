"""Playbooks that lead to each other: what is refused between them, how they are read, drawn and proven."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from bot.core.case import Holder
from bot.playbook.explore import explore
from bot.playbook.graph import mermaid
from bot.playbook.leads import reached, together
from bot.playbook.lint import lint
from bot.playbook.load import PlaybookError, parse
from bot.playbook.model import Always, HoldingSpec, InvariantSpec, Is, LeadSpec, Playbook, Question, StepSpec
from tests.core.router import ALL, BLOCKED, LOST, ROUTER
from tests.playbook.mistakes import SMALL


def told(playbook: Playbook, *others: Playbook) -> list[str]:
    known = {one.name: one for one in (playbook, *others)}
    return [f"{one.at}: {one.what} {one.mend}" for one in together(playbook, known)]


def leads(name: str, *to: str, at: str = "end", **more: object) -> Playbook:
    steps = (StepSpec("do"),)
    return Playbook(name, steps, leads_to=tuple(LeadSpec(one, at=at) for one in to), **more)  # type: ignore[arg-type]


def test_playbooks_that_agree_have_no_problem() -> None:
    assert [told(one, *ALL.values()) for one in ALL.values()] == [[]] * len(ALL)


def test_a_playbook_that_there_is_not_is_named_with_the_nearest_one() -> None:
    assert told(leads("a", "lots"), LOST) == ["leads_to.1.playbook: There is no playbook `lots`. Did you mean `lost`?"]


def test_playbooks_may_not_stand_in_each_others_place_in_a_circle() -> None:
    a, b, c = (leads(one, to, at="answers") for one, to in ("ab", "bc", "ca"))
    assert told(a, b, c) == [
        "leads_to: These come instead of each other: `a` → `b` → `c` → `a`. "
        "Take one `at: answers` out, or write `at: end`."
    ]
    assert told(leads("z", "a", at="answers"), a, b, c) == [], "told where the circle is"


def test_at_the_end_playbooks_may_lead_in_a_circle_since_each_comes_once() -> None:
    assert told(leads("a", "b"), leads("b", "a")) == []


@pytest.mark.parametrize(
    ("theirs", "what"),
    [
        (Question("q", options=("x", "z")), "options"),
        (Question("q", kind="many", options=("x", "y")), "kind"),
        (Question("q", kind="text", private=True), "kind, options"),
    ],
)
def test_a_question_of_one_name_is_one_question(theirs: Question, what: str) -> None:
    mine = Question("q", options=("x", "y"))
    (said,) = told(leads("a", "b", questions=(mine,)), leads("b", questions=(theirs,)))
    assert said.startswith("questions.q: `q` is asked in b too, with another ")
    assert what.split(", ")[0] in said


def test_a_question_of_one_name_may_be_asked_at_another_time() -> None:
    mine, theirs = Question("q", options=("x", "y")), Question("q", options=("x", "y"), when=Is("r", ("x",)))
    assert told(leads("a", "b", questions=(mine,)), leads("b", questions=(theirs,))) == []


def test_holdings_and_invariants_belong_to_one_playbook() -> None:
    kept = InvariantSpec("safe", ("phone",), ("phone",), Holder.COMPANY, at_least=1)
    one = leads("a", "b", holdings=(HoldingSpec("phone"),), invariants=(kept,))
    other = leads("b", holdings=(HoldingSpec("phone"),), invariants=(kept,))
    assert [said.partition(":")[0] for said in told(one, other)] == ["holdings.phone", "invariants.safe"]


def test_two_that_are_only_led_to_are_compared_as_well() -> None:
    b, c = (leads(name, holdings=(HoldingSpec("phone"),)) for name in "bc")
    (said,) = told(leads("a", "b", "c"), b, c)
    assert said.startswith("leads_to: b, holdings.phone: `phone` stands in `holdings` of c too")


def test_what_can_meet_in_a_case_is_found_through_every_lead() -> None:
    assert [one.name for one in reached(ROUTER, ALL)] == ["router", "lost", "blocked", "card", "after"]


def test_without_the_other_playbooks_nothing_is_said_of_them() -> None:
    assert not any("no playbook" in one.what for one in lint(leads("a", "b")))
    assert any("no playbook" in one.what for one in lint(leads("a", "b"), known={}))


# ------------------------------------------------------------------ in files

LEADS = """
leads_to:
  - {playbook: other, when: {login: leaver}, at: answers}
  - playbook: third
    needs: bind
"""


def files(more: str = LEADS) -> dict[str, str]:
    return SMALL | {"playbook.yaml": SMALL["playbook.yaml"] + more}


def test_leads_are_read_from_yaml_with_at_end_by_default() -> None:
    assert parse(files(), "small").leads_to == (
        LeadSpec("other", Is("login", ("leaver",)), at="answers"),
        LeadSpec("third", Always(), needs=("bind",), at="end"),
    )


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ("leads_to:\n  - {at: end}\n", "An item of `leads_to` names no playbook."),
        ("leads_to:\n  - {playbook: b, at: last}\n", "`at` cannot be `last`."),
        ("leads_to:\n  - {playbook: b, wen: {login: leaver}}\n", "has no key `wen`."),
    ],
)
def test_a_lead_that_cannot_be_read_is_told_with_its_line(wrong: str, what: str) -> None:
    with pytest.raises(PlaybookError) as error:
        parse(files(wrong), "small")
    assert [problem.line > 0 and what in problem.what for problem in error.value.problems] == [True]


def test_a_playbook_without_steps_needs_leads() -> None:
    router = "name: router\nquestions:\n  - {id: q, options: [ja, nein]}\nleads_to:\n  - {playbook: b, at: answers}\n"
    words = "name: R\nquestions:\n  q: {ask: Q, why: W, options: {ja: Ja, nein: Nein}}\n"
    whole = {"playbook.yaml": router, "en/_playbook.yaml": words, "zh-CN/_playbook.yaml": words}
    assert parse(whole, "router").steps == ()
    with pytest.raises(PlaybookError) as error:
        parse(whole | {"playbook.yaml": router.partition("leads_to")[0]}, "router")
    assert [problem.what for problem in error.value.problems] == ["There are no steps."]


# ------------------------------------------------------------------ proof and picture


def test_a_router_is_proven_and_each_of_the_others_by_itself() -> None:
    assert explore(ROUTER).ok
    assert (explore(ROUTER).raw, explore(ROUTER).projected) == (4, 3), "two of the situations lead the same way"
    assert explore(LOST).ok
    assert explore(BLOCKED).ok


def test_the_picture_shows_where_a_playbook_leads() -> None:
    drawn = mermaid(LOST).splitlines()
    assert '  lead_1[["card"]]' in drawn
    assert '  at_plan(["plan"])' in drawn
    assert "  at_plan ==>|sometimes| lead_1" in drawn
    assert "  step_appeal ==> lead_2" in drawn
    assert "  at_answers ==>|sometimes| lead_2" in mermaid(ROUTER).splitlines()


def test_a_playbook_that_leads_nowhere_is_drawn_as_before() -> None:
    assert "lead_" not in mermaid(replace(LOST, leads_to=()))
