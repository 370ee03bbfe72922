"""The two cards of a step: the instructions for whoever does it, and the approval for whoever decides."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from bot.core.cadence import local_day
from bot.core.case import AT_WORK, Owner, Step, StepStatus
from bot.core.progress import blockers
from bot.core.rules import approvers
from bot.playbook.card import PARTS, Button, Card, Part
from bot.playbook.views.scene import ADMINS, Scene, ended

S = StepStatus


def step_card(scene: Scene) -> Card:
    """One step for its owner: what to do while it is theirs to do, and how it stands afterwards."""
    step = scene.step()
    card = _frame(scene, step, scene.title(step))
    if scene.reader != (step.person or ADMINS):
        return replace(card, notice=scene.copy("step.handed_on", who=scene.who(step.person or ADMINS)))
    if scene.round != step.round:
        return replace(card, notice=scene.copy("step.moved_on"), state="")
    if step.status in AT_WORK and not scene.case.is_open:
        return replace(card, notice=ended(scene))
    if step.status in (S.OPEN, S.SENT_BACK):
        return _to_do(scene, step, card)
    return _afterwards(scene, step, card)


def _frame(scene: Scene, step: Step, title: str) -> Card:
    context = [scene.place(step)]
    if step.due is not None and step.status in (S.OPEN, S.SENT_BACK, S.LOCKED):
        context.append(scene.copy("step.due", day=scene.copy.day(step.due)))
    card = scene.card("step", title, scene.copy.headed(scene.place(step), title))
    fields = (scene.field("target", step.target),) if step.target else ()
    return replace(
        card,
        context=" · ".join(context),
        revision=step.revision,
        step=step.number,
        fields=fields,
        state=scene.copy(f"statuses.{step.status}"),
    )


def _to_do(scene: Scene, step: Step, card: Card) -> Card:
    copy, number = scene.copy, str(step.number)

    def button(verb: str, style: str = "") -> Button:
        return scene.button(verb, copy(f"buttons.{verb}"), number, step.revision, style=style)

    more = [button("not_mine"), button("later"), button("status")]
    if scene.case.leaver and step.owner is Owner.LEAVER and step.person == scene.case.leaver:
        more.append(button("stay"))
    return replace(
        card,
        lead=_lead(scene, step),
        parts=parts(scene, step),
        row=(button("confirm", "primary"), button("stuck")),
        more=tuple(more),
        notice=_flags(scene, step),
        typed=copy("step.typed"),
    )


def _lead(scene: Scene, step: Step) -> str:
    if step.status is S.SENT_BACK:
        who = scene.who(step.sent_back_by)
        words = scene.words(step.sent_back_reason)
        key = "step.sent_back" if words else "step.sent_back_bare"
        return scene.copy(key, who=who, **({"reason": words} if words else {}))
    if step.restored_by:
        return scene.copy("approval.restored", who=scene.who(step.restored_by))
    return scene.copy.together(*_deadlines(scene, step))


def _deadlines(scene: Scene, step: Step) -> Iterator[str]:
    """What is late says what to do now; what only the leaver can do counts down to their last day."""
    last, today = scene.case.last_day, scene.today()
    leavers = step.only_leaver and last is not None and scene.reader == scene.case.leaver
    if last is not None and leavers and today > last:
        yield scene.copy("step.after_last_day")
        return
    if step.due is not None and today > step.due:
        yield scene.copy("step.past_due", day=scene.copy.day(step.due))
    if last is not None and leavers:
        yield scene.copy("step.only_you", day=scene.copy.day(last), left=scene.days_left(last))


def _flags(scene: Scene, step: Step) -> str:
    flags = [scene.copy(f"step.{name}") for name in ("stuck", "not_mine") if getattr(step, name)]
    if step.snoozed_until is not None and step.snoozed_until > scene.now:
        flags.append(scene.copy("step.snoozed", when=scene.day(local_day(step.snoozed_until, scene.zone))))
    return scene.copy.together(*flags)


def parts(scene: Scene, step: Step, names: tuple[str, ...] = PARTS) -> tuple[Part, ...]:
    """The named parts of the prose, in order, filled in; `how` is split into its numbered lines."""
    words = scene.step_words(step)
    found = []
    for name in names:
        if name not in words.parts:
            continue
        text = scene.prose(words.parts[name], step)
        lines = tuple(_unnumbered(line) for line in text.splitlines() if line.strip())
        found.append(Part(name=name, label=scene.copy(f"parts.{name}"), lines=lines, numbered=name == "how"))
    return tuple(found)


def _unnumbered(line: str) -> str:
    """A line of a Markdown list without its own number: the renderers number in their platform's way."""
    head, dot, rest = line.strip().partition(". ")
    return rest if dot and head.isdigit() else line.strip()


