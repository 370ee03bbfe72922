"""What people see: each view of a case as one neutral card. Pure: the same case draws the same card."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.playbook.card import Card
from bot.playbook.views.card import private_card
from bot.playbook.views.case import case_card, receipt_card, status_card
from bot.playbook.views.replies import alarm_card, answer_card, line_card, refusal_card
from bot.playbook.views.scene import Scene
from bot.playbook.views.step import approval_card, step_card
from bot.playbook.views.talk import naming_card, offer_card, question_card, welcome_card

VIEWS: Mapping[str, Callable[[Scene], Card]] = {
    "case": case_card,
    "welcome": welcome_card,
    "question": question_card,
    "offer": offer_card,
    "naming": naming_card,
    "step": step_card,
    "approval": approval_card,
    "status": status_card,
    "line": line_card,
    "alarm": alarm_card,
    "receipt": receipt_card,
    "answer": answer_card,
    "refusal": refusal_card,
    "private": private_card,
}


def draw(scene: Scene) -> Card:
    """The card of a scene's view."""
    return VIEWS[scene.view.name](scene)


__all__ = ["VIEWS", "Scene", "draw"]
