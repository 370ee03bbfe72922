"""The whole edge over real HTTP: deliveries that repeat, two admins at once, who is gone, restarts, old cards."""

from __future__ import annotations

import asyncio
import http.client
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.core import facts as f
from bot.runtime import codec
from bot.wecom.quota import A_MINUTE
from bot.wecom.tasks import standing
from tests.wecom.acting import FIRST_APPROVAL, FIRST_CONFIRM, number, until
from tests.wecom.corp import HandClock, corp
from tests.wecom.house import Place, house

Play = Callable[[Place], Awaitable[None]]


def on(path: Path, test: Play, **more: Any) -> None:
    async def played() -> None:
        async with house(path / "test.db", **more) as place:
            await test(place)

    asyncio.run(played())


def facts(place: Place, kind: type[f.Fact], ref: str = "OFB-1") -> list[f.Fact]:
    stored = place.app.store.read(lambda reads: reads.facts(ref))
    return [fact for one in stored if isinstance(fact := codec.fact(one.data), kind)]


def asked(place: Place, method: str, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", place.port, timeout=5)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def said(place: Place, user: str) -> list[str]:
    return [str(payload.get("markdown", {}).get("content", "")) for payload in place.wecom.seen(user)]


# ---------------------------------------------------------------------------------------------- the addresses


def test_the_url_check_is_answered_at_once_with_the_text_and_nothing_else(tmp_path: Path) -> None:
    async def test(place: Place) -> None:
        assert await asyncio.to_thread(place.pusher.check) == (200, b"1616140317555161061")
        assert await asyncio.to_thread(place.contacts.check, b"42") == (200, b"42")

    on(tmp_path, test)


def test_the_url_check_is_answered_within_a_second_also_while_many_write(tmp_path: Path) -> None:
    """WeCom hangs up after five; the second is a bound for a busy machine, no measurement."""

    async def test(place: Place) -> None:
        checked: list[float] = []

        def check() -> None:
            began = time.perf_counter()
            assert place.pusher.check()[0] == 200
            checked.append(time.perf_counter() - began)

        with ThreadPoolExecutor(9) as outside:  # the server's own threads are for the server
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(outside, check)
            writers = ("Lin", "sun", "zhao", "wu") * 10
            typed = asyncio.gather(
                *(loop.run_in_executor(outside, place.pusher.types, user, "帮助") for user in writers)
            )
            while not typed.done():
                await loop.run_in_executor(outside, check)
            assert await typed == [[200]] * 40
        assert len(checked) > 1
        assert max(checked) < 1.0

    on(tmp_path, test)


def test_the_domain_file_is_served_and_other_methods_are_not_taken(tmp_path: Path) -> None:
    async def test(place: Place) -> None:
        assert await asyncio.to_thread(asked, place, "GET", "/WW_verify_abc123.txt") == (200, b"abc123")
        assert (await asyncio.to_thread(asked, place, "POST", "/WW_verify_abc123.txt"))[0] == 405
        assert (await asyncio.to_thread(asked, place, "DELETE", "/wecom/callback"))[0] == 405
        assert (await asyncio.to_thread(asked, place, "GET", "/wecom/callback"))[0] == 401

    on(tmp_path, test)


def test_without_their_keys_there_is_no_address_for_contacts(tmp_path: Path) -> None:
    async def test(place: Place) -> None:
        assert sorted(place.edge.routes()) == ["/WW_verify_abc123.txt", "/wecom/callback"]

    on(tmp_path, test, contact_token="", contact_aes_key="", contact_secret="")


# ---------------------------------------------------------------------------------------------- how much was sent


def test_the_next_process_knows_how_much_was_sent(tmp_path: Path) -> None:
    async def test() -> None:
        with corp(HandClock()) as wecom:
            async with house(tmp_path / "test.db", wecom) as place:
                place.clock.goes_on(60)
                await place.types("lin", "帮助")
                sent = place.edge.chat.quota.today()
                assert sent == len(wecom.seen("lin")) > 0
                assert place.home.shown("offboard_wecom_person_times") == sent
            async with house(tmp_path / "test.db", wecom) as place:
                assert place.edge.chat.quota.today() == sent
                assert place.edge.chat.quota.take(["lin"], A_MINUTE - sent, answer=True) == 0
                assert place.edge.chat.quota.take(["lin"], answer=True) > 0

    asyncio.run(test())


# ---------------------------------------------------------------------------------------------- once


def test_a_click_that_is_delivered_three_times_counts_once_and_shows_on_its_card_alone(tmp_path: Path) -> None:
    async def test(place: Place) -> None:
        await until(place, FIRST_CONFIRM)
        inside = place.pusher.click("sun", f"confirm@@OFB-1@{number(place, 'bind_successor')}")
        before = len(said(place, "sun"))
        for _ in range(3):
            assert await asyncio.to_thread(place.pusher.deliver, inside) == 200
            place.clock.goes_on(5)
        await place.settle()
        assert len(facts(place, f.Confirmed)) == 1
        assert len(said(place, "sun")) == before
        assert "撤回" in str(place.wecom.seen("sun")[-1])

    on(tmp_path, test)


def test_what_could_not_be_written_down_is_not_acknowledged_and_comes_again(tmp_path: Path) -> None:
    async def test(place: Place) -> None:
        place.home.full = 2
        assert await asyncio.to_thread(place.pusher.types, "Lin", "离职交接") == [503, 503, 200]
        await place.settle()
        assert place.case().leaver == "wecom:lin"

    on(tmp_path, test)


def test_two_admins_in_one_second_are_one_decision_and_both_cards_tell_it(tmp_path: Path) -> None:
    async def test(place: Place) -> None:
        await until(place, FIRST_APPROVAL)
        step = number(place, "bind_successor")
        clicks = [place.pusher.click(user, f"approve@looked@OFB-1@{step}") for user in ("zhao", "qian")]
        before = {user: len([text for text in said(place, user) if text]) for user in ("zhao", "qian")}
        statuses = await asyncio.gather(*(asyncio.to_thread(place.pusher.deliver, click) for click in clicks))
        await place.settle()
        assert statuses == [200, 200]
        assert len(facts(place, f.Approved)) == 1
        for user in ("zhao", "qian"):
            cards = [one for one in place.wecom.seen(user) if "接手人绑定登录方式" in str(one.get("main_title"))]
            assert [card["replace_text"] for card in cards] == ["已完成"]
        told = [len([text for text in said(place, user) if text]) - before[user] for user in ("zhao", "qian")]
        assert sorted(told) == [0, 1], "whoever came second is told that it was decided"

    on(tmp_path, test, admins=("wecom:zhao", "wecom:qian"))


# ---------------------------------------------------------------------------------------------- who is there


def test_who_unsubscribes_is_gone_and_who_acts_again_is_back(tmp_path: Path) -> None:
    async def test(place: Place) -> None:
        await place.types("Lin", "离职交接")
        place.wecom.members["lin"]["status"] = 2
        assert await asyncio.to_thread(place.pusher.event, "Lin", "unsubscribe") == [200]
        assert [(row.id, row.standing, row.name) for row in place.home.learned] == [("wecom:lin", "gone", "林小满")]
        place.wecom.members["lin"]["status"] = 1
        await place.types("Lin", "进度")
        assert place.home.learned[-1].standing == "member"

    on(tmp_path, test)


def standing_of(place: Place, user: str) -> str:
    row = place.app.store.read(lambda reads: reads.person(f"wecom:{user}"))
    assert row is not None
    return row.standing


def test_who_sends_again_that_somebody_left_does_not_make_them_leave_again(tmp_path: Path) -> None:
    inside: list[bytes] = []

    async def test(place: Place) -> None:
        await until(place, FIRST_CONFIRM)
        fields = [("MsgType", "event"), ("Event", "unsubscribe"), ("EventKey", "")]
        inside.append(place.pusher.inside("Lin", list(fields)))
        assert await asyncio.to_thread(place.pusher.deliver, inside[0]) == 200
        assert standing_of(place, "lin") == "gone"
        assert await asyncio.to_thread(place.pusher.event, "Lin", "subscribe") == [200]
        await place.settle()
        assert await asyncio.to_thread(place.pusher.deliver, inside[0]) == 200
        assert standing_of(place, "lin") == "member"

    async def after_a_restart(place: Place) -> None:
        assert await asyncio.to_thread(place.pusher.deliver, inside[0]) == 200
        assert standing_of(place, "lin") == "member"

    on(tmp_path, test)
    on(tmp_path, after_a_restart)


def test_that_somebody_left_is_heard_when_it_could_not_be_written_down_before(tmp_path: Path) -> None:
    async def test(place: Place) -> None:
        await until(place, FIRST_CONFIRM)
        place.home.forgetful = 1
        assert await asyncio.to_thread(place.pusher.event, "Lin", "unsubscribe") == [503, 200]
        assert standing_of(place, "lin") == "gone"

    on(tmp_path, test)


def test_who_comes_back_while_the_address_book_does_not_answer_is_asked_after_until_it_does(tmp_path: Path) -> None:
    async def comes_back(place: Place) -> None:
        await until(place, FIRST_CONFIRM)
        assert await asyncio.to_thread(place.pusher.event, "sun", "unsubscribe") == [200]
        place.wecom.fail("user/get", -1)
        assert await asyncio.to_thread(place.pusher.event, "sun", "subscribe") == [200]
        await place.settle()
        assert standing_of(place, "sun") == "gone"

    async def and_is_asked_after(place: Place) -> None:
        assert place.edge.reception is not None
        await place.edge.reception.returns.ask()
        assert standing_of(place, "sun") == "member"

    on(tmp_path, comes_back)
    on(tmp_path, and_is_asked_after)


def test_a_press_on_the_menu_that_is_delivered_again_is_one(tmp_path: Path) -> None:
    async def test(place: Place) -> None:
        fields = [("MsgType", "event"), ("Event", "click"), ("EventKey", "menu@desk")]
        inside = place.pusher.inside("Lin", list(fields))
        for _ in range(3):
            assert await asyncio.to_thread(place.pusher.deliver, inside) == 200
            await place.settle()
        assert len(place.wecom.seen("Lin")) == 1

    on(tmp_path, test)


def test_a_deleted_member_is_gone_by_the_contacts_own_keys_alone(tmp_path: Path) -> None:
    async def test(place: Place) -> None:
        fields = [("MsgType", "event"), ("Event", "change_contact"), ("ChangeType", "delete_user"), ("UserID", "Lin")]
        inside = place.pusher.inside("sys", list(fields))
        assert await asyncio.to_thread(place.pusher.deliver, inside) == 200
        assert place.home.learned == [], "the app's own address does not take it"
        assert await asyncio.to_thread(place.contacts.deliver, inside) == 200
        assert [(row.id, row.standing) for row in place.home.learned] == [("wecom:lin", "gone")]

    on(tmp_path, test)


def test_who_cannot_be_sent_to_is_looked_up_and_gone(tmp_path: Path) -> None:
    async def test(place: Place) -> None:
        await until(place, FIRST_CONFIRM)
        place.wecom.leave("sun")
        await place.types("zhao", "转交 1 孙一")
        await place.types("zhao", "进度")
        await place.waits(timedelta(days=3))
        assert ("wecom:sun", "gone") in [(row.id, row.standing) for row in place.home.learned]

    on(tmp_path, test)


def test_opening_the_app_shows_what_waits_once_a_day_also_after_a_restart(tmp_path: Path) -> None:
    async def opens(place: Place, times: int = 1) -> int:
        for _ in range(times):
            assert await asyncio.to_thread(place.pusher.event, "Lin", "enter_agent") == [200]
            place.clock.goes_on(2)
        await place.settle()
        return len(place.wecom.seen("Lin"))

    async def first(place: Place) -> None:
        assert await opens(place, 3) == 1

    async def second(place: Place) -> None:
        assert await opens(place, 2) == 0
        place.clock.goes_on(24 * 3600)
        assert await opens(place) == 1
        assert await asyncio.to_thread(place.pusher.event, "Lin", "click", "menu@desk") == [200]
        await place.settle()
        assert len(place.wecom.seen("Lin")) == 2

    on(tmp_path, first)
    on(tmp_path, second)


# ---------------------------------------------------------------------------------------------- later


def test_an_admin_ticks_what_waits_and_approves_it_in_one_go(tmp_path: Path) -> None:
    async def test(place: Place) -> None:
        await until(place, {"admin": {"presses": "approve:word", "step": "replace_phone"}})
        assert await asyncio.to_thread(place.pusher.event, "zhao", "click", "menu@desk") == [200]
        await place.settle()
        card = [one for one in place.wecom.seen("zhao") if "checkbox" in one][-1]
        ticks = [option["id"] for option in card["checkbox"]["option_list"]]
        await place.presses("zhao", "approve@word@OFB-0", {card["checkbox"]["question_key"]: ticks})
        approved = [fact.step for fact in facts(place, f.Approved) if isinstance(fact, f.Approved)]
        assert approved[-1] == number(place, "replace_phone")
        turned = [one for one in place.wecom.seen("zhao") if one.get("task_id") == card["task_id"]]
        assert ["replace_text" in one for one in turned] == [True]

    on(tmp_path, test)


def test_a_send_back_asks_for_the_reason_and_the_next_message_is_it(tmp_path: Path) -> None:
    async def test(place: Place) -> None:
        await until(place, FIRST_APPROVAL)
        await place.presses("zhao", f"send_back@@OFB-1@{number(place, 'bind_successor')}")
        assert facts(place, f.SentBack) == []
        await place.types("zhao", "请再核对一次登录方式。")
        assert len(facts(place, f.SentBack)) == 1

    on(tmp_path, test)


def test_who_is_mentioned_in_a_reason_is_named_as_people_read_it(tmp_path: Path) -> None:
    async def test(place: Place) -> None:
        await until(place, FIRST_APPROVAL)
        await place.types("zhao", "驳回 1 请找 @wangwu 或 @Wu 核对")
        told = str(place.wecom.seen("sun"))
        assert "请找 @wangwu 或 @吴双 核对" in told
        assert "wecom:" not in told

    on(tmp_path, test)


def test_an_old_card_explains_itself_and_is_drawn_as_things_stand(tmp_path: Path) -> None:
    async def test(place: Place) -> None:
        await until(place, FIRST_CONFIRM)
        step = number(place, "bind_successor")
        late = place.pusher.click("sun", f"confirm@@OFB-1@{step}")
        await place.presses("sun", f"confirm@@OFB-1@{step}")
        assert await asyncio.to_thread(place.pusher.deliver, late) == 200
        await place.settle()
        assert len(facts(place, f.Confirmed)) == 1
        assert len(said(place, "sun")) > 1
        assert place.home.heard[-1].click is not None
        assert place.home.heard[-1].click.message is not None, "the card is known by its task_id"

    on(tmp_path, test)


def test_a_card_of_two_and_a_half_days_is_replaced_by_a_fresh_one_in_time(tmp_path: Path) -> None:
    async def test(place: Place) -> None:
        await until(place, FIRST_CONFIRM)
        title = "接手人绑定登录方式"

        def cards() -> list[str]:
            return [
                str(card.get("replace_text", "open"))
                for card in place.wecom.seen("sun")
                if card.get("main_title", {}).get("title") == title
            ]

        assert cards() == ["open"]
        assert place.edge.reception is not None
        place.clock.goes_on(53 * 3600)
        assert await place.edge.reception.renew() == 0, "it is Wednesday, and there is time until the evening"
        place.clock.goes_on(9000)
        assert await place.edge.reception.renew() > 0, "on Thursday, working hours begin too late"
        await place.settle()
        assert cards() == ["请看新卡片", "open"]
        await place.presses("sun", f"confirm@@OFB-1@{number(place, 'bind_successor')}")
        assert len(facts(place, f.Confirmed)) == 1

    on(tmp_path, test)


def test_after_a_restart_a_click_finds_its_card_and_the_card_is_changed(tmp_path: Path) -> None:
    async def test() -> None:
        with corp(HandClock()) as wecom:
            async with house(tmp_path / "test.db", wecom) as place:
                await until(place, FIRST_CONFIRM)
                step = number(place, "bind_successor")
            async with house(tmp_path / "test.db", wecom) as place:
                await place.presses("sun", f"confirm@@OFB-1@{step}")
                post = await place.home.post(f"OFB-1/step-{step}/0/wecom:sun")
                assert post is not None
                assert standing(post.message).is_card()
                shown = [card for card in wecom.seen("sun") if "接手人绑定登录方式" in str(card.get("main_title"))]
                assert ["confirm@" in str(card) for card in shown] == [False]

    asyncio.run(test())
