"""The conversation around the plan: welcome, questions, who takes over."""

from __future__ import annotations

from msgspec.structs import replace

from bot.core.case import UNKNOWN, Answer, Asking
from bot.core.effects import ADMINS
from bot.core.opening import LAST_DAY, SUCCESSOR
from bot.playbook.card import Button, Card, Input, Option, Part, plain
from bot.playbook.model import QuestionWords
from bot.playbook.views.case import title_of
from bot.playbook.views.replies import hint_of
from bot.playbook.views.scene import Scene, ended


def welcome_card(scene: Scene) -> Card:
    """Who speaks, for whom, what it keeps, how long it takes, how to reach a person."""
    copy = scene.copy
    lead = copy("welcome.lead", day=scene.copy.day(scene.case.last_day))
    lines = (copy("welcome.keeps"), copy("welcome.help"))
    return replace(
        scene.card("notice", copy("welcome.title"), lead), lead=lead, parts=(Part(name="keeps", label="", lines=lines),)
    )


def question_card(scene: Scene) -> Card:
    """A question while it is pending; afterwards, what was answered."""
    id, revision = scene.view.question, scene.view.step
    pending = scene.case.asking
    words = question_words(scene, id)
    card = replace(scene.card("question", words.ask), context=scene.case.ref, lead=words.why, revision=revision)
    if pending is None or pending.question != id or pending.revision != revision:
        return replace(card, lead="", notice=_answered(scene, id))
    more: tuple[Button, ...] = ()
    if len(scene.case.answers) > scene.case.fixed and pending.of == scene.reader:
        more = (scene.button("undo", scene.copy("buttons.back"), f"q{revision}", revision),)
    return replace(
        card,
        input=_input(scene, pending, words),
        more=more,
        typed=words.hint or scene.copy(f"question.{hint_of(pending.kind)}"),
    )


def question_words(scene: Scene, id: str) -> QuestionWords:
    """The words of a question of the playbooks, or of one that every case has."""
    copy = scene.copy
    if id == LAST_DAY:
        return QuestionWords(ask=copy("question.last_day"), why=copy("question.last_day_why"))
    if id == SUCCESSOR:
        ask = copy("question.successor" if scene.reader == scene.case.leaver else "question.successor_admin")
        why = copy("question.successor_why" if scene.case.leaver else "question.successor_why_nobody")
        asked = scene.case.successor()
        again = copy("question.successor_again", who=scene.who(asked.person)) if asked and asked.declined else ""
        return QuestionWords(ask=ask, why=copy.together(again, why))
    for playbook in scene.playbooks.values():
        words = playbook.words.get(scene.language)
        if words is not None and id in words.questions:
            return words.questions[id]
    return QuestionWords(ask=id)


def options(scene: Scene, asking: Asking, words: QuestionWords) -> tuple[Option, ...]:
    """What can be chosen, "I do not know" last. A typed question offers only that."""
    offered = [Option(id, words.options.get(id, id)) for id in asking.options]
    if asking.kind != "date" or asking.question != LAST_DAY:
        offered.append(Option(UNKNOWN, scene.copy("unknown_option")))
    return tuple(offered)


def _input(scene: Scene, asking: Asking, words: QuestionWords) -> Input:
    kind = asking.kind if asking.kind in ("choice", "many", "date", "person") else "text"
    return Input(
        id=asking.question,
        kind=kind,
        label=words.ask,
        options=options(scene, asking, words),
        value=scene.value(f"q{asking.revision}", asking.revision, "answer"),
        hint=words.hint,
    )


def _answered(scene: Scene, id: str) -> str:
    copy, case = scene.copy, scene.case
    if id == LAST_DAY and case.last_day is not None:
        return copy("question.answered", answer=copy.day(case.last_day))
    if id == SUCCESSOR and id not in case.answers:
        successor = case.successor()
        who = scene.who(successor.person if successor else "")
        return copy("question.answered", answer=who)
    answer = case.answers.get(id)
    if answer is None:
        return copy("question.taken_back") if case.is_open else ended(scene)
    if answer.sealed is not None and scene.for_admins:
        return copy("question.kept", ref=case.ref)
    return copy("question.answered", answer=said(scene, id, answer))


def said(scene: Scene, id: str, answer: Answer) -> str:
    """An answer in words."""
    copy = scene.copy
    if answer.unknown:
        return copy("unknown_option")
    if answer.sealed is not None:
        return scene.words(answer.sealed)
    words = question_words(scene, id)
    labels = [words.options.get(value, plain(value)) for value in answer.values]
    return copy.listed(labels) if labels else copy("none_option")


def offer_card(scene: Scene) -> Card:
    """Will you take over? To the successor; afterwards, what they said."""
    case, copy = scene.case, scene.copy
    target = scene.view.args.get("target", "")
    asked = case.successors.get(target)
    assert asked is not None
    named_by = scene.who(asked.named_by)
    lead = copy("offer.lead", leaver=scene.leaver(), named_by=named_by, what=scene.subject())
    if not case.leaver:
        lead = copy("offer.lead_nobody", what=title_of(scene), named_by=named_by)
    lead = lead if asked.named_by else ""  # proposed since, and not named yet: nobody asks them now
    card = replace(scene.card("offer", copy("offer.title"), lead), context=case.ref, lead=lead)
    if asked.person != scene.reader:
        return replace(card, notice=copy("offer.superseded" if asked.accepted else "offer.declined"))
    if asked.number != scene.round:
        return replace(card, notice=copy("offer.asked_anew"))
    if asked.accepted or asked.declined or not case.is_open:
        key = "accepted" if asked.accepted else "declined" if asked.declined else "superseded"
        return replace(card, notice=copy(f"offer.{key}"))
    return replace(
        card,
        row=(
            scene.button("accept", copy("buttons.accept"), "offer", 0, style="primary"),
            scene.button("decline", copy("buttons.decline"), "offer", 0),
        ),
        typed=copy("offer.typed"),
    )


def naming_card(scene: Scene) -> Card:
    """The admins are asked to name who takes over."""
    case, copy = scene.case, scene.copy
    successor = case.successor(scene.view.args.get("target", ""))
    title = copy("naming.title")
    if not case.is_open:
        return replace(scene.card("naming", title), context=case.ref, notice=ended(scene))
    if successor is not None and successor.named_by and not successor.declined:
        notice = copy("naming.named", who=scene.who(successor.person))
        return replace(scene.card("naming", title), context=case.ref, notice=notice)
    if successor is None or successor.declined:
        lead = copy("naming.nobody", leaver=scene.leaver()) if case.leaver else copy("naming.wanted")
        row = (scene.button("successor", copy("buttons.name"), "case", 0, style="primary", asks="person"),)
        card = scene.card("naming", title, lead)
        return replace(card, context=case.ref, lead=lead, row=row, typed=copy("naming.typed"))
    lead = copy("naming.proposed", leaver=scene.leaver(), who=scene.who(successor.person))
    label = copy("buttons.name_them", who=scene.who(successor.person))
    named = scene.button("successor", label, "proposed", 0, detail="proposed", style="primary")
    other = scene.button("successor", copy("buttons.name_other"), "case", 0, detail="other", asks="person")
    card = scene.card("naming", title, lead)
    typed = copy("naming.typed_proposed")
    return replace(card, context=case.ref, lead=lead, row=(named,), more=(other,), typed=typed)


__all__ = ["ADMINS", "naming_card", "offer_card", "options", "question_card", "question_words", "welcome_card"]
