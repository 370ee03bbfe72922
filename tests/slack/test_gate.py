"""The door: what gets no further than its bytes, and what Bolt would have stumbled over."""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from bot.slack.gate import LARGEST, OLDEST, Gate
from tests.slack.human import FORM, JSON, SECRET, sign

Json = dict[str, Any]
NOW = 1_795_000_000.0
EVENT: Json = {
    "type": "event_callback",
    "team_id": "T0001",
    "event_id": "Ev1",
    "event": {"type": "message", "channel": "D1", "ts": "1.1", "user": "U1", "text": "hello", "channel_type": "im"},
}
CLICK: Json = {
    "type": "block_actions",
    "user": {"id": "U1", "team_id": "T0001"},
    "team": {"id": "T0001"},
    "container": {"type": "message", "channel_id": "D1", "message_ts": "1.1"},
    "actions": [{"action_id": "confirm", "type": "button", "value": "x", "action_ts": "2.2"}],
}
COMMAND = {"command": "/offboard", "team_id": "T0001", "user_id": "U1", "channel_id": "C1", "text": ""}


class Door:
    """A gate, and what got through it."""

    def __init__(self, secret: str = SECRET) -> None:
        self.through: list[str] = []
        self.breaks = False
        self.gate = Gate(secret, lambda: NOW, self._deliver)

    async def _deliver(self, body: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        if self.breaks:
            raise ZeroDivisionError("xoxb-something-secret")
        self.through.append(body)
        return 200, {}, b""

    def asks(
        self,
        raw: bytes,
        kind: str = JSON,
        *,
        headers: list[tuple[bytes, bytes]] | None = None,
        method: str = "POST",
        pieces: int = 1,
        length: str | None = None,
    ) -> int:
        """The status of one request, signed unless `headers` are given."""
        if headers is None:
            headers = [(k.lower().encode(), v.encode()) for k, v in sign(raw, NOW).items()]
        headers = [*headers, (b"content-type", kind.encode())]
        if length is not None:
            headers.append((b"content-length", length.encode()))
        size = max(1, -(-len(raw) // pieces))
        parts = [raw[at : at + size] for at in range(0, len(raw), size)] or [b""]
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> MutableMapping[str, Any]:
            if not parts:
                return {"type": "http.disconnect"}
            piece = parts.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(parts)}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        scope = {"type": "http", "method": method, "path": "/slack/events", "headers": headers}
        asyncio.run(self.gate(scope, receive, send))
        return int(sent[0]["status"])


def form(body: Json) -> bytes:
    return urlencode({"payload": json.dumps(body)}).encode()


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (json.dumps(EVENT).encode(), JSON),
        (json.dumps(EVENT).encode(), "application/json; charset=utf-8"),
        (json.dumps(EVENT, ensure_ascii=False).encode(), ""),
        (form(CLICK), FORM),
        (urlencode(COMMAND).encode(), FORM),
        (b'{"type": "url_verification", "challenge": "abc"}', JSON),
        (b"ssl_check=1&token=unused", FORM),
        (b'{"type": "app_rate_limited", "minute_rate_limited": 1}', JSON),
        (form({"type": "something_of_next_year", "new": [1]}), FORM),
        (json.dumps({**EVENT, "event": {"type": "reaction_added", "user": "U1"}}).encode(), JSON),
        (json.dumps({**EVENT, "event": {**EVENT["event"], "text": "\U0001f600 谢谢"}}).encode(), JSON),
    ],
)
def test_what_is_slacks_gets_through(raw: bytes, kind: str) -> None:
    door = Door()
    assert door.asks(raw, kind) == 200
    assert door.through == [raw.decode()]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b'{"type": 7}',
        b'{"type": "event_callback"}',
        b'{"type": "event_callback", "event": []}',
        b'{"type": "event_callback", "event": {}}',
        b'{"type": "event_callback", "event": {"type": ["message"]}}',
        b'{"type": "event_callback", "type": "url_verification"}',
        b'{"type": "url_verification", "team": 7}',
        b'{"type": "url_verification", "n": NaN}',
        b'{"type": "url_verification", "n": Infinity}',
        b'{"type": "url_verification", "n": ' + b"9" * 5_000 + b"}",
        b'{"type": "url_verification", "challenge": "\\ud800"}',
        b'{"type": "url_verification", "challenge": "\\uDC00 x"}',
        b'{"type": "url_verification", "x": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
        b'{"type": "url_verification", "x": ' + b'{"a":' * 20_000 + b"1" + b"}" * 20_000 + b"}",
        b"\xff\xfe",
        b'{"type": "url_verification", "x": "\xed\xa0\x80"}',
        b"payload=%7B%7D",
        b"payload=",
        b"payload=7",
        b"payload=%5B%5D",
        b"payload=%ED%A0%80",
        b"payload=" + quote('{"type": "block_actions"}').encode(),
        b"payload=" + quote(json.dumps({**CLICK, "actions": []})).encode(),
        b"payload=" + quote(json.dumps({**CLICK, "actions": [7]})).encode(),
        b"payload=" + quote(json.dumps({**CLICK, "user": "U1"})).encode(),
        b"payload=" + quote(json.dumps({**CLICK, "user": {"id": "U1\nadmin"}})).encode(),
        b"payload=" + quote(json.dumps({**CLICK, "user": {"id": "../../U1"}})).encode(),
        b"payload=" + quote(json.dumps({**CLICK, "team": [1]})).encode(),
        b"payload=" + quote(json.dumps({**CLICK, "container": None})).encode(),
        b"payload=" + quote(json.dumps({**CLICK, "enterprise": 7})).encode(),
        b"payload=" + form(CLICK)[8:] + b"&payload=" + form(CLICK)[8:],
        urlencode({**COMMAND, "user_id": ""}).encode(),
        urlencode({**COMMAND, "user_id": "U1 U2"}).encode(),
        urlencode(COMMAND).encode() + b"&user_id=U2",
        urlencode({key: value for key, value in COMMAND.items() if key != "team_id"}).encode(),
        b"&".join(b"a%d=1" % n for n in range(500)),
        b"hello",
        b"<xml></xml>",
    ],
)
def test_a_signed_body_that_is_not_slacks_is_400_and_goes_no_further(raw: bytes) -> None:
    door = Door()
    kind = JSON if raw.startswith((b"{", b"[", b'"', b"null")) else FORM
    assert door.asks(raw, kind) == 400
    assert door.through == []


