"""The admins' channel: whether approvals may happen there. It has to be private, of this company alone, and the bot a
member of it.

Names, phones and departures never appear where others can read them; so before something is posted, and whenever the
channel is shared with somebody, it is looked at again. While it may not be used, nothing is lost: messages to the
admins wait, each admin is told in private, and `offboard doctor` says what to do.

Source: docs.slack.dev/reference/methods/conversations.info (is_private, is_ext_shared, is_org_shared, …).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.errors import Gone, Rejected
from bot.slack.codes import code_of
from bot.slack.line import Line

GOOD_FOR = 600.0
"""Seconds after which the channel is looked at again."""

OPEN_TO_OTHERS = frozenset({"public_channel", "shared_channel"})

NO_RIGHT_TO_PUBLIC = "missing_scope (channels:read)"
"""What Slack answers about a public channel to a token that may read private ones alone."""

WHY = {
    "public_channel": "the admin channel is public; make it private or name another one",
    "shared_channel": "the admin channel is shared with another organisation; name a channel of your own company",
    "is_archived": "the admin channel is archived; restore it or name another one",
    "not_in_channel": "the bot is not a member of the admin channel; invite it there",
    "channel_unchecked": "the bot has no right to look at the admin channel; `offboard doctor --slack` names the right",
    "channel_not_found": "the admin channel does not exist, or the bot was not invited to it",
}
"""In the operator's words, by code."""


class AdminChannel:
    """`id` "" when no channel is configured. `changed` is called with why it may not be used from now on, or ""."""

    def __init__(self, id: str, line: Line, monotonic: Callable[[], float]) -> None:
        self.id = id
        self.wrong = ""
        self.changed: Callable[[str], None] = lambda wrong: None
        self._line = line
        self._monotonic = monotonic
        self._until: float | None = None
        self._looked = False

    async def look(self) -> str:
        """Why it may not be used, as a code, or "". Raises ChatError when Slack did not say."""
        self._until = None
        try:
            found = (await self._line.ask("conversations.info", channel=self.id)).get("channel")
        except Rejected as error:
            if str(error) == NO_RIGHT_TO_PUBLIC:
                found = {"is_private": False}
                self._line.lacks = ""
            elif code_of(error) == "channel_not_found":
                found = None
            else:
                self._is("channel_unchecked")
                return self.wrong
        self._looked = True
        self._until = self._monotonic() + GOOD_FOR
        self._is(judged(found))
        return self.wrong

    def _is(self, wrong: str) -> None:
        was, self.wrong = self.wrong, wrong
        if was != wrong:
            self.changed(wrong)

    async def usable(self) -> None:
        """Raises Gone when nothing may be posted there, another ChatError when that cannot be told."""
        if self.stale() or self.wrong:
            await self.look()
        if self.wrong:
            raise Gone(self.wrong)

    def stale(self) -> bool:
        return self._until is None or self._monotonic() >= self._until

    def doubt(self, wrong: str = "") -> None:
        """Something happened to it: look again before the next message. Until then it is taken to be as `wrong`."""
        self._until = None
        self._is(wrong or self.wrong)

    def refuses(self) -> str:
        """Why nothing may be decided there, as a code, or "", as far as is known: there is no time to ask now. What was
        never looked at is refused."""
        return self.wrong or ("" if self._looked else "channel_unchecked")


def judged(channel: Any) -> str:
    """Why a channel, as Slack describes it, is not for approvals; "" when it is."""
    if not isinstance(channel, dict):
        return "channel_not_found"
    shared = ("is_ext_shared", "is_org_shared", "is_shared", "is_pending_ext_shared")
    if channel.get("is_archived"):
        return "is_archived"
    if any(channel.get(key) for key in shared) or channel.get("pending_connected_team_ids"):
        return "shared_channel"
    if not channel.get("is_private") or channel.get("is_im") or channel.get("is_mpim"):
        return "public_channel"
    return "" if channel.get("is_member", True) else "not_in_channel"
