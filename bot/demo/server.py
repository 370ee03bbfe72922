"""The demo in a browser: routes, each a few lines over play.py; and the server, which listens on this computer only."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

import click
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.demo import trouble
from bot.demo.board import Board
from bot.demo.cast import BY_ROLE
from bot.demo.given import House, Look
from bot.demo.pages import SEATS, Pages
from bot.demo.pagewords import PAGE, PageWords
from bot.demo.play import Play, Told
from bot.demo.room import Note
from bot.demo.stream import Hub

HOST = "127.0.0.1"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    b"content-security-policy": POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-store",
}
FORMS = {"json": "application/json", "csv": "text/csv"}


class Site:
    """Everything behind the page. `look` is what a page shows that asks for none; `pause` seconds between the moves of
    a story."""

    def __init__(self, house: House, board: Board, looks: Mapping[str, Look], look: str, *, pause: float) -> None:
        self._house = house
        self._look = look
        self._pause = pause
        self._looks = looks
        self.play = Play(house, board, looks, self._changed)
        self.pages = Pages(self.play)
        self.hub = Hub(self._frame, lambda: self.play.room.version)
        self._pushing: asyncio.Task[None] | None = None
        self.app = Starlette(routes=self._routes(), middleware=_MIDDLEWARE)

    @property
    def language(self) -> str:
        return self._house.language

    def _changed(self, what: str) -> None:
        if what == "whole" or self.play.telling is not None:
            self.pages.verdict = None
        self.hub.changed(what)

    async def open(self) -> None:
        await self.play.open()
        self._pushing = asyncio.create_task(self.hub.run())

    async def close(self) -> None:
        self.hub.close()
        if self._pushing is not None:
            self._pushing.cancel()
        await self.play.close()

    async def _frame(self, look: str, since: int) -> dict[str, Any]:
        return await self.pages.frame(self._looks[look], since)

    def _routes(self) -> list[Route | Mount]:
        return [
            Route("/", self.page),
            Route("/stream", self.stream),
            Route("/write", self._doing(self.write), methods=["POST"]),
            Route("/press", self._doing(self.press), methods=["POST"]),
            Route("/do", self._doing(self.do), methods=["POST"]),
            Route("/payload/{id}", self.payload),
            Route("/record.{form}", self.record),
            Mount("/static", StaticFiles(packages=[("bot.demo", "static")])),
        ]

    # ------------------------------------------------------------------ looking

    def look(self, request: Request) -> Look:
        return self._looks.get(request.query_params.get("look", ""), self._looks[self._look])

    async def page(self, request: Request) -> Response:
        seat = request.query_params.get("as", "")
        version = self.hub.count
        html = await self.pages.page(self.look(request), seat if seat in SEATS else "", version)
        return HTMLResponse(html)

    async def stream(self, request: Request) -> Response:
        drawn = request.headers.get("last-event-id") or request.query_params.get("version", "")
        events = self.hub.events(self.look(request).name, int(drawn) if drawn.isdigit() else -1)
        return StreamingResponse(events, media_type="text/event-stream")

    async def payload(self, request: Request) -> Response:
        entry = self.play.room.entry(request.path_params["id"])
        if entry is None:
            return PlainTextResponse("", 404)
        return PlainTextResponse(self.pages.payload(entry, self.look(request)))

    async def record(self, request: Request) -> Response:
        form = request.path_params["form"]
        if form not in FORMS:
            return PlainTextResponse("", 404)
        async with self.play.gate:
            text = "".join(await asyncio.to_thread(lambda: list(self._house.export(form))))
        headers = {"content-disposition": f'attachment; filename="offboard-record.{form}"'}
        return Response(text, media_type=FORMS[form], headers=headers)

    # ------------------------------------------------------------------ doing

    def _doing(self, act: Callable[[dict[str, Any]], Awaitable[None]]) -> Callable[[Request], Awaitable[Response]]:
        """A POST with JSON. What cannot be done here is a note on the page, never silence."""

        async def handle(request: Request) -> Response:
            if request.headers.get("content-type", "").partition(";")[0] != "application/json":
                return JSONResponse({"why": "send application/json"}, 415)
            self.pages.verdict = None  # it was said of the record as it stood then
            try:
                await act(await request.json())
            except Told as told:
                self.play.room.note = told.note
                self.hub.changed()
                return JSONResponse({"busy": told.note.key == "busy"})
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                self.play.room.note = Note("bad", {"why": f"{type(error).__name__}: {error}"}, bad=True)
                self.hub.changed()
                return JSONResponse({"why": str(error)}, 400)
            return JSONResponse({})

        return handle

    async def write(self, said: dict[str, Any]) -> None:
        pane, case, text = str(said["pane"]), str(said.get("case", "")), str(said["text"])[:4000]
        role = "admin" if pane == "admins" else pane
        if role not in BY_ROLE:
            raise ValueError(f"there is no pane {pane}")
        self.play.at_rest()
        await self._watched(lambda: self.play.write(role, pane, case, text))
        if case and text.lstrip().startswith("/"):
            raise Told("in_thread")

    async def press(self, said: dict[str, Any]) -> None:
        self.play.at_rest()
        id, look, payload = str(said["message"]), str(said["look"]), said["payload"]
        await self._watched(lambda: self.play.press(id, look, payload))

    async def _watched(self, act: Callable[[], Awaitable[Any]]) -> None:
        """Done by the wrong person, it is told what came of it."""
        role = self.play.impostor
        if not role:
            await act()
            return
        before = await trouble.standing(self.play)
        answer = await act()
        trouble.judged(self.play, role, answer, await trouble.standing(self.play) != before)
        self.hub.changed()

    async def do(self, said: dict[str, Any]) -> None:
        what, arg = str(said["what"]), str(said.get("arg", ""))
        if what in ("time", "trouble", "be", "language"):
            self.play.at_rest()
        await self._deeds()[what](arg)
        self.hub.changed()

    def _deeds(self) -> dict[str, Callable[[str], Awaitable[None]]]:
        play = self.play
        return {
            "time": play.time,
            "language": self.speak,
            "play": lambda name: play.story(name, pause=self._pause),
            "jump": lambda name: play.story(name, pause=0),
            "stop": lambda _: play.stop_story(),
            "again": self.again,
            "trouble": self.trouble,
            "be": self.be,
            "verify": self.verify,
        }

    async def speak(self, language: str) -> None:
        if language not in PAGE:
            raise ValueError(f"there is no language {language}")
        await self.play.speak(language)

    async def again(self, _: str) -> None:
        await self.play.stop_story()
        await self.play.begin_again()

    async def trouble(self, kind: str) -> None:
        await trouble.make(self.play, kind)

    async def be(self, role: str) -> None:
        if role and role not in BY_ROLE:
            raise ValueError(f"there is nobody {role}")
        trouble.be(self.play, role)

    async def verify(self, _: str) -> None:
        async with self.play.gate:
            report = await asyncio.to_thread(self._house.verify)
        word, broken = PageWords(self.language), report["broken"]
        what = "; ".join(f"{one['case']}: {one['what']}" for one in broken[:5])
        said = word("altered", what=what) if broken else word("whole", cases=report["cases"], facts=report["facts"])
        self.pages.verdict = (not broken, said)


class _Guarded:
    """The headers that keep the page to itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS.items()]
            await send(message)

        await self._app(scope, receive, guarded)


