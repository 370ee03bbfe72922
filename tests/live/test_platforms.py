"""`offboard run` between people and the stand-ins of both platforms: everything over real HTTP, nothing imported."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path

import aiohttp
import pytest

from bot.ports import Clock
from bot.runtime.clocks import RealClock
from bot.slack.scripted import ScriptedSlack
from bot.wecom.crypto import keys
from bot.wecom.standin import Standin
from bot.wecom.standin_push import Pusher
from tests.live.process import Process, ask, offboard, running
from tests.live.waiting import until
from tests.slack.human import SECRET, Human

CORP, AGENT, WECOM_SECRET = "ww1234567890abcdef", 1000002, "wecom-secret-canary"
TOKEN, AES_KEY = "QDG6eKcanary", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"


def wall() -> float:
    return RealClock().now().timestamp()


def slack_settings(slack: ScriptedSlack) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": slack.token,
        "SLACK_SIGNING_SECRET": SECRET,
        "OFFBOARD_SLACK_API_URL": slack.api_url,
        "OFFBOARD_SLACK_ADMIN_CHANNEL": "G0ADMINS",
        "OFFBOARD_ADMINS": "slack:U0CHEN",
        "OFFBOARD_LANGUAGE": "en",
    }


async def workspace(slack: ScriptedSlack) -> None:
    for user, name in {"U00LIN": "Lin Wei", "U0CHEN": "Chen Jie"}.items():
        slack.join(user, name)
    slack.channel("G0ADMINS")


async def address_of(bot: Process) -> str:
    return await asyncio.to_thread(lambda: bot.address)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_leaver_in_slack_begins_the_admins_see_it_and_it_is_there_after_a_restart(
    tmp_path: Path, how: signal.Signals
) -> None:
    async def play() -> None:
        async with ScriptedSlack() as slack, aiohttp.ClientSession() as session:
            await workspace(slack)
            with running(tmp_path, **slack_settings(slack)) as bot:
                address = await address_of(bot)
                assert await asyncio.to_thread(ask, address, "/readyz") == (200, {"ready": True, "reasons": []})
                lin = Human(slack, session, f"{address}/slack/events", "U00LIN", wall)
                status, _ = await lin.command()
                assert status == 200
                (card, *_) = await until(lambda: slack.messages.get("G0ADMINS"))
                assert "OFB-1" in json.dumps(card)
                assert await asyncio.to_thread(bot.end, how) == (0 if how is signal.SIGTERM else -how)
                said = "".join(bot.lines)
                assert slack.token not in said
                assert SECRET not in said
            listed = await asyncio.to_thread(offboard, "case", "list", "--json", at=tmp_path)
            assert [(case["case"], case["leaver"]) for case in json.loads(listed.stdout)] == [("OFB-1", "Lin Wei")]
            with running(tmp_path, **slack_settings(slack)) as bot:
                address = await address_of(bot)
                lin = Human(slack, session, f"{address}/slack/events", "U00LIN", wall)
                status, answer = await lin.command("status")
                assert status == 200
                assert "OFB-1" in json.dumps(answer)
                assert await asyncio.to_thread(bot.end) == 0

    asyncio.run(play())


def test_a_forged_delivery_is_refused_at_the_door(tmp_path: Path) -> None:
    async def play() -> None:
        async with ScriptedSlack() as slack, aiohttp.ClientSession() as session:
            await workspace(slack)
            with running(tmp_path, **slack_settings(slack)) as bot:
                address = await address_of(bot)
                async with session.post(f"{address}/slack/events", data=b"{}") as answer:
                    assert answer.status == 401
                assert await asyncio.to_thread(bot.end) == 0

    asyncio.run(play())


def test_without_a_signing_secret_slack_is_not_served_over_http_at_all(tmp_path: Path) -> None:
    async def play() -> None:
        async with ScriptedSlack() as slack, aiohttp.ClientSession() as session:
            await workspace(slack)
            settings = slack_settings(slack) | {"SLACK_SIGNING_SECRET": "", "SLACK_APP_TOKEN": slack.app_token}
            with running(tmp_path, **settings) as bot:
                address = await address_of(bot)
                async with session.post(f"{address}/slack/events", data=b"{}") as answer:
                    assert answer.status == 404
                assert await asyncio.to_thread(bot.end) == 0

    asyncio.run(play())


def test_a_platform_that_lets_us_in_no_more_makes_it_unready_with_the_reason(tmp_path: Path) -> None:
    async def play() -> None:
        async with ScriptedSlack() as slack:
            await workspace(slack)
            slack.revoked = "token_revoked"
            with running(tmp_path, **slack_settings(slack)) as bot:
                status, said = await asyncio.to_thread(ask, await address_of(bot), "/readyz")
                assert status == 503
                assert any(reason.startswith("slack: ") and "token" in reason for reason in said["reasons"])
                assert await asyncio.to_thread(bot.end) == 0

    asyncio.run(play())


def test_both_platforms_are_served_by_one_process(tmp_path: Path) -> None:
    async def play() -> None:
        clock: Clock = RealClock()
        async with ScriptedSlack() as slack, aiohttp.ClientSession() as session:
            await workspace(slack)
            with Standin(corp=CORP, secret=WECOM_SECRET, agent=AGENT, clock=clock) as wecom:
                wecom.join("lin", "林小满")
                wecom.join("mei", "梅")
                settings = slack_settings(slack) | {
                    "WECOM_CORP_ID": CORP,
                    "WECOM_AGENT_ID": str(AGENT),
                    "WECOM_SECRET": WECOM_SECRET,
                    "WECOM_TOKEN": TOKEN,
                    "WECOM_AES_KEY": AES_KEY,
                    "OFFBOARD_WECOM_API_URL": wecom.api_url,
                    "OFFBOARD_ADMINS": "slack:U0CHEN,wecom:mei",
                }
                with running(tmp_path, **settings) as bot:
                    address = await address_of(bot)
                    assert bot.logged("ready")["platforms"] == ["slack", "wecom"]
                    pusher = Pusher(wecom, keys(TOKEN, AES_KEY, CORP), f"{address}/wecom/callback")
                    assert (await asyncio.to_thread(pusher.check))[0] == 200
                    assert await asyncio.to_thread(pusher.types, "lin", "/offboard") == [200]
                    assert await until(lambda: wecom.seen("lin"))
                    human = Human(slack, session, f"{address}/slack/events", "U00LIN", wall)
                    assert (await human.command())[0] == 200
                    assert await until(lambda: slack.messages.get("G0ADMINS"))
                    assert await asyncio.to_thread(bot.end) == 0
                    said = "".join(bot.lines)
                    assert [secret for secret in (WECOM_SECRET, TOKEN, AES_KEY, SECRET) if secret in said] == []

    asyncio.run(play())
