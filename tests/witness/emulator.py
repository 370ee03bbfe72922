"""The program `local-slack`: a Slack of its own, which nobody here wrote, with people in it who type and press.

`make witness` fetches it. Known gaps (0.1.8), tested elsewhere: it takes any token, knows no limits and no scopes,
repeats no delivery, forgets metadata, puts no `thread_ts` into a container, and sends no ticks and no chosen person
with a button; who is to answer such a question here types.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.live.process import LIMIT, ROOT
from tests.live.waiting import until
from tests.slack.human import offered

Json = dict[str, Any]

NODE = ROOT / ".venv" / "witness"
BINARY = NODE / "node_modules" / "local-slack-linux-x64" / "bin" / "local-slack"
TEAM, BOT, ADMINS, PUBLIC = "T0WITNESS", "U0OFFBOT", "G0ADMINS", "C0PUBLIC"
BOT_TOKEN, APP_TOKEN, SIGNING = "xoxb-witness", "xapp-witness", "a-signing-secret-of-the-witness"


class Emulator:
    """`stack` are the forms that are open, `errors` what the last form was told, `homes` the home pages by person."""

    def __init__(self, port: int, session: aiohttp.ClientSession, screen: aiohttp.ClientWebSocketResponse) -> None:
        self.at = f"http://127.0.0.1:{port}"
        self.stack: list[Json] = []
        self.errors: Json = {}
        self.homes: dict[str, Json] = {}
        self.places: dict[str, list[Json]] = {}
        self.channels: dict[str, Json] = {}
        self._pressed: set[str] = set()
        self._session = session
        self._screen = screen

    # ------------------------------------------------------------------ what people do

    async def command(self, user: str, text: str = "", channel: str = PUBLIC) -> None:
        await self._control("command", user=user, channel=channel, command="/offboard", text=text)

    async def says(self, user: str, text: str, channel: str = "", thread: str = "") -> None:
        more = {"thread_ts": thread} if thread else {}
        await self._control("message", user=user, channel=channel or self.private(user), text=text, **more)

    async def presses(self, user: str, verb: str, *, step: int = 0, channel: str = "") -> Json:
        """The newest button of this verb that they see and have not pressed yet, or entry of a menu
        (`answer:question:option`), once there is one. The message on which it stood."""
        place, said = await until(lambda: self.offers(user, verb, step, channel))
        self._pressed.add(f"{user} {value_of(offered(said, verb))}")
        action = {"text": {"type": "plain_text", "text": verb}, **offered(said, verb)}
        await self._control("interact", user=user, channel=place, messageTs=said["ts"], action=action)
        return dict(said)

    async def fills(self, user: str, **values: Json) -> None:
        """Send the form that is open. Values by block, whose field has the same name."""
        assert self.stack, "a form is open"
        self.errors = {}
        given = {block: {block: value} for block, value in values.items()}
        await self._screen.send_json({"t": "view_submit", "user": user, "values": given})

    async def closes(self, user: str) -> None:
        await self._screen.send_json({"t": "view_close", "user": user})

    async def opens_home(self, user: str) -> None:
        await self._control("open-home", user=user)

    # ------------------------------------------------------------------ what they see

    def private(self, user: str) -> str:
        """Their conversation with the bot, once it was opened."""
        mine = (id for id, one in self.channels.items() if one.get("is_im") and user in one["members"])
        return next(mine, "")

    def seen(self, user: str, channel: str = "") -> list[Json]:
        """What stands in a conversation, and what they alone see there."""
        messages = self.places.get(channel or self.private(user), [])
        return [said for said in messages if said.get("ephemeral_to") in (None, user)]

    def texts(self, user: str, channel: str = "") -> str:
        """All of that as text, to look for words in it."""
        return json.dumps(self.seen(user, channel), ensure_ascii=False)

    def offers(self, user: str, verb: str, step: int = 0, channel: str = "") -> tuple[str, Json] | None:
        for said in reversed(self.seen(user, channel)):
            try:
                found = offered(said, verb)
            except LookupError:
                continue
            value = value_of(found)
            if f"{user} {value}" in self._pressed:
                continue
            if not step or f"{value}@".rpartition("::")[2].split("@")[1] == str(step):
                return channel or self.private(user), said
        return None

    async def traffic(self) -> list[Json]:
        """What went between it and the bot."""
        async with self._session.get(f"{self.at}/_control/log") as answer:
            return list((await answer.json())["log"])

    async def watch(self) -> None:
        """Follow what a person's screen shows, until cancelled."""
        async for frame in self._screen:
            self._shows(json.loads(frame.data))

    def _shows(self, news: Json) -> None:
        match news["t"]:
            case "init":
                state = news["state"]
                self.places = {id: list(messages) for id, messages in state["messages"].items()}
                self.channels = {one["id"]: one for one in state["channels"]}
            case "channel":
                self.channels[news["channel"]["id"]] = news["channel"]
            case "message":
                self.places.setdefault(news["message"]["channel"], []).append(news["message"])
            case "message_update":
                said = news["message"]
                place = self.places[said["channel"]]
                self.places[said["channel"]] = [said if one["ts"] == said["ts"] else one for one in place]
            case "view":
                self.stack = news["stack"]
            case "view_errors":
                self.errors = news["errors"]
            case "home":
                self.homes[news["user"]] = news["view"]

    async def _control(self, what: str, **body: Any) -> None:
        async with self._session.post(f"{self.at}/_control/{what}", json=body) as answer:
            said = await answer.text()
            assert answer.status == 200, said


