"""The lockout proof: whether the author's order alone keeps every invariant, and whether every plan can end.

While a case runs there are two walls: what a step `needs` and comes `after`, and the guard. Here the guard only
watches. What is proven is that the first wall is enough, so that the second never has to hold anything back for ever.

RULES: what may happen, in any order and to any number of steps at once
 1. A step in the plan is *opened* when all it needs is finished (done at the grade it demands) and all it comes after
    is settled (done or waived). A step that the answers rule out, or that recovers, counts as there.
 2. An open step is *done*, at the worst grade that it can get. Claimed, sent back, soaking and held count as open.
 3. A step that is not done is *waived*. Then it gives nothing and satisfies no need; what it took stays taken.
 4. A done step that nobody approves is *undone* while no step that needs it, or comes after it, was ever opened.
After every move the guard must find nothing (Guard.breaches). Targets share no holdings, so one target is looked at.
Playbooks that can meet in a case share none either (leads.py, rule 3), so each is proven by itself, from its own start:
what follows a plan, or stands beside it, assumes nothing of it and can break nothing of it. Each comes once in a case,
so when every plan can end, every case can.

WHY IT IS ENOUGH to look at less
 a. Touching more and finishing less never mends anything (guard.py). So what is only claimed, sent back or soaking is
    no better than open, a better grade is no worse, and the worst moment is the one with everything opened that can be.
 b. An undo leads nowhere new: nothing has happened since that rested on the step, so the same moves without its being
    done lead to the same moment. It is left out.
 c. That a step is done matters only where another waits for it, and can keep an invariant whole only if the guard says
    so (Guard.heals). Where it cannot, being done at once is the worst case. A waiver matters only to what comes after.
 d. An invariant hangs on the steps that take or give what it guards or counts, and on those between them. A step that
    only stands before them is in the worst case long done. So each invariant is looked at alone, with these steps
    (its *cone*) and the answers that shape them; the rest of the plan cannot matter to it.
 e. Nothing that may happen ever stops being possible, except by a waiver. So without waivers every order leads to the
    same end, and a plan that cannot end is lost from the start (endings.py).
tests/playbook/test_explore.py compares all this with a plain search through every move of rules 1 to 4.

When an invariant can be broken, a breadth-first search through the moves gives the shortest story (tale.py tells it).
"""

from __future__ import annotations

from msgspec import Struct

from bot.core.case import Answer, Step
from bot.core.guard import Breach, Guard
from bot.playbook.combinations import TooLarge, count, outcomes, raw
from bot.playbook.cone import Cone, cones, first_target
from bot.playbook.endings import DeadEnd, IdleRecovery, dead_ends, idle_recoveries
from bot.playbook.model import Playbook
from bot.playbook.order import Moment, Move, Order, single_bits

__all__ = ["Counterexample", "Proof", "Report", "TooLarge", "explore"]

MOST_MOMENTS = 5_000_000
"""For one plan. Beyond it nothing is proven, and that is said."""


class Counterexample(Struct, frozen=True):
    """A shortest order in which the last move breaks something. `answers`: those that matter to it."""

    answers: dict[str, Answer]
    moves: tuple[Move, ...]
    breach: Breach


class Proof(Struct, frozen=True):
    """What was gone through for one invariant: sets of answers, different plans among them, moments of these."""

    invariant: str
    combinations: int
    plans: int
    moments: int


class Report(Struct, frozen=True):
    """`raw`: all ways to answer. `projected`: those that the conditions can tell apart. `plans` and `states`: what was
    gone through, over all invariants. At most one counter-example for each invariant, the shortest first."""

    playbook: str
    raw: int
    projected: int
    proofs: tuple[Proof, ...]
    counterexamples: tuple[Counterexample, ...]
    dead_ends: tuple[DeadEnd, ...]
    idle_recoveries: tuple[IdleRecovery, ...]

    @property
    def plans(self) -> int:
        return sum(proof.plans for proof in self.proofs)

    @property
    def states(self) -> int:
        return sum(proof.moments for proof in self.proofs)

    @property
    def ok(self) -> bool:
        return not (self.counterexamples or self.dead_ends or self.idle_recoveries)


