"""Short things: the answer to a click, a refusal, a line in the thread, an alarm, a digest."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from bot.core.case import Case, PersonId, StepStatus
from bot.core.desk import Waiting
from bot.core.effects import ADMINS
from bot.core.guard import SOAK_FIRST
from bot.core.rules import owners
from bot.core.waking import case_timer
from bot.playbook.card import Card, Item, Part, mention
from bot.playbook.copy import Copy
from bot.playbook.model import QUESTION_KINDS
from bot.playbook.views.scene import Scene
from bot.playbook.views.step import DECIDED, decided


def answer_card(scene: Scene) -> Card:
    """The private answer to what somebody just did: one sentence."""
    key = scene.view.code
    if key == "begin" and scene.case.agreed_by:
        key = "begin_admin"
    return scene.card("answer", scene.copy(f"told.{key}", ref=scene.case.ref))


TOO_LATE = frozenset({"stale", "twice", "is_done", "is_soaking", "is_sent_back", "is_waived"})
"""Somebody else was there first: the answer says who, and when."""


def refusal_card(scene: Scene) -> Card:
    """What is the case, and what to do instead; for who came too late, also how the step stands now."""
    card = refusal(scene.copy, scene.view.code, scene.case.ref, scene.view.args)
    step = scene.case.step(scene.view.step)
    if scene.view.code not in TOO_LATE or step is None or step.status not in DECIDED:
        return card
    return replace(card, notice=decided(scene, step))


def refusal(copy: Copy, code: str, ref: str, args: dict[str, str]) -> Card:
    """A refusal without a case too (a stranger, a person who has none)."""
    hint = copy(f"question.{hint_of(args.get('kind', ''))}")
    what, instead = copy.lines(f"refusals.{code}", hint=hint, **{k: v for k, v in args.items() if k != "kind"})
    said = copy.together(what, instead)
    summary = copy.headed(ref, said) if ref else said
    return Card(kind="refusal", title=what, lead=instead, summary=summary, reference=ref, language=copy.language)


def hint_of(kind: str) -> str:
    """The key of the sentence that says how such a question is answered."""
    known = ("person", *(kind for kind in QUESTION_KINDS if kind != "text"))
    return f"typed_{kind}" if kind in known else "typed_text"


def sentence(copy: Copy, key: str, **values: object) -> Card:
    """One sentence that belongs to no case."""
    text = copy(key, **values)
    return Card(kind="notice", title=text, summary=text, language=copy.language)


def line_card(scene: Scene) -> Card:
    """Something that happened, as one sentence in the thread."""
    view, copy, case = scene.view, scene.copy, scene.case
    step = case.step(view.step)
    who = scene.who(view.args.get("who", "") or (step.person if step else "") or case.leaver)
    values: dict[str, object] = {"who": who, "n": view.step, "day": copy.day(case.last_day)}
    if step is not None:
        values["title"] = scene.title(step)
    if case.outcome:
        values["outcome"] = copy(f"outcomes.{case.outcome}")
    code = view.code
    if code == "stuck" and (words := scene.words(view.words)):
        code, values["words"] = "stuck_words", words
    if code == "undelivered":
        values["why"] = copy(f"lost.{view.args['why']}") if copy.has(f"lost.{view.args['why']}") else view.args["why"]
    text = copy(f"line.{code}", **values)
    return replace(scene.card("line", text), context=case.ref)


def alarm_card(scene: Scene) -> Card:
    """Something happened before it was safe: what, and what to do now."""
    view, copy = scene.view, scene.copy
    step = scene.step()
    lead = copy("alarm.lead", n=step.number, title=scene.title(step))
    why = (
        copy("alarm.soak_first") if view.code == SOAK_FIRST else copy("alarm.broken", rule=_invariant(scene, view.code))
    )
    lines = tuple(line for line in (why, copy("alarm.held"), copy("alarm.now") if _recovers(scene) else "") if line)
    card = scene.card("alarm", copy("alarm.title"), copy.together(copy("alarm.title"), lead))
    return replace(card, context=scene.case.ref, lead=lead, parts=(Part(name="now", label="", lines=lines),))


def _recovers(scene: Scene) -> bool:
    """Whether the alarm opened a step that mends what it is about: not every invariant has one."""
    code, target = scene.view.code, scene.view.args.get("target", "")
    return any(
        step.recovers == code and step.target == target and step.status is not StepStatus.NOT_NEEDED
        for step in scene.case.steps
    )


def _invariant(scene: Scene, id: str) -> str:
    for playbook in scene.playbooks.values():
        words = playbook.words.get(scene.language)
        if words is not None and id in words.invariants:
            return words.invariants[id]
    return ""


def digest_card(copy: Copy, waiting: Sequence[tuple[Waiting, Case, str]]) -> Card:
    """Several reminders in one message. Each row: the thing that waits, its case, the title of its step (or "")."""
    lead = copy("digest.lead_one") if len(waiting) == 1 else copy("digest.lead_many", count=len(waiting))
    rows = tuple(_row(copy, item, case, title) for item, case, title in waiting)
    text = copy.beside([(row.text, row.detail) for row in rows[:3]])
    return Card(
        kind="digest",
        title=copy("digest.title"),
        lead=lead,
        summary=copy.headed(copy("digest.title"), text),
        items=rows,
        notice=copy("digest.close") if any(item.about == "do" for item, _, _ in waiting) else "",
        language=copy.language,
    )


def _row(copy: Copy, item: Waiting, case: Case, title: str) -> Item:
    about, people = (item.about, ()) if item.about != "escalated" else _held_up(case, item)
    who = copy.listed([mention(person) for person in people])
    return Item(text=copy(f"digest.{about}", n=item.step, title=title, ref=case.ref, who=who), detail=case.ref)


def _held_up(case: Case, item: Waiting) -> tuple[str, tuple[PersonId, ...]]:
    """What nobody has done for so long, and whose it is: whoever is told shall know what to ask, and whom."""
    step = case.step(item.step)
    if step is not None:
        if step.status is StepStatus.CLAIMED:
            return "late_approval", ()
        people = owners(case, step)
        return ("late_step", people) if people else ("do", ())
    wake = case_timer(case, item.since)
    about = wake.about if wake is not None else "blocked"
    if about == "answer" and case.asking is not None and case.asking.of != ADMINS:
        return "late_answer", (case.asking.of,)
    if about == "offer" and (successor := case.successor()) is not None:
        return "late_offer", (successor.person,)
    return about, ()


def help_card(copy: Copy, *, admin: bool) -> Card:
    """What can be written."""
    lines = copy.lines("help.lines") + (copy.lines("help.admin_lines") if admin else ())
    return Card(
        kind="help",
        title=copy("help.title"),
        lead=copy("help.lead"),
        parts=(Part(name="lines", label="", lines=lines),),
        summary=copy.headed(copy("help.title"), copy.beside([(line, "") for line in lines])),
        language=copy.language,
    )
