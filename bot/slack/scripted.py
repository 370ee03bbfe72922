"""A Slack workspace that does what it is told to, also what the real one does on its bad days; over real HTTP.

It is the Chat port's partner in tests: a small Web API on the loopback, with people, channels, messages, home pages and
forms. It takes no card that breaks Slack's limits, gives no call a right that the token has not, and forgets no trigger
that was used. It does not protect from doubles, because Slack does not either.

    async with ScriptedSlack() as slack:
        slack.join("U1", "Lin", tz="Asia/Shanghai")
        edge = make(SlackSettings(bot_token=slack.token, signing_secret="…", api_url=slack.api_url, …), clock)
        slack.will("effect_then_lost", method="chat.postMessage")    # the next post: there, but no answer comes
        slack.will("ratelimited", seconds=30)
        slack.will("is_archived")                                    # any other word is an error code of Slack's

| outcome          | what happens        | what the caller gets                   |
|------------------|---------------------|----------------------------------------|
| fail_before      | nothing             | 503                                    |
| ratelimited      | nothing             | 429 with Retry-After                   |
| effect_then_lost | it is done          | the connection drops                   |
| dropped          | nothing             | the connection drops                   |
| hang             | after `release`     | nothing until then                     |
| garbage          | it is done          | 200 with a page of some proxy          |
| (an error code)  | nothing             | `ok: false` with this code             |

Sources: docs.slack.dev/reference/methods, each by its name; /apis/web-api (errors, warnings, rate limits).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from types import TracebackType
from typing import Any

from aiohttp import web
from msgspec import Struct

from bot.slack.scripted_methods import Methods, Refused

Json = dict[str, Any]

SCOPES = ("chat:write", "commands", "groups:history", "groups:read", "im:history", "im:write", "users:read")
NEEDS = {
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "conversations.open": "im:write",
    "users.info": "users:read",
}
"""Method -> the right that it needs."""


class Fault(Struct, frozen=True):
    outcome: str
    method: str = ""
    channel: str = ""
    seconds: float = 30.0


class ScriptedSlack:
    """`now` numbers the messages: seconds since 1970. Everything here belongs to one event loop."""

    def __init__(self, *, team: str = "T0001", now: float = 1_795_000_000.0) -> None:
        self.token = "xoxb-scripted"  # noqa: S105  it opens nothing
        self.app_token = "xapp-scripted"  # noqa: S105  it opens nothing
        self.team = team
        self.bot = "U0BOT"
        self.scopes: tuple[str, ...] = SCOPES
        self.revoked = ""
        self.users: dict[str, Json] = {}
        self.channels: dict[str, Json] = {}
        self.messages: dict[str, list[Json]] = {}
        self.private: dict[str, str] = {}
        self.whispers: list[Json] = []
        self.responses: list[Json] = []
        self.homes: dict[str, Json] = {}
        self.forms: list[Json] = []
        self.triggers: dict[str, bool] = {}
        self.calls: list[tuple[str, Json]] = []
        self.sockets: list[web.WebSocketResponse] = []
        self.acks: list[Json] = []
        self.tabs_closed = False
        self._now = now
        self._count = 0
        self._faults: list[Fault] = []
        self._released = asyncio.Event()
        self._changed = asyncio.Event()
        self._methods = Methods(self).by_name()

    # ------------------------------------------------------------------ set up

    async def __aenter__(self) -> ScriptedSlack:
        application = web.Application(client_max_size=4 << 20)
        application.router.add_route("*", "/api/{method}", self._call)
        application.router.add_post("/respond/{user}", self._respond)
        application.router.add_get("/socket", self._socket)
        self._runner = web.AppRunner(application, shutdown_timeout=0.2, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.origin = f"http://{host}:{port}"
        self.api_url = f"{self.origin}/api/"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
        for socket in self.sockets:
            await socket.close()
        await self._runner.cleanup()

    def join(self, user: str, name: str, *, locale: str = "en-US", tz: str = "Asia/Shanghai", **more: Any) -> str:
        """Somebody of the workspace (`deleted`, `is_bot`, `is_restricted`, `is_stranger`, `team_id` as in Slack)."""
        profile = {"display_name": name, "real_name": name}
        self.users[user] = {"id": user, "team_id": self.team, "name": name.lower(), "profile": profile} | {
            "deleted": False,
            "is_bot": False,
            "is_restricted": False,
            "tz": tz,
            "locale": locale,
            **more,
        }
        return user

    def channel(self, id: str, *, private: bool = True, **more: Any) -> str:
        """A channel that the bot is a member of (`is_ext_shared`, `is_archived`, `is_member` as in Slack)."""
        named = {"id": id, "is_channel": not private, "is_private": private, "is_member": True, "is_archived": False}
        self.channels[id] = {**named, **more}
        self.messages.setdefault(id, [])
        return id

    def will(self, outcome: str, *, method: str = "", channel: str = "", seconds: float = 30.0, times: int = 1) -> None:
        """What becomes of the next call, or of the next one of this method, or in this channel."""
        self._faults += [Fault(outcome, method, channel, seconds)] * times

    def release(self) -> None:
        """Let all calls that hang go on."""
        self._released.set()
        self._released = asyncio.Event()

    def trigger(self) -> str:
        """A fresh trigger, good for one form."""
        id = f"{self.next_ts()}.trigger"
        self.triggers[id] = True
        return id

    def response_url(self, user: str) -> str:
        return f"{self.origin}/respond/{user}"

    # ------------------------------------------------------------------ what people see

    def conversation(self, user: str) -> list[Json]:
        """What stands in this person's private chat with the bot, oldest first."""
        return list(self.messages.get(self.private.get(user, ""), []))

    def thread(self, channel: str, root: str) -> list[Json]:
        return [said for said in self.messages[channel] if said.get("thread_ts") == root and said["ts"] != root]

    def message(self, channel: str, ts: str) -> Json | None:
        return next((said for said in self.messages.get(channel, []) if said["ts"] == ts), None)

    def erase(self, channel: str, ts: str) -> None:
        self.messages[channel] = [said for said in self.messages[channel] if said["ts"] != ts]

    async def until(self, seen: Callable[[], bool], seconds: float = 10.0) -> None:
        """Wait until this holds. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while not seen():
                changed = self._changed
                await changed.wait()

    # ------------------------------------------------------------------ inside

    def next_ts(self) -> str:
        self._count += 1
        return f"{self._now:.0f}.{self._count:06d}"

    def happened(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        args = await _arguments(request)
        fault = self._fault(method, str(args.get("channel", "")))
        if fault is not None and fault.outcome == "hang":
            await self._released.wait()
        self.calls.append((method, args))
        match fault.outcome if fault is not None else "":
            case "fail_before":
                return web.Response(status=503, text="try again")
            case "ratelimited":
                assert fault is not None
                wait = {"Retry-After": f"{fault.seconds:.0f}"}
                return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=wait)
            case "dropped":
                return _dropped(request)
            case "" | "hang" | "effect_then_lost" | "garbage" as outcome:
                answer = self._answer(method, args, request.headers.get("Authorization", ""))
                self.happened()
                if outcome == "effect_then_lost":
                    return _dropped(request)
                if outcome == "garbage":
                    return web.Response(text="<html>proxy</html>", content_type="text/html")
            case code:
                answer = {"ok": False, "error": code}
        return web.json_response(answer, headers={"x-oauth-scopes": ",".join(self.scopes)})

    def _answer(self, method: str, args: Json, authorization: str) -> Json:
        expected = self.app_token if method == "apps.connections.open" else self.token
        try:
            if authorization != f"Bearer {expected}":
                raise Refused("invalid_auth")
            if self.revoked:
                raise Refused(self.revoked)
            if method not in self._methods:
                raise Refused("unknown_method")
            needed = NEEDS.get(method, "")
            if needed and needed not in self.scopes:
                raise Refused("missing_scope", needed=needed, provided=",".join(self.scopes))
            return {"ok": True, **self._methods[method](args)}
        except Refused as no:
            return {"ok": False, "error": no.code, **no.more}

    def _fault(self, method: str, channel: str) -> Fault | None:
        fits = (f for f in self._faults if f.method in ("", method) and f.channel in ("", channel))
        found = next(fits, None)
        if found is not None:
            self._faults.remove(found)
        return found

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        self.responses.append({"user": request.match_info["user"], **json.loads(await request.text())})
        self.happened()
        return web.Response(text="ok")

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1})
        self.sockets.append(socket)
        self.happened()
        async for message in socket:
            self.acks.append(json.loads(message.data))
            self.happened()
        return socket


async def _arguments(request: web.Request) -> Json:
    if request.method == "GET":
        return dict(request.query)
    if request.content_type == "application/json":
        found = json.loads(await request.text() or "{}")
        return dict(found)
    return dict(await request.post())


def _dropped(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.close()
    return web.Response(status=500)
