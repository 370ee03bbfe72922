"""What must be true of a case after every event, whatever happened to it.

A `World` keeps a case as the runtime does: the log as bytes, one timer per (about, step), the posts that stand. Each
event goes through `happens`, which holds every law against what came of it. None of the laws asks the code that it is
about: they say in their own words what the product promises.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import reduce

from msgspec import Struct

from bot.core import events as e
from bot.core import facts as f
from bot.core.case import SYSTEM, Case, CaseStatus, Grade, Owner, Step, StepStatus
from bot.core.decide import Decision, decide
from bot.core.effects import ADMINS, Amend, Ask, Nudge, Say, Tell, Wake
from bot.core.fold import fold
from bot.core.guard import Guard, masks
from bot.core.progress import blockers
from bot.core.turn import Playbooks
from bot.runtime import codec
from tests.core.player import START, WEEKDAYS

AT_HAND = (StepStatus.OPEN, StepStatus.SENT_BACK)
SETTLED = (StepStatus.DONE, StepStatus.WAIVED, StepStatus.NOT_NEEDED)
MACHINE = e.Actor(SYSTEM)


class Moment(Struct, frozen=True):
    """One event and what came of it."""

    before: Case | None
    event: e.Event
    decision: Decision

    @property
    def after(self) -> Case:
        assert self.decision.case is not None
        return self.decision.case

    @property
    def machine(self) -> bool:
        return isinstance(self.event.what, e.Woke | e.Undeliverable)


class World:
    def __init__(self, playbooks: Playbooks, roster: e.Roster) -> None:
        self.playbooks = playbooks
        self.roster = roster
        self.case: Case | None = None
        self.mirror: Case | None = None
        """The same case, but made only of bytes that were written and read again."""
        self.log: list[bytes] = []
        self.at = START
        self.timers: dict[tuple[str, int], Wake] = {}
        self.posts: set[str] = set()
        self.refusals = 0

    def happens(self, actor: e.Actor, what: e.What, *, later: timedelta = timedelta(minutes=1)) -> Decision:
        """Somebody does something; every law is held against it."""
        self.at += later
        event = e.Event(at=self.at, by=actor, what=what, roster=self.roster, workdays=WEEKDAYS)
        decision = decide(self.case, event, self.playbooks)
        assert decide(self.case, event, self.playbooks) == decision, "the same event, another outcome"
        moment = Moment(self.case, event, decision)
        if decision.refused:
            changes_nothing(moment)
            self.refusals += 1
        else:
            self._keep(moment)
        return decision

    def fires(self) -> Decision | None:
        """Time passes until the next timer is due."""
        if not self.timers:
            return None
        key = min(self.timers, key=lambda key: (self.timers[key].at, key))
        wake = self.timers.pop(key)
        self.at = max(self.at, wake.at)
        return self.happens(MACHINE, e.Woke(wake.about, wake.step, wake.revision), later=timedelta(0))

    def _keep(self, moment: Moment) -> None:
        for law in LAWS_OF_CHANGE:
            law(moment)
        self.case = moment.decision.case
        self._write(moment.decision.facts)
        self._deliver(moment)
        if self.case is not None:
            for standing in LAWS_OF_STANDING:
                standing(self.case, self.roster)
            waits_for_nobody_in_vain(self.case, self.timers)

    def _write(self, facts: tuple[f.Fact, ...]) -> None:
        """fold(facts) == case, also when both went through bytes."""
        data = [codec.encode(fact) for fact in facts]
        self.log += data
        read = [codec.fact(one) for one in data]
        assert [codec.encode(fact) for fact in read] == data, "not the bytes that were written"
        self.mirror = reduce(fold, read, self.mirror)
        assert self.mirror == self.case, "the log does not fold to the case"
        if self.case is not None:
            state = codec.encode(self.case)
            assert codec.case(state) == self.case, "the state is not what was written"
            assert self.case.count == len(self.log), "a fact was not counted"

    def _deliver(self, moment: Moment) -> None:
        """A lane is one post: its Say once and first, then its Amends. One timer per (about, step)."""
        for effect in moment.decision.effects:
            match effect:
                case Say() | Ask():
                    assert effect.lane not in self.posts, f"said twice: {effect.lane}"
                    assert effect.lane.endswith(f"/{effect.to}"), f"to {effect.to} on {effect.lane}"
                    assert effect.lane.split("/")[2].isdigit(), f"no round: {effect.lane}"
                    assert effect.to, "to nobody"
                    self.posts.add(effect.lane)
                case Amend():
                    assert effect.lane in self.posts, f"redrawn, and was never said: {effect.lane}"
                case Wake():
                    assert effect.at >= moment.event.at, f"a timer in the past: {effect}"
                    self.timers[effect.about, effect.step] = effect


# ------------------------------------------------------------------------------------------- what one event may do


def changes_nothing(moment: Moment) -> None:
    """What was refused left the case as it was, one fact that says so, and one private answer."""
    decision = moment.decision
    assert decision.case is moment.before, "a refusal changed the case"
    assert [type(fact) for fact in decision.facts] == ([] if moment.before is None else [f.Refused])
    (tell,) = decision.effects
    assert isinstance(tell, Tell)
    assert (tell.to, tell.view.name, tell.view.code) == (moment.event.by.person, "refusal", decision.refused)
    if moment.before is not None:
        counted = fold(moment.before, decision.facts[0])
        assert counted == codec.case(codec.encode(counted))
        assert (counted.count, counted.steps) == (moment.before.count + 1, moment.before.steps)


def answers_who_acted(moment: Moment) -> None:
    """No click goes unanswered: one private answer to the person, and none to anybody else. Whoever answers a question
    and is asked the next has their answer in that."""
    person, effects = moment.event.by.person, moment.decision.effects
    told = [effect.to for effect in effects if isinstance(effect, Tell)]
    if isinstance(moment.event.what, e.Reply) and any(isinstance(one, Ask) and one.to == person for one in effects):
        assert told == [], "thanked, and asked the next besides"
    else:
        assert told == ([] if moment.machine else [person]), told


def is_silent_without_a_fact(moment: Moment) -> None:
    """Where nothing happened, nothing is shown."""
    if not moment.decision.facts:
        assert moment.decision.case is moment.before
        assert all(isinstance(effect, Tell) for effect in moment.decision.effects)


def leaves_a_closed_case_alone(moment: Moment) -> None:
    """Of a closed case can still be said that a message was lost; and whether what has to be looked at again and again
    is still right."""
    if moment.before is None or moment.before.is_open:
        return
    for fact in moment.decision.facts:
        again = isinstance(fact, f.Renewed) or (isinstance(fact, f.Nudged) and fact.about == "again")
        assert isinstance(fact, f.Undelivered) or again, f"a closed case said {fact}"
    assert moment.after.status is CaseStatus.CLOSED
    for effect in moment.decision.effects:
        assert not isinstance(effect, Ask), f"a closed case asks: {effect}"
        assert not isinstance(effect, Wake | Nudge) or effect.about == "again", f"a closed case wants {effect}"


def revisions_only_grow(moment: Moment) -> None:
    """What the buttons of a step mean has a number that never goes back, and changes with the status."""
    if moment.before is None:
        return
    for was, now in zip(moment.before.steps, moment.after.steps, strict=False):
        assert now.revision >= was.revision, f"step {now.number} went back to an older revision"
        assert now.round >= was.round
        if now.status is not was.status:
            assert now.revision > was.revision, f"step {now.number} is {now.status} under an old revision"
        plan = (now.number, now.id, now.owner, now.needs, now.after, now.gives, now.takes, now.demands, now.approvals)
        assert plan == (
            (was.number, was.id, was.owner, was.needs, was.after, was.gives, was.takes, was.demands, was.approvals)
        ), "the plan itself changed"


def gets_one_step_at_a_time(moment: Moment) -> None:
    """Who has a step to do is not given another one; what recovers from an alarm does not wait, and nobody has to wait
    for what is done elsewhere."""
    if moment.before is None:
        return
    pairs = list(zip(moment.before.steps, moment.after.steps, strict=False))
    there = [now for was, now in pairs if {was.status, now.status} <= set(AT_HAND) and was.person == now.person]
    busy = {step.person for step in there if not step.waits}
    for fact in moment.decision.facts:
        if isinstance(fact, f.StepOpened) and fact.person and not moment.after.steps[fact.step - 1].recovers:
            assert fact.person not in busy, f"{fact.person} was busy and got step {fact.step}"


def redraws_only_what_changed(moment: Moment) -> None:
    """The card of a step is redrawn when something of the step changed, or when the case ends."""
    if moment.before is None or (moment.before.is_open and not moment.after.is_open):
        return
    pairs = zip(moment.before.steps, moment.after.steps, strict=False)
    same = {now.number for was, now in pairs if was == now}
    for effect in moment.decision.effects:
        if isinstance(effect, Amend) and effect.view.name in ("step", "approval"):
            assert effect.view.step not in same, f"redrawn for nothing: {effect.lane}"


def rests_as_long_as_it_must(moment: Moment) -> None:
    """What has to rest is done only when it rested: no sooner, and never in one go with its approval."""
    if moment.before is None:
        return
    for was, now in zip(moment.before.steps, moment.after.steps, strict=False):
        if now.soak_hours and now.status is StepStatus.DONE and was.status is not StepStatus.DONE:
            assert was.status is StepStatus.SOAKING, f"step {now.number} did not rest"
            assert was.soak_until is not None
            assert moment.event.at >= was.soak_until, f"step {now.number} rested too short"


LAWS_OF_CHANGE: tuple[Callable[[Moment], None], ...] = (
    answers_who_acted,
    is_silent_without_a_fact,
    leaves_a_closed_case_alone,
    revisions_only_grow,
    gets_one_step_at_a_time,
    redraws_only_what_changed,
    rests_as_long_as_it_must,
)

# ------------------------------------------------------------------------------------------- how a case may stand


def is_done_by_the_right_people(case: Case, roster: e.Roster) -> None:
    """No step is done without the words that it demands."""
    admins = {admin for admin in roster.admins if admin != case.leaver}
    for step in case.steps:
        hands = [approval.by for approval in step.approved]
        assert len(set(hands)) == len(hands), f"step {step.number}: one person approved twice"
        assert case.leaver not in hands or not case.leaver, f"step {step.number}: the leaver approved"
        assert step.confirmed_by not in hands or not hands, f"step {step.number}: who confirmed it approved it"
        if step.status is not StepStatus.DONE:
            continue
        assert len(hands) >= step.approvals, f"step {step.number} is done with {len(hands)} approvals"
        assert not step.approvals or admins & {*hands, step.confirmed_by}, (
            f"step {step.number}: no admin had a hand in it"
        )
        assert step.confirmed_by, f"step {step.number} is done and nobody said so"
        looked = any(approval.looked for approval in step.approved)
        assert step.grade is (Grade.WITNESSED if looked else Grade.STATED)
        if step.approvals:
            assert step.finished, f"step {step.number} is done below the grade that it demands"


def knows_every_breach(case: Case, roster: e.Roster) -> None:
    """What may be broken stands as an alarm, and no alarm stands for what is whole."""
    if case.status is not CaseStatus.RUNNING:
        return
    found = {(breach.invariant, breach.target) for breach in Guard.of(case).breaches(masks(case.steps))}
    assert found == {(alarm.invariant, alarm.target) for alarm in case.alarms}
    assert len(found) == len(case.alarms), "an alarm was raised twice"


def opens_only_what_may_be_open(case: Case, roster: e.Roster) -> None:
    """Nobody has a step to do that waits for another; and none that takes while an alarm stands for its target."""
    if case.status is not CaseStatus.RUNNING:
        return
    alarmed = {alarm.target for alarm in case.alarms}
    for step in case.steps:
        if step.status in AT_HAND and not step.recovers:
            waits = [other.number for other in blockers(case, step)]
            assert not waits, f"step {step.number} is open and waits for {waits}"
            takes = step.takes or step.destroys
            assert not (takes and step.target in alarmed), f"step {step.number} takes while an alarm stands"


def knows_who_does_what_is_open(case: Case, roster: e.Roster) -> None:
    """Every open step is somebody's, and it is who the words of the plan say unless an admin handed it on."""
    if case.status is not CaseStatus.RUNNING:
        return
    for step in case.steps:
        if step.status in AT_HAND and step.owner == "leaver" and case.leaver:
            assert step.person, f"step {step.number} of the leaver was given to nobody"


