"""The door, in front of everything that reads: what is not from Slack gets no further than its bytes.

RULES
 1. The size first (413), then the signature over the raw bytes and its age (401), then the form (400); only then does
    Bolt see it. Bolt reads a body before it checks it, and stumbles over what no Slack sends.
 2. A body has one meaning: names that occur twice, half characters and nesting without end are refused.
 3. Nothing of a body, of a signature or of a token is ever logged; refusals are counted by their reason.
 4. What goes wrong inside is 503, which Slack tries again; never 500.

Source: docs.slack.dev/authentication/verifying-requests-from-slack.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl

import structlog

from bot.slack.shapes import NotSlacks, check

log = structlog.get_logger("offboard.slack")

LARGEST = 1_048_576
"""Bytes of a body."""
OLDEST = 300
"""Seconds between Slack's clock and ours, either way."""
SLOWEST = 10.0
"""Seconds in which a body has to arrive."""

Json = dict[str, Any]
Headers = dict[str, str]
Reply = tuple[int, Headers, bytes]
Deliver = Callable[[str, Headers], Awaitable[Reply]]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
_DIGITS = re.compile(rb"\A[0-9]{1,12}\Z")
_PLAIN = {"content-type": "text/plain; charset=utf-8"}


class Refused(Exception):
    """`status` and why, in a word."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


class Gate:
    """An ASGI application. `now` gives seconds since 1970; `deliver` gets what has passed."""

    def __init__(self, secret: str, now: Callable[[], float], deliver: Deliver) -> None:
        self._secret = secret.encode()
        self._now = now
        self._deliver = deliver
        self.refused: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            status, headers, body = await self._answer(scope, receive)
        except Refused as no:
            self.refused[no.why] += 1
            status, headers, body = no.status, dict(_PLAIN), no.why.encode()
            if status == 405:
                headers["allow"] = "POST"
        except Exception as error:  # noqa: BLE001  the web edge: the next request must not suffer
            log.error("an inbound request failed", error=type(error).__name__)
            status, headers, body = 503, _PLAIN, b"try again"
        await _respond(send, status, headers, body)

    async def _answer(self, scope: Scope, receive: Receive) -> Reply:
        if scope["method"] != "POST":
            raise Refused(405, "method")
        raw = await self._read(scope, receive)
        self._verify(scope, raw)
        headers = _headers(scope)
        text = _decoded(raw)
        check_body(text, headers.get("content-type", ""))
        return await self._deliver(text, headers)

    async def _read(self, scope: Scope, receive: Receive) -> bytes:
        declared = _only(scope, b"content-length")
        if declared is not None and (not _DIGITS.match(declared) or int(declared) > LARGEST):
            raise Refused(413, "size")
        pieces, length = [], 0
        try:
            async with asyncio.timeout(SLOWEST):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise Refused(400, "disconnected")
                    piece = message.get("body", b"")
                    length += len(piece)
                    if length > LARGEST:
                        raise Refused(413, "size")
                    pieces.append(piece)
                    if not message.get("more_body"):
                        return b"".join(pieces)
        except TimeoutError:
            raise Refused(408, "slow") from None

    def _verify(self, scope: Scope, raw: bytes) -> None:
        signed = _only(scope, b"x-slack-signature")
        stamp = _only(scope, b"x-slack-request-timestamp")
        if not self._secret or signed is None or stamp is None or not _DIGITS.match(stamp):
            raise Refused(401, "signature")
        if not hmac.compare_digest(signature(self._secret, stamp, raw), signed):
            raise Refused(401, "signature")
        if abs(self._now() - int(stamp)) > OLDEST:
            raise Refused(401, "age")


def signature(secret: bytes, stamp: bytes, raw: bytes) -> bytes:
    """`v0=` and the keyed hash of the moment and the body."""
    return b"v0=" + hmac.new(secret, b"v0:" + stamp + b":" + raw, sha256).hexdigest().encode()


def check_body(text: str, content_type: str) -> None:
    """Whether this is a body of Slack's, with one meaning, as Bolt will read it. Raises Refused (400)."""
    try:
        check(_body(text, content_type))
    except (ValueError, TypeError, RecursionError) as error:
        why = "not Slack's" if isinstance(error, NotSlacks) else "not readable"
        raise Refused(400, why) from None


def _body(text: str, content_type: str) -> Json:
    kind = content_type.partition(";")[0].strip().casefold()
    if kind == "application/json" or text.startswith("{"):
        return _object(text)
    fields = parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=100)
    form = _once(fields)
    return _object(form["payload"]) if "payload" in form else form


def _object(text: str) -> Json:
    if _HALF.search(text.encode()):
        json.dumps(json.loads(text), ensure_ascii=False).encode()  # a half character cannot be encoded
    found = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    if not isinstance(found, dict):
        raise NotSlacks("no object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotSlacks("a name that occurs twice")
    return found


def _no_number(_: str) -> None:
    raise NotSlacks("no number")


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Refused(400, "not readable") from None


def _only(scope: Scope, name: bytes) -> bytes | None:
    """The one header of this name; None when there is none, or several."""
    found = [value for key, value in scope["headers"] if key.lower() == name]
    return bytes(found[0]) if len(found) == 1 else None


def _headers(scope: Scope) -> Headers:
    return {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}


async def _respond(send: Send, status: int, headers: Headers, body: bytes) -> None:
    fields = {**headers, "content-length": str(len(body))}
    start = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields.items()]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})
