"""The desk: everything that waits for one person, over all cases; for who leaves, also how far they are.

A home page, a menu, a private answer. What may be approved on somebody's word can be ticked, several at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from bot.core.desk import Waiting
from bot.playbook.card import Button, Card, Field, Input, Item, Option
from bot.playbook.copy import Copy

MOST_TICKS = 10
"""Slack's checkboxes are at most ten; WeCom's list takes twenty."""

MOST_ROWS = 20
TITLE_IN_OPTION = 48
TICKS = "approvals"


class Entry(Struct, frozen=True, omit_defaults=True):
    """One thing that waits. `title` and `due` are those of its step; `value` is that of its button *on their word*,
    when it may be approved together with others."""

    waiting: Waiting
    title: str = ""
    due: date | None = None
    value: str = ""


class Own(Struct, frozen=True):
    """How the reader's own departure stands. `only_you`: steps that nobody else can do."""

    ref: str
    done: int
    of: int
    only_you: int
    last_day: date | None


class Sealing(Struct, frozen=True):
    """The values of the list of ticks and of the button that sends it."""

    answer: str
    approve: str


def desk_card(copy: Copy, today: date, entries: Sequence[Entry], own: Own | None, sealing: Sealing) -> Card:
    """`entries`: the oldest first."""
    rows = tuple(_row(copy, entry) for entry in entries[:MOST_ROWS])
    ticks = [entry for entry in entries if entry.value]
    notices = []
    if len(entries) > MOST_ROWS:
        notices.append(copy("desk.more", count=len(entries) - MOST_ROWS))
    if len(ticks) > MOST_TICKS:
        notices.append(copy("desk.more_ticks", count=len(ticks) - MOST_TICKS))
    if ticks:
        notices.append(copy("desk.alone"))
    if own is not None and own.only_you:
        notices.append(copy("status.yours", count=own.only_you))
    lead = _lead(copy, len(entries))
    said = copy.beside([(row.text, row.detail) for row in rows[:3]])
    card = Card(
        kind="desk",
        title=copy("digest.title"),
        lead=lead,
        summary=copy.headed(copy("digest.title"), said or lead),
        fields=_own(copy, own, today) if own is not None else (),
        items=rows,
        notice=copy.together(*notices),
        language=copy.language,
    )
    return _with_ticks(copy, card, ticks[:MOST_TICKS], sealing) if ticks else card


def _lead(copy: Copy, count: int) -> str:
    if count == 0:
        return copy("step.nothing_now")
    return copy("digest.lead_one") if count == 1 else copy("digest.lead_many", count=count)


def _row(copy: Copy, entry: Entry) -> Item:
    waiting = entry.waiting
    text = copy(f"digest.{waiting.about}", n=waiting.step, title=entry.title)
    due = copy("step.due", day=copy.day(entry.due)) if entry.due is not None and waiting.about == "do" else ""
    return Item(text=text, state=due or copy("desk.since", day=copy.day(waiting.since.date())), detail=waiting.case)


def _own(copy: Copy, own: Own, today: date) -> tuple[Field, ...]:
    fields = [Field(copy("fields.case"), own.ref)]
    if own.of:
        fields.append(Field(copy("fields.progress"), copy("case.running", done=own.done, of=own.of)))
    if own.last_day is not None:
        left = (own.last_day - today).days
        key = {0: "today", 1: "tomorrow"}.get(left, "days" if left > 0 else "past")
        fields.append(Field(copy("fields.last_day"), copy(f"desk.{key}", day=copy.day(own.last_day), count=left)))
    return tuple(fields)


def _with_ticks(copy: Copy, card: Card, ticks: Sequence[Entry], sealing: Sealing) -> Card:
    options = tuple(Option(entry.value, _tick(entry)) for entry in ticks)
    label = copy("desk.tick")
    send = Button("approve", copy("desk.approve"), sealing.approve, detail="word", style="primary", asks=TICKS)
    typed = copy("desk.typed", ref=ticks[0].waiting.case, n=ticks[0].waiting.step)
    return replace(card, input=Input(TICKS, "many", label, options, sealing.answer), row=(send,), typed=typed)


def _tick(entry: Entry) -> str:
    title = entry.title
    short = title if len(title) <= TITLE_IN_OPTION else f"{title[: TITLE_IN_OPTION - 1]}…"
    return f"{entry.waiting.case} · {entry.waiting.step}. {short}"
