"""The card of a case: its private answers, opened for an admin who asks. It is a private answer and nothing else: it is
drawn after the commit, and no copy of it is queued, kept or logged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.core.case import Case
from bot.core.effects import Tell, View
from bot.core.route import Command
from bot.core.rules import Refusal, must_be_admin

if TYPE_CHECKING:
    from bot.runtime.hearing import Hearing


def show_card(hearing: Hearing, said: Command) -> None:
    """Of the case that was named or in whose thread it was said; else of the only one that has private answers."""
    if not hearing.actor.admin:
        raise Refusal("not_admin")
    case = hearing.load(said.case) if said.case else _only(hearing)
    if case is None:
        return
    must_be_admin(case, hearing.actor)
    hearing.case = case
    hearing.tells.append((case, Tell(to=hearing.actor.person, view=View("private"))))


def _only(hearing: Hearing) -> Case | None:
    """Also a closed case: the card is wanted long after it."""
    rows = [row for row in hearing.tx.cases() if b'"sealed"' in row.state]
    found = [case for case in map(hearing.tools.cases.get, rows) if _keeps_something(case)]
    if len(found) == 1:
        return found[0]
    if found:
        choices = [f"card {case.ref}" for case in found[-9:]]
        hearing.say("told.which", choices=hearing.copy.listed(choices))
    else:
        hearing.say("card.none")
    return None


def _keeps_something(case: Case) -> bool:
    return any(answer.sealed is not None for answer in case.answers.values())
