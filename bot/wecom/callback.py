"""The addresses that WeCom calls, as ASGI applications: the URL check, the callbacks, the domain file.

Whatever a stranger sends is answered with 401, 400, 405 or 413. 200, and nothing in it, says that what was sent is
durable; 503 that it is not, so that WeCom sends it again. No answer and no line of the log holds what was sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import structlog

from bot.edges import Asgi
from bot.wecom.gate import LARGEST, Gate, Refused
from bot.wecom.record import Malformed, Record, read

log = structlog.get_logger("offboard.wecom")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

SLOWEST = 4.0
"""Seconds that a body may take: WeCom hangs up after five."""


class NotKept(Exception):
    """It could not be written down."""


Take = Callable[[Record, bytes], Awaitable[None]]
"""Takes one callback; durable when it returns. Raises Malformed, or NotKept."""


def callback(gate: Gate, take: Take) -> Asgi:
    """GET is the URL check, POST a callback."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            said = await _answer(gate, take, scope, receive)
        except Refused as refused:
            log.warning("a callback was refused", at=gate.name, status=refused.status, why=refused.why)
            return await _write(send, refused.status)
        except NotKept:
            return await _write(send, 503)
        except _HungUp:
            return None
        except Exception as error:  # noqa: BLE001  the web edge: a mistake of ours must not show what was sent
            log.error("a callback could not be taken", at=gate.name, error=type(error).__name__)
            return await _write(send, 503)
        return await _write(send, 200, said)

    return application


async def _answer(gate: Gate, take: Take, scope: Scope, receive: Receive) -> bytes:
    query = scope.get("query_string", b"")
    if scope["method"] in ("GET", "HEAD"):
        return gate.echo(query)
    if scope["method"] != "POST":
        raise Refused(405, "another method")
    plain = gate.letter(query, await _body(scope, receive))
    try:
        await take(read(plain), plain)
    except Malformed as error:
        raise Refused(400, str(error)) from None
    return b""


class _HungUp(Exception):
    """Nobody is there to be answered."""


async def _body(scope: Scope, receive: Receive) -> bytes:
    """The whole body. Raises Refused as soon as it is known to be too large."""
    said = dict(scope.get("headers", ())).get(b"content-length", b"")
    if said.isdigit() and int(said[:12]) > LARGEST:
        raise Refused(413, "too large")
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(SLOWEST):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise _HungUp
                piece = message.get("body", b"")
                size += len(piece)
                if size > LARGEST:
                    raise Refused(413, "too large")
                pieces.append(piece)
                if not message.get("more_body", False):
                    return b"".join(pieces)
    except TimeoutError:
        raise Refused(400, "too slow") from None


def page(text: str) -> Asgi:
    """A file that proves whose domain this is: the same text for everybody."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await _write(send, *((200, text.encode()) if scope["method"] in ("GET", "HEAD") else (405, b"")))

    return application


async def _write(send: Send, status: int, body: bytes = b"") -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
