"""The whole story in a Slack that nobody here wrote: `offboard run` as a process, people who type, press and fill in.

The emulator signs what it sends and keeps what it is sent; over HTTP in English, over Socket Mode in Chinese. No time
passes here but the real one, so the account of the story has no keys that would have to rest.
"""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.runtime.clocks import RealClock
from tests.live.process import Process, ask, offboard, running
from tests.live.waiting import until
from tests.witness.emulator import (
    ADMINS,
    APP_TOKEN,
    BINARY,
    BOT_TOKEN,
    PUBLIC,
    SIGNING,
    Emulator,
    configuration,
    emulator,
    free_port,
)

Json = dict[str, Any]

pytestmark = [
    pytest.mark.node,
    pytest.mark.skipif(not BINARY.exists(), reason="the emulator local-slack is not here: `make witness` fetches it"),
]

LIN, ZHAO, CHEN = "U00LIN", "U0ZHAO", "U0CHEN"
PEOPLE = {LIN: "Lin Wei", ZHAO: "Zhao Yun", CHEN: "Chen Jie"}


@dataclass
class Scene:
    slack: Emulator
    bot: Process
    at: Path

    async def show(self) -> Json:
        """The case, as the command shows it."""
        shown = await asyncio.to_thread(offboard, "case", "show", "OFB-1", "--json", at=self.at)
        assert shown.returncode == 0, shown.stderr
        return dict(json.loads(shown.stdout))


@asynccontextmanager
async def scene(at: Path, mode: str, language: str) -> AsyncIterator[Scene]:
    """`mode` is `events` (over HTTP) or `socket`."""
    ours, theirs = free_port(), free_port()
    address = f"http://127.0.0.1:{ours}"
    async with emulator(at, theirs, configuration(mode, PEOPLE, f"{address}/slack/events")) as slack:
        settings = {
            "OFFBOARD_LISTEN": f"127.0.0.1:{ours}",
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "OFFBOARD_SLACK_API_URL": f"{slack.at}/api/",
            "OFFBOARD_SLACK_ADMIN_CHANNEL": ADMINS,
            "OFFBOARD_ADMINS": f"slack:{CHEN}",
            "OFFBOARD_LANGUAGE": language,
            "OFFBOARD_PLAYBOOKS": "tencent_cloud/root_account",
        }
        settings |= {"SLACK_APP_TOKEN": APP_TOKEN} if mode == "socket" else {"SLACK_SIGNING_SECRET": SIGNING}
        with running(at, **settings) as bot:
            await asyncio.to_thread(lambda: bot.address)
            await until(lambda: ask(address, "/readyz")[0] == 200)
            yield Scene(slack, bot, at)
            assert await asyncio.to_thread(bot.end, signal.SIGTERM) == 0
            said = "".join(bot.lines)
            assert [secret for secret in (BOT_TOKEN, APP_TOKEN, SIGNING) if secret in said] == []


RECEIPT = {"en": "Keep this message.", "zh-CN": "交接回执"}
DAY_ASKED = {"en": "Which day is the last one?", "zh-CN": "最后工作日是哪一天"}
REASON = "It is still the old one."


async def to_a_plan(slack: Emulator, day_asked: str, personal: str, protection: str) -> None:
    """From the command to a plan. What the emulator cannot send with a button is typed."""
    await slack.command(LIN)
    await until(lambda: [said for said in slack.seen(LIN, PUBLIC) if said.get("ephemeral_to") == LIN])
    await slack.presses(CHEN, "start", channel=ADMINS)
    await until(lambda: day_asked in slack.texts(CHEN, ADMINS))
    day = (RealClock().now() + timedelta(days=30)).date().isoformat()
    await slack.says(CHEN, day, channel=ADMINS, thread=slack.places[ADMINS][0]["ts"])
    await asked(slack, "account")
    await slack.says(LIN, "100012345678")
    await slack.presses(LIN, "answer:registered_with:email")
    await asked(slack, "leavers")
    await slack.says(LIN, personal)
    await slack.presses(LIN, f"answer:protection:{protection}")
    await slack.presses(LIN, "answer:real_name:company")
    await slack.presses(LIN, "answer:root_keys:none")
    await asked(slack, "successor")
    await slack.says(LIN, f"<@{ZHAO}>")
    await slack.presses(CHEN, "successor:proposed", channel=ADMINS)
    await slack.presses(ZHAO, "accept")


async def asked(slack: Emulator, question: str) -> None:
    await until(lambda: f'"answer:{question}"' in slack.texts(LIN))


async def done(slack: Emulator, user: str, step: int, how: str = "looked") -> None:
    await slack.presses(user, "confirm", step=step)
    await slack.presses(CHEN, f"approve:{how}", step=step, channel=ADMINS)


