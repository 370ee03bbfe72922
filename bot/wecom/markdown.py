"""WeCom's own way of writing: the Markdown of an app's messages, in texts of at most 2,048 bytes.

RULES
 1. An app's Markdown knows headings, bold, links, inline code and quotes. It has no lists, so lines are numbered by
    hand; and it has no escapes, so signs that would become markup are replaced by their full-width twins.
 2. A text is cut between lines; a line that alone is too long is cut at the end of a sentence. Bytes are counted in
    UTF-8, where a Chinese character has three.
 3. The case's reference stands at the head of every text, since each may be read alone, days later.

Sources: developer.work.weixin.qq.com/document/path/90236 (markdown消息: 最长不超过2048个字节, 支持的子集).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby

from msgspec.structs import replace

from bot.core.case import PersonId
from bot.playbook.card import Card, plain
from bot.playbook.text import Run, flat, named, one_line, packed, portions, runs, shortened, swapped, word
from bot.wecom.limits import BESIDE, MARKDOWN_BYTES

_TO_FULL_WIDTH = 0xFEE0
_TWINS = {sign: chr(ord(sign) + _TO_FULL_WIDTH) for sign in "<*`[]"}
_IN_ADDRESS = {"<": "%3C", ">": "%3E"}
_AT_START = re.compile(r"^[#>]+")
_TO_TWINS = {sign: chr(ord(sign) + _TO_FULL_WIDTH) for sign in "#>"}
LINE = 1_200
"""Bytes of one line at most: less than what any head and foot leave."""
HEAD = 60
"""Characters of the title, and of the place, at the head of a text."""
PAGE_ROOM = 24
"""Bytes kept for "（2/5）" in the head of a text, and the ends of lines."""
STAMP = 17
"""Bytes kept at the end of a text, for the time by which it is told apart from another one (posting.py)."""
QUOTE = "> "
SHORT = frozenset({"line", "answer", "refusal"})
"""Kinds that are a sentence or two: no heading, and where they belong stands under them."""


def size(text: str) -> int:
    return len(text.encode())


class Pen:
    """Writes the texts of one card, with marks (Markdown) or without (what stands on the card itself)."""

    def __init__(self, card: Card, names: Mapping[PersonId, str]) -> None:
        self.card = card
        self.language = card.language
        self.names = names

    def word(self, key: str, **values: object) -> str:
        return word(key, self.language, **values)

    def flat(self, text: str) -> str:
        """For the card: no marks, on one line."""
        return one_line(flat(text, self.names, self.language))

    def lines(self, text: str, before: str = "", *, strong: bool = False) -> list[str]:
        """Lines of Markdown, none longer than LINE bytes; the first begins with `before`, a number or `> `."""
        found: list[str] = []
        for part in text.split("\n"):
            pieces = named(runs(one_line(part)), self.names, self.language)
            pieces = [replace(run, strong=True) for run in pieces] if strong else pieces
            found += [self._written(portion) for portion in portions(pieces, LINE, self._size)]
        found = [line for line in found if line.strip()]
        return [f"{before}{line}" if at == 0 or before == QUOTE else line for at, line in enumerate(found)]

    def sheets(self, lines: Sequence[str]) -> list[str]:
        """The lines as texts of at most 2,048 bytes, each with the card's title and reference."""
        if self.card.kind in SHORT:
            return self._pages("", list(lines), self._place())
        head = "\n".join(line for line in (self._title(), self._place()) if line)
        return self._pages(head, list(lines), "")

    def _pages(self, head: str, lines: list[str], foot: str) -> list[str]:
        room = MARKDOWN_BYTES - size(head) - size(foot) - PAGE_ROOM - STAMP
        pages = list(packed(lines, room, size))
        if len(pages) > BESIDE:
            pages = self._shortened(pages, room)
        of = len(pages)
        numbers = [self.word("page", at=at, of=of) if of > 1 else "" for at in range(1, of + 1)] or [""]
        return [
            "\n".join(part for part in (f"{head}{number}" if head else "", page, foot) if part)
            for number, page in zip(numbers, pages or [""], strict=True)
        ]

    def _title(self) -> str:
        return "".join(self.lines(plain(shortened(self.flat(self.card.title), HEAD)), strong=True))

    def _place(self) -> str:
        card = self.card
        place = [card.context] if card.reference in card.context else [card.reference, card.context]
        said = shortened(self.flat(" · ".join(part for part in place if part.strip())), HEAD)
        return "".join(self.lines(plain(said), QUOTE))

    def _shortened(self, pages: list[str], room: int) -> list[str]:
        """Only so many messages reach a person in a minute; the last one says that there is more."""
        said = self.word("shortened")
        last = next(packed(pages[BESIDE - 1].split("\n"), room - size(said) - 1, size))
        return [*pages[: BESIDE - 1], f"{last}\n{said}"]

    def _size(self, line: Sequence[Run]) -> int:
        return size(self._written(line))

    def _written(self, line: Sequence[Run]) -> str:
        said = ""
        for strong, group in groupby(line, key=lambda run: run.strong):
            inner = "".join(self._run(run) for run in group)
            said += _bold(inner) if strong else inner
        return _AT_START.sub(lambda found: swapped(found[0], _TO_TWINS), said)

    def _run(self, run: Run) -> str:
        match run.kind:
            case "code":
                return f"`{run.text}`"
            case "link":
                return f"[{swapped(run.text, _TWINS)}]({swapped(run.url, _IN_ADDRESS)})"
        return swapped(run.text, _TWINS)


def _bold(inner: str) -> str:
    bare = inner.strip()
    return inner.replace(bare, f"**{bare}**", 1) if bare else inner
