"""How the demo looks like a platform: the platform's own renderer, and its own reading of what was clicked.

The page sends what the platform would report of a click (Slack's block_actions, WeCom's template_card_event), made from
the payload that was drawn; it is read back with the same functions that read the real thing.
"""

from __future__ import annotations

from typing import Any

from bot.core.case import PersonId
from bot.heard import Click
from bot.playbook.card import Card
from bot.rows import Drawn
from bot.slack.blocks import SlackRenderer
from bot.slack.clicks import read_click
from bot.slack.shapes import Action, State, read
from bot.wecom.cards import WecomRenderer
from bot.wecom.controls import read_key

Json = dict[str, Any]


class SlackLook:
    """Messages in a channel have threads, and are redrawn in place (`chat.update`)."""

    name = "slack"
    threads = True

    def __init__(self) -> None:
        self._renderer = SlackRenderer()

    def draw(self, card: Card, names: dict[PersonId, str], *, first: Card | None) -> Drawn:
        return self._renderer.draw(card, names)

    def read(self, payload: Json) -> Click:
        """A `block_actions` payload; a person in it is one of the demo's (`demo:zhao`), whose ids Slack does not give.

        Source: docs.slack.dev/reference/interaction-payloads/block_actions-payload."""
        try:
            actions, state = payload["actions"], payload.get("state")
            platform, ours, user = str(actions[0].get("selected_user") or "").rpartition(":")
            action: Action = read(actions[0] | ({"selected_user": user} if user else {}), Action)
            return read_click(action, read(state, State) if state is not None else None, of=platform + ours)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise ValueError("this is not what Slack reports of a click") from error


class WecomLook:
    """No threads. A template card can be replaced by another (`update_template_card`). A text cannot be changed: it
    stays as it was first sent, until there is something to press, which comes as a card of its own (wecom.client)."""

    name = "wecom"
    threads = False

    def __init__(self) -> None:
        self._renderer = WecomRenderer()

    def draw(self, card: Card, names: dict[PersonId, str], *, first: Card | None) -> Drawn:
        if first is None:
            return self._renderer.draw(card, names)
        began = self._renderer.draw(first, names)
        if began.payload["msgtype"] != "template_card":
            drawn = self._renderer.draw(card, names)
            return drawn if drawn.payload["msgtype"] == "template_card" else began
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
