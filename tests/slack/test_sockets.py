"""Socket Mode: the same conversation over a line that we open."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.slack.human import Json
from tests.slack.office import ADMINS_CHANNEL, CHEN, LIN, Office, office


async def deliver(here: Office, body: Json, kind: str) -> Json | None:
    """One envelope; what was acknowledged."""
    slack = here.slack
    id = f"env-{slack.next_ts()}"
    envelope = {"envelope_id": id, "type": kind, "payload": body, "accepts_response_payload": True}
    await slack.sockets[-1].send_json({**envelope, "retry_attempt": 0})
    await slack.until(lambda: any(ack.get("envelope_id") == id for ack in slack.acks))
    found: Json | None = next(ack for ack in slack.acks if ack.get("envelope_id") == id).get("payload")
    return found


def test_a_case_begins_over_the_socket_with_no_way_in_over_http(tmp_path: Path) -> None:
    async def test() -> None:
        async with office(tmp_path / "o.db", app_token="xapp-scripted") as here:
            await here.slack.until(lambda: bool(here.slack.sockets))
            answer = await deliver(here, here.human(LIN).commanded(""), "slash_commands")
            assert answer is not None
            assert answer["response_type"] == "ephemeral"
            await here.settle()
            press = here.human(CHEN).pressed(*here.offer(CHEN, "start", place=ADMINS_CHANNEL), "start")
            assert await deliver(here, press, "interactive") is None
            day = here.human(CHEN).typed(
                "2026-12-04", channel=ADMINS_CHANNEL, channel_type="group", thread_ts=here.card()["ts"]
            )
            assert await deliver(here, day, "events_api") is None
            await here.settle()
            assert str(here.case().last_day) == "2026-12-04"
            assert here.edge.trouble() == ""

    asyncio.run(test())


def test_what_is_not_slacks_is_not_acknowledged_and_the_line_stays(tmp_path: Path) -> None:
    async def test() -> None:
        async with office(tmp_path / "o.db", app_token="xapp-scripted") as here:
            await here.slack.until(lambda: bool(here.slack.sockets))
            bad: Json = {"envelope_id": "bad", "type": "events_api", "payload": {"type": "event_callback", "event": 7}}
            await here.slack.sockets[-1].send_json(bad)
            await deliver(here, here.human(LIN).commanded(""), "slash_commands")
            assert [ack["envelope_id"] for ack in here.slack.acks if ack["envelope_id"] == "bad"] == []
            await here.settle()
            assert here.cases() == 1

    asyncio.run(test())


def test_a_line_that_breaks_is_opened_again(tmp_path: Path) -> None:
    async def test() -> None:
        async with office(tmp_path / "o.db", app_token="xapp-scripted") as here:
            await here.slack.until(lambda: bool(here.slack.sockets))
            await here.slack.sockets[0].close()
            await here.slack.until(lambda: len(here.slack.sockets) > 1, seconds=20)
            assert (await deliver(here, here.human(LIN).commanded(""), "slash_commands")) is not None

    asyncio.run(test())


def test_an_app_token_that_is_not_taken_is_a_trouble(tmp_path: Path) -> None:
    async def test() -> None:
        async with office(tmp_path / "o.db", app_token="xapp-another-one") as here:
            assert "SLACK_APP_TOKEN" in here.edge.trouble()

    asyncio.run(test())
