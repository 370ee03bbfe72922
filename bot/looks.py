"""How the demo looks like a platform: the platform's own renderer, and its own reading of what was clicked.

The page sends what the platform would report of a click (Slack's block_actions, WeCom's template_card_event), made from
the payload that was drawn; it is read back with the same functions that read the real thing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.core.case import PersonId
from bot.heard import Click
from bot.playbook.card import Card
from bot.rows import Drawn
from bot.slack.blocks import SlackRenderer
from bot.slack.controls import SUBMIT, read_action, read_entry
from bot.wecom.cards import WecomRenderer
from bot.wecom.controls import read_key

Json = dict[str, Any]
IDENTIFIERS = re.compile(r"[0-9A-Za-z._:-]+(?:[,;、，\s]+[0-9A-Za-z._:-]+)*")


class SlackLook:
    """Messages in a channel have threads, and are redrawn in place (`chat.update`)."""

    name = "slack"
    threads = True

    def __init__(self) -> None:
        self._renderer = SlackRenderer()

    def draw(self, card: Card, names: dict[PersonId, str], *, first: Card | None) -> Drawn:
        return self._renderer.draw(card, names)

    def read(self, payload: Json) -> Click:
        """A `block_actions` payload. Sources: docs.slack.dev/reference/interaction-payloads/block_actions-payload."""
        try:
            action = payload["actions"][0]
            pressed = read_action(str(action["action_id"]))
            if action["type"] == "overflow":
                entry = read_entry(str(action["selected_option"]["value"]))
                return Click(entry.verb, entry.value, entry.detail)
            value = str(action.get("value") or action.get("block_id") or "")
            if pressed.verb != "answer":
                return Click(pressed.verb, value, pressed.detail)
            chosen, words = _answer(payload, action, pressed.detail, pressed.choice, value)
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise ValueError("this is not what Slack reports of a click") from error
        return Click("answer", value, chosen=chosen, words=words)


def _answer(payload: Json, action: Json, question: str, choice: str, value: str) -> tuple[tuple[str, ...], str]:
    """What was chosen, and the words that were typed."""
    if choice != SUBMIT:
        return ((choice,) if choice else tuple(_selected(action))), ""
    field = payload["state"]["values"].get(value, {}).get(f"answer:{question}", {})
    words = str(field.get("value") or "").strip()
    return (_parts(words) if words else tuple(_selected(field))), words


def _selected(field: Mapping[str, Any]) -> list[str]:
    if "selected_options" in field:
        return [str(option["value"]) for option in field["selected_options"]]
    one = field.get("selected_date") or field.get("selected_user") or (field.get("selected_option") or {}).get("value")
    return [str(one)] if one else []


def _parts(words: str) -> tuple[str, ...]:
    """Several account IDs are separated by commas; a sentence stays whole."""
    if IDENTIFIERS.fullmatch(words):
        return tuple(part for part in re.split(r"[,;、，\s]+", words) if part)
    return (words,)


class WecomLook:
    """No threads. A template card can be replaced by another (`update_template_card`), a text cannot be changed."""

    name = "wecom"
    threads = False

    def __init__(self) -> None:
        self._renderer = WecomRenderer()

    def draw(self, card: Card, names: dict[PersonId, str], *, first: Card | None) -> Drawn:
        if first is None:
            return self._renderer.draw(card, names)
        began = self._renderer.draw(first, names)
        if began.payload["msgtype"] != "template_card":
            return self._renderer.draw(card, names)
        drawn = self._renderer.redraw(card, names)
        return Drawn(drawn.payload, began.beside)

    def read(self, payload: Json) -> Click:
        """A `template_card_event`. Source: developer.work.weixin.qq.com/document/path/90240."""
        try:
            pressed = read_key(str(payload["EventKey"]))
            if pressed.verb != "answer":
                return Click(pressed.verb, pressed.value, pressed.detail)
            items = payload.get("SelectedItems") or []
            chosen = [str(id) for item in items if item["QuestionKey"] == pressed.detail for id in item["OptionIds"]]
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("this is not what WeCom reports of a click") from error
        return Click("answer", pressed.value, chosen=(pressed.choice,) if pressed.choice else tuple(chosen))
