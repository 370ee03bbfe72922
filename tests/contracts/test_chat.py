"""What any chat platform must do, said through the port alone. A new one is added to `RIGS` and must pass all of it.

A rig is a platform with one person it knows and one it does not, and a way to delete a message behind its back.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from bot.demo.board import Board
from bot.errors import ChatError, Gone, Uncertain
from bot.playbook.card import Button, Card, Part
from bot.ports import Chat, Message, Outgoing
from bot.runtime.scripted import ScriptedChat
from bot.slack.channel import AdminChannel
from bot.slack.chat import SlackChat
from bot.slack.line import Line
from bot.slack.scripted import ScriptedSlack
from bot.wecom.api import Api
from bot.wecom.client import WecomChat
from bot.wecom.tasks import standing
from tests.wecom.corp import HandClock, corp, settings


@dataclass
class Rig:
    """`seen` gives the titles that the person sees now, oldest message first; `faults` are ways to make the next call
    fail, by name. `again` is what a person does before a message can be redrawn once more, where that takes something.
    `find_asks`: whether a look-up always asks the platform, so that it can fail."""

    chat: Chat
    person: str
    stranger: str
    elsewhere: str
    seen: Callable[[], list[str]]
    erase: Callable[[Message], Awaitable[None]]
    faults: dict[str, Callable[[], None]]
    looks_up: bool = True
    again: Callable[[Message], None] = lambda message: None
    find_asks: bool = True


@asynccontextmanager
async def scripted(looks_up: bool) -> AsyncIterator[Rig]:
    chat = ScriptedChat("scripted", lambda to: to.startswith("demo:"), people={"demo:lin"}, looks_up=looks_up)

    async def erase(message: Message) -> None:
        chat.erase(message)

    def fault(outcome: str) -> Callable[[], None]:
        return lambda: chat.will(outcome)

    faults = ("fail_before", "rate_limited", "effect_then_lost", "gone", "message_gone", "rejected")
    yield Rig(
        chat,
        person="demo:lin",
        stranger="demo:nobody",
        elsewhere="slack:U1",
        seen=lambda: [card.title for card in chat.conversation("demo:lin")],
        erase=erase,
        faults={outcome: fault(outcome) for outcome in faults},
        looks_up=looks_up,
    )


@asynccontextmanager
async def board() -> AsyncIterator[Rig]:
    chat = Board()

    async def erase(message: Message) -> None:
        chat.erase(message)

    yield Rig(
        chat,
        person="demo:lin",
        stranger="demo:nobody",
        elsewhere="slack:U1",
        seen=lambda: [shown.card.title for shown in chat.conversation("demo:lin")],
        erase=erase,
        faults={"effect_then_lost": chat.lose},
    )


@asynccontextmanager
async def wecom() -> AsyncIterator[Rig]:
    clock = HandClock()
    with corp(clock) as standin:
        given = settings(standin.api_url)
        api = Api(given.corp_id, given.secret, given.api_url, monotonic=clock.monotonic)
        chat = WecomChat(given, api, clock, monotonic=clock.monotonic)

        async def erase(message: Message) -> None:
            """The app's message is taken back, and nothing can be done with it any more."""
            standin.take_back(standing(message.id).task)

        def again(message: Message) -> None:
            """Somebody clicks on it."""
            task = standing(message.id).task
            chat.clicked(task, standin.new_code(task))

        def fault(how: int | str) -> Callable[[], None]:
            api.token_works()  # else it is the token that fails, and then nothing has left
            return lambda: standin.fail("", how)

        yield Rig(
            chat,
            person="wecom:lin",
            stranger="wecom:nobody",
            elsewhere="slack:U1",
            seen=lambda: [card["main_title"]["title"] for card in standin.seen("lin") if "main_title" in card],
            erase=erase,
            faults={
                "fail_before": fault(-1),
                "rate_limited": fault(45009),
                "rejected": fault(40058),
                "effect_then_lost": lambda: standin.fail("message/send", "lost"),
            },
            again=again,
            find_asks=False,
        )
        chat.close()
        api.close()


