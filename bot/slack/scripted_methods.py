"""What each method of the scripted Web API does. Sources: docs.slack.dev/reference/methods, each by its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bot.rows import Drawn
from bot.slack import limits

if TYPE_CHECKING:
    from bot.slack.scripted import ScriptedSlack

Json = dict[str, Any]

LONGEST_UPDATE = 4_000


class Refused(Exception):
    """An error code of Slack's."""

    def __init__(self, code: str, **more: str) -> None:
        super().__init__(code)
        self.code = code
        self.more = more


class Methods:
    """One method here for each of theirs; raises Refused."""

    def __init__(self, slack: ScriptedSlack) -> None:
        self._slack = slack

    def by_name(self) -> dict[str, Callable[[Json], Json]]:
        return {
            "api.test": self.api_test,
            "auth.test": self.auth_test,
            "users.info": self.users_info,
            "conversations.open": self.conversations_open,
            "conversations.info": self.conversations_info,
            "conversations.history": self.history,
            "conversations.replies": self.replies,
            "chat.postMessage": self.post_message,
            "chat.postEphemeral": self.whisper,
            "chat.update": self.update,
            "views.open": self.views_open,
            "views.publish": self.publish,
            "apps.connections.open": self.connect,
        }

    def api_test(self, args: Json) -> Json:
        return {"args": args}

    def auth_test(self, args: Json) -> Json:
        return {
            "team_id": self._slack.team,
            "team": "Scripted",
            "user_id": self._slack.bot,
            "bot_id": "B0BOT",
            "user": "offboard",
        }

    def users_info(self, args: Json) -> Json:
        user = self._slack.users.get(str(args.get("user")))
        if user is None:
            raise Refused("user_not_found")
        return {"user": user}

    def conversations_open(self, args: Json) -> Json:
        user = self._slack.users.get(str(args.get("users")))
        if user is None:
            raise Refused("user_not_found")
        if user.get("deleted"):
            raise Refused("user_disabled")
        if user.get("is_bot"):
            raise Refused("cannot_dm_bot")
        id = self._slack.private.setdefault(user["id"], f"D{user['id'][1:]}")
        self._slack.messages.setdefault(id, [])
        return {"channel": {"id": id}}

    def conversations_info(self, args: Json) -> Json:
        channel = self._slack.channels.get(str(args.get("channel")))
        if channel is None:
            raise Refused("channel_not_found")
        needed = "groups:read" if channel.get("is_private") else "channels:read"
        if needed not in self._slack.scopes:
            raise Refused("missing_scope", needed=needed, provided=",".join(self._slack.scopes))
        return {"channel": channel}

    def _place(self, args: Json) -> str:
        id = str(args.get("channel"))
        owner = next((user for user, private in self._slack.private.items() if private == id), None)
        channel = self._slack.channels.get(id)
        if owner is not None and self._slack.users[owner].get("deleted"):
            raise Refused("user_disabled")
        if owner is not None and self._slack.tabs_closed:
            raise Refused("messages_tab_disabled")
        if owner is None and channel is None:
            raise Refused("channel_not_found")
        if channel is not None and channel.get("is_archived"):
            raise Refused("is_archived")
        if channel is not None and not channel.get("is_member"):
            raise Refused("not_in_channel")
        return id

    def post_message(self, args: Json) -> Json:
        id = self._place(args)
        if not args.get("text") and not args.get("blocks"):
            raise Refused("no_text")
        if drawn_wrong(args):
            raise Refused("invalid_blocks")
        root = args.get("thread_ts")
        if root and self._slack.message(id, str(root)) is None:
            raise Refused("thread_not_found")
        said = {
            "type": "message",
            "user": self._slack.bot,
            "bot_id": "B0BOT",
            "ts": self._slack.next_ts(),
            **_shown(args),
        }
        if root:
            said["thread_ts"] = str(root)
        self._slack.messages[id].append(said)
        return {"channel": id, "ts": said["ts"], "message": said}

    def update(self, args: Json) -> Json:
        id = self._place(args)
        said = self._slack.message(id, str(args.get("ts")))
        if said is None:
            raise Refused("message_not_found")
        if len(str(args.get("text", ""))) > LONGEST_UPDATE:
            raise Refused("msg_too_long")
        if drawn_wrong(args):
            raise Refused("invalid_blocks")
        kept = {key: value for key, value in _shown(args).items() if key != "metadata" or value}
        said.update(kept, edited={"user": self._slack.bot})
        return {"channel": id, "ts": said["ts"], "text": said["text"]}

    def whisper(self, args: Json) -> Json:
        id = self._place(args)
        if drawn_wrong(args):
            raise Refused("invalid_blocks")
        said = {"channel": id, "user": str(args.get("user")), "ts": self._slack.next_ts(), **_shown(args)}
        if args.get("thread_ts"):
            said["thread_ts"] = args["thread_ts"]
        self._slack.whispers.append(said)
        return {"message_ts": said["ts"]}

    def _page(self, found: list[Json], args: Json) -> Json:
        at, most = int(args.get("cursor") or 0), int(args.get("limit") or 100)
        full = str(args.get("include_all_metadata")).lower() == "true"
        shown = [said if full else {k: v for k, v in said.items() if k != "metadata"} for said in found]
        more = str(at + most) if at + most < len(found) else ""
        return {"messages": shown[at : at + most], "response_metadata": {"next_cursor": more}}

    def history(self, args: Json) -> Json:
        id = self._place(args)
        top = [said for said in self._slack.messages[id] if said.get("thread_ts") in (None, said["ts"])]
        return self._page(top[::-1], args)

    def replies(self, args: Json) -> Json:
        id, root = self._place(args), str(args.get("ts"))
        if self._slack.message(id, root) is None:
            raise Refused("thread_not_found")
        return self._page(
            [said for said in self._slack.messages[id] if root in (said["ts"], said.get("thread_ts"))], args
        )

    def views_open(self, args: Json) -> Json:
        trigger = str(args.get("trigger_id"))
        if trigger not in self._slack.triggers:
            raise Refused("invalid_trigger_id")
        if not self._slack.triggers[trigger]:
            raise Refused("expired_trigger_id")
        self._slack.triggers[trigger] = False
        view = {
            "id": f"V{len(self._slack.forms) + 1:04d}",
            "hash": self._slack.next_ts(),
            "state": {"values": {}},
            **args["view"],
        }
        if len(str(view.get("title", {}).get("text", ""))) > 24:
            raise Refused("invalid_arguments")
        self._slack.forms.append(view)
        return {"view": view}

    def publish(self, args: Json) -> Json:
        user = str(args.get("user_id"))
        if user not in self._slack.users:
            raise Refused("user_not_found")
        if drawn_wrong({"blocks": args["view"]["blocks"]}):
            raise Refused("invalid_blocks")
        self._slack.homes[user] = {"id": f"V{user}", **args["view"]}
        return {"view": self._slack.homes[user]}

    def connect(self, args: Json) -> Json:
        return {"url": f"{self._slack.origin.replace('http', 'ws')}/socket"}


def _shown(args: Json) -> dict[str, Any]:
    return {key: args[key] for key in ("text", "blocks", "metadata") if key in args}


def drawn_wrong(payload: Json) -> bool:
    """Whether Slack would not take this card."""
    return bool(payload.get("blocks")) and bool(limits.findings(Drawn({**payload, "text": payload.get("text") or "–"})))
