"""Facts tell what happened. They are the only thing that is stored; everything else can be computed from them.

RULES
 1. A fact is a verdict, not a wish: by the time it exists it has been judged. `fold` applies it without asking.
 2. The schema is frozen. A field may be added only with a default that means "as before". Any other change is a
    new struct with a new tag (`confirmed/2`) and an entry in `UPCASTS` that turns the old one into the new one;
    the golden logs under tests/golden hold us to it.
 3. No names, phones, addresses. People are ids. Free text is `Sealed`.
 4. `at` is UTC. `by` is the person who caused it, or `system`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from msgspec import Struct

from bot.core.case import (
    SYSTEM,
    Answer,
    Asking,
    CaseRef,
    Grade,
    Holding,
    Invariant,
    Lead,
    PersonId,
    Pin,
    Sealed,
    Step,
)


class _Fact(Struct, frozen=True, omit_defaults=True, tag_field="kind", kw_only=True, gc=False):
    at: datetime
    by: PersonId = SYSTEM


class StepFact(_Fact, frozen=True, omit_defaults=True, kw_only=True):
    """What happened to one step."""

    step: int


class Opened(_Fact, frozen=True, tag="opened"):
    """A case began. Begun by the leaver it is only proposed until an admin agrees."""

    ref: CaseRef
    pins: tuple[Pin, ...]
    leaver: PersonId = ""
    last_day: date | None = None
    agreed: bool = False


class Agreed(_Fact, frozen=True, tag="agreed"):
    """An admin agreed to a case that the leaver began."""


class Moved(_Fact, frozen=True, tag="moved"):
    """The last day was set or changed; `due` are the new due dates by step number."""

    last_day: date
    due: dict[int, date] = {}
    reason: Sealed | None = None


class Asked(_Fact, frozen=True, tag="asked"):
    """A question was put; its answer is pending."""

    asking: Asking


class Answered(_Fact, frozen=True, tag="answered"):
    question: str
    answer: Answer


class Unanswered(_Fact, frozen=True, tag="unanswered"):
    """The last answer was taken back; its question is put again."""

    question: str


class SuccessorProposed(_Fact, frozen=True, tag="successor_proposed"):
    """The leaver suggests who takes over; it counts only once an admin has named the person."""

    person: PersonId
    target: str = ""


class SuccessorNamed(_Fact, frozen=True, tag="successor_named"):
    person: PersonId
    target: str = ""


class SuccessorAccepted(_Fact, frozen=True, tag="successor_accepted"):
    target: str = ""


class SuccessorDeclined(_Fact, frozen=True, tag="successor_declined"):
    target: str = ""


class Planned(_Fact, frozen=True, tag="planned"):
    """The plan, whole: nothing in it has to be read from a playbook again. A later one goes on where this one ends."""

    steps: tuple[Step, ...]
    holdings: tuple[Holding, ...] = ()
    invariants: tuple[Invariant, ...] = ()
    leads: tuple[Lead, ...] = ()


class StepOpened(StepFact, frozen=True, tag="step_opened"):
    """The step may be shown to `person` ("" is any admin). From here on what it takes counts as gone."""

    person: PersonId = ""


class StepHeld(StepFact, frozen=True, tag="step_held"):
    """A step was closed again: an alarm stands, or it was confirmed too early and that was taken back."""


class Confirmed(StepFact, frozen=True, tag="confirmed"):
    """The owner's word that the step is done. `early` says it came while the step was still closed."""

    text_hash: str = ""
    via: str = ""
    early: bool = False


class Undone(StepFact, frozen=True, tag="undone"):
    """The owner took the confirmation back."""


class SentBack(StepFact, frozen=True, tag="sent_back"):
    reason: Sealed | None = None


class Approved(StepFact, frozen=True, tag="approved"):
    looked: bool


class SoakBegan(StepFact, frozen=True, tag="soak_began"):
    until: datetime


