"""The lockout guard: what may be open, so that no order of events locks the company out.

RULES
 1. A *take* counts from the moment its step was opened: the person acts when the card is shown, not when they click.
 2. A *give* counts only when its step is done at the grade it demands.
 3. A holding therefore has, at any moment, a set of possible holders: whoever was left with it by a touched step that
    may have been the last to act on it, or had it at the start if nothing that acts on it is done. An invariant must
    hold for all of them: "at least n are the company's" counts those that are certainly the company's; "at most n are
    the leaver's" counts those that are possibly the leaver's.
 4. Only a need tells which of two steps acted last: a step that needs another, and is done, came after it. That is
    not known of a step that was confirmed early or that recovers, nor across a step that is not needed.
 5. An invariant is in force once a holding that it guards was touched. Until then nothing was risked.
 6. What is destroyed must have been disabled and have soaked: an invariant that nobody has to write down.
 7. Holdings belong to one target; nothing done for one target helps another, and nothing broken there holds it up.

It follows that touching more, or finishing less, never mends anything: the explorer's proofs rest on this.

Steps are bits: step n is bit n-1. The same compiled guard serves the running case and the explorer, so what is
proven is what runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from bot.core.case import Case, Grade, Holder, Holding, Invariant, Step, StepStatus

SOAK_FIRST = "soak_first"
"""The invariant of rule 6."""


class Breach(Struct, frozen=True):
    """An invariant that may be broken, and for which target."""

    invariant: str
    target: str


class Masks(Struct, frozen=True):
    """A moment of a plan. `touched`: steps that were opened (or confirmed early) at any time. `done[i]`: steps that
    are done at the grade they demand, and at least at the i-th grade (0 stated … 3 verified)."""

    touched: int
    done: tuple[int, int, int, int]


class _Held(Struct, frozen=True):
    """One holding, compiled: who had it, which steps take and give it, and for each of these which come after it."""

    holder: Holder
    takers: int
    givers: int
    after: dict[int, int]


class _Rule(Struct, frozen=True):
    """One invariant for one target. `takers` and `givers` are those of everything that it guards or counts."""

    breach: Breach
    wakes: int
    takers: int
    givers: int
    held: tuple[_Held, ...]
    by: Holder
    at_least: int
    at_most: int
    grade: int


class _Soak(Struct, frozen=True):
    """Rule 6 for one step and one thing that it destroys."""

    breach: Breach
    takers: int
    givers: int


class Guard:
    """The invariants of one plan, compiled to bit masks.

    `touches` are the steps whose opening can break something, `heals` those whose being done can keep it whole.
    """

    def __init__(self, steps: Sequence[Step], holdings: Iterable[Holding], invariants: Iterable[Invariant]) -> None:
        ancestors = _ancestors(steps)
        held = {(item.target, item.id): _compile(item, steps, ancestors) for item in holdings}
        targets = sorted({target for target, _ in held} | {step.target for step in steps})
        found = (_rule(invariant, target, held) for invariant in invariants for target in targets)
        self._rules: tuple[_Rule | _Soak, ...] = (*(rule for rule in found if rule), *_soaks(steps))
        self.touches = self.heals = 0
        for rule in self._rules:
            self.touches |= rule.takers
            self.heals |= rule.givers
            if isinstance(rule, _Rule):
                self.touches |= rule.givers
                self.heals |= 0 if _only_gives_heal(rule) else rule.takers

    @classmethod
    def of(cls, case: Case, target: str | None = None) -> Guard:
        """The guard of a case; of one `target` alone where the question is about one of its steps (rule 7)."""
        if target is None:
            return cls(case.steps, case.holdings, case.invariants)
        steps = [step for step in case.steps if step.target == target]
        return cls(steps, [held for held in case.holdings if held.target == target], case.invariants)

    def breaches(self, now: Masks) -> tuple[Breach, ...]:
        """Every invariant that may be broken at this moment."""
        return tuple(rule.breach for rule in self._rules if not _stands(rule, now))

    def may_open(self, case: Case, step: Step) -> bool:
        """Whether showing this step now breaks nothing. Where something is broken already, nothing more is taken."""
        now = masks(case.steps)
        then = Masks(touched=now.touched | _bit(step), done=now.done)
        takes = bool(step.takes or step.destroys)
        return all(
            _stands(rule, then) or (not _stands(rule, now) and not (takes and rule.breach.target == step.target))
            for rule in self._rules
        )

    def would_stand_without(self, case: Case, step: Step) -> bool:
        """Whether nothing breaks when this step is no longer done, and nothing broken rests on what it gave."""
        now = masks(case.steps)
        keep = ~_bit(step)
        then = Masks(now.touched, (now.done[0] & keep, now.done[1] & keep, now.done[2] & keep, now.done[3] & keep))
        return not any(
            not _stands(rule, then) and (rule.givers & _bit(step) or _stands(rule, now)) for rule in self._rules
        )


def masks(steps: Iterable[Step]) -> Masks:
    """The moment that these steps show."""
    touched = 0
    done = [0, 0, 0, 0]
    for step in steps:
        bit = _bit(step)
        if step.opened_at is not None:
            touched |= bit
        if step.finished and step.grade is not None:
            for rank in range(step.grade.rank + 1):
                done[rank] |= bit
    return Masks(touched=touched, done=(done[0], done[1], done[2], done[3]))


def worst_grade(step: Step) -> Grade:
    """The weakest grade at which this step can come to be done: what the explorer has to assume.

    Without an approval there is only the owner's word; an approval on the word alone is refused for a step that
    demands more than that (rules.py), so such a step is at least witnessed.
    """
    if step.approvals == 0 or step.demands is Grade.STATED:
        return Grade.STATED
    return Grade.WITNESSED


def _bit(step: Step) -> int:
    return 1 << (step.number - 1)


def _bits(mask: int) -> Iterator[int]:
    while mask:
        yield mask & -mask
        mask &= mask - 1


def _ancestors(steps: Sequence[Step]) -> dict[int, int]:
    """Rule 4: for each step's bit, the bits of everything that was certainly done before it was opened."""
    by_number = {step.number: step for step in steps}
    known: dict[int, int] = {}

    def walk(number: int, path: frozenset[int]) -> int:
        if number in known:
            return known[number]
        if number in path or by_number[number].early or by_number[number].recovers:
            return 0
        found = 0
        for need in by_number[number].needs:
            other = by_number.get(need)
            if other is not None and other.status is not StepStatus.NOT_NEEDED and not other.recovers:
                found |= 1 << (need - 1) | walk(need, path | {number})
        known[number] = found
        return found

    return {1 << (step.number - 1): walk(step.number, frozenset()) for step in steps}


