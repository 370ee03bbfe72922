"""Bolt: which payload goes where, and what Slack gets as its acknowledgement.

Every listener hears, then acknowledges (`process_before_response`): a listener that fails answers 503, and Slack
delivers an event again. The gate has checked signatures already, so Bolt's own check, which prints the bodies that it
refuses, is off; its logger is silenced.

Sources: docs.slack.dev/tools/bolt-python; /interactivity/handling-user-interaction (acknowledging within 3 seconds).
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse

from bot.errors import ChatError, StoreError
from bot.heard import Answer
from bot.playbook.card import Card
from bot.slack import forms, inbound, shapes
from bot.slack.answers import Answers
from bot.slack.channel import AdminChannel
from bot.slack.errands import Errands
from bot.slack.hearing import Hearing, NotReady
from bot.slack.home import Home
from bot.slack.inbound import Act
from bot.slack.learning import Learning
from bot.slack.line import QUIET, Line

Json = dict[str, Any]
Ack = Callable[..., Awaitable[BoltResponse]]

log = structlog.get_logger("offboard.slack")
ANY = re.compile(r".*", re.DOTALL)


class Listeners:
    """Made inside the event loop, once the line is open."""

    def __init__(
        self,
        line: Line,
        channel: AdminChannel,
        hearing: Hearing,
        answers: Answers,
        home: Home,
        learning: Learning,
        errands: Errands,
        signing_secret: str,
    ) -> None:
        self._line = line
        self._channel = channel
        self._hearing = hearing
        self._answers = answers
        self._home = home
        self._learning = learning
        self._errands = errands
        self.app = AsyncApp(
            name="offboard",
            logger=QUIET,
            client=line.client,
            signing_secret=signing_secret,
            authorize=_authorizing(line),
            process_before_response=True,
            request_verification_enabled=False,
            attaching_function_token_enabled=False,
        )
        self._register()

    def _register(self) -> None:
        app = self.app
        app.command(ANY)(self._command)
        app.action(ANY)(self._click)
        app.view_submission(ANY)(self._form)
        app.view_closed(ANY)(self._closed)
        app.message_shortcut(ANY)(self._shortcut)
        app.event("message")(self._message)
        app.event("app_home_opened")(self._home_opened)
        app.event("user_change")(self._user_change)
        app.event("channel_shared")(self._shared)
        app.event("channel_unshared")(self._shared)
        app.event("app_uninstalled")(self._uninstalled)
        app.event("tokens_revoked")(self._revoked)
        app.event(ANY)(self._ignored)
        app.error(self._failed)

    # ------------------------------------------------------------------ what people do

    async def _command(self, ack: Ack, body: Json) -> None:
        """The answer is the body of the acknowledgement: only they see it."""
        act = inbound.command(body)
        answer = await self._hearing.judge(act)
        cards = answer.cards or await self._hearing.meanwhile(act, answer)
        if not cards:
            await ack()
            return
        first, *rest = cards
        await ack({"response_type": "ephemeral", **await self._payload(first)})
        self._hearing.tell(act, Answer(tuple(rest), refused=answer.refused))

    async def _click(self, ack: Ack, body: Json) -> None:
        began = time.monotonic()
        act = inbound.click(body)
        if act is None:
            await ack()
            return
        answer = await self._hearing.judge(act)
        opened = await self._hearing.open_form(act, answer, began, time.monotonic)
        await ack()
        self._hearing.tell(act, answer, without_first=opened)
        if not act.channel:
            self._home.stale([act.heard.person])

    async def _form(self, ack: Ack, body: Json) -> None:
        click, carried = forms.read(body)
        act = inbound.form(body, click, carried.thread, carried.by)
        answer = await self._hearing.judge(act)
        lacking = answer.wanted is not None  # a required field that holds nothing but spaces
        if (lacking or answer.refused in forms.AGAIN) and answer.cards:
            await ack(response_action="errors", errors=forms.errors(carried, _said(answer.cards[0])))
            return
        await ack()
        self._hearing.tell(act, answer)

    async def _closed(self, ack: Ack, body: Json) -> None:
        carried = forms.closed(body)
        await ack()
        self._hearing.ask(inbound.form(body, carried.click(), carried.thread, carried.by), carried.asks)

    async def _shortcut(self, ack: Ack, body: Json) -> None:
        act = inbound.shortcut(body)
        answer = await self._hearing.judge(act)
        await ack()
        self._hearing.tell(act, answer)

    async def _message(self, ack: Ack, body: Json) -> None:
        act = inbound.typed(body)
        if act is not None and self._listens(act):
            answer = await self._hearing.judge(act)
            self._hearing.tell(act, answer)
        await ack()

    def _listens(self, act: Act) -> bool:
        """In private, and in the admins' threads: what is said anywhere else is none of our business."""
        return act.private or act.channel == self._channel.id

    # ------------------------------------------------------------------ what happens in the workspace

    async def _home_opened(self, ack: Ack, body: Json) -> None:
        opened: shapes.HomeOpened = shapes.read(body["event"], shapes.HomeOpened)
        await ack()
        if opened.tab == "home":
            self._errands.start(self._home.publish(inbound.person(opened.user)), "a home page")

    async def _user_change(self, ack: Ack, body: Json) -> None:
        changed: shapes.UserChange = shapes.read(body["event"], shapes.UserChange)
        await self._learning.changed(changed.user)
        await ack()

    async def _shared(self, ack: Ack, body: Json) -> None:
        """From now on it may be read by others: it is let go at once, and looked at again."""
        event = shapes.read(body["event"], shapes.ChannelShared)
        await ack()
        if event.channel == self._channel.id:
            self._channel.doubt("shared_channel")
            self._errands.start(self._channel.look(), "a look at the admin channel")

    async def _uninstalled(self, ack: Ack) -> None:
        self._line.shuts("app_uninstalled")
        await ack()

    async def _revoked(self, ack: Ack, body: Json) -> None:
        revoked: shapes.TokensRevoked = shapes.read(body["event"], shapes.TokensRevoked)
        if revoked.tokens.bot:
            self._line.shuts("token_revoked")
        await ack()

    async def _ignored(self, ack: Ack) -> None:
        await ack()

    async def _failed(self, error: Exception) -> BoltResponse:
        """Nothing of what was in the payload is said."""
        if isinstance(error, shapes.NotSlacks):
            return BoltResponse(status=400, body="not Slack's")
        if not isinstance(error, NotReady | ChatError | StoreError):
            import traceback

            traceback.print_exception(error)
            log.error("a listener failed", error=type(error).__name__)
        return BoltResponse(status=503, body="try again")

    async def _payload(self, card: Card) -> Json:
        return await self._answers.answer(self._hearing.known_house(), card)


def _authorizing(line: Line) -> Callable[[], Awaitable[AuthorizeResult]]:
    """Our one installation: nothing that Bolt asks for is fetched over the network."""

    async def authorize() -> AuthorizeResult:  # no method: Bolt would fill in its `self`, too
        itself = line.itself
        return AuthorizeResult(
            enterprise_id=itself.organisation if itself is not None else None,
            team_id=itself.team if itself is not None else None,
            bot_user_id=itself.user if itself is not None else None,
            bot_id=itself.bot if itself is not None else None,
            bot_token=line.client.token,
        )

    return authorize


def _said(card: Card) -> str:
    """A refusal as one line of plain text."""
    return " ".join(part for part in (card.title, card.lead) if part)[:150]
