"""The routes of the server: its own two, and those that the platforms' edges bring."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bot.edges import Asgi, Edge
from bot.live.health import Health

GRACE = 2
"""Seconds in which requests that are being answered may end."""
NO_STORE = {"cache-control": "no-store"}


class _Bare:
    """An application of an edge; Starlette would take a plain function for something else."""

    def __init__(self, app: Asgi) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


def site(health: Health, edges: Sequence[Edge], unreachable: Sequence[str] = ()) -> Starlette:
    """Edges that are named in `unreachable` get no route. Raises ValueError when two edges want the same path."""

    async def livez(request: Request) -> Response:
        return _said("alive", [reason] if (reason := await health.alive()) else [])

    async def readyz(request: Request) -> Response:
        return _said("ready", await health.reasons())

    routes = [Route("/livez", livez), Route("/readyz", readyz)]
    taken: dict[str, str] = {"/livez": "the server", "/readyz": "the server", "/metrics": "the server"}
    for edge in edges:
        for path, app in edge.routes().items() if edge.name not in unreachable else ():
            if path in taken:
                raise ValueError(f"both {taken[path]} and {edge.name} answer at {path}")
            taken[path] = edge.name
            routes.append(Route(path, _Bare(app)))
    return Starlette(routes=routes)


def _said(what: str, reasons: list[str]) -> Response:
    return JSONResponse({what: not reasons, "reasons": reasons}, 503 if reasons else 200, NO_STORE)


class Server(uvicorn.Server):
    """Ends on SIGTERM and SIGINT, after `stopping` was called; a second one does not wait for requests."""

    def __init__(self, app: Starlette, stopping: Callable[[], None], ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                timeout_graceful_shutdown=GRACE,
                server_header=False,
                proxy_headers=False,
            )
        )
        self._stopping = stopping
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ours, since uvicorn's own raise the signal again afterwards, in the middle of closing the store."""
        loop = asyncio.get_running_loop()
        for one in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(one, self.handle_exit, one, None)
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._stopping()
        super().handle_exit(sig, frame)


def address(listen: str) -> tuple[str, int]:
    """`host:port` in two; `[::1]:8400` too."""
    host, _, port = listen.rpartition(":")
    return host.strip("[]"), int(port)


def listening_on(listen: str) -> socket.socket:
    """Raises OSError when the address cannot be had."""
    host, port = address(listen)
    family, kind, proto, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    listening = socket.socket(family, kind, proto)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(where)
        listening.listen(512)
    except OSError:
        listening.close()
        raise
    return listening
