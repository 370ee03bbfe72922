"""The case as a whole: the living card among the admins, "where are we", the receipt."""

from __future__ import annotations

from msgspec.structs import replace

from bot.core.case import Case, CaseStatus, Grade, Step, StepStatus
from bot.core.effects import ADMINS
from bot.core.opening import hands_over, is_begun_for_nobody
from bot.core.progress import headline, in_plan, only_leaver_can, stranded
from bot.playbook.card import Button, Card, Field, Item
from bot.playbook.views.scene import Scene

SETTLED = (StepStatus.DONE, StepStatus.WAIVED)


def case_card(scene: Scene) -> Card:
    """The living card: one per case, redrawn with every change, never posted twice."""
    case, copy = scene.case, scene.copy
    title = title_of(scene)
    lead = _lead(scene)
    card = scene.card("case", title, copy.together(title, lead))
    context = [case.ref]
    if case.last_day is not None:
        context.append(copy.headed(copy("fields.last_day"), copy.day(case.last_day)))
    return replace(
        card,
        context=" · ".join(context),
        lead=lead,
        fields=_fields(scene),
        items=items(scene),
        row=_row(scene),
        more=_more(scene),
        notice=copy.together(*_notices(scene)),
        typed=_typed(scene),
        revision=case.count,
    )


def title_of(scene: Scene) -> str:
    """Whose handover it is; where nobody is leaving, what it is about."""
    case = scene.case
    if case.leaver:
        return scene.copy("case.title", who=scene.leaver())
    begun = scene.playbooks.get(case.pins[0].name) if case.pins else None
    words = begun.words.get(scene.language) if begun is not None else None
    return scene.copy("case.title_nobody", what=words.name) if words else scene.copy("case.title_gone")


def _lead(scene: Scene) -> str:
    case, copy = scene.case, scene.copy
    match case.status:
        case CaseStatus.PROPOSED:
            return copy("case.proposed", who=scene.leaver())
        case CaseStatus.ASKING:
            return copy("case.asking", who=scene.who(case.asking.of if case.asking else ADMINS))
        case CaseStatus.CLOSED:
            return copy("case.closed", outcome=copy(f"outcomes.{case.outcome}"))
    return progress(scene)


def progress(scene: Scene) -> str:
    steps = in_plan(scene.case)
    done = sum(step.status in SETTLED for step in steps)
    return scene.copy("case.running", done=done, of=len(steps))


def _fields(scene: Scene) -> tuple[Field, ...]:
    case = scene.case
    fields = []
    successor = case.successor()
    if successor is not None and successor.named_by and not successor.declined:
        fields.append(scene.field("successor", scene.who(successor.person)))
    if known := how_it_is_known(scene):
        fields.append(scene.field("known", known))
    return tuple(fields)


def how_it_is_known(scene: Scene) -> str:
    """ "12 witnessed, 2 stated, 1 waived": the counts behind the weakest grade; "" while nothing is done."""
    _, counts = headline(scene.case)
    order = [*(str(grade) for grade in reversed(Grade)), "waived"]
    said = [
        scene.copy("case.known", count=counts[key], grade=scene.copy(f"grades.{key}"))
        for key in order
        if counts.get(key)
    ]
    return scene.copy.listed(said) if said else ""


def items(scene: Scene) -> tuple[Item, ...]:
    """The steps of the plan, each with its state as a word."""
    return tuple(_item(scene, step) for step in in_plan(scene.case))


def _item(scene: Scene, step: Step) -> Item:
    copy = scene.copy
    state = copy(f"statuses.{step.status}")
    if step.status is StepStatus.DONE:
        state = copy("case.done_as", state=state, grade=copy(f"grades.{step.grade}"))
    detail = scene.who(step.person) if step.person and step.status is not StepStatus.DONE else ""
    return Item(text=f"{step.number}. {scene.title(step)}", state=state, detail=detail, value=str(step.number))


def _row(scene: Scene) -> tuple[Button, ...]:
    case, copy = scene.case, scene.copy
    if case.status is CaseStatus.PROPOSED:
        return (
            scene.button("start", copy("buttons.start"), "case", 0, style="primary"),
            scene.button("decline", copy("buttons.decline_case"), "case", 0),
        )
    if any(step.asked_again for step in case.steps):
        return (scene.button("confirm", copy("buttons.still_right"), "case", 0, detail="again", style="primary"),)
    if case.is_open and case.wants_to_stay:
        return (scene.button("stay", copy("buttons.stay_admin"), "case", 0),)
    return ()


