"""The Chat port on Slack: cards to people in private, to the admins in their channel, one thread for each case.

RULES
 1. The case's own card stands in the channel, everything else of the case in the thread below it.
 2. A card that Slack does not take is posted as its sentence alone; a redraw that Slack does not take is redrawn as its
    sentence; a message that can no longer be changed is Gone, and the outbox posts it anew.
 3. A post carries its key in its metadata, so that one whose answer was lost can be found before it is repeated.
 4. Nothing unfurls, and nothing that was typed becomes a link or a mention.

Sources: docs.slack.dev/reference/methods/chat.postMessage, chat.update (which never notifies), conversations.open,
conversations.history and conversations.replies (`include_all_metadata`); /messaging/message-metadata.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import structlog

from bot.core.case import PersonId
from bot.core.effects import ADMINS, lane
from bot.edges import House
from bot.errors import ChatError, Gone, Rejected, TryLater, Uncertain
from bot.rows import Message, Outgoing, Rate
from bot.slack.blocks import SlackRenderer
from bot.slack.channel import AdminChannel
from bot.slack.codes import NO_CHANNEL, NO_THREAD, NOT_DRAWN, SHORTEST, code_of
from bot.slack.line import Line
from bot.slack.paces import PACES

Json = dict[str, Any]

log = structlog.get_logger("offboard.slack")

METADATA = "offboard_post"
PLAIN: Json = {"unfurl_links": False, "unfurl_media": False, "link_names": False, "parse": "none"}
PAGE = 200
PAGES = 25
"""How far back an uncertain post is looked for; beyond that it stays uncertain."""
FOR_THE_CARD = 2.0
"""Seconds to wait for the case's own card, below which everything else is posted."""


class SlackChat:
    name = "slack"

    def __init__(self, line: Line, channel: AdminChannel, paces: Sequence[Rate] = PACES) -> None:
        self.paces = paces
        self._line = line
        self._channel = channel
        self._renderer = SlackRenderer()
        self._private: dict[PersonId, str] = {}
        self.house: House | None = None

    def serves(self, to: PersonId) -> bool:
        return bool(self._channel.id) if to == ADMINS else to.startswith("slack:")

    async def say(self, post: Outgoing) -> Message:
        place, root = await self._where(post)
        args: Json = {"channel": place, **self._drawn(post), **PLAIN}
        args["metadata"] = {"event_type": METADATA, "event_payload": {"key": post.key}}
        if root:
            args["thread_ts"] = root
        try:
            answer = await self._ladder("chat.postMessage", args)
        except Rejected as error:
            if code_of(error) in NO_CHANNEL:
                raise self._unreachable(post, error) from None
            raise
        return Message(str(answer.get("channel") or place), str(answer.get("ts", "")))

    async def amend(self, message: Message, post: Outgoing) -> Message:
        if post.to == ADMINS:
            await self._channel.usable()
            if message.place != self._channel.id:
                raise Gone("another_channel", "message")
        args = {"channel": message.place, "ts": message.id, **self._drawn(post)}
        try:
            await self._ladder("chat.update", args)
        except Rejected as error:
            if code_of(error) in NO_CHANNEL:
                raise self._unreachable(post, error) from None
            raise Gone(str(error), "message") from None
        return message

    async def find(self, post: Outgoing) -> Message | None:
        place, root = await self._found(post)
        async for said in self._history(place, root):
            metadata = said.get("metadata") or {}
            if metadata.get("event_type") == METADATA and metadata.get("event_payload", {}).get("key") == post.key:
                return Message(place, str(said["ts"]))
        return None

    async def private(self, person: PersonId) -> str:
        """The conversation of this person with the bot. Raises ChatError."""
        if person not in self._private:
            answer = await self._line.do("conversations.open", users=person.removeprefix("slack:"))
            self._private[person] = str((answer.get("channel") or {})["id"])
        return self._private[person]

    # ------------------------------------------------------------------ where

    async def _where(self, post: Outgoing) -> tuple[str, str]:
        """The conversation, and the message whose thread it belongs to ("": it stands by itself)."""
        if post.to != ADMINS:
            return await self._opened(post.to), ""
        await self._channel.usable()
        card = lane(post.case, "case", ADMINS)
        if not post.case or post.key.startswith(f"{card}/"):
            return self._channel.id, ""
        assert self.house is not None, "the edge was opened"
        root = await self.house.post(card)
        if root is None:
            raise TryLater("the card of the case is not posted yet", FOR_THE_CARD)
        return self._channel.id, root.message if root.place == self._channel.id else ""

    async def _found(self, post: Outgoing) -> tuple[str, str]:
        """The same for a look-up. While nothing may be posted in the channel, nothing can be looked up there."""
        try:
            return await self._where(post)
        except Gone as error:
            if post.to == ADMINS:
                raise TryLater(str(error)) from None
            raise

    async def _opened(self, person: PersonId) -> str:
        try:
            return await self.private(person)
        except Uncertain as error:
            raise TryLater(str(error)) from None  # to open a conversation twice opens one
        except (KeyError, TypeError):
            raise TryLater("unreadable_answer") from None
        except Rejected as error:
            raise self._no_private(error) from None

    def _no_private(self, error: Rejected) -> ChatError:
        return Gone(str(error)) if code_of(error) in NO_CHANNEL else error

    def _unreachable(self, post: Outgoing, error: Rejected) -> Gone:
        """The conversation cannot be written in. What was to be said there waits until it can."""
        if post.to == ADMINS:
            self._channel.doubt()
        else:
            self._private.pop(post.to, None)
        return Gone(str(error))

    # ------------------------------------------------------------------ drawing and sending

    def _drawn(self, post: Outgoing) -> Json:
        return dict(self._renderer.draw(post.card, post.names).payload)

    async def _ladder(self, method: str, args: Json) -> Json:
        """The card; what Slack does not take of it, without: its sentence alone, and that shorter."""
        tries: list[Callable[[Json], Json]] = [dict, _bare, _short]
        for step in tries[:-1]:
            try:
                return await self._threaded(method, step(args))
            except Rejected as error:
                if code_of(error) not in NOT_DRAWN:
                    raise
                log.warning("a card was not taken; its sentence goes alone", code=code_of(error), method=method)
        return await self._threaded(method, _short(args))

    async def _threaded(self, method: str, args: Json) -> Json:
        """Where the thread is gone, the message stands by itself."""
        try:
            return await self._line.do(method, **args)
        except Rejected as error:
            if code_of(error) not in NO_THREAD or "thread_ts" not in args:
                raise
        return await self._line.do(method, **{key: value for key, value in args.items() if key != "thread_ts"})

    # ------------------------------------------------------------------ looking up

    async def _history(self, place: str, root: str) -> AsyncIterator[Json]:
        """What stands there, page by page. Raises Uncertain when it goes back further than we look."""
        method = "conversations.replies" if root else "conversations.history"
        args: Json = {"channel": place, "limit": PAGE, "include_all_metadata": True}
        if root:
            args["ts"] = root
        for _ in range(PAGES):
            answer = await self._page(method, args)
            for said in answer.get("messages") or ():
                yield said
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return
            args["cursor"] = cursor
        raise Uncertain("too_far_back")

    async def _page(self, method: str, args: Json) -> Json:
        called: Awaitable[Json] = self._line.ask(method, **args)
        try:
            return await called
        except Rejected as error:
            if code_of(error) in NO_THREAD:
                return {}
            raise


def _bare(args: Json) -> Json:
    return {**args, "blocks": []}


def _short(args: Json) -> Json:
    return {**args, "blocks": [], "text": str(args["text"])[:SHORTEST]}
