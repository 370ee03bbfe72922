"""How much is asked of a person: at most eight questions in a playbook, one tap each, then one tap for each step."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.case import UNKNOWN, Answer
from bot.playbook.load import find, parse, read_folder
from bot.playbook.model import Playbook
from bot.playbook.plan import next_question

ROOT = Path(__file__).resolve().parents[2] / "conversations"
NAMES = find(ROOT)
MOST = 8


def longest(playbook: Playbook) -> tuple[str, ...]:
    """The most questions that somebody who knows the answers is asked, whatever the answers are."""
    gates = {id for question in playbook.questions for id in question.when.questions()}

    def ask(answers: dict[str, Answer]) -> tuple[str, ...]:
        question = next_question(playbook, answers)
        if question is None:
            return tuple(answers)
        ways: list[tuple[str, ...]] = [(UNKNOWN,)]
        if question.id in gates and question.options:
            ways = [(option,) for option in question.options]
            ways += [(), question.options] if question.kind == "many" else []
        return max((ask({**answers, question.id: Answer(way)}) for way in ways), key=len)

    return ask({})


@pytest.mark.parametrize("name", NAMES)
def test_nobody_is_asked_more_than_eight_questions(name: str) -> None:
    asked = longest(parse(read_folder(ROOT / name), name))
    assert len(asked) <= MOST, asked


@pytest.mark.parametrize("name", NAMES)
def test_identifiers_are_ticked_in_one_list(name: str) -> None:
    playbook = parse(read_folder(ROOT / name), name)
    many = [question.id for question in playbook.questions if question.kind == "many" and question.asked]
    assert len(many) <= 1, "one multi-select asks for everything of its kind"
