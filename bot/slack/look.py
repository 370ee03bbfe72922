"""A drawn Slack message as lines of text: what one sees is what would be sent, since it is read from the payload.

text      OFB-7: …
HEADER    …
[ Done ]* [ I am stuck ] ⋯ Not mine / Remind me later
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from bot.ports import Drawn

Json = dict[str, Any]

_LINK = re.compile(r"<(https://[^<>|]+)\|([^<>]+)>")
_MEMBER = re.compile(r"<@([UW][A-Z0-9]+)>")


def look(drawn: Drawn) -> list[str]:
    lines = [f"text    {html.unescape(drawn.payload.get('text', ''))}", ""]
    for block in drawn.payload.get("blocks", []):
        lines += _block(block)
    return [line.rstrip() for line in lines]


def _block(block: Json) -> Iterator[str]:
    match block["type"]:
        case "header":
            yield f"# {block['text']['text']}"
        case "section" if "fields" in block:
            for field in block["fields"]:
                label, _, value = _read(field).partition("\n")
                yield f"    {label}  {value}"
        case "section":
            yield from _read(block["text"]).split("\n")
        case "context":
            yield from (f"  | {line}" for element in block["elements"] for line in _read(element).split("\n"))
        case "input":
            yield f"  {block['label']['text']}"
            yield from _element(block["element"])
        case "actions":
            yield from _row(block["elements"])
    yield ""


def _row(elements: list[Json]) -> Iterator[str]:
    """Buttons stand in one line; a menu has lines of its own."""
    line: list[str] = []
    for element in elements:
        first, *options = _element(element)
        line.append(first)
        if options:
            yield "  ".join(line)
            yield from options
            line = []
    if line:
        yield "  ".join(line)


def _element(element: Json) -> Iterator[str]:
    kind = element["type"]
    if kind == "button":
        yield f"[ {element['text']['text']} ]{ {'primary': '*', 'danger': '!'}.get(element.get('style', ''), '') }"
    elif kind == "overflow":
        yield "⋯ " + " / ".join(entry["text"]["text"] for entry in element["options"])
    elif kind == "plain_text_input":
        yield "  [______________]"
    elif kind in ("checkboxes", "multi_static_select", "static_select"):
        said = element.get("placeholder", {}).get("text", "")
        yield from [f"( {said} ▾ )"] if said else []
        mark = "☐" if kind == "checkboxes" else "-"
        yield from (f"  {mark} {entry['text']['text']}" for entry in element["options"])
    else:
        yield f"( {element['placeholder']['text']} ▾ )"


def _read(text: Json) -> str:
    """A text object as a person reads it, with its bold and code marks."""
    said = str(text["text"])
    if text["type"] == "mrkdwn":
        said = _LINK.sub(r"\2 (\1)", _MEMBER.sub(r"@\1", said))
        said = html.unescape(said).replace("\u200b", "")
    return said
