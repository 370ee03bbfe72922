"""What Slack takes, and what of a payload it would not take.

The numbers are of docs.slack.dev/reference/block-kit (blocks, block elements, composition objects) and of chat.update;
only what `blocks` draws with is here. Two have no document: the size of the whole (Slack refused one message at 13.2
thousand characters of JSON with `msg_blocks_too_long`; this asks for less) and the shape of a finding, which is that of
`blocks.validate`: a pointer and what is wrong there.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from bot.ports import Drawn, Limits

Json = dict[str, Any]

BLOCKS = 50
WHOLE = 10_000
MESSAGE_TEXT = 4_000
"""chat.update refuses more (`msg_too_long`), chat.postMessage only far later."""
SECTION_TEXT = 3_000
HEADER = 150
BUTTON = 75
OPTION = 75
CHECKBOXES = 10
OPTIONS = 100
OVERFLOW = 5
FIELDS = 10
FIELD = 2_000

LIMITS = Limits(
    title=HEADER,
    body=SECTION_TEXT,
    button=BUTTON,
    buttons_in_row=2,
    buttons=25,
    fields=FIELDS,
    field_label=FIELD,
    field_value=FIELD,
    options=OPTIONS,
    option=OPTION,
    options_many=OPTIONS,
    whole=WHOLE,
)

TEXTS: Mapping[str, int] = {
    "header/text": HEADER,
    "section/text": SECTION_TEXT,
    "section/fields": FIELD,
    "context/elements": SECTION_TEXT,
    "input/label": 2_000,
    "input/hint": 2_000,
    "button/text": BUTTON,
    "option/text": OPTION,
    "confirm/title": 100,
    "confirm/text": 300,
    "confirm/confirm": 30,
    "confirm/deny": 30,
    "static_select/placeholder": 150,
    "multi_static_select/placeholder": 150,
    "users_select/placeholder": 150,
    "datepicker/placeholder": 150,
    "plain_text_input/placeholder": 150,
}
"""Characters of a text object, by what it stands in. Every text object has at least one."""

STRINGS: Mapping[str, int] = {
    "action_id": 255,
    "block_id": 255,
    "button/value": 2_000,
    "option/value": 150,
    "url": 3_000,
    "accessibility_label": 75,
}
"""Characters of a string, by its name or by what it stands in."""

LISTS: Mapping[str, tuple[int, int]] = {
    "section/fields": (1, FIELDS),
    "context/elements": (1, 10),
    "actions/elements": (1, 25),
    "static_select/options": (1, OPTIONS),
    "multi_static_select/options": (1, OPTIONS),
    "checkboxes/options": (1, CHECKBOXES),
    "overflow/options": (1, OVERFLOW),
}
"""Fewest and most entries of a list."""

PLAIN_ONLY = frozenset({"header", "button", "confirm", "input"})
_TOKEN = re.compile(r"<(?!@[UW][A-Z0-9]+>|https://[^<>|\s]+\|[^<>]+>)[^>]*>?")


def size(payload: Json) -> int:
    """Characters of the payload as JSON, without escapes for what is not ASCII."""
    return len(json.dumps(payload, ensure_ascii=False, separators=(",", ":")))


def findings(drawn: Drawn) -> list[str]:
    """What in the payload breaks Slack's limits or our own rules; one sentence each."""
    payload = drawn.payload
    blocks: list[Json] = payload.get("blocks", [])
    found = list(_text_of_message(payload.get("text", "")))
    if len(blocks) > BLOCKS:
        found.append(_too_much("/blocks", len(blocks), BLOCKS, "blocks"))
    for number, block in enumerate(blocks):
        found += _walk(block, block.get("type", ""), f"/blocks/{number}")
    found += _repeated(blocks)
    if (whole := size(payload)) > WHOLE:
        found.append(_too_much("/", whole, WHOLE, "characters of JSON"))
    return found


