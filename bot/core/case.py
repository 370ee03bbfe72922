"""The nouns: a case, its plan, its steps, what is held and by whom.

RULES
 1. Everything here is a frozen value. A case changes only by `fold` (fold.py).
 2. A case carries its whole plan. Nothing in it has to be looked up in a playbook later, so that a case
    outlives the playbook version it began with.
 3. People are ids (`slack:U1`, `demo:lin`); to this package an id is an opaque string. Names, phone numbers
    and addresses never enter a case. Free text enters only as `Sealed`.
"""

from __future__ import annotations

from datetime import date, datetime

from msgspec import Struct

from bot.core.kinds import AT_WORK, SETTLED, CaseStatus, Grade, Holder, Owner, StepStatus

__all__ = [
    "AT_WORK", "SETTLED", "SYSTEM", "UNKNOWN", "Alarm", "Answer", "Approval", "Asking", "Case", "CaseRef", "CaseStatus",
    "Grade", "Holder", "Holding", "Invariant", "Lead", "Owner", "PersonId", "Pin", "Plan", "Sealed", "Step",
    "StepStatus", "Successor",
]  # fmt: skip

PersonId = str
CaseRef = str
SYSTEM: PersonId = "system"
UNKNOWN = "unknown"
"""The answer "I do not know". It is offered with every question and counts as "the leaver's"."""


class Sealed(Struct, frozen=True, gc=False):
    """Free text, encrypted under the key of its case (AES-GCM, base64). Only the edge can open it."""

    box: str


class Pin(Struct, frozen=True, gc=False):
    """A playbook fixed by the SHA-256 of its content; the bytes are kept in the database."""

    name: str
    hash: str


class Answer(Struct, frozen=True, omit_defaults=True, gc=False):
    """What was answered to one question.

    `values` are option ids or validated identifiers; `(UNKNOWN,)` is "I do not know"; empty is "none of these".
    Words that are private (`sealed`) stay encrypted and never steer a plan.
    """

    values: tuple[str, ...] = ()
    sealed: Sealed | None = None

    @property
    def unknown(self) -> bool:
        return UNKNOWN in self.values


class Approval(Struct, frozen=True, gc=False):
    """One person's decision that a step is done: they looked themselves, or accept the owner's word."""

    by: PersonId
    at: datetime
    looked: bool


class Step(Struct, frozen=True, omit_defaults=True, gc=False):
    """One thing to be done for one target: what the plan says of it, then how it stands.

    `needs` must be done at the grade they demand (a waiver does not satisfy a need); `after` only gives an
    order (a waiver satisfies it). `gives`, `takes`, `disables`, `destroys` name holdings of the same target.
    """

    number: int
    id: str
    playbook: str
    owner: Owner
    target: str = ""
    title: str = ""
    needs: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    gives: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    disables: tuple[str, ...] = ()
    destroys: tuple[str, ...] = ()
    demands: Grade = Grade.STATED
    approvals: int = 1
    soak_hours: int = 0
    patience_hours: int = 24
    recovers: str = ""
    only_leaver: bool = False
    before_last_day: int = -1
    due: date | None = None

    status: StepStatus = StepStatus.LOCKED
    revision: int = 0
    round: int = 0
    person: PersonId = ""
    grade: Grade | None = None
    early: bool = False
    opened_at: datetime | None = None
    confirmed_by: PersonId = ""
    confirmed_at: datetime | None = None
    platform: str = ""
    text_hash: str = ""
    fact_number: int = 0
    approved: tuple[Approval, ...] = ()
    sent_back_count: int = 0
    sent_back_by: PersonId = ""
    sent_back_at: datetime | None = None
    restored_by: PersonId = ""
    sent_back_reason: Sealed | None = None
    soak_until: datetime | None = None
    waived_by: PersonId = ""
    waived_at: datetime | None = None
    waiver_reason: str = ""
    waiver_words: Sealed | None = None
    stuck: bool = False
    not_mine: bool = False
    nudges: int = 0
    snoozed_until: datetime | None = None
    shown_to: PersonId = ""
    """Who has the newest card with the instructions (of this `round`): a person, the admins' thread, or nobody yet."""
    handed: bool = False
    """An admin gave it to `person`, so that it does not pass on when somebody else takes over."""
    waits: bool = False
    """It is being done elsewhere for days: meanwhile its owner gets the next step."""
    again_days: int = 0
    """Once it is done, the admins are asked after so many days whether it is still right, for as long as there is a
    record of the case; 0: never."""
    renewed_by: PersonId = ""
    renewed_at: datetime | None = None

    @property
    def finished(self) -> bool:
        """Done at the grade that was demanded: only then does what it gives count and are needs satisfied."""
        return self.status is StepStatus.DONE and self.grade is not None and self.grade.reaches(self.demands)

    @property
    def asked_again(self) -> bool:
        """Whether the admins were asked if it is still right, and nobody has answered yet."""
        return self.status is StepStatus.DONE and self.again_days > 0 and self.nudges > 0


