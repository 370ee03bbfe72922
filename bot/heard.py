"""What the edges hand over, and what they get back. An adapter translates its platform's words into these."""

from __future__ import annotations

from msgspec import Struct

from bot.core.case import CaseRef, PersonId
from bot.playbook.card import Card
from bot.rows import Message


class Click(Struct, frozen=True, omit_defaults=True):
    """A button: its verb and detail (CONTRACT.md §5), its opaque value, what was chosen or typed with it, and the
    message it stood on."""

    verb: str
    value: str
    detail: str = ""
    chosen: tuple[str, ...] = ()
    words: str = ""
    message: Message | None = None


class Heard(Struct, frozen=True, omit_defaults=True):
    """One delivery. `key` is the same when the platform delivers it again. `person` is the verified id, as the platform
    says it. Either `text` or `click` is set. `thread` is the case in whose thread it was typed."""

    key: str
    person: PersonId
    text: str = ""
    click: Click | None = None
    thread: CaseRef = ""


class Answer(Struct, frozen=True, omit_defaults=True):
    """What the person is told at once, privately. `refused` is the code of a refusal, or "".

    `repeated`: this delivery was heard before; nothing was done again."""

    cards: tuple[Card, ...] = ()
    case: CaseRef = ""
    refused: str = ""
    repeated: bool = False
