"""The linter's rules about `leads_to`: within one playbook, and between the playbooks that can meet in one case.

RULES
 1. What is led to exists. Each playbook comes once in a case, so `plan` and `end` may lead in circles and still end;
    `answers` may not: a playbook would be taken in its own place.
 2. A playbook without steps leads elsewhere whatever is answered.
 3. Playbooks that can meet in a case share its answers, so a question of the same name is the same question. They share
    no holding and no invariant, so that each is proven by itself: nothing that one does can break or mend another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bot.playbook.combinations import TooLarge, outcomes
from bot.playbook.model import Playbook, Question
from bot.playbook.plan import elsewhere
from bot.playbook.problem import Finding, brief, nearest, quoted

SAME = ("kind", "options", "of", "private")
"""What two questions of one name have to have in common; each may be asked at another time."""


def leads_make_sense(playbook: Playbook) -> Iterator[Finding]:
    """What can be seen of the leads without the playbooks that they lead to."""
    known = [step.id for step in playbook.steps]
    for number, lead in enumerate(playbook.leads_to, start=1):
        at = f"leads_to.{number}"
        if lead.playbook == playbook.name:
            yield Finding(at, "The playbook leads to itself.", "Each playbook comes once in a case: take this out.")
        if lead.needs and lead.at != "end":
            mend = "Write `at: end`, or take `needs` out."
            yield Finding(f"{at}.needs", f"At `{lead.at}` no step can be done yet.", mend)
        for id in lead.needs:
            if id not in known:
                yield Finding(f"{at}.needs", f"There is no step `{brief(id)}`.", nearest(id, known))


def routers_lead_somewhere(playbook: Playbook) -> Iterator[Finding]:
    """Rule 2."""
    if playbook.steps:
        return
    ways = [lead for lead in playbook.leads_to if lead.at == "answers"]
    try:
        found = outcomes(playbook, [lead.when for lead in ways]) if ways else [{}]
    except TooLarge:
        found = []
    nowhere = next((answers for answers in found if not elsewhere(playbook, answers)), None)
    if nowhere is None:
        return
    said = [f"`{id}` is {' + '.join(answer.values) or 'none'}" for id, answer in nowhere.items()]
    when = f" when {' and '.join(said)}" if said else ""
    mend = "Add `{playbook: …, at: answers}` as the last of `leads_to`, or add steps."
    yield Finding("leads_to", f"There are no steps, and nothing comes instead{when}.", mend)


def reached(playbook: Playbook, known: Mapping[str, Playbook]) -> list[Playbook]:
    """This one and all that it leads to, directly or not: what can meet in one case."""
    found = [playbook]
    for one in found:
        found += [
            known[lead.playbook]
            for lead in dict.fromkeys(one.leads_to)
            if lead.playbook in known and known[lead.playbook] not in found
        ]
    return found


def together(playbook: Playbook, known: Mapping[str, Playbook]) -> Iterator[Finding]:
    """Rules 1 and 3, told where they are broken by this playbook. `known`: every playbook there is, by name."""
    for number, lead in enumerate(playbook.leads_to, start=1):
        if lead.playbook not in known:
            at, what = f"leads_to.{number}.playbook", f"There is no playbook `{brief(lead.playbook)}`."
            yield Finding(at, what, nearest(lead.playbook, sorted(known)))
    circle = _circle(playbook, known)
    if circle:
        what = f"These come instead of each other: {' → '.join(f'`{name}`' for name in circle)}."
        yield Finding("leads_to", what, "Take one `at: answers` out, or write `at: end`.")
    family = reached(playbook, known)
    for other in family[1:]:
        yield from _pair(playbook, other)
    for place, one in enumerate(family[1:], start=1):
        for other in family[place + 1 :]:
            for finding in _pair(one, other):
                what = f"{one.name}, {finding.at}: {finding.what}"
                yield Finding("leads_to", what, finding.mend)


def _circle(playbook: Playbook, known: Mapping[str, Playbook]) -> Sequence[str]:
    """A way by which this playbook is taken in its own place, or nothing."""
    ways: list[tuple[str, ...]] = [(playbook.name,)]
    seen: set[str] = set()
    for way in ways:
        here = known.get(way[-1]) if len(way) > 1 else playbook
        for lead in here.leads_to if here is not None else ():
            if lead.at == "answers" and lead.playbook == playbook.name:
                return (*way, playbook.name)
            if lead.at == "answers" and lead.playbook not in seen:
                seen.add(lead.playbook)
                ways.append((*way, lead.playbook))
    return ()


def _pair(one: Playbook, other: Playbook) -> Iterator[Finding]:
    asked = {question.id: question for question in other.questions}
    for question in one.questions:
        same = asked.get(question.id)
        if same is not None and (differs := _differs(question, same)):
            what = f"`{question.id}` is asked in {other.name} too, with another {quoted(differs)}."
            yield Finding(
                f"questions.{question.id}", what, "It is asked once for both: rename one, or make them alike."
            )
    yield from _shared(one, other, "holdings", (holding.id for holding in other.holdings))
    yield from _shared(one, other, "invariants", (invariant.id for invariant in other.invariants))


def _differs(one: Question, other: Question) -> list[str]:
    return [key for key in SAME if getattr(one, key) != getattr(other, key)]


def _shared(one: Playbook, other: Playbook, section: str, ids: Iterable[str]) -> Iterator[Finding]:
    theirs = set(ids)
    for thing in getattr(one, section):
        if thing.id in theirs:
            what = f"`{thing.id}` stands in `{section}` of {other.name} too, and both can be in one case."
            yield Finding(f"{section}.{thing.id}", what, "Rename one: each playbook is proven by itself.")
