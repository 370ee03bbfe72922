"""The home page: what waits for this person, what is done, how long there still is; the desk, over all cases.

It is drawn when it is opened and whenever something changes for somebody who has it. Many changes at once are one
drawing; a page that could not be drawn is drawn when it is opened the next time.

Source: docs.slack.dev/reference/methods/views.publish, /surfaces/app-home.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import structlog

from bot.core.case import PersonId
from bot.edges import House
from bot.errors import ChatError, Rejected, StoreError, TryLater
from bot.slack.answers import Answers
from bot.slack.codes import NOT_DRAWN, code_of
from bot.slack.line import Line
from bot.slack.mrkdwn import mrkdwn

Json = dict[str, Any]

log = structlog.get_logger("offboard.slack")

EVERY = 0.7
"""Seconds between two drawings: views.publish is tier 4, a hundred a minute."""


class Home:
    def __init__(self, line: Line, answers: Answers) -> None:
        self._line = line
        self._answers = answers
        self._stale: dict[PersonId, None] = {}
        self._wake = asyncio.Event()
        self.house: House | None = None

    def stale(self, people: Iterable[PersonId]) -> None:
        """Something changed for these people."""
        self._stale.update(dict.fromkeys(person for person in people if person.startswith("slack:")))
        self._wake.set()

    async def run(self) -> None:
        """Draw what is stale, one after another, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._stale:
                person = next(iter(self._stale))
                del self._stale[person]
                try:
                    await self.publish(person)
                    pause = EVERY
                except TryLater as error:
                    pause = max(EVERY, error.seconds or EVERY)
                    if error.seconds is not None:
                        self._stale[person] = None
                except (ChatError, StoreError) as error:
                    log.info("a home page was not drawn", error=type(error).__name__)
                    pause = EVERY
                except Exception as error:  # noqa: BLE001  one page that cannot be drawn must not stop the others
                    log.error("a home page cannot be drawn", error=type(error).__name__)
                    pause = EVERY
                await asyncio.sleep(pause)

    async def publish(self, person: PersonId) -> None:
        """Draw one page. Raises ChatError or StoreError."""
        assert self.house is not None, "the edge was opened"
        card, names = await self.house.desk(person)
        drawn = await self._answers.drawn(self.house, card, names)
        user = person.removeprefix("slack:")
        plain = [{"type": "section", "text": mrkdwn(drawn["text"])}]
        blocks = drawn["blocks"] or plain
        try:
            await self._line.do("views.publish", user_id=user, view={"type": "home", "blocks": blocks})
        except Rejected as error:
            if code_of(error) not in NOT_DRAWN:
                raise
            await self._line.do("views.publish", user_id=user, view={"type": "home", "blocks": plain})
