"""The WeCom look shows what would truly stand there: a text is never changed, a card is."""

from __future__ import annotations

from msgspec.structs import replace

from bot.looks import WecomLook
from bot.playbook.card import Button, Card

TEXT = Card("status", title="Your plan", summary="Your plan", lead="0 of 8 settled.", reference="OFB-1")
CARD = replace(TEXT, row=(Button("confirm", "Done", "OFB-1@step-1@2@abcdefabcdef"),))


def test_a_text_stays_as_it_was_first_sent() -> None:
    look = WecomLook()
    later = replace(TEXT, lead="8 of 8 settled.")
    assert look.draw(later, {}, first=TEXT) == look.draw(TEXT, {}, first=None)


def test_something_to_press_comes_as_a_card_after_the_text() -> None:
    drawn = WecomLook().draw(CARD, {}, first=TEXT)
    assert drawn.payload["msgtype"] == "template_card"


def test_a_card_is_replaced_where_it_stands() -> None:
    drawn = WecomLook().draw(replace(TEXT, state="done"), {}, first=CARD)
    assert drawn.payload["msgtype"] == "template_card"
    assert "abcdefabcdef" not in str(drawn.payload)