def is_settled_when_it_closes(case: Case, roster: e.Roster) -> None:
    """Handed over: everything is settled, no alarm stands, and no question that leads on waits for its answer. And a
    case in which that is so does not stay open."""
    settled = all(step.status in SETTLED for step in case.steps) and not case.alarms and case.asking is None
    if case.outcome == "handed_over":
        assert settled, "closed over an unsettled step or an alarm"
    if case.status is CaseStatus.RUNNING:
        assert not settled, "everything is settled and the case is still open"


LAWS_OF_STANDING: tuple[Callable[[Case, e.Roster], None], ...] = (
    is_done_by_the_right_people,
    knows_every_breach,
    opens_only_what_may_be_open,
    knows_who_does_what_is_open,
    is_settled_when_it_closes,
)


def waits_for_nobody_in_vain(case: Case, timers: dict[tuple[str, int], Wake]) -> None:
    """Whatever waits for a person has a live timer; and an open case has at least one."""
    if not case.is_open:
        return
    wanted = [*_of_case(case), *(found for step in case.steps for found in _of_step(step))]
    for about, number, revision, until in wanted:
        timer = timers.get((about, number))
        assert timer is not None, f"nobody comes back to {about} {number}"
        assert revision in (-1, timer.revision), f"the timer of {about} {number} is for another revision"
        assert until is None or timer.at >= until, f"the timer of {about} {number} comes too early and does nothing"
    assert wanted or ("blocked", 0) in timers, "the case stands still and nobody hears of it"