def free_port() -> int:
    """Where both sides have to know each other's address before they start."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def value_of(action: Json) -> str:
    return str(action.get("value") or action["action_id"] + action.get("selected_option", {}).get("value", ""))


def configuration(mode: str, people: dict[str, str], request_url: str) -> Json:
    app = {
        "appId": "A0WITNESS",
        "botUserId": BOT,
        "botName": "offboard",
        "botToken": BOT_TOKEN,
        "appToken": APP_TOKEN,
        "signingSecret": SIGNING,
        "mode": mode,
        "requestUrl": request_url,
    }
    return {
        "workspace": {"name": "Witness", "domain": "witness", "teamId": TEAM},
        "app": app,
        "users": [{"id": id, "name": name, "real_name": name, "tz": "Asia/Shanghai"} for id, name in people.items()],
        "channels": [
            {"id": PUBLIC, "name": "general", "members": [*people, BOT]},
            {"id": ADMINS, "name": "handover", "is_private": True, "members": [*people, BOT]},
        ],
    }


@asynccontextmanager
async def emulator(at: Path, port: int, config: Json) -> AsyncIterator[Emulator]:
    """The program, running; ended with everything that it wrote."""
    (at / "workspace.json").write_text(json.dumps(config))
    process = _started(at, port)
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=LIMIT)) as session:
            await _up(session, port, lambda: process.poll() is not None)
            async with session.ws_connect(f"http://127.0.0.1:{port}/ui") as screen:
                slack = Emulator(port, session, screen)
                watching = asyncio.create_task(slack.watch())
                try:
                    await until(lambda: slack.channels)
                    yield slack
                finally:
                    watching.cancel()
    finally:
        process.kill()
        process.wait()


def _started(at: Path, port: int) -> subprocess.Popen[bytes]:
    words = [str(BINARY), "--config", "workspace.json", "--port", str(port), "--base-host", "127.0.0.1"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(at), "TMPDIR": str(at)}
    return subprocess.Popen(words, cwd=at, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


async def _up(session: aiohttp.ClientSession, port: int, ended: Callable[[], bool]) -> None:
    loop, never = asyncio.get_running_loop(), asyncio.Event()
    end = loop.time() + LIMIT
    while loop.time() < end and not ended():
        try:
            async with session.get(f"http://127.0.0.1:{port}/_control/state") as answer:
                if answer.status == 200:
                    return
        except aiohttp.ClientError:
            pass
        try:
            await asyncio.wait_for(never.wait(), 0.05)
        except TimeoutError:
            continue
    raise AssertionError("the emulator did not start")
