"""Any card at all becomes a message that WeCom takes; what is cut on the card stands beside it."""

from __future__ import annotations

import json

from hypothesis import given, settings

from bot.core.case import PersonId
from bot.playbook.card import Card
from bot.playbook.text import flat, one_line
from bot.wecom.cards import WecomRenderer
from bot.wecom.look import look
from tests.fixtures.cards.hostile import UNSEEN, cards, names, words_card


@settings(derandomize=True, max_examples=30, deadline=None)
@given(cards, names)
def test_any_card_is_drawn_within_every_limit(card: Card, people: dict[PersonId, str]) -> None:
    renderer = WecomRenderer()
    title = one_line(flat(card.title, people, card.language))
    for drawn in (renderer.draw(card, people), renderer.redraw(card, people)):
        assert renderer.findings(drawn) == []
        written = json.dumps([drawn.payload, *drawn.beside], ensure_ascii=False)
        written.encode()
        assert not UNSEEN & set(written)
        assert look(drawn)
        if drawn.payload["msgtype"] == "template_card" and len(title) > 26:
            assert drawn.payload["template_card"]["main_title"]["title"].endswith("…")
            assert drawn.beside


def test_no_word_of_a_card_is_lost() -> None:
    for size in (1, 2, 5, 10):
        card, words = words_card(400, size)
        drawn = WecomRenderer().draw(card, {})
        written = json.dumps([drawn.payload, *drawn.beside])
        assert [word for word in words if word not in written] == []
