"""The shipped playbook of the root account is proven; and each of its lines that the proof rests on is needed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bot.core.case import Grade
from bot.playbook.explore import explore
from bot.playbook.load import parse, read_folder
from bot.playbook.model import Always, Playbook
from bot.playbook.tale import tell
from tests.playbook.wrong import change

NAME = "tencent_cloud/root_account"

FOR_THE_PERSON = "no invariant rests on it; the order is for the person's sake: "
IDLE = "the step would be there without an object: it takes what is not the leaver's, and a way in was given before"
HARMLESS = {
    "move_protection does not need bind_successor": FOR_THE_PERSON + "it is moved to what the successor has bound",
    "replace_phone does not need bind_successor": "move_protection, where it is in the plan, needs bind_successor; "
    "where it is not, the phone protects nothing and is no way in",
    "unbind_registered does not need replace_phone": FOR_THE_PERSON + "this route wants a security phone",
    "disable_root_keys does not need bind_successor": FOR_THE_PERSON + "the successor has to be able to sign in",
    "end_sessions does not need bind_successor": FOR_THE_PERSON + "the successor has to be able to sign in again",
    "replace_security_email does not need bind_successor": FOR_THE_PERSON + "the identity check may come to them",
    "replace_security_email does not need move_protection": FOR_THE_PERSON + "an email checks nothing that is guarded",
    "replace_security_email is always in the plan": "it takes nothing and gives nothing",
    "change_real_name does not need bind_successor": FOR_THE_PERSON + "the successor has to be able to sign in",
    "change_real_name demands no more than a word": "nothing comes after it that an invariant counts",
    "change_real_name is always in the plan": "it takes nothing and gives nothing",
    "unbind_mfa does not need bind_successor": "move_protection, where it is in the plan, needs bind_successor; "
    "where it is not, the device protects nothing and is no way in",
    "unbind_mfa is always in the plan": IDLE,
    "unbind_mfa_wechat does not need bind_successor": FOR_THE_PERSON + "this WeChat signs nobody in",
    "unbind_mfa_wechat does not need move_protection": FOR_THE_PERSON + "the holding is the protection itself",
    "unbind_mfa_wechat is always in the plan": "it takes nothing and gives nothing",
    "contact_phone does not need bind_successor": FOR_THE_PERSON + "the successor has to be able to sign in",
    "contact_phone is always in the plan": "it takes nothing and gives nothing",
    "contact_email does not need bind_successor": FOR_THE_PERSON + "the successor has to be able to sign in",
    "contact_email is always in the plan": "it takes nothing and gives nothing",
    "contact_wechat does not need bind_successor": FOR_THE_PERSON + "the successor has to be able to sign in",
    "contact_wechat is always in the plan": "it takes nothing and gives nothing",
    "change_password does not need bind_successor": FOR_THE_PERSON + "the successor has to be able to sign in",
    "disable_root_keys demands no more than a word": "soak_first asks that it is done and has soaked",
    "delete_root_keys demands no more than a word": "nothing comes after it that an invariant counts",
    "move_protection is always in the plan": "it would give the company what the company has",
    "disable_root_keys is always in the plan": "it would disable what there is not",
    "replace_phone is always in the plan": IDLE,
    "unbind_registered is always in the plan": IDLE,
    "unbind_email is always in the plan": IDLE,
    "unbind_wecom is always in the plan": IDLE,
    "unbind_wechat is always in the plan": IDLE,
    "unbind_qq is always in the plan": IDLE,
    "unbind_official is always in the plan": IDLE,
}
"""What may be left out without an order that breaks anything, and why."""


@cache
def root_account() -> Playbook:
    return parse(read_folder(Path(__file__).parents[2] / "conversations" / NAME), NAME)


def mutants() -> Iterator[tuple[str, Playbook]]:
    """The playbook without each `need`, with each `demands` lowered, without each `when`."""
    playbook = root_account()
    for step in playbook.steps:
        for need in step.needs:
            rest = tuple(id for id in step.needs if id != need)
            yield f"{step.id} does not need {need}", change(playbook, step.id, needs=rest)
        if step.demands is not Grade.STATED:
            yield f"{step.id} demands no more than a word", change(playbook, step.id, demands=Grade.STATED)
        if step.when != Always():
            yield f"{step.id} is always in the plan", change(playbook, step.id, when=Always())


MUTANTS = dict(mutants())


def test_no_order_locks_the_company_out_and_every_plan_can_end() -> None:
    report = explore(root_account())
    assert report.ok, tell(root_account(), report)
    assert [proof.invariant for proof in report.proofs] == ["a_way_in", "protection_first", "soak_first"]


@pytest.mark.parametrize("name", [name for name in MUTANTS if name not in HARMLESS])
def test_what_the_proof_rests_on_cannot_be_left_out(name: str) -> None:
    assert not explore(MUTANTS[name]).ok, "nothing is broken: if that is right, say why in HARMLESS"


@pytest.mark.parametrize("name", HARMLESS)
def test_what_can_be_left_out_is_known_and_why(name: str) -> None:
    assert name in MUTANTS, "there is no such line any more"
    report = explore(MUTANTS[name])
    assert report.ok, tell(MUTANTS[name], report)
