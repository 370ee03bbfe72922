"""What WeCom takes, and what of a payload it would not take.

The numbers are of developer.work.weixin.qq.com/document/path/90236 (messages of an app), 94888 and 101032 (structures
of template cards). Where two editions differ, the stricter one is kept. Most lengths are advice (建议): a client cuts
what is longer, without saying so, and this is why we never send it. Characters are counted (字), bytes where the
document says bytes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from bot.ports import Drawn, Limits

Json = dict[str, Any]

SOURCE = 13
TITLE = 26
DESC = 30
BODY = 112
ROWS = 6
KEYNAME = 5
VALUE = 26
BUTTONS = 6
BUTTON = 10
SELECT = 10
SELECT_TEXT = 10
VOTE = 20
VOTE_TEXT = 11
JUMPS = 3
JUMP = 13
MARKDOWN_BYTES = 2_048
BESIDE = 6
"""Messages beside a card at most: one member gets 30 a minute, and what is beyond that is lost without a word."""

LIMITS = Limits(
    title=TITLE,
    body=BODY,
    button=BUTTON,
    buttons_in_row=2,
    buttons=BUTTONS,
    fields=ROWS,
    field_label=KEYNAME,
    field_value=VALUE,
    options=VOTE,
    option=VOTE_TEXT,
    options_many=VOTE,
    beside_bytes=MARKDOWN_BYTES,
)

TEXTS: Mapping[str, int] = {
    "source/desc": SOURCE,
    "main_title/title": TITLE,
    "main_title/desc": DESC,
    "sub_title_text": BODY,
    "horizontal_content_list/keyname": KEYNAME,
    "horizontal_content_list/value": VALUE,
    "button_list/text": BUTTON,
    "button_selection/option_list/text": SELECT_TEXT,
    "checkbox/option_list/text": VOTE_TEXT,
    "submit_button/text": BUTTON,
    "jump_list/title": JUMP,
    "replace_text": BUTTON,
}
"""Characters of a text, by its path without numbers."""

BYTES: Mapping[str, int] = {
    "task_id": 128,
    "button_list/key": 1_024,
    "submit_button/key": 1_024,
    "button_selection/question_key": 1_024,
    "checkbox/question_key": 1_024,
    "button_selection/option_list/id": 128,
    "checkbox/option_list/id": 128,
    "horizontal_content_list/userid": 64,
    "button_list/url": 2_048,
    "jump_list/url": 2_048,
    "card_action/url": 2_048,
}
"""Bytes of a string, by its path without numbers."""

LISTS: Mapping[str, tuple[int, int]] = {
    "horizontal_content_list": (0, ROWS),
    "button_list": (1, BUTTONS),
    "button_selection/option_list": (1, SELECT),
    "checkbox/option_list": (1, VOTE),
    "jump_list": (0, JUMPS),
}
"""Fewest and most entries of a list."""

NEEDS: Mapping[str, frozenset[str]] = {
    "text_notice": frozenset({"main_title", "card_action"}),
    "button_interaction": frozenset({"main_title", "button_list", "task_id"}),
    "vote_interaction": frozenset({"main_title", "checkbox", "submit_button", "task_id"}),
}
"""What each type of card cannot be without (42045: card_action is missing)."""

MAY_HAVE: Mapping[str, frozenset[str]] = {
    "text_notice": frozenset({"sub_title_text", "horizontal_content_list", "jump_list", "task_id"}),
    "button_interaction": frozenset({"sub_title_text", "horizontal_content_list", "button_selection", "replace_text"}),
    "vote_interaction": frozenset({"replace_text"}),
}
"""What else we put into each; WeCom drops what a type does not know, without a word."""

_TASK_ID = re.compile(r"[0-9A-Za-z_\-@]+")
_MARKUP = re.compile(r"<[/@!a-zA-Z]")


def findings(drawn: Drawn) -> list[str]:
    """What in the payload or beside it breaks WeCom's limits; one sentence each."""
    payload = drawn.payload
    found: list[str] = []
    if payload.get("msgtype") == "markdown":
        found += _markdown(payload["markdown"]["content"], "/markdown/content")
    else:
        found += _card(payload["template_card"])
    for number, text in enumerate(drawn.beside):
        found += _markdown(text, f"beside {number + 1}")
    if len(drawn.beside) > BESIDE:
        found.append(_too_much("beside", len(drawn.beside), BESIDE, "messages"))
    return found


def _card(card: Json) -> Iterator[str]:
    kind = card.get("card_type", "")
    if kind not in NEEDS:
        yield f"/template_card/card_type is {kind}; we send {', '.join(NEEDS)}."
        return
    for name in sorted(NEEDS[kind] - card.keys()):
        yield f"/template_card/{name} is missing; a {kind} has to have it."
    for name in sorted(card.keys() - NEEDS[kind] - MAY_HAVE[kind] - {"card_type", "source"}):
        yield f"/template_card/{name} is nothing that a {kind} shows."
    if not card.get("main_title", {}).get("title", "").strip():
        yield "/template_card/main_title/title is empty."
    if (task := card.get("task_id")) is not None and not _TASK_ID.fullmatch(task):
        yield f"/template_card/task_id may hold letters, digits and _-@ only: {task[:40]}"
    yield from _walk(card, "", "/template_card")
    yield from _keys(card)


def _walk(node: Json, name: str, pointer: str) -> Iterator[str]:
    for key, value in node.items():
        here, path = f"{pointer}/{key}", f"{name}/{key}" if name else key
        if isinstance(value, str):
            yield from _string(value, path, here)
        elif isinstance(value, dict):
            yield from _walk(value, path, here)
        elif isinstance(value, list):
            fewest, most = LISTS.get(path, (0, len(value)))
            if len(value) > most:
                yield _too_much(here, len(value), most, "entries")
            if len(value) < fewest:
                yield f"{here} has {len(value)} entries; WeCom wants at least {fewest}."
            for number, entry in enumerate(value):
                yield from _walk(entry, path, f"{here}/{number}")


def _string(value: str, path: str, pointer: str) -> Iterator[str]:
    if path in TEXTS and len(value) > TEXTS[path]:
        yield _too_much(pointer, len(value), TEXTS[path], "characters")
    if path in BYTES and (size := len(value.encode())) > BYTES[path]:
        yield _too_much(pointer, size, BYTES[path], "bytes")
    if path in TEXTS and path != "sub_title_text" and not value.strip():
        yield f"{pointer} is empty."


def _keys(card: Json) -> Iterator[str]:
    """Keys of buttons and ids of options have to be unique; the second one is never told apart from the first."""
    buttons = [button["key"] for button in card.get("button_list", []) if "key" in button]
    lists = [card.get(name, {}).get("option_list", []) for name in ("button_selection", "checkbox")]
    for what, keys in [("button_list", buttons), *(("option_list", [o["id"] for o in options]) for options in lists)]:
        for key, times in Counter(keys).items():
            if times > 1:
                yield f"/template_card/{what} has the key {key[:40]} {times} times."


def _markdown(text: str, pointer: str) -> Iterator[str]:
    if not text.strip():
        yield f"{pointer} is empty."
    if (size := len(text.encode())) > MARKDOWN_BYTES:
        yield _too_much(pointer, size, MARKDOWN_BYTES, "bytes")
    for tag in _MARKUP.finditer(text):
        yield f"{pointer} holds markup that is not ours: {text[tag.start() : tag.start() + 20]}"


def _too_much(pointer: str, has: int, most: int, what: str) -> str:
    return f"{pointer} has {has:,} {what}; at most {most:,} are taken."
