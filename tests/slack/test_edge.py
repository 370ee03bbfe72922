"""From Slack's deliveries to what people see: the real engine behind real HTTP, before a scripted Slack."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.core.case import StepStatus
from bot.rows import Drawn
from bot.slack.limits import findings
from tests.slack.human import Json
from tests.slack.office import ADMINS_CHANNEL, CHEN, LIN, PUBLIC, ZHAO, Office, office
from tests.slack.test_story import approve, to_a_plan

Play = Callable[[Office], Awaitable[None]]


def play(tmp_path: Path, test: Play, **more: Any) -> None:
    async def run() -> None:
        async with office(tmp_path / "o.db", **more) as here:
            await test(here)

    asyncio.run(run())


def step(here: Office, id: str) -> int:
    return next(one.number for one in here.case().steps if one.id == id)


def status(here: Office, id: str) -> StepStatus:
    return here.case().steps[step(here, id) - 1].status


async def claimed(here: Office) -> int:
    """A plan whose first step waits for an approval; its number."""
    await to_a_plan(here)
    number = step(here, "bind_successor")
    await here.press(ZHAO, "confirm", step=number)
    return number


# ---------------------------------------------------------------------------------------------- answers


def test_a_command_is_answered_privately_and_the_admins_get_a_card(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        code, answer = await here.human(LIN).command()
        assert code == 200
        assert answer["response_type"] == "ephemeral"
        assert "private chat" in answer["text"], "who they are is looked up first"
        await here.settle()
        assert "admins" in here.slack.conversation(LIN)[-1]["text"]
        code, answer = await here.human(LIN).command("status")
        assert "OFB-1" in str(answer["blocks"]), "from now on they are known"
        card = here.card()
        assert "OFB-1" in card["text"]
        assert card["metadata"]["event_payload"]["key"].startswith("OFB-1/case/")
        assert not here.slack.messages[PUBLIC]

    play(tmp_path, test)


def test_an_admin_begins_a_case_with_a_mention_of_somebody_whom_nobody_knew(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        await here.human(CHEN).command(f"<@{LIN}|lin> 2026-12-04")
        await here.settle()
        assert here.case().leaver == f"slack:{LIN}"
        assert str(here.case().last_day) == "2026-12-04"

    play(tmp_path, test)


def test_further_cards_of_a_command_arrive_by_its_own_address(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        await here.human(CHEN).command("status")
        await here.settle()
        code, answer = await here.human(CHEN).command("the password is Tr0ub4dor&3")
        await here.settle()
        assert (code, answer["response_type"]) == (200, "ephemeral")
        assert [said["response_type"] for said in here.slack.responses] == ["ephemeral"]
        assert "do not know anybody of that name" in str(answer)
        assert "looked like a secret" in str(here.slack.responses)

    play(tmp_path, test)


def test_an_admin_without_a_case_in_mind_sees_all_that_waits_in_one_card(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        for user in (LIN, ZHAO):
            await here.human(CHEN).command(f"<@{user}> 2026-12-04")
            await here.settle()
        code, answer = await here.human(CHEN).command("status")
        await here.settle()
        assert (code, answer["response_type"]) == (200, "ephemeral")
        assert here.slack.responses == []
        assert "What waits for you" in str(answer)

    play(tmp_path, test)


def test_what_is_typed_in_private_is_answered_there_and_its_buttons_work(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        await to_a_plan(here)
        await here.write(LIN, "help")
        assert "What you can write" in str(here.slack.conversation(LIN)[-1]["blocks"])

    play(tmp_path, test)


def test_an_accepted_click_shows_on_its_card_and_nowhere_else(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        number = await claimed(here)
        whispers, said = len(here.slack.whispers), len(here.slack.conversation(ZHAO))
        await approve(here, number)
        assert status(here, "bind_successor") is StepStatus.DONE
        assert len(here.slack.whispers) == whispers
        assert len(here.slack.conversation(ZHAO)) >= said

    play(tmp_path, test)


def test_a_refused_click_is_told_to_the_one_who_clicked_in_the_thread(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        number = await claimed(here)
        place, ts = here.offer(CHEN, "approve:looked", number, ADMINS_CHANNEL)
        before = here.case().steps
        assert await here.human(ZHAO).presses(place, ts, "approve:looked") == 200
        await here.settle()
        told = here.slack.whispers[-1]
        assert (told["channel"], told["user"]) == (ADMINS_CHANNEL, ZHAO)
        assert told["thread_ts"] == here.card()["ts"]
        assert here.case().steps == before

    play(tmp_path, test)


def test_the_shortcut_shows_the_case_of_a_thread(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        await to_a_plan(here)
        thread = here.slack.thread(ADMINS_CHANNEL, here.card()["ts"])
        body: Json = {
            "type": "message_action",
            "callback_id": "open_case",
            "user": {"id": CHEN, "team_id": here.slack.team},
            "team": {"id": here.slack.team},
            "channel": {"id": ADMINS_CHANNEL, "name": "admins"},
            "message": thread[0],
            "action_ts": "77.1",
            "trigger_id": here.slack.trigger(),
            "response_url": here.slack.response_url(CHEN),
        }
        assert (await here.human(CHEN).send(body))[0] == 200
        await here.settle()
        assert "OFB-1" in str(here.slack.responses[-1])
        await here.human(CHEN).send({**body, "message": {"ts": "1.1"}, "action_ts": "77.2"})
        await here.settle()
        assert "no such handover" in str(here.slack.responses[-1])

    play(tmp_path, test)


def test_in_a_thread_verbs_count_and_talk_is_left_alone(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        number = await claimed(here)
        whispers = len(here.slack.whispers)
        root = here.card()["ts"]
        for text in ("I had a look at it this morning", "谢谢大家", "ok then"):
            assert await here.human(CHEN).replies(ADMINS_CHANNEL, root, text) == 200
        await here.settle()
        assert len(here.slack.whispers) == whispers, "people talk to each other"
        await here.human(CHEN).replies(ADMINS_CHANNEL, root, f"looked {number}")
        await here.settle()
        assert status(here, "bind_successor") is StepStatus.DONE
        await here.human(CHEN).replies(ADMINS_CHANNEL, root, f"looked {number}")
        await here.settle()
        assert "done and approved" in here.slack.whispers[-1]["text"], "a verb that cannot be is told"

    play(tmp_path, test)


def test_every_word_of_the_command_has_an_answer_that_slack_takes(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        answer: Json = {}
        for user in (LIN, CHEN):
            await here.write(user, "help")
        for user, text in (
            (LIN, "help"),
            (LIN, "status"),
            (LIN, "nonsense"),
            (LIN, f"<@{ZHAO}> 2026-12-04"),
            (CHEN, "rescue"),
            (CHEN, "status"),
            (CHEN, f"<@{ZHAO}> 2026-13-99"),
            (LIN, "language zh-CN"),
            (LIN, "help"),
            (LIN, ""),
        ):
            code, answer = await here.human(user).command(text)
            assert code == 200
            assert answer["response_type"] == "ephemeral", text
            assert answer["text"].strip(), text
            assert findings(Drawn({"text": answer["text"], "blocks": answer["blocks"]})) == [], text
            await here.settle()
        assert "管理员" in answer["text"], "in the language that they chose"

    play(tmp_path, test)


# ---------------------------------------------------------------------------------------------- forms


def test_a_form_brings_the_reason_and_is_told_what_is_wrong_in_it(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        number = await claimed(here)
        place, ts = here.offer(CHEN, "send_back", number, ADMINS_CHANNEL)
        whispers = len(here.slack.whispers)
        await here.human(CHEN).presses(place, ts, "send_back")
        await here.settle()
        assert len(here.slack.forms) == 1
        assert len(here.slack.whispers) == whispers, "the form is the question"
        code, answer = await here.human(CHEN).fills(here.slack.forms[0], words="   ")
        assert (code, answer["response_action"], list(answer["errors"])) == (200, "errors", ["words"])
        assert status(here, "bind_successor") is StepStatus.CLAIMED
        await here.human(CHEN).fills(here.slack.forms[0], words="The page still shows Lin.")
        await here.settle()
        assert status(here, "bind_successor") is StepStatus.SENT_BACK
        assert "The page still shows Lin." in str(here.slack.conversation(ZHAO))

    play(tmp_path, test)


def test_a_day_that_has_passed_is_told_in_the_form(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        await to_a_plan(here)
        place, ts = here.offer(CHEN, "move", place=ADMINS_CHANNEL)
        await here.human(CHEN).presses(place, ts, "move")
        code, answer = await here.human(CHEN).fills(here.slack.forms[0], day="2020-01-01")
        assert (code, answer["response_action"]) == (200, "errors")
        assert list(answer["errors"]) == ["choice"]
        code, answer = await here.human(CHEN).fills(here.slack.forms[0], day="2026-12-11")
        assert (code, answer) == (200, {"text": ""})
        assert str(here.case().last_day) == "2026-12-11"

    play(tmp_path, test)


@pytest.mark.parametrize("fault", ["expired_trigger_id", "internal_error", "dropped", "ratelimited"])
def test_where_no_form_opens_the_question_stands_as_a_message(tmp_path: Path, fault: str) -> None:
    async def test(here: Office) -> None:
        number = await claimed(here)
        here.slack.will(fault, method="views.open")
        place, ts = here.offer(CHEN, "send_back", number, ADMINS_CHANNEL)
        assert await here.human(CHEN).presses(place, ts, "send_back") == 200
        await here.settle()
        assert "What should be different?" in here.slack.whispers[-1]["text"]
        await here.human(CHEN).replies(ADMINS_CHANNEL, here.card()["ts"], "The page still shows Lin.")
        await here.settle()
        assert status(here, "bind_successor") is StepStatus.SENT_BACK

    play(tmp_path, test)


def test_a_slow_form_does_not_hold_the_acknowledgement(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        number = await claimed(here)
        here.slack.will("hang", method="views.open")
        place, ts = here.offer(CHEN, "send_back", number, ADMINS_CHANNEL)
        began = asyncio.get_running_loop().time()
        assert await here.human(CHEN).presses(place, ts, "send_back") == 200
        assert asyncio.get_running_loop().time() - began < 2.9
        here.slack.release()
        await here.settle()
        assert "What should be different?" in here.slack.whispers[-1]["text"]

    play(tmp_path, test)


def test_what_a_closed_form_asked_stands_as_a_message(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        number = await claimed(here)
        place, ts = here.offer(CHEN, "send_back", number, ADMINS_CHANNEL)
        await here.human(CHEN).presses(place, ts, "send_back")
        body = here.human(CHEN).filled(here.slack.forms[0], kind="view_closed")
        assert (await here.human(CHEN).send(body))[0] == 200
        await here.settle()
        assert "or cancel" in here.slack.whispers[-1]["text"]
        assert status(here, "bind_successor") is StepStatus.CLAIMED

    play(tmp_path, test)


# ---------------------------------------------------------------------------------------------- the home page


def test_the_home_page_is_drawn_when_it_is_opened_and_when_something_changes(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        await to_a_plan(here)
        opened = here.human(LIN).event({"type": "app_home_opened", "user": LIN, "tab": "home", "channel": "D00LIN"})
        assert (await here.human(LIN).send(opened))[0] == 200
        await here.slack.until(lambda: LIN in here.slack.homes)
        assert here.slack.homes[LIN]["type"] == "home"
        del here.slack.homes[LIN]
        await here.edge.touched([f"slack:{LIN}", "wecom:lin"])
        await here.slack.until(lambda: LIN in here.slack.homes)
        assert list(here.slack.homes) == [LIN]

    play(tmp_path, test)


def test_the_messages_tab_draws_no_page(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        opened = here.human(LIN).event({"type": "app_home_opened", "user": LIN, "tab": "messages", "channel": "D00LIN"})
        await here.human(LIN).send(opened)
        await here.settle()
        assert here.slack.homes == {}

    play(tmp_path, test)


# ---------------------------------------------------------------------------------------------- who may


@pytest.mark.parametrize(
    "of",
    [{"team_id": "T0OTHER"}, {"is_stranger": True}, {"is_bot": True}, {"deleted": True}, {"is_workflow_bot": True}],
)
def test_who_is_not_of_this_company_is_refused_and_told(tmp_path: Path, of: Json) -> None:
    async def test(here: Office) -> None:
        here.slack.join("U0OTHER", "Other", **of)
        code, answer = await here.human("U0OTHER").command()
        assert code == 200
        await here.settle()
        assert here.cases() == 0
        said = str(answer) + str(here.slack.conversation("U0OTHER"))
        assert "only talk with people of this company" in said or of.keys() & {"is_bot", "deleted"}

    play(tmp_path, test)


def test_another_team_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        number = await claimed(here)
        other = here.human(CHEN)
        other.team = "T0OTHER"
        facts, calls = here.facts(), len(here.slack.calls)
        _, answer = await other.command()
        assert "only talk with people of this company" in answer["text"]
        place, ts = here.offer(CHEN, "approve:looked", number, ADMINS_CHANNEL)
        assert await other.presses(place, ts, "approve:looked") == 200
        await here.settle()
        assert "only talk with people of this company" in here.slack.whispers[-1]["text"]
        assert await other.says("status", user_team="T0OTHER") == 200
        assert await other.says("status", source_team="T0OTHER", team=here.slack.team) == 200
        await here.settle()
        assert here.facts() == facts
        assert {method for method, _ in here.slack.calls[calls:]} <= {"chat.postEphemeral", "chat.postMessage"}

    play(tmp_path, test)


def test_a_guest_hands_over_and_approves_nothing(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        here.slack.users[LIN]["is_restricted"] = True
        await to_a_plan(here)
        assert here.case().leaver == f"slack:{LIN}"
        number = step(here, "bind_successor")
        await here.press(ZHAO, "confirm", step=number)
        here.slack.join("U0GUEST", "Guest", is_ultra_restricted=True)
        place, ts = here.offer(CHEN, "approve:looked", number, ADMINS_CHANNEL)
        await here.human("U0GUEST").presses(place, ts, "approve:looked")
        await here.settle()
        assert status(here, "bind_successor") is StepStatus.CLAIMED
        assert "Guests can only" in str(here.slack.conversation("U0GUEST")) + str(here.slack.whispers)

    play(tmp_path, test)


@pytest.mark.parametrize(
    "more", [{"bot_id": "B1"}, {"subtype": "bot_message", "user": None}, {"app_id": "A2", "bot_id": "B2"}]
)
def test_what_a_program_writes_is_not_heard(tmp_path: Path, more: Json) -> None:
    async def test(here: Office) -> None:
        assert await here.human(LIN).says("/offboard", **more) == 200
        await here.settle()
        assert here.cases() == 0
        assert here.slack.conversation(LIN) == []

    play(tmp_path, test)


def test_nobody_is_judged_before_it_is_known_whose_token_this_is(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        code, _ = await here.human(LIN).command()
        assert code == 503, "Slack says so to the person, and events come again"
        assert "reached" in here.edge.trouble()
        assert here.cases() == 0

    async def run() -> None:
        async with office(tmp_path / "o.db", faults=("fail_before",)) as here:
            await test(here)

    asyncio.run(run())


# ---------------------------------------------------------------------------------------------- the channel


@pytest.mark.parametrize(
    "how", [{"private": False}, {"is_ext_shared": True}, {"is_org_shared": True}, {"is_pending_ext_shared": True}]
)
def test_a_channel_that_others_can_read_gets_nothing_until_it_is_mended(tmp_path: Path, how: Json) -> None:
    async def test(here: Office) -> None:
        await here.human(LIN).command()
        await here.settle()
        assert here.slack.messages[ADMINS_CHANNEL] == []
        assert "admin channel" in here.edge.trouble()
        assert "Lin" not in here.edge.trouble()
        told = [said["text"] for said in here.slack.conversation(CHEN)]
        assert any(said.startswith("I cannot use the admins' channel now: ") for said in told), told
        assert any("OFB-1" in said for said in told), "each admin hears of it in private"
        here.slack.channel(ADMINS_CHANNEL, is_ext_shared=False)
        await here.edge.look()
        await here.settle()
        assert here.edge.trouble() == ""
        assert here.card()["text"].startswith("OFB-1"), "what waited leaves by itself"

    play(tmp_path, test, channel=how)


def test_a_channel_that_becomes_shared_is_let_go_at_once(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        number = await claimed(here)
        place, ts = here.offer(CHEN, "approve:looked", number, ADMINS_CHANNEL)
        here.slack.channels[ADMINS_CHANNEL]["is_ext_shared"] = True
        shared = {"type": "channel_shared", "connected_team_id": "T9", "channel": ADMINS_CHANNEL, "event_ts": "1.1"}
        assert (await here.human(CHEN).send(here.human(CHEN).event(shared)))[0] == 200
        assert await here.human(CHEN).presses(place, ts, "approve:looked") == 200
        await here.settle()
        assert status(here, "bind_successor") is StepStatus.CLAIMED
        assert "another organisation" in here.slack.whispers[-1]["text"]
        here.slack.channels[ADMINS_CHANNEL]["is_ext_shared"] = False
        await here.human(CHEN).send(here.human(CHEN).event({**shared, "type": "channel_unshared"}))
        await here.settle()
        await here.human(CHEN).presses(place, ts, "approve:looked")
        await here.settle()
        assert status(here, "bind_successor") is StepStatus.DONE

    play(tmp_path, test)


def test_in_a_shared_conversation_nobody_is_heard(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        body = here.human(LIN).typed("/offboard")
        assert (await here.human(LIN).send({**body, "is_ext_shared_channel": True}))[0] == 200
        await here.settle()
        assert here.cases() == 0

    play(tmp_path, test)


def test_what_is_said_in_other_channels_is_not_heard(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        await to_a_plan(here)
        before = (here.facts(), len(here.slack.whispers))
        human = here.human(CHEN)
        for more in ({"channel": PUBLIC, "channel_type": "channel"}, {"channel": "G0OTHER", "channel_type": "group"}):
            assert (await human.send(human.typed("stay", thread_ts="5.5", **more)))[0] == 200
        await here.settle()
        assert (here.facts(), len(here.slack.whispers)) == before

    play(tmp_path, test)


# ---------------------------------------------------------------------------------------------- the workspace


def test_who_was_deactivated_is_told_to_the_admins_and_written_to_no_more(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        await to_a_plan(here)
        here.slack.users[LIN]["deleted"] = True
        change = {"type": "user_change", "user": here.slack.users[LIN], "event_ts": "1.1"}
        calls = len(here.slack.calls)
        assert (await here.human(CHEN).send(here.human(CHEN).event(change)))[0] == 200
        await here.settle()
        thread = here.slack.thread(ADMINS_CHANNEL, here.card()["ts"])
        assert any("no longer there" in said["text"] for said in thread)
        await approve_first(here)
        places = [args.get("channel") for _, args in here.slack.calls[calls:]]
        assert here.slack.private[LIN] not in places

    async def approve_first(here: Office) -> None:
        number = step(here, "bind_successor")
        await here.press(ZHAO, "confirm", step=number)
        await approve(here, number)

    play(tmp_path, test)


def test_who_is_renamed_keeps_the_language_that_they_chose(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        await here.write(LIN, "language zh-CN")
        renamed = {**here.slack.users[LIN], "profile": {"display_name": "Lin Xiaoman"}, "locale": "en-GB"}
        change = {"type": "user_change", "user": renamed, "event_ts": "1.1"}
        assert (await here.human(LIN).send(here.human(LIN).event(change)))[0] == 200
        known = here.app.store.read(lambda reads: reads.person(f"slack:{LIN}"))
        assert known is not None
        assert (known.name, known.language) == ("Lin Xiaoman", "zh-CN")

    play(tmp_path, test)


def test_a_stranger_who_changes_is_none_of_our_business(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        change = {"type": "user_change", "user": here.slack.join("U0NEW", "New") and here.slack.users["U0NEW"]}
        assert (await here.human(CHEN).send(here.human(CHEN).event(change)))[0] == 200
        assert here.app.store.read(lambda reads: reads.person("slack:U0NEW")) is None

    play(tmp_path, test)


@pytest.mark.parametrize(
    "event", [{"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U0BOT"]}}]
)
def test_when_the_app_is_taken_away_sending_stops_and_goes_on_when_it_is_back(tmp_path: Path, event: Json) -> None:
    async def test(here: Office) -> None:
        await to_a_plan(here)
        here.slack.revoked = "token_revoked"
        assert (await here.human(CHEN).send(here.human(CHEN).event(event)))[0] == 200
        assert "bot token" in here.edge.trouble()
        calls = len([method for method, _ in here.slack.calls if method.startswith("chat.")])
        await here.press(ZHAO, "confirm", step=step(here, "bind_successor"))
        assert status(here, "bind_successor") is StepStatus.CLAIMED, "what people do still counts"
        assert len([method for method, _ in here.slack.calls if method.startswith("chat.")]) == calls
        assert here.left() > 0
        here.slack.revoked = ""
        here.ticks.at += 120
        await here.settle()
        assert here.left() == 0
        assert here.edge.trouble() == ""
        await approve(here, step(here, "bind_successor"))
        assert status(here, "bind_successor") is StepStatus.DONE

    play(tmp_path, test)


def test_a_revoked_token_of_a_person_stops_nothing(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        event = {"type": "tokens_revoked", "tokens": {"oauth": [LIN], "bot": []}}
        await here.human(CHEN).send(here.human(CHEN).event(event))
        assert here.edge.trouble() == ""

    play(tmp_path, test)


def test_events_of_next_year_and_of_nobody_are_acknowledged(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        human = here.human(LIN)
        for body in (
            human.event({"type": "reaction_added", "user": LIN, "item": {}}),
            human.event({"type": "something_new"}),
            {"type": "block_suggestion", "user": {"id": LIN}, "team": {"id": here.slack.team}},
            {"type": "app_rate_limited", "team_id": here.slack.team},
        ):
            assert (await human.send(body))[0] == 200
        code, answer = await human.send({"type": "url_verification", "challenge": "3eZbrw", "token": "unused"})
        assert (code, answer) == (200, {"challenge": "3eZbrw"})

    play(tmp_path, test)


# ---------------------------------------------------------------------------------------------- twice


def test_a_message_that_is_delivered_again_counts_once_and_is_answered_once(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        await to_a_plan(here)
        number = step(here, "bind_successor")
        human = here.human(ZHAO)
        body = human.typed(f"done {number}")
        facts = here.facts()
        assert (await human.send(body))[0] == 200
        await here.settle()
        said, after = len(here.slack.conversation(ZHAO)), here.facts()
        assert after == facts + 1
        retry = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
        assert (await human.send(body, **retry))[0] == 200
        assert (await human.send({**body, "event_id": "Ev-another"}))[0] == 200
        other_ts = {**body, "event": {**body["event"], "ts": here.slack.next_ts()}}
        assert (await human.send(other_ts))[0] == 200
        await here.settle()
        assert (here.facts(), len(here.slack.conversation(ZHAO))) == (after, said)

    play(tmp_path, test)


def test_a_retry_whose_first_delivery_never_arrived_is_heard(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        retry = {"X-Slack-Retry-Num": "3", "X-Slack-Retry-Reason": "connection_failed"}
        human = here.human(LIN)
        assert (await human.send(human.typed("/offboard"), **retry))[0] == 200
        await here.settle()
        assert here.cases() == 1

    play(tmp_path, test)


def test_a_click_that_is_replayed_does_nothing_more(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        number = await claimed(here)
        human = here.human(CHEN)
        body = human.pressed(*here.offer(CHEN, "approve:looked", number, ADMINS_CHANNEL), "approve:looked")
        for _ in range(3):
            assert (await human.send(body))[0] == 200
        await here.settle()
        facts = here.facts()
        assert (await human.send(body))[0] == 200
        assert here.facts() == facts

    play(tmp_path, test)


def test_twenty_clicks_at_once_on_a_slow_platform_are_all_acknowledged(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        number = await claimed(here)
        here.slack.will("hang", times=200)
        place, ts = here.offer(CHEN, "approve:looked", number, ADMINS_CHANNEL)
        loop = asyncio.get_running_loop()

        async def one() -> float:
            began = loop.time()
            assert await here.human(CHEN).presses(place, ts, "approve:looked") == 200
            return loop.time() - began

        took = await asyncio.gather(*(one() for _ in range(20)))
        assert max(took) < 2.5
        assert status(here, "bind_successor") is StepStatus.DONE
        here.slack.release()

    play(tmp_path, test)


def test_what_the_second_of_two_admins_clicks_is_answered(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        number = await claimed(here)
        place, ts = here.offer(CHEN, "approve:looked", number, ADMINS_CHANNEL)
        body = here.human(CHEN).pressed(place, ts, "approve:looked")
        await here.human(CHEN).send(body)
        late = {**body, "actions": [{**body["actions"][0], "action_ts": "99.9"}]}
        await here.human(CHEN).send(late)
        await here.settle()
        assert here.slack.whispers[-1]["user"] == CHEN

    play(tmp_path, test)
