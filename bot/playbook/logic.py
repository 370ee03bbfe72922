"""The linter's rules about structure: names that exist, steps that can happen, invariants that mean something."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from bot.core.case import UNKNOWN, Grade, Holder, Owner
from bot.core.opening import LAST_DAY, SUCCESSOR
from bot.playbook.model import Playbook
from bot.playbook.problem import Finding, brief, nearest, quoted

ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
RESERVED = {
    "questions": frozenset({"any", "all", "not", LAST_DAY, SUCCESSOR}),
    "options": frozenset({UNKNOWN}),
}
"""Ids that mean something already: the words of conditions, the engine's own questions, and "I do not know"."""


def _ids(playbook: Playbook) -> Iterator[tuple[str, str, str]]:
    """Every id: what kind it is, where it stands, and the id."""
    for section in ("questions", "holdings", "invariants", "steps"):
        for thing in getattr(playbook, section):
            yield section, f"{section}.{thing.id}", thing.id
    for question in playbook.questions:
        for option in question.options:
            yield "options", f"questions.{question.id}.options", option
    for holding in playbook.holdings:
        if holding.group:
            yield "groups", f"holdings.{holding.id}.group", holding.group


def ids_are_plain(playbook: Playbook) -> Iterator[Finding]:
    for kind, at, id in _ids(playbook):
        if not ID.fullmatch(id):
            mend = "Begin with a small letter; use small letters, digits and `_`, at most 40."
            yield Finding(at, f"`{brief(id)}` cannot be an id.", mend)
        elif id in RESERVED.get(kind, ()):
            yield Finding(at, f"`{id}` has a meaning of its own.", "Choose another id.")


def ids_stand_once(playbook: Playbook) -> Iterator[Finding]:
    for section in ("questions", "holdings", "invariants", "steps"):
        for id, times in Counter(thing.id for thing in getattr(playbook, section)).items():
            if times > 1:
                yield Finding(f"{section}.{id}", f"`{id}` stands twice in `{section}`.", "Rename one of them.")
    for question in playbook.questions:
        for option, times in Counter(question.options).items():
            if times > 1:
                yield Finding(f"questions.{question.id}.options", f"`{option}` is offered twice.", "Keep one.")
    for holding in playbook.holdings:
        if any(holding.group == other.id for other in playbook.holdings):
            what = f"`{holding.group}` is a holding and a group."
            yield Finding(f"holdings.{holding.id}.group", what, "Rename the group.")


def steps_follow_steps(playbook: Playbook) -> Iterator[Finding]:
    known = {step.id for step in playbook.steps}
    for step in playbook.steps:
        for key in ("needs", "after"):
            for id in getattr(step, key):
                if id not in known:
                    mend = nearest(id, known - {step.id})
                    yield Finding(f"steps.{step.id}.{key}", f"There is no step `{brief(id)}`.", mend)


def no_step_waits_for_itself(playbook: Playbook) -> Iterator[Finding]:
    """A cycle of needs and afters, told once, as the path that leads back to its beginning."""
    links = {step.id: (*step.needs, *step.after) for step in playbook.steps}
    safe: set[str] = set()
    for start in links:
        path = _way_back(start, links, safe)
        if path:
            what = "These steps wait for each other: " + " needs ".join(f"`{id}`" for id in path) + "."
            yield Finding(f"steps.{path[0]}", what, "Take one of these out of `needs` or `after`.")
            return


def _way_back(start: str, links: dict[str, tuple[str, ...]], safe: set[str]) -> list[str]:
    """The first cycle that can be reached from `start`; what leads nowhere is added to `safe`. Without recursion."""
    path, waiting = [start], [iter(links[start])]
    while path:
        following = next(waiting[-1], None)
        if following is None:
            safe.add(path.pop())
            waiting.pop()
        elif following in path:
            return [*path[path.index(following) :], following]
        elif following in links and following not in safe:
            path.append(following)
            waiting.append(iter(links[following]))
    return []


def steps_move_what_there_is(playbook: Playbook) -> Iterator[Finding]:
    known = [holding.id for holding in playbook.holdings]
    groups = {holding.group: holding.id for holding in playbook.holdings if holding.group}
    for step in playbook.steps:
        for key in ("gives", "takes", "disables", "destroys"):
            for id in getattr(step, key):
                if id in groups:
                    what, mend = f"`{id}` is a group.", f"Name the holding itself, such as `{groups[id]}`."
                    yield Finding(f"steps.{step.id}.{key}", what, mend)
                elif id not in known:
                    yield Finding(f"steps.{step.id}.{key}", f"There is no holding `{brief(id)}`.", nearest(id, known))


def holdings_matter(playbook: Playbook) -> Iterator[Finding]:
    moved = {id for step in playbook.steps for id in (*step.gives, *step.takes, *step.disables, *step.destroys)}
    named = {word for invariant in playbook.invariants for word in (*invariant.guards, *invariant.of)}
    for holding in playbook.holdings:
        if holding.id not in moved | named and holding.group not in named:
            mend = "Let a step give or take it, or take it out."
            yield Finding(f"holdings.{holding.id}", f"Nothing gives, takes or guards `{holding.id}`.", mend)