def test_the_same_body_unsigned_is_401_before_it_is_read() -> None:
    door = Door()
    for raw in (b"{", b"payload=%ZZ", b"\xff", b"[" * 100_000, json.dumps(EVENT).encode()):
        assert door.asks(raw, headers=[]) == 401
    assert door.through == []
    assert door.gate.refused["signature"] == 5


@pytest.mark.parametrize("off", [-OLDEST - 1, OLDEST + 1, -86_400, 10**9])
def test_what_is_too_old_or_of_the_future_is_401(off: float) -> None:
    raw = json.dumps(EVENT).encode()
    headers = [(k.lower().encode(), v.encode()) for k, v in sign(raw, NOW + off).items()]
    assert Door().asks(raw, headers=headers) == 401


@pytest.mark.parametrize("off", [-OLDEST, 0, OLDEST])
def test_five_minutes_are_allowed_either_way(off: float) -> None:
    raw = json.dumps(EVENT).encode()
    headers = [(k.lower().encode(), v.encode()) for k, v in sign(raw, NOW + off).items()]
    assert Door().asks(raw, headers=headers) == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-slack-request-timestamp", b"soon"),
        ("x-slack-request-timestamp", b"-1795000000"),
        ("x-slack-request-timestamp", b"1795000000.0"),
        ("x-slack-request-timestamp", b"1" * 400),
        ("x-slack-request-timestamp", "\uff11\uff17\uff19\uff15".encode()),
        ("x-slack-request-timestamp", b""),
        ("x-slack-signature", b""),
        ("x-slack-signature", b"v0="),
        ("x-slack-signature", "v0=签名".encode()),
        ("x-slack-signature", b"\xff\xff"),
        ("x-slack-signature", b"v1=" + b"0" * 64),
        ("x-slack-signature", b"v0=" + b"0" * 64),
    ],
)
def test_a_forged_header_is_401(name: str, value: bytes) -> None:
    raw = json.dumps(EVENT).encode()
    headers = {k.lower().encode(): v.encode() for k, v in sign(raw, NOW).items()}
    headers[name.encode()] = value
    assert Door().asks(raw, headers=list(headers.items())) == 401


def test_two_signatures_are_none() -> None:
    raw = json.dumps(EVENT).encode()
    good = [(k.lower().encode(), v.encode()) for k, v in sign(raw, NOW).items()]
    assert Door().asks(raw, headers=[*good, (b"x-slack-signature", b"v0=00")]) == 401


def test_a_signature_is_good_for_its_body_and_its_moment_alone() -> None:
    raw = json.dumps(EVENT).encode()
    headers = [(k.lower().encode(), v.encode()) for k, v in sign(raw, NOW).items()]
    assert Door().asks(raw + b" ", headers=headers) == 401
    other = [(headers[0][0], b"1795000001"), headers[1]]
    assert Door().asks(raw, headers=other) == 401
    assert Door("another secret").asks(raw) == 401


def test_without_a_secret_nothing_gets_in() -> None:
    raw = json.dumps(EVENT).encode()
    headers = [(k.lower().encode(), v.encode()) for k, v in sign(raw, NOW, secret="").items()]
    assert Door("").asks(raw, headers=headers) == 401


def test_what_is_too_large_is_413_before_it_is_checked_or_kept() -> None:
    door = Door()
    assert door.asks(b"x" * (LARGEST + 1), headers=[]) == 413
    assert door.asks(b"x" * (LARGEST + 1), headers=[], pieces=100) == 413
    assert door.asks(b"x", headers=[], length=str(LARGEST + 1)) == 413
    assert door.asks(b"x", headers=[], length="1e9") == 413
    assert door.asks(b"x" * LARGEST, headers=[]) == 401


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE"])
def test_only_post_is_taken(method: str) -> None:
    assert Door().asks(json.dumps(EVENT).encode(), method=method) == 405


def test_a_body_that_never_ends_is_given_up() -> None:
    door = Door()
    raw = json.dumps(EVENT).encode()
    headers = [(k.lower().encode(), v.encode()) for k, v in sign(raw, NOW).items()]
    assert door.asks(raw, headers=headers, pieces=7) == 200, "in pieces it is the same body"


def test_what_breaks_inside_is_503_and_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    door = Door()
    door.breaks = True
    assert door.asks(json.dumps(EVENT).encode()) == 503
    said = capsys.readouterr()
    assert "xoxb" not in said.out + said.err
    assert "hello" not in said.out + said.err


def test_nothing_of_what_is_refused_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    door = Door()
    secret = b'{"text": "my password is hunter2"}'
    assert door.asks(secret, headers=[]) == 401
    assert door.asks(secret) == 400
    said = capsys.readouterr()
    assert "hunter2" not in said.out + said.err
