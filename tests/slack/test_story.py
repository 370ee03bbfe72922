"""The default story, told by people in Slack: everything over HTTP, from the first command to the receipt."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.core.case import StepStatus
from tests.slack.human import elements
from tests.slack.office import ADMINS_CHANNEL, CHEN, HR, LIN, PUBLIC, ZHAO, Office, office


async def to_a_plan(here: Office, keys: str = "some") -> None:
    """From the command to a plan with a successor; `keys`: whether the account has some of its own."""
    status, answer = await here.human(LIN).command()
    assert (status, answer["response_type"]) == (200, "ephemeral")
    await here.settle()
    await here.press(CHEN, "start", place=ADMINS_CHANNEL)
    assert await here.human(CHEN).replies(ADMINS_CHANNEL, here.card()["ts"], "2026-12-04") == 200
    await here.settle()
    await here.write(LIN, "100012345678")
    await here.press(LIN, "answer:registered_with:email")
    await tick(here, LIN, "leavers", "phone", "wechat")
    await here.press(LIN, "answer:protection:phone")
    await here.press(LIN, "answer:real_name:company")
    await here.press(LIN, f"answer:root_keys:{keys}")
    await choose(here, LIN, "successor", ZHAO)
    await here.press(CHEN, "successor:proposed", place=ADMINS_CHANNEL)
    await here.press(ZHAO, "accept")


async def tick(here: Office, user: str, question: str, *options: str) -> None:
    """Tick some, then send them."""
    place, ts = here.offer(user, f"answer:{question}:submit")
    said = here.slack.message(place, ts)
    assert said is not None
    ticks = next(one for one in elements(said) if one["action_id"] == f"answer:{question}")
    chosen = [{"value": option} for option in options]
    values = {ticks["block_id"]: {f"answer:{question}": {"type": ticks["type"], "selected_options": chosen}}}
    assert await here.human(user).presses(place, ts, f"answer:{question}:submit", values=values) == 200
    await here.settle()


async def choose(here: Office, user: str, question: str, who: str) -> None:
    """Choose a person on the newest card."""
    place = here.slack.private[user]
    said = here.slack.messages[place][-1]
    menu = next(one for one in elements(said) if one["action_id"] == f"answer:{question}")
    assert menu["type"] == "users_select"
    action = {
        "type": "users_select",
        "action_id": menu["action_id"],
        "block_id": menu["block_id"],
        "selected_user": who,
    }
    assert await here.human(user).presses(place, said["ts"], "", action=action) == 200
    await here.settle()


async def approve(here: Office, step: int, how: str = "looked") -> None:
    await here.press(CHEN, f"approve:{how}", step=step, place=ADMINS_CHANNEL)


def test_the_default_story_over_real_http(tmp_path: Path) -> None:
    async def test() -> None:
        async with office(tmp_path / "o.db") as here:
            await to_a_plan(here)
            step = {one.id: one.number for one in here.case().steps}
            await here.press(ZHAO, "confirm", step=step["bind_successor"])
            await approve(here, step["bind_successor"])
            await here.press(LIN, "confirm", step=step["move_protection"])
            await approve(here, step["move_protection"])
            await here.write(LIN, "done")
            await here.press(
                CHEN, "send_back", step=step["replace_phone"], place=ADMINS_CHANNEL, words="Still the old number."
            )
            assert here.case().steps[step["replace_phone"] - 1].status is StepStatus.SENT_BACK
            await here.press(LIN, "confirm", step=step["replace_phone"])
            await approve(here, step["replace_phone"], "word")
            await here.press(LIN, "confirm", step=step["unbind_wechat"])
            await here.press(LIN, "undo", step=step["unbind_wechat"])
            await here.press(LIN, "confirm", step=step["unbind_wechat"])
            await approve(here, step["unbind_wechat"])
            for name in ("disable_root_keys", "change_password", "delete_root_keys"):
                await here.press(ZHAO, "confirm", step=step[name])
                await approve(here, step[name])
                if name != "change_password":
                    await here.press(HR, "approve:looked", step=step[name])
                    await here.pass_time(days=3)
            await here.press(ZHAO, "confirm", step=step["end_sessions"])
            await approve(here, step["end_sessions"])

            assert here.case().outcome == "handed_over"
            assert "Keep this message." in here.slack.conversation(LIN)[-1]["text"]
            assert not here.slack.messages[PUBLIC]
            roots = [said for said in here.slack.messages[ADMINS_CHANNEL] if "thread_ts" not in said]
            assert len(roots) == 1, "one living card for one case"
            assert {said["thread_ts"] for said in here.slack.messages[ADMINS_CHANNEL][1:]} == {roots[0]["ts"]}
            every = [said for place in here.slack.messages.values() for said in place]
            assert all(said["text"].strip() for said in every)

    asyncio.run(test())
