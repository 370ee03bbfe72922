"""Random walks: what people might do next, sensible or not, as a function of a case and a number.

RULES
 1. A move is one whole number, so that a walk shrinks to fewer and smaller numbers.
 2. Two of three moves are sensible: what somebody who reads their cards would do, or the next timer. The third is
    anything at all by anybody, most of which has to be refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

from bot.core import events as e
from bot.core.case import SYSTEM, UNKNOWN, Answer, Case, CaseStatus, Owner, Pin, Sealed, Step, StepStatus
from bot.core.effects import ADMINS
from bot.core.rules import owners
from bot.playbook.model import Playbook
from bot.playbook.pinned import Pinned
from tests.core.player import BO, HR, LAST_DAY, LIN, MEI, OPS, OWNER, SUN, WEI, YAO
from tests.properties.laws import MACHINE, World

T = TypeVar("T")
Move = tuple[e.Actor, e.What]

COMPANIES: tuple[e.Roster, ...] = (
    e.Roster(admins=(MEI, BO), second_approvers=(HR,), owner=OWNER),
    e.Roster(admins=(MEI,), second_approvers=(HR, SUN)),
    e.Roster(admins=(MEI, LIN), second_approvers=(HR,), owner=OWNER),
    e.Roster(admins=(MEI, BO, LIN), second_approvers=()),
    e.Roster(admins=(MEI, WEI), second_approvers=(HR, LIN), owner=MEI),
)
"""Two admins; one; one beside the leaver; two beside the leaver; one of them takes over."""

WORDS = Sealed("words")
PINS = (Pin("walked", "h"),)
PEOPLE = (LIN, WEI, YAO, MEI, BO, HR, SUN, OPS)


class Dice:
    """One number, taken apart: each choice uses up a part of it."""

    def __init__(self, number: int) -> None:
        self._left = number

    def pick(self, things: Sequence[T]) -> T:
        self._left, place = divmod(self._left, len(things))
        return things[place]

    def roll(self, sides: int) -> int:
        self._left, place = divmod(self._left, sides)
        return place


NO_OTHERS: Mapping[str, Playbook] = {}


def walk(
    playbook: Playbook, company: int, absent: bool, moves: Sequence[int], others: Mapping[str, Playbook] = NO_OTHERS
) -> World:
    """A case from its beginning, as far as the moves go. `others`: what the playbook may lead to, by name."""
    known = Pinned({"h": playbook, **others}, "en", {name: Pin(name, name) for name in others})
    pins = (Pin(playbook.name, "h"),)
    world = World(known, COMPANIES[company])
    if absent:
        world.happens(actor(world, MEI), e.Begin("OFB-1", pins, last_day=LAST_DAY))
    elif moves and moves[0] % 3 == 0:
        world.happens(actor(world, MEI), e.Begin("OFB-1", pins, leaver=LIN, last_day=LAST_DAY))
    else:
        world.happens(actor(world, LIN), e.Begin("OFB-1", pins, leaver=LIN))
    for move in moves:
        step(world, playbook, Dice(move))
    return world


def step(world: World, playbook: Playbook, dice: Dice) -> None:
    assert world.case is not None
    kind = dice.roll(12)
    if kind == 0:
        world.fires()
    elif kind < 8 and (moves := sensible(world, world.case, playbook, dice)):
        world.happens(*dice.pick(moves), later=timedelta(minutes=1 + dice.roll(3) * 60))
    elif kind == 8:
        world.happens(MACHINE, e.Undeliverable(dice.pick((LIN, WEI, ADMINS)), "OFB-1/case/0/admins", "gone"))
    elif kind == 9:
        world.happens(
            MACHINE,
            e.Woke(dice.pick(("do", "approve", "agree", "answer", "name", "offer")), dice.roll(5), dice.roll(9)),
        )
    else:
        world.happens(somebody(world, dice), anything(world.case, playbook, dice))


def actor(world: World, person: str) -> e.Actor:
    return e.Actor(
        person,
        admin=person in world.roster.admins,
        second_approver=person in world.roster.second_approvers,
        operator=person == OPS,
        via="demo",
    )


def somebody(world: World, dice: Dice) -> e.Actor:
    """Mostly one of the company; sometimes a guest, a bot or somebody who is gone."""
    person = dice.pick(PEOPLE)
    if dice.roll(8) == 0:
        return e.Actor(
            person, admin=person in world.roster.admins, standing=dice.pick(("guest", "bot", "gone", "stranger"))
        )
    return actor(world, person)


def sensible(world: World, case: Case, playbook: Playbook, dice: Dice) -> list[Move]:
    """What people who read their cards do next."""
    admin = actor(world, dice.pick([person for person in world.roster.admins if person != case.leaver]))
    moves: list[Move] = []
    if case.status is CaseStatus.PROPOSED:
        moves.append((admin, e.Start()))
    if case.asking is not None:
        asked = admin if case.asking.of == ADMINS else actor(world, case.asking.of)
        back = dice.roll(10) == 0
        reply = e.Reply(case.asking.question, answer(case, playbook, dice), case.asking.revision)
        moves.append((asked, e.Undo(0, case.asking.revision) if back else reply))
    successor = case.successor()
    if successor is None or not successor.named_by or successor.declined:
        moves.append((admin, e.Choose(dice.pick((WEI, YAO)))))
    elif not successor.accepted:
        moves.append((actor(world, successor.person), e.Decline() if dice.roll(6) == 0 else e.Accept()))
    if case.forks and dice.roll(10) == 0:
        moves.append((admin, e.Over()))
    for one in case.steps:
        moves += on_step(world, case, one, admin, dice)
    return moves


def on_step(world: World, case: Case, one: Step, admin: e.Actor, dice: Dice) -> list[Move]:
    number, revision = one.number, one.revision
    owner = actor(world, next(iter(owners(case, one)), admin.person))
    aside = dice.roll(4) == 0
    match one.status:
        case StepStatus.OPEN | StepStatus.SENT_BACK:
            said: tuple[e.What, ...] = (
                e.SayStuck(number, revision, words=WORDS),
                e.SayNotMine(number, revision),
                e.Later(number, revision),
            )
            return [(owner, dice.pick(said) if aside else e.Confirm(number, revision, text_hash="t"))]
        case StepStatus.CLAIMED:
            judge = actor(world, dice.pick((*world.roster.admins, *world.roster.second_approvers)))
            no: tuple[Move, ...] = (
                (judge, e.SendBack(number, revision, reason=WORDS)),
                (owner, e.Undo(number, revision)),
            )
            return [dice.pick(no) if aside else (judge, e.Approve(number, revision, looked=True))]
        case StepStatus.LOCKED:
            early: tuple[Move, ...] = (
                (owner, e.Confirm(number)),
                (admin, e.Waive(number, revision, reason="other")),
            )
            return [dice.pick(early)] if aside and dice.roll(3) == 0 else []
        case StepStatus.SOAKING:
            return [(owner, e.Restore(number, revision))] if aside else []
        case StepStatus.DONE:
            back: tuple[Move, ...] = ((owner, e.Undo(number, revision)),) if one.approvals == 0 and aside else ()
            return [*back, *([(admin, e.Renew())] if one.again_days else [])]
    return []


def answer(case: Case, playbook: Playbook, dice: Dice) -> Answer:
    """An answer to the pending question; now and then "I do not know"."""
    asking = case.asking
    assert asking is not None
    if dice.roll(8) == 0:
        return Answer((UNKNOWN,))
    match asking.kind:
        case "date":
            return Answer(((LAST_DAY + timedelta(days=dice.roll(4))).isoformat(),))
        case "person":
            return Answer((dice.pick((WEI, YAO)),))
        case "many":
            return Answer(tuple(option for option in asking.options if dice.roll(2)))
        case "choice":
            return Answer((dice.pick(asking.options),))
        case "account_id":
            return Answer(("100012345678", "100012345679")[: 1 + dice.roll(2)])
    return Answer(sealed=WORDS)


def anything(case: Case, playbook: Playbook, dice: Dice) -> e.What:
    """Any event, of any step, with any revision, right or wrong."""
    number = dice.roll(len(case.steps) + 2)
    step = case.step(number)
    revision = dice.pick((0, 0, step.revision if step else 1, 1))
    person = dice.pick(PEOPLE)
    reason = dice.pick((None, WORDS))
    kinds: tuple[e.What, ...] = (
        e.Confirm(number, revision),
        e.Confirm(number, revision),
        e.Undo(number, revision),
        e.Undo(number, revision),
        e.Restore(number, revision),
        e.SayStuck(number, revision, words=reason),
        e.SayNotMine(number, revision),
        e.Later(number, revision),
        e.Approve(number, revision, looked=bool(dice.roll(2))),
        e.SendBack(number, revision, reason=reason),
        e.Take(number, revision),
        e.Waive(number, revision, reason=dice.pick(("", "other", "nonsense"))),
        e.Reassign(number, revision, person=person, reason=reason),
        e.Reassign(number, revision, person=person, reason=reason),
        e.Choose(person),
        e.Accept(),
        e.Decline(),
        e.Move(LAST_DAY + timedelta(days=dice.roll(30) - 15), reason=reason),
        e.Reply(
            dice.pick(("last_day", "successor", "has")), Answer((dice.pick(("wechat", UNKNOWN, WEI, "2026-12-05")),))
        ),
        e.Status(),
        e.Begin("OFB-1", PINS, leaver=person),
        e.Start(),
        e.Over(),
        e.Renew(),
        e.Stay() if dice.roll(3) == 0 else e.Close(reason=reason),
    )
    return dice.pick(kinds)


__all__ = ["COMPANIES", "SYSTEM", "Owner", "walk"]
