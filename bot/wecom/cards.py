"""A neutral card as a WeCom message: a template card, and what it has no room for as Markdown beside it.

CHOICES
 1. Something to press makes it a button card or a list to tick (controls.py). Only pages to open make it a notice. With
    nothing to press it is a Markdown message: a notice has to lead to a page (42045), and we have none.
 2. The card says what has to be decided and how it stands: title, place, up to six short fields, 112 characters. If
    not everything fits there, the card says that there is more.
 3. Beside a new card everything that it says stands as Markdown, the options by their numbers and how to answer by
    typing: old clients draw no cards. The two can be sent in either order.
 4. Nothing is shortened that does not also stand in full beside the card. Fields that are too long for a row move into
    the text, whole. Only a text of more than six messages is shortened, and says so.
 5. A card that was sent can only be replaced by a card (`redraw`): what has nothing left to press keeps one grey button
    that says how it stands (`replace_text`, document/path/94888). What stands beside it is not sent again.

Sources: developer.work.weixin.qq.com/document/path/90236 (模板卡片消息, markdown消息), 94888 (更新模版卡片消息).
"""

from __future__ import annotations

import re
from typing import Any

from bot.core.case import PersonId
from bot.playbook.card import MENTION, Card, Field, Part, plain, sends
from bot.playbook.text import runs, shortened
from bot.ports import Drawn, Limits
from bot.wecom import limits
from bot.wecom.controls import STYLES, Controls, controls, event_key, numbered
from bot.wecom.markdown import HEAD, QUOTE, SHORT, Pen

Json = dict[str, Any]

_NUMBERED = re.compile(r"\d+\. ")
_NOT_IN_ID = re.compile(r"[^0-9A-Za-z_\-@]")


class WecomRenderer:
    """Draws cards as `message/send` takes them: `msgtype` and what belongs to it."""

    name = "wecom"
    limits: Limits = limits.LIMITS

    def draw(self, card: Card, names: dict[PersonId, str]) -> Drawn:
        """A new message: the payload, and the texts to send with it."""
        pen = Pen(card, names)
        found = controls(card, pen)
        return Sheet(card, pen, found).card() if found.kind else Sheet(card, pen, found).text()

    def redraw(self, card: Card, names: dict[PersonId, str]) -> Drawn:
        """What a template card that was sent becomes; always a template card. `beside` was sent with the first."""
        pen = Pen(card, names)
        found = controls(card, pen)
        return Sheet(card, pen, found if found.kind else settled(card, pen), again=True).card()

    def findings(self, drawn: Drawn) -> list[str]:
        return limits.findings(drawn)


def task_id(card: Card) -> str:
    """What a card is about. Unique for a view of a step's revision, not for a reader or a second sending: whoever
    sends adds `@` and what makes it so (WeCom refuses one that it has seen: 42014)."""
    said = f"{card.reference or 'none'}@{card.kind}@{card.step}@{card.revision}"
    return _NOT_IN_ID.sub("-", said)[:128]


def settled(card: Card, pen: Pen) -> Controls:
    """One grey button in place of those that are gone. A client that lets it be pressed asks how the case stands."""
    label = pen.flat(card.state) or pen.word("settled")
    said = shortened(label, limits.BUTTON)
    button = {"text": said, "style": STYLES[""], "key": event_key("status", "", "")}
    cut = (label,) if said != label else ()
    return Controls("button_interaction", {"button_list": [button], "replace_text": said}, cut)


