"""Slack: a click to its 200 over HTTP, how much people are told, and how much of the quota two hundred approvals use.

The 200 says that it is durable: in between lie HTTP, the gate, Bolt, and the engine's own work with its commit. Beside
it stands a listener of Bolt's that does nothing but commit one row, behind the same server with the same deliveries.
Client, server and the scripted Slack share one process and its lock, so the numbers are on the safe side.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import uvicorn
from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.core.case import StepStatus
from bot.rows import Rate
from bot.runtime.clocks import RealClock
from bot.runtime.pacing import Pace
from bot.slack.paces import PACES
from tests.slack.human import SECRET, Human
from tests.slack.office import ADMINS_CHANNEL, CHEN, LIN, ZHAO, Office, office
from tests.slack.test_story import approve, to_a_plan

Json = dict[str, Any]
ROUNDS, BURST = 60, 32
STEPS = ("bind_successor", "move_protection", "replace_phone", "unbind_wechat", "change_password", "end_sessions")


# ------------------------------------------------------------------ the floor


class Bare:
    """Bolt with one listener, that commits a row of one key, and acknowledges."""

    def __init__(self, path: Path) -> None:
        self._conn = sqlite3.connect(path, isolation_level=None)
        self._conn.execute("PRAGMA journal_mode = WAL")
        self._conn.execute("PRAGMA synchronous = FULL")
        self._conn.execute("CREATE TABLE inbox(key TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID")
        self._count = 0
        app = AsyncApp(
            signing_secret=SECRET,
            process_before_response=True,
            authorize=_authorized,
            attaching_function_token_enabled=False,
        )
        app.action(re.compile(".*"))(self._heard)
        self.asgi = AsyncSlackRequestHandler(app, path="/slack/events")

    async def _heard(self, ack: Callable[[], Awaitable[None]]) -> None:
        self._count += 1
        self._conn.execute("BEGIN IMMEDIATE")
        self._conn.execute("INSERT INTO inbox VALUES(?, '2026-11-23T01:00:00.000000Z')", (f"key/{self._count}",))
        self._conn.execute("COMMIT")
        await ack()


async def _authorized(**_: object) -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id="T0001", bot_token="xoxb-1", bot_id="B1", bot_user_id="U0BOT")


async def sent(human: Human, body: Json) -> float:
    began = time.perf_counter()
    status, _ = await human.send(body)
    if status != 200:
        raise RuntimeError(f"answered with {status}")
    return time.perf_counter() - began


async def at_once(human: Human, bodies: list[Json]) -> float:
    """Seconds until all have their 200."""
    began = time.perf_counter()
    await asyncio.gather(*(sent(human, body) for body in bodies))
    return time.perf_counter() - began


# ------------------------------------------------------------------ clicks


def wall() -> float:
    return RealClock().now().timestamp()


async def clicks(here: Office, bare: Human) -> tuple[list[float], list[float], list[float], list[float]]:
    """Of ours and of the floor: each click one by one (a step is confirmed, taken back, …: every click is decided and
    its facts are kept), and bursts (of the same button: one is taken, each other gets its refusal, all are kept)."""
    zhao = here.human(ZHAO)
    ours, floor, bursts, floors = [], [], [], []
    for number in range(ROUNDS):
        verb = ("confirm", "undo")[number % 2]
        place, ts = here.offer(ZHAO, verb)
        body = zhao.pressed(place, ts, verb)
        ours.append(await sent(zhao, body))
        await here.settle()
        floor.append(await sent(bare, body))
    for _ in range(8):
        verb = "confirm"
        place, ts = here.offer(ZHAO, verb)
        bodies = [zhao.pressed(place, ts, verb) for _ in range(BURST)]
        bursts.append(await at_once(zhao, bodies))
        await here.settle()
        floors.append(await at_once(bare, bodies))
        await here.press(ZHAO, "undo")
    return ours, floor, bursts, floors


async def click_rows(folder: Path) -> list[str]:
    async with office(folder / "clicks.db") as here:
        await to_a_plan(here)
        config = uvicorn.Config(
            Bare(folder / "bare.db").asgi, port=0, log_config=None, lifespan="off", access_log=False
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110  uvicorn has no event for it
            await asyncio.sleep(0.01)
        host, port = server.servers[0].sockets[0].getsockname()[:2]
        human = Human(here.slack, here.session, f"http://{host}:{port}/slack/events", ZHAO, wall)
        ours, floor, bursts, floors = await clicks(here, human)
        server.should_exit = True
        await task
    return [
        f"Bolt and a bare commit, one by one        {median(floor) * 1e3:8.2f} ms   (the floor)",
        f"a click to its 200, one by one            {median(ours) * 1e3:8.2f} ms   {_of(ours, floor)}   (goal 1.6)",
        f"Bolt and a bare commit, {BURST} at once        {median(floors) * 1e3:8.2f} ms   (the floor)",
        f"{BURST} clicks at once, each to its 200        {median(bursts) * 1e3:8.2f} ms   "
        f"{_of(bursts, floors)}   (goal 1.0)",
    ]


def _of(found: list[float], floor: list[float]) -> str:
    return f"{median(found) / median(floor):5.2f} x the floor"


# ------------------------------------------------------------------ how much people are told


async def message_rows(folder: Path) -> list[str]:
    """New messages that each person sees, from the plan to the receipt, per step that they do or decide."""
    async with office(folder / "story.db") as here:
        await to_a_plan(here, "none")
        before = _seen(here)
        before[ZHAO] -= 1  # the card of the first step is there already
        step = {one.id: one for one in here.case().steps if one.status is not StepStatus.NOT_NEEDED}
        for name in STEPS:
            owner = str(step[name].owner)
            await here.press({"leaver": LIN, "successor": ZHAO}[owner], "confirm", step=step[name].number)
            await approve(here, step[name].number)
        if here.case().outcome != "handed_over":
            raise RuntimeError("the story did not come to its end")
        after = _seen(here)
        steps = Counter(str(one.owner) for one in step.values())
    shares = {
        "the leaver": (after[LIN] - before[LIN], steps["leaver"]),
        "the successor": (after[ZHAO] - before[ZHAO], steps["successor"]),
        "the admin": (after[CHEN] - before[CHEN], len(step)),
    }
    told, done = sum(one for one, _ in shares.values()), sum(one for _, one in shares.values())
    each = ", ".join(f"{who} {count / of:.2f}" for who, (count, of) in shares.items())
    return [f"messages per person and step, happy path  {told / done:8.2f}      (goal 1.2; {each})"]


def _seen(here: Office) -> Counter[str]:
    by_bot = {place: sum(one["user"] == here.slack.bot for one in said) for place, said in here.slack.messages.items()}
    found = Counter({user: by_bot.get(place, 0) for user, place in here.slack.private.items()})
    found[CHEN] += by_bot[ADMINS_CHANNEL]
    found.update(str(one["user"]) for one in here.slack.whispers)
    return found


# ------------------------------------------------------------------ the quota


def departures(paces: tuple[Rate, ...], method: str, count: int) -> list[float]:
    """When so many calls leave that all want to leave at once, in the admins' channel."""
    pace, now, times = Pace(paces), 0.0, []
    for _ in range(count):
        now = pace.ready_at("slack", method, ADMINS_CHANNEL, now)
        pace.took("slack", method, ADMINS_CHANNEL, now)
        times.append(now)
    return times


def used(times: list[float], most: int, seconds: float) -> tuple[float, int]:
    """The share of a quota of `most` in any `seconds` that is used while all wait, and how often it is broken."""
    breaches = sum(times[at + most] - times[at] < seconds - 1e-9 for at in range(len(times) - most))
    return (len(times) - 1) / (times[-1] - times[0]) * seconds / most, breaches


def quota_rows() -> list[str]:
    rows = []
    for method, name, most, seconds in (("say", "chat.postMessage", 1, 1.0), ("amend", "chat.update", 50, 60.0)):
        share, breaches = used(departures(PACES, method, 200), most, seconds)
        what = f"200 approvals, {name}"
        rows.append(f"{what:<41} {share * 100:7.1f} % of the quota used (goal 97), {breaches} breaches")
    return rows


def rows() -> list[str]:
    with TemporaryDirectory() as folder:
        return [
            *asyncio.run(click_rows(Path(folder))),
            *asyncio.run(message_rows(Path(folder))),
            *quota_rows(),
        ]


if __name__ == "__main__":
    sys.stdout.write("\n".join(rows()) + "\n")