def _afterwards(scene: Scene, step: Step, card: Card) -> Card:
    copy, number = scene.copy, str(step.number)
    notice = how_it_stands(scene, step)
    row, typed = [], ""
    unapproved = step.status is S.CLAIMED and not step.approved
    word_only = step.status is S.DONE and step.approvals == 0 and scene.case.is_open
    if unapproved or word_only:
        row.append(scene.button("undo", copy("buttons.undo"), number, step.revision))
        typed = copy("step.typed_undo", n=number)
    elif step.status is S.SOAKING:
        row.append(scene.button("restore", copy("buttons.restore"), number, step.revision, style="danger"))
        typed = copy("step.typed_restore", n=number)
    return replace(card, notice=notice, row=tuple(row), typed=typed, summary=copy.together(card.summary, notice))


def how_it_stands(scene: Scene, step: Step) -> str:
    """One or two sentences for a step that is not being worked on."""
    copy = scene.copy
    match step.status:
        case S.CLAIMED if step.approved:
            done, of = len(step.approved), step.approvals
            return copy("step.half", done=done, of=of, who=_waits_for(scene, step))
        case S.CLAIMED:
            when = scene.moment(step.confirmed_at)
            return copy("step.claimed", when=when, who=_waits_for(scene, step))
        case S.SOAKING:
            return copy("step.soaking", when=scene.moment(step.soak_until))
        case S.DONE:
            text = copy("step.done", grade=copy(f"grades.{step.grade}"))
            last = step.approved[-1] if step.approved else None
            return text if last is None else f"{text} {_by(scene, last.by, last.at)}"
        case S.WAIVED:
            reason = copy(f"waiver_reasons.{step.waiver_reason}")
            return copy("step.waived", who=scene.who(step.waived_by), reason=reason)
        case S.LOCKED:
            return _locked(scene, step)
    return copy("step.not_needed")


def _by(scene: Scene, who: str, at: object) -> str:
    return scene.copy("step.done_by", who=scene.who(who), when=scene.moment(at))  # type: ignore[arg-type]


def _locked(scene: Scene, step: Step) -> str:
    waits = blockers(scene.case, step)
    if not waits:
        return scene.copy("step.held") if step.opened_at else scene.copy("statuses.locked")
    words = scene.step_words(step)
    if words.first:
        return scene.prose(words.first, step)
    return scene.copy("step.locked", first=scene.copy.listed([scene.title(other) for other in waits[:3]]))


def _waits_for(scene: Scene, step: Step) -> str:
    return scene.people(approvers(scene.case, step, scene.roster))


