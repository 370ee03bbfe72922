"""The lockout guard: what may be open, so that no order of events locks the company out.

RULES
 1. A *take* counts from the moment its step was opened: the person acts when the card is shown, not when they click.
 2. A *give* counts only when its step is done at the grade it demands.
 3. A holding therefore has, at any moment, a set of possible holders. An invariant must hold for all of them:
    "at least n are the company's" counts those that are certainly the company's; "at most n are the leaver's" counts
    those that are possibly the leaver's.
 4. An invariant is in force once a holding that it guards was touched. Until then nothing was risked.
 5. What is destroyed must have been disabled and have soaked: an invariant that nobody has to write down.
 6. Holdings belong to one target; nothing done for one target helps another.

Steps are bits: step n is bit n-1. The same compiled guard serves the running case and the explorer, so what is
proven is what runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from bot.core.case import Case, Grade, Holder, Holding, Invariant, Step

SOAK_FIRST = "soak_first"
"""The invariant of rule 5."""


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
    """One holding, compiled: who had it, which steps take it, and each giver with the takers it comes after."""

    holder: Holder
    takers: int
    givers: int
    excused: tuple[tuple[int, int], ...]


class _Rule(Struct, frozen=True):
    breach: Breach
    wakes: int
    held: tuple[_Held, ...]
    by: Holder
    at_least: int
    at_most: int
    grade: int


class _Soak(Struct, frozen=True):
    breach: Breach
    destroyer: int
    disablers: int


class Guard:
    """The invariants of one plan, compiled to bit masks."""

    def __init__(self, steps: Sequence[Step], holdings: Iterable[Holding], invariants: Iterable[Invariant]) -> None:
        ancestors = _ancestors(steps)
        held = {(item.target, item.id): _compile(item, steps, ancestors) for item in holdings}
        targets = sorted({target for target, _ in held} | {step.target for step in steps})
        self._rules = tuple(
            rule for invariant in invariants for target in targets if (rule := _rule(invariant, target, held))
        )
        self._soaks = tuple(_soaks(steps))
        self.sensitive = sum(_bit(step) for step in steps if step.takes or step.destroys)

    @classmethod
    def of(cls, case: Case) -> Guard:
        return cls(case.steps, case.holdings, case.invariants)

    def breaches(self, now: Masks) -> tuple[Breach, ...]:
        """Every invariant that may be broken at this moment."""
        touched = now.touched
        broken = [rule.breach for rule in self._rules if rule.wakes & touched and not _stands(rule, now)]
        broken += [soak.breach for soak in self._soaks if soak.destroyer & touched and not soak.disablers & now.done[0]]
        return tuple(broken)

    def may_open(self, case: Case, step: Step) -> bool:
        """Whether showing this step now could break anything. A step that takes nothing may always be shown."""
        if not (step.takes or step.destroys):
            return True
        now = masks(case.steps)
        return not self.breaches(Masks(touched=now.touched | _bit(step), done=now.done))

    def would_stand_without(self, case: Case, step: Step) -> bool:
        """Whether everything still holds when this step is no longer done."""
        now = masks(case.steps)
        keep = ~_bit(step)
        done = (now.done[0] & keep, now.done[1] & keep, now.done[2] & keep, now.done[3] & keep)
        return not self.breaches(Masks(touched=now.touched, done=done))


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


def _ancestors(steps: Sequence[Step]) -> dict[int, int]:
    """For each step's bit, the bits of everything that must have been done before it."""
    by_number = {step.number: step for step in steps}
    known: dict[int, int] = {}

    def walk(number: int, path: frozenset[int]) -> int:
        if number in known:
            return known[number]
        if number in path or number not in by_number:
            return 0
        found = 0
        for need in by_number[number].needs:
            found |= 1 << (need - 1) | walk(need, path | {number})
        known[number] = found
        return found

    return {1 << (step.number - 1): walk(step.number, frozenset()) for step in steps}


def _compile(holding: Holding, steps: Sequence[Step], ancestors: dict[int, int]) -> _Held:
    mine = [step for step in steps if step.target == holding.target]
    takers = sum(_bit(step) for step in mine if holding.id in step.takes or holding.id in step.destroys)
    givers = [_bit(step) for step in mine if holding.id in step.gives]
    excused = tuple((giver, giver | ancestors[giver]) for giver in givers)
    return _Held(holder=holding.holder, takers=takers, givers=sum(givers), excused=excused)


def _rule(invariant: Invariant, target: str, held: dict[tuple[str, str], _Held]) -> _Rule | None:
    of = tuple(held[target, id] for id in invariant.of if (target, id) in held)
    wakes = 0
    for id in invariant.guards:
        if (target, id) in held:
            wakes |= held[target, id].takers
    if not wakes:
        return None
    return _Rule(
        breach=Breach(invariant=invariant.id, target=target),
        wakes=wakes,
        held=of,
        by=invariant.held_by,
        at_least=invariant.at_least,
        at_most=invariant.at_most,
        grade=invariant.grade.rank,
    )


def _soaks(steps: Sequence[Step]) -> Iterable[_Soak]:
    for step in steps:
        for id in step.destroys:
            disablers = sum(
                _bit(other)
                for other in steps
                if other.target == step.target and id in other.disables and other.soak_hours > 0
            )
            yield _Soak(Breach(invariant=SOAK_FIRST, target=step.target), _bit(step), disablers)


def _stands(rule: _Rule, now: Masks) -> bool:
    if rule.at_least and sum(_certainly(held, rule, now) for held in rule.held) < rule.at_least:
        return False
    return rule.at_most < 0 or sum(_possibly(held, rule, now) for held in rule.held) <= rule.at_most


def _certainly(held: _Held, rule: _Rule, now: Masks) -> bool:
    """Whether the holder is `rule.by` whatever the people with open steps have done so far."""
    taken = held.takers & now.touched
    if rule.by is Holder.COMPANY:
        known = held.holder is Holder.COMPANY and rule.grade == 0 and not taken
        done = now.done[rule.grade]
        return known or any(giver & done and not taken & ~excused for giver, excused in held.excused)
    if rule.by is Holder.LEAVER:
        return held.holder is Holder.LEAVER and not (taken | held.givers & now.touched)
    gone = held.holder is Holder.NOBODY or bool(held.takers & now.done[rule.grade])
    return gone and not held.givers & now.touched


def _possibly(held: _Held, rule: _Rule, now: Masks) -> bool:
    """Whether the holder may be `rule.by`."""
    moved = (held.takers | held.givers) & now.done[rule.grade]
    if rule.by is Holder.LEAVER:
        return held.holder is Holder.LEAVER and not moved
    if rule.by is Holder.COMPANY:
        kept = held.holder is Holder.COMPANY and not held.takers & now.done[rule.grade]
        return kept or bool(held.givers & now.touched)
    return bool(held.takers & now.touched) or (held.holder is Holder.NOBODY and not moved)
