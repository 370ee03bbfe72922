"""The application's manifest: what Slack is told of us."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.slack.manifest import EVENTS, EXAMPLE, SCOPES, manifest
from bot.slack.scripted import NEEDS
from bot.slack.scripted import SCOPES as GIVEN

HERE = Path(__file__).parent.parent.parent


def read(socket: bool) -> Any:
    return yaml.safe_load(manifest("https://bot.example.com/", socket=socket))


def test_the_files_to_paste_are_what_the_program_prints() -> None:
    folder = HERE / "deploy" / "slack"
    assert (folder / "manifest.http.yaml").read_text(encoding="utf-8") == manifest(EXAMPLE, socket=False)
    assert (folder / "manifest.socket.yaml").read_text(encoding="utf-8") == manifest("", socket=True)


def test_over_http_every_address_is_the_same_one_of_ours() -> None:
    text = manifest("https://bot.example.com/", socket=False)
    assert re.findall(r"url: (\S+)", text) == ["https://bot.example.com/slack/events"] * 3


def test_with_socket_mode_there_is_no_address() -> None:
    assert "https://bot" not in manifest("https://bot.example.com", socket=True)
    assert "url" not in str(list(read(True)["settings"]["event_subscriptions"]))
    assert read(True)["settings"]["socket_mode_enabled"] is True


@pytest.mark.parametrize("socket", [False, True])
def test_what_is_not_used_is_off(socket: bool) -> None:
    said = read(socket)
    assert said["settings"]["token_rotation_enabled"] is False
    assert said["settings"]["org_deploy_enabled"] is False
    assert list(said["oauth_config"]) == ["scopes"], "no redirect, no user scopes"
    assert said["features"]["slash_commands"][0]["should_escape"] is True
    assert said["features"]["app_home"]["messages_tab_read_only_enabled"] is False


@pytest.mark.parametrize("socket", [False, True])
def test_it_asks_for_the_rights_that_are_used_and_says_of_each_why(socket: bool) -> None:
    said = read(socket)
    assert said["oauth_config"]["scopes"]["bot"] == list(SCOPES)
    assert said["settings"]["event_subscriptions"]["bot_events"] == list(EVENTS)
    lines = [line.strip() for line in manifest("", socket=socket).splitlines()]
    for at, line in enumerate(lines):
        if line.removeprefix("- ") in {*SCOPES, *EVENTS} and line.startswith("- "):
            assert lines[at - 1].startswith("# "), line


def test_the_scripted_slack_gives_these_rights_and_no_other() -> None:
    assert set(GIVEN) == set(SCOPES)
    assert set(NEEDS.values()) <= set(SCOPES)


def test_it_keeps_within_slacks_own_lengths() -> None:
    said = read(False)
    shortcut = said["features"]["shortcuts"][0]
    assert len(shortcut["name"]) <= 24
    assert len(shortcut["description"]) <= 150
    assert len(said["display_information"]["description"]) <= 140
    assert len(said["features"]["slash_commands"][0]["description"]) <= 2_000
