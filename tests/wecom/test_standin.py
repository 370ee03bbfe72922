"""The stand-in refuses what WeCom refuses, so that what passes before it may pass before WeCom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bot.wecom.api import Api, Refused
from bot.wecom.record import read
from bot.wecom.standin import Standin
from bot.wecom.standin_push import Value, xml
from tests.wecom.corp import AGENT, CORP, SECRET, HandClock, corp


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def wecom(clock: HandClock) -> Iterator[Standin]:
    with corp(clock) as standin:
        yield standin


@pytest.fixture
def api(wecom: Standin, clock: HandClock) -> Iterator[Api]:
    made = Api(CORP, SECRET, wecom.api_url, monotonic=clock.monotonic)
    yield made
    made.close()


def text(content: str = "a", **more: Any) -> dict[str, Any]:
    return {"touser": "lin", "agentid": AGENT, "msgtype": "markdown", "markdown": {"content": content}, **more}


def card(task: str, title: str = "t") -> dict[str, Any]:
    drawn = {"card_type": "button_interaction", "main_title": {"title": title}, "task_id": task}
    return {"touser": "lin|sun", "agentid": AGENT, "msgtype": "template_card", "template_card": drawn}


def code(api: Api, path: str, body: dict[str, Any]) -> int:
    with pytest.raises(Refused) as raised:
        api.post(path, body)
    return raised.value.code


def update(response_code: str, title: str = "u", **more: Any) -> dict[str, Any]:
    drawn = {"card_type": "button_interaction", "main_title": {"title": title}}
    return {"agentid": AGENT, "response_code": response_code, "template_card": drawn, "atall": 1} | more


def test_a_task_id_is_taken_once(api: Api) -> None:
    api.post("message/send", card("t1"))
    assert code(api, "message/send", card("t1")) == 42014


def test_a_code_is_good_once_and_for_72_hours(api: Api, clock: HandClock) -> None:
    sent = api.post("message/send", card("t1"))
    api.post("message/update_template_card", update(sent["response_code"]))
    assert code(api, "message/update_template_card", update(sent["response_code"])) == 40058
    late = api.post("message/send", card("t2"))
    clock.goes_on(72 * 3600)
    assert code(api, "message/update_template_card", update(late["response_code"])) == 40058


def test_a_redraw_is_for_all_who_got_it_or_for_those_that_are_named(api: Api, wecom: Standin) -> None:
    sent = api.post("message/send", card("t1"))
    api.post("message/update_template_card", update(sent["response_code"], atall=0, userids=["Lin"]))
    assert [wecom.seen(user)[0]["main_title"]["title"] for user in ("lin", "sun")] == ["u", "t"]
    api.post("message/update_template_card", update(wecom.new_code("t1"), "v"))
    assert [wecom.seen(user)[0]["main_title"]["title"] for user in ("lin", "sun")] == ["v", "v"]


def test_who_is_not_there_is_named_folded_and_all_of_them_are_an_error(api: Api) -> None:
    assert api.post("message/send", text(touser="Lin|NoBody"))["invaliduser"] == "nobody"
    assert code(api, "message/send", text(touser="nobody")) == 81013


def test_above_thirty_a_minute_it_says_ok_and_shows_nothing(api: Api, wecom: Standin, clock: HandClock) -> None:
    for number in range(35):
        assert api.post("message/send", text(str(number)))["errcode"] == 0
    assert (len(wecom.seen("lin")), wecom.silently_lost) == (30, 5)
    clock.goes_on(61)
    api.post("message/send", text("later"))
    assert len(wecom.seen("lin")) == 31


def test_the_duplicate_check_drops_the_same_within_its_time(api: Api, wecom: Standin, clock: HandClock) -> None:
    checked = text(enable_duplicate_check=1, duplicate_check_interval=1_800)
    for _ in range(2):
        assert api.post("message/send", checked)["errcode"] == 0
    assert len(wecom.seen("lin")) == 1
    clock.goes_on(1_801)
    api.post("message/send", checked)
    api.post("message/send", text())
    api.post("message/send", text())
    assert len(wecom.seen("lin")) == 4


def test_a_message_can_be_taken_back_for_a_day(api: Api, wecom: Standin, clock: HandClock) -> None:
    sent = api.post("message/send", text())
    clock.goes_on(23 * 3600)
    api.post("message/recall", {"msgid": sent["msgid"]})
    assert wecom.seen("lin") == []
    late = api.post("message/send", text())
    clock.goes_on(25 * 3600)
    assert code(api, "message/recall", {"msgid": late["msgid"]}) == 40058


def test_people_tags_and_the_app_can_be_read(api: Api, wecom: Standin) -> None:
    wecom.tags["7"] = ["zhao"]
    assert api.get("user/get", userid="LIN")["name"] == "林小满"
    assert api.get("tag/get", tagid="7")["userlist"] == [{"userid": "zhao"}]
    assert api.get("agent/get", agentid=str(AGENT))["name"] == "离职交接"
    assert code(api, "message/send", text(agentid=1)) == 40056
    with pytest.raises(Refused) as raised:
        api.get("user/get", userid="nobody")
    assert raised.value.code == 60111


def test_a_token_lives_two_hours(api: Api, wecom: Standin, clock: HandClock) -> None:
    api.post("message/send", text())
    clock.goes_on(7_201)
    wecom.fail("gettoken", 40001)
    assert code(api, "message/send", text()) == 40001


def test_what_it_pushes_is_the_text_whatever_stands_in_it() -> None:
    said = "]]></Content><MsgType>x & <b>离职"
    fields: list[tuple[str, Value]] = [
        ("ToUserName", "c"),
        ("FromUserName", "u"),
        ("CreateTime", 1),
        ("MsgType", "text"),
        ("Content", said),
    ]
    assert read(xml(fields)).text == said
