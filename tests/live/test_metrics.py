"""What is counted of the calls to a platform, and what is read of the record when somebody asks."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from bot.errors import ChatError
from bot.live.metrics import CountedChat, Metrics, Waiting
from bot.playbook.card import Card
from bot.ports import Outgoing
from bot.rows import Timer
from bot.runtime.clocks import SettableClock
from bot.runtime.scripted import ScriptedChat
from bot.store.sqlite import SqliteStore

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
POST = Outgoing("OFB-1/1/1", "OFB-1", "slack:U1", Card(kind="told", title="", summary="Hello."))


def test_every_call_is_counted_by_its_outcome_and_passed_on() -> None:
    async def play() -> None:
        measured = Metrics()
        scripted = ScriptedChat("slack", lambda to: to.startswith("slack:"))
        chat = CountedChat(scripted, measured)
        assert chat.serves("slack:U1")
        assert not chat.serves("wecom:mei")
        assert chat.paces == scripted.paces
        message = await chat.say(POST)
        await chat.amend(message, POST)
        assert await chat.find(POST) == message
        scripted.will("rejected")
        with pytest.raises(ChatError):
            await chat.say(Outgoing("OFB-1/2/2", "OFB-1", "slack:U1", POST.card))
        found = {
            (sample.labels["method"], sample.labels["outcome"]): sample.value
            for metric in measured.registry.collect()
            for sample in metric.samples
            if sample.name == "offboard_sends_total"
        }
        expected = {("say", "sent"): 1, ("amend", "sent"): 1, ("find", "sent"): 1, ("say", "rejected"): 1}
        assert found == expected

    asyncio.run(play())


def test_the_queue_the_timers_and_the_troubles_are_read_when_asked(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "a.db") as store:
        hour = NOW - timedelta(hours=1)
        store.transact(
            lambda tx: tx.queue(
                lane="OFB-1/a/1/x", case="OFB-1", to="slack:U1", kind="say", effect=b"{}", priority=0, due=hour
            )
        ).result()
        store.transact(lambda tx: tx.wake(Timer("OFB-1", "due", 1, 1, NOW - timedelta(seconds=90)))).result()
        measured = Metrics()
        troubles = {"outbox": "", "slack": "gone"}
        measured.registry.register(Waiting(store, SettableClock(NOW), lambda: troubles))
        text = generate_latest(measured.registry).decode()
        for line in (
            'offboard_outbox_messages{state="waiting"} 1.0',
            'offboard_outbox_messages{state="parked"} 0.0',
            "offboard_outbox_oldest_seconds 3600.0",
            "offboard_timer_late_seconds 90.0",
            'offboard_trouble{part="slack"} 1.0',
            'offboard_trouble{part="outbox"} 0.0',
        ):
            assert line in text.splitlines()


def test_a_record_that_cannot_be_read_leaves_the_troubles_to_be_seen(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "a.db")
    store.close()
    measured = Metrics()
    measured.registry.register(Waiting(store, SettableClock(NOW), lambda: {"store": "shut"}))
    assert 'offboard_trouble{part="store"} 1.0' in generate_latest(measured.registry).decode()
