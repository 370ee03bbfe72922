"""The other half of the stand-in: it types, clicks and changes things, as WeCom tells a callback of it.

A delivery that is not answered with 200 within five seconds is made again, three times in all, each sealed anew; what
is inside is the same to the byte. The pause is a function, so that no test waits.

Sources: developer.work.weixin.qq.com/document/path/90238, 90239, 90240, 101032, 90970.
"""

from __future__ import annotations

import http.client
import itertools
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit
from xml.sax.saxutils import escape

from bot.wecom.crypto import Keys, seal, signature
from bot.wecom.standin import Standin

TRIES = 3
PATIENCE = 5.0

Value = str | int | list[tuple[str, "Value"]]


def xml(fields: list[tuple[str, Value]]) -> bytes:
    """A callback's inside, as WeCom writes it: text in CDATA, numbers bare."""
    return f"<xml>{_inner(fields)}</xml>".encode()


def _inner(fields: list[tuple[str, Value]]) -> str:
    said = []
    for name, value in fields:
        if isinstance(value, int):
            inner = str(value)
        elif isinstance(value, str):
            inner = f"<![CDATA[{value}]]>" if "]]>" not in value else escape(value)
        else:
            inner = _inner(value)
        said.append(f"<{name}>{inner}</{name}>")
    return "".join(said)


class Pusher:
    """Calls `url` as WeCom would. `pause` is called before each repeated delivery."""

    def __init__(self, wecom: Standin, keys: Keys, url: str, *, pause: Callable[[], None] = lambda: None) -> None:
        self.wecom = wecom
        self.keys = keys
        self._url = urlsplit(url)
        self._pause = pause
        self._count = itertools.count(1)

    def types(self, user: str, text: str) -> list[int]:
        """The statuses of its deliveries."""
        fields: list[tuple[str, Value]] = [
            ("MsgType", "text"),
            ("Content", text),
            ("MsgId", 7_000_000 + self.wecom.number()),
        ]
        return self.push(self.inside(user, fields))

    def event(self, user: str, event: str, key: str = "") -> list[int]:
        return self.push(self.inside(user, [("MsgType", "event"), ("Event", event), ("EventKey", key)]))

    def presses(self, user: str, verb: str, chosen: dict[str, list[str]] | None = None) -> list[int]:
        """A button on the newest card that has it. Raises LookupError."""
        return self.push(self.click(user, verb, chosen))

    def click(self, user: str, verb: str, chosen: dict[str, list[str]] | None = None) -> bytes:
        """The inside of such a click; each call is another click."""
        message, key = self.wecom.newest(user, verb)
        card = message.cards[user.casefold()]
        fields: list[tuple[str, Value]] = [
            ("MsgType", "event"),
            ("Event", "template_card_event"),
            ("EventKey", key),
            ("TaskId", message.task),
            ("CardType", card["card_type"]),
            ("ResponseCode", self.wecom.new_code(message.task)),
        ]
        if chosen is not None:
            items: list[tuple[str, Value]] = []
            for question, options in chosen.items():
                ids: list[tuple[str, Value]] = [("OptionId", option) for option in options]
                items.append(("SelectedItem", [("QuestionKey", question), ("OptionIds", ids)]))
            fields.append(("SelectedItems", items))
        return self.inside(user, fields)

    def inside(self, user: str, fields: list[tuple[str, Value]]) -> bytes:
        own: list[tuple[str, Value]] = [
            ("ToUserName", self.keys.receiver),
            ("FromUserName", user),
            ("CreateTime", int(self.wecom.now())),
        ]
        return xml([*own, *fields, ("AgentID", self.wecom.agent)])

    def push(self, inside: bytes) -> list[int]:
        """Deliver it until it is taken; 0 stands for no answer in time."""
        statuses: list[int] = []
        for attempt in range(TRIES):
            if attempt:
                self._pause()
            statuses.append(self.deliver(inside))
            if statuses[-1] == 200:
                break
        return statuses

    def deliver(self, inside: bytes) -> int:
        query, body = self.sealed(inside)
        connection = http.client.HTTPConnection(self._url.hostname or "", self._url.port, timeout=PATIENCE)
        try:
            connection.request("POST", f"{self._url.path}?{query}", body, {"Content-Type": "text/xml"})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def check(self, echo: bytes = b"1616140317555161061") -> tuple[int, bytes]:
        """The URL check: the status, and what came back."""
        sealed = seal(self.keys, echo)
        connection = http.client.HTTPConnection(self._url.hostname or "", self._url.port, timeout=PATIENCE)
        try:
            connection.request("GET", f"{self._url.path}?{self._query(sealed, echostr=sealed)}")
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def sealed(self, inside: bytes) -> tuple[str, bytes]:
        """The query and the body of a delivery, sealed anew."""
        sealed = seal(self.keys, inside)
        envelope: list[tuple[str, Value]] = [
            ("ToUserName", self.keys.receiver),
            ("AgentID", str(self.wecom.agent)),
            ("Encrypt", sealed),
        ]
        return self._query(sealed), xml(envelope)

    def _query(self, sealed: str, **more: str) -> str:
        timestamp, nonce = str(int(self.wecom.now())), str(1_000_000 + next(self._count))
        signed = signature(self.keys.token, timestamp, nonce, sealed)
        return urlencode({"msg_signature": signed, "timestamp": timestamp, "nonce": nonce, **more})
