"""One case in two chats: a Slack that nobody here wrote, and the stand-in of WeCom, with `offboard run` between them.

Each person is named by id and does everything in their own chat: types, presses, fills in. No time passes here but the
real one, so the account of the story has no keys that would have to rest.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from bot.core.effects import ADMINS as ALL_ADMINS
from bot.playbook.card import Card
from bot.runtime.clocks import RealClock
from bot.wecom.crypto import keys
from bot.wecom.standin import Standin
from bot.wecom.standin_push import Pusher
from tests.live.process import offboard, running
from tests.live.waiting import until
from tests.wecom.corp import AES_KEY, AGENT, CORP, SECRET, TOKEN, environment
from tests.witness.emulator import (
    ADMINS,
    BINARY,
    BOT_TOKEN,
    PUBLIC,
    SIGNING,
    Emulator,
    configuration,
    emulator,
    free_port,
)

pytestmark = [
    pytest.mark.node,
    pytest.mark.slow,  # two minutes each, most of it the pace of both platforms; .ci/run plays the short one
    pytest.mark.skipif(not BINARY.exists(), reason="the emulator local-slack is not here: `make witness` fetches it"),
]

SLACK = {"U00LIN": "Lin Wei", "U0ZHAO": "Zhao Yun", "U0CHEN": "Chen Jie"}
WECOM = {"lin": "林小满", "sun": "孙一", "zhao": "赵平"}
REASON = {"slack": "It is still the old one.", "wecom": "还是原来的号码。"}
A_MINUTE = 75.0
"""Seconds within which WeCom's limit per member and minute has let the next card through: nobody real is so quick."""
SHOWN_TO_ADMINS = ("start", "approve", "send_back", "successor")


class Roles(NamedTuple):
    leaver: str
    admin: str
    successor: str
    other_admin: str


LEAVER_IN_WECOM = Roles("wecom:lin", "slack:U0CHEN", "slack:U0ZHAO", "wecom:zhao")
LEAVER_IN_SLACK = Roles("slack:U00LIN", "wecom:zhao", "wecom:sun", "slack:U0CHEN")


def chat_of(who: str) -> str:
    return who.partition(":")[0]


def user_of(who: str) -> str:
    return who.partition(":")[2]


class Town:
    """Both chats, and what people do in them. What they press is waited for, as a person would."""

    def __init__(self, at: Path, slack: Emulator, wecom: Standin, address: str) -> None:
        self.at, self.slack, self.wecom = at, slack, wecom
        self.pusher = Pusher(wecom, keys(TOKEN, AES_KEY, CORP), f"{address}/wecom/callback")

    async def types(self, who: str, text: str) -> None:
        """A command in Slack, where it is one; else in private."""
        if chat_of(who) == "wecom":
            assert await asyncio.to_thread(self.pusher.types, user_of(who), text) == [200]
        elif text.startswith("/offboard"):
            await self.slack.command(user_of(who), text.removeprefix("/offboard").strip())
        else:
            await self.slack.says(user_of(who), text)

    async def presses(self, who: str, verb: str, step: int = 0) -> None:
        if chat_of(who) == "slack":
            place = ADMINS if verb.startswith(SHOWN_TO_ADMINS) else ""
            await self.slack.presses(user_of(who), verb, step=step, channel=place)
            return
        name = verb.replace(":", "@")
        if step:
            name = f"{name}{'@' if '@' in name else '@@'}OFB-1@{step}"
        await until(lambda: self.has(who, name), A_MINUTE)
        assert await asyncio.to_thread(self.pusher.presses, user_of(who), name) == [200]

    def has(self, who: str, name: str) -> bool:
        try:
            return bool(self.wecom.newest(user_of(who), name))
        except LookupError:
            return False

    def told(self, who: str) -> str:
        """All that they read in private, as text."""
        if chat_of(who) == "slack":
            return self.slack.texts(user_of(who))
        return json.dumps(self.wecom.seen(user_of(who)), ensure_ascii=False)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.at / "offboard.db") as conn:
            return conn.execute(sql).fetchall()

    async def recorded(self, kind: str, count: int = 1) -> None:
        await until(lambda: self.rows(f"SELECT count(*) FROM facts WHERE kind = '{kind}'")[0][0] >= count)  # noqa: S608

    async def arrived(self) -> None:
        """Until nothing is on its way any more."""
        await until(lambda: self.rows("SELECT count(*) FROM outbox") == [(0,)], A_MINUTE)

    def status(self, step: int) -> str:
        ((state,),) = self.rows("SELECT state FROM cases")
        return str(json.loads(state)["steps"][step - 1]["status"])


