"""People in a scripted Slack: what Slack would send us when they type, press and fill in, signed, over real HTTP.

The shapes are those of Slack's documents: docs.slack.dev/interactivity/implementing-slash-commands,
/reference/interaction-payloads, /apis/events-api, /reference/events/message.im.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.slack.scripted import ScriptedSlack

Json = dict[str, Any]
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def sign(raw: bytes, at: float, secret: str = SECRET) -> dict[str, str]:
    """`at`: seconds since 1970, of Slack's own clock."""
    stamp = str(int(at))
    mac = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + raw, sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mac}"}


def encoded(body: Json) -> tuple[bytes, str]:
    """A payload as Slack sends it: commands as fields, interactions as a field `payload`, events as JSON."""
    if "command" in body:
        return urlencode(body).encode(), FORM
    if body.get("type") in ("event_callback", "url_verification"):
        return json.dumps(body).encode(), JSON
    return urlencode({"payload": json.dumps(body)}).encode(), FORM


class Human:
    """One person of the workspace. `address` is where our deliveries are taken."""

    def __init__(
        self,
        slack: ScriptedSlack,
        session: aiohttp.ClientSession,
        address: str,
        user: str,
        now: Callable[[], float],
    ) -> None:
        self.slack = slack
        self.session = session
        self.address = address
        self.user = user
        self.now = now
        self.team = slack.team

    # ------------------------------------------------------------------ what they do

    async def command(self, text: str = "", channel: str = "C0PUBLIC") -> tuple[int, Json]:
        """`/offboard …`; the status and the private answer."""
        return await self.send(self.commanded(text, channel))

    async def says(self, text: str, **more: Any) -> int:
        """A message in the private chat."""
        return (await self.send(self.typed(text, **more)))[0]

    async def replies(self, channel: str, root: str, text: str) -> int:
        body = self.typed(text, channel=channel, channel_type="group", thread_ts=root)
        return (await self.send(body))[0]

    async def presses(self, channel: str, ts: str, verb: str, **more: Any) -> int:
        """A button of a message, by its verb, or an entry of its overflow."""
        return (await self.send(self.pressed(channel, ts, verb, **more)))[0]

    async def fills(self, view: Json, *, words: str = "", **chosen: str) -> tuple[int, Json]:
        return await self.send(self.filled(view, words=words, **chosen))

    # ------------------------------------------------------------------ as Slack says it

    def commanded(self, text: str, channel: str = "C0PUBLIC") -> Json:
        return {
            "token": "unused",
            "team_id": self.team,
            "team_domain": "scripted",
            "channel_id": channel,
            "channel_name": "general",
            "user_id": self.user,
            "user_name": "somebody",
            "command": "/offboard",
            "text": text,
            "api_app_id": "A0001",
            "is_enterprise_install": "false",
            "response_url": self.slack.response_url(self.user),
            "trigger_id": self.slack.trigger(),
        }

    def typed(self, text: str, *, channel: str = "", channel_type: str = "im", **more: Any) -> Json:
        ts = self.slack.next_ts()
        private = self.slack.private.setdefault(self.user, f"D{self.user[1:]}")
        self.slack.messages.setdefault(private, [])
        event: Json = {
            "type": "message",
            "user": self.user,
            "text": text,
            "ts": ts,
            "channel": channel or private,
            "channel_type": channel_type,
            "team": self.team,
            "event_ts": ts,
            **more,
        }
        return self.event(event)

    def event(self, event: Json, **more: Any) -> Json:
        return {
            "token": "unused",
            "team_id": self.slack.team,
            "api_app_id": "A0001",
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{self.slack.next_ts()}",
            "event_time": 1795000000,
            "authorizations": [
                {"enterprise_id": None, "team_id": self.slack.team, "user_id": self.slack.bot, "is_bot": True}
            ],
            "is_ext_shared_channel": False,
            **more,
        }

    def pressed(
        self, channel: str, ts: str, verb: str, *, values: Json | None = None, action: Json | None = None
    ) -> Json:
        said = self.slack.message(channel, ts)
        assert said is not None, "there is such a message"
        found = action or offered(said, verb)
        return {
            "type": "block_actions",
            "user": {"id": self.user, "username": "somebody", "name": "somebody", "team_id": self.team},
            "api_app_id": "A0001",
            "token": "unused",
            "container": {
                "type": "message",
                "message_ts": ts,
                "channel_id": channel,
                "is_ephemeral": False,
                **({"thread_ts": said["thread_ts"]} if "thread_ts" in said else {}),
            },
            "trigger_id": self.slack.trigger(),
            "team": {"id": self.slack.team, "domain": "scripted"},
            "enterprise": None,
            "is_enterprise_install": False,
            "channel": {"id": channel, "name": "directmessage"},
            "message": said,
            "state": {"values": values or {}},
            "response_url": self.slack.response_url(self.user),
            "actions": [{**found, "action_ts": self.slack.next_ts()}],
        }

    def filled(self, view: Json, *, words: str = "", kind: str = "view_submission", **chosen: str) -> Json:
        values: Json = {"words": {"words": {"type": "plain_text_input", "value": words or None}}}
        if "day" in chosen:
            values["choice"] = {"choice": {"type": "datepicker", "selected_date": chosen["day"]}}
        if "person" in chosen:
            values["choice"] = {"choice": {"type": "users_select", "selected_user": chosen["person"]}}
        if "option" in chosen:
            values["choice"] = {"choice": {"type": "static_select", "selected_option": {"value": chosen["option"]}}}
        return {
            "type": kind,
            "team": {"id": self.slack.team, "domain": "scripted"},
            "user": {"id": self.user, "username": "somebody", "name": "somebody", "team_id": self.team},
            "api_app_id": "A0001",
            "token": "unused",
            "trigger_id": self.slack.trigger(),
            "view": {**view, "state": {"values": values}},
            "response_urls": [],
            "is_enterprise_install": False,
            "enterprise": None,
        }

    # ------------------------------------------------------------------ over the wire

    async def send(self, body: Json, **headers: str) -> tuple[int, Json]:
        raw, kind = encoded(body)
        return await self.post(raw, {**sign(raw, self.now()), "Content-Type": kind, **headers})

    async def post(self, raw: bytes, headers: dict[str, str]) -> tuple[int, Json]:
        async with self.session.post(self.address, data=raw, headers=headers) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if text.startswith("{") else {"text": text}


def elements(said: Json) -> list[Json]:
    """Everything that can be clicked or filled in, with the block it stands in."""
    found = []
    for block in said.get("blocks", ()):
        inside = block.get("elements", []) if block["type"] == "actions" else []
        inside = [*inside, block["element"]] if block["type"] == "input" else inside
        found += [{**element, "block_id": block.get("block_id", "")} for element in inside]
    return found


def offered(said: Json, verb: str) -> Json:
    """The action that Slack reports for this button, entry or option. Raises LookupError when it is not offered."""
    names = []
    for element in elements(said):
        id = element["action_id"]
        names.append(id)
        if element["type"] == "button" and (id == verb or id.startswith(f"{verb}:")):
            return {key: element[key] for key in ("type", "action_id", "block_id", "value") if key in element}
        for option in element.get("options", ()):
            value = option["value"]
            names.append(f"  {value}")
            named = value.startswith(f"{verb}:") if element["type"] == "overflow" else f"{id}:{value}" == verb
            if named and element["type"] in ("overflow", "static_select"):
                bare = {key: element[key] for key in ("type", "action_id", "block_id")}
                return {**bare, "selected_option": {"text": option["text"], "value": value}}
    raise LookupError(f"{verb} is not offered, only {names}")
