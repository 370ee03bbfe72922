"""Whole histories of chance: messages, changes, bad days, crashes, full disks, clocks that jump. At the end the bad
days are over, everything that can go has gone, and then must hold:

 1. Every lane shows its newest state in the message that the record names; or it is parked, and somebody was told why.
 2. No key is seen twice.
And at every moment:
 3. After a send of which nobody knows what came of it, the same key is not sent again before a look-up found nothing.
 4. No lane and no conversation has two sends on their way at once.
 5. Only a message of the same lane is redrawn, the newest, and never before one was said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest

from bot.core.effects import ADMINS, lane
from bot.errors import ChatError, StoreError, Uncertain
from bot.playbook.card import Card
from bot.ports import Message, Outgoing
from bot.rows import Rate
from bot.runtime.outbox import Pace, Patience
from bot.runtime.outcomes import GONE, cause_of
from bot.runtime.scripted import Call, Outcome, ScriptedChat
from tests.runtime.memory_store import MemoryStore
from tests.runtime.post_office import CASE, START, PostOffice

READERS = ("slack:LIN", "slack:MEI", ADMINS)
BAD = {
    "say": (
        [Outcome.FAIL_BEFORE, Outcome.RATE_LIMITED, Outcome.EFFECT_THEN_LOST, Outcome.BREAKS] * 2
        + [Outcome.GONE, Outcome.REJECTED]
    ),
    "amend": (
        [Outcome.FAIL_BEFORE, Outcome.EFFECT_THEN_LOST, Outcome.MESSAGE_GONE, Outcome.BREAKS] * 2
        + [Outcome.GONE, Outcome.REJECTED]
    ),
    "find": [Outcome.FAIL_BEFORE, Outcome.EFFECT_THEN_LOST, Outcome.RATE_LIMITED],
}


class Watched(ScriptedChat):
    """Slow, moody by chance, and it watches rules 3 to 5: `broken` are those that were not kept."""

    def __init__(self, chance: Random, looks_up: bool) -> None:
        super().__init__("slack", lambda to: True, looks_up=looks_up, otherwise=self._mood)
        self.trouble = 0.4
        self.broken: list[str] = []
        self.meanwhile: Callable[[], None] = lambda: None
        self._chance = chance
        self.sending: set[str] = set()
        self._unknown: set[str] = set()
        self._newest: dict[str, Message] = {}

    async def say(self, post: Outgoing) -> Message:
        if post.key in self._unknown:
            self.broken.append(f"{post.key} is sent again, and nobody looked whether it arrived")
        self._unknown.add(post.key)
        try:
            with Sending(self, post):
                await self._dawdle()
                try:
                    message = await super().say(post)
                finally:
                    self._newest |= {title(shown.card): shown.message for shown in self._shown.values()}
                    await self._dawdle()
        except ChatError as error:
            if not isinstance(error, Uncertain):
                self._unknown.discard(post.key)
            raise
        self._unknown.discard(post.key)
        return message

    async def amend(self, message: Message, post: Outgoing) -> Message:
        assert self._newest.get(title(post.card)) == message, (
            f"{post.key} redraws what is not the lane's newest message"
        )
        with Sending(self, post):
            await self._dawdle()
            try:
                return await super().amend(message, post)
            finally:
                await self._dawdle()

    async def find(self, post: Outgoing) -> Message | None:
        await self._dawdle()
        found = await super().find(post)
        if found is None:
            self._unknown.discard(post.key)
        return found

    def _mood(self, call: Call) -> Outcome:
        if self._chance.random() < 0.2:
            self.meanwhile()
        if self._chance.random() < self.trouble:
            return self._chance.choice(BAD[call.method])
        return Outcome.OK

    async def _dawdle(self) -> None:
        for _ in range(self._chance.randrange(3)):
            await asyncio.sleep(0)


class Sending:
    """A send on its way, which must be the only one of its lane and of its conversation."""

    def __init__(self, chat: Watched, post: Outgoing) -> None:
        self._chat = chat
        self._names = {title(post.card), post.to}

    def __enter__(self) -> None:
        if both := self._names & self._chat.sending:
            self._chat.broken.append(f"two sends at once: {both}")
        self._chat.sending |= self._names

    def __exit__(self, *raised: object) -> None:
        self._chat.sending -= self._names


def title(card: Card) -> str:
    """The post office writes the lane on every card."""
    return card.title


class History:
    def __init__(self, seed: int) -> None:
        self.chance = chance = Random(seed)
        self.store = MemoryStore()
        self.chat = Watched(chance, looks_up=seed % 4 != 0)
        self.office = PostOffice(self.store, self.chat)
        self.office.patience = Patience(longest=60.0, told_after=3, parked_after=7)
        self.office.pace = Pace(
            [Rate("slack", "say", every=1.0, burst=2), Rate("slack", "find", every=0.5, each=False)]
        )
        self.office.chance = chance.random
        self.office.restart()
        self.lanes: list[str] = []
        self.chat.meanwhile = self.amend

    def play(self, length: int) -> None:
        acts = [self.say, self.amend, self.amend, self.amend, self.go, self.go, self.crash, self.jump, self.fault]
        for _ in range(length):
            self.chance.choice(acts)()
            assert self.chat.broken == []
        self.calm()
        self.check()

    # ------------------------------------------------------------------ what happens

    def say(self) -> None:
        reader = self.chance.choice(READERS)
        self.lanes.append(lane(CASE, f"step-{len(self.lanes)}", reader))
        self.office.say(self.lanes[-1], reminder=self.chance.random() < 0.3)

    def amend(self) -> None:
        if self.lanes and not self.store.full:
            self.office.amend(self.chance.choice(self.lanes[-5:]))

    def go(self) -> None:
        seconds = self.chance.choice((0.0, 0.3, 1.0, 5.0, 70.0))
        try:
            self.office.wait(seconds)
        except StoreError:
            assert self.store.full == 0

    def crash(self) -> None:
        """The process dies in the middle of delivering."""

        async def play() -> None:
            asyncio.create_task(self.office.outbox.drain())  # noqa: RUF006  it is found again below
            for _ in range(self.chance.randrange(25)):
                await asyncio.sleep(0)
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            for end in await asyncio.gather(*tasks, return_exceptions=True):
                assert end is None or isinstance(end, int | asyncio.CancelledError | StoreError), repr(end)

        self.office.run(play())
        self.office.restart()

    def jump(self) -> None:
        self.office.clock.advance(timedelta(hours=self.chance.choice((-1, 1, 24, 240))))

    def fault(self) -> None:
        """The disk is full for a moment, or nobody can be told."""
        if self.chance.random() < 0.5:
            self.store.full = 1
            self.go()
            self.store.full = 0
        else:
            self.office.telling_fails = 1

    def calm(self) -> None:
        """The bad days are over, and the clock is past every time at which something was queued."""
        self.office.clock.set(max(self.office.clock.now(), START) + timedelta(days=1))
        self.chat.trouble = 0.0
        self.chat.meanwhile = lambda: None
        self.office.telling_fails = 0
        for _ in range(200):
            if not self.office.rows("waiting", "sending", "uncertain"):
                return
            self.office.wait(61)
        raise AssertionError(f"it never ends: {self.office.rows()}")

    # ------------------------------------------------------------------ what must hold

    def check(self) -> None:
        assert self.chat.broken == []
        keys = [shown.key for to in READERS for shown in self.chat.messages(to)]
        assert len(keys) == len(set(keys)), "a message is seen twice"
        parked = {row.lane: cause_of(row) for row in self.office.rows("parked")}
        assert len(parked) == len(self.office.rows("parked")), "a lane is parked twice"
        for name in self.lanes:
            if name in parked:
                assert parked[name] in self.told(name, parked[name] == GONE), f"{name} is lost and nobody was told"
                continue
            post = self.office.post(name)
            assert post is not None, f"{name} was never shown, and nobody was told"
            shown = next(s for s in self.chat.messages(post.to) if s.message.id == post.message)
            assert shown.card.title == name
            assert post.effect == self.office.effects[name], f"{name} shows an old view"
            assert shown.card.revision == post.revision == self.office.state[name], f"{name} shows an old state"

    def told(self, name: str, of_anything: bool) -> set[str]:
        """The causes that were told of this lane; that a person is gone may have been told of anything for them."""
        reader = name.rsplit("/", 1)[1]
        whole = of_anything or reader == ADMINS
        return {why for lane, why in self.office.told if lane == name or (whole and lane.endswith(f"/{reader}"))}


@pytest.mark.parametrize("start", range(0, 120, 40))
def test_whatever_happens_every_lane_ends_up_shown_once_or_told_of(start: int) -> None:
    for seed in range(start, start + 40):
        walk(seed)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(1000, 5000, 500))
def test_whatever_happens_every_lane_ends_up_shown_once_or_told_of_in_thousands_of_histories(start: int) -> None:
    for seed in range(start, start + 500):
        walk(seed)


def walk(seed: int) -> None:
    history = History(seed)
    try:
        history.play(length=40)
    except BaseException as error:
        error.add_note(f"seed {seed}")
        raise
    finally:
        history.office.close()
