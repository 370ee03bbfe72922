"""Plans that cannot end."""

from __future__ import annotations

from bot.core.case import Grade
from bot.playbook.model import AnyOf, Is, Playbook, Question, StepSpec
from tests.playbook.wrong import Planted, change


def nobody_can_witness_it() -> Planted:
    wrong = Playbook(
        "nobody_can_witness_it",
        (
            StepSpec("sign_in", demands=Grade.WITNESSED, approvals=0),
            StepSpec("unbind", needs=("sign_in",)),
            StepSpec("tell", after=("sign_in", "unbind")),
        ),
    )
    lines = (
        "The plan cannot end, in whatever order:",
        "- sign_in can be done, but not for certain as witnessed: nobody approves it.",
        "- unbind can never open: it needs sign_in.",
        "- tell can never open: it comes after unbind.",
    )
    return Planted(wrong, lines, change(wrong, "sign_in", approvals=1))


def nothing_can_verify_it() -> Planted:
    wrong = Playbook("nothing_can_verify_it", (StepSpec("delete", demands=Grade.VERIFIED),))
    lines = (
        "The plan cannot end, in whatever order:",
        "- delete can be done, but not for certain as verified: an approver can only witness it.",
    )
    return Planted(wrong, lines, change(wrong, "delete", demands=Grade.WITNESSED))


def a_circle() -> Planted:
    wrong = Playbook(
        "a_circle",
        (
            StepSpec("begin"),
            StepSpec("bind", needs=("begin", "unbind")),
            StepSpec("repoint", after=("bind",)),
            StepSpec("unbind", needs=("repoint",)),
            StepSpec("close", needs=("begin",), after=("unbind",)),
        ),
    )
    lines = (
        "The plan cannot end, in whatever order:",
        "- bind can never open: it needs unbind.",
        "- repoint can never open: it comes after bind.",
        "- unbind can never open: it needs repoint.",
        "- close can never open: it comes after unbind.",
        "- A circle: bind → unbind → repoint → bind.",
    )
    return Planted(wrong, lines, change(wrong, "bind", needs=("begin",)))


def a_circle_for_one_answer() -> Planted:
    """Each of the two is fine alone. Both are there when nobody knows."""
    wrong = Playbook(
        "a_circle_for_one_answer",
        (
            StepSpec("by_mail", needs=("by_chat",), when=Is("how", ("mail",))),
            StepSpec("by_chat", needs=("by_mail",), when=AnyOf((Is("how", ("chat",)), Is("again", ("yes",))))),
        ),
        (Question("how", options=("mail", "chat", "post")), Question("again", options=("yes", "no"))),
    )
    lines = (
        "The plan cannot end, in whatever order, when how is mail and again is yes:",
        "- by_mail can never open: it needs by_chat.",
        "- by_chat can never open: it needs by_mail.",
        "- A circle: by_mail → by_chat → by_mail.",
    )
    return Planted(wrong, lines, change(wrong, "by_chat", needs=()))


def a_step_needs_itself() -> Planted:
    wrong = Playbook("a_step_needs_itself", (StepSpec("bind", needs=("bind",)),))
    lines = (
        "The plan cannot end, in whatever order:",
        "- bind can never open: it needs bind.",
        "- A circle: bind → bind.",
    )
    return Planted(wrong, lines, change(wrong, "bind", needs=()))
