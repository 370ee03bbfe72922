"""`offboard run` between both chats at once, killed twice in the middle of a handover, and gone on with."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
from pathlib import Path
from typing import Any

import aiohttp

from bot.runtime.clocks import RealClock
from bot.runtime.failpoints import KILLED
from bot.slack.scripted import ScriptedSlack
from bot.wecom.crypto import keys
from bot.wecom.standin import Standin
from bot.wecom.standin_push import Pusher
from tests.live.mixed import ANSWERS, CHANNEL, SLACK, WECOM
from tests.live.process import Process, offboard, running
from tests.live.waiting import until
from tests.slack.human import SECRET, Human, offered
from tests.wecom.corp import AES_KEY, AGENT, CORP, TOKEN, environment
from tests.wecom.corp import SECRET as WECOM_SECRET

CHEN = "U0CHEN"


class Town:
    """`bot` is the process of now; what people see outlives it."""

    def __init__(self, at: Path, slack: ScriptedSlack, wecom: Standin, session: aiohttp.ClientSession) -> None:
        self.at, self.slack, self.wecom, self.session = at, slack, wecom, session

    def settings(self, **more: str) -> dict[str, str]:
        return {
            "OFFBOARD_ADMINS": f"slack:{CHEN},wecom:zhao",
            "OFFBOARD_PLAYBOOKS": "tencent_cloud/root_account",
            "OFFBOARD_KEY": "a long random text for a test of two chats",
            "SLACK_BOT_TOKEN": self.slack.token,
            "SLACK_SIGNING_SECRET": SECRET,
            "OFFBOARD_SLACK_API_URL": self.slack.api_url,
            "OFFBOARD_SLACK_ADMIN_CHANNEL": CHANNEL,
            **environment(self.wecom),
            **more,
        }

    async def at_door(self, bot: Process) -> tuple[Pusher, Human]:
        address = await asyncio.to_thread(lambda: bot.address)
        pusher = Pusher(self.wecom, keys(TOKEN, AES_KEY, CORP), f"{address}/wecom/callback")
        now = lambda: RealClock().now().timestamp()  # noqa: E731
        return pusher, Human(self.slack, self.session, f"{address}/slack/events", CHEN, now)

    def facts(self, kind: str) -> int:
        with sqlite3.connect(self.at / "offboard.db") as conn:
            return int(conn.execute("SELECT count(*) FROM facts WHERE kind = ?", (kind,)).fetchone()[0])

    async def told(self, kind: str, count: int = 1) -> None:
        """Until so many facts of this kind are in the record."""
        await until(lambda: self.facts(kind) >= count)

    def in_channel(self, verb: str) -> str:
        """The newest message in the admins' channel that offers this; "" for none."""
        for said in reversed(self.slack.messages.get(CHANNEL, [])):
            try:
                offered(said, verb)
            except LookupError:
                continue
            return str(said["ts"])
        return ""

    def in_wecom(self, user: str, verb: str) -> bool:
        try:
            return bool(self.wecom.newest(user, verb))
        except LookupError:
            return False


async def begins(town: Town, bot: Process) -> None:
    """From the first word to an accepted successor: a leaver and a successor in WeCom, an admin in Slack."""
    pusher, chen = await town.at_door(bot)

    async def types(user: str, text: str) -> None:
        assert await asyncio.to_thread(pusher.types, user, text) == [200]

    assert (await chen.command("help"))[0] == 200
    await types("sun", "帮助")
    await types("lin", "离职交接")
    ts = await until(lambda: town.in_channel("start"))
    assert await chen.presses(CHANNEL, ts, "start") == 200
    await town.told("agreed")
    assert await chen.says("move OFB-1 2026-12-04") == 200
    await town.told("moved")
    for number, answer in enumerate(ANSWERS, start=1):
        await types("lin", answer)
        await town.told("answered", number)
    await types("lin", "孙一")
    ts = await until(lambda: town.in_channel("successor:proposed"))
    assert await chen.presses(CHANNEL, ts, "successor:proposed") == 200
    await until(lambda: town.in_wecom("sun", "accept"))
    assert await asyncio.to_thread(pusher.presses, "sun", "accept") == [200]


def test_a_handover_in_two_chats_goes_on_after_the_process_was_killed_twice(tmp_path: Path) -> None:
    async def play() -> None:
        async with ScriptedSlack() as slack, aiohttp.ClientSession() as session:
            for user, name in SLACK.items():
                slack.join(user, name)
            slack.channel(CHANNEL)
            with Standin(corp=CORP, secret=WECOM_SECRET, agent=AGENT, clock=RealClock()) as wecom:
                for user, name in WECOM.items():
                    wecom.join(user, name)
                town = Town(tmp_path, slack, wecom, session)
                with running(tmp_path, **town.settings()) as bot:
                    await begins(town, bot)
                    assert await asyncio.to_thread(bot.end, signal.SIGKILL) == -signal.SIGKILL

                with running(tmp_path, **town.settings(OFFBOARD_FAILPOINT="queued:1")) as bot:
                    pusher, _ = await town.at_door(bot)
                    await until(lambda: town.in_wecom("sun", "confirm"))
                    click = pusher.click("sun", "confirm")
                    assert set(await asyncio.to_thread(pusher.push, click)) == {0}, "it died before it could answer"
                    assert await asyncio.to_thread(bot.process.wait, 10) == KILLED
                    assert town.facts("confirmed") == 0, "and nothing of it was kept"

                with running(tmp_path, **town.settings()) as bot:
                    pusher, chen = await town.at_door(bot)
                    assert await asyncio.to_thread(pusher.push, click) == [200]
                    assert await asyncio.to_thread(pusher.push, click) == [200]
                    assert town.facts("confirmed") == 1
                    ts = await until(lambda: town.in_channel("approve:looked"))
                    await until(lambda: town.in_wecom("zhao", "approve@looked"))
                    status, statuses = await asyncio.gather(
                        chen.presses(CHANNEL, ts, "approve:looked"),
                        asyncio.to_thread(pusher.presses, "zhao", "approve@looked"),
                    )
                    assert (status, statuses) == (200, [200])
                    await town.told("approved")
                    await until(lambda: "Done" in str(slack.message(CHANNEL, ts)))
                    await until(lambda: not town.in_wecom("zhao", "approve@looked"))
                    assert town.facts("approved") == 1, "two admins, one decision"
                    assert await asyncio.to_thread(bot.end) == 0
                verified = await asyncio.to_thread(offboard, "audit", "verify", "--json", at=tmp_path)
                assert verified.returncode == 0, verified.stdout
                assert not json.loads(verified.stdout)["broken"]
                roots: list[Any] = [said for said in slack.messages[CHANNEL] if "thread_ts" not in said]
                assert len(roots) == 1, "one living card for one case"

    asyncio.run(play())
