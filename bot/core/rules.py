"""Who may do what, and when. A refusal says which rule it was; the copy says why and what to do instead.

RULES
 1. Who acts is what the server's lists say at this moment; never what a button, a payload or a chat shows.
 2. Bots, outsiders, deactivated people: nothing. A guest may be a leaver and nothing else.
 3. The leaver approves nothing in their own case, even as an admin; nor names the successor alone, sets the last day,
    or closes the case.
 4. Nobody approves what they confirmed themselves, and nobody approves twice.
 5. An admin approves. A second approver may be the second person where there are too few admins left; never the
    only one: an admin has to have had a hand in it.
 6. A word is not enough where a step demands to be witnessed: then the approver has to look.
 7. The operator (command line) may reassign, move and close, with a reason, and never approve.

LEGAL is the second half: in which status a step takes which verb. What is not in the table is refused.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.case import Case, Grade, Owner, PersonId, Sealed, Step, StepStatus
from bot.core.events import Actor, Event, Roster

S = StepStatus

LEGAL: Mapping[str, frozenset[StepStatus]] = {
    "confirm": frozenset({S.LOCKED, S.OPEN, S.SENT_BACK}),
    "undo": frozenset({S.CLAIMED, S.DONE}),
    "restore": frozenset({S.SOAKING}),
    "stuck": frozenset({S.OPEN, S.SENT_BACK}),
    "not_mine": frozenset({S.OPEN, S.SENT_BACK}),
    "later": frozenset({S.OPEN, S.SENT_BACK}),
    "approve": frozenset({S.CLAIMED}),
    "send_back": frozenset({S.CLAIMED}),
    "take": frozenset({S.LOCKED, S.OPEN, S.SENT_BACK}),
    "waive": frozenset({S.LOCKED, S.OPEN, S.SENT_BACK, S.CLAIMED}),
    "reassign": frozenset({S.LOCKED, S.OPEN, S.SENT_BACK}),
}

OWNERS_VERBS = frozenset({"confirm", "undo", "stuck", "not_mine", "later"})
"""Verbs that belong to whoever does the step."""

APPROVERS_VERBS = frozenset({"approve", "send_back"})
ADMINS_VERBS = frozenset({"take", "waive", "reassign"})


class Refusal(Exception):
    """Something that is not allowed. `code` names the rule (its words are in conversations/_shared)."""

    def __init__(self, code: str, **args: str) -> None:
        super().__init__(code)
        self.code = code
        self.args_ = args


def is_leaver(case: Case, actor: Actor) -> bool:
    return bool(case.leaver) and actor.person == case.leaver


def is_admin(case: Case, actor: Actor) -> bool:
    """An admin of this case: on the company's list, and not the one who leaves."""
    return actor.admin and not is_leaver(case, actor)


def may_be_heard(actor: Actor, case: Case | None) -> None:
    """Rule 2. Everything else is asked only of people who may act at all."""
    if actor.operator or actor.person == "system" or actor.standing == "member":
        return
    if actor.standing == "guest":
        if case is None or is_leaver(case, actor):
            return
        raise Refusal("guest")
    raise Refusal("stranger")


def must_be_admin(case: Case, actor: Actor) -> None:
    if is_leaver(case, actor):
        raise Refusal("own_case")
    if not actor.admin:
        raise Refusal("not_admin")


def must_be_admin_or_operator(case: Case, actor: Actor) -> None:
    if not actor.operator:
        must_be_admin(case, actor)


def must_say_why(actor: Actor, reason: Sealed | None) -> None:
    """Rule 7: the operator stands outside the case, so whatever they do in it has a reason on record."""
    if actor.operator and reason is None:
        raise Refusal("needs_reason")


def does(case: Case, step: Step, actor: Actor) -> bool:
    """Whether this person is the one (or one of those) who do the step."""
    if step.person:
        return actor.person == step.person
    return actor.person in owners(case, step) or (falls_to_admins(case, step) and is_admin(case, actor))


