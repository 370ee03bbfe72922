"""What is said, redrawn and looked up on WeCom, over real HTTP, and what becomes of it when WeCom fails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
import structlog

from bot.core.effects import ADMINS
from bot.errors import ChatError, Closed, Gone, Hidden, Rejected, TryLater, Uncertain
from bot.playbook.card import Button, Card, Part
from bot.ports import Message, Outgoing
from bot.wecom.api import Api
from bot.wecom.client import WecomChat
from bot.wecom.codes import DAY_IS_FULL
from bot.wecom.standin import Standin
from bot.wecom.tasks import standing
from tests.wecom.corp import HandClock, corp, settings

LONG = tuple(
    f"第 {n} 步：打开控制台，找到登录方式，仔细核对后再继续往下做，不要着急，也不要跳过任何一步。" for n in range(9)
)
MANY = tuple(f"{line}{'细' * 90}" for line in LONG * 2)


class Desk:
    """A chat, and what its one reader sees."""

    def __init__(self, wecom: Standin, clock: HandClock) -> None:
        self.wecom, self.clock = wecom, clock
        self.missed: list[str] = []
        given = settings(wecom.api_url)
        self.api = Api(given.corp_id, given.secret, given.api_url, monotonic=clock.monotonic)
        self.chat = self.make()

    def make(self) -> WecomChat:
        async def missed(users: tuple[str, ...]) -> None:
            self.missed += users

        given = settings(self.wecom.api_url)
        return WecomChat(given, self.api, self.clock, tag="t", monotonic=self.clock.monotonic, on_missed=missed)

    def restarts(self) -> None:
        self.chat.close()
        self.chat = self.make()

    def titles(self, user: str = "lin") -> list[str]:
        return [card["main_title"]["title"] for card in self.wecom.seen(user) if "main_title" in card]

    def texts(self, user: str = "lin") -> list[str]:
        return [one["markdown"]["content"] for one in self.wecom.seen(user) if "markdown" in one]


@pytest.fixture
def desk() -> Iterator[Desk]:
    clock = HandClock()
    with corp(clock) as wecom:
        made = Desk(wecom, clock)
        clock.goes_on(60)
        yield made
        made.chat.close()
        made.api.close()


def play(test: Awaitable[Any]) -> Any:
    async def played() -> Any:
        return await test

    return asyncio.run(played())


def post(title: str = "绑定登录方式", key: str = "OFB-1/step-3/0/wecom:lin/7", **more: Any) -> Outgoing:
    to = more.pop("to", "wecom:lin")
    given: dict[str, Any] = {
        "kind": "step",
        "reference": "OFB-1",
        "row": (Button("confirm", "完成", value="OFB-1@3@2@abcdefghijkl"),),
        "language": "zh-CN",
    }
    card = Card(title=title, summary=title, **(given | more))
    return Outgoing(key=key, case="OFB-1", to=to, card=card)


def text(title: str = "已撤回。", key: str = "OFB-1/line-3/0/wecom:lin/8", **more: Any) -> Outgoing:
    return post(title, key, kind="line", row=(), **more)


def raises(kind: type[ChatError], call: Callable[[], Awaitable[Any]]) -> ChatError:
    with pytest.raises(kind) as raised:
        play(call())
    assert type(raised.value) is kind
    return raised.value


# ---------------------------------------------------------------------------------------------- saying


def test_the_long_prose_stands_above_the_card(desk: Desk) -> None:
    play(desk.chat.say(post(parts=(Part("how", "怎么做", LONG, numbered=True),))))
    kinds = ["card" if "main_title" in one else "text" for one in desk.wecom.seen("lin")]
    assert kinds[-1] == "card"
    assert "text" in kinds
    assert all("OFB-1" in said for said in desk.texts())


def test_what_goes_to_the_admins_is_one_message_to_all_of_them(desk: Desk) -> None:
    play(desk.chat.say(post(to=ADMINS, key="OFB-1/case/0/admins/1")))
    assert desk.titles("zhao") == desk.titles("qian") == ["绑定登录方式"]
    assert desk.wecom.calls["message/send"] == 2, "the card, and the text beside it"


def test_an_admin_who_cannot_get_it_is_named_and_the_others_get_it(desk: Desk) -> None:
    desk.wecom.leave("qian")
    play(desk.chat.say(post(to=ADMINS, key="OFB-1/case/0/admins/1")))
    assert desk.titles("zhao") == ["绑定登录方式"]
    assert desk.missed == ["qian"]


@pytest.mark.parametrize("to", ["wecom:nobody", "wecom:NoBody"])
def test_errcode_0_or_81013_it_is_a_failure_for_whoever_is_not_there(desk: Desk, to: str) -> None:
    raises(Gone, lambda: desk.chat.say(post(to=to, key=f"OFB-1/step-3/0/{to}/1")))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (-1, TryLater), (6000, TryLater), (45009, TryLater), (45033, TryLater), (40056, Closed), (60020, Closed),
        (48002, Closed), (50003, Closed), (301002, Closed), (81013, Gone), (82001, Gone), (60111, Gone),
        (40058, Rejected), (41016, Rejected), (42045, Rejected), (60011, Hidden), (99999, Rejected),
    ],
)  # fmt: skip
def test_each_code_is_what_it_means(desk: Desk, code: int, kind: type[ChatError]) -> None:
    desk.wecom.fail("message/send", code)
    raised = raises(kind, lambda: desk.chat.say(post()))
    assert str(code) in str(raised)
    assert desk.titles() == []


def test_a_pause_is_asked_for_in_seconds(desk: Desk) -> None:
    desk.wecom.fail("message/send", 45033)
    raised = raises(TryLater, lambda: desk.chat.say(post()))
    assert isinstance(raised, TryLater)
    assert raised.seconds == 60


def test_what_only_the_operator_can_mend_is_told_and_forgotten_when_it_works(desk: Desk) -> None:
    desk.wecom.trusted = False
    raises(Closed, lambda: desk.chat.say(post()))
    assert "203.0.113.9" in desk.chat.trouble
    desk.wecom.trusted = True
    play(desk.chat.say(post()))
    assert desk.chat.trouble == ""


def test_an_always_stale_token_is_a_clear_alarm(desk: Desk) -> None:
    desk.wecom.refuses_tokens = True
    raises(Closed, lambda: desk.chat.say(post()))
    assert "token" in desk.chat.trouble
    assert desk.wecom.calls["gettoken"] == 2


@pytest.mark.parametrize("code", [60020, 40001, 50003])
def test_a_trouble_that_is_over_is_noticed_without_anything_to_say(desk: Desk, code: int) -> None:
    desk.wecom.fail("message/send", code)
    raises(Closed, lambda: desk.chat.say(post()))
    desk.wecom.fail("agent/get", code)
    play(desk.chat.probes())
    assert str(code) in desk.chat.trouble
    play(desk.chat.probes())
    assert desk.chat.trouble == ""
    play(desk.chat.probes())
    assert desk.wecom.calls["agent/get"] == 2, "nobody is asked while there is no trouble"


def test_a_token_that_is_taken_again_is_noticed_too(desk: Desk) -> None:
    desk.wecom.refuses_tokens = True
    raises(Closed, lambda: desk.chat.say(post()))
    desk.wecom.refuses_tokens = False
    desk.clock.goes_on(61)
    play(desk.chat.probes())
    assert desk.chat.trouble == ""


@pytest.mark.parametrize("code", sorted(DAY_IS_FULL))
def test_a_full_day_pauses_for_a_quarter_of_an_hour_and_is_said_once(desk: Desk, code: int) -> None:
    play(desk.chat.say(text()))
    desk.wecom.fail("message/send", code, times=3)
    with structlog.testing.capture_logs() as logged:
        for _ in range(3):
            later = raises(TryLater, lambda: desk.chat.say(post()))
            assert isinstance(later, TryLater)
            assert later.seconds == 900
    assert len([line for line in logged if str(code) in str(line)]) == 1
    sent = desk.chat.quota.today()
    assert f"{code}: it lets no more through for now; {sent} were sent" in desk.chat.trouble
    assert "accounts × 200" in desk.chat.trouble
    play(desk.chat.probes())
    assert desk.chat.trouble, "that WeCom answers something else says nothing of it"
    desk.clock.goes_on(900)
    assert desk.chat.trouble == ""
    play(desk.chat.say(post()))


def test_nothing_is_sent_above_the_quota(desk: Desk) -> None:
    async def floods() -> None:
        for number in range(100):
            try:
                await desk.chat.say(text(f"第 {number} 条", key=f"OFB-1/line/0/wecom:lin/{number}"))
            except TryLater as later:
                desk.clock.goes_on(later.seconds or 0)

    play(floods())
    assert desk.wecom.silently_lost == 0
    assert len(desk.texts()) > 80


# ---------------------------------------------------------------------------------------------- in doubt


@pytest.mark.parametrize("fault", ["lost", "drop", "half", "500", "html"])
def test_a_card_in_doubt_is_settled_by_its_task_id(desk: Desk, fault: str) -> None:
    desk.wecom.fail("message/send", fault)
    raises(Uncertain, lambda: desk.chat.say(post()))
    found = play(desk.chat.find(post("另一个标题")))
    assert found is not None
    assert len(desk.titles()) == 1


def test_a_text_in_doubt_is_repeated_under_the_duplicate_check_and_stands_once(desk: Desk) -> None:
    desk.wecom.fail("message/send", "lost")
    raises(Uncertain, lambda: desk.chat.say(text()))
    desk.clock.goes_on(600)
    assert play(desk.chat.find(text("已经变了"))) is not None
    assert len(desk.texts()) == 1
    assert desk.wecom.repeated == 1


@pytest.mark.parametrize("fault", ["500", "drop", "html"])
def test_where_no_token_is_to_be_had_no_text_is_in_doubt(desk: Desk, fault: str) -> None:
    desk.wecom.fail("gettoken", fault)
    raises(TryLater, lambda: desk.chat.say(text()))
    desk.clock.goes_on(3_600)
    play(desk.chat.say(text()))
    assert len(desk.texts()) == desk.wecom.calls["message/send"] == 1


def test_a_text_in_doubt_for_too_long_stays_uncertain(desk: Desk) -> None:
    desk.wecom.fail("message/send", "lost")
    raises(Uncertain, lambda: desk.chat.say(text()))
    desk.clock.goes_on(1_800)
    raises(Uncertain, lambda: desk.chat.find(text()))
    assert desk.wecom.calls["message/send"] == 1


def test_the_same_answer_before_and_after_a_restart_is_two_messages(desk: Desk) -> None:
    desk.clock.goes_on(1_800)
    play(desk.chat.answer(text()))
    desk.restarts()
    play(desk.chat.answer(text(key="OFB-1/told-1/0/wecom:lin/9")))
    assert len(desk.texts()) == 2


def test_a_look_up_that_fails_is_made_again(desk: Desk) -> None:
    desk.wecom.fail("message/send", "drop", times=3)
    raises(Uncertain, lambda: desk.chat.say(post()))
    for _ in range(2):
        raises(TryLater, lambda: desk.chat.find(post()))
    assert play(desk.chat.find(post())) is not None
    assert len(desk.titles()) == 1


def test_two_posts_of_the_same_words_are_two_messages(desk: Desk) -> None:
    play(desk.chat.say(text()))
    play(desk.chat.say(text(key="OFB-1/line-3/0/wecom:lin/9")))
    assert len(desk.texts()) == 2
    assert desk.wecom.repeated == 0


def test_a_restart_between_two_posts_of_the_same_words_swallows_neither(desk: Desk) -> None:
    desk.clock.goes_on(1_800)
    play(desk.chat.say(text()))
    desk.clock.goes_on(120)
    desk.restarts()
    for number in range(9, 12):
        play(desk.chat.say(text(key=f"OFB-1/line-3/0/wecom:lin/{number}")))
    assert len(desk.texts()) == 4
    assert desk.wecom.repeated == 0


def test_the_same_prose_beside_another_card_after_a_restart_stands_there_again(desk: Desk) -> None:
    parts = (Part("how", "怎么做", LONG, numbered=True),)
    desk.clock.goes_on(14_400)
    play(desk.chat.say(post(parts=parts)))
    before = len(desk.texts())
    desk.restarts()
    desk.clock.goes_on(1_800)
    play(desk.chat.say(post(key="OFB-1/step-3/1/wecom:lin/9", parts=parts)))
    assert len(desk.texts()) == 2 * before > 0


def test_a_text_that_is_as_long_as_can_be_has_room_to_be_told_apart(desk: Desk) -> None:
    desk.clock.goes_on(3_600)
    number = 0
    for length in range(880, 1_000, 4):
        parts = (Part("how", "怎么做", ("x" * 1_000, "y" * length, "z" * 1_000), numbered=True),)
        for _ in range(2):
            number += 1
            desk.clock.goes_on(60)
            play(desk.chat.say(post(key=f"OFB-1/step-3/0/wecom:lin/{number}", parts=parts)))
    assert desk.wecom.repeated == 0
    assert 2_030 < max(len(said.encode()) for said in desk.texts()) <= 2_048


def test_the_prose_is_not_sent_again_when_the_card_failed(desk: Desk) -> None:
    said = post(parts=(Part("how", "怎么做", LONG, numbered=True),))

    async def fails_at_the_card() -> None:
        desk.wecom.fail("message/send", -1)
        with pytest.raises(TryLater):
            await desk.chat.say(said)

    play(fails_at_the_card())
    play(desk.chat.say(said))
    assert len(set(desk.texts())) == len(desk.texts())
    assert len(desk.titles()) == 1


def test_after_a_restart_a_card_that_was_sent_is_not_sent_again(desk: Desk) -> None:
    said = post(parts=(Part("how", "怎么做", LONG, numbered=True),))
    play(desk.chat.say(said))
    before = len(desk.wecom.seen("lin"))
    desk.restarts()
    desk.clock.goes_on(60)
    assert play(desk.chat.find(said)) is None
    message = play(desk.chat.say(said))
    assert standing(message.id).is_card()
    assert len(desk.wecom.seen("lin")) == before


def test_after_a_restart_a_card_that_was_not_sent_is_sent_whole(desk: Desk) -> None:
    said = post(parts=(Part("how", "怎么做", LONG, numbered=True),))
    assert play(desk.chat.find(said)) is None
    play(desk.chat.say(said))
    assert len(desk.titles()) == 1
    assert desk.texts()


def test_after_a_restart_a_text_cannot_be_looked_up(desk: Desk) -> None:
    play(desk.chat.say(text()))
    desk.restarts()
    raises(Uncertain, lambda: desk.chat.find(text()))


def test_an_id_that_another_database_has_used_is_no_reason_to_keep_silent(desk: Desk) -> None:
    """Nothing was in doubt, so 42014 does not say that this card was sent."""
    play(desk.chat.say(post("别人的卡片")))
    desk.restarts()
    desk.clock.goes_on(60)
    play(desk.chat.say(post("我们的卡片")))
    assert desk.titles() == ["别人的卡片", "我们的卡片"]


# ---------------------------------------------------------------------------------------------- redrawing


def amended(desk: Desk, message: Message, title: str, **more: Any) -> Message:
    found = play(desk.chat.amend(message, post(title, **more)))
    assert isinstance(found, Message)
    return found


def test_the_code_of_the_sending_changes_the_card_once(desk: Desk) -> None:
    message = amended(desk, play(desk.chat.say(post())), "已完成", row=(), state="已完成")
    assert desk.wecom.seen("lin")[-1]["replace_text"] == "已完成"
    raises(Gone, lambda: desk.chat.amend(message, post("又变了", row=(), state="已撤回")))


def test_what_can_no_longer_be_changed_is_taken_back_so_that_the_new_one_stands_alone(desk: Desk) -> None:
    message = amended(desk, play(desk.chat.say(post())), "被驳回")
    raises(Gone, lambda: desk.chat.amend(message, post("又完成了")))
    assert desk.titles() == []


def test_what_has_no_news_any_more_is_taken_back_and_not_posted_anew(desk: Desk) -> None:
    message = amended(desk, play(desk.chat.say(post())), "被驳回")
    assert amended(desk, message, "这条消息已过期", row=()) == message
    assert desk.titles() == []


def test_a_click_brings_another_code(desk: Desk) -> None:
    message = play(desk.chat.say(post()))
    task = standing(message.id).task
    for number in range(4):
        desk.chat.clicked(task, desk.wecom.new_code(task))
        message = amended(desk, message, f"第 {number} 次")
    assert desk.titles() == ["第 3 次"]


def test_a_clicks_code_survives_a_restart_in_the_messages_id(desk: Desk) -> None:
    message = amended(desk, play(desk.chat.say(post())), "一")
    message = desk.chat.with_code(message, desk.wecom.new_code(standing(message.id).task))
    desk.restarts()
    amended(desk, message, "二")
    assert desk.titles() == ["二"]


def test_a_code_of_73_hours_is_not_tried(desk: Desk) -> None:
    message = play(desk.chat.say(post()))
    desk.clock.goes_on(73 * 3600)
    raises(Gone, lambda: desk.chat.amend(message, post("太晚了")))
    assert desk.wecom.calls["message/update_template_card"] == 0


def test_a_card_of_60_hours_that_still_asks_says_see_the_new_one_and_is_posted_anew(desk: Desk) -> None:
    message = play(desk.chat.say(post()))
    desk.clock.goes_on(61 * 3600)
    raises(Gone, lambda: desk.chat.amend(message, post()))
    assert desk.wecom.seen("lin")[-1]["replace_text"] == "请看新卡片"


def test_a_card_of_60_hours_that_asks_for_nothing_is_redrawn_in_its_place(desk: Desk) -> None:
    message = play(desk.chat.say(post()))
    desk.clock.goes_on(61 * 3600)
    amended(desk, message, "已完成", row=(), state="已完成")
    assert desk.titles() == ["已完成"]


def test_the_living_card_of_a_case_is_not_posted_anew_with_every_change(desk: Desk) -> None:
    card = {"to": ADMINS, "key": "OFB-1/case/0/admins/1", "kind": "case"}
    message = play(desk.chat.say(post(**card)))
    for number in range(5):
        message = amended(desk, message, f"进展 {number}", **card)
    assert desk.titles("zhao") == ["进展 0"]
    desk.clock.goes_on(13 * 3600)
    raises(Gone, lambda: desk.chat.amend(message, post("半天以后", **card)))


def test_the_end_of_a_case_is_posted_when_the_card_cannot_be_changed(desk: Desk) -> None:
    card = {"to": ADMINS, "key": "OFB-1/case/0/admins/1", "kind": "case"}
    message = amended(desk, play(desk.chat.say(post(**card))), "进展", **card)
    raises(Gone, lambda: desk.chat.amend(message, post("已结束", **card, row=())))


def test_a_text_is_left_as_it_is_until_there_is_something_to_press(desk: Desk) -> None:
    message = play(desk.chat.say(text()))
    assert play(desk.chat.amend(message, text("别的话"))) == message
    raises(Gone, lambda: desk.chat.amend(message, post()))


@pytest.mark.parametrize("fault", ["lost", "drop", "500"])
def test_a_redraw_in_doubt_is_made_again_with_the_same_code_and_settled(desk: Desk, fault: str) -> None:
    message = play(desk.chat.say(post()))
    desk.wecom.fail("message/update_template_card", fault)
    raises(Uncertain, lambda: desk.chat.amend(message, post("已完成")))
    amended(desk, message, "已完成")
    assert desk.titles() == ["已完成"]


@pytest.mark.parametrize("field", ["invaliduser", "unlicenseduser"])
def test_ok_and_yet_a_failure_for_whoever_is_named(desk: Desk, field: str) -> None:
    card = {"to": ADMINS, "key": "OFB-1/approval-3/0/admins/1"}
    message = play(desk.chat.say(post(**card)))
    desk.wecom.not_for = {field: "Qian"}
    amended(desk, message, "已同意", **card)
    assert desk.missed == ["qian"]
    play(desk.chat.say(post(to=ADMINS, key="OFB-1/case/0/admins/1")))
    assert desk.missed == ["qian", "qian"]
    desk.wecom.not_for = {field: "lin"}
    raises(Gone, lambda: desk.chat.say(text()))
    assert desk.missed == ["qian", "qian", "lin"]


@pytest.mark.parametrize("field", ["invaliduser", "unlicenseduser"])
def test_a_card_that_was_replaced_for_nobody_is_not_taken_as_replaced(desk: Desk, field: str) -> None:
    message = play(desk.chat.say(post()))
    desk.wecom.not_for = {field: "lin"}
    gone = raises(Gone, lambda: desk.chat.amend(message, post("已完成", row=(), state="已完成")))
    assert isinstance(gone, Gone)
    assert (gone.who, desk.missed) == ("person", ["lin"])


def test_a_card_in_whose_place_another_stands_says_so_in_the_readers_language(desk: Desk) -> None:
    for language, says in (("zh-CN", "请看新卡片"), ("en", "See newer")):
        message = play(desk.chat.say(post(key=f"OFB-1/step-3/0/wecom:lin/{language}")))
        task = standing(message.id).task
        desk.chat.clicked(task, desk.wecom.new_code(task))
        play(desk.chat.turns(task, "wecom:lin", None, language))
        assert desk.titles()[-1] == says


def test_both_admins_see_one_redraw(desk: Desk) -> None:
    card = {"to": ADMINS, "key": "OFB-1/approval-3/0/admins/1"}
    amended(desk, play(desk.chat.say(post(**card))), "已同意", **card)
    assert desk.titles("zhao") == desk.titles("qian") == ["已同意"]
