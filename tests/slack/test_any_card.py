"""Any card at all becomes a message that Slack takes, in which nothing is alive but what we put there."""

from __future__ import annotations

import json
import re

from hypothesis import given, settings
from slack_sdk.models.blocks import Block

from bot.core.case import PersonId
from bot.playbook.card import Card
from bot.ports import Drawn
from bot.slack.blocks import SlackRenderer
from bot.slack.look import look
from tests.fixtures.cards.hostile import OUR_LINK, UNSEEN, cards, names, words_card

OURS = {"<@U07LINWEI01>", "<@W0ORG1>"}
LINK = f"<{OUR_LINK.replace('&', '&amp;')}|控制台>"


def mrkdwn(drawn: Drawn) -> str:
    """Everything that Slack reads for tokens."""
    found = [str(drawn.payload["text"])]

    def collect(node: object) -> None:
        if isinstance(node, dict):
            if node.get("type") == "mrkdwn":
                found.append(str(node["text"]))
            for value in node.values():
                collect(value)
        elif isinstance(node, list):
            for value in node:
                collect(value)

    collect(drawn.payload["blocks"])
    return "\n".join(found)


@settings(derandomize=True, max_examples=40, deadline=None)
@given(cards, names)
def test_any_card_is_drawn_within_every_limit(card: Card, people: dict[PersonId, str]) -> None:
    drawn = SlackRenderer().draw(card, people)
    assert SlackRenderer().findings(drawn) == []
    for block in drawn.payload["blocks"]:
        parsed = Block.parse(block)
        assert parsed is not None
        parsed.validate_json()
    tokens = set(re.findall(r"<[^>]*>", mrkdwn(drawn)))
    assert tokens <= OURS | {LINK}
    written = json.dumps(drawn.payload, ensure_ascii=False)
    written.encode()
    assert not UNSEEN & set(written)
    assert look(drawn)


@settings(derandomize=True, max_examples=8, deadline=None)
@given(cards, names)
def test_the_same_card_is_drawn_the_same(card: Card, people: dict[PersonId, str]) -> None:
    assert SlackRenderer().draw(card, people) == SlackRenderer().draw(card, people)


def test_no_word_of_a_card_is_lost() -> None:
    for size in (1, 2, 5, 10):
        card, words = words_card(400, size)
        written = json.dumps(SlackRenderer().draw(card, {}).payload)
        assert [word for word in words if word not in written] == []
