"""Each limit bites: a payload that breaks it is found, with where and by how much."""

from __future__ import annotations

from typing import Any

import pytest

from bot.ports import Drawn
from bot.slack.limits import findings


def text(length: int, kind: str = "plain_text") -> dict[str, Any]:
    return {"type": kind, "text": "x" * length} | ({"verbatim": True} if kind == "mrkdwn" else {})


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": "confirm", "text": text(4)} | more


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def section(words: dict[str, Any]) -> dict[str, Any]:
    return {"type": "section", "text": words}


def options(count: int, length: int = 3, value: int = 3) -> list[dict[str, Any]]:
    return [{"text": text(length), "value": f"{at}".rjust(value, "0")} for at in range(count)]


def select(kind: str, count: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "action_id": "answer:q", "options": options(count)} | more


CASES = [
    ({"type": "header", "text": text(151)}, "/blocks/0/text/text has 151 characters; at most 150 are taken."),
    (section(text(3_001, "mrkdwn")), "/blocks/0/text/text has 3,001 characters; at most 3,000 are taken."),
    (section(text(0, "mrkdwn")), "/blocks/0/text/text is empty; Slack wants at least 1 character."),
    (section({"type": "mrkdwn", "text": "x"}), "/blocks/0/text is not verbatim"),
    (section({"type": "mrkdwn", "text": "<!channel>", "verbatim": True}), "a token that is not ours: <!channel>"),
    ({"type": "section", "fields": [text(1)] * 11}, "/blocks/0/fields has 11 entries; at most 10 are taken."),
    ({"type": "section", "fields": [text(2_001)]}, "/blocks/0/fields/0/text has 2,001 characters"),
    ({"type": "context", "elements": [text(1)] * 11}, "/blocks/0/elements has 11 entries; at most 10 are taken."),
    ({"type": "context", "elements": []}, "/blocks/0/elements has 0 entries; Slack wants at least 1."),
    (actions(*[button(action_id=f"a{at}") for at in range(26)]), "/blocks/0/elements has 26 entries"),
    (actions(button(text=text(76))), "/blocks/0/elements/0/text/text has 76 characters; at most 75 are taken."),
    (actions(button(text=text(3, "mrkdwn"))), "/blocks/0/elements/0/text has to be plain_text."),
    (actions(button(value="v" * 2_001)), "/blocks/0/elements/0/value has 2,001 characters"),
    (actions(button(url="u" * 3_001)), "/blocks/0/elements/0/url has 3,001 characters"),
    (actions(button(action_id="a" * 256)), "/blocks/0/elements/0/action_id has 256 characters"),
    (actions(button(action_id="")), "/blocks/0/elements/0/action_id is empty."),
    (actions(button(accessibility_label="l" * 76)), "/accessibility_label has 76 characters; at most 75 are taken."),
    (actions(button(), button()), "/blocks has the id confirm 2 times; it has to be unique in the message."),
    (
        actions(button(style="primary"), button(action_id="b", style="primary")),
        "/blocks/0/elements/1 is one primary button too many",
    ),
    (actions(button(confirm={"title": text(101)})), "/confirm/title/text has 101 characters; at most 100 are taken."),
    (actions(button(confirm={"text": text(301)})), "/confirm/text/text has 301 characters; at most 300 are taken."),
    (actions(button(confirm={"deny": text(31)})), "/confirm/deny/text has 31 characters; at most 30 are taken."),
    (actions(select("overflow", 6)), "/blocks/0/elements/0/options has 6 entries; at most 5 are taken."),
    (actions(select("overflow", 0)), "/blocks/0/elements/0/options has 0 entries; Slack wants at least 1."),
    (actions(select("static_select", 101)), "/blocks/0/elements/0/options has 101 entries"),
    (actions(select("checkboxes", 11)), "/blocks/0/elements/0/options has 11 entries; at most 10 are taken."),
    (actions(select("static_select", 1, options=options(1, 76))), "/options/0/text/text has 76 characters"),
    (actions(select("static_select", 1, options=options(1, 3, 151))), "/options/0/value has 151 characters"),
    (actions(select("static_select", 1, placeholder=text(151))), "/placeholder/text has 151 characters"),
    (actions(button()) | {"block_id": "b" * 256}, "/blocks/0/block_id has 256 characters"),
]


@pytest.mark.parametrize(("block", "expected"), CASES)
def test_a_block_beyond_a_limit_is_found(block: dict[str, Any], expected: str) -> None:
    found = findings(Drawn({"text": "x", "blocks": [block]}))
    assert any(expected in finding for finding in found), found


def test_a_message_without_a_text_is_found() -> None:
    assert findings(Drawn({"text": " ", "blocks": []})) == [
        "/text is empty: notifications and screen readers would have nothing to say."
    ]


def test_a_text_that_no_update_would_take_is_found() -> None:
    assert findings(Drawn({"text": "x" * 4_001, "blocks": []})) == [
        "/text has 4,001 characters; at most 4,000 are taken."
    ]


def test_too_many_blocks_and_too_large_a_whole_are_found() -> None:
    blocks = [{"type": "section", "text": text(150, "mrkdwn")}] * 51
    found = findings(Drawn({"text": "x", "blocks": blocks}))
    assert found[0] == "/blocks has 51 blocks; at most 50 are taken."
    assert "characters of JSON; at most 10,000 are taken." in found[1]
