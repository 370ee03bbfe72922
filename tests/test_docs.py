"""What the documents say is what the program does: transcripts, commands, words."""

from __future__ import annotations

import io
import re
from pathlib import Path

import click
import pytest

from bot.app import play_in_terminal
from bot.cli import main
from bot.core.lexicon import key, verb_in
from bot.playbook.copy import LANGUAGES, load

HERE = Path(__file__).parent.parent
READMES = {"en": "README.md", "zh-CN": "README.zh-CN.md"}


def transcript(language: str) -> str:
    out = io.StringIO()
    problem = play_in_terminal(
        language=language, path=None, story="everything_goes_well", out=out, source=io.StringIO()
    )
    assert not problem
    return out.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_transcript_in_the_readme_is_what_the_demo_prints(language: str) -> None:
    text = (HERE / READMES[language]).read_text(encoding="utf-8")
    assert f"```text\n{transcript(language)}```" in text, "renew it with: python -m tests.renew"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_story_gives_the_same_bytes(language: str) -> None:
    assert transcript(language) == transcript(language)


def commands(group: click.Group, before: str = "offboard") -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []
    for name, command in group.commands.items():
        here = f"{before} {name}"
        found += commands(command, here) if isinstance(command, click.Group) else [(here, command)]
    return found


@pytest.mark.parametrize(("name", "command"), commands(main), ids=lambda value: value if isinstance(value, str) else "")
def test_every_command_has_an_example_and_stands_in_the_readme(name: str, command: click.Command) -> None:
    assert name in (command.epilog or ""), f"{name} --help shows no example"
    for readme in READMES.values():
        assert name in (HERE / readme).read_text(encoding="utf-8"), f"{readme} does not mention {name}"


def test_both_languages_say_the_same_things_with_the_same_variables() -> None:
    en, zh = load("en"), load("zh-CN")
    assert en.known() == zh.known()
    for name in sorted(en.known()):
        ours, theirs = (_variables(copy._leaves[name]) for copy in (en, zh))
        assert ours == theirs, name


def _variables(leaf: object) -> set[str]:
    text = "\n".join(map(str, leaf)) if isinstance(leaf, list) else str(leaf)
    return set(re.findall(r"\{\{\s*(\w+)\s*\}\}", text))


VERB_OF_BUTTON = {
    "start": "start",
    "decline_case": "decline",
    "confirm": "confirm",
    "stuck": "stuck",
    "not_mine": "not_mine",
    "later": "later",
    "undo": "undo",
    "back": "undo",
    "restore": "restore",
    "accept": "accept",
    "decline": "decline",
    "looked": "approve:looked",
    "word": "approve:word",
    "send_back": "send_back",
    "take": "take",
    "waive": "waive",
    "reassign": "reassign",
    "move": "move",
    "stay": "stay",
    "stay_admin": "stay",
    "name": "successor",
    "name_other": "successor",
    "status": "status",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_stands_on_a_button_can_be_typed(language: str) -> None:
    copy = load(language)
    for button, verb in VERB_OF_BUTTON.items():
        assert verb_in(key(copy(f"buttons.{button}"))) == (verb, ""), button


def test_every_refusal_of_the_code_has_words() -> None:
    said = set()
    for path in (HERE / "bot").rglob("*.py"):
        said |= set(re.findall(r'Refusal\("([a-z_]+)"', path.read_text(encoding="utf-8")))
    statuses = {
        f"is_{status}"
        for status in ("locked", "open", "claimed", "sent_back", "soaking", "done", "waived", "not_needed")
    }
    for language in LANGUAGES:
        copy = load(language)
        missing = [code for code in sorted(said | statuses) if not copy.has(f"refusals.{code}")]
        assert not missing, (language, missing)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_says_what_is_the_case_and_what_to_do_instead(language: str) -> None:
    copy = load(language)
    for name in sorted(copy.known()):
        if name.startswith("refusals."):
            assert len(copy.lines(name, hint="x")) == 2, name
