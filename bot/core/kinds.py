"""The closed lists of words: who owns a step, where it stands, how a done is known, who holds what."""

from __future__ import annotations

from enum import StrEnum


class Owner(StrEnum):
    """Who does a step."""

    LEAVER = "leaver"
    SUCCESSOR = "successor"
    ADMIN = "admin"


class StepStatus(StrEnum):
    """Where a step stands. The eight words of the public view `confirmations`."""

    LOCKED = "locked"
    OPEN = "open"
    CLAIMED = "claimed"
    SENT_BACK = "sent_back"
    SOAKING = "soaking"
    DONE = "done"
    WAIVED = "waived"
    NOT_NEEDED = "not_needed"


AT_WORK = frozenset({StepStatus.OPEN, StepStatus.SENT_BACK, StepStatus.CLAIMED, StepStatus.SOAKING})
"""Statuses in which the owner has seen the instructions and may have acted: a take counts."""

SETTLED = frozenset({StepStatus.DONE, StepStatus.WAIVED, StepStatus.NOT_NEEDED})
"""Statuses in which nothing more is expected of anybody."""


class Grade(StrEnum):
    """How a "done" is known, weakest first. The last two exist once the cloud itself can be asked."""

    STATED = "stated"
    WITNESSED = "witnessed"
    CORROBORATED = "corroborated"
    VERIFIED = "verified"

    @property
    def rank(self) -> int:
        return _RANKS[self]

    def reaches(self, demanded: Grade) -> bool:
        return self.rank >= demanded.rank


_RANKS = {grade: rank for rank, grade in enumerate(Grade)}


class Holder(StrEnum):
    """Who holds a holding (a login method, the security phone, the keys …)."""

    LEAVER = "leaver"
    COMPANY = "company"
    NOBODY = "nobody"


class CaseStatus(StrEnum):
    """proposed: a leaver began it, no admin has agreed yet. asking: questions are open. running: there is a plan."""

    PROPOSED = "proposed"
    ASKING = "asking"
    RUNNING = "running"
    CLOSED = "closed"