@asynccontextmanager
async def town(at: Path, who: Roles) -> AsyncIterator[Town]:
    ours, theirs = free_port(), free_port()
    address = f"http://127.0.0.1:{ours}"
    async with emulator(at, theirs, configuration("events", SLACK, f"{address}/slack/events")) as slack:
        with Standin(corp=CORP, secret=SECRET, agent=AGENT, clock=RealClock()) as wecom:
            for user, name in WECOM.items():
                wecom.join(user, name)
            settings = {
                "OFFBOARD_LISTEN": f"127.0.0.1:{ours}",
                "OFFBOARD_ADMINS": f"{who.admin},{who.other_admin}",
                "OFFBOARD_PLAYBOOKS": "tencent_cloud/root_account",
                "OFFBOARD_KEY": "a long random text for a test of two chats",
                "SLACK_BOT_TOKEN": BOT_TOKEN,
                "SLACK_SIGNING_SECRET": SIGNING,
                "OFFBOARD_SLACK_API_URL": f"{slack.at}/api/",
                "OFFBOARD_SLACK_ADMIN_CHANNEL": ADMINS,
                **environment(wecom),
            }
            with running(at, **settings) as bot:
                assert await asyncio.to_thread(lambda: bot.address) == address
                here = Town(at, slack, wecom, address)
                yield here
                assert await asyncio.to_thread(bot.end, signal.SIGTERM) == 0
                said = "".join(bot.lines)
                assert [secret for secret in (BOT_TOKEN, SIGNING, SECRET, TOKEN, AES_KEY) if secret in said] == []


async def known(here: Town, who: Roles) -> None:
    """Everybody has written to the bot once, and who is in Slack reads English: the emulator knows no locale."""
    for one in who:
        if chat_of(one) == "slack":
            await here.types(one, "/offboard language en")
            await until(lambda one=one: here.slack.private(user_of(one)))  # type: ignore[misc]
        else:
            await here.types(one, "帮助")
            await until(lambda one=one: here.wecom.seen(user_of(one)))  # type: ignore[misc]


async def to_a_plan(here: Town, who: Roles, personal: str, protection: str) -> None:
    await known(here, who)
    await here.types(who.leaver, "/offboard" if chat_of(who.leaver) == "slack" else "离职交接")
    await here.presses(who.admin, "start")
    await here.recorded("agreed")
    day = (RealClock().now() + timedelta(days=30)).date().isoformat()
    await here.types(who.admin, f"move OFB-1 {day}")
    await here.recorded("moved")
    answers = ("100012345678", "1", personal, protection, "2", "2")
    for number, answer in enumerate(answers, start=1):
        await here.arrived()  # nobody answers what they have not read
        await here.types(who.leaver, answer)
        await here.recorded("answered", number)
    await here.arrived()
    await here.types(who.leaver, (SLACK | WECOM)[user_of(who.successor)])
    await here.presses(who.admin, "successor:proposed")
    await here.presses(who.successor, "accept")


async def done(here: Town, owner: str, admin: str, step: int, how: str = "looked") -> None:
    await here.presses(owner, "confirm", step)
    await here.presses(admin, f"approve:{how}", step)
    await until(lambda: here.status(step) == "done")


async def sent_back(here: Town, owner: str, admin: str, step: int) -> None:
    """Where there are forms the reason is filled in, where there are none it is the next message; the owner reads it in
    their own chat."""
    reason = REASON[chat_of(admin)]
    await here.presses(admin, "send_back", step)
    if chat_of(admin) == "slack":
        await until(lambda: here.slack.stack)
        await here.slack.fills(user_of(admin), words={"type": "plain_text_input", "value": reason})
    else:
        await until(lambda: "需要改什么" in here.told(admin))
        await here.types(admin, reason)
    await until(lambda: here.status(step) == "sent_back")
    await until(lambda: reason in here.told(owner), A_MINUTE)