@asynccontextmanager
async def slack() -> AsyncIterator[Rig]:
    async with ScriptedSlack() as workspace:
        workspace.join("U00LIN", "Lin")
        line = Line(workspace.token, workspace.api_url, time.monotonic)
        await line.open()
        chat = SlackChat(line, AdminChannel("", line, time.monotonic))
        place = await chat.private("slack:U00LIN")

        async def erase(message: Message) -> None:
            workspace.erase(message.place, message.id)

        def fault(outcome: str) -> Callable[[], None]:
            return lambda: workspace.will(outcome)

        words = {
            "fail_before": "fail_before",
            "rate_limited": "ratelimited",
            "effect_then_lost": "effect_then_lost",
            "dropped": "dropped",
            "a proxy answers": "garbage",
            "gone": "user_disabled",
            "archived": "is_archived",
            "rejected": "posting_to_general_channel_denied",
            "broken inside": "internal_error",
            "the token was taken back": "token_revoked",
        }
        try:
            yield Rig(
                chat,
                person="slack:U00LIN",
                stranger="slack:U0NOBODY",
                elsewhere="wecom:lin",
                seen=lambda: [_header(said["blocks"]) for said in workspace.messages[place]],
                erase=erase,
                faults={name: fault(outcome) for name, outcome in words.items()},
            )
        finally:
            await line.close()


def _header(blocks: list[Any]) -> str:
    return str(next(block["text"]["text"] for block in blocks if block["type"] == "header"))


RIGS: dict[str, Callable[[], AbstractAsyncContextManager[Rig]]] = {
    "scripted": lambda: scripted(looks_up=True),
    "scripted, no look-up": lambda: scripted(looks_up=False),
    "the demo's board": board,
    "WeCom": wecom,
    "Slack": slack,
}

Play = Callable[[Rig], Awaitable[None]]


@pytest.fixture(params=RIGS)
def play(request: pytest.FixtureRequest) -> Callable[[Play], None]:
    """Plays a test on a platform that was set up for it."""

    async def played(test: Play) -> None:
        async with RIGS[request.param]() as rig:
            await test(rig)

    return lambda test: asyncio.run(played(test))


def post(rig: Rig, title: str = "Bind the successor", key: str = "OFB-1/step-3/0/lin/7", to: str = "") -> Outgoing:
    card = Card(
        kind="step",
        title=title,
        summary=f"OFB-1, step 3: {title}",
        reference="OFB-1",
        parts=(Part("how", "How", ("Open the console.", "Scan the code."), numbered=True),),
        row=(Button("confirm", "Done", value="OFB-1@3@2@abcdefghijkl", style="primary"),),
        step=3,
        revision=2,
    )
    return Outgoing(key=key, case="OFB-1", to=to or rig.person, card=card, names={rig.person: "Lin"})


def test_it_says_whom_it_serves(play: Callable[[Play], None]) -> None:
    async def test(rig: Rig) -> None:
        assert rig.chat.name
        assert rig.chat.serves(rig.person)
        assert not rig.chat.serves(rig.elsewhere)

    play(test)


def test_what_was_said_is_seen_and_stands_somewhere(play: Callable[[Play], None]) -> None:
    async def test(rig: Rig) -> None:
        message = await rig.chat.say(post(rig))
        assert message.place
        assert message.id
        assert rig.seen() == ["Bind the successor"]

    play(test)


def test_each_message_stands_in_a_place_of_its_own(play: Callable[[Play], None]) -> None:
    async def test(rig: Rig) -> None:
        first = await rig.chat.say(post(rig))
        second = await rig.chat.say(post(rig, "Unbind the leaver", key="OFB-1/step-4/0/lin/8"))
        assert first != second
        assert rig.seen() == ["Bind the successor", "Unbind the leaver"]

    play(test)


def test_what_was_said_is_found_by_its_key(play: Callable[[Play], None]) -> None:
    async def test(rig: Rig) -> None:
        if not rig.looks_up:
            pytest.skip("no look-up")
        message = await rig.chat.say(post(rig))
        await rig.chat.say(post(rig, key="OFB-1/step-4/0/lin/8"))
        assert await rig.chat.find(post(rig)) == message

    play(test)


def test_a_key_that_was_said_twice_is_found_once(play: Callable[[Play], None]) -> None:
    async def test(rig: Rig) -> None:
        if not rig.looks_up:
            pytest.skip("no look-up")
        said = [await rig.chat.say(post(rig)), await rig.chat.say(post(rig))]
        assert await rig.chat.find(post(rig)) in said

    play(test)


def test_what_was_never_said_is_not_found(play: Callable[[Play], None]) -> None:
    async def test(rig: Rig) -> None:
        if not rig.looks_up:
            pytest.skip("no look-up")
        await rig.chat.say(post(rig))
        assert await rig.chat.find(post(rig, key="OFB-1/step-3/0/lin/70")) is None

    play(test)