_MIDDLEWARE = [Middleware(_Guarded), Middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"])]


class _Server(uvicorn.Server):
    """Ends the open streams before it waits for them."""

    def __init__(self, config: uvicorn.Config, site: Site) -> None:
        super().__init__(config)
        self._site = site

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ours, since uvicorn's own raise the signal again afterwards, in the middle of closing the store."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        for one in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(one, self.handle_exit, one, None)
        try:
            yield
        finally:
            for one in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(one)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._site.hub.close()
        super().handle_exit(sig, frame)


async def serving(site: Site, listening: socket.socket, ready: Callable[[_Server], None]) -> None:
    """Until the server is told to end."""
    await site.open()
    config = uvicorn.Config(
        site.app, log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=2, ws="none"
    )
    server = _Server(config, site)
    try:
        ready(server)
        await server.serve(sockets=[listening])
    finally:
        await site.close()


def serve(site: Site, port: int) -> None:
    """Serve until Ctrl-C. Raises OSError when the port is taken."""
    with listening_on(port) as listening:
        address = f"http://{HOST}:{listening.getsockname()[1]}/"
        asyncio.run(serving(site, listening, lambda _: click.echo(PageWords(site.language)("banner", address=address))))


def listening_on(port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen(64)
    except OSError:
        listening.close()
        raise
    return listening
