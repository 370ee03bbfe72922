"""Effects are what the machine wants done, as data. The shell queues them in the same transaction as the facts.

A message names *what it shows* (a `View`), not its words: the words are drawn from the case as it stands when the
message leaves, so that a card can only ever show what the log says.

A *lane* is one post: its `Say` comes before its `Amend`s, and only the newest `Amend` matters. Lanes are
`case/subject/round/reader`, legal in every store and log. Answers leave before reminders.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from bot.core.case import CaseRef, PersonId, Sealed

ADMINS = "admins"
"""The reader that stands for the case's thread among the admins."""


class View(Struct, frozen=True, omit_defaults=True, gc=False):
    """What a message shows. `name` is one of VIEWS; the rest says of what."""

    name: str
    step: int = 0
    question: str = ""
    code: str = ""
    words: Sealed | None = None
    args: dict[str, str] = {}


VIEWS = (
    "case",  # the living card of a case, for the admins
    "welcome",  # first words to the leaver
    "question",
    "offer",  # will you take over?
    "naming",  # the admins are asked to name the proposed successor
    "step",  # the instructions, for the owner
    "approval",  # a claimed step, for those who approve
    "status",  # where we are
    "line",  # one sentence that happened (code says which)
    "alarm",
    "digest",  # several reminders in one message
    "receipt",  # the leaver's copy
    "answer",  # the private answer to what somebody just did (code says which)
    "private",  # what was answered in private, opened for an admin: a private answer, never posted
    "refusal",  # why that was not allowed and what to do instead (code says which)
    "pairing",  # are two ids one person? for an admin
    "note",  # a private answer of no case, kept encrypted
)


class Say(Struct, frozen=True, tag="say", gc=False):
    """Post something new. `to` is a person's id, or ADMINS."""

    lane: str
    to: PersonId
    view: View
    reminder: bool = False


class Amend(Struct, frozen=True, tag="amend", gc=False):
    """Redraw what was posted on this lane."""

    lane: str
    view: View


class Ask(Struct, frozen=True, tag="ask", gc=False):
    """Put the pending question. Where a platform has modals it may be one; elsewhere it is the next message."""

    lane: str
    to: PersonId
    view: View


class Tell(Struct, frozen=True, tag="tell", gc=False):
    """The private answer to the person who acted."""

    to: PersonId
    view: View


class Nudge(Struct, frozen=True, tag="nudge", gc=False):
    """Put something on a person's desk; the desk decides when they hear of it. `about`: do, approve, escalated."""

    to: PersonId
    about: str
    case: CaseRef
    step: int
    revision: int


class Wake(Struct, frozen=True, tag="wake", gc=False):
    """Come back at `at` with this. One timer per (case, about, step): a newer one replaces it."""

    at: datetime
    about: str
    step: int = 0
    revision: int = 0


Effect = Say | Amend | Ask | Tell | Nudge | Wake


def lane(case: CaseRef, subject: str, reader: PersonId, round_: int = 0) -> str:
    """The name of one post. `subject` is `step-3`, `approval-3`, `question-2`, `case` …"""
    return f"{case}/{subject}/{round_}/{reader}"
