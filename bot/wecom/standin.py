"""A stand-in for WeCom's server, over real HTTP on this machine: for tests, and for whoever wants to try the bot on
WeCom's terms without a corp. It keeps what people see, and refuses what WeCom refuses.

It knows: gettoken, message/send (a `task_id` once; lost without a word above 30 a minute; the duplicate check),
message/update_template_card (a code once, for 72 hours), message/recall, user/get, tag/get, agent/get, menu/create,
menu/get, menu/delete. What it answers to a spent code is a guess (40058): no document says it.

    with Standin(corp="ww1", secret="s", agent=1000002, clock=clock) as wecom:
        wecom.join("lin", "林小满")
        wecom.fail("message/send", -1)                 # the next call is answered so
        wecom.fail("message/send", "lost")             # it happens, and the answer never comes

Sources: developer.work.weixin.qq.com/document/path/90236, 94888, 94867, 90196, 90213, 90231, 90454.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any, Self

from msgspec import Struct

from bot.ports import Clock
from bot.wecom.standin_http import Server, caller

Json = dict[str, Any]

TOKEN_LIVES, CODE_LIVES = 7_200, 72 * 3600
A_MINUTE, AN_HOUR = 30, 1_000
RECALLED_FOR = 24 * 3600
FAULTS = ("drop", "lost", "html", "500", "half", "hang")
"""Cut before it happens; cut after; a page instead of JSON; a 500; half an answer; nothing until it is closed."""


class Delivered(Struct):
    """A message as it stands in people's conversations. `cards`: user -> the card that they see now."""

    msgid: str
    users: tuple[str, ...]
    kind: str
    body: Json
    at: float
    task: str = ""
    cards: dict[str, Json] = {}
    recalled: bool = False


