"""Somebody goes on under another id of the same platform: the admins and the person hear of it, and how to go on.

What is in the record stays under the id it was done with: an id may be given to somebody else later. So the old one is
gone, and what is still to be done is handed to the new one by somebody who decides.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from bot.core.case import PersonId
from bot.playbook.card import Card
from bot.playbook.copy import Copy, load
from bot.playbook.views.replies import sentence
from bot.ports import Tx
from bot.runtime.keeping import say
from bot.runtime.meeting import parts
from bot.runtime.people import folded
from bot.runtime.tools import Tools


def tell(tx: Tx, old: PersonId, new: PersonId, now: datetime, tools: Tools) -> None:
    """To those who decide where this person has a part in something open, and to the person under the new id."""
    old, new = folded(old), folded(new)
    known = tx.person(old)
    refs = [case.ref for case in parts(tx, old, tools)]
    if not refs and not tools.people.decides(old):
        return
    about = f"renamed-{int(now.timestamp())}-{new.partition(':')[2]}"
    for person in tools.people.there.admins:
        if person not in (old, new):
            copy = _copy(tx, person, tools)
            name = (known.name if known else "") or old.partition(":")[2]
            what = copy("told.renamed", who=name, old=f"`{old}`", new=f"`{new}`")
            then = copy("told.renamed_next", new=new) if refs else copy("told.renamed_list")
            say(tx, person, _card(copy, what, then), about, now, tools)
    copy = _copy(tx, old, tools)
    what = copy("told.renamed_you", old=f"`{old}`", new=f"`{new}`")
    say(tx, new, _card(copy, what, copy("told.renamed_you_next")), about, now, tools)


def _copy(tx: Tx, person: PersonId, tools: Tools) -> Copy:
    return load(tools.people.language(tx.person(person)))


def _card(copy: Copy, what: str, then: str) -> Card:
    card = sentence(copy, "told.renamed_title")
    return replace(card, lead=copy.together(what, then), summary=copy.together(what, then))