class Sheet:
    """One message on its way."""

    def __init__(self, card: Card, pen: Pen, found: Controls, *, again: bool = False) -> None:
        self._card = card
        self.pen = pen
        self.controls = found
        self._again = again
        self._title = pen.flat(card.title) or pen.word("app")
        self._place, self._further = self._placed()
        self._rows, self._fields = self._sorted()

    def text(self) -> Drawn:
        """As Markdown alone."""
        first, *others = self.pen.sheets(self._whole())
        return Drawn({"msgtype": "markdown", "markdown": {"content": first}}, tuple(others))

    def card(self) -> Drawn:
        """As a template card, with what it has no room for beside it."""
        ticks = self.controls.kind == "vote_interaction"
        desc, body, whole = self._under_title() if ticks else self._body()
        main = {"title": shortened(self._title, limits.TITLE)} | ({"desc": desc} if desc else {})
        card: Json = {"card_type": self.controls.kind, "source": {"desc": self._source()}, "main_title": main}
        card |= {"sub_title_text": body} if body else {}
        card |= {"horizontal_content_list": self._rows} if self._rows and not ticks else {}
        card |= {"task_id": task_id(self._card), **self.controls.parts}
        beside = () if whole and self._again else tuple(self.pen.sheets(self._whole()))
        return Drawn({"msgtype": "template_card", "template_card": card}, beside)

    # ------------------------------------------------------------------------------------------ on the card

    def _source(self) -> str:
        ref = self._card.reference
        said = self.pen.word("source", ref=ref) if ref else self.pen.word("app")
        return said if len(said) <= limits.SOURCE else shortened(ref, limits.SOURCE)

    def _placed(self) -> tuple[str, str]:
        """Where this belongs: what has room under the title, and the rest. The reference stands in the source."""
        said = [part for part in self.pen.flat(self._card.context).split(" · ") if part != self._card.reference]
        fits = len(said)
        while fits > 1 and len(" · ".join(said[:fits])) > limits.DESC:
            fits -= 1
        return " · ".join(said[:fits]), " · ".join(said[fits:])

    def _sorted(self) -> tuple[list[Json], list[Field]]:
        """Fields that fit a row, and those that do not."""
        rows: list[Json] = []
        others = []
        for field in self._card.fields:
            row = self._row(field)
            if row is None or len(rows) == limits.ROWS:
                others.append(field)
            else:
                rows.append(row)
        return rows, others

    def _row(self, field: Field) -> Json | None:
        label, value = self.pen.flat(field.label), self.pen.flat(field.value)
        if not 0 < len(label) <= limits.KEYNAME or not 0 < len(value) <= limits.VALUE or _has_link(field.value):
            return None
        person = MENTION.fullmatch(field.value.strip())
        member = person[1].removeprefix("wecom:") if person and person[1].startswith("wecom:") else ""
        return {"keyname": label, "value": value} | ({"type": 3, "userid": member} if member else {})

    def _under_title(self) -> tuple[str, str, bool]:
        """A list to tick has one line under its title and no more: the line, and whether it says everything."""
        card, pen = self._card, self.pen
        place = self._place
        line = " ".join(
            said for said in (place, self._further, *map(pen.flat, (card.lead, card.notice, card.typed))) if said
        )
        more = card.fields or card.parts or card.items or self._hint()
        if len(line) <= limits.DESC and not more and not self._is_cut():
            return line, "", True
        lead = pen.flat(card.lead)
        short = lead if len(lead) <= limits.DESC else ""
        return shortened(place or short or ("" if self._again else pen.word("beside")), limits.DESC), "", False

    def _body(self) -> tuple[str, str, bool]:
        """The line under the title, the 112 characters, and whether the card then says everything."""
        pen, card = self.pen, self._card
        prose = self._prose()
        said = [pen.flat(text) for text in prose]
        whole = "\n".join(said)
        if len(whole) <= limits.BODY and not self._is_cut() and not any(map(_has_link, prose)):
            return self._place, whole, True
        pointer = "" if self._again else pen.word("beside")
        told = [text for text in (pen.flat(card.lead), pen.flat(card.notice)) if text]
        begun = told or said[1 if self._further else 0 :][:1]
        body = "\n".join(text for text in (self._further, *begun) if text)
        body = shortened(body, limits.BODY if told else limits.BODY - len(pointer) - 1)
        for more in (pointer, pen.flat(card.typed)):
            body = f"{body}\n{more}" if more and len(body) + len(more) < limits.BODY else body
        return shortened(self._place, limits.DESC), body, False

    def _is_cut(self) -> bool:
        """Whether something else than the prose has no room on the card."""
        found = self.controls
        too_long = len(self._title) > limits.TITLE or len(self._place) > limits.DESC
        return bool(too_long or found.cut or found.left_out or found.listed)

    def _hint(self) -> str:
        asked = self._card.input
        return asked.hint if asked is not None and asked.hint != self._card.typed else ""

    # ------------------------------------------------------------------------------------------ beside it

    def _prose(self) -> list[str]:
        """Everything that is not a title or a row, as texts with their marks."""
        card, colon = self._card, self.pen.word("colon")
        said = [plain(self._further), card.lead, *(f"{field.label}{colon}{field.value}" for field in self._fields)]
        for part in card.parts:
            head = f"{part.label}{colon}" if part.label else ""
            said += [f"{head if at == 0 else ''}{line}" for at, line in enumerate(_lines(part))]
        said += [_item(item.text, item.state, item.detail) for item in card.items]
        asked = card.input
        if asked is not None and self.pen.flat(asked.label) != self._title:
            said.append(asked.label)
        return [line for line in (*said, card.notice, self._hint(), card.typed) if line.strip()]

    def _whole(self) -> list[str]:
        """The lines of the text, in Markdown."""
        card, pen = self._card, self.pen
        in_full = card.kind in SHORT or len(self._title) > HEAD
        lines = pen.lines(card.title, strong=card.kind == "refusal") if in_full else []
        lines += pen.lines(card.context) if len(pen.flat(card.context)) + len(card.reference) > HEAD - 3 else []
        lines += pen.lines(card.lead)
        for field in card.fields:
            lines += pen.lines(f"**{pen.flat(field.label)}**{pen.word('colon')}{field.value}")
        for part in card.parts:
            lines += pen.lines(part.label, strong=True)
            for line in _lines(part):
                lines += pen.lines(line)
        for item in card.items:
            lines += pen.lines(_item(item.text, f"**{pen.flat(item.state)}**" if item.state else "", item.detail))
        lines += self._options()
        for said in (card.notice, self._hint(), card.typed, *self._about_buttons()):
            lines += pen.lines(said, QUOTE)
        return [line for line in lines if line.strip()]

    def _options(self) -> list[str]:
        """The options as they are counted. A list whose button does something else than answer names its items; what
        is answered in one's own words counts nothing."""
        asked, pen = self._card.input, self.pen
        if asked is None:
            return []
        label = pen.lines(asked.label, strong=True) if pen.flat(asked.label) != self._title else []
        counted = asked.kind in ("choice", "many") and sends((*self._card.row, *self._card.more), asked) is None
        if not self.controls.listed and not counted:
            return label
        return label + [line for _, said in numbered(asked, pen) for line in pen.lines(said)]

    def _about_buttons(self) -> list[str]:
        pen, found = self.pen, self.controls
        said = [pen.word("in_full", labels=" / ".join(found.cut))] if found.cut else []
        labels = dict.fromkeys((*found.left_out, *self._unsaid()))
        return said + ([pen.word("or_write", labels=" / ".join(labels))] if labels else [])

    def _unsaid(self) -> list[str]:
        """What can be pressed beside an answer and is named nowhere else in the text."""
        card, asked = self._card, self._card.input
        if asked is None or sends((*card.row, *card.more), asked) is not None:
            return []
        options = () if asked.kind in ("choice", "many") else asked.options
        named = [*(option.label for option in options), *(button.label for button in (*card.row, *card.more))]
        labels = [self.pen.flat(label) for label in named]
        return [label for label in labels if label not in f"{card.typed} {self._hint()}"]


def _has_link(text: str) -> bool:
    return any(run.kind == "link" for run in runs(text))


def _lines(part: Part) -> list[str]:
    """The lines of a part, numbered by hand where they are done one after another."""
    return [f"{at}. {line}" if part.numbered else line for at, line in enumerate(part.lines, start=1)]


def _item(text: str, state: str, detail: str) -> str:
    said = " · ".join(said for said in (text, state, detail) if said.strip())
    return said if _NUMBERED.match(said) else f"• {said}"
