"""Events ask. What a person clicked or typed, what a timer or a delivery says: nothing of it is true until judged.

An event brings with it everything that the machine is not allowed to look up: the time, who acts and what the
server says they are, who the admins are, and which days are working days.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Protocol

from msgspec import Struct

from bot.core.case import Answer, CaseRef, PersonId, Pin, Sealed


class Workdays(Protocol):
    """Which days the company works. Pure: the same date always gives the same answer."""

    def is_working(self, day: date) -> bool: ...


def workdays_before(day: date, count: int, workdays: Workdays) -> date:
    """The day `count` working days before `day` (0: the day itself)."""
    while count > 0:
        day -= timedelta(days=1)
        if workdays.is_working(day):
            count -= 1
    return day


def working_days(first: date, last: date, workdays: Workdays) -> int:
    """How many working days there are from `first` to `last`, both included; 0 when `last` is over."""
    span = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return sum(workdays.is_working(day) for day in span)


class Weekdays:
    """A calendar without holidays: Monday to Friday."""

    def is_working(self, day: date) -> bool:
        return day.weekday() < 5


class Actor(Struct, frozen=True, gc=False):
    """Who acts, and what the server's own lists say they are. `standing`: member, guest, outsider, bot, gone."""

    person: PersonId
    admin: bool = False
    second_approver: bool = False
    operator: bool = False
    standing: str = "member"
    via: str = ""


class Roster(Struct, frozen=True):
    """The company's own lists at this moment, from its configuration."""

    admins: tuple[PersonId, ...] = ()
    second_approvers: tuple[PersonId, ...] = ()
    owner: PersonId = ""

    def approvers(self, without: Iterable[PersonId]) -> tuple[PersonId, ...]:
        """Admins who are not among `without`."""
        out = set(without)
        return tuple(admin for admin in self.admins if admin not in out)


class Begin(Struct, frozen=True, tag="begin", gc=False):
    """`/offboard`: the leaver begins their own case, or an admin opens one for somebody (or for nobody)."""

    ref: CaseRef
    pins: tuple[Pin, ...]
    leaver: PersonId = ""
    last_day: date | None = None


class Start(Struct, frozen=True, tag="start", gc=False):
    """An admin agrees to a proposed case."""


class Decline(Struct, frozen=True, tag="decline", gc=False):
    """A successor declines; on a proposed case an admin declines the case."""

    reason: Sealed | None = None
    target: str = ""


class Accept(Struct, frozen=True, tag="accept", gc=False):
    target: str = ""


class Move(Struct, frozen=True, tag="move", gc=False):
    last_day: date
    reason: Sealed | None = None


class Reply(Struct, frozen=True, tag="answer", gc=False):
    """An answer to the pending question."""

    question: str
    answer: Answer
    revision: int = 0


class Choose(Struct, frozen=True, tag="successor", gc=False):
    """Propose (leaver) or name (admin) who takes over."""

    person: PersonId
    target: str = ""


class _OnStep(Struct, frozen=True):
    step: int
    revision: int = 0
    """The revision that the button showed; 0 when typed: then the step as it stands is meant."""


class Confirm(_OnStep, frozen=True, tag="confirm"):
    text_hash: str = ""


class Undo(_OnStep, frozen=True, tag="undo"):
    pass


class Restore(_OnStep, frozen=True, tag="restore"):
    pass


class SayStuck(_OnStep, frozen=True, tag="stuck"):
    words: Sealed | None = None


class SayNotMine(_OnStep, frozen=True, tag="not_mine"):
    pass


class Later(_OnStep, frozen=True, tag="later"):
    pass


class Approve(_OnStep, frozen=True, tag="approve"):
    looked: bool = False


class SendBack(_OnStep, frozen=True, tag="send_back"):
    reason: Sealed | None = None


class Take(_OnStep, frozen=True, tag="take"):
    pass


class Waive(_OnStep, frozen=True, tag="waive"):
    reason: str = ""
    words: Sealed | None = None


class Reassign(_OnStep, frozen=True, tag="reassign"):
    person: PersonId = ""
    reason: Sealed | None = None


class Stay(Struct, frozen=True, tag="stay", gc=False):
    """The leaver asks to stay; from an admin it is the decision that they do."""


class Over(Struct, frozen=True, tag="over", gc=False):
    """An admin says that it is another situation: what decided which way the case went is asked again."""


class Renew(Struct, frozen=True, tag="renew", gc=False):
    """An admin says that what was done is still right: all that was asked about, also when the case is closed."""


class Close(Struct, frozen=True, tag="close", gc=False):
    reason: Sealed | None = None


class Status(Struct, frozen=True, tag="status", gc=False):
    pass


class Woke(Struct, frozen=True, tag="woke", gc=False):
    """A timer is due. What it was for is in `about`: `remind`, `approval`, `soak`."""

    about: str
    step: int = 0
    revision: int = 0


class Undeliverable(Struct, frozen=True, tag="undeliverable", gc=False):
    """A message cannot be delivered to this person."""

    person: PersonId
    lane: str
    why: str


What = (
    Begin
    | Start
    | Decline
    | Accept
    | Move
    | Reply
    | Choose
    | Confirm
    | Undo
    | Restore
    | SayStuck
    | SayNotMine
    | Later
    | Approve
    | SendBack
    | Take
    | Waive
    | Reassign
    | Stay
    | Over
    | Renew
    | Close
    | Status
    | Woke
    | Undeliverable
)


class Event(Struct, frozen=True):
    """One thing that somebody wants, with everything needed to judge it."""

    at: datetime
    by: Actor
    what: What
    roster: Roster
    workdays: Workdays

    @property
    def verb(self) -> str:
        return str(self.what.__struct_config__.tag)
