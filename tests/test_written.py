"""The pages in docs/ that are made from the content are up to date, and what they claim is so."""

from __future__ import annotations

import itertools
import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bot.app import Repertoire, demo
from bot.content import names, root, stories
from bot.core.case import StepStatus
from bot.demo.board import Board
from bot.demo.stage import Stage
from bot.demo.story import Player, Story
from tests.demo import pictures
from tests.playbook.mistakes import MISTAKES
from tests.playbook.test_lint import WRONG
from tests.test_docs import HERE
from tests.written.pages import CARDS, MADE, pages
from tests.written.rows import ROWS, Row

DOCS = HERE / "docs"
EVERY_ROW = [row for rows in ROWS.values() for row in rows]


@pytest.mark.parametrize(("name", "text"), pages().items(), ids=lambda value: value if len(value) < 60 else "")
def test_the_page_is_what_the_content_says(name: str, text: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == text, "renew it with: make docs"


def test_no_page_is_left_of_a_playbook_that_is_gone() -> None:
    made = {path for path in DOCS.rglob("*.md") if path.read_text(encoding="utf-8").startswith(MADE)}
    assert made == {DOCS / name for name in pages()}


@cache
def happens(playbook: str, title: str) -> frozenset[tuple[str, str]]:
    """The steps that have opened when this story is over: playbook and id."""
    story = dict(stories(playbook, None))[title]
    assert isinstance(story, Story), story
    library = Repertoire(playbook, root(None)).library("en")
    board = Board()
    with (
        TemporaryDirectory() as folder,
        demo(Path(folder) / "story.db", "en", library, board, story.starts, playbook) as director,
    ):
        Player(Stage(director, board), "en").play(story)
        steps = [step for case in director.cases() for step in case.steps]
    closed = (StepStatus.LOCKED, StepStatus.NOT_NEEDED)
    return frozenset((step.playbook, step.id) for step in steps if step.status not in closed)


@pytest.mark.parametrize("row", EVERY_ROW, ids=lambda row: f"{row.step} in {row.story}")
def test_each_line_of_the_guide_names_a_step_that_opens_in_its_story(row: Row) -> None:
    assert (row.playbook, row.id) in happens(*row.told_in)


def test_each_line_of_the_guide_stands_once() -> None:
    for which in ("en", "zh"):
        said = [getattr(row, which) for row in EVERY_ROW if row.en not in ("Phone", "WeChat", "Email", "QQ", "MFA")]
        assert sorted(said) == sorted(set(said))


def test_every_playbook_has_lines_of_the_guide() -> None:
    assert {row.playbook for row in EVERY_ROW} | {row.told_in[0] for row in EVERY_ROW} == set(names(None, None))


def test_every_link_of_the_documents_leads_to_a_file() -> None:
    documents = [
        *HERE.glob("*.md"),
        *DOCS.rglob("*.md"),
        *HERE.glob("deploy/**/*.md"),
        HERE / "conversations/README.md",
    ]
    for document in documents:
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text(encoding="utf-8")):
            if not link.startswith(("http://", "https://", "mailto:")):
                assert (document.parent / link).exists(), f"{document.relative_to(HERE)}: {link}"


def test_every_picture_of_a_card_is_shown_and_made_again() -> None:
    assert tuple(CARDS) == pictures.CARDS
    there = {path.name for path in (DOCS / "pictures").glob("card-*.png")}
    ways = itertools.product(CARDS, pictures.LOOKS, pictures.LANGUAGES)
    assert there == {f"card-{name}-{look}-{language}.png" for name, look, language in ways}


def test_enough_mistakes_are_known() -> None:
    assert len(MISTAKES) + len(WRONG) >= 25
