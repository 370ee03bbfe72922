"""The desk of one person, drawn from the cases as they stand; and the ticks on it, judged one by one.

RULES
 1. Each tick is the sealed value of that step's own button, so it is judged as if that button had been pressed.
 2. All ticks of one click are judged in one transaction, each by itself: what is refused is told with its reason and
    takes nothing from the others.
 3. What is decided by itself (core/waiting.py) is not approved together with others, whatever is ticked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from bot.core import events as e
from bot.core.cadence import local_day
from bot.core.case import SETTLED, Case, PersonId
from bot.core.effects import View
from bot.core.progress import in_plan, only_leaver_can
from bot.core.rules import Refusal, may_be_heard
from bot.core.waiting import decided_alone, waits_for
from bot.playbook.card import Card
from bot.playbook.copy import load
from bot.playbook.views.desk import MOST_TICKS, Entry, Own, Sealing, desk_card
from bot.playbook.views.replies import refusal
from bot.ports import Reads
from bot.runtime.buttons import NOWHERE
from bot.runtime.situation import cases_of
from bot.runtime.tools import Cases, Tools

if TYPE_CHECKING:
    from datetime import datetime

    from bot.runtime.hearing import Hearing

SUBJECT = "desk"

WORD = "approve:word"


def desk(reads: Reads, id: PersonId, now: datetime, tools: Tools, cases: Cases) -> Card:
    """Everything that waits for this person. `cases`: the writer's own, or new ones."""
    person = tools.people.acts_as(id)
    known = reads.person(person)
    actor = tools.people.actor(id, known)
    entries: list[Entry] = []
    own: Own | None = None
    try:
        may_be_heard(actor, None)
    except Refusal:
        theirs: list[Case] = []
    else:
        theirs = cases_of(reads, actor, "", cases)
    for case in theirs:
        scene = tools.drawer.scene(reads, case, View("status"), person)
        for waiting in waits_for(case, actor, tools.people.there):
            entry = Entry(waiting)
            if (step := case.step(waiting.step)) is not None:
                alone = waiting.about != "approve" or decided_alone(step)
                value = "" if alone else tools.buttons.value(case.ref, str(step.number), step.revision, WORD)
                entry = replace(entry, title=scene.title(step), due=step.due, value=value)
            entries.append(entry)
        own = _own(case) if case.leaver == person else own
    entries.sort(key=lambda entry: (entry.waiting.since, entry.waiting.case, entry.waiting.step))
    values = [tools.buttons.value(NOWHERE, SUBJECT, 0, verb) for verb in ("answer", WORD)]
    copy, today = load(tools.people.language(known)), local_day(now, tools.people.zone(known))
    return desk_card(copy, today, entries, own, Sealing(*values))


def _own(case: Case) -> Own:
    steps = in_plan(case)
    done = sum(step.status in SETTLED for step in steps)
    return Own(case.ref, done, len(steps), len(only_leaver_can(case)), case.last_day)


def several(hearing: Hearing, values: tuple[str, ...]) -> None:
    """Approve what is ticked."""
    if not values:
        hearing.say("told.nothing_ticked")
        return
    done, refused = 0, ""
    for value in dict.fromkeys(values[:MOST_TICKS]):
        before = len(hearing.tells)
        code = _one(hearing, value)
        if code:
            refused = refused or code
        else:
            del hearing.tells[before:]  # one sentence says it for all
            done += 1
    hearing.refused = "" if done else refused
    if done:
        hearing.say("told.approved_several", count=done)


def _one(hearing: Hearing, value: str) -> str:
    """Judge one tick; the code of the refusal, or ""."""
    pressed = hearing.tools.buttons.read(value, WORD)
    ref = ""
    try:
        if pressed is None or not pressed.step:
            raise Refusal("forged")
        case = hearing.load(pressed.case)
        ref, step = case.ref, case.step(pressed.step)
        if step is not None and decided_alone(step):
            raise Refusal("one_by_one")
        hearing.judge(case, e.Approve(pressed.step, pressed.revision, looked=False))
    except Refusal as no:
        hearing.tx.refused(f"{ref}/{hearing.actor.person}/{no.code}", hearing.now)
        hearing.cards.append(refusal(hearing.copy, no.code, ref, no.args_))
        return no.code
    return hearing.refused
