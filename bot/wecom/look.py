"""A drawn WeCom message as lines of text: what one sees is what would be sent, since it is read from the payload.

┌ 离职交接 OFB-7
│ title
│ [ 已完成 ]* [ 遇到困难 ]
└ task OFB-7@step@2@1
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.ports import Drawn

Json = dict[str, Any]

_MARKS = {1: "*", 2: "!"}


def look(drawn: Drawn) -> list[str]:
    payload = drawn.payload
    lines: list[str] = []
    if payload["msgtype"] == "markdown":
        lines += _text("message", payload["markdown"]["content"])
    else:
        lines += [f"│ {line}".rstrip() for line in _card(payload["template_card"])]
        lines[0] = lines[0].replace("│", "┌", 1)
        lines[-1] = lines[-1].replace("│", "└", 1)
    for number, text in enumerate(drawn.beside, start=1):
        lines += ["", *_text(f"beside {number}", text)]
    return lines


def _text(name: str, text: str) -> Iterator[str]:
    yield f"── {name}, {len(text.encode())} bytes"
    yield from text.split("\n")


def _card(card: Json) -> Iterator[str]:
    yield card["source"]["desc"]
    yield f"# {card['main_title']['title']}"
    if "desc" in card["main_title"]:
        yield f"  {card['main_title']['desc']}"
    yield from card.get("sub_title_text", "").split("\n") if "sub_title_text" in card else ()
    for row in card.get("horizontal_content_list", []):
        yield f"    {row['keyname']}  {row['value']}{' (member)' if row.get('type') == 3 else ''}"
    yield from _answers(card)
    yield from _buttons(card)
    yield f"{card['card_type']} {card['task_id']}"


def _answers(card: Json) -> Iterator[str]:
    if "checkbox" in card:
        mark = "☐" if card["checkbox"]["mode"] else "○"
        yield from (f"  {mark} {option['text']}" for option in card["checkbox"]["option_list"])
    if "button_selection" in card:
        menu = card["button_selection"]
        yield f"( {menu['title']} ▾ )"
        for option in menu["option_list"]:
            yield f"  - {option['text']}{' (chosen)' if option['id'] == menu.get('selected_id') else ''}"


def _buttons(card: Json) -> Iterator[str]:
    if "replace_text" in card:
        yield f"( {card['replace_text']} )"
        return
    buttons = card.get("button_list", [])
    if buttons:
        yield " ".join(f"[ {button['text']} ]{_MARKS.get(button['style'], '')}" for button in buttons)
    if "submit_button" in card:
        yield f"[ {card['submit_button']['text']} ]*"
    for jump in card.get("jump_list", []):
        yield f"→ {jump['title']} ({jump['url']})"