def approval_card(scene: Scene) -> Card:
    """A claimed step for those who decide; afterwards, what was decided, by whom and when."""
    copy = scene.copy
    step = scene.step()
    number, title = str(step.number), scene.title(step)
    card = replace(_frame(scene, step, title), kind="approval")
    current = step.status is S.CLAIMED and scene.round == step.fact_number
    if not current:
        return replace(card, notice=decided(scene, step))
    if not scene.case.is_open:
        return replace(card, notice=ended(scene))
    key = "approval.early" if step.early else "approval.lead"
    fields = [*card.fields, scene.field("confirmed", scene.moment(step.confirmed_at))]
    fields += [scene.field("approved", _approval(scene, step, index)) for index in range(len(step.approved))]
    notices = [copy("approval.must_look")] if not _word_is_enough(step) else []
    if step.approvals > 1:
        notices.append(copy("approval.two", done=len(step.approved)))
    able = approvers(scene.case, step, scene.roster)
    notices.append(copy("approval.waiting", who=scene.people(able)) if able else copy("approval.nobody"))
    more = []
    if _word_is_enough(step):
        more.append(scene.button("approve", copy("buttons.word"), number, step.revision, detail="word"))
    return replace(
        card,
        title=copy("approval.title", title=title),
        summary=copy.headed(scene.case.ref, copy("approval.title", title=title)),
        lead=copy(key, who=scene.who(step.confirmed_by)),
        parts=_look(scene, step),
        fields=tuple(fields),
        notice=copy.together(*notices),
        row=(
            scene.button("approve", copy("buttons.looked"), number, step.revision, detail="looked", style="primary"),
            scene.button("send_back", copy("buttons.send_back"), number, step.revision, asks="reason"),
        ),
        more=tuple(more),
        typed=copy("approval.typed" if _word_is_enough(step) else "approval.typed_look", n=step.number),
    )


def _word_is_enough(step: Step) -> bool:
    return step.demands.rank == 0


def _look(scene: Scene, step: Step) -> tuple[Part, ...]:
    words = scene.step_words(step)
    if not words.look:
        where, *told = parts(scene, step, ("where", "worked")) or ((),)
        return (where, *(_as_told(scene, part) for part in told)) if where else ()
    lines = tuple(line.strip() for line in scene.prose(words.look, step).splitlines() if line.strip())
    return (*parts(scene, step, ("where",)), Part(name="look", label=scene.copy("parts.look"), lines=lines))


def _as_told(scene: Scene, part: Part) -> Part:
    """What the other one's card says, as a quotation: its "you" is not who reads this."""
    lines = [line.translate(_INNER) for line in part.lines]
    lines[0] = f"“{lines[0]}"
    lines[-1] = f"{lines[-1]}”"
    return replace(part, label=scene.copy("parts.told"), lines=tuple(lines))


_INNER = str.maketrans("“”", "‘’")


def _approval(scene: Scene, step: Step, index: int) -> str:
    approval = step.approved[index]
    key = "approval.looked" if approval.looked else "approval.word"
    return scene.copy(key, who=scene.who(approval.by), when=scene.moment(approval.at))


def _followed(said: str, by: list[str]) -> str:
    """A sentence, and who approved; no full stop stands before the point between them."""
    return " · ".join([said.rstrip(".。"), *by]) if by else said


DECIDED = (S.DONE, S.SOAKING, S.SENT_BACK, S.WAIVED)


def decided(scene: Scene, step: Step) -> str:
    """What was decided on a confirmation, by whom and when."""
    copy = scene.copy
    by = [_approval(scene, step, index) for index in range(len(step.approved))]
    match step.status:
        case S.DONE:
            return _followed(copy("approval.done", grade=copy(f"grades.{step.grade}")), by)
        case S.SOAKING:
            return _followed(copy("approval.soaking", when=scene.moment(step.soak_until)), by)
        case S.SENT_BACK:
            return copy("approval.sent_back", who=scene.who(step.sent_back_by), when=scene.moment(step.sent_back_at))
        case S.OPEN if step.restored_by:
            return copy("approval.restored", who=scene.who(step.restored_by))
        case S.OPEN:
            return copy("approval.undone", who=scene.who(step.person))
        case S.CLAIMED:
            return copy("step.moved_on")
    return how_it_stands(scene, step)
