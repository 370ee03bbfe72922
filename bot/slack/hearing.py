"""What becomes of something that a person did on Slack, from the verified payload to the private answer.

RULES
 1. First whose it is: another workspace, another team, a shared channel are refused before the house hears of it.
    Approvals are decided in the admins' private channel or in private, nowhere else.
 2. Then the house hears it. When that returns, it is durable; only then Slack gets its acknowledgement.
 3. Before the acknowledgement nothing else is asked of Slack but to open a form, which may fail.
 4. Every refusal is told to the one who met it. What was delivered twice is answered once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from msgspec.structs import replace

from bot.edges import House
from bot.errors import ChatError, StoreError
from bot.heard import Answer
from bot.playbook.card import Card
from bot.playbook.copy import Copy, load
from bot.playbook.views.replies import refusal, sentence
from bot.slack import forms
from bot.slack.answers import Answers, worth_telling
from bot.slack.channel import OPEN_TO_OTHERS, AdminChannel
from bot.slack.directory import ours
from bot.slack.errands import Errands
from bot.slack.inbound import Act
from bot.slack.line import Line

log = structlog.get_logger("offboard.slack")

FOR_A_FORM = 2.2
"""Seconds after the click in which a form may still be opened: Slack waits three, and so long does a trigger live."""


class NotReady(Exception):
    """It is not known yet whose token this is, so nobody can be told from a stranger."""


class Hearing:
    """`language` is the company's; `monotonic` gives seconds."""

    def __init__(self, line: Line, channel: AdminChannel, answers: Answers, errands: Errands, language: str) -> None:
        self._line = line
        self._channel = channel
        self._answers = answers
        self._errands = errands
        self._language = language
        self.house: House | None = None

    async def judge(self, act: Act) -> Answer:
        """The house's answer, or why it was not asked. Raises NotReady."""
        house = self.known_house()
        if (why := self._stranger(act)) or (why := self._misplaced(act)):
            log.info("refused at the door", why=why, how=act.how)
            return Answer((await self._refusal(house, act, why),), refused=why)
        if act.root:
            case = await self._case_of(house, act)
            if not case:
                unheard = (await self._refusal(house, act, "no_case"),) if act.how == "shortcut" else ()
                return Answer(unheard, refused="no_case")
            act = replace(act, heard=replace(act.heard, thread=case))
        return await house.hear(act.heard)

    async def open_form(self, act: Act, answer: Answer, began: float, now: Callable[[], float]) -> bool:
        """Ask in a form what the click still needs; whether it was opened."""
        left = FOR_A_FORM - (now() - began)
        if answer.wanted is None or not act.trigger or left <= 0:
            return False
        view = forms.view(answer.wanted, act.thread, act.heard.person)
        if view is None:
            return False
        try:
            async with asyncio.timeout(left):
                await self._line.do("views.open", trigger_id=act.trigger, view=view)
        except (ChatError, TimeoutError) as error:
            log.info("a form was not opened; the question stands as a message", why=type(error).__name__)
            return False
        return True

    def tell(self, act: Act, answer: Answer, *, without_first: bool = False) -> None:
        """Tell the person, after the acknowledgement."""
        if answer.repeated:
            return
        refused = bool(answer.refused)
        cards = tuple(card for card in answer.cards if worth_telling(act, card, refused=refused))
        cards = cards[1:] if without_first else cards
        if cards:
            self._errands.start(self._answers.tell(self.known_house(), act, cards), "a private answer")

    async def meanwhile(self, act: Act, answer: Answer) -> tuple[Card, ...]:
        """What a command is answered that is judged later: a command without an answer looks lost."""
        if not answer.later:
            return ()
        return (sentence(await self._copy(self.known_house(), act), "told.looking_up"),)

    def ask(self, act: Act, asks: str) -> None:
        """The form was closed: what was asked in it is still wanted, so it stands as a message."""

        async def asked() -> None:
            house = self.known_house()
            copy = await self._copy(house, act)
            await self._answers.tell(house, act, (sentence(copy, f"ask.{asks}"),))

        if not self._stranger(act):
            self._errands.start(asked(), "the question of a closed form")

    # ------------------------------------------------------------------ whose it is

    def _stranger(self, act: Act) -> str:
        """Why this is nobody of ours, or "". Fails closed: what Slack does not say is refused."""
        itself = self._line.itself
        if itself is None:
            raise NotReady
        if not ours(act.home or itself.team, itself) or not ours(act.team, itself) or act.shared:
            return "stranger"
        return ""

    def _misplaced(self, act: Act) -> str:
        """Why nothing may be decided where this was done, or ""."""
        if act.private or act.passing or act.how in ("command", "shortcut"):
            return ""
        if act.channel != self._channel.id:
            return "public_channel"
        wrong = self._channel.refuses()
        return wrong if wrong in OPEN_TO_OTHERS or wrong == "channel_unchecked" else ""

    async def _case_of(self, house: House, act: Act) -> str:
        """The case in whose thread this was done, or ""."""
        if act.channel != self._channel.id:
            return ""
        try:
            post = await house.post_at(act.channel, act.root)
        except StoreError:
            return ""
        return post.case if post is not None else ""

    async def _refusal(self, house: House, act: Act, why: str) -> Card:
        return refusal(await self._copy(house, act), why, "", {})

    async def _copy(self, house: House, act: Act) -> Copy:
        """The sentences in this person's language."""
        try:
            known = await house.person(act.heard.person)
        except StoreError:
            known = None
        return load((known.language if known is not None else "") or self._language)

    def known_house(self) -> House:
        """Raises NotReady."""
        if self.house is None:
            raise NotReady
        return self.house
