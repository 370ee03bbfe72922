"""Which playbooks have to be at hand: those that are begun with, and all that they lead to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.playbook.problem import PlaybookError
from bot.playbook.shelf import there_are, with_leads
from tests.runtime.books import AFTER, HELP, LOST, books


def written(root: Path, some: Mapping[str, Mapping[str, str]]) -> Path:
    for name, files in some.items():
        for path, text in files.items():
            (root / name / path).parent.mkdir(parents=True, exist_ok=True)
            (root / name / path).write_text(text, "utf-8")
    return root


def test_what_is_begun_with_comes_first_and_then_all_that_it_leads_to(tmp_path: Path) -> None:
    there = there_are(written(tmp_path, HELP))
    assert list(with_leads(there, ["help/rescue"])) == ["help/rescue", "help/lost", "help/blocked", "help/after"]
    assert list(with_leads(there, ["help/blocked"])) == ["help/blocked"]
    assert with_leads(there, ["help/after"]) == books(AFTER)


def test_a_playbook_of_ones_own_goes_before_a_shipped_one_and_may_lead_to_it(tmp_path: Path) -> None:
    shipped, own = written(tmp_path / "a", HELP), written(tmp_path / "b", books(LOST.replace("appeal", "call")))
    there = there_are(shipped, own)
    assert (there["help/lost"], there["help/after"]) == (own, shipped)
    found = with_leads(there, ["help/lost"])
    assert "id: call" in found["help/lost"]["playbook.yaml"]
    assert "help/after" in found


def test_what_is_led_to_and_not_there_is_told_before_anybody_needs_it(tmp_path: Path) -> None:
    there = there_are(written(tmp_path, books(LOST)))
    with pytest.raises(PlaybookError, match="leads to `help/after`, and there is no such playbook"):
        with_leads(there, ["help/lost"])
    told: list[tuple[str, str]] = []
    assert with_leads(there, ["help/lost"], lambda name, error: told.append((name, str(error)))) == {}
    assert [name for name, _ in told] == ["help/lost"]
