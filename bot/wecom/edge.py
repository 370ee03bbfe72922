"""WeCom as the server runs it: `make` puts the parts together, `open` lets them work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import structlog

from bot.core.case import PersonId
from bot.edges import Asgi, House, Upkeep
from bot.ports import Clock
from bot.rows import WecomSettings
from bot.wecom.answering import Sleep
from bot.wecom.api import Api, Refused, Unanswered, Unreached
from bot.wecom.callback import NotKept, callback, page
from bot.wecom.client import WecomChat
from bot.wecom.crypto import keys
from bot.wecom.gate import Gate
from bot.wecom.inbound import NAME
from bot.wecom.menu import install
from bot.wecom.notebook import Notebook
from bot.wecom.quota import PER_ACCOUNT
from bot.wecom.reception import Reception
from bot.wecom.record import Record

log = structlog.get_logger("offboard.wecom")

SENT = f"Person-times sent in 24 hours; WeCom lets an app send {PER_ACCOUNT} a day for each account of the corp"
PROBES_EVERY = 60.0
"""Seconds."""
CALLBACK, CONTACTS = "/wecom/callback", "/wecom/contacts"


def make(
    settings: WecomSettings,
    clock: Clock,
    *,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Sleep = asyncio.sleep,
) -> WecomEdge:
    """Raises ValueError for a token or a key that cannot be one."""
    return WecomEdge(settings, clock, monotonic, sleep)


class WecomEdge:
    """An Edge (bot/edges.py)."""

    name = NAME

    def __init__(self, settings: WecomSettings, clock: Clock, monotonic: Callable[[], float], sleep: Sleep) -> None:
        self._sleep = sleep
        self._settings = settings
        self._api = Api(settings.corp_id, settings.secret, settings.api_url, monotonic=monotonic)
        self.chat = WecomChat(settings, self._api, clock, monotonic=monotonic, on_missed=self._missed)
        self.directory = self.chat.directory
        self._gate = Gate("callback", keys(settings.token, settings.aes_key, settings.corp_id), clock)
        self._contacts = (
            Gate("contacts", keys(settings.contact_token, settings.contact_aes_key, settings.corp_id), clock)
            if settings.contact_token
            else None
        )
        self._clock = clock
        self.reception: Reception | None = None
        self._notebook: Notebook | None = None

    def routes(self) -> Mapping[str, Asgi]:
        found = {CALLBACK: callback(self._gate, self._message)}
        if self._contacts is not None:
            found[CONTACTS] = callback(self._contacts, self._contact)
        if self._settings.domain_file_name:
            found[f"/{self._settings.domain_file_name}"] = page(self._settings.domain_file_text)
        return found

    async def open(self, house: House) -> None:
        if isinstance(house, Upkeep):
            self.chat.tag = await house.tag()
            self._notebook = Notebook(self.chat.quota, house, self._clock)
            await self._notebook.begins()
            house.counts("offboard_wecom_person_times", SENT, self.chat.quota.today)
        self.chat.who_decides = house.admins
        self.reception = Reception(self._settings, house, self.chat, self.directory, self._sleep)
        self._stop = asyncio.Event()
        await self.reception.gathering.look()
        beside = [self.reception.renews(self._stop), self.reception.returns.asks(), self._has_menu(), self._probes()]
        beside += [self._notebook.keeps()] if self._notebook is not None else []
        self._beside = [asyncio.create_task(work) for work in beside]

    async def close(self) -> None:
        reception, self.reception = self.reception, None
        if reception is not None:
            self._stop.set()
            for task in self._beside:
                task.cancel()
            await reception.close()
        self.chat.close()
        if reception is not None and self._notebook is not None:
            await self._notebook.ends()
        self._api.close()

    def trouble(self) -> str:
        return self.chat.trouble

    async def touched(self, people: Sequence[PersonId]) -> None:
        """WeCom has no page of its own for a person: what waits is shown when they ask."""

    async def _message(self, record: Record, plain: bytes) -> None:
        await self._open().message(record, plain)

    async def _contact(self, record: Record, plain: bytes) -> None:
        await self._open().contact(record, plain)

    async def _missed(self, users: tuple[str, ...]) -> None:
        if self.reception is not None:
            await self.reception.missed(users)

    async def _probes(self) -> None:
        """Until it is cancelled: whether a trouble is over."""
        while True:
            await asyncio.sleep(PROBES_EVERY)
            await self.chat.probes()

    async def _has_menu(self) -> None:
        """Puts our menu there where there is none; a company's own is left alone."""
        put = partial(install, self._api, self._settings.agent_id, self._settings.language)
        try:
            await asyncio.get_running_loop().run_in_executor(self.chat.pool, put)
        except (Refused, Unreached, Unanswered) as error:
            log.warning("the menu could not be looked at", why=str(error), mend="offboard doctor --wecom")

    def _open(self) -> Reception:
        if self.reception is None:
            raise NotKept
        return self.reception
