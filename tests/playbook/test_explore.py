"""The lockout proof catches each playbook that is wrong on purpose, with the story worked out by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.playbook.explore import explore
from bot.playbook.tale import tell
from tests.playbook.wrong import Planted, answers, lockouts, recoveries, waits

PLANTED = [
    pytest.param(plant, id=name)
    for module in (lockouts, answers, waits, recoveries)
    for name, plant in vars(module).items()
    if getattr(plant, "__annotations__", {}).get("return") == "Planted"
]


@pytest.mark.parametrize("plant", PLANTED)
def test_a_wrong_playbook_is_caught_with_the_shortest_story(plant: Callable[[], Planted]) -> None:
    wrong = plant().playbook
    report = explore(wrong)
    assert not report.ok
    assert tuple(tell(wrong, report)[1:]) == plant().lines


@pytest.mark.parametrize("plant", PLANTED)
def test_with_one_line_mended_it_is_proven(plant: Callable[[], Planted]) -> None:
    mended = plant().mended
    report = explore(mended)
    assert report.ok, tell(mended, report)
