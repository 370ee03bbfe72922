"""A card as lines of a terminal: the neutral card itself, wrapped to the width that the signs really take."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from bot.core.case import PersonId
from bot.playbook.card import Button, Card, Part
from bot.playbook.text import named as people_named
from bot.playbook.text import runs

WIDTH = 88
COLON = {"en": ": ", "zh-CN": "\uff1a"}
_WIDE = "\u2e80-\u9fff\uff00-\uffef\u3000-\u303f"
_PIECES = re.compile(rf"[{_WIDE}]|[^\s{_WIDE}]+|\s+")
_CLOSING = "，。；：、！？）”》】"


def columns(text: str) -> int:
    """How many columns a text takes: Chinese signs take two."""
    return sum(map(_columns, text))


def _columns(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def wrapped(text: str, width: int = WIDTH, hang: str = "") -> list[str]:
    """The text in lines of at most `width` columns; later lines begin with `hang`.

    Latin words are kept whole; Chinese may break between any two signs, but not before closing punctuation."""
    found, line = [], ""
    for piece in _PIECES.findall(text):
        full = columns(line) + columns(piece.rstrip()) > width
        if line.strip() and full and piece not in _CLOSING:
            found.append(line.rstrip())
            line = hang + piece.lstrip()
        else:
            line += piece
    return [*found, line.rstrip()]


def named(text: str, names: Mapping[PersonId, str], language: str = "en") -> str:
    """The text with people's names, links written out, and without signs for emphasis."""
    said = people_named(runs(text), names, language)
    return "".join(f"{run.text} <{run.url}>" if run.kind == "link" else run.text for run in said)


def buttons(card: Card) -> tuple[Button, ...]:
    return (*card.row, *card.more)


class _Page:
    def __init__(self, names: Mapping[PersonId, str], language: str) -> None:
        self.lines: list[str] = []
        self._names = names
        self._language = language
        self._colon = COLON[language]

    def put(self, text: str, hang: str = "") -> None:
        if text:
            self.lines += wrapped(named(text, self._names, self._language), hang=hang)

    def labelled(self, label: str, text: str) -> None:
        self.put(f"{label}{self._colon}{text}" if label and text else f"{label}{text}", "  ")

    def part(self, part: Part) -> None:
        if not part.numbered:
            self.labelled(part.label, part.lines[0] if part.lines else "")
            for text in part.lines[1:]:
                self.put(text)
            return
        self.put(f"{part.label}{self._colon}".rstrip())
        for place, text in enumerate(part.lines, start=1):
            self.put(f"{place}. {text}", "   ")


def lines(card: Card, names: Mapping[PersonId, str]) -> list[str]:
    """Everything that the card says, as a person would read it."""
    page = _Page(names, card.language)
    for text in (card.title, card.context, card.lead):
        page.put(text)
    for field in card.fields:
        page.labelled(field.label, field.value)
    for part in card.parts:
        page.part(part)
    for item in card.items:
        said = f"{item.text}{COLON[card.language]}{item.state}" if item.state else item.text
        page.put(" · ".join(word for word in (f"- {said}", item.detail) if word), "  ")
    page.put(card.notice)
    if card.input is not None:
        page.put("  ".join(f"({n}) {option.label}" for n, option in enumerate(card.input.options, start=1)))
        page.put(card.typed)
    page.put(" ".join(f"[{button.label}]" for button in buttons(card)))
    return page.lines
