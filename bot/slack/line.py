"""The line to Slack's Web API: one token, one session of connections, and whether it can be used now.

RULES
 1. Nothing is retried here: whoever calls decides (the outbox does, by its own rules).
 2. A call that has certainly not happened raises TryLater; one whose answer was lost raises Uncertain, when it would
    have changed something.
 3. A token that Slack does not take shuts the line: nothing is tried any more but, twice a minute, whether it is taken
    again. What waits then goes on by itself.
 4. Nobody's words and no token are logged: the library's own logger, which prints what it sends, is silenced.

Sources: docs.slack.dev/apis/web-api, /reference/methods/auth.test (the header `x-oauth-scopes` lists what the token
may do).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp
from msgspec import Struct
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ChatError, Closed, TryLater, Uncertain
from bot.slack.codes import LOCKED, SHUT, chat_error

Json = dict[str, Any]

TIMEOUT = aiohttp.ClientTimeout(total=9.0, connect=4.0)
PROBE_EVERY = 30.0

QUIET = logging.getLogger("offboard.slack.library")
QUIET.addHandler(logging.NullHandler())
QUIET.propagate = False
QUIET.setLevel(logging.CRITICAL + 1)


class Itself(Struct, frozen=True):
    """Who the token is: the workspace and its organisation, and the bot there."""

    team: str
    user: str
    bot: str = ""
    organisation: str = ""
    scopes: tuple[str, ...] = ()
    name: str = ""


class Line:
    """`open` before the first call, inside the event loop. `monotonic` is in seconds."""

    def __init__(self, token: str, api_url: str, monotonic: Callable[[], float]) -> None:
        self._token = token
        self._api_url = api_url
        self._monotonic = monotonic
        self._probe_at = 0.0
        self.itself: Itself | None = None
        self.shut = ""
        self.lacks = ""

    async def open(self) -> None:
        self.session = aiohttp.ClientSession(timeout=TIMEOUT, trust_env=True)
        self.client = AsyncWebClient(
            token=self._token, base_url=self._api_url, session=self.session, retry_handlers=[], logger=QUIET
        )

    async def close(self) -> None:
        await self.session.close()

    def shuts(self, why: str) -> None:
        """Nothing is sent until the token is taken again."""
        self.shut = why
        self._probe_at = self._monotonic() + PROBE_EVERY

    async def ask(self, method: str, **args: Any) -> Json:
        """A call that changes nothing. Raises ChatError."""
        await self._may()
        return (await self._called(method, {"data": _plain(args)}, effect=False))[0]

    async def do(self, method: str, **args: Any) -> Json:
        """A call that changes something. Raises ChatError."""
        await self._may()
        return (await self._called(method, {"json": args}, effect=True))[0]

    async def look(self) -> Itself:
        """Whose token this is. Raises ChatError. What it finds is kept, and opens the line again."""
        answer, headers = await self._called("auth.test", {"data": {}}, effect=False)
        scopes = str(headers.get("x-oauth-scopes", ""))
        self.itself = Itself(
            team=str(answer.get("team_id", "")),
            user=str(answer.get("user_id", "")),
            bot=str(answer.get("bot_id", "")),
            organisation=str(answer.get("enterprise_id") or ""),
            scopes=tuple(scope.strip() for scope in scopes.split(",") if scope.strip()),
            name=str(answer.get("team", "")),
        )
        self.shut = ""
        return self.itself

    async def _may(self) -> None:
        if not self.shut:
            return
        if self._monotonic() < self._probe_at:
            raise Closed(self.shut)
        self._probe_at = self._monotonic() + PROBE_EVERY
        await self.look()

    async def _called(self, method: str, args: Json, *, effect: bool) -> tuple[Json, Mapping[str, str]]:
        try:
            answer = await self.client.api_call(method, **args)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise TryLater(type(error).__name__) from None
        except SlackClientError as error:
            raise self._failed(method, getattr(error, "response", None), effect) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _lost(type(error).__name__, effect) from None
        except (ValueError, TypeError, AttributeError, KeyError):  # not an answer of Slack's: a proxy's page
            raise _lost("unreadable_answer", effect) from None
        data = answer.data
        if not isinstance(data, dict):
            raise _lost("unreadable_answer", effect)
        self.lacks = "" if self.lacks.startswith(f"{method}:") else self.lacks
        return data, {str(key).lower(): str(value) for key, value in answer.headers.items()}

    def _failed(self, method: str, response: Any, effect: bool) -> ChatError:
        status = getattr(response, "status_code", getattr(response, "status", 0))
        headers = {str(key).lower(): str(value) for key, value in (getattr(response, "headers", None) or {}).items()}
        data = getattr(response, "data", None)
        body: Json = data if isinstance(data, dict) else {}
        code = str(body.get("error") or "")
        if status == 429:
            return chat_error("ratelimited", effect=effect, seconds=_seconds(headers.get("retry-after", "")))
        if not code:
            return TryLater(f"http_{status}") if status == 503 else _lost(f"http_{status}", effect)
        if code in SHUT:
            self.shuts(code)
        needed = str(body.get("needed") or "")
        if code in LOCKED:
            self.lacks = f"{method}: {code} {needed}".strip()
        return chat_error(code, effect=effect, needed=needed)


def _seconds(wish: str) -> float | None:
    """What the header Retry-After says, in seconds."""
    return float(wish) if wish.isascii() and wish.isdigit() and len(wish) < 7 else 30.0


def _lost(why: str, effect: bool) -> ChatError:
    return Uncertain(why) if effect else TryLater(why)


def _plain(args: Json) -> dict[str, str]:
    """Arguments as a form says them. (A GET would be tried twice by the HTTP library when a connection drops.)"""
    return {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in args.items()}
