"""The linter's rules about questions and conditions: what can be answered, what is asked for, and in which order."""

from __future__ import annotations

from collections.abc import Iterator

from bot.playbook.model import AllOf, AnyOf, Condition, Is, Not, Playbook
from bot.playbook.problem import Finding, brief, nearest

ALWAYS_PRIVATE = ("text", "name")
"""Kinds of questions whose answers are words about people or things that are nobody else's to read."""

MOST_OPTIONS = 9
"""To choose one: a list of both platforms holds ten, and "I do not know" is one of them."""
MOST_TICKS = 19
"""To tick any number: a list of WeCom (vote_interaction) holds twenty, and "I do not know" is one of them."""


def questions_are_answerable(playbook: Playbook) -> Iterator[Finding]:
    for question in playbook.questions:
        at, offered = f"questions.{question.id}", len(question.options)
        if question.kind not in ("choice", "many"):
            if offered:
                what = f"A question of kind `{question.kind}` is typed and has no options."
                yield Finding(f"{at}.options", what, "Take the options out, or write `kind: choice`.")
            if question.kind in ALWAYS_PRIVATE and not question.private:
                said = "Free text" if question.kind == "text" else "A name"
                yield Finding(at, f"{said} is always private.", "Add `private: true`.")
        elif question.private:
            what = "A private answer steers nothing, so it is typed."
            yield Finding(f"{at}.private", what, "Take the options out, or `private: true`.")
        elif offered < (2 if question.kind == "choice" else 1):
            yield Finding(at, "There is nothing to choose from.", "Add `options: [first, second]`.")
        elif offered > (most := MOST_TICKS if question.kind == "many" else MOST_OPTIONS):
            mend = f"Offer at most {most}, or ask in two questions."
            yield Finding(f"{at}.options", f"These are {offered} options, more than a card can show.", mend)


def _conditions(playbook: Playbook) -> Iterator[tuple[str, Condition]]:
    for question in playbook.questions:
        yield f"questions.{question.id}.when", question.when
    for holding in playbook.holdings:
        if holding.leaver_when is not None:
            yield f"holdings.{holding.id}.leaver_when", holding.leaver_when
    for step in playbook.steps:
        yield f"steps.{step.id}.when", step.when
    for number, lead in enumerate(playbook.leads_to, start=1):
        yield f"leads_to.{number}.when", lead.when


def _asks(condition: Condition) -> Iterator[Is]:
    match condition:
        case Is():
            yield condition
        case Not(inner):
            yield from _asks(inner)
        case AllOf(inner) | AnyOf(inner):
            for part in inner:
                yield from _asks(part)


def questions_are_used(playbook: Playbook) -> Iterator[Finding]:
    used = {ask.question for _, condition in _conditions(playbook) for ask in _asks(condition)}
    for question in playbook.questions:
        if question.id not in used and not question.targets and not question.private:
            mend = "Name it in a condition, or do not ask it: people answer no question without a use."
            yield Finding(f"questions.{question.id}", f"No condition asks for `{question.id}`.", mend)


def what_is_not_asked_only_leads(playbook: Playbook) -> Iterator[Finding]:
    """The proof goes through the answers to what this playbook asks, so nothing that it proves may rest on others."""
    elsewhere = {question.id for question in playbook.questions if not question.asked}
    for at, condition in _conditions(playbook):
        for ask in _asks(condition):
            if ask.question in elsewhere and not at.startswith("leads_to."):
                mend = "Ask it here, or use it in `leads_to` alone."
                yield Finding(at, f"`{ask.question}` is not asked in this playbook.", mend)


def conditions_ask_what_there_is(playbook: Playbook) -> Iterator[Finding]:
    known = [question.id for question in playbook.questions]
    for at, condition in _conditions(playbook):
        for ask in _asks(condition):
            question = playbook.question(ask.question)
            if question is None:
                yield Finding(at, f"There is no question `{brief(ask.question)}`.", nearest(ask.question, known))
            elif question.kind not in ("choice", "many"):
                mend = "Ask in a condition only for questions that offer options."
                yield Finding(at, f"`{question.id}` is typed, so no condition can know its answers.", mend)
            else:
                for value in ask.values:
                    if value not in question.options:
                        what = f"`{question.id}` offers no `{brief(value)}`."
                        yield Finding(at, what, nearest(value, question.options))


def questions_come_in_order(playbook: Playbook) -> Iterator[Finding]:
    asked: set[str] = set()
    known = {question.id for question in playbook.questions}
    for question in playbook.questions:
        for later in sorted((question.when.questions() & known) - asked):
            what = f"`{question.id}` hangs on `{later}`, which is asked after it."
            yield Finding(f"questions.{question.id}.when", what, f"Move `{later}` up in the list.")
        asked.add(question.id)
