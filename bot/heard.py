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
    """One delivery. `key` is the same when the platform delivers it again; so is each of `also`, where one thing has
    several names (an event's id, and its channel and time): what was heard under any of them was heard. `person` is
    the verified id, as the platform says it. Either `text` or `click` is set. `thread` is the case in whose thread it
    was typed. `people` are the ids that it mentions (in `text` or among what was chosen): who of them is not known is
    looked up before it is judged."""

    key: str
    person: PersonId
    text: str = ""
    click: Click | None = None
    thread: CaseRef = ""
    people: tuple[PersonId, ...] = ()
    also: tuple[str, ...] = ()


class Wanted(Struct, frozen=True, omit_defaults=True):
    """What a click still needs before it can be judged: a platform with forms may ask for it in one at once, as `card`
    says it; anywhere else the next message is it. `asks`: reason, date, person or waive. What the form brings is heard
    as `click` with what the card's input gives as `chosen` (text as `words`), and what stands in the field for free
    words, which `words` names, as `words`; "" when there is no such field. It may stay empty."""

    asks: str
    click: Click
    card: Card
    words: str = ""


class Answer(Struct, frozen=True, omit_defaults=True):
    """What the person is told at once, privately. `refused` is the code of a refusal, or "".

    `repeated`: this delivery was heard before; nothing was done again. `later`: somebody has to be looked up first; it
    is judged then, and the answer comes as a private message. `wanted`: what the click still needs."""

    cards: tuple[Card, ...] = ()
    case: CaseRef = ""
    refused: str = ""
    repeated: bool = False
    later: bool = False
    wanted: Wanted | None = None
