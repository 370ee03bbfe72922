"""The record in words: people, steps, playbooks and rules by their names, and nothing takes the others with it."""

from __future__ import annotations

from bot.demo.given import Words
from bot.demo.pages import told
from bot.demo.record import Teller

BOOK = "tencent_cloud/root_account"
WORDS = Words({2: "Unbind WeChat"}, {}, {"a_way_in": "The company has a way in."}, {BOOK: "Root account"})
FACT = {"case": "OFB-1", "number": 7, "actor": "system", "at": "2026-11-23T01:00:00Z"}


def said(**fact: object) -> str:
    return told(Teller("en", "Asia/Shanghai", {}, WORDS), {**FACT, **fact})


def test_an_alarm_says_which_rule_is_no_longer_certain() -> None:
    alarm = said(kind="alarmed", step=2, invariant="a_way_in")
    assert alarm == "ALARM, by step 2 (Unbind WeChat). No longer certain: The company has a way in."
    assert said(kind="calmed", invariant="a_way_in") == "The alarm is over: The company has a way in."


def test_a_playbook_is_called_by_its_title() -> None:
    assert said(kind="continued", pins=[{"name": BOOK}]) == "It goes on with Root account"


def test_steps_that_are_not_needed_are_numbers_and_a_plan_is_counted() -> None:
    assert said(kind="returned", steps=[1, 2]).endswith("it is asked again")
    assert said(kind="planned", steps=[{"id": "a"}, {"id": "b"}, {"status": "not_needed"}]) == "The plan has 2 steps"


def test_a_fact_that_nobody_can_tell_is_named_by_its_kind() -> None:
    assert said(kind="of_tomorrow") == "of_tomorrow"
    assert said(kind="planned", steps=[1, 2]) == "planned"
