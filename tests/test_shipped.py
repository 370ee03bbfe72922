"""The playbooks that ship stand beside each other."""

from __future__ import annotations

from itertools import combinations

import pytest
from msgspec.structs import replace

from bot.content import names, root
from bot.core.case import Answer
from bot.playbook.folder import read_folder
from bot.playbook.load import parse
from bot.playbook.model import Playbook
from bot.playbook.plan import build, targets

TENCENT = [name for name in names(None, None) if name.startswith("tencent_cloud/")]
BESIDE = ("tencent_cloud/sub_account", "tencent_cloud/elsewhere")
"""What may come beside any other playbook of Tencent Cloud."""


def playbook(name: str) -> Playbook:
    return parse(read_folder(root(None) / name), name)


def test_every_folder_with_a_playbook_is_found() -> None:
    assert {"tencent_cloud/root_account", "tencent_cloud/sub_account", "tencent_cloud/elsewhere"} <= set(TENCENT)


@pytest.mark.parametrize(("one", "other"), [pair for pair in combinations(TENCENT, 2) if {*pair} & {*BESIDE}])
def test_a_sub_account_and_the_sweep_can_stand_in_one_case_with_any_other(one: str, other: str) -> None:
    left, right = playbook(one), playbook(other)
    for question in left.questions:
        twin = right.question(question.id)
        assert twin is None or replace(twin, when=question.when, asked=question.asked) == question, (
            f"{question.id} is asked in two ways"
        )
    for things in ("holdings", "invariants"):
        both = {thing.id for thing in getattr(left, things)} & {thing.id for thing in getattr(right, things)}
        assert both == set(), f"{things} of one name in both"


def test_the_account_is_asked_once_for_the_root_account_and_its_sub_accounts() -> None:
    books = [playbook("tencent_cloud/root_account"), playbook("tencent_cloud/sub_account")]
    answers = {"account": Answer(("100012345678", "100087654321"))}
    assert [targets(book, answers) for book in books] == [("100012345678", "100087654321")] * 2
    assert {step.target for step in build(books, answers).steps} == {"100012345678", "100087654321"}
