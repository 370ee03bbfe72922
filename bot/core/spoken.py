"""What a person has open when they type, and what their words can be taken for. The values of `route`."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from bot.core.answering import Pending
from bot.core.case import CaseRef, StepStatus


class OpenStep(Struct, frozen=True, gc=False):
    """A step that a typed verb may mean. `mine`: this person does it; otherwise they may decide on it."""

    case: CaseRef
    number: int
    title: str
    status: StepStatus
    mine: bool


class Choice(Struct, frozen=True, gc=False):
    """A yes or a no that waits for this person and is about no step: the verbs that say it. `no` may ask for more."""

    case: CaseRef
    yes: str
    no: str


class Prompt(Struct, frozen=True, omit_defaults=True, gc=False):
    """What the bot asked this person for after a click: the next message is it. `asks`: reason, date, person, waive."""

    asks: str
    verb: str
    case: CaseRef
    step: int = 0
    revision: int = 0
    until: datetime | None = None


class Situation(Struct, frozen=True, gc=False):
    """What a person has open, and where they typed (`thread`: inside the thread of this case)."""

    steps: tuple[OpenStep, ...] = ()
    pending: tuple[Pending, ...] = ()
    cases: tuple[CaseRef, ...] = ()
    prompt: Prompt | None = None
    thread: CaseRef = ""
    choices: tuple[Choice, ...] = ()


class Command(Struct, frozen=True, gc=False):
    """A verb with what was said around it. `words` is free text; `values` answer a question."""

    verb: str
    case: CaseRef = ""
    step: int = 0
    revision: int = 0
    words: str = ""
    values: tuple[str, ...] = ()
    question: str = ""


class Unclear(Struct, frozen=True, gc=False):
    """Which one is meant? `choices` are the steps it could be."""

    verb: str
    choices: tuple[OpenStep, ...]


class NotUnderstood(Struct, frozen=True, gc=False):
    """`why`: empty, too_long, unknown, nothing_fits, cancelled."""

    why: str = "unknown"


Routed = Command | Unclear | NotUnderstood
