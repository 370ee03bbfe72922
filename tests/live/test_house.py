"""The house of the live server: it never raises, and what the configuration says of people counts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from bot.app import App
from bot.config import Settings, read
from bot.heard import Click, Heard
from bot.live import wiring
from bot.live.house import LiveHouse
from bot.live.metrics import Metrics, TimedStore
from bot.rows import PersonRow
from bot.runtime.clocks import SettableClock
from bot.store.sqlite import SqliteStore

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
TOML = """
admins = ["slack:UMEI"]
language = "en"
[[person]]
name = "Mei Chen"
slack = "UMEI"
wecom = "mei"
zone = "Europe/Paris"
language = "en"
"""


@contextmanager
def house(folder: Path) -> Iterator[tuple[LiveHouse, App, Metrics]]:
    (folder / "offboard.toml").write_text(TOML)
    settings: Settings = read(folder / "offboard.toml", {})
    measured = Metrics()
    with SqliteStore(folder / "a.db") as store:
        timed, company = TimedStore(store, measured), wiring.company(settings)
        app = App(timed, b"k" * 32, company, [], SettableClock(NOW), wiring.library(settings))
        yield LiveHouse(app, measured, wiring.known_people(settings)), app, measured


def counted(measured: Metrics, name: str, **labels: str) -> float:
    return measured.registry.get_sample_value(name, labels) or 0.0


def test_what_is_heard_is_durable_and_counted(tmp_path: Path) -> None:
    with house(tmp_path) as (here, app, measured):
        asyncio.run(here.learn(PersonRow("slack:ULIN", "Lin Wei", "en")))
        answer = asyncio.run(here.hear(Heard("1", "slack:ULIN", text="/offboard")))
        assert answer.case == "OFB-1"
        assert app.store.read(lambda reads: reads.case("OFB-1")) is not None
        assert asyncio.run(here.hear(Heard("1", "slack:ULIN", text="/offboard"))).repeated
        labels = {"platform": "slack", "kind": "text"}
        assert counted(measured, "offboard_heard_total", **labels, outcome="done") == 1
        assert counted(measured, "offboard_heard_total", **labels, outcome="repeated") == 1
        assert counted(measured, "offboard_durable_seconds_count") == 2
        assert counted(measured, "offboard_commit_seconds_count") >= 3


def test_a_refusal_is_counted_by_its_reason(tmp_path: Path) -> None:
    with house(tmp_path) as (here, _, measured):
        asyncio.run(here.learn(PersonRow("slack:ULIN", "Lin Wei", "en")))
        answer = asyncio.run(here.hear(Heard("1", "slack:ULIN", click=Click("confirm", "forged"))))
        assert answer.refused == "forged"
        assert counted(measured, "offboard_refusals_total", code="forged") == 1


def test_when_nothing_can_be_written_down_the_answer_says_so_and_nothing_is_raised(tmp_path: Path) -> None:
    with house(tmp_path) as (here, app, measured):
        app.close()
        answer = asyncio.run(here.hear(Heard("1", "slack:ULIN", text="/offboard")))
        assert answer.refused == "storage"
        assert answer.cards, "the person is told"
        assert counted(measured, "offboard_commit_failures_total", kind="StoreClosed") == 1


def test_what_the_configuration_says_of_a_person_goes_before_the_directory(tmp_path: Path) -> None:
    with house(tmp_path) as (here, _, _):
        asyncio.run(here.learn(PersonRow("slack:UMEI", "mei.c", "zh-CN", "Asia/Shanghai", standing="member")))
        known = asyncio.run(here.person("slack:UMEI"))
        assert known is not None
        assert (known.name, known.zone, known.language) == ("Mei Chen", "Europe/Paris", "en")
        other = asyncio.run(here.person("wecom:mei"))
        assert other == replace(known, id="wecom:mei"), "both ids are one person"


def test_at_the_start_those_who_are_known_get_what_the_configuration_says_now_but_keep_their_language(
    tmp_path: Path,
) -> None:
    with house(tmp_path) as (here, app, _):
        before = PersonRow("slack:UMEI", "mei.c", "zh-CN", "Asia/Shanghai")
        app.store.transact(lambda tx: tx.put_person(before)).result()
        asyncio.run(here.remember())
        known = asyncio.run(here.person("slack:UMEI"))
        assert known is not None
        assert (known.name, known.zone) == ("Mei Chen", "Europe/Paris")
        assert known.language == "zh-CN", "they may have chosen it themselves"
