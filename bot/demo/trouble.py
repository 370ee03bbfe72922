"""Things that go wrong, on purpose; each says in a sentence what happened and whether the promise held.

Nothing here is trusted to have gone well: what the record and the case were before is compared with
what they are after.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import msgspec

from bot.core.case import Case
from bot.core.effects import ADMINS
from bot.demo.cast import BY_ROLE, role_of
from bot.demo.lines import buttons, named
from bot.demo.play import Play, Told
from bot.demo.room import Entry, Note
from bot.heard import Answer, Click
from bot.playbook.card import Button, Card

TROUBLES = ("twice", "lose", "old", "restart")


async def make(play: Play, kind: str) -> None:
    """One of TROUBLES. Raises Told when there is nothing yet to make it with."""
    await {"twice": _twice, "lose": _lose, "old": _old, "restart": _restart}[kind](play)


def be(play: Play, role: str) -> None:
    """The next click or message comes from this person, whoever's pane it is in; "" for the right one."""
    play.impostor = role
    play.room.note = Note("wrong_armed", {"who": who(play, role)}) if role else Note("wrong_off")


def judged(play: Play, role: str, answer: Answer, changed: bool) -> None:
    """What came of the wrong person's act."""
    key = "wrong_allowed" if changed else "wrong_refused" if answer.refused else "wrong_nothing"
    play.room.note = Note(key, {"who": who(play, role), "answer": said(play, answer)})


async def standing(play: Play) -> tuple[Any, ...]:
    """How every case stands, without what a refusal may add to it: the count of its facts."""
    cases: list[Case] = await asyncio.to_thread(play.house.cases)
    return tuple(msgspec.structs.replace(case, count=0) for case in cases)


def who(play: Play, role: str) -> str:
    return BY_ROLE[role].name[play.house.language]


def said(play: Play, answer: Answer) -> str:
    """The first words of the private answer."""
    names = {part.id: part.name[play.house.language] for part in BY_ROLE.values()}
    cards = [named(card.title, names, card.language) for card in answer.cards]
    return " ".join(cards) or "✓"


async def _facts(play: Play) -> int:
    return len(await asyncio.to_thread(play.house.history))


async def _twice(play: Play) -> None:
    if play.last is None:
        raise Told("no_click")
    role, heard, _ = play.last
    before = await _facts(play)
    async with play.turn:
        answer = await play.house.listen(heard)
    after = await _facts(play)
    held = answer.repeated and before == after
    values = {"who": who(play, role), "answer": said(play, answer), "before": str(before), "after": str(after)}
    play.room.note = Note("twice_did" if held else "twice_bad", values, bad=not held)


async def _lose(play: Play) -> None:
    play.board.lose("say")
    play.room.note = Note("lose_armed")


async def _old(play: Play) -> None:
    entry, card, button = _outdated(play)
    role = "admin" if entry.place == ADMINS else role_of(entry.place)
    before = await standing(play)
    answer = await play.click(role, entry, Click(button.verb, button.value, button.detail))
    changed = await standing(play) != before
    values = {
        "who": who(play, role),
        "button": named(button.label, entry.names, card.language),
        "title": named(card.title, entry.names, card.language),
        "answer": said(play, answer),
    }
    play.room.note = Note("old_taken" if changed else "old_did", values)


def _outdated(play: Play) -> tuple[Entry, Card, Button]:
    """The newest button that once stood on a message and does not any more; what only asks is no proof."""
    for entry in reversed(play.room.entries()):
        shown = entry.shown
        if shown is None or not shown.older:
            continue
        now = {button.value for button in buttons(shown.card)}
        for card in reversed(shown.older):
            gone = [b for b in buttons(card) if b.value and b.value not in now and not b.asks and b.verb != "status"]
            if gone:
                return entry, card, gone[0]
    raise Told("no_old")


async def _restart(play: Play) -> None:
    began = time.monotonic()
    await play.restart()
    ms = round((time.monotonic() - began) * 1000)
    report = await asyncio.to_thread(play.house.verify)
    if report["broken"]:
        play.room.note = Note("restart_bad", {"what": str(report["broken"][0])}, bad=True)
    else:
        play.room.note = Note("restart_did", {"ms": str(ms), "facts": str(report["facts"])})
