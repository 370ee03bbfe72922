"""Slack's own way of writing: mrkdwn and plain text objects.

RULES
 1. Every mrkdwn object is `verbatim`: Slack makes no link, channel or mention out of what it finds in a text. The
    tokens in angle brackets are then the only live ones, and only this module writes them, for our links and people.
 2. `& < >` are escaped wherever Slack reads mrkdwn. In plain text, which needs no escaping, angle brackets are
    replaced by signs that look like them, so that no reading of the rules can bring a token to life.
 3. Bold and code need the edge of a word beside them, and Chinese writes no spaces: there a zero-width space stands in.

Sources: docs.slack.dev/reference/block-kit/composition-objects/text-object and /messaging/formatting-message-text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from bot.core.case import PersonId
from bot.playbook.card import Card
from bot.playbook.text import Run, flat, one_line, person, portions, runs, shortened, swapped, word
from bot.slack.limits import SECTION_TEXT

Json = dict[str, Any]

_MEMBER = re.compile(r"slack:([UW][A-Z0-9]{1,20})")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_LOOKALIKES = {"*": "\u2217", "`": "\u02cb"}
_BRACKETS = {"<": "\u2039", ">": "\u203a"}
_IN_ADDRESS = {"<": "%3C", ">": "%3E", "|": "%7C", "&": "&amp;"}
_EDGE = "\u200b"


def escaped(text: str) -> str:
    return swapped(text, _ESCAPES)


class Pen:
    """Writes the texts of one card. `room` is how many characters of prose may still be written; what does not fit
    any more is left out, with an ellipsis, and `short` says so."""

    def __init__(self, card: Card, names: Mapping[PersonId, str], room: int) -> None:
        self.language = card.language
        self.names = names
        self.room = room
        self.short = False

    def word(self, key: str, **values: object) -> str:
        return word(key, self.language, **values)

    def flat(self, text: str) -> str:
        """Without marks, on one line."""
        return one_line(flat(text, self.names, self.language))

    def plain(self, text: str, most: int) -> Json:
        """A plain text object: names instead of mentions, no emoji codes, never empty."""
        said = swapped(self.flat(text), _BRACKETS) or "–"
        return {"type": "plain_text", "text": self._kept(shortened(said, most), said), "emoji": False}

    def line(self, text: str, most: int, *, strong: bool = False) -> str:
        """One line of mrkdwn of at most `most` characters."""
        pieces = [Run(r.kind, r.text, r.url, True) for r in runs(one_line(text))] if strong else runs(one_line(text))
        found = portions(pieces, most - 1, self._size)
        said = self._written(next(found, []))
        return self._kept(f"{said}…", "") if next(found, None) else said

    def prose(self, text: str, most: int = SECTION_TEXT - 200) -> list[str]:
        """Lines of mrkdwn of at most `most` characters each, as long as there is room."""
        return [line for part in text.split("\n") for line in self._prose(one_line(part), most)]

    def fits(self, cost: int) -> bool:
        """Whether there is room for one more part of the card, which costs so much beside its words."""
        if self.room <= 0:
            self.short = True
            return False
        self.room -= cost
        return True

    def _prose(self, text: str, most: int) -> Iterator[str]:
        if not text or self.room <= 0:
            self.short = self.short or bool(text)
            return
        for portion in portions(runs(text), min(most, self.room), self._size):
            said = self._written(portion)
            if len(said) > self.room:
                self.room = 0
                yield self._kept("…", "")
                return
            self.room -= len(said)
            yield said

    def _kept(self, kept: str, whole: str) -> str:
        self.short = self.short or kept != whole
        return kept

    def _size(self, line: Sequence[Run]) -> int:
        return len(self._written(line))

    def _written(self, line: Sequence[Run]) -> str:
        said = ""
        for strong, group in groupby(line, key=lambda run: run.strong):
            for run in [Run("strong", self._inner(group))] if strong else group:
                said = _beside(said, self._run(run), marked=run.kind in ("strong", "code"))
        return said

    def _inner(self, group: Iterator[Run]) -> str:
        said = ""
        for run in group:
            said = _beside(said, self._run(run), marked=run.kind == "code")
        return said

    def _run(self, run: Run) -> str:
        match run.kind:
            case "strong":
                return _bold(run.text)
            case "code":
                return f"`{escaped(run.text)}`"
            case "link":
                return f"<{swapped(run.url, _IN_ADDRESS)}|{_harmless(run.text) or run.url}>"
            case "mention":
                member = _MEMBER.fullmatch(run.text)
                return f"<@{member[1]}>" if member else _harmless(person(run.text, self.names, self.language))
        return _harmless(run.text)


def _harmless(text: str) -> str:
    return escaped(swapped(text, _LOOKALIKES))


def _bold(inner: str) -> str:
    """Bold, with the spaces around it outside."""
    bare = inner.strip()
    return inner.replace(bare, f"*{bare}*", 1) if bare else inner


def _beside(before: str, text: str, *, marked: bool) -> str:
    """Two pieces put together; a mark gets the edge of a word where no space makes one."""
    if not before or not text:
        return before + text
    closed = before[-1] in "*`"
    spaced = before[-1].isspace() or text[0].isspace() or before[-1] == _EDGE
    return f"{before}{_EDGE}{text}" if (marked or closed) and not spaced else before + text


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text, "verbatim": True}