async def both_records_say_it(here: Town, who: Roles) -> None:
    """Each message of the case is in its reader's language, each approved step was shown to the admins of both chats,
    and what was shown is kept."""
    texts = {hash: msgspec.json.decode(card, type=Card) for hash, card in here.rows("SELECT hash, data FROM texts")}
    posts = [(to, texts[hash]) for to, hash in here.rows("SELECT recipient, text_hash FROM posts")]
    assert posts
    wrong = []
    for to, card in posts:
        wanted = "zh-CN" if chat_of(to) == "wecom" or to.endswith("@wecom") else "en" if chat_of(to) == "slack" else ""
        if wanted and card.kind != "note" and card.language != wanted:
            wrong.append((to, card.kind, card.language))
    assert wrong == []
    ((state,),) = here.rows("SELECT state FROM cases")
    for step in (step for step in json.loads(state)["steps"] if step["status"] == "done"):
        shown = {to for to, card in posts if card.kind == "approval" and card.step == step["number"]}
        assert {ALL_ADMINS, f"{ALL_ADMINS}@wecom"} <= shown, step["id"]
    actors = {actor for (actor,) in here.rows("SELECT DISTINCT actor FROM facts")}
    assert set(who) <= actors
    assert here.wecom.silently_lost == 0
    assert [said for said in here.slack.places[PUBLIC] if "ephemeral_to" not in said] == []
    traffic = await here.slack.traffic()
    assert {one["summary"] for one in traffic if one["summary"].startswith("HTTP")} <= {"HTTP 200"}


@pytest.mark.parametrize("who", [LEAVER_IN_WECOM, LEAVER_IN_SLACK], ids=["leaver in WeCom", "leaver in Slack"])
def test_the_whole_story_is_played_in_both_chats_at_once(tmp_path: Path, who: Roles) -> None:
    async def play() -> None:
        async with town(tmp_path, who) as here:
            leaver, successor, admin, other = who.leaver, who.successor, who.admin, who.other_admin
            await to_a_plan(here, who, "1, 4", "1")
            await done(here, successor, admin, 1)
            await done(here, leaver, other, 2)
            await here.presses(leaver, "confirm", 3)
            await sent_back(here, leaver, admin, 3)
            await done(here, leaver, admin, 3, "word")
            await here.presses(leaver, "confirm", 4)
            await here.presses(leaver, "undo", 4)
            await until(lambda: here.status(4) == "open")
            await here.arrived()  # so that nobody presses the card of before
            await done(here, leaver, other, 4)
            await done(here, successor, admin, 5)
            await done(here, successor, admin, 6)
            receipt = "交接回执" if chat_of(leaver) == "wecom" else "Keep this message."
            await until(lambda: receipt in here.told(leaver), A_MINUTE)
            await here.arrived()
            await both_records_say_it(here, who)
        shown = await asyncio.to_thread(offboard, "case", "show", "OFB-1", "--json", at=tmp_path)
        assert json.loads(shown.stdout)["outcome"] == "handed_over", shown
        verified = await asyncio.to_thread(offboard, "audit", "verify", at=tmp_path)
        assert verified.returncode == 0, verified.stderr

    asyncio.run(play())


def test_two_admins_press_at_once_both_cards_tell_the_one_decision_and_the_short_story_ends(tmp_path: Path) -> None:
    async def play() -> None:
        who = LEAVER_IN_WECOM
        async with town(tmp_path, who) as here:
            await to_a_plan(here, who, "0", "4")
            await here.presses(who.successor, "confirm", 1)
            await until(lambda: here.slack.offers(user_of(who.admin), "approve:looked", 1, ADMINS))
            await until(lambda: here.has(who.other_admin, "approve@looked@OFB-1@1"))
            await asyncio.gather(
                here.presses(who.admin, "approve:looked", 1), here.presses(who.other_admin, "approve:looked", 1)
            )
            await until(lambda: here.status(1) == "done")
            await until(lambda: not here.has(who.other_admin, "approve@looked@OFB-1@1"))
            await until(lambda: not here.slack.offers("U00LIN", "approve:looked", 1, ADMINS))
            ((decider,),) = here.rows("SELECT actor FROM facts WHERE kind = 'approved'")
            name = (SLACK | WECOM)[user_of(decider)]
            in_slack = f"<@{user_of(decider)}>" if chat_of(decider) == "slack" else name
            await until(lambda: f"{in_slack} looked" in here.slack.texts(user_of(who.admin), ADMINS))
            await until(lambda: f"{name}已核实" in here.told(who.other_admin))
            await done(here, who.successor, who.other_admin, 2, "word")
            await done(here, who.successor, who.admin, 3)
            await until(lambda: "交接回执" in here.told(who.leaver), A_MINUTE)
            await here.arrived()
            await both_records_say_it(here, who)

    asyncio.run(play())
