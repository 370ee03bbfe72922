"""What a typed answer of each kind looks like: what is read of it, and what is taken."""

from __future__ import annotations

import pytest

from bot.core.answering import Pending, typed
from bot.core.case import Answer, Asking, Sealed
from bot.playbook.copy import load
from bot.playbook.model import QUESTION_KINDS, Question
from bot.playbook.pinned import TYPED, accepts
from bot.playbook.views.replies import hint_of

GOOD = {
    "filing": (
        "粤ICP备12345678号-1",
        "京ICP备12345678号",
        "粤ICP备 12345678 号－12",
        "沪icp备2021012345号-3",
        "京ICP证030173号",
    ),
    "user_name": ("ops-admin", "zhang.san@example.com", "a", "ROOT_2", "x" * 64),
    "name": ("张三", "Acme (Shenzhen) Ltd.", "  林   薇 ", "腾讯计算机系统有限公司", "O'Brien", "x" * 80),
}
BAD = {
    "filing": (
        "12345678",
        "粤ICP备号-1",
        "粤ICP备12345678",
        "ICP备12345678号",
        "粤B2-20090059",
        "粤ICP备12345678号-12345",
        "x",
    ),
    "user_name": ("张三", "x" * 65, "a/b", "ops:admin", ""),
    "name": ("张", "12345", "x" * 81, "a\u200bb", "", "--"),
}


def read(kind: str, said: str) -> tuple[str, ...]:
    return typed(said, Pending("OFB-1", "q", kind)) or ()


@pytest.mark.parametrize(("kind", "said"), [(kind, said) for kind, all_ in GOOD.items() for said in all_])
def test_what_is_of_its_kind_is_taken(kind: str, said: str) -> None:
    values = read(kind, said)
    assert values
    assert all(map(TYPED[kind], values)), values
    assert accepts(Asking("q", "demo:mei", kind=kind), Answer(values))


@pytest.mark.parametrize(("kind", "said"), [(kind, said) for kind, all_ in BAD.items() for said in all_])
def test_what_is_not_of_its_kind_is_not(kind: str, said: str) -> None:
    values = read(kind, said)
    assert not values or not all(map(TYPED[kind], values))
    assert not accepts(Asking("q", "demo:mei", kind=kind), Answer(values))


def test_a_filing_is_kept_in_one_form() -> None:
    assert read("filing", " 粤icp备 12345678 号－1，京ICP备87654321号 ") == ("粤ICP备12345678号-1", "京ICP备87654321号")


def test_several_user_names_are_divided_by_commas_or_blanks() -> None:
    assert read("user_name", "ops, dev、test root") == ("ops", "dev", "test", "root")


@pytest.mark.parametrize("kind", sorted(TYPED))
def test_a_private_answer_is_taken_only_sealed(kind: str) -> None:
    asking = Asking("q", "demo:mei", kind=kind, private=True)
    assert accepts(asking, Answer(sealed=Sealed("box")))
    assert not accepts(asking, Answer(GOOD.get(kind, ("x",))[:1]))


def test_every_typed_kind_says_how_it_is_answered_in_both_languages() -> None:
    for kind in QUESTION_KINDS:
        assert kind in ("choice", "many", "text") or kind in TYPED
        for language in ("en", "zh-CN"):
            assert load(language)(f"question.{hint_of(kind)}")
    assert hint_of("text") == "typed_text"
    assert hint_of("filing") == "typed_filing"
    assert Question("q").kind == "choice"
