"""From what Slack sends to what the house hears, as tables. Shapes as in Slack's documents."""

from __future__ import annotations

from typing import Any

import pytest

from bot.heard import Click
from bot.rows import Message
from bot.slack import inbound
from bot.slack.clicks import read_click
from bot.slack.inbound import Act
from bot.slack.shapes import Action, NotSlacks, State, read

Json = dict[str, Any]
COMMAND: Json = {
    "command": "/offboard",
    "text": "",
    "team_id": "T1",
    "user_id": "U1",
    "channel_id": "C1",
    "trigger_id": "13.7",
    "response_url": "https://hooks.slack.com/commands/1",
}


def command(text: str, **more: str) -> Act:
    return inbound.command({**COMMAND, "text": text, **more})


def message(text: str | None = "done", outer: Json | None = None, **more: Any) -> Act | None:
    event = {
        "type": "message",
        "channel": "D1",
        "channel_type": "im",
        "user": "U1",
        "text": text,
        "ts": "1795000000.000100",
        "team": "T1",
    }
    body = {"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": {**event, **more}}
    return inbound.typed({**body, **(outer or {})})


def action(kind: str = "button", id: str = "confirm", **more: Any) -> Json:
    return {"type": kind, "action_id": id, "block_id": "b1", "action_ts": "2.2", **more}


def click(pressed: Json, state: Json | None = None, **more: Any) -> Act | None:
    body: Json = {
        "type": "block_actions",
        "user": {"id": "U1", "team_id": "T1"},
        "team": {"id": "T1"},
        "container": {"type": "message", "channel_id": "D1", "message_ts": "1.1", "is_ephemeral": False},
        "trigger_id": "13.8",
        "actions": [pressed],
        "state": {"values": state or {}},
        **more,
    }
    return inbound.click(body)


# ---------------------------------------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", ""),
        ("status", "status"),
        ("a &amp; b &lt;c&gt;", "a & b <c>"),
        ("&amp;lt;", "&lt;"),
        ("<@U0LIN|lin> 2026-12-04", "slack:U0LIN 2026-12-04"),
        ("<@U0LIN> 2026-12-04", "slack:U0LIN 2026-12-04"),
        ("请看<@W0LIN>的", "请看 slack:W0LIN 的"),
        ("see <https://example.com/a|example.com/a>", "see example.com/a"),
        ("see <https://example.com/a>", "see https://example.com/a"),
        ("<mailto:lin@example.com|lin@example.com>", "lin@example.com"),
        ("<mailto:lin@example.com>", "lin@example.com"),
        ("<#C1|general> <#C2>", "#general #C2"),
        ("<!here> <!channel> <!everyone>", "@here @channel @everyone"),
        ("<!subteam^S1|@admins>", "@admins"),
        ("<!date^1795000000^{date}|4 Dec>", "4 Dec"),
        ("100012345678", "100012345678"),
        ("two  spaces stay", "two  spaces stay"),
        ("  around  ", "around"),
    ],
)
def test_words_are_what_was_typed(typed: str, said: str) -> None:
    assert inbound.spoken(typed) == said


def test_who_is_mentioned_is_named_once() -> None:
    assert inbound.mentioned("<@U1> and <@U2|zhao>, <@U1|lin>") == ("slack:U1", "slack:U2")


@pytest.mark.parametrize("word", ["@U1", "slack:U1", "&lt;@U1&gt;", "U1"])
def test_only_slack_itself_mentions_somebody(word: str) -> None:
    assert inbound.mentioned(word) == ()


# ---------------------------------------------------------------------------------------------- commands


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("", "/offboard"),
        ("status", "/offboard status"),
        ("rescue", "/offboard rescue"),
        ("language zh-CN", "/offboard language zh-CN"),
        ("<@U0LIN|lin> 2026-12-04", "/offboard slack:U0LIN 2026-12-04"),
    ],
)
def test_a_command_is_heard_with_its_words(text: str, heard: str) -> None:
    act = command(text)
    assert (act.heard.text, act.heard.person, act.how) == (heard, "slack:U1", "command")


def test_a_command_of_another_name_is_the_same_command() -> None:
    assert command("status", command="/offboard-test").heard.text == "/offboard status"


def test_a_command_knows_whom_it_mentions_and_where_it_was_typed() -> None:
    act = command("<@U0LIN|lin>", channel_id="D1")
    assert act.heard.people == ("slack:U0LIN",)
    assert act.private
    assert not command("").private


