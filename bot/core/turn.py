"""One turn of the machine: a case, an event, and the facts that come of it so far.

The code that judges reads `turn.case`, which already shows the facts of this turn.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol

from bot.core.case import SYSTEM, Answer, Asking, Case, PersonId, Pin, Plan, Step
from bot.core.events import Actor, Event, Workdays
from bot.core.facts import Fact
from bot.core.fold import fold
from bot.core.rules import Refusal


class Instead(NamedTuple):
    """The answers lead away from the playbook `of`, to this one."""

    of: str
    pin: Pin


class Fork(NamedTuple):
    """Where a way parted: the questions of that playbook, those that decide where it leads, and all that it may have
    led to, directly or not."""

    questions: tuple[str, ...]
    deciding: tuple[str, ...]
    beyond: frozenset[str]


class Playbooks(Protocol):
    """What the machine needs of the playbooks that a case has pinned, and of those that these lead to. Pure: which is
    the newest content of a playbook is settled when this is made, and stands in the facts afterwards."""

    def next_question(self, case: Case) -> Asking | None:
        """The next question of the playbooks that come, or None when all are answered."""
        ...

    def accepts(self, asking: Asking, answer: Answer) -> bool:
        """Whether this is an answer to that question: an option that was offered, an identifier of its form."""
        ...

    def instead(self, case: Case) -> Instead | None:
        """Of the playbooks that come, all questions answered: the first in whose place the answers put another."""
        ...

    def plan(self, case: Case, workdays: Workdays) -> Plan:
        """The plan of the playbooks that come, numbered on from the steps that are there."""
        ...

    def newest(self, name: str) -> Pin | None:
        """The content that a case would pin now; None when there is no such playbook any more."""
        ...

    def fork(self, case: Case, name: str) -> Fork:
        """What this playbook of the case decides."""
        ...


class Turn:
    """Facts are added one by one and folded at once. Nothing is kept between turns."""

    def __init__(self, case: Case | None, event: Event, playbooks: Playbooks) -> None:
        self._case = case
        self.event = event
        self.playbooks = playbooks
        self.facts: list[Fact] = []

    @property
    def is_new(self) -> bool:
        """Whether there is no case yet."""
        return self._case is None

    @property
    def case(self) -> Case:
        if self._case is None:
            raise Refusal("no_case")
        return self._case

    @property
    def at(self) -> datetime:
        return self.event.at

    @property
    def by(self) -> Actor:
        return self.event.by

    @property
    def who(self) -> PersonId:
        return self.event.by.person or SYSTEM

    def add(self, fact: Fact) -> None:
        """This is so now."""
        self._case = fold(self._case, fact)
        self.facts.append(fact)

    def step(self, number: int) -> Step:
        step = self.case.step(number)
        if step is None:
            raise Refusal("no_such_step")
        return step
