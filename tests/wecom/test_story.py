"""The default story from the first word to the receipt: real engine, real HTTP, WeCom's stand-in, in Chinese."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from tests.wecom.house import Place, house

WHO = {"leaver": "Lin", "successor": "sun", "admin": "zhao", "second": "wu"}
SPANS = {"h": "hours", "d": "days"}


def words(said: Any) -> str:
    return said["zh-CN"] if isinstance(said, dict) else str(said)


def number(place: Place, key: str) -> int:
    return next(step.number for step in place.case().steps if step.id == key)


async def play(place: Place, move: dict[str, Any]) -> None:
    [(role, does)] = move.items()
    if role == "wait":
        await place.waits(timedelta(**{SPANS[does[-1]]: int(does[:-1])}))
        return
    if role == "expect":
        expect(place, does)
        return
    user = WHO[role]
    if "writes" in does:
        assert await place.types(user, words(does["writes"])) == [200]
    elif "answers" in does:
        await answer(place, user, does["answers"], does["with"])
    else:
        await press(place, user, does)


def expect(place: Place, said: dict[str, str]) -> None:
    case = place.case()
    if "case" in said:
        assert str(case.status) == said["case"]
    else:
        step = next(step for step in case.steps if step.id == said["step"])
        assert str(step.status) == said["status"], said


async def answer(place: Place, user: str, question: str, given: Any) -> None:
    values = given if isinstance(given, list) else [given]
    if values == ["successor"]:
        await place.types(user, "孙一")
        return
    try:
        statuses = await place.presses(user, f"answer@{question}:{values[0]}")
    except LookupError:
        statuses = await place.presses(user, f"answer@{question}", {question: values})
    assert statuses == [200]


async def press(place: Place, user: str, does: dict[str, Any]) -> None:
    verb = does["presses"].replace(":", "@")
    found = verb if "@" in verb else f"{verb}@"
    if "step" in does:
        found = f"{found.rstrip('@')}{'@' if '@' in verb else '@@'}OFB-1@{number(place, does['step'])}"
    assert await place.presses(user, found) == [200]
    if "words" in does:
        assert await place.types(user, words(does["words"])) == [200]


def test_the_default_story_is_played_on_wecom(tmp_path: Path) -> None:
    story = yaml.safe_load(
        (files("conversations") / "tencent_cloud/root_account/stories/everything_goes_well.yaml").read_text("utf-8")
    )

    async def played() -> None:
        async with house(tmp_path / "story.db") as place:
            for move in story["moves"]:
                await play(place, move)
            wecom = place.wecom
            assert wecom.silently_lost == 0
            assert wecom.calls["gettoken"] < 2 * 10 * 24 // 2, "a token lives two hours"
            assert place.edge.trouble() == ""
            assert [step.status for step in place.case().steps if step.status == "open"] == []
            receipt = wecom.seen("Lin")[-1]
            assert "您的交接回执" in receipt["markdown"]["content"]
            assert "OFB-1" in receipt["markdown"]["content"]
            for user in WHO.values():
                for payload in wecom.seen(user):
                    pressable = [b for b in payload.get("button_list", []) if "replace_text" not in payload]
                    assert "approve" not in str(pressable), "nothing is left to approve when the case is closed"

    asyncio.run(played())