async def sent_back(slack: Emulator, owner: str, step: int) -> None:
    """In a form, that wants a reason and stays open until it has one."""
    await slack.presses(CHEN, "send_back", step=step, channel=ADMINS)
    await until(lambda: slack.stack)
    await slack.fills(CHEN, words={"type": "plain_text_input", "value": "  "})
    await until(lambda: slack.errors)
    assert slack.stack, "what can be mended in the form keeps it open"
    assert set(slack.errors) <= {block.get("block_id") for block in slack.stack[0]["blocks"]}
    await slack.fills(CHEN, words={"type": "plain_text_input", "value": REASON})
    await until(lambda: not slack.stack)
    await until(lambda: REASON in slack.texts(owner) and not slack.offers(CHEN, "approve:looked", step, ADMINS))


async def over_http(slack: Emulator) -> None:
    """Six steps: by buttons, by typing, sent back, approved on their word, taken back."""
    await to_a_plan(slack, DAY_ASKED["en"], "1, 4", "phone")
    await done(slack, ZHAO, 1)
    await done(slack, LIN, 2)
    await until(lambda: slack.offers(LIN, "confirm", 3))
    await slack.says(LIN, "done")
    await sent_back(slack, LIN, 3)
    await done(slack, LIN, 3, "word")
    await slack.presses(LIN, "confirm", step=4)
    await slack.presses(LIN, "undo", step=4)
    await until(lambda: not slack.offers(CHEN, "approve:looked", 4, ADMINS))
    await done(slack, LIN, 4)
    await done(slack, ZHAO, 5)
    await done(slack, ZHAO, 6)


async def over_socket_mode(slack: Emulator) -> None:
    """Three steps; a form that was closed leaves its question; an old button says why it does nothing any more."""
    await to_a_plan(slack, DAY_ASKED["zh-CN"], "0", "company")
    await until(lambda: slack.offers(ZHAO, "confirm", 1))
    await slack.says(ZHAO, "完成")
    await slack.presses(CHEN, "send_back", step=1, channel=ADMINS)
    await until(lambda: slack.stack)
    await slack.closes(CHEN)
    await until(lambda: "需要改什么" in slack.texts(CHEN, ADMINS))
    await slack.presses(CHEN, "approve:looked", step=1, channel=ADMINS)
    for step in (2, 3):
        await done(slack, ZHAO, step)


@pytest.mark.parametrize(
    ("mode", "language", "story"),
    [
        pytest.param("events", "en", over_http, marks=pytest.mark.slow),  # a minute, most of it the pace of Slack
        ("socket", "zh-CN", over_socket_mode),
    ],
)
def test_the_whole_story_is_played_in_a_slack_that_nobody_here_wrote(
    tmp_path: Path, mode: str, language: str, story: Callable[[Emulator], Awaitable[None]]
) -> None:
    async def played() -> None:
        async with scene(tmp_path, mode, language) as here:
            slack = here.slack
            await slack.opens_home(LIN)
            await story(slack)
            await until(lambda: RECEIPT[language] in slack.texts(LIN))
            await until(lambda: LIN in slack.homes)
            shown = await here.show()
            assert shown["outcome"] == "handed_over", shown
            in_public = [said for said in slack.places[PUBLIC] if "ephemeral_to" not in said]
            assert in_public == [], "a departure is nobody's news"
            roots = [said for said in slack.places[ADMINS] if not said.get("thread_ts")]
            cards = [said for said in roots if "ephemeral_to" not in said]
            assert len(cards) == 1, "one living card for one case"
            assert all(said["text"].strip() for place in slack.places.values() for said in place)
            traffic = await slack.traffic()
            assert {one["summary"] for one in traffic if one["summary"].startswith("HTTP")} <= {"HTTP 200"}
            assert [one for one in traffic if one["direction"] == "internal"] == []
        verified = await asyncio.to_thread(offboard, "audit", "verify", at=tmp_path)
        assert verified.returncode == 0, verified.stderr

    asyncio.run(played())


def test_the_leaver_decides_nothing_in_their_own_case_and_is_told_so(tmp_path: Path) -> None:
    async def played() -> None:
        async with scene(tmp_path, "events", "en") as here:
            slack = here.slack
            await slack.command(LIN)
            await slack.presses(LIN, "start", channel=ADMINS)
            await until(lambda: [said for said in slack.seen(LIN, ADMINS) if said.get("ephemeral_to") == LIN])
            assert (await here.show())["status"] == "proposed"
            await slack.presses(CHEN, "start", channel=ADMINS)
            await until(lambda: DAY_ASKED["en"] in slack.texts(CHEN, ADMINS))

    asyncio.run(played())