def test_a_command_that_is_sent_again_has_the_same_key() -> None:
    assert command("status").heard.key == command("status").heard.key
    assert command("status").heard.key != command("status", trigger_id="13.9").heard.key
    assert command("a", trigger_id="").heard.key != command("b", trigger_id="").heard.key


# ---------------------------------------------------------------------------------------------- messages


def test_a_message_is_known_by_its_place_and_moment_and_by_its_event() -> None:
    act = message()
    assert act is not None
    assert act.heard.key == "slack/message/T1/D1/1795000000.000100"
    assert act.heard.also == ("slack/event/T1/Ev1",)
    again = message(outer={"event_id": "Ev2"})
    assert again is not None
    assert again.heard.key == act.heard.key, "Slack may send one message as several events"


@pytest.mark.parametrize(
    "more",
    [
        {"bot_id": "B1"},
        {"subtype": "bot_message"},
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
        {"subtype": "channel_join"},
        {"hidden": True},
        {"user": None},
        {"channel_type": "channel"},
        {"channel_type": "group"},
        {"channel_type": "mpim"},
        {"channel_type": "group", "thread_ts": "1795000000.000100"},
    ],
)
def test_what_nobody_said_to_us_just_now_is_not_heard(more: Json) -> None:
    assert message(**more) is None


@pytest.mark.parametrize("subtype", [None, "file_share", "thread_broadcast", "me_message"])
def test_what_somebody_wrote_is_heard(subtype: str | None) -> None:
    act = message(subtype=subtype)
    assert act is not None
    assert act.heard.text == "done"


def test_a_picture_without_words_is_an_empty_message() -> None:
    act = message(None, subtype="file_share")
    assert act is not None
    assert act.heard.text == ""


def test_a_reply_in_a_thread_knows_its_root() -> None:
    act = message("2026-12-04", channel="G1", channel_type="group", thread_ts="1794000000.000001")
    assert act is not None
    assert (act.root, act.thread, act.channel, act.private) == ("1794000000.000001", "1794000000.000001", "G1", False)


def test_a_reply_in_a_private_thread_is_a_private_message() -> None:
    act = message("done", thread_ts="1794000000.000001")
    assert act is not None
    assert (act.root, act.thread, act.private) == ("", "1794000000.000001", True)


@pytest.mark.parametrize(
    ("more", "team"),
    [
        ({}, "T1"),
        ({"team": None}, "T1"),
        ({"user_team": "T2"}, "T1,T2"),
        ({"team": "T2"}, "T2"),
        ({"team": None, "source_team": "T3"}, "T3"),
        ({"user_team": "T1", "source_team": "T1"}, "T1"),
    ],
)
def test_whose_a_message_is_is_what_every_field_agrees_on(more: Json, team: str) -> None:
    act = message(**more)
    assert act is not None
    assert act.team == team


def test_a_message_of_a_shared_channel_says_so() -> None:
    act = message(outer={"is_ext_shared_channel": True})
    assert act is not None
    assert act.shared


# ---------------------------------------------------------------------------------------------- clicks


@pytest.mark.parametrize(
    ("pressed", "expected"),
    [
        (action(value="v"), Click("confirm", "v")),
        (action(id="approve:looked", value="v"), Click("approve", "v", "looked")),
        (action(id="confirm::2", value="v"), Click("confirm", "v")),
        (action(id="answer:q:yes", value="v"), Click("answer", "v", chosen=("yes",))),
        (action("overflow", "answer:more", selected_option={"value": "later::v"}), Click("later", "v")),
        (action("overflow", "answer:more", selected_option={"value": "waive:x:v"}), Click("waive", "v", "x")),
        (
            action("static_select", "answer:q", selected_option={"value": "email"}),
            Click("answer", "b1", chosen=("email",)),
        ),
        (action("datepicker", "answer:q", selected_date="2026-12-04"), Click("answer", "b1", chosen=("2026-12-04",))),
        (action("users_select", "answer:q", selected_user="U2"), Click("answer", "b1", chosen=("slack:U2",))),
        (action("static_select", "answer:q", selected_option=None), Click("answer", "b1")),
    ],
)
def test_an_action_is_a_click(pressed: Json, expected: Click) -> None:
    assert read_click(read(pressed, Action), None, of="slack:") == expected


