"""Messages out, on Slack's bad days: what is repeated, what is looked up first, what goes to somebody else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.slack.human import Json
from tests.slack.office import ADMINS_CHANNEL, CHEN, LIN, PUBLIC, ZHAO, Office, office
from tests.slack.test_story import approve, to_a_plan

Play = Callable[[Office], Awaitable[None]]


def play(tmp_path: Path, test: Play, **more: Any) -> None:
    async def run() -> None:
        async with office(tmp_path / "o.db", **more) as here:
            await test(here)

    asyncio.run(run())


def first(here: Office) -> int:
    return next(one.number for one in here.case().steps if one.id == "bind_successor")


def keys(messages: list[Json]) -> list[str]:
    return [said["metadata"]["event_payload"]["key"] for said in messages if "metadata" in said]


@pytest.mark.parametrize("fault", ["effect_then_lost", "dropped", "garbage", "internal_error", "fatal_error"])
def test_a_post_whose_answer_was_lost_stands_once(tmp_path: Path, fault: str) -> None:
    async def test(here: Office) -> None:
        await to_a_plan(here)
        here.slack.will(fault, method="chat.postMessage")
        await here.press(ZHAO, "confirm", step=first(here))
        asked = [key for key in keys(here.slack.messages[ADMINS_CHANNEL]) if "/approval-" in key]
        assert len(asked) == 1
        await approve(here, first(here))
        assert here.left() == 0

    play(tmp_path, test)


def test_an_uncertain_card_of_a_case_is_looked_up_in_the_channel(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        here.slack.will("effect_then_lost", method="chat.postMessage", channel=ADMINS_CHANNEL)
        await here.human(LIN).command()
        await here.settle()
        assert len([said for said in here.slack.messages[ADMINS_CHANNEL] if "thread_ts" not in said]) == 1
        methods = [method for method, _ in here.slack.calls]
        assert "conversations.history" in methods

    play(tmp_path, test)


def test_a_look_up_goes_through_every_page(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        await to_a_plan(here)
        place = here.slack.private[LIN]
        here.slack.will("effect_then_lost", method="chat.postMessage", channel=place)
        await here.human(CHEN).replies(ADMINS_CHANNEL, here.card()["ts"], "move 2026-12-11")
        talk = [{"type": "message", "user": LIN, "ts": here.slack.next_ts(), "text": "…"} for _ in range(450)]
        await here.app.outbox.drain()
        here.slack.messages[place] += talk
        await here.settle()
        moved = [key for key in keys(here.slack.messages[place]) if "/moved" in key]
        assert len(moved) == len(set(moved)) == 1

    play(tmp_path, test)


def test_too_many_requests_are_waited_for_as_long_as_slack_asks(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        await to_a_plan(here)
        here.slack.will("ratelimited", method="chat.postMessage", channel=ADMINS_CHANNEL, seconds=30)
        await here.human(ZHAO).presses(*here.offer(ZHAO, "confirm", first(here)), "confirm")
        await here.app.outbox.drain()
        assert not [key for key in keys(here.slack.messages[ADMINS_CHANNEL]) if "/approval-" in key]
        here.ticks.at += 29
        await here.app.outbox.drain()
        assert not [key for key in keys(here.slack.messages[ADMINS_CHANNEL]) if "/approval-" in key]
        here.ticks.at += 3
        await here.settle()
        assert [key for key in keys(here.slack.messages[ADMINS_CHANNEL]) if "/approval-" in key]

    play(tmp_path, test)


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_blocks_too_long", "msg_too_long"])
def test_a_card_that_slack_does_not_take_is_posted_as_its_sentence(tmp_path: Path, code: str) -> None:
    async def test(here: Office) -> None:
        await to_a_plan(here)
        here.slack.will(code, method="chat.postMessage", channel=ADMINS_CHANNEL)
        await here.press(ZHAO, "confirm", step=first(here))
        said = here.slack.messages[ADMINS_CHANNEL][-1]
        assert said["blocks"] == []
        assert said["text"].startswith("OFB-1")
        await here.human(CHEN).replies(ADMINS_CHANNEL, here.card()["ts"], f"looked {first(here)}")
        await here.settle()
        assert here.case().steps[first(here) - 1].status == "done", "what cannot be pressed can be typed"

    play(tmp_path, test)


def test_a_redraw_that_slack_does_not_take_becomes_its_sentence(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        await to_a_plan(here)
        place, ts = here.offer(ZHAO, "confirm", first(here))
        here.slack.will("invalid_blocks", method="chat.update", channel=place)
        await here.human(ZHAO).presses(place, ts, "confirm")
        await here.settle()
        said = here.slack.message(place, ts)
        assert said is not None
        assert said["blocks"] == []

    play(tmp_path, test)


@pytest.mark.parametrize("code", ["edit_window_closed", "cant_update_message", "message_not_found", "is_inactive"])
def test_a_message_that_can_no_longer_be_changed_is_posted_anew(tmp_path: Path, code: str) -> None:
    async def test(here: Office) -> None:
        await to_a_plan(here)
        place, ts = here.offer(ZHAO, "confirm", first(here))
        here.slack.will(code, method="chat.update", channel=place)
        await here.human(ZHAO).presses(place, ts, "confirm")
        await here.settle()
        assert here.slack.messages[place][-1]["ts"] != ts
        assert f"step-{first(here)}" in keys(here.slack.messages[place])[-1]

    play(tmp_path, test)


def test_a_case_whose_card_was_deleted_goes_on_below_a_new_one(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        await to_a_plan(here)
        old = here.card()["ts"]
        here.slack.erase(ADMINS_CHANNEL, old)
        await here.press(ZHAO, "confirm", step=first(here))
        here.slack.messages[ADMINS_CHANNEL] = [
            said for said in here.slack.messages[ADMINS_CHANNEL] if said.get("thread_ts") != old
        ]
        assert here.card()["ts"] != old
        await approve(here, first(here))
        assert here.case().steps[first(here) - 1].status == "done"

    play(tmp_path, test)


def test_what_a_deactivated_person_was_to_hear_goes_to_the_admins(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        await to_a_plan(here)
        here.slack.users[LIN]["deleted"] = True
        await here.human(CHEN).replies(ADMINS_CHANNEL, here.card()["ts"], "move 2026-12-11")
        await here.settle()
        thread = here.slack.thread(ADMINS_CHANNEL, here.card()["ts"])
        assert any("no longer there" in said["text"] for said in thread)
        here.slack.users[LIN]["deleted"] = False
        await here.human(CHEN).replies(ADMINS_CHANNEL, here.card()["ts"], "move 2026-12-18")
        await here.settle()
        assert any("18 Dec" in str(said["blocks"]) for said in here.slack.conversation(LIN)), "who is back hears it"

    play(tmp_path, test)


@pytest.mark.parametrize("how", [{"is_archived": True}, {"is_member": False}])
def test_a_channel_that_cannot_be_written_in_is_told_to_each_admin_and_nothing_is_lost(
    tmp_path: Path, how: Json
) -> None:
    async def test(here: Office) -> None:
        await to_a_plan(here)
        here.slack.channels[ADMINS_CHANNEL].update(how)
        here.ticks.at += 700
        await here.press(ZHAO, "confirm", step=first(here))
        assert here.edge.trouble().startswith("In Slack, the")
        assert "OFB-1" in str(here.slack.conversation(CHEN))
        here.slack.channels[ADMINS_CHANNEL].update({"is_archived": False, "is_member": True})
        await here.human(ZHAO).says("status")
        await here.press(ZHAO, "undo", step=first(here))
        await here.press(ZHAO, "confirm", step=first(here))
        await approve(here, first(here))
        assert here.edge.trouble() == ""

    play(tmp_path, test)


def test_a_closed_messages_tab_holds_everything_until_it_is_open(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        await to_a_plan(here)
        here.slack.tabs_closed = True
        await here.human(CHEN).replies(ADMINS_CHANNEL, here.card()["ts"], "move 2026-12-11")
        await here.settle()
        assert "messages_tab_disabled" in here.edge.trouble()
        here.slack.tabs_closed = False
        here.ticks.at += 120
        await here.settle()
        assert here.left() == 0
        assert here.edge.trouble() == ""
        assert any("11 Dec" in str(said["blocks"]) for said in here.slack.conversation(LIN))

    play(tmp_path, test)


def test_nothing_that_somebody_typed_becomes_a_mention_or_a_link(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        await to_a_plan(here)
        await here.press(ZHAO, "confirm", step=first(here))
        words = "<!channel> <@U000HR> <https://evil.example|click> *bold* & more"
        await here.press(CHEN, "send_back", step=first(here), place=ADMINS_CHANNEL, words=words)
        said = here.slack.conversation(ZHAO)[-1]
        for text in (said["text"], *_texts(said["blocks"])):
            assert "<!" not in text
            assert "<https://evil" not in text
            assert "<@U000HR>" not in text
        posted = [args for method, args in here.slack.calls if method == "chat.postMessage"]
        assert posted
        assert all(args["unfurl_links"] is False and args["unfurl_media"] is False for args in posted)

    play(tmp_path, test)


def test_names_and_departures_stand_in_no_public_channel(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        await to_a_plan(here)
        await here.human(CHEN).command("status", channel=PUBLIC)
        await here.settle()
        assert here.slack.messages[PUBLIC] == []
        places = {args["channel"] for method, args in here.slack.calls if method == "chat.postMessage"}
        assert places <= {ADMINS_CHANNEL, *here.slack.private.values()}

    play(tmp_path, test)


def _texts(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["text"]] if isinstance(node.get("text"), str) and node.get("type") == "mrkdwn" else []
        return own + [text for value in node.values() for text in _texts(value)]
    return [text for value in node for text in _texts(value)] if isinstance(node, list) else []


def test_a_right_that_is_missing_holds_the_channel_and_what_waited_leaves_when_it_is_there(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        scopes = here.slack.scopes
        here.slack.scopes = tuple(one for one in scopes if one != "groups:read")
        await here.edge.look()
        here.ticks.at += 700
        await here.human(LIN).command()
        await here.settle()
        assert here.slack.messages[ADMINS_CHANNEL] == []
        assert "right" in here.edge.trouble()
        here.slack.scopes = scopes
        await here.edge.look()
        await here.settle()
        assert here.card()["text"].startswith("OFB-1")
        assert here.edge.trouble() == ""

    play(tmp_path, test)
