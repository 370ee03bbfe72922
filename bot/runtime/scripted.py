"""A chat platform in memory that does what it is told to, also what real ones do on their bad days.

It implements the Chat port for tests, stories and the demo. What people would see can be asked: redraws are applied in
place, as on a screen. It does not protect itself from doubles, because Slack does not either: who says a key twice
sees it twice.

    chat = ScriptedChat("slack", lambda to: to.startswith("slack:"))
    chat.will("effect_then_lost")                       # the next call: posted, but the answer never came
    chat.will("rate_limited", method="say", seconds=30)
    chat.press("slack:U1", "confirm")                   # the value of that button on the newest card that has it

| outcome          | what happens                        | what the caller gets            |
|------------------|-------------------------------------|---------------------------------|
| ok               | it is shown                         | the message                     |
| fail_before      | nothing                             | TryLater                        |
| rate_limited     | nothing                             | TryLater with `seconds`         |
| effect_then_lost | it is shown                         | Uncertain (of `find`: TryLater) |
| hang             | nothing until `release`, then shown | nothing until `release`         |
| gone             | nothing                             | Gone, the person                |
| message_gone     | nothing                             | Gone, the message               |
| rejected         | nothing                             | Rejected                        |
| closed           | nothing                             | Closed                          |
| breaks           | nothing                             | what no Chat may raise          |
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from enum import StrEnum

from msgspec import Struct

from bot.core.case import CaseRef, PersonId
from bot.core.effects import ADMINS
from bot.errors import Closed, Gone, Rejected, TryLater, Uncertain
from bot.playbook.card import Button, Card
from bot.ports import Message, Outgoing, PersonRow, Rate


class Outcome(StrEnum):
    """What becomes of a call."""

    OK = "ok"
    FAIL_BEFORE = "fail_before"
    RATE_LIMITED = "rate_limited"
    EFFECT_THEN_LOST = "effect_then_lost"
    HANG = "hang"
    GONE = "gone"
    MESSAGE_GONE = "message_gone"
    REJECTED = "rejected"
    CLOSED = "closed"
    BREAKS = "breaks"


class Call(Struct, frozen=True):
    """A call that was made: `say`, `amend` or `find`."""

    method: str
    post: Outgoing
    message: Message | None = None


class Shown(Struct):
    """A message as it stands on the screen now."""

    message: Message
    key: str
    case: CaseRef
    to: PersonId
    card: Card
    names: dict[PersonId, str]
    redrawn: int = 0


class _Script(Struct, frozen=True):
    outcome: Outcome
    method: str
    to: PersonId
    seconds: float | None


Otherwise = Callable[[Call], Outcome]


class ScriptedChat:
    """`serves` says whom it reaches; with `people`, everybody else it serves is unknown to it (Gone).

    `looks_up`: whether `find` works, or is what a platform without a look-up answers. `otherwise` decides the calls
    for which nothing was scripted; without it they go well.
    """

    def __init__(
        self,
        name: str,
        serves: Callable[[PersonId], bool],
        *,
        people: Collection[PersonId] | None = None,
        looks_up: bool = True,
        otherwise: Otherwise | None = None,
        paces: Sequence[Rate] = (),
    ) -> None:
        self.name = name
        self.paces = paces
        self.calls: list[Call] = []
        self.looks_up = looks_up
        self.otherwise = otherwise or (lambda call: Outcome.OK)
        self._serves = serves
        self._people = people
        self._left: set[PersonId] = set()
        self._scripts: list[_Script] = []
        self._shown: dict[Message, Shown] = {}
        self._count = 0
        self._released = asyncio.Event()

    # ------------------------------------------------------------------ the port

    def serves(self, to: PersonId) -> bool:
        return self._serves(to)

    async def say(self, post: Outgoing) -> Message:
        outcome = await self._happens(Call("say", post))
        self._count += 1
        place = f"{post.to}/{post.case}" if post.to == ADMINS else post.to
        message = Message(place, f"{self.name}-{self._count}")
        self._shown[message] = Shown(message, post.key, post.case, post.to, post.card, post.names)
        return _answered(outcome, message)

    async def amend(self, message: Message, post: Outgoing) -> Message:
        outcome = await self._happens(Call("amend", post, message))
        shown = self._shown.get(message)
        if shown is None:
            raise Gone("message_not_found", "message")
        shown.card, shown.names = post.card, post.names
        shown.redrawn += 1
        return _answered(outcome, message)

    async def find(self, post: Outgoing) -> Message | None:
        outcome = await self._happens(Call("find", post))
        if not self.looks_up:
            raise Uncertain("no_look_up")
        if outcome is Outcome.EFFECT_THEN_LOST:
            raise TryLater("timeout")
        return next((shown.message for shown in self._shown.values() if shown.key == post.key), None)

    # ------------------------------------------------------------------ what it is told to do

    def will(self, outcome: str, *, method: str = "", to: PersonId = "", seconds: float = 30.0, times: int = 1) -> None:
        """What becomes of the next call, or of the next one with this method, or to this person."""
        wish = seconds if outcome == Outcome.RATE_LIMITED else None
        self._scripts += [_Script(Outcome(outcome), method, to, wish)] * times

    def release(self) -> None:
        """Let all calls that hang go on; they go well."""
        self._released.set()
        self._released = asyncio.Event()

    def leave(self, person: PersonId) -> None:
        """The person is no longer there."""
        self._left.add(person)

    def come_back(self, person: PersonId) -> None:
        self._left.discard(person)

    def erase(self, message: Message) -> None:
        """Somebody deleted the message."""
        del self._shown[message]

    # ------------------------------------------------------------------ what people see

    def messages(self, to: PersonId) -> list[Shown]:
        """Everything in this person's conversation (or in all the admins' threads), oldest first."""
        return [shown for shown in self._shown.values() if shown.to == to]

    def conversation(self, to: PersonId) -> list[Card]:
        return [shown.card for shown in self.messages(to)]

    def shown(self, to: PersonId) -> Card:
        """The newest card. Raises LookupError when there is none."""
        cards = self.conversation(to)
        if not cards:
            raise LookupError(f"{to} sees nothing on {self.name}")
        return cards[-1]

    def offer(self, to: PersonId, verb: str, *, step: int = 0) -> tuple[Shown, Button]:
        """The newest message with a button of this verb (or `verb:detail`), on a card of this step if one is given.

        Raises LookupError, with what is offered instead."""
        offered = []
        for shown in reversed(self.messages(to)):
            for button in (*shown.card.row, *shown.card.more):
                if (not step or shown.card.step == step) and verb in (button.verb, f"{button.verb}:{button.detail}"):
                    return shown, button
                offered.append(f"{button.verb}:{button.detail}".rstrip(":"))
        raise LookupError(f"{to} is offered no {verb} on {self.name}, only {', '.join(offered) or 'nothing'}")

    def press(self, to: PersonId, verb: str, *, step: int = 0) -> str:
        """The value that the platform would send for this button; see `offer`."""
        return self.offer(to, verb, step=step)[1].value

    # ------------------------------------------------------------------ inside

    async def _happens(self, call: Call) -> Outcome:
        """Note the call, and decide what becomes of it. Returns when it takes effect, or raises when it has none."""
        self.calls.append(call)
        script = next((s for s in self._scripts if s.method in ("", call.method) and s.to in ("", call.post.to)), None)
        if script is not None:
            self._scripts.remove(script)
        outcome = script.outcome if script is not None else self.otherwise(call)
        if outcome is Outcome.HANG:
            await self._released.wait()
        unknown = self._people is not None and call.post.to not in self._people
        if unknown or call.post.to in self._left:
            raise Gone("user_not_found")
        match outcome:
            case Outcome.FAIL_BEFORE:
                raise TryLater("service_unavailable")
            case Outcome.RATE_LIMITED:
                raise TryLater("ratelimited", script.seconds if script is not None else 30.0)
            case Outcome.GONE:
                raise Gone("user_disabled")
            case Outcome.MESSAGE_GONE:
                raise Gone("edit_window_closed", "message")
            case Outcome.REJECTED:
                raise Rejected("invalid_blocks")
            case Outcome.CLOSED:
                raise Closed("token_revoked")
            case Outcome.BREAKS:
                raise ZeroDivisionError("an adapter with a mistake")
        return outcome


def _answered(outcome: Outcome, message: Message) -> Message:
    if outcome is Outcome.EFFECT_THEN_LOST:
        raise Uncertain("timeout")
    return message


class ScriptedDirectory:
    """A directory of these people, whose ids begin with `prefix`. It can be down, or hang until `release`.

    directory = ScriptedDirectory("slack:", PersonRow("slack:U1", "Lin", "zh-CN"))
    directory.will("fail_before", times=3)              # or closed, rejected, hang
    directory.says(PersonRow("slack:U1", "Lin", standing="gone"))
    """

    def __init__(self, prefix: str, *people: PersonRow) -> None:
        self.asked: list[PersonId] = []
        self._prefix = prefix
        self._people = {person.id: person for person in people}
        self._outcomes: list[Outcome] = []
        self._released = asyncio.Event()

    def serves(self, to: PersonId) -> bool:
        return to.startswith(self._prefix)

    async def look_up(self, person: PersonId) -> PersonRow:
        self.asked.append(person)
        match self._outcomes.pop(0) if self._outcomes else Outcome.OK:
            case Outcome.FAIL_BEFORE:
                raise TryLater("service_unavailable")
            case Outcome.RATE_LIMITED:
                raise TryLater("ratelimited", 30.0)
            case Outcome.EFFECT_THEN_LOST:
                raise Uncertain("timeout")
            case Outcome.REJECTED:
                raise Rejected("missing_scope")
            case Outcome.CLOSED:
                raise Closed("token_revoked")
            case Outcome.HANG:
                await self._released.wait()
        found = self._people.get(person)
        if found is None:
            raise Gone("user_not_found")
        return found

    def says(self, person: PersonRow) -> None:
        """What it says of this person from now on."""
        self._people[person.id] = person

    def forgets(self, person: PersonId) -> None:
        """Nobody has this id any more."""
        del self._people[person]

    def will(self, outcome: str, *, times: int = 1) -> None:
        """What becomes of the next look-ups."""
        self._outcomes += [Outcome(outcome)] * times

    def release(self) -> None:
        """Let all look-ups that hang go on."""
        self._released.set()
        self._released = asyncio.Event()