@pytest.mark.parametrize(
    ("field", "chosen", "words"),
    [
        ({"selected_options": [{"value": "phone"}, {"value": "wechat"}]}, ("phone", "wechat"), ""),
        ({"selected_options": []}, (), ""),
        ({"value": "100012345678"}, ("100012345678",), "100012345678"),
        ({"value": "100012345678, 100087654321"}, ("100012345678", "100087654321"), "100012345678, 100087654321"),
        ({"value": "a.example.com b.example.com"}, ("a.example.com", "b.example.com"), "a.example.com b.example.com"),
        ({"value": "138 0013 8000"}, ("138 0013 8000",), "138 0013 8000"),
        ({"value": " it is the old one. "}, ("it is the old one.",), "it is the old one."),
        ({"value": None}, (), ""),
    ],
)
def test_what_stands_in_the_fields_is_sent_by_a_button(field: Json, chosen: tuple[str, ...], words: str) -> None:
    state = read({"values": {"v": {"answer:q": field}}}, State)
    pressed = read(action(id="answer:q:submit", value="v"), Action)
    assert read_click(pressed, state) == Click("answer", "v", chosen=chosen, words=words)


def test_nothing_in_the_fields_is_an_empty_answer() -> None:
    assert read_click(read(action(id="answer:q:submit", value="v"), Action), None) == Click("answer", "v")


@pytest.mark.parametrize("kind", ["checkboxes", "multi_static_select", "plain_text_input"])
def test_half_an_answer_is_none(kind: str) -> None:
    assert click(action(kind, "answer:q", selected_options=[{"value": "a"}])) is None


def test_a_link_that_is_followed_is_no_click() -> None:
    assert click(action(id="link", value="")) is None


def test_a_click_carries_the_message_that_it_stands_on() -> None:
    act = click(action(value="v"))
    assert act is not None
    assert act.heard.click is not None
    assert act.heard.click.message == Message("D1", "1.1")
    assert act.heard.key == "slack/click/T1/U1/D1/1.1/confirm/2.2"
    assert (act.trigger, act.private, act.passing) == ("13.8", True, False)


@pytest.mark.parametrize(
    "container",
    [
        {"type": "message", "channel_id": "C1", "message_ts": "1.1", "is_ephemeral": True},
        {"type": "view", "view_id": "V1"},
    ],
)
def test_a_click_on_what_passes_stands_on_no_message(container: Json) -> None:
    act = click(action(value="v"), container=container)
    assert act is not None
    assert act.passing
    assert act.heard.click is not None
    assert act.heard.click.message is None


def test_the_same_click_again_has_the_same_key_and_the_next_click_another() -> None:
    keys = [act.heard.key for pressed in ({}, {}, {"action_ts": "3.3"}) if (act := click(action(value="v", **pressed)))]
    assert keys[0] == keys[1] != keys[2]


def test_what_is_ticked_goes_with_an_approval_of_several_and_with_nothing_else() -> None:
    state = {"b": {"answer:chosen": {"selected_options": [{"value": "1"}, {"value": "2"}]}}}
    approval, other = click(action(id="approve:looked", value="v"), state), click(action(id="move", value="v"), state)
    assert approval is not None
    assert approval.heard.click is not None
    assert approval.heard.click.chosen == ("1", "2")
    assert other is not None
    assert other.heard.click is not None
    assert other.heard.click.chosen == ()


def test_who_was_chosen_is_among_those_to_be_known() -> None:
    act = click(action("users_select", "answer:q", selected_user="U2"))
    assert act is not None
    assert act.heard.people == ("slack:U2",)


@pytest.mark.parametrize(("user", "team"), [({"id": "U1", "team_id": "T2"}, "T2"), ({"id": "U1"}, "")])
def test_whose_a_click_is_is_said_by_the_user_and_not_by_the_place(user: Json, team: str) -> None:
    act = click(action(value="v"), user=user)
    assert act is not None
    assert (act.team, act.home) == (team, "T1")


def test_a_shortcut_asks_how_the_case_of_its_thread_stands() -> None:
    act = inbound.shortcut(
        {
            "type": "message_action",
            "callback_id": "open_case",
            "user": {"id": "U1", "team_id": "T1"},
            "team": {"id": "T1"},
            "channel": {"id": "G1", "name": "admins"},
            "message": {"ts": "2.2", "thread_ts": "1.1", "text": "x"},
            "action_ts": "3.3",
            "trigger_id": "13.9",
            "response_url": "https://hooks.slack.com/app/1",
        }
    )
    assert (act.heard.text, act.root, act.thread, act.channel) == ("status", "1.1", "1.1", "G1")


@pytest.mark.parametrize("body", [{}, {"actions": []}, {"user": 7}, {"actions": [{}]}, {"container": "x"}])
def test_what_is_no_click_is_said_to_be_none_without_a_word_of_it(body: Json) -> None:
    with pytest.raises(NotSlacks) as raised:
        inbound.click(body)
    assert str(raised.value) == "Click"
