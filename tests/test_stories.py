"""Every story of every playbook happens as it is told, in every language."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app import play_story
from bot.content import names, new, root, stories
from bot.demo.story import Story, StoryError, read
from bot.playbook.load import LANGUAGES

EVERY_STORY = [(name, title) for name in names(None, None) for title, _ in stories(name, None)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("name", "title"), EVERY_STORY)
def test_the_story_happens_as_it_is_told(name: str, title: str, language: str) -> None:
    story = dict(stories(name, None))[title]
    assert isinstance(story, Story), story
    play_story(story, language, name, root(None))


NAME = "tencent_cloud/root_account"


@pytest.mark.parametrize(
    ("moves", "says"),
    [
        ([{"leaver": {"presses": "confirm", "step": "bind_successor"}}], "there is no case yet"),
        ([{"stranger": {"writes": "hello"}}], "'stranger' is not a role"),
        ([{"leaver": {"wrote": "hello"}}], "unknown field"),
        ([{"leaver": {"writes": "/offboard", "refused": "own_case"}}], "expected 'own_case', but it was accepted"),
        ([{"leaver": {"writes": "/offboard"}}, {"expect": {"case": "closed"}}], "case should be 'closed'"),
        ([{"wait": "soon"}], "'soon' is not a time"),
        ([{"wait": "next", "expect": {}}], "exactly one key"),
        ([{"leaver": {"presses": "approve:looked"}}], "leaver sees no button approve:looked"),
    ],
)
def test_a_story_that_does_not_happen_says_which_move_and_what_instead(moves: list[object], says: str) -> None:
    story = read({"story": "wrong", "moves": moves})
    with pytest.raises(StoryError, match=says):
        play_story(story, "en", NAME, root(None))


def test_a_file_that_is_no_story_is_refused() -> None:
    with pytest.raises(StoryError, match="This is not a story"):
        read({"title": "no moves"})


def test_an_answer_of_a_question_goes_before_a_person_of_that_name(tmp_path: Path) -> None:
    assert new("office/booking", str(tmp_path))[1]
    moves = [
        {"admin": {"writes": "/offboard @Lin Wei 2026-12-04"}},
        {"leaver": {"answers": "sign_in", "with": "leaver"}},
        {"leaver": {"answers": "payment", "with": "company"}},
        {"leaver": {"answers": "successor", "with": "successor"}},
        {"expect": {"step": "remove_owner", "status": "locked"}},
    ]
    play_story(read({"story": "two meanings", "moves": moves}), "en", "office/booking", tmp_path)