class Restored(StepFact, frozen=True, tag="restored"):
    """A reversible act was reversed while it soaked; the step is open again."""


class StepDone(StepFact, frozen=True, tag="step_done"):
    grade: Grade


class Waived(StepFact, frozen=True, tag="waived"):
    reason: str
    words: Sealed | None = None


class Stuck(StepFact, frozen=True, tag="stuck"):
    words: Sealed | None = None


class NotMine(StepFact, frozen=True, tag="not_mine"):
    """The owner says that this step is not theirs to do; an admin decides."""


class Snoozed(StepFact, frozen=True, tag="snoozed"):
    until: datetime


class Reassigned(StepFact, frozen=True, tag="reassigned"):
    """Another person does the step now (an admin who takes it over included)."""

    person: PersonId
    reason: Sealed | None = None


class Nudged(StepFact, frozen=True, tag="nudged"):
    """A reminder was put on these people's desks. Step 0: of something of the case itself."""

    people: tuple[PersonId, ...]
    about: str


class Alarmed(StepFact, frozen=True, tag="alarmed"):
    """What has already happened may have broken this invariant."""

    invariant: str
    target: str = ""


class Calmed(_Fact, frozen=True, tag="calmed"):
    """The invariant holds again."""

    invariant: str
    target: str = ""


class StayAsked(_Fact, frozen=True, tag="stay_asked"):
    """The leaver would like to stay."""


class Undelivered(_Fact, frozen=True, tag="undelivered"):
    """A message could not be delivered (`why`: gone, rejected, uncertain)."""

    person: PersonId
    lane: str
    why: str


class Closed(_Fact, frozen=True, tag="closed"):
    """outcome: handed_over, partly (something was left undone), left_undone (all was), stayed, declined, closed."""

    outcome: str
    reason: Sealed | None = None


class Refused(_Fact, frozen=True, tag="refused"):
    """Something was not allowed. Changes nothing. `times` counts how often this person met this refusal."""

    code: str
    verb: str
    step: int = 0
    times: int = 1


class Renewed(StepFact, frozen=True, tag="renewed"):
    """An admin looked at what was done long ago: it is still right."""


class Continued(_Fact, frozen=True, tag="continued"):
    """A playbook of the case led to others, pinned here: `instead` of its own plan, or else beside it or after it."""

    of: str
    pins: tuple[Pin, ...]
    instead: bool = False


class Returned(_Fact, frozen=True, tag="returned"):
    """Back to where the way parted: `to` is asked again, the playbooks it had led to are `left`, and these of their
    `steps` are not needed any more. What was done there stays."""

    to: str
    left: tuple[str, ...] = ()
    steps: tuple[int, ...] = ()


Fact = (
    Opened | Agreed | Moved | Asked | Answered | Unanswered | SuccessorProposed | SuccessorNamed | SuccessorAccepted
    | SuccessorDeclined | Planned | StepOpened | StepHeld | Confirmed | Undone | SentBack | Approved | SoakBegan
    | Restored | StepDone | Waived | Stuck | NotMine | Snoozed | Reassigned | Nudged | Alarmed | Calmed | StayAsked
    | Undelivered | Closed | Refused | Continued | Returned | Renewed
)  # fmt: skip

Upcasts = Mapping[type[Struct], Callable[[Struct], Struct]]

UPCASTS: Upcasts = {}
"""Retired struct -> how to say the same in the newest one. Empty: this is the first version."""


def upcast(fact: Struct, upcasts: Upcasts = UPCASTS) -> Struct:
    """The fact in its newest form; one that is already newest comes back as it is."""
    while (newer := upcasts.get(type(fact))) is not None:
        fact = newer(fact)
    return fact


def worth_keeping(times: int) -> bool:
    """Whether the n-th refusal of the same kind is stored: the 1st, 10th, 100th …; the others are only counted."""
    while times > 1 and times % 10 == 0:
        times //= 10
    return times == 1
