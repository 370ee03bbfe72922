"""What was pressed, chosen or typed on one of our cards: an action of Slack's as a `Click`. Pure.

The demo's page reports its clicks in the same form and is read with the same functions.
Source: docs.slack.dev/reference/interaction-payloads/block_actions-payload.
"""

from __future__ import annotations

import re

from bot.heard import Click
from bot.slack.controls import SUBMIT, Pressed, read_action, read_entry
from bot.slack.shapes import Action, Field, State

IDENTIFIERS = re.compile(r"[0-9A-Za-z._:-]+(?:[,;、，\s]+[0-9A-Za-z._:-]+)*")
SHORTEST = 8
"""Digits of an id."""
BULK = frozenset({"approve"})
"""Verbs that may decide on several things at once: on those that are ticked."""

_BETWEEN = re.compile(r"[,;、，\s]+")


def read_click(action: Action, state: State | None, *, of: str = "") -> Click:
    """`of` stands before the id of a person that was chosen (`slack:`)."""
    pressed = read_action(action.action_id)
    if action.type == "overflow":
        entry = read_entry(action.selected_option.value if action.selected_option is not None else "")
        return Click(entry.verb, entry.value, entry.detail)
    value = action.value or action.block_id
    if pressed.verb != "answer":
        return Click(pressed.verb, value, pressed.detail, chosen=_ticked(state) if pressed.verb in BULK else ())
    chosen, words = _answer(action, state, pressed, value, of)
    return Click("answer", value, chosen=chosen, words=words)


def selected(field: Action | Field, of: str = "") -> tuple[str, ...]:
    """What was chosen in an element, as the ids of our options, a day, or a person."""
    if field.selected_options:
        return tuple(option.value for option in field.selected_options)
    if field.selected_user:
        return (f"{of}{field.selected_user}",)
    one = field.selected_date or (field.selected_option.value if field.selected_option is not None else "")
    return (one,) if one else ()


def parts(words: str) -> tuple[str, ...]:
    """Several account ids are separated by commas; a sentence stays whole."""
    found = tuple(part for part in _BETWEEN.split(words) if part)
    return found if IDENTIFIERS.fullmatch(words) and all(map(_identifies, found)) else (words,)


def _identifies(part: str) -> bool:
    """A word has no digit in it, and a few digits are a piece of a phone number."""
    return any(sign.isdigit() or sign == "." for sign in part.strip(".")) and not (
        part.isdigit() and len(part) < SHORTEST
    )


def half(action: Action) -> bool:
    """A tick in a list is half an answer: it is sent by a button."""
    return action.type in ("checkboxes", "multi_static_select", "plain_text_input")


def _ticked(state: State | None) -> tuple[str, ...]:
    """What is ticked beside the button: it decides on several things at once."""
    if state is None:
        return ()
    fields = [field for block in state.values.values() for field in block.values()]
    return tuple(option.value for field in fields for option in field.selected_options)


def _answer(action: Action, state: State | None, pressed: Pressed, value: str, of: str) -> tuple[tuple[str, ...], str]:
    """What was chosen, and the words that were typed."""
    if pressed.choice != SUBMIT:
        return ((pressed.choice,) if pressed.choice else selected(action, of)), ""
    field = state.values.get(value, {}).get(f"answer:{pressed.detail}") if state is not None else None
    if field is None:
        return (), ""
    words = (field.value or "").strip()
    return (parts(words) if words else selected(field, of)), words