Wanted = tuple[str, int, int, datetime | None]


def _of_case(case: Case) -> list[Wanted]:
    if case.status is CaseStatus.PROPOSED:
        return [("agree", 0, -1, None)]
    if case.asking is not None:
        return [("answer", 0, case.asking.revision, None)]
    successor = case.successor()
    if successor is not None and successor.accepted:
        return []
    if successor is not None and successor.named_by and not successor.declined:
        return [("offer", 0, -1, None)]
    # Somebody has to be named where somebody leaves; where nobody does, only for steps that are the successor's.
    theirs = [one for one in case.steps if one.owner is Owner.SUCCESSOR and one.status is not StepStatus.NOT_NEEDED]
    return [("name", 0, -1, None)] if case.leaver or theirs else []


def _of_step(step: Step) -> list[Wanted]:
    match step.status:
        case StepStatus.OPEN | StepStatus.SENT_BACK:
            return [("do", step.number, step.revision, step.snoozed_until)]
        case StepStatus.CLAIMED:
            return [("approve", step.number, step.revision, None)]
        case StepStatus.DONE if step.again_days:
            return [("again", step.number, step.revision, None)]
        case StepStatus.SOAKING:
            return [("soak", step.number, step.revision, step.soak_until)]
    return []


__all__ = ["ADMINS", "MACHINE", "World"]