def explore(playbook: Playbook, most: int = MOST_MOMENTS) -> Report:
    """Prove the playbook, or show how it fails. Raises TooLarge where it can do neither."""
    conditions = [step.when for step in playbook.steps if not step.recovers]
    conditions += [holding.leaver_when for holding in playbook.holdings if holding.leaver_when is not None]
    conditions += [lead.when for lead in playbook.leads_to]
    looked = [_prove(playbook, cone, most) for cone in cones(playbook)]
    return Report(
        playbook=playbook.name,
        raw=raw(playbook),
        projected=count(playbook, conditions),
        proofs=tuple(proof for proof, _ in looked),
        counterexamples=tuple(sorted((found for _, found in looked if found), key=lambda found: len(found.moves))),
        dead_ends=dead_ends(playbook),
        idle_recoveries=idle_recoveries(playbook),
    )


def _prove(playbook: Playbook, cone: Cone, most: int) -> tuple[Proof, Counterexample | None]:
    """Go through every plan that the answers can make of this cone."""
    plans = outcomes(playbook, cone.conditions)
    moments, shortest = 0, None
    for answers in plans:
        steps, guard = _plan(playbook, answers, cone)
        broken, looked_at = _can_break(cone.invariant, Order([s for s in steps if s.id in cone.steps]), guard, most)
        moments += looked_at
        if broken:
            shorter = len(shortest.moves) if shortest else most
            story = _story(cone.invariant, Order([s for s in steps if s.id in cone.before]), guard, shorter, most)
            assert story or shortest, "an invariant that can be broken is broken by some order"
            shortest = Counterexample(answers, *story) if story else shortest
    return Proof(cone.invariant, count(playbook, cone.conditions), len(plans), moments), shortest


def _plan(playbook: Playbook, answers: dict[str, Answer], cone: Cone) -> tuple[list[Step], Guard]:
    """What there is in the plan up to this cone, and a guard that watches its invariant alone."""
    plan = first_target(playbook, answers)
    steps = [step for step in plan.steps if step.id in cone.before]
    return steps, Guard(steps, plan.holdings, [inv for inv in plan.invariants if inv.id == cone.invariant])


def _breach(invariant: str, guard: Guard, order: Order, now: Moment) -> Breach | None:
    found = guard.breaches(order.masks(now))
    return next((breach for breach in found if breach.invariant == invariant), None)


def _can_break(invariant: str, order: Order, guard: Guard, most: int) -> tuple[bool, int]:
    """Whether any order breaks it, and how many moments that took: only the worst ones (a and c) are looked at."""
    waited_for = order.needed | order.followed
    at_once = waited_for & ~(guard.heals & order.sure)
    in_time = waited_for & ~at_once
    idle = at_once & order.followed & ~order.needed & ~guard.touches
    start = order.ahead(Moment(waived=idle), at_once)
    seen, left = {start}, [start]
    while left:
        now = left.pop()
        if _breach(invariant, guard, order, now):
            return True, len(seen)
        ended = now.done | now.waived
        for bit in single_bits((in_time & now.touched) & ~ended):
            _look(order.ahead(now._replace(done=now.done | bit), at_once), seen, left, most)
        for bit in single_bits(order.followed & ~ended):
            _look(order.ahead(now._replace(waived=now.waived | bit), at_once), seen, left, most)
    return False, len(seen)


def _look(then: Moment, seen: set[Moment], left: list[Moment], most: int) -> None:
    if then not in seen:
        seen.add(then)
        left.append(then)
        if len(seen) > most:
            raise TooLarge(f"a plan has more than {most} moments: too large to prove")


def _story(
    invariant: str, order: Order, guard: Guard, shorter: int, most: int
) -> tuple[tuple[Move, ...], Breach] | None:
    """A shortest order that breaks it, of fewer than `shorter` moves: of these the one that comes first in the plan."""
    came: dict[Moment, tuple[Moment, Move] | None] = {Moment(): None}
    frontier = [Moment()]
    for _ in range(shorter - 1):
        frontier, before = [], frontier
        for now in before:
            for move, then in order.moves(now):
                if then in came:
                    continue
                came[then] = (now, move)
                breach = _breach(invariant, guard, order, then)
                if breach:
                    return _way(came, then), breach
                frontier.append(then)
        if not frontier:
            return None
        if len(came) > most:
            raise TooLarge(f"{invariant} can be broken, but the shortest order is beyond {most} moments")
    return None


def _way(came: dict[Moment, tuple[Moment, Move] | None], to: Moment) -> tuple[Move, ...]:
    moves: list[Move] = []
    while step := came[to]:
        to, move = step
        moves.append(move)
    return tuple(reversed(moves))
