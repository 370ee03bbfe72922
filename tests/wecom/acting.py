"""Stories acted on WeCom: what the moves of a playbook's story are there."""

from __future__ import annotations

from datetime import timedelta
from importlib.resources import files
from typing import Any

import yaml

from tests.wecom.house import Place

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


def moves(name: str = "everything_goes_well") -> list[dict[str, Any]]:
    folder = files("conversations") / "tencent_cloud/root_account/stories"
    told = yaml.safe_load((folder / f"{name}.yaml").read_text("utf-8"))["moves"]
    assert isinstance(told, list)
    return told


async def until(place: Place, move: dict[str, Any]) -> None:
    """The default story up to this move, and not including it."""
    told = moves()
    for one in told[: told.index(move)]:
        await play(place, one)


FIRST_CONFIRM = {"successor": {"presses": "confirm", "step": "bind_successor"}}
FIRST_APPROVAL = {"admin": {"presses": "approve:looked", "step": "bind_successor"}}
