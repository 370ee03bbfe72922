"""The loop: what goes at the same time, what waits for what, and that nothing runs while nothing can go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Thread

import pytest

from bot.core.effects import ADMINS, lane
from bot.errors import StoreClosed
from bot.ports import Message, Outgoing
from bot.rows import Rate
from bot.runtime.clocks import SettableMonotonic
from bot.runtime.pacing import Pace
from bot.runtime.scripted import ScriptedChat
from bot.slack.paces import PACES as SLACK
from tests.runtime.memory_store import MemoryStore
from tests.runtime.post_office import CASE, LIN, MEI, STEP, PostOffice

SECOND = lane(CASE, "step-2", LIN)
OTHER = lane(CASE, "step-1", MEI)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def office(store: MemoryStore) -> Iterator[PostOffice]:
    made = PostOffice(store)
    yield made
    made.close()


async def until(what: Callable[[], bool]) -> None:
    """Let the loop go round until this is so."""
    for _ in range(1000):
        if what():
            return
        await asyncio.sleep(0)
    raise AssertionError("it did not come to that")


# ------------------------------------------------------------------------------------------ at the same time


def test_a_platform_that_hangs_for_one_person_holds_up_nobody_else(office: PostOffice) -> None:
    office.chat.will("hang", to=LIN)
    office.say()
    office.say(OTHER)

    async def play() -> None:
        delivering = asyncio.create_task(office.outbox.drain())
        await until(lambda: office.shows(OTHER) == [1])
        assert office.shows() == []
        office.chat.release()
        await delivering

    office.run(play())
    assert office.shows() == [1]


def test_one_conversation_gets_one_message_after_the_other_however_slow_the_first(office: PostOffice) -> None:
    office.chat.will("hang", to=LIN)
    office.say(lane(CASE, "welcome", LIN))
    office.say()
    office.say(SECOND)

    async def play() -> None:
        delivering = asyncio.create_task(office.outbox.drain())
        await until(lambda: len(office.chat.calls) == 1)
        for _ in range(50):
            await asyncio.sleep(0)
        assert len(office.chat.calls) == 1
        office.chat.release()
        await delivering

    office.run(play())
    assert [card.title for card in office.chat.conversation(LIN)] == [lane(CASE, "welcome", LIN), STEP, SECOND]


def test_no_more_than_eight_are_on_their_way_at_once(office: PostOffice) -> None:
    people = [f"slack:U{n}" for n in range(20)]
    office.chat.will("hang", times=20)
    for person in people:
        office.say(lane(CASE, "step-1", person))

    async def play() -> None:
        delivering = asyncio.create_task(office.outbox.drain())
        for expected in (8, 16, 20):
            await until(lambda seen=expected: len(office.chat.calls) == seen)  # type: ignore[misc]
            for _ in range(20):
                await asyncio.sleep(0)
            assert len(office.chat.calls) == expected
            office.chat.release()
        await delivering

    office.run(play())
    assert [office.shows(lane(CASE, "step-1", person)) for person in people] == [[1]] * 20


def test_two_who_deliver_at_once_send_nothing_twice(office: PostOffice) -> None:
    for n in range(20):
        office.say(lane(CASE, "step-1", f"slack:U{n}"))

    async def play() -> None:
        await asyncio.gather(office.outbox.drain(), office.outbox.drain(), office.outbox.drain())

    office.run(play())
    assert office.said() == ["say"] * 20


# ------------------------------------------------------------------------------------------ pacing


def test_a_conversation_gets_one_message_a_second_and_others_do_not_wait_for_it(office: PostOffice) -> None:
    office.pace = Pace([Rate("slack", "say", every=1.0)])
    office.restart()
    lanes = [lane(CASE, f"step-{n}", ADMINS) for n in range(5)]
    for name in (*lanes, STEP, OTHER):
        office.say(name)

    office.deliver()
    assert (office.shows(STEP), office.shows(OTHER)) == ([1], [1])
    for shown in range(1, 6):
        assert [card.title for card in office.chat.conversation(ADMINS)] == lanes[:shown]
        office.wait(0.9)
        assert len(office.chat.conversation(ADMINS)) == shown
        office.wait(0.11)


def test_an_answer_passes_reminders_that_wait_for_their_turn(office: PostOffice) -> None:
    office.pace = Pace([Rate("slack", "say", every=1.0)])
    office.restart()
    reminders = [lane(CASE, f"nudge-{n}", LIN) for n in range(3)]
    for name in reminders:
        office.say(name, reminder=True)
    office.deliver()
    office.say()
    for _ in range(4):
        office.wait(1.01)
    assert [card.title for card in office.chat.conversation(LIN)] == [reminders[0], STEP, *reminders[1:]]


class Creeping(SettableMonotonic):
    """Time passes whenever somebody looks, as it does on a busy machine."""

    creep = 0.0

    def __call__(self) -> float:
        self.advance(self.creep)
        return super().__call__()


def test_a_machine_that_stumbles_does_not_change_the_order_of_a_conversation(office: PostOffice) -> None:
    office.monotonic = creeping = Creeping()
    office.pace = Pace([Rate("slack", "say", every=1.0)])
    office.restart()
    names = [lane(CASE, f"step-{n}", LIN) for n in range(3)]
    for name, creep in zip(names, (0.0, 0.01, 0.0), strict=True):
        creeping.creep = creep
        office.say(name)
        office.deliver()
    creeping.creep = 0.0
    for _ in range(600):
        office.wait(0.005)
    assert [card.title for card in office.chat.conversation(LIN)] == names


def test_a_restart_does_not_change_the_order_of_a_conversation(office: PostOffice) -> None:
    office.pace = Pace([Rate("slack", "say", every=1.0)])
    office.restart()
    names = [lane(CASE, f"step-{n}", LIN) for n in range(4)]
    for name in names[:2]:
        office.say(name)
    office.deliver()
    for name in names[2:]:
        office.clock.advance(timedelta(seconds=0.1))
        office.say(name)
    office.clock.advance(timedelta(seconds=0.1))
    office.restart()
    for _ in range(4):
        office.wait(1.1)
    assert [card.title for card in office.chat.conversation(LIN)] == names


def test_a_burst_leaves_in_order_and_at_the_pace_of_the_platform(office: PostOffice) -> None:
    office.pace = Pace(SLACK)
    office.restart()
    people = [f"slack:U{n}" for n in range(300)]
    for person in people:
        office.say(lane(CASE, "step-1", person))
    office.deliver()
    assert len(office.chat.calls) == 20
    office.wait(30)
    for _ in range(300):
        office.wait(0.3)
    assert [call.post.to for call in office.chat.calls] == people


# ------------------------------------------------------------------------------------------ outages


def test_a_platform_that_is_back_gets_everything_that_waited_for_it_at_once(office: PostOffice) -> None:
    lanes = [lane(CASE, "step-1", f"slack:U{n}") for n in range(6)]
    office.chat.will("fail_before", times=48)
    for name in lanes:
        office.say(name)
    for _ in range(8):
        office.wait(100)
    assert len(office.chat.calls) == 48
    assert [row.attempts for row in office.rows()] == [8] * 6

    office.say()
    office.deliver()

    assert [office.shows(name) for name in (*lanes, STEP)] == [[1]] * 7


def test_one_message_that_fails_among_others_that_arrive_is_not_hurried(office: PostOffice) -> None:
    office.chat.will("fail_before", to=LIN, times=5)
    office.say()
    office.deliver()
    for n in range(9):
        office.say(lane(CASE, f"step-{n}", MEI))
        office.deliver()
    assert [call.post.to for call in office.chat.calls].count(LIN) == 1


# ------------------------------------------------------------------------------------------ a full disk


def test_what_was_sent_while_the_disk_was_full_is_written_down_later_and_not_sent_again(
    office: PostOffice, store: MemoryStore
) -> None:
    office.say()
    office.chat.will("hang")

    async def play() -> None:
        delivering = asyncio.create_task(office.outbox.drain())
        await until(lambda: len(office.chat.calls) == 1)
        store.full = 1
        office.chat.release()
        await delivering

    office.run(play())
    assert [row.state for row in office.rows()] == ["sending"]
    office.wait(5)

    assert office.said() == ["say"]
    assert office.rows() == []
    assert office.post() is not None


def test_a_full_disk_does_not_end_the_loop(office: PostOffice, store: MemoryStore) -> None:
    office.say()
    store.full = 1

    async def play() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(office.outbox.run(stop))
        await until(lambda: store.full == 0)
        office.outbox.poke()
        await until(lambda: office.shows() == [1])
        stop.set()
        await running

    office.run(play())


# ------------------------------------------------------------------------------------------ run, poke, stop


def test_the_loop_sends_what_it_is_poked_for_from_another_thread_and_rests_meanwhile(
    office: PostOffice, store: MemoryStore
) -> None:
    async def play() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(office.outbox.run(stop))
        for _ in range(50):
            await asyncio.sleep(0)
        works = store.works
        for _ in range(50):
            await asyncio.sleep(0)
        assert store.works == works, "it asks the store although nothing happened"

        office.say()
        thread = Thread(target=office.outbox.poke)
        thread.start()
        thread.join()
        await until(lambda: office.shows() == [1])
        stop.set()
        await running

    office.run(play())
    office.outbox.poke()  # nobody there any more: no harm


def test_the_loop_knows_when_the_next_message_is_due(office: PostOffice) -> None:
    office.chat.will("fail_before")
    office.say()

    async def play() -> float | None:
        await office.outbox.drain()
        return await office.outbox._start_some()

    pause = office.run(play())
    assert pause == pytest.approx(1.0, abs=0.001)
    office.clock.advance(timedelta(seconds=0.4))
    office.monotonic.advance(0.4)
    assert office.run(office.outbox._start_some()) == pytest.approx(0.6, abs=0.001)


def test_what_is_on_its_way_when_the_loop_is_stopped_still_arrives(office: PostOffice) -> None:
    office.chat.will("hang")
    office.say()
    office.say(SECOND)

    async def play() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(office.outbox.run(stop))
        await until(lambda: len(office.chat.calls) == 1)
        stop.set()
        for _ in range(20):
            await asyncio.sleep(0)
        assert not running.done()
        office.chat.release()
        await running

    office.run(play())
    assert office.shows() == [1]
    assert [row.lane for row in office.rows()] == [SECOND]


def test_what_was_on_its_way_when_the_loop_was_cancelled_is_looked_up(office: PostOffice) -> None:
    office.chat.will("hang")
    office.say()

    async def play() -> None:
        running = asyncio.create_task(office.outbox.run(asyncio.Event()))
        await until(lambda: len(office.chat.calls) == 1)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    office.run(play())
    for _ in range(3):
        office.wait(5)
    assert office.said() == ["say", "find", "say"]
    assert office.shows() == [1]


def test_a_store_that_was_shut_ends_the_loop(office: PostOffice, store: MemoryStore) -> None:
    office.say()
    store.shut = True
    with pytest.raises(StoreClosed):
        office.run(office.outbox.run(asyncio.Event()))


# ------------------------------------------------------------------------------------------ several platforms


def test_each_person_is_reached_on_their_own_platform() -> None:
    class Wecom(ScriptedChat):
        async def say(self, post: Outgoing) -> Message:
            assert post.to.startswith("wecom:")
            return await super().say(post)

    office = PostOffice(MemoryStore())
    wecom = Wecom("wecom", lambda to: to.startswith("wecom:"))
    office.chats.append(wecom)
    office.restart()
    there = lane(CASE, "step-1", "wecom:lin")
    office.say()
    office.say(there)
    office.deliver()
    assert office.shows() == [1]
    assert [card.title for card in wecom.conversation("wecom:lin")] == [there]
    office.close()
