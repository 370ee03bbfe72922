"""After somebody has gone: the plan has the best route alone, and no order of steps locks the company out.

Ranked (conversations/tencent_cloud/recovery/playbook.yaml): the company's phone, the company's papers, the verified
person's help, what the company happens to know."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import chain, combinations
from pathlib import Path

import pytest

from bot.core.case import Answer, Grade
from bot.playbook.combinations import DO_NOT_KNOW, complete, distinct
from bot.playbook.explore import explore
from bot.playbook.load import parse, read_folder
from bot.playbook.model import Playbook
from bot.playbook.plan import elsewhere, in_play, next_question
from bot.playbook.tale import tell
from tests.playbook.wrong import change

CONTENT = Path(__file__).parents[2] / "conversations"
LEADS = ("account_id", "domain", "filing", "server_ip")
BY_LEAD = {f"by_{lead}" for lead in LEADS}
COMPANY = {"find_licence", "papers", "send_in", "review"}
ROUTES = {"by_phone", "by_person", *BY_LEAD, *COMPANY}
KNOWN = [*chain.from_iterable(combinations(LEADS, size) for size in range(len(LEADS) + 1))]


@cache
def book(name: str) -> Playbook:
    return parse(read_folder(CONTENT / "tencent_cloud" / name), f"tencent_cloud/{name}")


def planned(answers: Mapping[str, str | tuple[str, ...]]) -> frozenset[str]:
    """The steps of the recovery; what is not given is answered as its author offers first."""
    given = {id: Answer((said,) if isinstance(said, str) else said) for id, said in answers.items()}
    return in_play(book("recovery"), complete(book("recovery"), given))


@pytest.mark.parametrize("has", KNOWN)
@pytest.mark.parametrize("verified_as", ["company", "person"])
def test_with_the_phone_in_hand_no_other_route_is_planned(has: tuple[str, ...], verified_as: str) -> None:
    steps = planned({"has": has, "security_phone_is": "company", "verified_as": verified_as})
    assert steps & ROUTES == {"by_phone"}


@pytest.mark.parametrize("has", KNOWN)
@pytest.mark.parametrize("phone", ["person", "dead"])
def test_a_company_goes_by_its_papers_whatever_else_it_knows(has: tuple[str, ...], phone: str) -> None:
    asked: dict[str, str | tuple[str, ...]] = {"has": has, "security_phone_is": phone, "verified_as": "company"}
    assert planned({**asked, "face": "handler"}) & ROUTES == COMPANY
    assert planned({**asked, "face": "legal"}) & ROUTES == {"send_in", "review"}
    assert "find_licence" not in planned({**asked, "has": (*has, "licence"), "face": "handler"})


@pytest.mark.parametrize("has", KNOWN)
def test_a_person_who_helps_is_enough(has: tuple[str, ...]) -> None:
    steps = planned({"has": has, "security_phone_is": "dead", "verified_as": "person", "person_helps": "yes"})
    assert steps & ROUTES == {"by_person"}
    assert "ask_holder" not in steps


@pytest.mark.parametrize("has", KNOWN)
def test_where_nothing_better_is_possible_the_best_lead_is_taken_and_the_person_asked(has: tuple[str, ...]) -> None:
    steps = planned({"has": has, "security_phone_is": "person", "verified_as": "person", "person_helps": "no"})
    assert steps & ROUTES == {f"by_{lead}" for lead in has[:1]}
    assert {"ask_holder", "sign_in"} <= steps


def test_whatever_is_answered_there_is_something_to_do_and_it_ends_when_somebody_was_seen_to_sign_in() -> None:
    recovery = book("recovery")
    sign_in = recovery.step("sign_in")
    assert sign_in is not None
    assert sign_in.demands is Grade.WITNESSED
    for answers in distinct(recovery, [step.when for step in recovery.steps]):
        steps = in_play(recovery, answers)
        assert "sign_in" in steps
        assert steps & (ROUTES | {"ask_holder"}), answers


def test_who_does_not_know_anything_gets_the_quick_try_first_and_the_papers_after_it() -> None:
    recovery = book("recovery")
    answers = {question.id: DO_NOT_KNOW for question in recovery.questions}
    steps = [step.id for step in recovery.steps if step.id in in_play(recovery, answers)]
    assert steps[:2] == ["look_around", "by_phone"]
    assert steps.index("send_in") < steps.index("ask_holder")


@pytest.mark.parametrize("has", KNOWN)
def test_a_lead_is_asked_for_only_where_it_is_used(has: tuple[str, ...]) -> None:
    for person, wanted in (("no", has[:1]), ("yes", ())):
        answers = {"has": Answer(has), "account": DO_NOT_KNOW, "security_phone_is": Answer(("dead",))}
        answers |= {"verified_as": Answer(("person",)), "person_helps": Answer((person,))}
        question = next_question(book("recovery"), answers)
        asked = () if question is None else (question.id,)
        assert asked == tuple(lead for lead in wanted if lead != "account_id")


@pytest.mark.parametrize(
    ("situation", "seen", "to"),
    [
        ("recovery", "", "recovery"),
        ("cannot_sign_in", "", "cannot_sign_in"),
        ("security_check", "", "security_check"),
        ("unknown", "nothing", "recovery"),
        ("unknown", "refused", "cannot_sign_in"),
        ("unknown", "checked", "security_check"),
        ("unknown", "unknown", "recovery"),
    ],
)
def test_each_situation_has_its_playbook_and_not_knowing_leads_to_the_one_that_ends_in_all(
    situation: str, seen: str, to: str
) -> None:
    answers = {"situation": Answer((situation,))} | ({"seen": Answer((seen,))} if seen else {})
    assert next_question(book("rescue"), answers) is None
    assert elsewhere(book("rescue"), answers)[0] == f"tencent_cloud/{to}"


def test_no_order_of_a_changed_check_locks_the_company_out() -> None:
    report = explore(book("security_check"))
    assert report.ok, tell(book("security_check"), report)
    assert [proof.invariant for proof in report.proofs][:1] == ["way_in_stays"]


@pytest.mark.parametrize("step", ["unbind_wechat", "unbind_email", "unbind_qq"])
def test_nothing_is_unbound_before_the_companys_own_sign_in_was_seen(step: str) -> None:
    assert not explore(change(book("security_check"), step, needs=())).ok
    assert not explore(change(book("security_check"), "own_sign_in", demands=Grade.STATED)).ok
