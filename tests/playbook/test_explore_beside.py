"""The playbooks that come beside an account are proven; and each need that the proofs rest on is needed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.content import root
from bot.core.case import Answer
from bot.playbook.explore import explore
from bot.playbook.load import parse, read_folder
from bot.playbook.model import Playbook
from bot.playbook.plan import in_play
from bot.playbook.tale import tell
from tests.playbook.wrong import change

PROVEN = {
    "tencent_cloud/sub_account": {
        "owner_first",
        "owner_before_deleting",
        "keys_before_user",
        "alerts_first",
        "soak_first",
    },
    "tencent_cloud/elsewhere": {"server_way_first", "soak_first"},
}
HARMLESS = {
    "delete_keys does not need find_owner": "disable_keys and stop_now need it, and come before",
}
"""What may be left out without an order that breaks anything, and why."""


def playbook(name: str) -> Playbook:
    return parse(read_folder(root(None) / name), name)


def mutants() -> Iterator[tuple[str, Playbook]]:
    """The playbooks without each `need`."""
    for whole in map(playbook, PROVEN):
        for step in whole.steps:
            for need in step.needs:
                rest = tuple(id for id in step.needs if id != need)
                yield f"{step.id} does not need {need}", change(whole, step.id, needs=rest)


MUTANTS = dict(mutants())


@pytest.mark.parametrize("name", PROVEN)
def test_no_order_breaks_anything_and_every_plan_can_end(name: str) -> None:
    report = explore(playbook(name))
    assert report.ok, tell(playbook(name), report)
    assert {proof.invariant for proof in report.proofs} == PROVEN[name]


@pytest.mark.parametrize("name", MUTANTS)
def test_a_need_cannot_be_left_out_unless_it_is_known_why(name: str) -> None:
    assert explore(MUTANTS[name]).ok == (name in HARMLESS)


def in_use(pace: str) -> dict[str, Answer]:
    return {
        "pace": Answer((pace,)),
        "access": Answer(("sub_user",)),
        "access_keys": Answer(("in_use",)),
        "alerts": Answer(("none",)),
    }


def test_where_there_is_time_a_key_in_use_finds_an_owner_before_it_is_disabled() -> None:
    steps = in_play(playbook("tencent_cloud/sub_account"), in_use("days"))
    assert {"name_programs", "find_owner", "disable_keys", "console_off"} <= steps
    assert not {"stop_now", "tend_programs"} & steps


def test_where_it_has_to_be_today_all_that_can_be_reversed_comes_first_and_the_leaver_does_nothing() -> None:
    whole = playbook("tencent_cloud/sub_account")
    steps = in_play(whole, in_use("today"))
    assert {"stop_now", "tend_programs"} <= steps
    assert not {"name_programs", "find_owner", "disable_keys", "console_off"} & steps
    stop = whole.step("stop_now")
    assert stop is not None
    assert not {*stop.needs, *stop.after} & steps