class Standin:
    def __init__(self, *, corp: str, secret: str, agent: int, clock: Clock) -> None:
        self.corp, self.secret, self.agent, self.clock = corp, secret, agent, clock
        self.members: dict[str, Json] = {}
        self.hidden: set[str] = set()
        self.tags: dict[str, list[str]] = {}
        self.menu: Json | None = None
        self.messages: list[Delivered] = []
        self.calls: Counter[str] = Counter()
        self.silently_lost = 0
        self.repeated = 0
        self.trusted = True
        self.refuses_tokens = False
        self.not_for: dict[str, str] = {}
        """What an "ok" says besides: `unlicenseduser` or `invaliduser` -> who does not get it, joined by `|`."""
        self._faults: list[tuple[str, int | str]] = []
        self._tokens: dict[str, float] = {}
        self._codes: dict[str, tuple[str, float]] = {}
        self._tasks: set[str] = set()
        self._times: dict[str, list[float]] = {}
        self._dups: dict[str, float] = {}
        self._count = 0
        self._lock = threading.RLock()
        self._closing = threading.Event()
        self._server = Server(("127.0.0.1", 0), caller(self.called, self._closing))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/cgi-bin/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    # ------------------------------------------------------------------ the corp

    def join(self, user: str, name: str = "", **more: object) -> None:
        self.members[user.casefold()] = {"userid": user, "name": name or user, "status": 1, **more}

    def leave(self, user: str) -> None:
        del self.members[user.casefold()]

    def fail(self, path: str, how: int | str, times: int = 1) -> None:
        """What becomes of the next calls of this path: an errcode, or one of FAULTS."""
        with self._lock:
            self._faults += [(path, how)] * times

    def take_back(self, task: str) -> None:
        """A card that nobody sees any more, and that nothing can be done with."""
        with self._lock:
            for message in self.messages:
                message.recalled |= message.task == task
            self._codes = {code: found for code, found in self._codes.items() if found[0] != task}

    def expire_tokens(self) -> None:
        self._tokens.clear()

    # ------------------------------------------------------------------ what people see

    def seen(self, user: str) -> list[Json]:
        """The payloads in this member's conversation with the app, oldest first: a card as it stands now."""
        with self._lock:
            mine = [m for m in self.messages if user.casefold() in m.users and not m.recalled]
            return [m.cards.get(user.casefold()) or m.body for m in mine]

    def newest(self, user: str, verb: str) -> tuple[Delivered, str]:
        """The newest card on which this member can press something with this verb, and its key. Raises LookupError."""
        with self._lock:
            for message in reversed(self.messages):
                card = message.cards.get(user.casefold())
                if card is None or message.recalled or "replace_text" in card:
                    continue
                keys = [button["key"] for button in card.get("button_list", []) if "key" in button]
                keys += [card["submit_button"]["key"]] if "submit_button" in card else []
                for key in keys:
                    if key == verb or key.startswith(f"{verb}@"):
                        return message, key
        raise LookupError(f"{user} sees nothing to press for {verb}")

    def number(self) -> int:
        """A number that was never given before."""
        with self._lock:
            self._count += 1
            return self._count

    def new_code(self, task: str) -> str:
        """A code, as a sending or a click brings it."""
        with self._lock:
            code = f"code-{self.number()}"
            self._codes[code] = (task, self.now())
            return code

    def now(self) -> float:
        return self.clock.now().timestamp()

    # ------------------------------------------------------------------ the calls

    def called(self, path: str, query: dict[str, str], body: Json) -> Json | str:
        """The answer, or the name of a fault."""
        with self._lock:
            self.calls[path] += 1
            fault = next((found for found in self._faults if found[0] in (path, "")), None)
            if fault is not None:
                self._faults.remove(fault)
                if isinstance(fault[1], int):
                    return {"errcode": fault[1], "errmsg": "as it was told"}
                if fault[1] in ("lost", "half"):
                    self._answer(path, query, body)
                return fault[1]
            return self._answer(path, query, body)

    def _answer(self, path: str, query: dict[str, str], body: Json) -> Json:
        if path == "gettoken":
            return self._token(query)
        if self.refuses_tokens or query.get("access_token") not in self._tokens:
            return _error(40014, "invalid access_token")
        if self._tokens[query["access_token"]] < self.now():
            return _error(42001, "access_token expired")
        if not self.trusted:
            return _error(60020, "not allow to access from your ip, hint: [x], from ip: 203.0.113.9, more info at")
        calls: dict[str, Callable[[Json], Json]] = {
            "message/send": self._send,
            "message/update_template_card": self._update,
            "message/recall": self._recall,
            "menu/create": self._make_menu,
        }
        if path in calls:
            return calls[path](body)
        return self._read(path, query)

    def _token(self, query: dict[str, str]) -> Json:
        if query.get("corpid") != self.corp:
            return _error(40013, "invalid corpid")
        if query.get("corpsecret") != self.secret:
            return _error(40001, "invalid credential")
        self._count += 1
        token = f"token-{self._count}"
        self._tokens[token] = self.now() + TOKEN_LIVES
        return {"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": TOKEN_LIVES}

    def _read(self, path: str, query: dict[str, str]) -> Json:
        match path:
            case "user/get":
                user = query.get("userid", "").casefold()
                found, code = self.members.get(user), 60011 if user in self.hidden else 60111
                return {"errcode": 0, "errmsg": "ok", **found} if found else _error(code, "userid not found")
            case "tag/get":
                users = [{"userid": user} for user in self.tags.get(query.get("tagid", ""), [])]
                return {"errcode": 0, "errmsg": "ok", "userlist": users, "partylist": []}
            case "agent/get":
                if query.get("agentid") != str(self.agent):
                    return _error(301002, "not allow operate another agent")
                users = [{"userid": user} for user in self.members]
                own = {"agentid": self.agent, "name": "离职交接", "close": 0, "isreportenter": 1}
                return {"errcode": 0, "errmsg": "ok", **own, "allow_userinfos": {"user": users}}
            case "menu/get":
                return {"errcode": 0, "errmsg": "ok", **self.menu} if self.menu else _error(46003, "no menu")
            case "menu/delete":
                self.menu = None
                return {"errcode": 0, "errmsg": "ok"}
        return _error(40066, "invalid url")

    def _make_menu(self, body: Json) -> Json:
        self.menu = body
        return {"errcode": 0, "errmsg": "ok"}

    def _send(self, body: Json) -> Json:
        if body.get("agentid") != self.agent:
            return _error(40056, "invalid agentid")
        wanted = [user for user in str(body.get("touser", "")).split("|") if user]
        users = tuple(user.casefold() for user in wanted if user.casefold() in self.members)
        missing = "|".join(user.casefold() for user in wanted if user.casefold() not in self.members)
        if not users:
            return _error(81013, "user & party & tag all invalid")
        card = body.get("template_card") or {}
        task = str(card.get("task_id", ""))
        if body.get("msgtype") == "template_card" and not card.get("main_title", {}).get("title"):
            return _error(41016, "missing title")
        if task and task in self._tasks:
            return _error(42014, "task_id has existed")
        self._count += 1
        msgid = f"msg-{self._count}"
        answer: Json = {"errcode": 0, "errmsg": "ok", "invaliduser": missing, "msgid": msgid}
        if self._is_repeated(body):
            self.repeated += 1
            return answer
        self._tasks |= {task} if task else set()
        self._deliver(msgid, users, body, task)
        coded = card.get("card_type") in ("button_interaction", "vote_interaction", "multiple_interaction")
        return answer | ({"response_code": self.new_code(task)} if coded else {}) | self.not_for

    def _is_repeated(self, body: Json) -> bool:
        if body.get("enable_duplicate_check") != 1:
            return False
        mark, now = json.dumps(body, sort_keys=True, ensure_ascii=False), self.now()
        is_old = now - self._dups.get(mark, float("-inf")) < body.get("duplicate_check_interval", 1_800)
        self._dups[mark] = now
        return bool(is_old)

    def _deliver(self, msgid: str, users: tuple[str, ...], body: Json, task: str) -> None:
        """What is over a member's limit is lost without a word."""
        now, reached = self.now(), []
        for user in users:
            times = self._times.setdefault(user, [])
            times[:] = [at for at in times if at > now - 3_600]
            if sum(at > now - 60 for at in times) >= A_MINUTE or len(times) >= AN_HOUR:
                self.silently_lost += 1
                continue
            times.append(now)
            reached.append(user)
        card = body.get("template_card")
        cards = {user: dict(card) for user in reached} if card else {}
        self.messages.append(Delivered(msgid, tuple(reached), body["msgtype"], body, now, task, cards))

    def _update(self, body: Json) -> Json:
        if body.get("agentid") != self.agent:
            return _error(40056, "invalid agentid")
        task, issued = self._codes.pop(str(body.get("response_code")), ("", 0.0))
        if not task or self.now() - issued >= CODE_LIVES:
            return _error(40058, "invalid response_code")
        card = body.get("template_card") or {}
        if not card.get("main_title", {}).get("title"):
            return _error(41016, "missing title")
        for message in self.messages:
            if message.task == task and not message.recalled:
                whom = message.users if body.get("atall") == 1 else [u.casefold() for u in body.get("userids", [])]
                message.cards.update({user: dict(card) for user in whom if user in message.users})
        return {"errcode": 0, "errmsg": "ok", "invaliduser": "", **self.not_for}

    def _recall(self, body: Json) -> Json:
        for message in self.messages:
            if message.msgid == body.get("msgid") and self.now() - message.at < RECALLED_FOR:
                message.recalled = True
                return {"errcode": 0, "errmsg": "ok"}
        return _error(40058, "invalid msgid")


def _error(code: int, words: str) -> Json:
    return {"errcode": code, "errmsg": words}
