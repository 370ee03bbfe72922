"""Forms: what they ask, what they carry, what they bring."""

from __future__ import annotations

from typing import Any

import pytest

from bot.heard import Click, Wanted
from bot.playbook.copy import load
from bot.playbook.views.forms import form_card
from bot.rows import Message
from bot.slack import forms, inbound
from bot.slack.shapes import NotSlacks

Json = dict[str, Any]
CLICK = Click("send_back", "OFB-1@3@2@abcdefghijkl", message=Message("G1", "1.1"))


def wanted(asks: str, verb: str, language: str = "en") -> Wanted:
    copy = load(language)
    return Wanted(asks, CLICK, form_card(copy, asks, verb, "OFB-1"), copy("form.words") if asks == "waive" else "")


def opened(asks: str, verb: str, language: str = "en") -> Json:
    view = forms.view(wanted(asks, verb, language), "1.0", "slack:U1")
    assert view is not None
    return view


def sent(view: Json, values: Json) -> Json:
    return {
        "type": "view_submission",
        "user": {"id": "U1", "team_id": "T1"},
        "team": {"id": "T1"},
        "view": {"id": "V1", "hash": "1", **view, "state": {"values": values}},
    }


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize(
    ("asks", "verb", "elements"),
    [
        ("reason", "send_back", ["plain_text_input"]),
        ("date", "move", ["datepicker"]),
        ("person", "successor", ["users_select"]),
        ("person", "reassign", ["users_select"]),
        ("waive", "waive", ["static_select", "plain_text_input"]),
    ],
)
def test_a_form_asks_for_what_is_wanted_within_slacks_limits(
    asks: str, verb: str, elements: list[str], language: str
) -> None:
    view = opened(asks, verb, language)
    inputs = [block for block in view["blocks"] if block["type"] == "input"]
    assert [block["element"]["type"] for block in inputs] == elements
    assert len({block["block_id"] for block in inputs}) == len(inputs)
    for key in ("title", "submit", "close"):
        assert view[key]["type"] == "plain_text"
        assert 1 <= len(view[key]["text"]) <= 24
    assert len(view["private_metadata"]) <= 3_000
    assert [block.get("optional", False) for block in inputs] == [False, True][: len(inputs)]


@pytest.mark.parametrize(
    ("asks", "verb", "values", "chosen", "words"),
    [
        (
            "reason",
            "send_back",
            {"words": {"words": {"value": " Still the old number. "}}},
            (),
            "Still the old number.",
        ),
        ("date", "move", {"choice": {"choice": {"selected_date": "2026-12-11"}}}, ("2026-12-11",), ""),
        ("person", "successor", {"choice": {"choice": {"selected_user": "U2"}}}, ("slack:U2",), ""),
        (
            "waive",
            "waive",
            {"choice": {"choice": {"selected_option": {"value": "not_ours"}}}, "words": {"words": {"value": None}}},
            ("not_ours",),
            "",
        ),
    ],
)
def test_what_a_form_brings_completes_the_click_that_it_carried(
    asks: str, verb: str, values: Json, chosen: tuple[str, ...], words: str
) -> None:
    click, carried = forms.read(sent(opened(asks, verb), values))
    assert (click.verb, click.value, click.message) == (CLICK.verb, CLICK.value, CLICK.message)
    assert (click.chosen, click.words) == (chosen, words)
    assert (carried.asks, carried.thread, carried.by) == (asks, "1.0", "slack:U1")


@pytest.mark.parametrize("change", [{"callback_id": "other"}, {"private_metadata": "{"}, {"private_metadata": "[]"}])
def test_a_form_that_is_not_ours_is_none(change: Json) -> None:
    with pytest.raises(NotSlacks):
        forms.read(sent({**opened("reason", "send_back"), **change}, {}))


def test_what_cannot_be_carried_is_asked_as_a_message() -> None:
    long = Wanted("reason", Click("send_back", "x" * 3_000), wanted("reason", "send_back").card)
    assert forms.view(long, "", "slack:U1") is None


@pytest.mark.parametrize(("asks", "block"), [("reason", "words"), ("date", "choice"), ("person", "choice")])
def test_what_is_wrong_is_said_at_its_field(asks: str, block: str) -> None:
    carried = forms.Carried("move", "v", asks)
    assert forms.errors(carried, "That day has passed.") == {block: "That day has passed."}


@pytest.mark.parametrize(("user", "team"), [({"id": "U1"}, "T1"), ({"id": "U1", "team_id": "T2"}, "T2")])
def test_a_form_is_of_whoever_pressed_the_button(user: Json, team: str) -> None:
    body = {**sent(opened("reason", "send_back"), {}), "user": user}
    act = inbound.form(body, CLICK, "1.0", "slack:U1")
    assert (act.team, act.home, act.channel, act.thread) == (team, "T1", "G1", "1.0")


def test_nobody_else_sends_it() -> None:
    with pytest.raises(NotSlacks):
        inbound.form({**sent(opened("reason", "send_back"), {}), "user": {"id": "U2"}}, CLICK, "", "slack:U1")
