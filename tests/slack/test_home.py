"""The home page: everything that waits over all cases, and several approvals in one go."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bot.core.case import StepStatus
from bot.core.waiting import decided_alone
from bot.rows import Drawn
from bot.slack.limits import findings
from tests.slack.human import Human, Json, elements
from tests.slack.office import ADMINS_CHANNEL, CHEN, HR, LIN, PUBLIC, ZHAO, Office, office
from tests.slack.test_story import approve, to_a_plan

Play = Callable[[Office], Awaitable[None]]


def play(tmp_path: Path, test: Play, **more: Any) -> None:
    async def run() -> None:
        async with office(tmp_path / "o.db", **more) as here:
            await test(here)

    asyncio.run(run())


async def opened(here: Office, user: str) -> Json:
    """The page as this person sees it when they open it."""
    here.slack.homes.pop(user, None)
    human = here.human(user)
    assert (await human.send(human.event({"type": "app_home_opened", "user": user, "tab": "home"})))[0] == 200
    await here.edge.settle()
    page = here.slack.homes[user]
    assert findings(Drawn({"text": "home", "blocks": page["blocks"]})) == []
    return page


def pressed(human: Human, page: Json, verb: str, ticked: list[str]) -> Json:
    """A button of the page, with what is ticked beside it."""
    found = next(one for one in elements(page) if one["action_id"] == verb)
    ticks = next(one for one in elements(page) if one["type"] == "checkboxes")
    values = {ticks["block_id"]: {ticks["action_id"]: {"type": "checkboxes", "selected_options": _options(ticked)}}}
    action = {key: found[key] for key in ("type", "action_id", "block_id", "value")}
    return {
        "type": "block_actions",
        "user": {"id": human.user, "name": "somebody", "team_id": human.team},
        "team": {"id": human.slack.team, "domain": "scripted"},
        "container": {"type": "view", "view_id": page["id"]},
        "view": {**page, "state": {"values": values}},
        "trigger_id": human.slack.trigger(),
        "actions": [{**action, "action_ts": human.slack.next_ts()}],
    }


def _options(values: list[str]) -> list[Json]:
    return [{"text": {"type": "plain_text", "text": "…"}, "value": value} for value in values]


def test_who_leaves_sees_what_waits_how_far_they_are_and_how_long_there_is(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        assert "Nothing is waiting for you" in str((await opened(here, LIN))["blocks"])
        await to_a_plan(here)
        number = next(one.number for one in here.case().steps if one.id == "bind_successor")
        await here.press(ZHAO, "confirm", step=number)
        await approve(here, number)
        said = str((await opened(here, LIN))["blocks"])
        assert "OFB-1" in said
        assert "4 Dec 2026" in said
        assert "days" in said

    play(tmp_path, test)


async def to_a_tick(here: Office) -> list[int]:
    """Until something waits that may be approved on somebody's word, together with others; which steps."""
    await to_a_plan(here)
    for _ in here.case().steps:
        claimed = [one for one in here.case().steps if one.status is StepStatus.CLAIMED]
        if found := [one.number for one in claimed if not decided_alone(one)]:
            return found
        for one in claimed:
            await approve(here, one.number)
        for one in here.case().steps:
            if one.status is StepStatus.OPEN:
                await here.press(one.shown_to.removeprefix("slack:"), "confirm", step=one.number)
    raise AssertionError("nothing can be ticked in this plan")


def offered(page: Json) -> list[str]:
    """The values of what can be ticked."""
    ticks = [one for one in elements(page) if one["type"] == "checkboxes"]
    return [option["value"] for one in ticks for option in one["options"]]


def test_an_admin_approves_several_in_one_go(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        numbers = await to_a_tick(here)
        page = await opened(here, CHEN)
        values = offered(page)
        assert len(values) == len(numbers)
        whole = pressed(here.human(CHEN), page, "approve:word", values)
        ticks = next(one for one in elements(page) if one["type"] == "checkboxes")
        half = {"type": "checkboxes", "action_id": ticks["action_id"], "selected_options": _options(values)}
        facts = here.facts()
        assert (await here.human(CHEN).send({**whole, "actions": [half]}))[0] == 200
        assert here.facts() == facts, "a tick decides nothing"
        assert (await here.human(CHEN).send(whole))[0] == 200
        await here.settle()
        assert all(here.case().steps[number - 1].status is StepStatus.DONE for number in numbers)
        await here.slack.until(lambda: not set(values) & set(offered(here.slack.homes[CHEN])))

    play(tmp_path, test)


def test_nobody_approves_from_somebody_elses_page(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        await to_a_tick(here)
        page = await opened(here, CHEN)
        before = here.case().steps
        for user in (LIN, ZHAO):
            told = len(here.slack.conversation(user))
            body = pressed(here.human(user), page, "approve:word", offered(page))
            assert (await here.human(user).send(body))[0] == 200
            await here.settle()
            assert len(here.slack.conversation(user)) > told, "each is told"
        assert here.case().steps == before

    play(tmp_path, test)


def test_what_is_sent_without_a_tick_is_told(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        await to_a_tick(here)
        page = await opened(here, CHEN)
        before, told = here.case().steps, len(here.slack.conversation(CHEN))
        assert (await here.human(CHEN).send(pressed(here.human(CHEN), page, "approve:word", [])))[0] == 200
        await here.settle()
        assert here.case().steps == before
        assert len(here.slack.conversation(CHEN)) == told + 1

    play(tmp_path, test)


def test_a_page_that_slack_does_not_take_is_a_sentence(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        await to_a_plan(here)
        here.slack.will("invalid_blocks", method="views.publish")
        page = await opened(here, LIN)
        assert [block["type"] for block in page["blocks"]] == ["section"]

    play(tmp_path, test)


def test_a_page_that_could_not_be_drawn_is_drawn_when_slack_allows(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        await to_a_plan(here)
        here.slack.will("ratelimited", method="views.publish", seconds=1)
        await here.edge.touched([f"slack:{LIN}"])
        await here.slack.until(lambda: LIN in here.slack.homes)
        assert here.slack.messages[ADMINS_CHANNEL]

    play(tmp_path, test)


def test_the_same_ticks_stand_in_the_answer_to_status_and_work_there(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        numbers = await to_a_tick(here)
        await here.human(HR).command()
        await here.settle()
        _, said = await here.human(CHEN).command("status")
        values = offered(said)
        assert len(values) == len(numbers)
        body = pressed(here.human(CHEN), {"id": "V1", "type": "modal", **said}, "approve:word", values)
        state = body.pop("view")["state"]
        ephemeral = {"type": "message", "message_ts": "5.5", "channel_id": PUBLIC, "is_ephemeral": True}
        assert (await here.human(CHEN).send({**body, "container": ephemeral, "state": state}))[0] == 200
        await here.settle()
        assert all(here.case().steps[number - 1].status is StepStatus.DONE for number in numbers)

    play(tmp_path, test)
