"""Any card at all becomes a message that WeCom takes; what is cut on the card stands beside it."""

from __future__ import annotations

import json
from collections import Counter

from hypothesis import given, settings

from bot.content import names as names_of
from bot.content import root
from bot.core.case import PersonId
from bot.playbook.card import Card
from bot.playbook.load import read as load
from bot.playbook.load import read_folder
from bot.playbook.sample import NAMES, samples
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


def shipped_cards() -> list[tuple[str, str, Card]]:
    """Every question, step and approval of every playbook, in both languages."""
    found = []
    for name in names_of(None, None):
        playbook = load(read_folder(root(None) / name), name).playbook
        assert set(playbook.words) == {"en", "zh-CN"}
        found += [
            (f"{name}: {what}", language, card)
            for language in playbook.words
            for what, card in samples(playbook, language)
        ]
    return found


def test_every_card_of_every_playbook_that_ships_is_within_every_limit_in_both_languages() -> None:
    renderer, kinds = WecomRenderer(), Counter[str]()
    for what, language, card in shipped_cards():
        kinds[card.kind] += 1
        people = NAMES[language]
        drawn = renderer.draw(card, people)
        assert renderer.findings(drawn) == [], (what, language)
        assert renderer.findings(renderer.redraw(card, people)) == [], (what, language)
        title = drawn.payload.get("template_card", {}).get("main_title", {}).get("title", "")
        if title.endswith("…"):
            whole = one_line(flat(card.title, people, language))
            assert any(whole in one_line(text) for text in drawn.beside), (what, language)
    assert kinds["step"] == kinds["approval"] >= 198
    assert kinds["question"] >= 90
