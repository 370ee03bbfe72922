"""How a case begins from what somebody typed: for themselves, for somebody, or for somebody who has already gone."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bot.core import events as e
from bot.core.case import Case
from bot.core.route import Command
from bot.core.rules import Refusal
from bot.runtime import codec

if TYPE_CHECKING:
    from bot.runtime.hearing import Hearing


def begin(hearing: Hearing, said: Command) -> None:
    """`/offboard`, or `/offboard @person day`. Who has a case already is shown where it stands."""
    if said.words and not (hearing.actor.admin or hearing.actor.operator):
        raise Refusal("not_admin")
    leaver = hearing.find(said.words, leaves=True) if said.words else hearing.actor.person
    if leaver is None:
        raise Refusal("unknown_person")
    for row in hearing.tx.cases(person=leaver, open_only=True):
        case = codec.case(row.state)
        if case.leaver == leaver:
            hearing.judge(case, e.Status())
            return
    try:
        last_day = date.fromisoformat(said.values[0]) if said.values else None
    except ValueError:
        raise Refusal("answer_form", kind="date") from None
    pins = hearing.tools.library.newest(*hearing.tools.default_playbooks)
    _open(hearing, e.Begin(ref="OFB-0", pins=pins, leaver=leaver, last_day=last_day))


def rescue(hearing: Hearing, said: Command) -> None:
    """`/offboard rescue`: somebody has already gone, and an admin asks for help. About a case that is under way, in its
    thread or by its name, it says that the situation is another one."""
    case = hearing.load(said.case) if said.case else None
    named = bool(said.case) and said.case != hearing.heard.thread
    if case is not None and (named or (case.is_open and _is_rescue(hearing, case))):
        hearing.judge(case, e.Over())
        return
    hearing.case = None
    if not (hearing.actor.admin or hearing.actor.operator):
        raise Refusal("rescue_admin")
    name = hearing.tools.rescue_playbook
    if not name:
        hearing.say("told.no_rescue")
        return
    _open(hearing, e.Begin(ref="OFB-0", pins=hearing.tools.library.newest(name)))


def _is_rescue(hearing: Hearing, case: Case) -> bool:
    began = case.pins[0].name if case.pins else ""
    return bool(case.forks) or (not case.leaver and began == hearing.tools.rescue_playbook)


def _open(hearing: Hearing, what: e.Begin) -> None:
    """A number is only taken for a case that may begin."""
    if (tried := hearing.decide(None, what)).refused:
        raise Refusal(tried.refused)
    ref = hearing.tx.new_ref()
    hearing.tools.library.keep(hearing.tx, what.pins)
    hearing.tx.put_key(ref, hearing.tools.seals.new_key(ref))
    hearing.keep(hearing.decide(None, replace(what, ref=ref)))
