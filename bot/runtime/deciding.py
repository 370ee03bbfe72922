"""Those who decide come and go: who is told, and which cards are drawn anew.

RULES
 1. Who is gone decides nothing, is written to no more and is named on no card as somebody who is waited for. The others
    who decide are told, once for each time that they go.
 2. What is on somebody's card about who is waited for is drawn anew when they go and when they are back.
 3. Where nobody who decides is left, everything goes on being asked of all of them: somebody has to be told of it, and
    the message that cannot be delivered is.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from bot.core.case import PersonId, StepStatus
from bot.playbook.card import mention
from bot.playbook.copy import load
from bot.playbook.views.replies import sentence
from bot.ports import Tx
from bot.runtime import codec
from bot.runtime.keeping import amend, say
from bot.runtime.tools import Tools

SHOW = frozenset({"step", "approval"})
"""Views on which it stands who is waited for."""


def comes_or_goes(tx: Tx, before: frozenset[PersonId], now: datetime, tools: Tools) -> None:
    """`before`: who was away, of those who decide."""
    away = tools.people.away
    if away == before:
        return
    for at, person in enumerate(sorted(away - before)):
        _told(tx, person, f"away-{int(now.timestamp())}-{at}", now, tools)
    for row in tx.cases(open_only=True):
        claimed = {step.number for step in tools.cases.get(row).steps if step.status is StepStatus.CLAIMED}
        for post in tx.posts(row.ref):
            view = codec.said(post.effect).view if post.effect and post.step in claimed else None
            if view is not None and view.name in SHOW:
                amend(tx, row.ref, post.lane, post.to, view, now)


def _told(tx: Tx, gone: PersonId, about: str, now: datetime, tools: Tools) -> None:
    roster = tools.people.there
    those = dict.fromkeys((*roster.admins, *([roster.owner] if roster.owner else [])))
    for person in those:
        if person not in tools.people.away:
            copy = load(tools.people.language(tx.person(person)))
            card, next_ = sentence(copy, "told.admin_gone", who=mention(gone)), copy("told.admin_gone_next")
            card = replace(card, lead=next_, summary=copy.together(card.title, next_))
            say(tx, person, card, about, now, tools)
