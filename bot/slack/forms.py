"""Forms: what a click still needs, asked in a window while Slack still opens one; and what such a window brings.

The window carries the click that it completes, as it was verified, in its own metadata, which nobody can change on the
way; the button's value in it still has its keyed hash. Where no window opens nothing is lost: the question has been
asked as a message too.

Sources: docs.slack.dev/reference/views/modal-views (title 24, private_metadata 3,000), /surfaces/modals (a trigger
lives three seconds), /reference/interaction-payloads/view-interactions-payload (an error
names its block).
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from bot.core.case import PersonId
from bot.heard import Click, Wanted
from bot.playbook.card import Card, Input
from bot.playbook.text import word
from bot.rows import Message
from bot.slack import limits, shapes
from bot.slack.clicks import selected
from bot.slack.mrkdwn import Pen, mrkdwn

Json = dict[str, Any]

CALLBACK = "offboard_form"
TITLE = 24
WORDS, CHOICE = "words", "choice"
"""The blocks of a form: what is written, and what is chosen."""

CHOSEN = frozenset({"date", "person", "choice"})
LONGEST = 2_000
AGAIN = frozenset({"answer_form", "needs_words", "needs_reason", "needs_person", "unknown_person", "past_day"})
"""Refusals that the form itself can mend: they are shown in it, and it stays open."""


class Carried(Struct, frozen=True, omit_defaults=True):
    """What a form carries. `at` and `on` are the message that the button stood on, `by` who pressed it."""

    verb: str
    value: str
    asks: str
    detail: str = ""
    chosen: tuple[str, ...] = ()
    at: str = ""
    on: str = ""
    thread: str = ""
    by: str = ""

    def click(self) -> Click:
        """The click without what the form brings."""
        message = Message(self.at, self.on) if self.at and self.on else None
        return Click(self.verb, self.value, self.detail, chosen=self.chosen, message=message)


def view(wanted: Wanted, thread: str, by: PersonId) -> Json | None:
    """The form as `views.open` takes it; None when it cannot be one. `by`: who pressed the button."""
    card, click = wanted.card, wanted.click
    message = click.message or Message("", "")
    carried = Carried(
        click.verb,
        click.value,
        wanted.asks,
        click.detail,
        click.chosen,
        at=message.place,
        on=message.id,
        thread=thread,
        by=by,
    )
    metadata = msgspec.json.encode(carried).decode()
    if len(metadata) > shapes.METADATA:
        return None
    pen = Pen(card, {}, 3_000)
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": metadata,
        "notify_on_close": True,
        "title": pen.plain(card.title or word("app", card.language), TITLE),
        "submit": pen.plain(word("submit", card.language), TITLE),
        "close": pen.plain(word("cancel", card.language), TITLE),
        "blocks": [*_prose(card, pen), *_fields(wanted, card, pen)],
    }


def _prose(card: Card, pen: Pen) -> list[Json]:
    said = [card.title if len(pen.flat(card.title)) > TITLE else "", card.lead]
    asked = card.input.label if card.input is not None else ""
    lines = [line for text in said if text != asked for line in pen.prose(text)]
    return [{"type": "section", "text": mrkdwn(line)} for line in lines[:10] if line]


def _fields(wanted: Wanted, card: Card, pen: Pen) -> list[Json]:
    """What is chosen or written, and the field for a few words more."""
    asked = card.input or Input(id=wanted.asks, kind="text", label=word("write", card.language))
    main = _block(CHOICE, asked.label, _chooser(asked, pen), pen) if asked.kind in CHOSEN else None
    fields = [main or _block(WORDS, asked.label, _text(), pen)]
    if asked.hint:
        fields[0]["hint"] = pen.plain(asked.hint, limits.TEXTS["input/hint"])
    if main is not None and wanted.words:
        fields.append({**_block(WORDS, wanted.words, _text(), pen), "optional": True})
    return fields


def _chooser(asked: Input, pen: Pen) -> Json:
    if asked.kind == "date":
        said = pen.plain(pen.word("choose_day"), 150)
        return {"type": "datepicker", "action_id": CHOICE, "placeholder": said}
    if asked.kind == "person":
        said = pen.plain(pen.word("choose_person"), 150)
        return {"type": "users_select", "action_id": CHOICE, "placeholder": said}
    options = asked.options[: limits.OPTIONS]
    return {
        "type": "static_select",
        "action_id": CHOICE,
        "placeholder": pen.plain(pen.word("choose"), 150),
        "options": [{"text": pen.plain(one.label, limits.OPTION), "value": one.id} for one in options],
    }


def _text() -> Json:
    return {"type": "plain_text_input", "action_id": WORDS, "multiline": True, "max_length": LONGEST}


def _block(id: str, label: str, element: Json, pen: Pen) -> Json:
    said = pen.plain(label, limits.TEXTS["input/label"])
    return {"type": "input", "block_id": id, "label": said, "element": element}


def read(body: Json) -> tuple[Click, Carried]:
    """The click that a form completes. Raises NotSlacks for a form that is not ours."""
    said: shapes.Form = shapes.read(body, shapes.Form)
    if said.view.callback_id != CALLBACK:
        raise shapes.NotSlacks("a form that is not ours")
    try:
        carried = msgspec.json.decode(said.view.private_metadata, type=Carried)
    except msgspec.DecodeError:
        raise shapes.NotSlacks("a form that is not ours") from None
    values = said.view.state.values if said.view.state is not None else {}
    words = values.get(WORDS, {}).get(WORDS)
    choice = values.get(CHOICE, {}).get(CHOICE)
    bare = carried.click()
    chosen = (*bare.chosen, *(selected(choice, "slack:") if choice is not None else ()))
    written = ((words.value or "") if words is not None else "").strip()
    click = replace(bare, chosen=chosen, words=written)
    return click, carried


def closed(body: Json) -> Carried:
    """What a form had carried that was closed without being sent."""
    return read(body)[1]


def errors(carried: Carried, said: str) -> Json:
    """What is wrong, at the field that it concerns."""
    return {WORDS if carried.asks in ("reason", "text") else CHOICE: said}
