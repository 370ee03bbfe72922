"""A neutral card as a Slack message.

From top to bottom: the title, where it belongs, what is the case (lead, fields, parts, list), how it stands, what can
be done, and how to do the same by typing. One focus per message: two buttons in the row, the rest in the overflow.

What is longer than Slack takes is shortened from the end of the prose, and the message then says so; the title, the
controls and the summary always stay. The whole text is in the record of the case.

Sources: docs.slack.dev/reference/block-kit/blocks (header, section, context, actions, input) and
/methods/chat.postMessage (`text` is what notifications and screen readers get, so it is the card's whole summary).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from bot.core.case import PersonId
from bot.playbook.card import Card, Field, Item, Part
from bot.playbook.text import one_line, packed, shortened
from bot.ports import Drawn, Limits
from bot.slack import limits
from bot.slack.controls import Controls
from bot.slack.mrkdwn import Pen, escaped, mrkdwn

Json = dict[str, Any]

SHORT = frozenset({"line", "answer", "notice", "refusal"})
"""Kinds that are a sentence or two: no heading, and where they belong stands under them."""

ROOMS = ((8_000, 100), (6_000, 100), (4_500, 60), (3_000, 40), (2_000, 25), (1_000, 15), (300, 10))
"""Characters of prose and number of options, tried in this order until the whole is small enough."""

BLOCK_COST = 40
"""Characters that a block costs beside its words."""

_NUMBERED = re.compile(r"\d+\. ")


class SlackRenderer:
    """Draws cards as `chat.postMessage` and `chat.update` take them: `text` and `blocks`."""

    name = "slack"
    limits: Limits = limits.LIMITS

    def draw(self, card: Card, names: dict[PersonId, str]) -> Drawn:
        drawn = Drawn({})
        for room, options in ROOMS:
            drawn = Drawn(Sheet(card, Pen(card, names, room), options).payload())
            if limits.size(drawn.payload) <= limits.WHOLE and len(drawn.payload["blocks"]) <= limits.BLOCKS:
                break
        return drawn

    def findings(self, drawn: Drawn) -> list[str]:
        return limits.findings(drawn)


class Sheet:
    """One message on its way."""

    def __init__(self, card: Card, pen: Pen, options: int) -> None:
        self.card = card
        self.pen = pen
        self._options = options
        self._most = max(min(pen.room, limits.SECTION_TEXT), 300)

    def payload(self) -> Json:
        body = [*self._body(), *self._place()] if self.card.kind in SHORT else [*self._place(), *self._body()]
        blocks = [*self._title(), *body, *self._controls(), *self._foot()]
        if self.pen.short:
            blocks.append(_context(self.pen.word("shortened")))
        return {"text": self._summary(), "blocks": blocks}

    def _summary(self) -> str:
        card, pen = self.card, self.pen
        said = pen.flat(card.summary) or pen.flat(card.title) or card.reference or pen.word("app")
        full = escaped(shortened(said, min(2_000, self._most)))
        return full if len(full) <= limits.MESSAGE_TEXT else escaped(shortened(said, limits.MESSAGE_TEXT // 5))

    # ------------------------------------------------------------------------------------------ from the top

    def _place(self) -> list[Json]:
        """Where this belongs and how it stands."""
        card = self.card
        place = [card.context] if card.reference in card.context else [card.reference, card.context]
        place += [f"**{card.state}**"] if card.state.strip() else []
        line = self.pen.line(" · ".join(said for said in place if said.strip()), 600)
        return [_context(line)] if line else []

    def _title(self) -> list[Json]:
        card, title = self.card, self.pen.flat(self.card.title)
        if not title:
            return []
        if card.kind in SHORT and card.kind != "refusal":
            return self._sections(self.pen.prose(card.title))
        if card.kind == "refusal" or len(title) > limits.HEADER:
            return [_section(self.pen.line(card.title, self._most, strong=True))]
        return [{"type": "header", "text": self.pen.plain(title, limits.HEADER)}]

    def _body(self) -> list[Json]:
        card, pen = self.card, self.pen
        blocks = self._sections(pen.prose(card.lead))
        blocks += self._fields(card.fields)
        for part in card.parts:
            blocks += self._part(part)
        blocks += self._sections(self._items(card.items))
        if card.notice.strip():
            lines = pen.prose(card.notice)
            alone = not blocks and card.input is None
            blocks += self._sections(lines) if alone else [_context(text) for text in packed(lines, 2_000)]
        return blocks

    def _sections(self, lines: Iterable[str]) -> list[Json]:
        return [_section(text) for text in packed(lines, limits.SECTION_TEXT)]

    def _fields(self, fields: tuple[Field, ...]) -> list[Json]:
        said = [self._field(field) for field in fields if self.pen.fits(BLOCK_COST)]
        rows = [said[at : at + limits.FIELDS] for at in range(0, len(said), limits.FIELDS)]
        return [{"type": "section", "fields": row} for row in rows]

    def _field(self, field: Field) -> Json:
        label = self.pen.line(field.label, 200, strong=True)
        value, *left_out = self.pen.prose(one_line(field.value), limits.FIELD - 210) or ["–"]
        return mrkdwn("\n".join(said for said in (label, f"{value}…" if left_out else value) if said))

    def _part(self, part: Part) -> list[Json]:
        if not self.pen.fits(BLOCK_COST):
            return []
        lines = [self.pen.line(part.label, 200, strong=True)] if part.label.strip() else []
        for number, line in enumerate(part.lines, start=1):
            lines += self.pen.prose(f"{number}. {line.strip()}" if part.numbered else line)
        return self._sections(line for line in lines if line)

    def _items(self, items: tuple[Item, ...]) -> list[str]:
        lines = []
        for item in items:
            mark = "" if _NUMBERED.match(item.text) else "• "
            state = f"**{item.state}**" if item.state else ""
            said = " · ".join(part for part in (item.text, state, item.detail) if part.strip())
            lines += self.pen.prose(f"{mark}{one_line(said)}")
        return lines

    # ------------------------------------------------------------------------------------------ to the bottom

    def _controls(self) -> list[Json]:
        asked = self.card.input
        label: list[Json] = []
        if asked is not None and self.pen.flat(asked.label) not in ("", self.pen.flat(self.card.title)):
            label = [_section(self.pen.line(asked.label, self._most, strong=True))]
        return label + Controls(self.card, self.pen, self._options).blocks()

    def _foot(self) -> list[Json]:
        """The hint of the question and how to do the same by typing."""
        hint = self.card.input.hint if self.card.input is not None else ""
        said = dict.fromkeys(self.pen.line(text, 600) for text in (hint, self.card.typed) if text.strip())
        return [_context(text) for text in said if text]


def _section(text: str) -> Json:
    return {"type": "section", "text": mrkdwn(text)}


def _context(text: str) -> Json:
    return {"type": "context", "elements": [mrkdwn(text)]}
