"""Slack as the server runs it: everything in bot/slack put together, opened with the house, and watched.

Nothing is asked of Slack before `open`; and `open` does not fail when Slack cannot be reached: then the trouble is
told, and it is tried again every half minute.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import structlog
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.core.case import PersonId
from bot.edges import Asgi, House
from bot.errors import ChatError
from bot.playbook.copy import load
from bot.playbook.views.replies import sentence
from bot.ports import Chat, Clock
from bot.rows import Rate, SlackSettings
from bot.slack.answers import Answers
from bot.slack.channel import WHY, AdminChannel
from bot.slack.chat import SlackChat
from bot.slack.directory import SlackDirectory
from bot.slack.errands import Errands
from bot.slack.gate import Gate, Headers, Refused, Reply
from bot.slack.hearing import Hearing
from bot.slack.home import Home
from bot.slack.learning import Learning
from bot.slack.line import Line
from bot.slack.listeners import Listeners
from bot.slack.paces import PACES
from bot.slack.sockets import Socket

log = structlog.get_logger("offboard.slack")

PATH = "/slack/events"
WATCH_EVERY = 30.0
FIRST_LOOK = 5.0
NOBODY_LISTENS = 404
"""Bolt's status for what none of our listeners takes: Slack is told that it arrived, and it is left alone."""
GRACE = 2.0
"""Seconds that private answers get when the server stops."""


class SlackEdge:
    name = "slack"

    def __init__(
        self, settings: SlackSettings, clock: Clock, monotonic: Callable[[], float], paces: Sequence[Rate]
    ) -> None:
        self._settings = settings
        self._line = Line(settings.bot_token, settings.api_url, monotonic)
        self._channel = AdminChannel(settings.admin_channel, self._line, monotonic)
        self._chat = SlackChat(self._line, self._channel, paces)
        self.chat: Chat = self._chat
        self.directory = SlackDirectory(self._line)
        self._answers = Answers(self._line, self._chat, settings.api_url)
        self._errands = Errands()
        self._home = Home(self._line, self._answers)
        self._learning = Learning(self._line)
        self._hearing = Hearing(self._line, self._channel, self._answers, self._errands, settings.language)
        self.gate = Gate(settings.signing_secret, lambda: clock.now().timestamp(), self._deliver)
        self._listeners: Listeners | None = None
        self._socket = Socket(settings.app_token, settings.api_url) if settings.app_token else None
        self._tasks: list[asyncio.Task[None]] = []
        self._house: House | None = None
        self._channel.changed = self._channel_changed

    # ------------------------------------------------------------------ as the server runs it

    def routes(self) -> Mapping[str, Asgi]:
        """Without a signing secret (Socket Mode alone) nobody's word could be checked: there is no way in then."""
        return {PATH: self.gate} if self._settings.signing_secret else {}

    async def open(self, house: House) -> None:
        await self._line.open()
        self._house = self._chat.house = self._home.house = self._learning.house = self._hearing.house = house
        self._listeners = Listeners(
            self._line,
            self._channel,
            self._hearing,
            self._answers,
            self._home,
            self._learning,
            self._errands,
            self._settings.signing_secret,
        )
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_LOOK):
                await self.look()
        self._tasks = [asyncio.create_task(self._watch()), asyncio.create_task(self._home.run())]
        if self._socket is not None:
            await self._socket.open(self._listeners.app, self._line)

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()
        await self._errands.close(GRACE)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._listeners is not None:
            await self._line.close()
        self._listeners = None

    async def touched(self, people: Sequence[PersonId]) -> None:
        self._home.stale(people)

    async def settle(self) -> None:
        """Until every private answer is out."""
        await self._errands.rest()

    def trouble(self) -> str:
        if self._line.shut:
            return f"Slack does not take the bot token ({self._line.shut}). Install the app again, or set a new token."
        if self._line.itself is None:
            return "Slack has not been reached yet, so nobody can be told from a stranger."
        if self._channel.wrong:
            return f"In Slack, {WHY.get(self._channel.wrong, self._channel.wrong)}."
        if self._line.lacks:
            return f"Slack refuses a call for want of a right ({self._line.lacks})."
        if self._socket is not None:
            return self._socket.trouble()
        return ""

    # ------------------------------------------------------------------ inside

    async def _deliver(self, body: str, headers: Headers) -> Reply:
        if self._listeners is None:
            return 503, {}, b"not open"
        try:
            request = AsyncBoltRequest(body=body, headers=dict(headers), mode="http")
        except (TypeError, KeyError, AttributeError, IndexError, ValueError):
            raise Refused(400, "not Slack's") from None  # Bolt reads more of it than we do
        answer = await self._listeners.app.async_dispatch(request)
        if answer.status == NOBODY_LISTENS:
            return 200, {}, b""
        found = {name: ", ".join(values) for name, values in answer.headers.items() if name.lower() == "content-type"}
        return answer.status, found, (answer.body or "").encode()

    def _channel_changed(self, wrong: str) -> None:
        """The admins are told why their channel cannot be used; when it can, what waited for it leaves."""
        house = self._house
        if house is None or not self._channel.id:
            return
        if not wrong:
            self._errands.start(house.reached(), "what waited for the admin channel")
            return
        copy = load(self._settings.language)
        said = sentence(copy, "told.channel_wrong", why=copy(f"channel.{wrong}"))
        for admin in self._settings.admins:
            if self.directory.serves(admin):
                self._errands.start(self._answers.to(house, admin, said), "why the admin channel is not used")

    async def _watch(self) -> None:
        """Look again, until cancelled: quickly while something is wrong, now and then while all is well."""
        while True:
            await asyncio.sleep(WATCH_EVERY)
            await self.look()

    async def look(self) -> None:
        """Whether Slack takes us again, and whether the admin channel may be used."""
        try:
            if self._line.itself is None or self._line.shut:
                await self._line.look()
            if self._channel.id and (self._channel.wrong or self._channel.stale()):
                await self._channel.look()
        except ChatError as error:
            log.warning("Slack was not reached", why=str(error))
        except Exception as error:  # noqa: BLE001  it is looked at again, whatever this was
            log.error("a look at Slack failed", error=type(error).__name__)


def make(
    settings: SlackSettings,
    clock: Clock,
    *,
    monotonic: Callable[[], float] = time.monotonic,
    paces: Sequence[Rate] = PACES,
) -> SlackEdge:
    """Asks nobody and opens nothing."""
    return SlackEdge(settings, clock, monotonic, paces)
