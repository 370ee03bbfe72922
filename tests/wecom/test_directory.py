"""Who somebody is, as the corp's address book says it."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import Gone
from bot.wecom.api import Api
from bot.wecom.directory import WecomDirectory
from bot.wecom.workers import Workers
from tests.wecom.corp import CORP, SECRET, HandClock, corp


def look_up(id: str, **member: object) -> str:
    with corp(clock := HandClock()) as wecom:
        wecom.members["lin"] |= member
        api, pool = Api(CORP, SECRET, wecom.api_url, monotonic=clock.monotonic), Workers(1)
        try:
            row = asyncio.run(WecomDirectory(api, pool).look_up(id))
        finally:
            pool.shutdown(wait=False)
            api.close()
        return row.id


def test_an_id_is_the_same_whatever_its_case() -> None:
    assert look_up("wecom:lin") == "wecom:lin"


def test_an_answer_about_somebody_else_is_nobodys() -> None:
    with pytest.raises(Gone):
        look_up("wecom:lin", userid="zhao")
