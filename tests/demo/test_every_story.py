"""Every story, played to its end on the page: it happens as told, and the page is drawn in both looks and languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.repertoire import Repertoire
from tests.demo.served import Served, served

STORIES = sorted(Repertoire().stories(Repertoire().files()))
QUICK = {"unbound_too_early", "tencent_cloud/rescue/it_was_another_situation"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("stories") / "demo.db") as one:
        yield one


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in STORIES]
)
def test_the_end_of_every_story_is_a_page(running: Served, name: str) -> None:
    running.do("language", "en")
    running.do("jump", name)
    note = running.site.play.room.note
    assert note is not None
    assert note.key == "story_ends", note.values
    for language in ("en", "zh-CN"):
        running.do("language", language)
        for look in ("slack", "wecom"):
            status, page = running.get(f"?look={look}")
            assert status == 200
            assert f'lang="{language}"' in page
            assert 'class="fact ' in page
            _no_ids(page)


def _no_ids(page: str) -> None:
    """The record names things as people do."""
    record = page.partition('id="list-record"')[2]
    for raw in ("tencent_cloud/", "github/", "a_way_in", "protection_first", "soak_first"):
        assert raw not in record, record[max(0, record.index(raw) - 200) :][:300]
