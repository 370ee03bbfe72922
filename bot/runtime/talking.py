"""What a person says to the bot that concerns no case: help, their language, a pause for reminders."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bot.core import desk as desks
from bot.playbook.copy import LANGUAGES, load
from bot.playbook.views.replies import help_card
from bot.runtime.keeping import desk_of, put_desk

if TYPE_CHECKING:
    from bot.runtime.hearing import Hearing

PAUSE = timedelta(days=7)
SPOKEN = {"en": "en", "english": "en", "zh-cn": "zh-CN", "zh": "zh-CN", "中文": "zh-CN"}


def talk(hearing: Hearing, verb: str, words: str) -> None:
    """Answer it at once; nothing of it is a fact of a case."""
    if verb == "help":
        hearing.cards.append(help_card(hearing.copy, admin=hearing.actor.admin))
    elif verb == "language":
        _language(hearing, words)
    else:
        _reminders(hearing, on=verb == "resume")


def _reminders(hearing: Hearing, *, on: bool) -> None:
    rhythm = hearing.tools.people.rhythm(hearing.known)
    desk = desk_of(hearing.tx, hearing.actor.person)
    if on:
        put_desk(hearing.tx, desks.resume(desk, hearing.now, rhythm, hearing.tools.workdays))
        hearing.say("told.resume")
        return
    until = hearing.now + PAUSE
    put_desk(hearing.tx, desks.pause(desk, hearing.now, until, rhythm, hearing.tools.workdays))
    hearing.say("told.pause", day=hearing.copy.day(until.date()))


def _language(hearing: Hearing, words: str) -> None:
    wanted = SPOKEN.get(words.casefold().strip())
    if wanted not in LANGUAGES or hearing.known is None:
        hearing.say("told.not_understood")
        return
    hearing.tx.put_person(replace(hearing.known, language=wanted))
    hearing.known = hearing.tx.person(hearing.actor.person)
    hearing.copy = load(wanted)
    hearing.say("told.language")