def recoveries_name_invariants(playbook: Playbook) -> Iterator[Finding]:
    known = [invariant.id for invariant in playbook.invariants]
    for step in playbook.steps:
        if step.recovers and step.recovers not in known:
            what = f"There is no invariant `{brief(step.recovers)}`."
            yield Finding(f"steps.{step.id}.recovers", what, nearest(step.recovers, known))
        elif step.recovers:
            for key in ("takes", "disables", "destroys"):
                if moved := getattr(step, key):
                    what = f"A step that recovers {key} {quoted(moved)}."
                    yield Finding(f"steps.{step.id}.{key}", what, "Let it only give: what is broken becomes whole.")


def invariants_say_something(playbook: Playbook) -> Iterator[Finding]:
    known = {word for holding in playbook.holdings for word in (holding.id, holding.group) if word}
    for invariant in playbook.invariants:
        at = f"invariants.{invariant.id}"
        for key in ("guards", "of"):
            words: tuple[str, ...] = getattr(invariant, key)
            if not words:
                yield Finding(at, f"`{invariant.id}` names nothing in `{key}`.", f"Add holdings or a group to `{key}`.")
            for word in words:
                if word not in known:
                    what = f"There is no holding or group `{brief(word)}`."
                    yield Finding(f"{at}.{key}", what, nearest(word, known))
        if invariant.at_least < 1 and invariant.at_most < 0:
            yield Finding(at, f"`{invariant.id}` asks for nothing.", "Add `at_least: 1` or `at_most: 0`.")


def invariants_can_be_kept(playbook: Playbook) -> Iterator[Finding]:
    """What has to be held by the company, and never can be, closes every step that it guards for ever."""
    given = {id for step in playbook.steps for id in step.gives}
    for invariant in playbook.invariants:
        members = [one for one in playbook.holdings if one.id in invariant.of or one.group in invariant.of]
        if members and invariant.at_least > len(members):
            what = f"`{invariant.id}` asks for {invariant.at_least} of {len(members)}."
            yield Finding(f"invariants.{invariant.id}.at_least", what, "Ask for fewer, or name more holdings in `of`.")
        if invariant.at_least < 1 or invariant.held_by is Holder.NOBODY:
            continue
        for holding in members:
            nobodys = holding.leaver_when is None and holding.otherwise is Holder.NOBODY
            if nobodys and holding.id not in given:
                what = f"`{holding.id}` is nobody's and no step gives it, yet `{invariant.id}` counts on it."
                yield Finding(f"holdings.{holding.id}", what, "Let a step give it, or say who has it at the start.")


def grades_can_be_reached(playbook: Playbook) -> Iterator[Finding]:
    for step in playbook.steps:
        if not Grade.WITNESSED.reaches(step.demands):
            mend = f"Write `demands: {Grade.WITNESSED}`."
            yield Finding(f"steps.{step.id}.demands", f"Nothing can show a step to be {step.demands} yet.", mend)
        elif step.demands is Grade.WITNESSED and step.approvals < 1:
            what = "This step has to be witnessed, but nobody approves it."
            yield Finding(f"steps.{step.id}.approvals", what, "Write `approvals: 1`, or demand less.")


def destruction_takes_two_people_and_a_wait(playbook: Playbook) -> Iterator[Finding]:
    for step in playbook.steps:
        at = f"steps.{step.id}"
        if step.destroys and step.approvals < 2:
            yield Finding(at, "This step destroys something with fewer than two approvals.", "Write `approvals: 2`.")
        for id in step.destroys:
            before = [other for other in playbook.steps if id in other.disables and other.id in step.needs]
            if not before:
                mend = f"Add a step with `disables: {id}` and a soak, and name it in `needs`."
                yield Finding(f"{at}.destroys", f"`{id}` is destroyed without having been disabled.", mend)


def what_is_disabled_soaks(playbook: Playbook) -> Iterator[Finding]:
    for step in playbook.steps:
        if step.disables and step.soak_hours < 1:
            mend = "Add `soak_hours: 72`, so that there is time to notice and restore."
            yield Finding(f"steps.{step.id}.disables", "What is disabled here does not soak.", mend)
        elif step.soak_hours and not step.disables:
            mend = "Name in `disables` what may be restored, or take the soak out."
            yield Finding(f"steps.{step.id}.soak_hours", "This step soaks, but it disables nothing.", mend)


LIMITS = (
    ("approvals", 0, 2, "Nobody, one person or two approve a step: 0, 1 or 2."),
    ("soak_hours", 0, 24 * 30, "A soak is between 0 and 720 hours."),
    ("patience_hours", 1, 24 * 30, "Patience is between 1 and 720 hours."),
    ("again_days", 0, 730, "Ask again after 1 to 730 days; 0 is never."),
    ("before_last_day", -1, 60, "Count working days from 0 to 60; -1 is no date."),
)


def numbers_are_sensible(playbook: Playbook) -> Iterator[Finding]:
    for step in playbook.steps:
        for key, least, most, mend in LIMITS:
            value = getattr(step, key)
            if not least <= value <= most:
                yield Finding(f"steps.{step.id}.{key}", f"`{key}` cannot be {value}.", mend)


def only_the_leaver_can_mean_the_leaver(playbook: Playbook) -> Iterable[Finding]:
    for step in playbook.steps:
        if step.only_leaver and step.owner is not Owner.LEAVER:
            what = f"Only the leaver can do this, but its owner is the {step.owner}."
            mend = f"Write {quoted(['owner: leaver'])}, or take `only_leaver` out."
            yield Finding(f"steps.{step.id}.only_leaver", what, mend)