def _compile(holding: Holding, steps: Sequence[Step], ancestors: dict[int, int]) -> _Held:
    mine = [step for step in steps if step.target == holding.target]
    takers = sum(_bit(step) for step in mine if holding.id in step.takes or holding.id in step.destroys)
    givers = sum(_bit(step) for step in mine if holding.id in step.gives)
    acting = tuple(_bits(takers | givers))
    after = {bit: sum(other for other in acting if ancestors[other] & bit) for bit in acting}
    return _Held(holder=holding.holder, takers=takers, givers=givers, after=after)


def _rule(invariant: Invariant, target: str, held: dict[tuple[str, str], _Held]) -> _Rule | None:
    counted = tuple(held[target, id] for id in invariant.of if (target, id) in held)
    guarded = tuple(held[target, id] for id in invariant.guards if (target, id) in held)
    wakes = takers = givers = 0
    for item in guarded:
        wakes |= item.takers
    if not wakes:
        return None
    for item in counted:
        takers |= item.takers
        givers |= item.givers
    return _Rule(
        breach=Breach(invariant=invariant.id, target=target),
        wakes=wakes,
        takers=takers | wakes,
        givers=givers,
        held=counted,
        by=invariant.held_by,
        at_least=invariant.at_least,
        at_most=invariant.at_most,
        grade=invariant.grade.rank,
    )


def _soaks(steps: Sequence[Step]) -> Iterator[_Soak]:
    for step in steps:
        for id in step.destroys:
            disablers = sum(
                _bit(other)
                for other in steps
                if other.target == step.target and id in other.disables and other.soak_hours > 0
            )
            yield _Soak(Breach(invariant=SOAK_FIRST, target=step.target), _bit(step), disablers)


def _stands(rule: _Rule | _Soak, now: Masks) -> bool:
    """Whether the rule is kept in every world that this moment allows, or is not in force."""
    if isinstance(rule, _Soak):
        return not rule.takers & now.touched or bool(rule.givers & now.done[0])
    if not rule.wakes & now.touched:
        return True
    if rule.at_least and sum(_certainly(held, rule, now) for held in rule.held) < rule.at_least:
        return False
    return rule.at_most < 0 or sum(rule.by in _possible(held, rule, now) for held in rule.held) <= rule.at_most


def _certainly(held: _Held, rule: _Rule, now: Masks) -> bool:
    """Whether the holder is `rule.by` whatever the people with open steps have done so far.

    Who had it at the start is known from an answer, so it is stated and no more.
    """
    if rule.grade and not (held.takers | held.givers) & now.done[rule.grade]:
        return False
    return _possible(held, rule, now) == {rule.by}


def _possible(held: _Held, rule: _Rule, now: Masks) -> set[Holder]:
    """Rule 3: everybody who may hold it."""
    done = now.done[rule.grade]
    acted = (held.takers | held.givers) & now.touched
    possible = set() if acted & done else {held.holder}
    for bit in _bits(acted):
        if held.after[bit] & done:
            continue  # something that certainly came later has acted
        if bit & held.givers:
            possible.add(Holder.COMPANY)
        if bit & held.takers and not (bit & held.givers and bit & done):
            possible.add(Holder.NOBODY)  # a step that takes and gives is a replacement, once it is done
    return possible


def _only_gives_heal(rule: _Rule) -> bool:
    """Whether being done counts for nothing on a step that only takes. (Elsewhere it may; to assume so is safe.)"""
    if rule.at_most >= 0 and rule.by is not Holder.NOBODY:
        return False
    return not rule.at_least or rule.by is Holder.COMPANY