def owners(case: Case, step: Step) -> tuple[PersonId, ...]:
    """The known people who would do the step; empty for "any admin" and for a successor who is not there yet."""
    if step.person:
        return (step.person,)
    if step.owner is Owner.LEAVER and case.leaver:
        return (case.leaver,)
    successor = case.successor(step.target)
    if step.owner is Owner.SUCCESSOR and successor and successor.accepted:
        return (successor.person,)
    return ()


def falls_to_admins(case: Case, step: Step) -> bool:
    """A step that any admin may do: an admin's, or the leaver's when there is no leaver to ask."""
    return not step.person and (step.owner is Owner.ADMIN or (step.owner is Owner.LEAVER and not case.leaver))


def may_touch(case: Case, step: Step, event: Event) -> None:
    """Whether this person may use this verb on this step at all, however it stands."""
    actor, verb = event.by, event.verb
    if verb in OWNERS_VERBS or verb == "restore":
        if not does(case, step, actor) and not (verb == "restore" and is_admin(case, actor)):
            raise Refusal("not_owner")
    elif verb in APPROVERS_VERBS:
        if is_leaver(case, actor):
            raise Refusal("own_case")
        if not actor.admin and not actor.second_approver:
            raise Refusal("not_approver")
    elif verb == "reassign":
        must_be_admin_or_operator(case, actor)
    else:
        must_be_admin(case, actor)


def may_judge(case: Case, step: Step, event: Event) -> None:
    """Rules 4 and 5, of a step that is confirmed: whether this is theirs to approve, send back or take back."""
    actor = event.by
    if event.verb == "undo":
        if step.confirmed_by != actor.person:
            raise Refusal("not_confirmer")
        return
    if actor.person == step.confirmed_by:
        raise Refusal("own_confirmation")
    if not actor.admin and not seconds_needed(case, step, event.roster):
        raise Refusal("second_not_needed")
    if event.verb == "approve" and any(approval.by == actor.person for approval in step.approved):
        raise Refusal("twice")
    if event.verb == "approve" and not actor.admin and _nobody_but_seconds(case, step, event.roster):
        raise Refusal("needs_admin")


def _nobody_but_seconds(case: Case, step: Step, roster: Roster) -> bool:
    """Whether one more second approver would complete a step that no admin of this case has had a hand in."""
    last = len(step.approved) + 1 >= step.approvals
    hands = {step.confirmed_by, *(approval.by for approval in step.approved)}
    return last and not hands & set(roster.approvers(without=(case.leaver,)))


def seconds_needed(case: Case, step: Step, roster: Roster) -> bool:
    """Rule 5: whether the admins who may approve this step are too few for it."""
    return len(roster.approvers(without=(case.leaver, step.confirmed_by))) < max(step.approvals, 1)


def approvers(case: Case, step: Step, roster: Roster) -> tuple[PersonId, ...]:
    """Everybody who could approve this step now."""
    gone = {case.leaver, step.confirmed_by, *(approval.by for approval in step.approved)}
    admins = roster.approvers(without=gone)
    if not seconds_needed(case, step, roster) or _nobody_but_seconds(case, step, roster):
        return admins
    return admins + tuple(person for person in roster.second_approvers if person not in gone and person not in admins)


def must_be_legal(step: Step, verb: str) -> None:
    """The status half of the table; the code says what is the case instead."""
    if step.status not in LEGAL[verb]:
        raise Refusal(f"is_{step.status}")
    if verb == "undo" and step.status is S.DONE and step.approvals > 0:
        raise Refusal("is_done")
    if verb == "undo" and step.status is S.CLAIMED and step.approved:
        raise Refusal("half_approved")


def must_look(step: Step, looked: bool) -> None:
    """Rule 6."""
    if not looked and not Grade.STATED.reaches(step.demands):
        raise Refusal("must_look")
