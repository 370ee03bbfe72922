"""A WeCom callback to its 200 over HTTP, beside opening the seal and a bare commit; a burst; sending at the quota.

The 200 says that what was sent is durable: in between lie HTTP, the gate, the strict record, the lookup of the card and
the engine's own work. Client, server and stand-in share one process and its lock, so the numbers are on the safe side.
"""

from __future__ import annotations

import asyncio
import sys
import time
from bisect import bisect_right
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from bot.errors import TryLater
from bot.playbook.card import Card
from bot.ports import Outgoing
from bot.wecom.api import Api
from bot.wecom.client import WecomChat
from bot.wecom.crypto import unseal
from bot.wecom.edge import CALLBACK
from bot.wecom.standin import Standin
from tests.bench.fire_bench import bare
from tests.wecom.corp import HandClock, corp, settings
from tests.wecom.house import Place, house

TEXTS, BURST = 300, 500


def sealed(place: Place, number: int, text: str = "帮助") -> bytes:
    """One delivery as it stands on the wire; each is another."""
    user = ("Lin", "sun", "zhao", "wu")[number % 4]
    inside = place.pusher.inside(user, [("MsgType", "text"), ("Content", text), ("MsgId", 10_000 + number)])
    query, body = place.pusher.sealed(inside)
    head = f"POST {CALLBACK}?{query} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def delivered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> float:
    start = time.perf_counter()
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    taken = time.perf_counter() - start
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.decode())
    return taken


async def one_by_one(place: Place) -> list[float]:
    requests = [sealed(place, number) for number in range(TEXTS)]
    reader, writer = await asyncio.open_connection("127.0.0.1", place.port)
    taken = [await delivered(reader, writer, request) for request in requests]
    writer.close()
    return taken


async def nothing(place: Place) -> list[float]:
    """Requests that our own server answers without looking at them: what HTTP costs by itself."""
    reader, writer = await asyncio.open_connection("127.0.0.1", place.port)
    taken = []
    for _ in range(TEXTS):
        start = time.perf_counter()
        writer.write(b"DELETE " + CALLBACK.encode() + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        taken.append(time.perf_counter() - start)
        sizes = [line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        await reader.readexactly(int(sizes[0]) if sizes else 0)
    writer.close()
    return taken


async def at_once(place: Place) -> list[float]:
    """Each on a connection of its own, as WeCom makes them."""
    requests = [sealed(place, TEXTS + number) for number in range(BURST)]
    lines = [await asyncio.open_connection("127.0.0.1", place.port) for _ in requests]
    taken = await asyncio.gather(*(delivered(*line, request) for line, request in zip(lines, requests, strict=True)))
    for _, writer in lines:
        writer.close()
    return taken


def opening(place: Place) -> float:
    """Seconds of opening one seal: the median."""
    _, body = place.pusher.sealed(place.pusher.inside("Lin", [("MsgType", "text"), ("Content", "帮助")]))
    seal = body.split(b"<Encrypt><![CDATA[")[1].split(b"]]>")[0].decode()
    taken = []
    for _ in range(2_000):
        start = time.perf_counter()
        unseal(place.pusher.keys, seal)
        taken.append(time.perf_counter() - start)
    return quantiles(taken, n=100)[49]


def times(wecom: Standin, user: str) -> list[float]:
    return sorted(one.at for one in wecom.messages if user in one.users)


def at_most(times: list[float], span: float = 60.0) -> int:
    """How many lie within any so many seconds."""
    return max((at + 1 - bisect_right(times, last - span) for at, last in enumerate(times)), default=0)


def quota(messages: int = 900) -> str:
    """Two members get as much as there is room for, over simulated hours."""
    clock = HandClock()
    with corp(clock) as wecom:
        given = settings(wecom.api_url)
        api = Api(given.corp_id, given.secret, given.api_url, monotonic=clock.monotonic)
        chat = WecomChat(given, api, clock, monotonic=clock.monotonic)

        async def sends() -> None:
            for number in range(messages):
                to = ("wecom:lin", "wecom:sun")[number % 2]
                card = Card("line", f"第 {number} 条", "", reference="OFB-1", language="zh-CN")
                while True:
                    try:
                        await chat.say(Outgoing(f"OFB-1/line-{number}/0/{to}/{number}", "OFB-1", to, card))
                        break
                    except TryLater as later:
                        clock.goes_on(later.seconds or 1)

        start, began = time.perf_counter(), clock.now()
        asyncio.run(sends())
        taken, minutes = time.perf_counter() - start, (clock.now() - began).total_seconds() / 60
        chat.close()
        api.close()
        busiest = max(map(at_most, (times(wecom, "lin"), times(wecom, "sun"))))
        lost = wecom.silently_lost
    return (
        f"{messages} texts to two members, {minutes:.0f} simulated minutes  {taken / messages * 1e3:5.2f} ms each, "
        f"at most {busiest} within any minute, {lost} lost"
    )


async def _measured(path: Path) -> tuple[list[float], list[float], list[float], float]:
    async with house(path) as place:
        place.clock.goes_on(60)
        http = await nothing(place)
        single = await one_by_one(place)
        burst = await at_once(place)
        return single, burst, http, opening(place)


def _row(name: str, taken: list[float], floor: float) -> str:
    cuts = quantiles(taken, n=100)
    return f"{name:42}{cuts[49] * 1e3:8.2f} ms p50  {cuts[98] * 1e3:8.2f} ms p99   {cuts[49] / floor:6.1f} x the floor"


def rows(rounds: int = 3) -> list[str]:
    """The rounds of both sides alternate, and the quickest of each counts: disks have moods."""
    singles, bursts, empty, commits, opened = [], [], [], [], 0.0
    with TemporaryDirectory() as folder:
        for number in range(rounds):
            commits.append(bare(Path(folder) / f"bare-{number}.db", TEXTS))
            single, burst, bare_http, opened = asyncio.run(_measured(Path(folder) / f"{number}.db"))
            singles.append(single)
            bursts.append(burst)
            empty.append(bare_http)
    single, burst, http, commit = (min(found, key=median) for found in (singles, bursts, empty, commits))
    floor = median(commit) + opened
    return [
        _row("opening the seal and a bare commit", [one + opened for one in commit], floor),
        _row("an HTTP request that does nothing", http, floor),
        _row("a callback to its 200, one after another", single, floor),
        _row(f"{BURST} callbacks at once, each to its 200", burst, floor),
        quota(),
    ]


if __name__ == "__main__":
    sys.stdout.write("\n".join(rows()) + "\n")