def _text_of_message(text: str) -> Iterator[str]:
    if not text.strip():
        yield "/text is empty: notifications and screen readers would have nothing to say."
    if len(text) > MESSAGE_TEXT:
        yield _too_much("/text", len(text), MESSAGE_TEXT, "characters")
    yield from _tokens(text, "/text")


def _walk(node: Json, kind: str, pointer: str) -> Iterator[str]:
    """`kind` is what this part is to Slack: the type of a block or an element, `option` or `confirm`."""
    for key, value in node.items():
        here, name = f"{pointer}/{key}", f"{kind}/{key}"
        if isinstance(value, str):
            yield from _string(value, key, name, here)
        elif isinstance(value, list):
            yield from _list(value, name, here)
            for number, entry in enumerate(value):
                yield from _part(entry, key, name, f"{here}/{number}")
        elif isinstance(value, dict):
            yield from _part(value, key, name, here)


def _part(node: Json, key: str, name: str, pointer: str) -> Iterator[str]:
    if node.get("type") in ("plain_text", "mrkdwn"):
        yield from _text(node, name, pointer)
    else:
        kind = {"options": "option", "confirm": "confirm"}.get(key) or str(node.get("type", key))
        yield from _walk(node, kind, pointer)


def _text(node: Json, name: str, pointer: str) -> Iterator[str]:
    text, most = node.get("text", ""), TEXTS.get(name)
    if not text.strip():
        yield f"{pointer}/text is empty; Slack wants at least 1 character."
    if most is None:
        yield f"{pointer} is a text where Slack expects none ({name})."
    elif len(text) > most:
        yield _too_much(f"{pointer}/text", len(text), most, "characters")
    if node["type"] == "plain_text":
        return
    if name.partition("/")[0] in PLAIN_ONLY:
        yield f"{pointer} has to be plain_text."
    if not node.get("verbatim"):
        yield f"{pointer} is not verbatim: Slack would make links and mentions of what it finds."
    yield from _tokens(text, f"{pointer}/text")


def _tokens(text: str, pointer: str) -> Iterator[str]:
    for token in _TOKEN.finditer(text):
        yield f"{pointer} holds a token that is not ours: {token[0][:40]}"


def _string(value: str, key: str, name: str, pointer: str) -> Iterator[str]:
    most = STRINGS.get(name, STRINGS.get(key))
    if most is not None and len(value) > most:
        yield _too_much(pointer, len(value), most, "characters")
    if key == "action_id" and not value:
        yield f"{pointer} is empty."


def _list(entries: list[Any], name: str, pointer: str) -> Iterator[str]:
    fewest, most = LISTS.get(name, (0, len(entries)))
    if len(entries) > most:
        yield _too_much(pointer, len(entries), most, "entries")
    if len(entries) < fewest:
        yield f"{pointer} has {len(entries)} entries; Slack wants at least {fewest}."


def _repeated(blocks: list[Json]) -> Iterator[str]:
    """Ids that occur twice, and more than one primary button (Slack's own advice: one in a message)."""
    elements = [element for _, element in elements_of(blocks)]
    ids = Counter(element["action_id"] for element in elements if "action_id" in element)
    ids += Counter(block["block_id"] for block in blocks if "block_id" in block)
    for id, times in ids.items():
        if times > 1:
            yield f"/blocks has the id {id} {times} times; it has to be unique in the message."
    primary = [pointer for pointer, element in elements_of(blocks) if element.get("style") == "primary"]
    if len(primary) > 1:
        yield f"{primary[1]} is one primary button too many; a message has at most 1."


def elements_of(blocks: list[Json]) -> Iterator[tuple[str, Json]]:
    """Everything that can be clicked or filled in, with where it stands."""
    for number, block in enumerate(blocks):
        if block.get("type") == "actions":
            for place, element in enumerate(block["elements"]):
                yield f"/blocks/{number}/elements/{place}", element
        if block.get("type") == "input":
            yield f"/blocks/{number}/element", block["element"]


def _too_much(pointer: str, has: int, most: int, what: str) -> str:
    return f"{pointer} has {has:,} {what}; at most {most:,} are taken."
