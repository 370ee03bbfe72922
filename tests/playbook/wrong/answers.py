"""Playbooks that hold for most answers, and lock the company out for one."""

from __future__ import annotations

from bot.core.case import Holder
from bot.playbook.model import HoldingSpec, InvariantSpec, Is, Playbook, Question, StepSpec
from tests.playbook.wrong import A_WAY_IN, NEW, NO_LONGER, OLD, Planted, change

BIND = StepSpec("bind", gives=("new",))
UNBIND = StepSpec("unbind", takes=("old",), needs=("bind",))


def an_answer_takes_the_giver_away() -> Planted:
    wrong = Playbook(
        "an_answer_takes_the_giver_away",
        (StepSpec("bind", gives=("new",), when=Is("successor", ("known",))), UNBIND),
        (Question("successor", options=("known", "nobody")),),
        (OLD, NEW),
        (A_WAY_IN,),
    )
    lines = (
        "a_way_in can be broken, when successor is nobody:",
        f"1. unbind is opened, although nothing gives login: {NO_LONGER}",
    )
    return Planted(wrong, lines, change(wrong, "bind", when=Is("successor", ("known", "nobody"))))


def a_need_through_a_step_that_may_be_absent() -> Planted:
    """With `look` out of the plan nothing ties the take to the give: it may come first, or the give be undone."""
    wrong = Playbook(
        "a_need_through_a_step_that_may_be_absent",
        (
            StepSpec("bind", gives=("new",), approvals=0),
            StepSpec("look", needs=("bind",), when=Is("console", ("yes",))),
            StepSpec("unbind", takes=("old",), needs=("look",)),
        ),
        (Question("console", options=("yes", "no")),),
        (OLD, NEW),
        (A_WAY_IN,),
    )
    lines = (
        "a_way_in can be broken, when console is no:",
        f"1. unbind is opened, although bind is not open yet: {NO_LONGER}",
    )
    return Planted(wrong, lines, change(wrong, "unbind", needs=("look", "bind")))


def a_question_that_is_not_asked() -> Planted:
    """Where nobody asks which, the answer is not unknown: it is missing, and the step is not in the plan."""
    wrong = Playbook(
        "a_question_that_is_not_asked",
        (StepSpec("bind", gives=("new",), when=Is("which", ("mail", "chat"))), UNBIND),
        (
            Question("has_successor", options=("yes", "no")),
            Question("which", options=("mail", "chat"), when=Is("has_successor", ("yes",))),
        ),
        (OLD, NEW),
        (A_WAY_IN,),
    )
    lines = (
        "a_way_in can be broken, when has_successor is no:",
        f"1. unbind is opened, although nothing gives login: {NO_LONGER}",
    )
    return Planted(wrong, lines, change(wrong, "bind", when=StepSpec("bind").when))


def i_do_not_know_brings_both_in() -> Planted:
    """Either may go and the other stays; whoever does not know which gets both steps."""
    wrong = Playbook(
        "i_do_not_know_brings_both_in",
        (
            BIND,
            StepSpec("drop_mail", takes=("mail",), when=Is("keep", ("chat",))),
            StepSpec("drop_chat", takes=("chat",), when=Is("keep", ("mail",))),
        ),
        (Question("keep", options=("mail", "chat")),),
        (
            HoldingSpec("mail", otherwise=Holder.COMPANY, group="login"),
            HoldingSpec("chat", otherwise=Holder.COMPANY, group="login"),
            NEW,
        ),
        (A_WAY_IN,),
    )
    lines = (
        "a_way_in can be broken, when keep is not known:",
        "1. drop_mail is opened.",
        f"2. drop_chat is opened, although bind is not open yet and drop_mail may have taken mail: {NO_LONGER}",
    )
    return Planted(wrong, lines, change(wrong, "drop_chat", needs=("bind",)))


def a_holding_that_its_step_forgets() -> Planted:
    """The protection may be the leaver's phone or chat; the step that moves it is there for the chat alone."""
    wrong = Playbook(
        "a_holding_that_its_step_forgets",
        (
            StepSpec("repoint", gives=("protection",), when=Is("protected_by", ("chat",))),
            StepSpec("unbind", takes=("old",), needs=("repoint",)),
        ),
        (Question("protected_by", kind="many", options=("chat", "phone", "token")),),
        (OLD, HoldingSpec("protection", leaver_when=Is("protected_by", ("chat", "phone")))),
        (InvariantSpec("protection_first", ("old",), ("protection",), held_by=Holder.LEAVER, at_most=0),),
    )
    lines = (
        "protection_first can be broken, when protected_by is phone:",
        "1. unbind is opened: now a protection may be held by the leaver (protection_first).",
    )
    return Planted(wrong, lines, change(wrong, "repoint", when=Is("protected_by", ("chat", "phone"))))
