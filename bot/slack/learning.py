"""What Slack says of people by itself: `user_change`, when somebody is renamed, moves, or is deactivated.

Only those whom we know already are learned about: the workspace's others are none of our business.
Source: docs.slack.dev/reference/events/user_change.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from bot.edges import House
from bot.slack import shapes
from bot.slack.directory import row
from bot.slack.inbound import person
from bot.slack.line import Line


class Learning:
    def __init__(self, line: Line) -> None:
        self._line = line
        self.house: House | None = None

    async def changed(self, user: dict[str, Any]) -> None:
        """Durable when it returns. Raises StoreError, and NotSlacks for what is no user."""
        itself = self._line.itself
        if self.house is None or itself is None:
            return
        id = person(shapes.read(user, shapes.Person).id)
        known = await self.house.person(id)
        if known is None:
            return
        now = row(id, user, itself)
        now = replace(
            now,
            name=now.name or known.name,
            language=known.language or now.language,  # the one they chose here counts
            zone=now.zone or known.zone,
            same_as=known.same_as,
        )
        if now != known:
            await self.house.learn(now)
