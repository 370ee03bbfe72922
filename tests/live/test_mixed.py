"""One company in two chats: a leaver in the one, an admin in the other, and each reads their own language. Everything
over real HTTP, between the stand-ins of both platforms."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.core.case import StepStatus
from bot.core.effects import ADMINS
from bot.runtime.readers import reader_of
from tests.live.mixed import ANSWERS, CHANNEL, Mixed, is_slack, mixed, name_of

ON_WECOM = "admins@wecom"


class Roles(NamedTuple):
    leaver: str
    admin: str
    successor: str
    second: str
    other_admin: str


CHINESE = Roles("wecom:lin", "slack:U0CHEN", "slack:U0ZHAO", "wecom:wu", "wecom:zhao")
"""The leaver and the second approver are in WeCom, admin and successor in Slack; one more admin in WeCom."""
ENGLISH = Roles("slack:U00LIN", "wecom:zhao", "wecom:sun", "slack:U000HR", "slack:U0CHEN")
"""The other way round."""
TOGETHER = Roles("wecom:lin", "slack:U0CHEN", "wecom:sun", "slack:U000HR", "wecom:zhao")


async def to_a_plan(here: Mixed, who: Roles) -> None:
    for one in who:
        await here.types(one, "help" if is_slack(one) else "帮助")  # so that they are known by name
    await here.types(who.leaver, "/offboard" if is_slack(who.leaver) else "离职交接")
    await here.presses(who.admin, "start")
    await here.types(who.admin, "move OFB-1 2026-12-04")
    for answer in ANSWERS:
        await here.types(who.leaver, answer)
    await here.types(who.leaver, name_of(who.successor))
    await here.presses(who.admin, "successor:proposed")
    await here.presses(who.successor, "accept")


async def does(here: Mixed, who: str, id: str, by: Sequence[str], how: str = "looked") -> None:
    """One step: confirmed, and approved by these."""
    step = here.step(id)
    await here.presses(who, "confirm", step)
    for admin in by:
        await here.presses(admin, f"approve:{how}", step)


def languages(here: Mixed) -> None:
    """Each message of the case is in the language of whoever reads it."""
    wrong = []
    for post, card in here.posts():
        reader = post.to
        wanted = "en" if is_slack(reader) or reader == ADMINS else "zh-CN"
        if card.kind != "note" and card.language != wanted:
            wrong.append((post.lane, card.language))
    assert wrong == []


def in_both_records(here: Mixed) -> None:
    """Of each step that was approved, both chats' records say what the admins there were shown, and the hash that was
    confirmed is of a text that is kept."""
    posts = here.posts()
    for step in here.case().steps:
        if step.status is not StepStatus.DONE:
            continue
        readers = {post.to for post, card in posts if card.kind == "approval" and card.step == step.number}
        assert {ADMINS, ON_WECOM} <= readers, step.id
        assert here.app.store.read(lambda reads, hash=step.text_hash: reads.text(hash)), step.id  # type: ignore[misc]
        assert step.platform == step.confirmed_by.partition(":")[0], step.id


@pytest.mark.parametrize("who", [CHINESE, ENGLISH, TOGETHER], ids=["leaver in WeCom", "leaver in Slack", "and back"])
def test_the_default_story_with_the_leaver_in_one_chat_and_the_admin_in_the_other(tmp_path: Path, who: Roles) -> None:
    async def play() -> None:
        admins = (who.admin, who.other_admin)
        async with mixed(tmp_path / "m.db", admins=admins, second=who.second) as here:
            await to_a_plan(here, who)
            leaver, successor, admin = who.leaver, who.successor, (who.admin,)
            await does(here, successor, "bind_successor", admin)
            await does(here, leaver, "move_protection", admin)
            await here.presses(leaver, "confirm", here.step("replace_phone"))
            await here.presses(who.admin, "send_back", here.step("replace_phone"), words="Still the old number.")
            assert here.case().steps[here.step("replace_phone") - 1].status is StepStatus.SENT_BACK
            await does(here, leaver, "replace_phone", (who.other_admin,), "word")
            await here.waits(days=1)
            await here.presses(leaver, "confirm", here.step("unbind_wechat"))
            await here.presses(leaver, "undo", here.step("unbind_wechat"))
            await does(here, leaver, "unbind_wechat", admin)
            await does(here, successor, "disable_root_keys", (who.admin, who.other_admin))
            await does(here, successor, "change_password", admin, "word")
            languages(here)
            await here.waits(days=3)
            await does(here, successor, "delete_root_keys", (who.admin, who.other_admin))
            await does(here, successor, "end_sessions", admin)
            assert here.case().outcome == "handed_over"
            languages(here)
            in_both_records(here)
            receipt = "您的交接回执" if leaver.startswith("wecom") else "Keep this message."
            assert receipt in here.told(leaver)
            assert here.wecom.silently_lost == 0
            actors = {row[0] for row in here.rows("SELECT DISTINCT actor FROM facts")}
            assert {who.leaver, who.admin, who.other_admin, who.successor} <= actors
            assert here.rows("SELECT count(*) FROM outbox") == [(0,)]

    asyncio.run(play())


def test_the_second_approver_in_the_other_chat_is_the_second_person(tmp_path: Path) -> None:
    async def play() -> None:
        who = CHINESE
        async with mixed(tmp_path / "m.db", admins=(who.admin,), second=who.second) as here:
            await to_a_plan(here, who._replace(other_admin=who.admin))
            for id, owner in (("bind_successor", who.successor), ("move_protection", who.leaver)):
                await does(here, owner, id, (who.admin,))
            for id in ("replace_phone", "unbind_wechat"):
                await does(here, who.leaver, id, (who.admin,))
            await does(here, who.successor, "disable_root_keys", (who.admin, who.second))
            step = here.case().steps[here.step("disable_root_keys") - 1]
            assert step.status is StepStatus.SOAKING
            assert [approval.by for approval in step.approved] == [who.admin, who.second]
            assert ON_WECOM not in {post.to for post, _ in here.posts()}, "no admin is in WeCom"

    asyncio.run(play())


def test_two_admins_one_in_each_chat_decide_in_the_same_second_and_there_is_one_decision(tmp_path: Path) -> None:
    async def play() -> None:
        who = TOGETHER
        async with mixed(tmp_path / "m.db", admins=(who.admin, who.other_admin), second=who.second) as here:
            await to_a_plan(here, who)
            step = here.step("bind_successor")
            await here.presses(who.successor, "confirm", step)
            await asyncio.gather(
                here.press(who.admin, "approve:looked", step), here.press(who.other_admin, "approve:looked", step)
            )
            await here.settle()
            stands = here.case().steps[step - 1]
            assert stands.status is StepStatus.DONE
            ((decider,),) = here.rows("SELECT actor FROM facts WHERE kind = 'approved'")
            assert [approval.by for approval in stands.approved] == [decider]
            cards = {post.to: card for post, card in here.posts() if card.kind == "approval" and card.step == step}
            assert "Done" in cards[ADMINS].notice
            assert "已完成" in cards[ON_WECOM].notice
            assert all(decider in card.notice and not card.row for card in cards.values())
            with pytest.raises(LookupError):
                here.offer(who.admin, "approve:looked", step)
            with pytest.raises(LookupError):
                here.wecom.newest("zhao", f"approve@looked@OFB-1@{step}")

    asyncio.run(play())


def test_a_person_is_linked_from_chat_to_chat_and_told_in_one_place(tmp_path: Path) -> None:
    async def play() -> None:
        who = CHINESE
        async with mixed(tmp_path / "m.db", admins=(who.admin, who.other_admin), second=who.second) as here:
            await to_a_plan(here, who)
            twin = "slack:U00LIN"
            await here.types(twin, "help")
            _, answer = await here.human(twin).command("link")
            found = re.search(r"[A-Z]{4}-[A-Z]{4}", str(answer))
            assert found is not None
            assert answer["response_type"] == "ephemeral", "nobody else sees the code"
            assert not any(found[0] in str(said) for said in here.slack.messages.values()), "and it stands nowhere"
            await here.types(who.leaver, f"关联账号 {found[0]}")
            assert "这是同一个人吗" in here.told(who.other_admin)
            assert "Are these one person?" in here.told(who.admin)
            await here.presses(who.other_admin, "accept")
            assert here.app.people.acts_as(twin) == who.leaver, "who has the handover acts"
            assert "是同一人" in here.told(who.other_admin)
            assert "act as one" in here.told(twin)
            assert "已关联，以后我只在这里" in here.told(who.leaver)
            before = len(here.slack.conversation("U00LIN"))
            await does(here, who.successor, "bind_successor", (who.admin,))
            step = here.step("move_protection")
            assert len(here.slack.conversation("U00LIN")) == before, "the next step is told in WeCom alone"
            await here.types(twin, f"done {step}")
            stands = here.case().steps[step - 1]
            assert stands.status is StepStatus.CLAIMED, "and yet done from Slack"
            assert stands.confirmed_by == who.leaver

    asyncio.run(play())


def test_who_answers_from_their_other_chat_is_answered_there_while_the_next_question_comes_to_the_first(
    tmp_path: Path,
) -> None:
    async def play() -> None:
        who, twin = CHINESE, "slack:U00LIN"
        async with mixed(tmp_path / "m.db", admins=(who.admin,), second=who.second, persons={twin: who.leaver}) as here:
            for one in (*who[:3], twin):
                await here.types(one, "help" if is_slack(one) else "帮助")
            await here.types(who.leaver, "离职交接")
            await here.presses(who.admin, "start")
            await here.types(who.admin, "move OFB-1 2026-12-04")
            before = len(here.slack.conversation("U00LIN"))
            await here.types(twin, ANSWERS[0])
            assert here.rows("SELECT actor FROM facts WHERE kind = 'answered'") == [(who.leaver,)]
            (noted,) = here.slack.conversation("U00LIN")[before:]
            assert noted["text"] == "已记录。"
            assert "注册" in here.told(who.leaver), "and the next question stands in WeCom"

    asyncio.run(play())


def test_an_admin_with_both_ids_is_told_in_one_place_and_decides_from_either(tmp_path: Path) -> None:
    async def play() -> None:
        who = TOGETHER
        same = {"wecom:zhao": "slack:U0CHEN"}
        admins = ("slack:U0CHEN", "wecom:zhao")
        async with mixed(tmp_path / "m.db", admins=admins, second=who.second, persons=same) as here:
            await to_a_plan(here, who)
            step = here.step("bind_successor")
            await here.presses(who.successor, "confirm", step)
            assert "approve" not in str(here.wecom.seen("zhao")), "what waits for them stands in Slack"
            assert any(f"@{step}@" in str(said) for said in here.slack.messages[CHANNEL])
            await here.types("wecom:zhao", f"已核实 OFB-1 {step}")
            assert here.case().steps[step - 1].status is StepStatus.DONE
            assert here.rows("SELECT actor FROM facts WHERE kind = 'approved'") == [("slack:U0CHEN",)]
            assert here.rows("SELECT count(*) FROM outbox") == [(0,)], "nothing waits for who is told elsewhere"

    asyncio.run(play())


def test_who_leaves_wecom_has_not_left_slack(tmp_path: Path) -> None:
    async def play() -> None:
        who = ENGLISH
        same = {"wecom:lin": who.leaver}
        async with mixed(tmp_path / "m.db", admins=(who.admin,), second=who.second, persons=same) as here:
            await to_a_plan(here, who._replace(other_admin=who.admin))
            await here.types("wecom:lin", "帮助")
            fields = [("MsgType", "event"), ("Event", "unsubscribe"), ("EventKey", "")]
            inside = here.pusher.inside("lin", list(fields))
            assert await asyncio.to_thread(here.pusher.push, inside) == [200]
            await here.settle()
            standings = dict(here.rows("SELECT id, standing FROM people WHERE id IN ('slack:U00LIN', 'wecom:lin')"))
            assert standings == {who.leaver: "member", "wecom:lin": "gone"}
            assert "undelivered" not in {row[0] for row in here.rows("SELECT kind FROM facts")}

    asyncio.run(play())


def test_readers_are_what_the_admins_are_called_there() -> None:
    assert reader_of(ON_WECOM) == ADMINS
