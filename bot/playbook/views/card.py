"""The card of a case: what was answered in private, for an admin who asks. Drawn for one answer and never kept."""

from __future__ import annotations

from msgspec.structs import replace

from bot.playbook.card import Card, Part
from bot.playbook.views.case import title_of
from bot.playbook.views.scene import Scene
from bot.playbook.views.talk import question_words, said


def private_card(scene: Scene) -> Card:
    """Question and answer, line by line."""
    copy = scene.copy
    lines = tuple(scene.copy.headed(ask, answer) for _, ask, answer in answers(scene)) or (copy("card.nothing"),)
    card = scene.card("answer", copy("card.title", what=title_of(scene)), copy("card.lead"))
    return replace(
        card, context=scene.case.ref, lead=copy("card.lead"), parts=(Part(name="answers", label="", lines=lines),)
    )


def answers(scene: Scene) -> list[tuple[str, str, str]]:
    """Id, question and answer of everything that was asked by a playbook that asks something in private."""
    private = [book for book in scene.playbooks.values() if any(question.private for question in book.questions)]
    asked = dict.fromkeys(question.id for book in private for question in book.questions)
    found = []
    for id in asked:
        answer = scene.case.answers.get(id)
        if answer is not None:
            text = said(scene, id, answer) or scene.copy("card.erased")
            found.append((id, question_words(scene, id).ask, text))
    return found
