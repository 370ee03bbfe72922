"""What the doctor says of Slack: each thing that is wrong by name, with how to mend it, and nothing of a secret."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.rows import Finding, SlackSettings
from bot.slack.doctor import doctor, forms
from bot.slack.scripted import ScriptedSlack

GOOD = SlackSettings(
    bot_token="xoxb-1234567890-abcdefghij",
    signing_secret="8f742231b10e8888abcd9988aaaa85a5",
    admin_channel="C0ADMINS1",
    admins=("slack:U0CHEN", "wecom:lin"),
    public_url="https://bot.example.com",
)
Change = Callable[[ScriptedSlack], object]


def wall() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  this machine's clock is what is looked at


def examined(change: Change = lambda slack: None, now: Callable[[], datetime] = wall, **settings: Any) -> list[Finding]:
    async def run() -> list[Finding]:
        async with ScriptedSlack() as slack:
            slack.token, slack.app_token = GOOD.bot_token, "xapp-1-A0001-1234567890"
            slack.join("U0CHEN", "Chen Jie")
            slack.channel("C0ADMINS1")
            change(slack)
            known = {name: getattr(GOOD, name) for name in GOOD.__struct_fields__}
            return await doctor(SlackSettings(**{**known, "api_url": slack.api_url, **settings}), now=now)

    return asyncio.run(run())


def failing(found: list[Finding]) -> list[str]:
    assert all(one.mend for one in found if one.ok is False), "each failing line has its mend"
    return [one.what for one in found if one.ok is False]


def test_all_is_well() -> None:
    found = examined()
    assert failing(found) == []
    assert all(one.ok for one in found)
    assert len(found) >= 9


def channel(**more: Any) -> Change:
    return lambda slack: slack.channels["C0ADMINS1"].update(more)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (channel(is_private=False), "The admin channel is public."),
        (channel(is_ext_shared=True), "shared with another organisation"),
        (channel(is_pending_ext_shared=True), "shared with another organisation"),
        (channel(is_archived=True), "archived"),
        (channel(is_member=False), "not a member"),
        (
            lambda slack: setattr(slack, "scopes", tuple(one for one in slack.scopes if one != "groups:read")),
            "no right to look at the admin channel",
        ),
        (lambda slack: slack.channels.clear(), "not there, or the bot cannot see it"),
        (lambda slack: setattr(slack, "scopes", slack.scopes[1:]), "The right chat:write is missing"),
        (lambda slack: setattr(slack, "token", "xoxb-another-one-entirely"), "does not take the bot token"),
        (lambda slack: setattr(slack, "revoked", "token_revoked"), "does not take the bot token (token_revoked)"),
        (lambda slack: setattr(slack, "tabs_closed", True), "The Messages tab is closed"),
        (lambda slack: slack.users.clear(), "nobody's id in this workspace"),
        (lambda slack: slack.users["U0CHEN"].update(is_restricted=True), "no member here (guest)"),
        (lambda slack: slack.users["U0CHEN"].update(team_id="T0OTHER"), "no member here (outsider)"),
    ],
)
def test_each_thing_that_is_wrong_is_named(change: Change, said: str) -> None:
    assert any(said in one for one in failing(examined(change))), failing(examined(change))


def test_every_missing_right_has_a_line_of_its_own() -> None:
    found = failing(examined(lambda slack: setattr(slack, "scopes", ("chat:write", "im:write", "groups:read"))))
    assert len([one for one in found if one.startswith("The right ")]) == 4


def test_a_clock_that_is_wrong_is_seen_beside_slacks() -> None:
    found = failing(examined(now=lambda: wall() + timedelta(minutes=4)))
    assert any("clock is" in one for one in found)


def test_nobody_at_the_other_end_is_said_too() -> None:
    found = examined(api_url="http://127.0.0.1:9/api/")
    assert any("was not reached" in one for one in failing(found))


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"bot_token": "xoxp-1234567890-abc"}, "SLACK_BOT_TOKEN"),
        ({"signing_secret": "xoxb-1234567890"}, "SLACK_SIGNING_SECRET"),
        ({"app_token": "xoxb-1234567890-abc"}, "SLACK_APP_TOKEN"),
        ({"admin_channel": "#admins"}, "OFFBOARD_SLACK_ADMIN_CHANNEL"),
        ({"admin_channel": ""}, "No admin channel is named"),
        ({"public_url": ""}, "no way to reach us"),
    ],
)
def test_the_form_of_each_setting_is_looked_at(settings: dict[str, str], name: str) -> None:
    known = {one: getattr(GOOD, one) for one in GOOD.__struct_fields__}
    assert any(name in one for one in failing(forms(SlackSettings(**{**known, **settings}))))


def test_with_an_app_token_socket_mode_is_tried() -> None:
    assert failing(examined(app_token="xapp-1-A0001-1234567890")) == []
    assert any("Socket Mode" in one for one in failing(examined(app_token="xapp-1-A0001-another-one")))


def test_nothing_of_a_secret_is_said() -> None:
    found = examined(lambda slack: slack.channels.clear(), app_token="xapp-1-A0001-1234567890")
    said = repr(found)
    assert GOOD.bot_token not in said
    assert GOOD.signing_secret not in said
    assert "1234567890" not in said
