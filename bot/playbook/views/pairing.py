"""Are these one person? What an admin is asked when somebody carried a code from one chat to the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from msgspec.structs import replace

from bot.core.case import PersonId
from bot.core.pairing import chat
from bot.playbook.card import Button, Card, Field, mention
from bot.playbook.copy import Copy


class Pairing(NamedTuple):
    """`state`, `one`, `other`, `by` as in the record (rows.LinkRow). `decides`: one of the two decides in handovers;
    `leaves`: one of them is leaving."""

    number: int
    state: str
    one: PersonId
    other: PersonId
    by: PersonId
    decides: bool = False
    leaves: bool = False


def pairing_card(copy: Copy, of: Pairing, value: Callable[[str], str]) -> Card:
    """`value` seals a button's value for its verb. Names are what people call themselves: the ids stand there too."""
    title = copy("pairing.title")
    lead = copy("pairing.lead", one=said(copy, of.one), other=said(copy, of.other))
    card = Card(
        kind="pairing",
        title=title,
        summary=copy.together(title, lead),
        lead=lead,
        fields=tuple(Field(_chat(copy, id), f"`{id.partition(':')[2]}`") for id in (of.one, of.other)),
        language=copy.language,
    )
    if of.state != "asked":
        state = copy(f"pairing.is_{of.state}", who=mention(of.by) if ":" in of.by else "")
        return replace(card, state=copy(f"pairing.state_{of.state}"), notice=state)
    warnings = [copy(f"pairing.{what}") for what, so in (("decides", of.decides), ("leaves", of.leaves)) if so]
    return replace(
        card,
        notice=copy.together(copy("pairing.ask_them"), *warnings),
        row=(
            Button("accept", copy("pairing.accept"), value("accept"), style="primary"),
            Button("decline", copy("pairing.decline"), value("decline")),
        ),
        typed=copy("pairing.typed", n=of.number),
    )


def said(copy: Copy, id: PersonId) -> str:
    """A person, and in which chat."""
    return copy("pairing.in_chat", who=mention(id), chat=_chat(copy, id))


def _chat(copy: Copy, id: PersonId) -> str:
    name = chat(id)
    return copy(f"pairing.chats.{name}") if copy.has(f"pairing.chats.{name}") else name
