"""Each limit bites: a payload that breaks it is found, with where and by how much."""

from __future__ import annotations

from typing import Any

import pytest

from bot.ports import Drawn
from bot.wecom.limits import findings


def card(**changes: Any) -> Drawn:
    found: dict[str, Any] = {
        "card_type": "button_interaction",
        "source": {"desc": "x"},
        "main_title": {"title": "x"},
        "button_list": [{"text": "x", "key": "confirm@@"}],
        "task_id": "OFB-7@step@1@1",
    }
    return Drawn({"msgtype": "template_card", "template_card": found | changes})


def vote(**changes: Any) -> Drawn:
    found: dict[str, Any] = {
        "card_type": "vote_interaction",
        "main_title": {"title": "x"},
        "checkbox": {"question_key": "q", "mode": 1, "option_list": options(2)},
        "submit_button": {"text": "x", "key": "answer@q@"},
        "task_id": "a",
    }
    return Drawn({"msgtype": "template_card", "template_card": found | changes})


def options(count: int, text: str = "x", id: str = "") -> list[dict[str, Any]]:
    return [{"id": f"{id}{at}", "text": text, "is_checked": False} for at in range(count)]


def buttons(count: int, text: str = "x") -> list[dict[str, Any]]:
    return [{"text": text, "key": f"k{at}"} for at in range(count)]


def checkbox(entries: list[dict[str, Any]]) -> dict[str, Any]:
    return {"question_key": "q", "option_list": entries}


CASES = [
    (card(source={"desc": "字" * 14}), "/source/desc has 14 characters; at most 13 are taken."),
    (card(main_title={"title": "字" * 27}), "/main_title/title has 27 characters; at most 26 are taken."),
    (card(main_title={"title": "x", "desc": "字" * 31}), "/main_title/desc has 31 characters; at most 30 are taken."),
    (card(main_title={"title": " "}), "/template_card/main_title/title is empty."),
    (card(sub_title_text="字" * 113), "/sub_title_text has 113 characters; at most 112 are taken."),
    (card(horizontal_content_list=[{"keyname": "字", "value": "字"}] * 7), "has 7 entries; at most 6 are taken."),
    (card(horizontal_content_list=[{"keyname": "字" * 6, "value": "字"}]), "/0/keyname has 6 characters; at most 5"),
    (card(horizontal_content_list=[{"keyname": "字", "value": "字" * 27}]), "/0/value has 27 characters; at most 26"),
    (card(button_list=buttons(7)), "/button_list has 7 entries; at most 6 are taken."),
    (card(button_list=[]), "/button_list has 0 entries; WeCom wants at least 1."),
    (card(button_list=buttons(1, "字" * 11)), "/button_list/0/text has 11 characters; at most 10 are taken."),
    (card(button_list=[{"text": "x", "key": "k" * 1_025}]), "/button_list/0/key has 1,025 bytes; at most 1,024"),
    (card(button_list=[{"text": "x", "key": "k"}] * 2), "/template_card/button_list has the key k 2 times."),
    (card(task_id="a b"), "/template_card/task_id may hold letters, digits and _-@ only: a b"),
    (card(task_id="a" * 129), "/task_id has 129 bytes; at most 128 are taken."),
    (card(replace_text="字" * 11), "/replace_text has 11 characters; at most 10 are taken."),
    (card(checkbox=checkbox(options(1))), "/checkbox is nothing that a button_interaction shows."),
    (card(button_selection=checkbox(options(11))), "/option_list has 11 entries; at most 10 are taken."),
    (card(button_selection=checkbox(options(1, "字" * 11))), "/option_list/0/text has 11 characters; at most 10"),
    (vote(checkbox=checkbox(options(21))), "/checkbox/option_list has 21 entries; at most 20 are taken."),
    (vote(checkbox=checkbox(options(1, "字" * 12))), "/option_list/0/text has 12 characters; at most 11 are taken."),
    (vote(checkbox=checkbox(options(1, "x", "字" * 43))), "/option_list/0/id has 130 bytes; at most 128 are taken."),
    (vote(checkbox=checkbox(options(1) * 2)), "/template_card/option_list has the key 0 2 times."),
    (vote(sub_title_text="x"), "/template_card/sub_title_text is nothing that a vote_interaction shows."),
    (vote(submit_button={"text": "字" * 11, "key": "k"}), "/submit_button/text has 11 characters"),
    (card(card_type="text_notice"), "/template_card/card_action is missing; a text_notice has to have it."),
    (card(card_type="news_notice"), "/template_card/card_type is news_notice"),
]


@pytest.mark.parametrize(("drawn", "expected"), CASES)
def test_a_card_beyond_a_limit_is_found(drawn: Drawn, expected: str) -> None:
    found = findings(drawn)
    assert any(expected in finding for finding in found), found


def test_a_card_within_the_limits_is_not_blamed() -> None:
    assert findings(card()) == []
    assert findings(vote()) == []


def test_bytes_of_a_text_are_counted_as_utf_8() -> None:
    drawn = Drawn({"msgtype": "markdown", "markdown": {"content": "字" * 683}}, ("字" * 683, " ", "a<@all>"))
    assert findings(drawn) == [
        "/markdown/content has 2,049 bytes; at most 2,048 are taken.",
        "beside 1 has 2,049 bytes; at most 2,048 are taken.",
        "beside 2 is empty.",
        "beside 3 holds markup that is not ours: <@all>",
    ]


def test_more_texts_than_a_member_may_get_at_once_are_found() -> None:
    drawn = Drawn({"msgtype": "markdown", "markdown": {"content": "x"}}, ("x",) * 7)
    assert findings(drawn) == ["beside has 7 messages; at most 6 are taken."]
