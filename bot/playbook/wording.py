"""The linter's rules about words: that every language says everything, in the same parts, short enough to be shown.

LENGTHS are those of the stricter platform. WeCom draws a title of 26 characters and an option of 10 (its page on
template cards); a Latin letter takes half the width of a Chinese character there, and a little kindness is left over:
60 and 24. Slack allows 75 for an option and 150 for a title.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations

from bot.playbook.load import LANGUAGES
from bot.playbook.model import Playbook, StepWords, Words
from bot.playbook.problem import Finding, brief, nearest
from bot.playbook.template import flaws

TITLE = {"zh-CN": 26, "en": 60}
OPTION = {"zh-CN": 10, "en": 24}
STEPS_OF_HOW = 6
NEEDED = ("why", "how")
"""Parts without which a step cannot be done; the others help."""


def spoken(playbook: Playbook) -> Iterator[tuple[str, str, Words]]:
    """Each language that this playbook speaks, with the dotted name of its words."""
    for language, words in playbook.words.items():
        yield language, f"words.{language}", words


def prose(told: StepWords) -> dict[str, str]:
    """Every part of a step's prose by its name."""
    more = {"first": told.first, "look": told.look}
    return {**told.parts, **{part: text for part, text in more.items() if text}}


def titles(playbook: Playbook) -> Iterator[tuple[str, str, str]]:
    """Every text that stands as a card's title: language, dotted name, text."""
    for language, at, words in spoken(playbook):
        yield language, f"{at}.name", words.name
        for id, told in words.steps.items():
            yield language, f"{at}.steps.{id}", told.title
        for id, asked in words.questions.items():
            yield language, f"{at}.questions.{id}.ask", asked.ask


def texts(playbook: Playbook) -> Iterator[tuple[str, str, str]]:
    """Every text that people read: language, dotted name, text."""
    yield from titles(playbook)
    for language, at, words in spoken(playbook):
        yield language, f"{at}.target", words.target
        for id, told in words.steps.items():
            yield from ((language, f"{at}.steps.{id}.{part}", text) for part, text in prose(told).items())
        for id, asked in words.questions.items():
            yield language, f"{at}.questions.{id}.why", asked.why
            yield language, f"{at}.questions.{id}.hint", asked.hint
            yield from ((language, f"{at}.questions.{id}.options.{o}", text) for o, text in asked.options.items())
        for kind in ("holdings", "invariants"):
            yield from ((language, f"{at}.{kind}.{id}", text) for id, text in getattr(words, kind).items())


def every_language_speaks(playbook: Playbook) -> Iterator[Finding]:
    for language in LANGUAGES:
        if language not in playbook.words:
            what = f"The playbook has no words in {language}."
            yield Finding(f"words.{language}", what, f"Add the folder {language}/ with the words of every step.")
    for language in playbook.words:
        if language not in LANGUAGES:
            yield Finding(
                f"words.{language}", f"`{brief(language)}` is no language here.", nearest(language, LANGUAGES)
            )


def every_step_is_told(playbook: Playbook) -> Iterator[Finding]:
    known = {step.id for step in playbook.steps}
    for language, at, words in spoken(playbook):
        for step in playbook.steps:
            told = words.steps.get(step.id)
            if told is None:
                mend = f"Write {language}/{step.id}.md."
                yield Finding(f"{at}.steps.{step.id}", f"This step has no words in {language}.", mend)
                continue
            for part in NEEDED:
                if part not in told.parts:
                    mend = f"Add `## {part}` and what it says."
                    yield Finding(f"{at}.steps.{step.id}", f"The part `{part}` is missing.", mend)
        for id in words.steps:
            if id not in known:
                yield Finding(f"{at}.steps.{id}", f"There is no step `{brief(id)}`.", nearest(id, known))


