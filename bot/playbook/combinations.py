"""Which answers can be given, and which of them a set of conditions can tell apart.

RULES
 1. *Raw* is every answer to every question: each option of a choice, each subset of a `many` question, "answered" for
    a typed one; and "I do not know" for each.
 2. Only questions that a condition names can matter, and the questions that decide whether those are asked at all.
 3. Of these, two answers that no condition can tell apart are one: the first stands for both. An option that no
    condition names is like any other of its kind; a typed answer is "given", unless a condition names its value.
 4. Questions are asked as the running case asks them: the first in the file that is not answered and applies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, combinations
from math import prod

from msgspec.structs import replace

from bot.core.case import UNKNOWN, Answer
from bot.playbook.model import AllOf, AnyOf, Condition, Is, Not, Playbook, Question, applies
from bot.playbook.plan import next_question

DO_NOT_KNOW = Answer((UNKNOWN,))
GIVEN = Answer(("given",))
"""Stands for every typed answer that no condition names."""
MOST_COMBINATIONS = 1_000_000
"""For one invariant. Beyond it nothing is proven, and that is said."""


class TooLarge(Exception):
    """Too many orders or answers to go through: nothing is proven. It is for the playbook's author."""


def raw(playbook: Playbook) -> int:
    """How many ways there are to answer everything (rule 1)."""
    return prod(_raw(question) for question in playbook.questions if question.asked)


def _raw(question: Question) -> int:
    if question.kind == "many":
        return (1 << len(question.options)) + 1
    return (len(question.options) if question.kind == "choice" else 1) + 1


def distinct(playbook: Playbook, conditions: Sequence[Condition]) -> Iterator[dict[str, Answer]]:
    """Every set of answers that these conditions can tell apart, the author's first answers first."""
    return _walk(playbook, _feeding(playbook, conditions))


def outcomes(playbook: Playbook, conditions: Sequence[Condition]) -> list[dict[str, Answer]]:
    """The first answers for every way in which these conditions can turn out together. May raise TooLarge."""
    if (ways := count(playbook, conditions)) > MOST_COMBINATIONS:
        raise TooLarge(f"there are {ways} sets of answers to go through: too large to prove")
    together: dict[tuple[str, ...], list[Condition]] = {}
    for condition in conditions:
        together.setdefault(tuple(sorted(condition.questions())), []).append(condition)
    known: dict[tuple[str | Answer | None, ...], tuple[bool, ...]] = {}
    found: dict[tuple[tuple[bool, ...], ...], dict[str, Answer]] = {}
    for answers in distinct(playbook, conditions):
        turned_out = []
        for questions, those in together.items():
            key = (*questions, *[answers.get(id) for id in questions])
            if key not in known:  # conditions are judged once for each set of answers to their own questions
                known[key] = tuple([applies(condition, answers) for condition in those])
            turned_out.append(known[key])
        found.setdefault(tuple(turned_out), answers)
    return list(found.values())


def count(playbook: Playbook, conditions: Sequence[Condition]) -> int:
    """How many `distinct` would yield. Only the questions on which other questions hang are gone through one by one."""
    feeding = _feeding(playbook, conditions)
    gates = {id for question, _ in feeding for id in question.when.questions()}
    rest = [(question.when, len(choices)) for question, choices in feeding if question.id not in gates]
    by_gates = _walk(playbook, [fed for fed in feeding if fed[0].id in gates])
    return sum(prod(ways for when, ways in rest if applies(when, answers)) for answers in by_gates)


def _walk(playbook: Playbook, feeding: Sequence[tuple[Question, tuple[Answer, ...]]]) -> Iterator[dict[str, Answer]]:
    """Rule 4."""
    only = replace(playbook, questions=tuple(question for question, _ in feeding))
    choices = {question.id: answers for question, answers in feeding}

    def answer(answers: dict[str, Answer]) -> Iterator[dict[str, Answer]]:
        question = next_question(only, answers)
        if question is None:
            yield answers
            return
        for choice in choices[question.id]:
            yield from answer({**answers, question.id: choice})

    return answer({})


def complete(playbook: Playbook, answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """These answers, and to every other question that is then asked the first that its author offers."""
    full: dict[str, Answer] = {}
    while (question := next_question(playbook, full)) is not None:
        full[question.id] = answers.get(question.id) or next(_choices(question, ()))
    return full


def _feeding(playbook: Playbook, conditions: Sequence[Condition]) -> list[tuple[Question, tuple[Answer, ...]]]:
    """Rules 2 and 3: the questions that matter, each with the answers to it that can be told apart."""
    wanted: set[str] = set()
    more = {id for condition in conditions for id in condition.questions()}
    while more - wanted:
        wanted |= more
        more = {id for question in playbook.questions if question.id in wanted for id in question.when.questions()}
    asked = [question for question in playbook.questions if question.asked and question.id in wanted]
    tests = [*conditions, *(question.when for question in asked)]
    return [(question, tuple(_choices(question, tests))) for question in asked]


def _choices(question: Question, conditions: Iterable[Condition]) -> Iterator[Answer]:
    """Rule 3. "I do not know" is the last."""
    tests = [test.values for condition in conditions for test in _tests(condition) if test.question == question.id]
    if question.kind == "choice":
        yield from (Answer((option,)) for option in _unlike(question.options, tests))
    elif question.kind == "many":
        told_apart = [option for option in _unlike(question.options, tests) if any(option in test for test in tests)]
        sizes = range(len(told_apart) + 1)
        yield from (Answer(some) for some in chain.from_iterable(combinations(told_apart, size) for size in sizes))
    else:
        yield GIVEN
        yield from (Answer((value,)) for value in dict.fromkeys(chain.from_iterable(tests)))
    yield DO_NOT_KNOW


def _unlike(options: Iterable[str], tests: Sequence[tuple[str, ...]]) -> list[str]:
    """The first option of each kind that the tests can tell apart."""
    kinds: dict[tuple[bool, ...], str] = {}
    for option in options:
        kinds.setdefault(tuple(option in test for test in tests), option)
    return list(kinds.values())


def _tests(condition: Condition) -> Iterator[Is]:
    match condition:
        case Is():
            yield condition
        case Not(inner):
            yield from _tests(inner)
        case AllOf(inner) | AnyOf(inner):
            for each in inner:
                yield from _tests(each)
