"""From nothing to a playbook of one's own that plays in the demo: the walk of conversations/README.md, by machine."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from bot.content import TEMPLATE, names, root
from bot.repertoire import Repertoire
from tests.demo.served import Served, served

NAME = "office/key_cards"


def offboard(*words: str) -> Result:
    return CliRunner().invoke(main, words)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert offboard("playbook", "new", NAME, "--to", str(tmp_path)).exit_code == 0
    return tmp_path


def test_a_new_playbook_passes_the_check_tells_its_story_and_plays_in_the_demo(folder: Path) -> None:
    own = ("--from", str(folder))
    checked = offboard("playbook", "check", NAME, *own)
    assert checked.exit_code == 0, checked.output
    assert "No order breaks company_gets_in, and every plan can end." in checked.output
    assert offboard("playbook", "preview", NAME, *own).exit_code == 0
    assert offboard("playbook", "graph", NAME, *own).exit_code == 0
    told = offboard("playbook", "test", NAME, *own)
    assert told.exit_code == 0, told.output
    played = offboard("demo", "--playbook", NAME, *own, "--text", "--auto", "--story", "everything_goes_well")
    assert played.exit_code == 0, played.output
    assert "Make the successor owner" in played.output
    assert "The story ends." in played.output


GUIDE = (root(None) / "README.md").read_text(encoding="utf-8")


def test_the_guide_names_the_commands_and_files_of_the_walk_and_shows_what_the_check_says(folder: Path) -> None:
    checked = offboard("playbook", "check", NAME, "--from", str(folder)).output
    assert f"```\n{checked}```" in GUIDE
    commands = [line for line in GUIDE.splitlines() if line.startswith("offboard ") and NAME in line]
    assert {" ".join(line.split()[1:3]) for line in commands} >= {f"playbook {w}" for w in ("new", "check", "test")}
    for line in commands:
        words = [str(folder) if word == "playbooks" else word for word in line.split()[1:]]
        more = ["--text", "--auto"] if words[0] == "demo" else []
        expected = 1 if words[1] == "new" else 0  # it is there already
        assert offboard(*words, *more).exit_code == expected, line
    for file in ("playbook.yaml", "en/_playbook.yaml", "en/add_owner.md", "stories/everything_goes_well.yaml"):
        assert (folder / NAME / file).exists()
        assert f"`{file}`" in GUIDE


def test_the_walk_of_the_guide_takes_no_more_than_half_an_hour() -> None:
    assert sum(map(int, re.findall(r"^### \d\. .* · (\d+) minutes?$", GUIDE, re.MULTILINE))) <= 30


def test_a_playbook_that_cannot_be_read_is_told_of_by_the_stories_too(folder: Path) -> None:
    words = folder / NAME / "en/_playbook.yaml"
    words.write_text(words.read_text(encoding="utf-8").replace("A personal one", "No", 1), encoding="utf-8")
    told = offboard("playbook", "test", NAME, "--from", str(folder))
    assert told.exit_code == 1
    assert 'Put it in quotes: "No".' in told.output


def test_one_language_alone_is_told_of_and_plays_all_the_same(folder: Path) -> None:
    shutil.rmtree(folder / NAME / "zh-CN")
    checked = offboard("playbook", "check", NAME, "--from", str(folder))
    assert checked.exit_code == 1
    assert "no words in zh-CN" in checked.output
    assert offboard("playbook", "test", NAME, "--from", str(folder)).exit_code == 0


def test_the_next_commands_are_told_and_each_of_them_works(tmp_path: Path) -> None:
    said = offboard("playbook", "new", NAME, "--to", str(tmp_path)).output
    commands = [line.split("  ")[1].split() for line in said.splitlines() if line.startswith("  offboard")]
    assert [words[1] for words in commands] == ["playbook", "playbook", "playbook", "demo"]
    for words in commands:
        more = ["--text", "--auto"] if words[1] == "demo" else []
        assert offboard(*words[1:], *more).exit_code == 0, words


def test_the_name_is_put_in_and_every_file_says_what_to_write_where(folder: Path) -> None:
    text = (folder / NAME / "playbook.yaml").read_text(encoding="utf-8")
    assert f"\nname: {NAME} #" in text
    for path in (folder / NAME).rglob("*.yaml"):
        assert "# " in path.read_text(encoding="utf-8"), path
    for language in ("en", "zh-CN"):
        assert "<!-- " in (folder / NAME / language / "add_owner.md").read_text(encoding="utf-8")


def test_the_notes_to_the_author_are_on_no_card(folder: Path) -> None:
    shown = offboard("playbook", "preview", NAME, "--from", str(folder), "--payload").output
    assert "<!--" not in shown
    assert "The company gets a way in that stays." in shown


def test_what_is_there_already_is_left_as_it_is(folder: Path) -> None:
    mine = folder / NAME / "playbook.yaml"
    mine.write_text("mine", encoding="utf-8")
    again = offboard("playbook", "new", NAME, "--to", str(folder))
    assert again.exit_code == 1
    assert "is there already, and is left as it is" in again.output
    assert mine.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Key Cards", "Use small letters, digits and `_`"),
        ("../escape", "cannot be the name of a playbook"),
        ("tencent_cloud/root_account", "ships with this program"),
        (f"{NAME}/inside", "is a playbook itself"),
    ],
)
def test_a_name_that_cannot_be_is_refused_and_nothing_is_written(folder: Path, name: str, says: str) -> None:
    before = sorted(folder.rglob("*"))
    refused = offboard("playbook", "new", name, "--to", str(folder))
    assert refused.exit_code == 1
    assert says in refused.output
    assert sorted(folder.rglob("*")) == before


def test_the_blank_one_is_no_playbook_that_anybody_finds() -> None:
    assert (root(None) / TEMPLATE / "playbook.yaml").exists()
    assert not [name for name in names(None, None) if name.startswith("_")]


# ---------------------------------------------------------------------------------------------- in the demo


@pytest.fixture
def demo(folder: Path) -> Iterator[Served]:
    with served(folder / "demo.db", repertoire=Repertoire(NAME, folder)) as one:
        yield one


def test_on_the_page_a_case_begins_with_it_and_its_stories_stand_in_the_list(demo: Served) -> None:
    page = demo.get("")[1]
    assert 'data-arg="everything_goes_well"' in page
    assert "root_account" not in page
    demo.write("admin", "/offboard @Lin Wei 2026-12-04")
    demo.idle()
    assert "Whose account runs the booking system?" in demo.get("")[1]
    demo.do("jump", "everything_goes_well")
    demo.idle()
    assert "handed over" in demo.get("")[1]


def test_begun_again_the_page_plays_the_playbook_as_it_stands_now(demo: Served, folder: Path) -> None:
    words = folder / NAME / "en/_playbook.yaml"
    good = words.read_text(encoding="utf-8")
    words.write_text(good.replace("Whose account runs", "Whose badge opens"), encoding="utf-8")
    demo.do("again")
    demo.write("admin", "/offboard @Lin Wei 2026-12-04")
    demo.idle()
    assert "Whose badge opens the booking system?" in demo.get("")[1]


def test_a_playbook_that_was_broken_meanwhile_is_told_of_and_what_was_played_stands(demo: Served, folder: Path) -> None:
    demo.write("admin", "/offboard @Lin Wei 2026-12-04")
    structure = folder / NAME / "playbook.yaml"
    structure.write_text(structure.read_text(encoding="utf-8").replace("takes:", "take:"), encoding="utf-8")
    demo.do("again")
    page = demo.get("")[1]
    assert "has no key `take`" in page
    assert "Whose account runs the booking system?" in page


def test_a_demo_that_cannot_be_says_what_is_wrong_and_where_all_of_it_is_told(folder: Path) -> None:
    own = ("--from", str(folder), "--text", "--auto")
    unknown = offboard("demo", "--playbook", "office/kay_cards", *own)
    assert unknown.exit_code == 1
    assert f"There is no playbook office/kay_cards in {folder}. There are: {NAME}." in unknown.output
    unnamed = offboard("demo", *own)
    assert unnamed.exit_code == 1
    assert "--playbook NAME" in unnamed.output
    (folder / NAME / "en/add_owner.md").write_text("no title\n", encoding="utf-8")
    broken = offboard("demo", "--playbook", NAME, *own)
    assert broken.exit_code == 1
    assert "en/add_owner.md:1: step add_owner: There is text before the title." in broken.output
    assert f"offboard playbook check {NAME} --from {folder}" in broken.output


def test_without_a_story_of_the_usual_name_the_first_one_is_played(folder: Path) -> None:
    stories = folder / NAME / "stories"
    (stories / "everything_goes_well.yaml").rename(stories / "badges.yaml")
    played = offboard("demo", "--playbook", NAME, "--from", str(folder), "--text", "--auto")
    assert played.exit_code == 0, played.output
    (stories / "badges.yaml").unlink()
    none = offboard("demo", "--playbook", NAME, "--from", str(folder), "--text", "--auto")
    assert none.exit_code == 1
    assert f"Nobody has written a story of {NAME} yet" in none.output


def test_a_shipped_playbook_can_be_begun_with_too() -> None:
    played = offboard("demo", "--playbook", "github/organization", "--text", "--auto")
    assert played.exit_code == 0, played.output
    assert "Make the successor owner" in played.output