class Holding(Struct, frozen=True, omit_defaults=True, gc=False):
    """Something that can be held for a target, and who holds it when the plan begins."""

    id: str
    holder: Holder
    target: str = ""


class Invariant(Struct, frozen=True, omit_defaults=True, gc=False):
    """What must be true whenever one of the `guards` holdings has been touched.

    `at_least` n (or `at_most` n) of the holdings in `of` are held by `held_by`, known at `grade` or better.
    Example: at least 1 login method is the company's, witnessed, whenever any login method was taken.
    """

    id: str
    guards: tuple[str, ...]
    of: tuple[str, ...]
    held_by: Holder
    at_least: int = 0
    at_most: int = -1
    grade: Grade = Grade.STATED


class Lead(Struct, frozen=True, omit_defaults=True, gc=False):
    """The playbook `of` leads to another: `at` its "plan", beside it; or at the "end", when everything is settled and
    these steps of it are done, for any one of its targets."""

    of: str
    to: str
    at: str = "end"
    needs: tuple[str, ...] = ()


class Plan(Struct, frozen=True, omit_defaults=True, gc=False):
    """The steps of a case in order, who holds what at the start, what must never be broken, and where it leads."""

    steps: tuple[Step, ...]
    holdings: tuple[Holding, ...] = ()
    invariants: tuple[Invariant, ...] = ()
    leads: tuple[Lead, ...] = ()


class Asking(Struct, frozen=True, omit_defaults=True, gc=False):
    """A question whose answer is pending. `of` is who should answer; `kind` says what an answer looks like."""

    question: str
    of: PersonId
    playbook: str = ""
    kind: str = "choice"
    options: tuple[str, ...] = ()
    private: bool = False
    revision: int = 1


class Successor(Struct, frozen=True, omit_defaults=True, gc=False):
    """Who takes over. The leaver proposes, an admin names, the person accepts. `number`: the fact that brought them."""

    person: PersonId
    proposed_by: PersonId
    named_by: PersonId = ""
    accepted: bool = False
    declined: bool = False
    number: int = 0


class Alarm(Struct, frozen=True, gc=False):
    """An invariant that what has already happened may have broken."""

    invariant: str
    target: str
    step: int
    at: datetime


class Case(Struct, frozen=True, omit_defaults=True, gc=False):
    """One departure. `count` is how many facts were folded into it, refusals included."""

    ref: CaseRef
    count: int = 0
    status: CaseStatus = CaseStatus.PROPOSED
    leaver: PersonId = ""
    opened_by: PersonId = ""
    opened_at: datetime | None = None
    agreed_by: PersonId = ""
    last_day: date | None = None
    pins: tuple[Pin, ...] = ()
    successors: dict[str, Successor] = {}
    asking: Asking | None = None
    asked: int = 0
    nudges: int = 0
    answers: dict[str, Answer] = {}
    steps: tuple[Step, ...] = ()
    holdings: tuple[Holding, ...] = ()
    invariants: tuple[Invariant, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    wants_to_stay: bool = False
    outcome: str = ""
    closed_at: datetime | None = None
    ahead: tuple[str, ...] = ()
    """Playbooks that another one led to, and whose plan is still to be made."""
    forks: tuple[str, ...] = ()
    """Playbooks in whose place another one was taken, because of what was answered; the first comes first."""
    leads: tuple[Lead, ...] = ()
    """Where the plans that stand lead, and have not led yet."""
    left: tuple[str, ...] = ()
    """Playbooks whose way was left again; they may come again."""
    fixed: int = 0
    """So many answers are not taken back any more, because a plan rests on them."""

    def step(self, number: int) -> Step | None:
        """The step with this number (the first is 1), or None."""
        return self.steps[number - 1] if 0 < number <= len(self.steps) else None

    def successor(self, target: str = "") -> Successor | None:
        """Who takes over this target: the one named for it, else the one named for all."""
        return self.successors.get(target) or self.successors.get("")

    @property
    def coming(self) -> tuple[str, ...]:
        """The playbooks whose questions are put now, and whose plan is still to be made."""
        if self.ahead or self.status not in (CaseStatus.PROPOSED, CaseStatus.ASKING):
            return self.ahead
        return tuple(pin.name for pin in self.pins)

    @property
    def is_open(self) -> bool:
        return self.status is not CaseStatus.CLOSED
