"""Socket Mode: Slack's deliveries over a line that we open, for machines that nobody reaches over HTTP.

The same listeners hear them. Nothing is signed here: the trust comes from the app-level token with which the line was
opened, so it is kept like the signing secret.

Source: docs.slack.dev/apis/events-api/using-socket-mode (at most ten lines for one app).
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.line import QUIET, Line
from bot.slack.shapes import NotSlacks, check

log = structlog.get_logger("offboard.slack")

PING_EVERY = 5.0
LOOK_EVERY = 15.0


class Socket:
    """One line of Socket Mode. `open` returns at once; the line is made in the background, again and again."""

    def __init__(self, app_token: str, api_url: str) -> None:
        self._token = app_token
        self._api_url = api_url
        self._client: SocketModeClient | None = None
        self._app: AsyncApp | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self, app: AsyncApp, line: Line) -> None:
        self._app = app
        web = AsyncWebClient(
            token=self._token, base_url=self._api_url, session=line.session, retry_handlers=[], logger=QUIET
        )
        client = SocketModeClient(app_token=self._token, web_client=web, logger=QUIET, ping_interval=PING_EVERY)
        client.socket_mode_request_listeners.append(self._arrived)
        self._client = client
        self._tasks = [asyncio.create_task(_connect(client)), asyncio.create_task(self._watch(client))]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        client, self._client = self._client, None
        if client is not None:
            await client.close()  # type: ignore[no-untyped-call]  # the library's
            for left in (client.message_processor, client.current_session_monitor, client.message_receiver):
                if left is not None:
                    with suppress(asyncio.CancelledError):
                        await left

    def trouble(self) -> str:
        """Why nothing arrives, or ""."""
        session = self._client.current_session if self._client is not None else None
        if session is not None and not session.closed:
            return ""
        return "The line of Slack's Socket Mode is not connected. Check SLACK_APP_TOKEN."

    async def _watch(self, client: SocketModeClient) -> None:
        """A line that broke is asked for anew: the library would try the address that it was given once for ever."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if not await client.is_connected():
                client.wss_uri = None

    async def _arrived(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        """One delivery: heard, then acknowledged. What fails is not acknowledged, and an event comes again."""
        assert self._app is not None, "it was opened"
        try:
            payload: dict[str, object] = dict(request.payload)
            check(payload)
            bolt = AsyncBoltRequest(mode="socket_mode", body=payload)
            answer = await self._app.async_dispatch(bolt)
        except (NotSlacks, TypeError, ValueError):
            log.warning("not what Slack sends", type=request.type)
            return
        if answer.status not in (200, 404):
            return
        body = _json(answer.body)
        await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id, payload=body))


async def _connect(client: SocketModeClient) -> None:
    await client.connect()  # type: ignore[no-untyped-call]  # the library's


def _json(body: str) -> dict[str, object] | None:
    if not body:
        return None
    try:
        found = json.loads(body)
    except ValueError:
        return {"text": body}
    return found if isinstance(found, dict) else {"text": body}
