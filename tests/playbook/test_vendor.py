"""The vendor's list of pages and labels: named by steps, dated, and honest about what nobody has seen."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.playbook.lint import unguarded
from bot.playbook.load import content_hash, read, read_folder
from bot.playbook.problem import PlaybookError, Problem
from bot.playbook.vendor import PLACES, Entry, stale, vendor
from tests.playbook.mistakes import SMALL

LIST = """\
places:
  account:
    url: https://console.example.com/account
    en: "The console: Account > Owners"
    zh-CN: 控制台：账号 > 所有者
    source: Handbook, chapter 3
    read: 2026-11-24
labels:
  remove:
    en: Remove (移除)
    zh-CN: “移除”
    source: Handbook, chapter 3
    read: 2026-01-02
    seen: false
"""
STEP = next(file for file in SMALL if file.startswith("en/") and file.endswith(".md"))
NAME = "office/domain"


def small(text: str, listed: str = LIST) -> dict[str, str]:
    """The small playbook with this line at the end of the first step's `why`, and a vendor's list."""
    head, _, rest = SMALL[STEP].partition("## why\n")
    return {**SMALL, STEP: f"{head}## why\n{text}\n{rest}", PLACES: listed}


def name_of(files: dict[str, str]) -> str:
    return next(line for line in files["playbook.yaml"].splitlines() if line.startswith("name:")).split()[1]


def why(files: dict[str, str]) -> str:
    loaded = read(files, name_of(files))
    return loaded.playbook.words["en"].steps[Path(STEP).stem].parts["why"]


def test_a_page_is_shown_as_a_link_and_the_way_to_it() -> None:
    shown = why(small("Go to {{ place.account }}."))
    assert "Go to [The console](https://console.example.com/account): Account > Owners." in shown


def test_a_label_is_shown_as_it_stands_on_the_page() -> None:
    assert "Press Remove (移除)." in why(small("Press {{label.remove}}."))


def test_chinese_splits_at_its_own_colon() -> None:
    entry = vendor(LIST, [])["place", "account"]
    assert entry.said("zh-CN") == "[控制台](https://console.example.com/account)：账号 > 所有者"


def test_a_name_that_is_not_listed_is_told_with_its_line_and_the_nearest_one() -> None:
    with pytest.raises(PlaybookError) as caught:
        why(small("Go to {{ place.acount }}."))
    line = SMALL[STEP].split("\n").index("## why") + 2
    assert [str(problem) for problem in caught.value.problems] == [
        f"{STEP}:{line}: step {Path(STEP).stem}: There is no place `acount`. Did you mean `account`?"
    ]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (LIST.replace("    source: Handbook, chapter 3\n", "", 1), "`account` lacks `source`."),
        (LIST.replace("2026-01-02", "last week"), "`last week` is not a day."),
        (LIST.replace("labels:", "lables:"), "The list of places has no key `lables`."),
        (LIST.replace("url:", "adress:"), "`account` has no key `adress`."),
        (LIST.replace("seen: false", "seen: maybe"), "`seen` has to be true or false."),
    ],
)
def test_what_is_wrong_in_the_list_is_told(wrong: str, said: str) -> None:
    problems: list[Problem] = []
    vendor(wrong, problems)
    assert said in [problem.what for problem in problems]


def test_the_list_is_pinned_with_the_playbook() -> None:
    before, after = (
        small("See {{ place.account }}."),
        small("See {{ place.account }}.", LIST.replace("Owners", "Users")),
    )
    assert content_hash(before) != content_hash(after)


def test_it_is_read_from_the_folder_above(tmp_path: Path) -> None:
    inside = tmp_path / "office" / "domain"
    for file, text in SMALL.items():
        (inside / file).parent.mkdir(parents=True, exist_ok=True)
        (inside / file).write_text(text, encoding="utf-8")
    (tmp_path / "office" / PLACES).write_text(LIST, encoding="utf-8")
    assert read_folder(inside) == {**SMALL, PLACES: LIST}


def test_a_step_that_names_what_nobody_has_seen_says_what_to_do_if_it_looks_different() -> None:
    files = small("Press {{ label.remove }}.")
    files[STEP] = files[STEP].partition("## different")[0]
    loaded = read(files, name_of(files))
    assert [problem.what for problem in unguarded(loaded)] == ["Nobody has seen label.remove in a document."]
    files[STEP] += "\n## different\nPress whatever takes the sign-in away.\n"
    assert unguarded(read(files, name_of(files))) == []


def test_what_was_read_long_ago_is_listed_the_oldest_first() -> None:
    known = vendor(LIST, [])

    def ids(entries: list[Entry]) -> list[str]:
        return [entry.id for entry in entries]

    assert ids(stale(known, date(2026, 11, 24))) == ["remove"]
    assert ids(stale(known, date(2026, 7, 1))) == []
    assert ids(stale(known, date(2027, 11, 24))) == ["remove", "account"]
