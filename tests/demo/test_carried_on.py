"""What stands in the chats stays as it was said: over a restart of the program, and in the other language."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.demo.room import Entry
from bot.playbook.card import Card
from tests.demo.served import Served, served

Said = list[tuple[str, str, str, str]]


def posts(demo: Served) -> list[Entry]:
    demo.idle()
    return [entry for entry in demo.site.play.room.entries() if entry.kind == "post"]


def said(entries: list[Entry]) -> Said:
    """Where, when and what."""
    return [(e.place, str(e.at), e.card.title, e.card.context) for e in entries if e.card is not None]


@pytest.fixture(scope="module")
def reminded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Said]:
    """A case over several days, in which people were reminded; and what stood in the chats."""
    path = tmp_path_factory.mktemp("carried") / "demo.db"
    with served(path) as demo:
        demo.do("jump", "nobody_answers")
        assert any(entry.card is not None and entry.card.kind == "digest" for entry in posts(demo))
        return path, said(posts(demo))


def test_after_a_restart_of_the_program_every_message_stands_where_and_when_it_stood(
    reminded: tuple[Path, Said],
) -> None:
    path, before = reminded
    with served(path) as demo:
        assert said(posts(demo)) == before
        assert demo.site.play.room.note is not None
        assert demo.site.play.room.note.key == "carried_on"
        assert len({at for _, at, _, _ in before}) > 3


def test_there_and_back_in_the_other_language_everything_says_what_it_said(reminded: tuple[Path, Said]) -> None:
    path, before = reminded
    with served(path) as demo:
        demo.do("language", "zh-CN")
        chinese = posts(demo)
        assert [e.card.language for e in chinese if e.card is not None] == ["zh-CN"] * len(before)
        assert [str(e.at) for e in chinese] == [at for _, at, _, _ in before]
        demo.do("language", "en")
        assert said(posts(demo)) == before


def test_a_plan_that_was_sent_once_is_that_plan_in_every_language(tmp_path: Path) -> None:
    """It told how things stood then; what was done since stands in the record."""
    with served(tmp_path / "demo.db") as demo:
        demo.do("jump", "everything_goes_well")
        before = plan(demo)
        demo.do("language", "zh-CN")
        assert plan(demo).title != before.title
        demo.do("language", "en")
        assert plan(demo) == before


def plan(demo: Served) -> Card:
    return next(e.card for e in posts(demo) if e.card is not None and e.card.kind == "status")