def languages_tell_the_same(playbook: Playbook) -> Iterator[Finding]:
    for one, other in combinations(sorted(playbook.words), 2):
        for left, right in ((one, other), (other, one)):
            for id, told in playbook.words[left].steps.items():
                twin = playbook.words[right].steps.get(id)
                for part in sorted(set(prose(told)) - set(prose(twin))) if twin else ():
                    what = f"The part `{part}` is told in {left}, but not in {right}."
                    mend = f"Add `## {part}` here, or take it out of {left}/{id}.md."
                    yield Finding(f"words.{right}.steps.{id}", what, mend)


def questions_are_worded(playbook: Playbook) -> Iterator[Finding]:
    known = {question.id for question in playbook.questions}
    for _, at, words in spoken(playbook):
        for question in (one for one in playbook.questions if one.asked):
            asked, where = words.questions.get(question.id), f"{at}.questions.{question.id}"
            if asked is None:
                yield Finding(
                    where, f"The question `{question.id}` has no words.", f"Add `{question.id}:` with an `ask`."
                )
                continue
            if not asked.why:
                mend = "Add `why:` and one sentence: people answer more gladly when they know."
                yield Finding(where, f"It is not said why `{question.id}` is asked.", mend)
            yield from _same(f"{where}.options", "option", asked.options, question.options)
        for id in words.questions:
            if id not in known:
                what = f"There is no question `{brief(id)}`."
                yield Finding(f"{at}.questions.{id}", what, nearest(id, known))


def things_are_named(playbook: Playbook) -> Iterator[Finding]:
    for _, at, words in spoken(playbook):
        yield from _same(f"{at}.holdings", "holding", words.holdings, [one.id for one in playbook.holdings])
        yield from _same(f"{at}.invariants", "invariant", words.invariants, [one.id for one in playbook.invariants])


def _same(at: str, kind: str, said: Mapping[str, str], known: tuple[str, ...] | list[str]) -> Iterator[Finding]:
    """The words name exactly what the structure has."""
    for id in known:
        if id not in said:
            yield Finding(at, f"The {kind} `{id}` has no words.", f"Add a line `{id}: …`.")
    for id in said:
        if id not in known:
            yield Finding(f"{at}.{id}", f"There is no {kind} `{brief(id)}`.", nearest(id, known))


def titles_fit(playbook: Playbook) -> Iterator[Finding]:
    for language, at, text in titles(playbook):
        yield from _fits(at, text, TITLE.get(language, 60), "A title")


def options_fit(playbook: Playbook) -> Iterator[Finding]:
    for language, at, words in spoken(playbook):
        for id, asked in words.questions.items():
            for option, text in asked.options.items():
                yield from _fits(f"{at}.questions.{id}.options.{option}", text, OPTION.get(language, 24), "An option")


def _fits(at: str, text: str, most: int, of: str) -> Iterator[Finding]:
    if len(text) > most:
        yield Finding(at, f"{of} has {len(text)} characters; {most} are shown.", f"Say it in {most} or fewer.")


def how_is_short(playbook: Playbook) -> Iterator[Finding]:
    for _, at, words in spoken(playbook):
        for id, told in words.steps.items():
            lines = [line for line in told.parts.get("how", "").split("\n") if line.strip()]
            if len(lines) > STEPS_OF_HOW:
                mend = f"Keep {STEPS_OF_HOW} at most, or make two steps of it."
                yield Finding(f"{at}.steps.{id}.how", f"`how` has {len(lines)} lines.", mend)


def templates_are_safe(playbook: Playbook) -> Iterator[Finding]:
    for _, at, words in spoken(playbook):
        for id, told in words.steps.items():
            for part, text in prose(told).items():
                for flaw in flaws(text):
                    yield Finding(f"{at}.steps.{id}.{part}", flaw.what, flaw.mend)


TEMPLATE = re.compile(r"\{\{|\{%|\{#")


def titles_hold_no_variable(playbook: Playbook) -> Iterator[Finding]:
    inside = {(at, text) for _, at, text in texts(playbook) if ".steps." not in at or at.count(".") == 3}
    for at, text in sorted(inside):
        if TEMPLATE.search(text):
            yield Finding(at, "Variables work only in the parts of a step.", "Write it without a variable.")