def test_it_is_found_by_its_key_also_when_the_card_is_another_by_now(play: Callable[[Play], None]) -> None:
    async def test(rig: Rig) -> None:
        if not rig.looks_up:
            pytest.skip("no look-up")
        message = await rig.chat.say(post(rig))
        assert await rig.chat.find(post(rig, "Something else")) == message

    play(test)


def test_where_there_is_no_look_up_it_says_so_instead_of_guessing(play: Callable[[Play], None]) -> None:
    async def test(rig: Rig) -> None:
        if rig.looks_up:
            pytest.skip("it can look up")
        await rig.chat.say(post(rig))
        with pytest.raises(Uncertain):
            await rig.chat.find(post(rig))

    play(test)


def test_a_redraw_changes_the_message_where_it_stands(play: Callable[[Play], None]) -> None:
    async def test(rig: Rig) -> None:
        message = await rig.chat.say(post(rig))
        await rig.chat.say(post(rig, "Unbind the leaver", key="OFB-1/step-4/0/lin/8"))
        stands = await rig.chat.amend(message, post(rig, "Bind the successor: done"))
        assert rig.seen() == ["Bind the successor: done", "Unbind the leaver"]

        rig.again(stands)
        await rig.chat.amend(stands, post(rig, "Bind the successor: agreed"))
        assert rig.seen() == ["Bind the successor: agreed", "Unbind the leaver"]

    play(test)


def test_the_same_redraw_twice_changes_nothing_more(play: Callable[[Play], None]) -> None:
    async def test(rig: Rig) -> None:
        message = await rig.chat.say(post(rig))
        message = await rig.chat.amend(message, post(rig, "Done"))
        await rig.chat.amend(message, post(rig, "Done"))
        assert rig.seen() == ["Done"]

    play(test)


def test_a_redraw_of_a_message_that_is_lost_says_that_the_message_is_gone(play: Callable[[Play], None]) -> None:
    async def test(rig: Rig) -> None:
        message = await rig.chat.say(post(rig))
        await rig.erase(message)
        with pytest.raises(Gone) as raised:
            await rig.chat.amend(message, post(rig, "Done"))
        assert raised.value.who == "message"
        assert rig.seen() == []

    play(test)


def test_a_person_whom_the_platform_does_not_know_is_gone(play: Callable[[Play], None]) -> None:
    async def test(rig: Rig) -> None:
        with pytest.raises(Gone) as raised:
            await rig.chat.say(post(rig, to=rig.stranger))
        assert raised.value.who == "person"

    play(test)


def test_whatever_goes_wrong_it_raises_a_chat_error_and_nothing_else(play: Callable[[Play], None]) -> None:
    async def test(rig: Rig) -> None:
        message = await rig.chat.say(post(rig))
        for name, fault in rig.faults.items():
            sent = post(rig, key=f"OFB-1/{name}/0/lin/1")
            calls: list[Callable[[], Awaitable[object]]] = [
                lambda sent=sent: rig.chat.say(sent),  # type: ignore[misc]
                lambda sent=sent: rig.chat.amend(message, sent),  # type: ignore[misc]
                *([lambda sent=sent: rig.chat.find(sent)] if rig.find_asks else []),
            ]
            for call in calls:
                fault()
                with pytest.raises(ChatError) as raised:
                    await call()
                assert str(raised.value), f"{name} gives no reason"

    play(test)


def test_a_failure_that_is_certain_left_nothing_behind(play: Callable[[Play], None]) -> None:
    async def test(rig: Rig) -> None:
        for name in ("fail_before", "rate_limited", "rejected"):
            if name in rig.faults:
                rig.faults[name]()
                with pytest.raises(ChatError) as raised:
                    await rig.chat.say(post(rig))
                assert not isinstance(raised.value, Uncertain)
        assert rig.seen() == []

    play(test)


def test_a_message_whose_answer_was_lost_can_be_found(play: Callable[[Play], None]) -> None:
    async def test(rig: Rig) -> None:
        if not rig.looks_up or "effect_then_lost" not in rig.faults:
            pytest.skip("no look-up, or no such fault")
        rig.faults["effect_then_lost"]()
        with pytest.raises(Uncertain):
            await rig.chat.say(post(rig))
        assert await rig.chat.find(post(rig)) is not None

    play(test)


def test_a_message_that_was_found_can_be_redrawn(play: Callable[[Play], None]) -> None:
    async def test(rig: Rig) -> None:
        if not rig.looks_up:
            pytest.skip("no look-up")
        await rig.chat.say(post(rig))
        found = await rig.chat.find(post(rig))
        assert found is not None
        await rig.chat.amend(found, post(rig, "Done"))
        assert rig.seen() == ["Done"]

    play(test)