def _more(scene: Scene) -> tuple[Button, ...]:
    case, copy = scene.case, scene.copy
    if case.status not in (CaseStatus.ASKING, CaseStatus.RUNNING):
        return ()
    found = []
    if case.last_day is not None:
        found.append(scene.button("move", copy("buttons.move"), "case", 0, asks="date"))
    if case.last_day is not None or (not case.leaver and hands_over(case, case.steps)):
        found.append(scene.button("successor", copy("buttons.name"), "case", 0, asks="person"))
    if is_begun_for_nobody(case):
        found.append(scene.button("decline", copy("buttons.end_case"), "case", 0))
    if case.forks:
        found.append(scene.button("start", copy("buttons.over"), "case", 0, detail="over"))
    return tuple(found)


def _typed(scene: Scene) -> str:
    """How to do by typing what the card's buttons do; "" where it has none."""
    case = scene.case
    if case.status is CaseStatus.PROPOSED:
        return scene.copy("case.typed_agree")
    buttons = (*_row(scene), *_more(scene))
    words = dict.fromkeys(f"case.type_{button.detail or button.verb}" for button in buttons)
    return scene.copy("case.typed", words=scene.copy.either([scene.copy(key) for key in words])) if words else ""


def _notices(scene: Scene) -> list[str]:
    case, copy = scene.case, scene.copy
    asked = [scene.title(step) for step in case.steps if step.asked_again]
    said = [copy("case.again", titles=copy.listed(asked))] if asked else []
    if not case.is_open:
        return said
    if case.alarms:
        said.append(copy("case.alarm"))
    if case.wants_to_stay:
        said.append(copy("case.wants_to_stay", who=scene.leaver()))
    if case.status is CaseStatus.RUNNING:
        if case.asking is not None:
            said.append(copy("case.asking", who=scene.who(case.asking.of)))
        said += _who_takes_over(scene, case)
        if left := stranded(case):
            said.append(copy("case.stranded", steps=copy.listed([str(step.number) for step in left])))
        mine = only_leaver_can(case)
        if mine and case.last_day is not None:
            day = copy.day(case.last_day)
            said.append(copy("case.leaver_only", count=len(mine), who=scene.leaver(), day=day))
    return said


def _who_takes_over(scene: Scene, case: Case) -> list[str]:
    successor = case.successor()
    if successor is None or not successor.named_by or successor.declined:
        return [scene.copy("case.no_successor")] if hands_over(case, case.steps) else []
    if not successor.accepted and not successor.declined:
        return [scene.copy("case.offered", who=scene.who(successor.person))]
    return []


def status_card(scene: Scene) -> Card:
    """ "Where are we", for anybody of the case; for the leaver also what only they can do."""
    case, copy = scene.case, scene.copy
    if case.status is not CaseStatus.RUNNING:
        return replace(case_card(scene), row=(), more=(), typed="", kind="status")
    steps = in_plan(case)
    done = sum(step.status in SETTLED for step in steps)
    lead = progress(scene)
    if case.last_day is not None:
        lead = copy("status.lead", done=done, of=len(steps), day=scene.day(case.last_day))
    fresh = not any(step.confirmed_at for step in steps)
    title = copy("status.plan_title") if fresh and scene.reader == case.leaver else copy("status.title")
    mine = only_leaver_can(case)
    notices = _notices(scene) if scene.reader_is_admin() else []
    if mine and scene.reader == case.leaver:
        notices = [copy("status.yours", count=len(mine))]
    if fresh and case.last_day is not None:
        notices.append(copy("status.counted_back"))
    return replace(
        scene.card("status", title, copy.together(title, lead)),
        context=f"{case.ref} · {copy('status.as_of', when=scene.moment(scene.now))}",
        lead=lead,
        fields=_fields(scene),
        items=items(scene),
        notice=copy.together(*notices),
        revision=case.count,
    )


def receipt_card(scene: Scene) -> Card:
    """The leaver's own copy of what was handed over, and how each step is known."""
    case, copy = scene.case, scene.copy
    outcome = copy(f"outcomes.{case.outcome}")
    lead = copy("receipt.lead", ref=case.ref, when=scene.moment(case.closed_at), outcome=outcome)
    known = {"handed_over": "nothing_left", "partly": "partly", "left_undone": "partly", "stayed": "stayed"}
    last = known.get(case.outcome, "closed")
    return replace(
        scene.card("receipt", copy("receipt.title"), lead),
        lead=lead,
        fields=(scene.field("handed_over", scene.subject()), *_fields(scene)),
        items=items(scene),
        notice=copy(f"receipt.{last}"),
    )
