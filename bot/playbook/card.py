"""The neutral message. One card must become Slack blocks, a WeCom card of 112 characters with the rest beside it
as Markdown, lines in a terminal, and a piece of a web page; so its prose has *named parts*, not one blob.

TEXT. Strings hold plain text with four marks and nothing else: `**strong**`, `` `code` ``, `[label](https://…)`,
and a person as MENTION_OPEN + id + MENTION_CLOSE, which each renderer draws in its platform's way. A card therefore
holds no names, and its hash (what a person confirmed) does not depend on what somebody is called. What people typed
is stripped of the mention signs before it gets in (`plain`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256

import msgspec
from msgspec import Struct

MENTION_OPEN, MENTION_CLOSE = "\ue000", "\ue001"
"""Private-use characters: they cannot be typed by accident and are removed from what people type."""

MENTION = re.compile(f"{MENTION_OPEN}([^{MENTION_CLOSE}]*){MENTION_CLOSE}")
LINK = re.compile(r"\[([^\]\[]+)\]\((https://[^)\s]+)\)")

PARTS = ("why", "where", "how", "worked", "different")
"""The named parts of a step, in order; `how` is numbered, `different` is for when the page looks different."""


class Button(Struct, frozen=True, omit_defaults=True):
    """Verb (CONTRACT.md §5) with its detail, what it says, and an opaque value. `style`: primary, danger or plain.

    `url` makes it a link (verb `link`). `asks` names what has to be typed or chosen first: `reason`, `date`, `person`;
    or it is the id of the card's own input, which this button sends.
    """

    verb: str
    label: str
    value: str = ""
    detail: str = ""
    style: str = ""
    url: str = ""
    asks: str = ""


class Option(Struct, frozen=True):
    id: str
    label: str


class Input(Struct, frozen=True, omit_defaults=True):
    """Something to answer on the card. `kind`: choice (one), many (any number), date, text, person."""

    id: str
    kind: str
    label: str
    options: tuple[Option, ...] = ()
    value: str = ""
    hint: str = ""


class Field(Struct, frozen=True):
    label: str
    value: str


class Part(Struct, frozen=True, omit_defaults=True):
    """One named part of the prose. `numbered` lines are done one after another."""

    name: str
    label: str
    lines: tuple[str, ...]
    numbered: bool = False


class Item(Struct, frozen=True, omit_defaults=True):
    """A row of a list: a step and how it stands, or a thing that waits. `state` is a word, never only a sign."""

    text: str
    state: str = ""
    detail: str = ""
    value: str = ""


class Card(Struct, frozen=True, omit_defaults=True):
    """`summary` is the whole card in one sentence: notifications and screen readers get only that.

    `row` are at most two buttons, the ones most people need; `more` is the overflow. `typed` says how to do
    the same by typing, for clients that draw no cards. `state` is how it stands in a word or two ("approved"): it
    takes the place of buttons that are gone.
    """

    kind: str
    title: str
    summary: str
    reference: str = ""
    context: str = ""
    lead: str = ""
    fields: tuple[Field, ...] = ()
    parts: tuple[Part, ...] = ()
    items: tuple[Item, ...] = ()
    input: Input | None = None
    row: tuple[Button, ...] = ()
    more: tuple[Button, ...] = ()
    notice: str = ""
    typed: str = ""
    state: str = ""
    revision: int = 0
    step: int = 0
    language: str = "en"


def sends(buttons: Iterable[Button], asked: Input) -> Button | None:
    """The one of a card's buttons that sends what is chosen in its input, instead of a plain "submit"."""
    return next((button for button in buttons if button.asks == asked.id), None)


_ENCODER = msgspec.json.Encoder(order="deterministic")


def card_bytes(card: Card) -> bytes:
    """The card as canonical bytes: what the `texts` table keeps."""
    return _ENCODER.encode(card)


def card_hash(card: Card) -> str:
    """SHA-256 of what the card says, without its buttons' values: the `text_hash` of a confirmation."""
    bare = msgspec.structs.replace(card, row=(), more=(), input=None, revision=0)
    return sha256(card_bytes(bare)).hexdigest()


def mention(person: str) -> str:
    """A person inside a text."""
    return f"{MENTION_OPEN}{person}{MENTION_CLOSE}"


def plain(typed: str) -> str:
    """What somebody typed, made safe to stand in a card: it can mention nobody and form no link or markup."""
    text = typed.replace(MENTION_OPEN, "").replace(MENTION_CLOSE, "")
    return re.sub(r"([*`\[\]])", lambda found: _LOOKALIKES[found.group(1)], text)


_LOOKALIKES = {"*": "\u2217", "`": "\u02cb", "[": "\uff3b", "]": "\uff3d"}
