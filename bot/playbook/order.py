"""The author's order of some steps, as bit masks: what may happen next, if nothing but `needs` and `after` is asked.

Step n is bit n-1, as in the guard.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bot.core.case import Grade, Step
from bot.core.guard import Masks, worst_grade

OPENED, DONE, WAIVED = "opened", "done", "waived"


class Move(NamedTuple):
    """What happens to one step: it is opened, done or waived."""

    act: str
    step: str


class Moment(NamedTuple):
    """Bit masks of the steps that were ever opened, are done, were waived."""

    touched: int = 0
    done: int = 0
    waived: int = 0


class Row(NamedTuple):
    """One step. `needs` and `after` hold only steps that are in the plan: the others count as there."""

    id: str
    bit: int
    needs: int
    after: int


class Order:
    """Some of the steps of one target that are in the plan.

    `sure` are the steps that reach what they demand even at the worst grade they can get, `seen` those among them that
    are then witnessed. `needed` and `followed` are the steps that another one needs, or comes after.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        here = {step.number for step in steps}
        self.rows = tuple(
            Row(step.id, 1 << (step.number - 1), _bits(here & {*step.needs}), _bits(here & {*step.after}))
            for step in steps
        )
        self.all = _bits(here)
        self.needed = self.followed = 0
        for row in self.rows:
            self.needed |= row.needs
            self.followed |= row.after
        grades = {step.number: worst_grade(step) for step in steps}
        self.sure = _bits({step.number for step in steps if grades[step.number].reaches(step.demands)})
        self.seen = self.sure & _bits({number for number, grade in grades.items() if grade is Grade.WITNESSED})

    def masks(self, now: Moment) -> Masks:
        """What the guard sees of it. (Nothing is assumed to be known better than that somebody looked.)"""
        return Masks(now.touched, (now.done & self.sure, now.done & self.seen, 0, 0))

    def waits(self, row: Row, now: Moment) -> int:
        """The steps that this one still waits for before it may be opened."""
        return (row.needs & ~(now.done & self.sure)) | (row.after & ~(now.done | now.waived))

    def moves(self, now: Moment) -> Iterator[tuple[Move, Moment]]:
        """Everything that may happen next and can matter to what comes after, in the order of the plan."""
        touched, done, waived = now
        for row in self.rows:
            bit = row.bit
            if bit & (done | waived):
                continue
            if not bit & touched:
                if not self.waits(row, now):
                    yield Move(OPENED, row.id), Moment(touched | bit, done, waived)
            elif bit & (self.needed | self.followed):
                yield Move(DONE, row.id), Moment(touched, done | bit, waived)
            if bit & self.followed:
                yield Move(WAIVED, row.id), Moment(touched, done, waived | bit)

    def ahead(self, now: Moment, at_once: int) -> Moment:
        """The moment after everything was opened that can be, and everything of `at_once` that is open was done."""
        touched, done, waived = now
        changed = True
        while changed:
            done |= at_once & touched & ~waived
            changed = False
            for row in self.rows:
                if not row.bit & (touched | waived) and not self.waits(row, Moment(touched, done, waived)):
                    touched |= row.bit
                    changed = True
        return Moment(touched, done, waived)


def single_bits(mask: int) -> Iterator[int]:
    while mask:
        yield mask & -mask
        mask &= mask - 1


def _bits(numbers: set[int]) -> int:
    return sum(1 << (number - 1) for number in numbers)
