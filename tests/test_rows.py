"""Settings that hold secrets never show them."""

from __future__ import annotations

import pytest

from bot.rows import Hushed, SlackSettings, WecomSettings

SLACK = SlackSettings(bot_token="xoxb-canary", signing_secret="canary-s", app_token="xapp-canary", admin_channel="C1")
WECOM = WecomSettings(
    corp_id="ww1",
    agent_id=1000002,
    secret="canary-1",
    token="canary-2",
    aes_key="canary-3",
    contact_secret="canary-4",
    contact_token="canary-5",
    contact_aes_key="canary-6",
)


@pytest.mark.parametrize("settings", [SLACK, WECOM])
def test_no_way_of_printing_settings_shows_a_secret(settings: Hushed) -> None:
    for text in (repr(settings), str(settings), f"{settings!r}", f"{settings}", repr([settings])):
        assert "canary" not in text
        assert "***" in text


def test_what_is_not_secret_is_shown_and_so_is_what_is_missing() -> None:
    assert "admin_channel='C1'" in repr(SLACK)
    assert "app_token=''" in repr(SlackSettings(bot_token="xoxb-canary", signing_secret="canary"))
