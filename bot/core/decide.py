"""`decide(case, event, playbooks)`: what comes of an event. Pure: the same question has the same answer, for ever.

An event is judged in this order: may this person be heard at all; is the case open; then the function for its kind.
What it says no to is a `Refused` fact, on which nothing changes, and an answer to the person: which rule, and what to
do instead. What it says yes to is facts, and everything that follows from them (following.py), and what people see of
it (surfaces.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from msgspec import Struct

from bot.core import doing, opening, waking
from bot.core import events as e
from bot.core import facts as f
from bot.core.case import Case
from bot.core.effects import Ask, Effect, Tell, View
from bot.core.events import Event
from bot.core.following import follow
from bot.core.rules import Refusal, may_be_heard
from bot.core.surfaces import effects, told
from bot.core.turn import Playbooks, Turn

AFTERWARDS = (e.Woke, e.Undeliverable, e.Status, e.Renew)
"""What is still heard when a case is closed."""


class Decision(Struct, frozen=True):
    """What came of an event. `case` already has the facts folded in.

    `refused` is the code of the refusal, or "". Then the one fact is not folded yet: whoever keeps the record decides
    whether it is stored or only counted (`worth_keeping`), and nothing but the count depends on that.
    """

    case: Case | None
    facts: tuple[f.Fact, ...]
    effects: tuple[Effect, ...]
    refused: str = ""


def decide(case: Case | None, event: Event, playbooks: Playbooks) -> Decision:
    """Judge one event on one case (None: a case that is only now begun)."""
    turn = Turn(case, event, playbooks)
    step = int(getattr(event.what, "step", 0))
    try:
        may_be_heard(event.by, case)
        if case is None and not isinstance(event.what, e.Begin):
            raise Refusal("no_case")
        if case is not None and not case.is_open and not isinstance(event.what, AFTERWARDS):
            raise Refusal("closed")
        _judge(turn)
        if turn.facts:
            follow(turn)
    except Refusal as refusal:
        return _refused(case, event, refusal, step)
    facts = tuple(turn.facts)
    seen = effects(case, turn.case, facts, event) if facts else []
    if event.by.person and not isinstance(event.what, e.Woke | e.Undeliverable) and not _asked_next(event, seen):
        seen.append(_answer(turn, event, step))
    return Decision(case=turn.case if facts else case, facts=facts, effects=tuple(seen))


def _asked_next(event: Event, seen: Sequence[Effect]) -> bool:
    """The next question tells whoever answered that they were heard; thanks besides would only double the messages."""
    person = event.by.person
    return isinstance(event.what, e.Reply) and any(isinstance(one, Ask) and one.to == person for one in seen)


def _answer(turn: Turn, event: Event, step: int) -> Tell:
    if isinstance(event.what, e.Status):
        return Tell(to=event.by.person, view=View("status"))
    return told(turn.case, event, step)


def _refused(case: Case | None, event: Event, refusal: Refusal, step: int) -> Decision:
    view = View("refusal", code=refusal.code, step=step, args={"verb": event.verb, **refusal.args_})
    answer = Tell(to=event.by.person, view=view)
    fact = f.Refused(at=event.at, by=event.by.person, code=refusal.code, verb=event.verb, step=step)
    return Decision(case=case, facts=(fact,) if case is not None else (), effects=(answer,), refused=refusal.code)


def _judge(turn: Turn) -> None:
    what = turn.event.what
    match what:
        case e.Begin():
            opening.begin(turn, what)
        case e.Start():
            opening.start(turn)
        case e.Decline():
            opening.decline(turn, what)
        case e.Accept():
            opening.accept(turn, what)
        case e.Move():
            opening.move(turn, what.last_day, what.reason)
        case e.Reply():
            opening.reply(turn, what)
        case e.Choose():
            opening.choose(turn, what)
        case e.Stay():
            opening.stay(turn)
        case e.Over() | e.Renew():
            opening.over(turn) if isinstance(what, e.Over) else waking.renew(turn)
        case e.Close():
            opening.close(turn, what)
        case e.Status():
            opening.must_belong(turn)
        case e.Woke():
            waking.woke(turn, what)
        case e.Undeliverable():
            turn.add(f.Undelivered(at=turn.at, person=what.person, lane=what.lane, why=what.why))
        case e.Undo() if what.step == 0:
            opening.unanswer(turn, what)
        case (
            e.Confirm()
            | e.Undo()
            | e.Restore()
            | e.SayStuck()
            | e.SayNotMine()
            | e.Later()
            | e.Approve()
            | e.SendBack()
            | e.Take()
            | e.Waive()
            | e.Reassign()
        ):
            doing.on_step(turn, what)
        case _:
            assert_never(what)
