"""Admins who come and go: who is written to, who is told, and what they find when they are there again."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from bot.wecom.standin_push import Value
from tests.wecom.acting import FIRST_CONFIRM, number, until
from tests.wecom.corp import HandClock, corp
from tests.wecom.house import Place, house

BOTH = ("wecom:zhao", "wecom:qian")


def seen(place: Place, user: str) -> str:
    return str(place.wecom.seen(user))


async def confirms(place: Place) -> None:
    await place.presses("sun", f"confirm@@OFB-1@{number(place, 'bind_successor')}")


def test_an_admin_who_is_gone_is_written_to_no_more_and_the_others_are_told_once(tmp_path: Path) -> None:
    async def test() -> None:
        async with house(tmp_path / "gone.db", admins=BOTH) as place:
            await until(place, FIRST_CONFIRM)
            place.wecom.members["qian"]["status"] = 2
            for _ in range(2):
                await asyncio.to_thread(place.pusher.event, "qian", "unsubscribe")
                await place.settle()
            before = len(place.wecom.messages)
            assert seen(place, "zhao").count("钱多的账号已停用或删除") == 1
            await confirms(place)
            sent = place.wecom.messages[before:]
            assert sent
            assert all("qian" not in message.users for message in sent)
            assert "等待赵平确认" in seen(place, "zhao")
            assert "赵平、钱多" not in seen(place, "zhao")

    asyncio.run(test())


def test_what_waits_already_names_only_who_is_there(tmp_path: Path) -> None:
    async def test() -> None:
        async with house(tmp_path / "named.db", admins=BOTH) as place:
            await until(place, FIRST_CONFIRM)
            await confirms(place)
            assert "等待赵平、钱多确认" in seen(place, "zhao")
            place.wecom.leave("qian")
            await asyncio.to_thread(place.pusher.event, "qian", "unsubscribe")
            await place.settle()
            card = [one for one in place.wecom.seen("zhao") if "待确认" in str(one.get("main_title"))][-1]
            assert "等待赵平确认" in card["sub_title_text"]
            await place.presses("zhao", f"approve@looked@OFB-1@{number(place, 'bind_successor')}")
            assert "qian" not in place.wecom.messages[-1].users

    asyncio.run(test())


def test_an_admin_who_is_back_finds_what_is_open(tmp_path: Path) -> None:
    async def test() -> None:
        async with house(tmp_path / "back.db", admins=BOTH) as place:
            await until(place, FIRST_CONFIRM)
            place.wecom.leave("qian")
            await confirms(place)
            assert place.app.people.away == {"wecom:qian"}, "a message that could not be delivered has shown it"
            place.wecom.join("qian", "钱多")
            place.clock.goes_on(700)
            await place.types("qian", "进度")
            assert "待确认" in seen(place, "qian")
            await place.presses("qian", f"approve@looked@OFB-1@{number(place, 'bind_successor')}")
            step = place.case().steps[number(place, "bind_successor") - 1]
            assert [approval.by for approval in step.approved] == ["wecom:qian"]
            await place.waits(timedelta(hours=1))
            open_ = [one for one in place.wecom.seen("zhao") if "approve" in str(one.get("button_list"))]
            assert open_ == []

    asyncio.run(test())


def test_an_admin_who_is_new_on_the_list_finds_what_is_open(tmp_path: Path) -> None:
    async def test() -> None:
        with corp(HandClock()) as wecom:
            async with house(tmp_path / "new.db", wecom) as place:
                await until(place, FIRST_CONFIRM)
                await confirms(place)
            async with house(tmp_path / "new.db", wecom, admins=BOTH) as again:
                await again.settle()
                assert "待确认" in seen(again, "qian")
                shown = [one for one in wecom.seen("zhao") if "approve" in str(one.get("button_list"))]
                assert len(shown) == 1, "the others see one that can be pressed"

    asyncio.run(test())


def test_a_list_that_was_pressed_says_that_the_answer_comes_and_not_that_another_list_stands(tmp_path: Path) -> None:
    async def test() -> None:
        async with house(tmp_path / "list.db") as place:
            await until(place, {"admin": {"presses": "approve:word", "step": "replace_phone"}})
            place.clock.goes_on(11 * 60)
            await asyncio.to_thread(place.pusher.event, "zhao", "click", "menu@desk")
            await place.settle()
            card = [one for one in place.wecom.seen("zhao") if "checkbox" in one][-1]
            ticks = [one["id"] for one in card["checkbox"]["option_list"]]
            await place.presses("zhao", "approve@word@OFB-0", {card["checkbox"]["question_key"]: ticks})
            now = [one for one in place.wecom.seen("zhao") if one.get("task_id") == card["task_id"]][-1]
            assert now["main_title"]["title"] == "已收到"
            assert "请看新卡片" not in str(now)
            assert "已同意 1 项" in seen(place, "zhao")

    asyncio.run(test())


def test_a_click_that_was_judged_later_shows_on_its_card_and_is_not_thanked_for_besides(tmp_path: Path) -> None:
    async def test() -> None:
        async with house(tmp_path / "thanks.db") as place:
            await until(place, FIRST_CONFIRM)
            await confirms(place)
            place.clock.goes_on(11 * 60)
            before = seen(place, "zhao").count("已同意。")
            await place.presses("zhao", f"approve@looked@OFB-1@{number(place, 'bind_successor')}")
            assert str(place.case().steps[number(place, "bind_successor") - 1].status) == "done"
            assert seen(place, "zhao").count("已同意。") == before

    asyncio.run(test())


def test_who_is_outside_the_visible_range_is_not_gone_and_the_admins_hear_what_to_mend(tmp_path: Path) -> None:
    async def test() -> None:
        async with house(tmp_path / "hidden.db") as place:
            await until(place, FIRST_CONFIRM)
            place.wecom.hidden.add("sun")
            away = place.wecom.members.pop("sun")
            await place.waits(timedelta(days=2))
            known = place.app.store.read(lambda reads: reads.person("wecom:sun"))
            assert known is not None
            assert known.standing == "member"
            assert "对方不在应用的可见范围内" in seen(place, "zhao")
            assert "对方账号已停用" not in seen(place, "zhao")
            await asyncio.to_thread(place.pusher.event, "sun", "unsubscribe")
            await place.settle()
            known = place.app.store.read(lambda reads: reads.person("wecom:sun"))
            assert known is not None
            assert known.standing == "member", "a narrower range is told as if they had left"
            place.wecom.members["sun"] = away
            before = len(place.wecom.seen("sun"))
            await place.types("sun", "进度")
            await place.waits(timedelta(days=1))
            assert len(place.wecom.seen("sun")) > before + 1, "what was kept has left"

    asyncio.run(test())


def test_of_who_goes_on_under_another_id_the_admins_hear_both_and_how_it_goes_on(tmp_path: Path) -> None:
    async def test() -> None:
        async with house(tmp_path / "renamed.db") as place:
            await until(place, FIRST_CONFIRM)
            place.wecom.leave("sun")
            place.wecom.join("sun2", "孙一")
            fields: list[tuple[str, Value]]
            fields = [("MsgType", "event"), ("Event", "change_contact"), ("ChangeType", "update_user")]
            fields += [("UserID", "sun"), ("NewUserID", "sun2")]
            inside = place.contacts.inside("sys", fields)
            for _ in range(2):
                assert await asyncio.to_thread(place.contacts.deliver, inside) == 200
                await place.settle()
            assert seen(place, "zhao").count("孙一在通讯录里的账号由 `wecom:sun` 改为 `wecom:sun2`") == 1
            assert "管理员已收到通知" in seen(place, "sun2")
            step = number(place, "bind_successor")
            await place.types("zhao", f"转交 {step} wecom:sun2")
            await place.presses("sun2", f"confirm@@OFB-1@{step}")
            assert place.case().steps[step - 1].confirmed_by == "wecom:sun2"

    asyncio.run(test())
