"""The default story when things go wrong: deliveries that repeat, a server that restarts, a WeCom that fails, people
whose client draws no cards. It always ends the same."""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from pathlib import Path

import pytest

from bot.playbook.model import Words
from bot.ports import Reads
from bot.wecom.standin import Standin
from tests.wecom.acting import WHO, expect, moves, number, play, until, words
from tests.wecom.corp import HandClock, corp
from tests.wecom.house import Place, house

ANSWERS = ("已记录", "已同意", "已驳回", "已撤回", "需要改什么", "已请管理员", "谢谢")
TIME = re.compile(r"(?:\n> \d\d-\d\d )?\d\d:\d\d(?::\d\d)?")
FAULTS: tuple[tuple[str, int | str], ...] = (
    ("message/send", "lost"), ("message/send", "drop"), ("message/send", "500"), ("message/send", "html"),
    ("message/send", -1), ("message/send", 6000), ("message/send", "half"),
    ("message/update_template_card", "lost"), ("message/update_template_card", "drop"),
    ("message/update_template_card", -1), ("message/recall", -1), ("gettoken", "drop"), ("gettoken", -1),
)  # fmt: skip


def told(place: Place) -> list[str]:
    """What happened, in order: the kinds of the facts and who did them."""
    stored = place.app.store.read(lambda reads: reads.facts("OFB-1"))
    return [f"{one.kind} {one.actor}" for one in stored]


def texts(wecom: Standin) -> Counter[tuple[str, str]]:
    """Every text that somebody sees, and how often; the times of day differ."""
    return Counter(
        (user, TIME.sub("", payload["markdown"]["content"]))
        for user in ("lin", "sun", "zhao", "wu")
        for payload in wecom.seen(user)
        if "markdown" in payload
    )


def is_answer(text: str) -> bool:
    """A private answer, which is given twice rather than not at all."""
    return any(words in text for words in ANSWERS)


def needs_none(text: str) -> bool:
    """A digest of what was done meanwhile; news that stand on a card when it can still be changed."""
    return "等您处理的事" in text or ("已完成（" in text and "回执" not in text)


def open_cards(wecom: Standin) -> list[str]:
    """Cards on which something can still be pressed, by the post that they are. The living card of a case is left out:
    one that nobody clicked, and that is too old to be taken back, stays beside its successor and explains itself."""
    return [
        f"{user} {payload['task_id'].split('@')[:4]}"
        for user in ("lin", "sun", "zhao", "wu")
        for payload in wecom.seen(user)
        if "task_id" in payload and "replace_text" not in payload and "@case@" not in payload["task_id"]
    ]


async def smoothly(path: Path) -> tuple[list[str], Counter[tuple[str, str]]]:
    async with house(path) as place:
        for move in moves():
            await play(place, move)
        return told(place), texts(place.wecom)


def test_every_delivery_three_times_is_the_same_story(tmp_path: Path) -> None:
    async def test() -> None:
        facts, said = await smoothly(tmp_path / "smooth.db")
        async with house(tmp_path / "thrice.db") as place:
            once = place.pusher.deliver

            def thrice(inside: bytes) -> int:
                return max(once(inside) for _ in range(3))

            place.pusher.deliver = thrice  # type: ignore[method-assign]  # the stand-in's own wire
            for move in moves():
                await play(place, move)
            assert told(place) == facts
            assert texts(place.wecom) == said

    asyncio.run(test())


@pytest.mark.parametrize("every", [9, pytest.param(1, marks=pytest.mark.slow)])
def test_a_server_that_restarts_again_and_again_tells_the_same_story(tmp_path: Path, every: int) -> None:
    async def test() -> None:
        facts, said = await smoothly(tmp_path / "smooth.db")
        with corp(HandClock()) as wecom:
            left, last = moves(), [""]
            while left:
                async with house(tmp_path / "restarted.db", wecom) as place:
                    for move in left[:every]:
                        await play(place, move)
                    last = told(place)
                left = left[every:]
            assert last == facts
            assert set(texts(wecom)) == set(said)
            lines = {one: times for one, times in said.items() if not one[1].startswith("**")}
            assert {one: texts(wecom)[one] for one in lines} == lines, "none is lost, however alike they are"
            assert len(open_cards(wecom)) == len(set(open_cards(wecom)))
            assert wecom.silently_lost == 0

    asyncio.run(test())


async def with_faults(path: Path, seed: int) -> None:
    chance = random.Random(seed)
    async with house(path) as place:
        for move in moves():
            for _ in range(chance.choice([0, 1, 1, 2, 3])):
                place.wecom.fail(*chance.choice(FAULTS))
            if chance.random() < 0.1:
                place.wecom.expire_tokens()
            await play(place, move)
        await place.settle()
        assert str(place.case().status) == "closed"
        parked = place.app.store.read(lambda reads: reads.outbox())
        assert parked == [], [row.why for row in parked]
        assert len(open_cards(place.wecom)) == len(set(open_cards(place.wecom))), "one card for one post"
        doubled = {one: n for one, n in texts(place.wecom).items() if n > 1 and not is_answer(one[1])}
        smooth = (await smoothly(path.with_suffix(".smooth.db")))[1]
        assert doubled.keys() <= {one for one, times in smooth.items() if times > 1}, "no text stands twice"
        missing = [one for one in smooth if one not in texts(place.wecom) and not needs_none(one[1])]
        assert missing == [], "nothing is lost"
        assert place.wecom.silently_lost == 0


@pytest.mark.parametrize("seed", range(1))
def test_a_wecom_that_fails_at_random_changes_nothing_of_the_story(tmp_path: Path, seed: int) -> None:
    asyncio.run(with_faults(tmp_path / "faults.db", seed))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 13))
def test_the_same_a_dozen_times_more(tmp_path: Path, seed: int) -> None:
    asyncio.run(with_faults(tmp_path / "faults.db", seed))


TYPED = {
    "start": "同意交接",
    "accept": "我来接手",
    "confirm": "完成 {n}",
    "undo": "撤回 {n}",
    "approve:looked": "已核实 {n}",
    "approve:word": "凭说明 {n}",
    "send_back": "驳回 {n}",
    "successor:proposed": "接手人 孙一",
}


def read(place: Place, user: str) -> list[str]:
    """Everything that somebody sees whose client draws no cards."""
    return [one["markdown"]["content"] for one in place.wecom.seen(user) if "markdown" in one]


def must_have_read(place: Place, user: str, said: str, about: str) -> None:
    """Whoever types this was told so, in a text about the same thing."""
    texts = [text for text in read(place, user) if about in text]
    assert any(said.split(" 孙一")[0].removesuffix(" ") in text for text in texts), (user, said, about, texts[-1:])


def test_who_sees_no_cards_plays_the_whole_story_by_typing(tmp_path: Path) -> None:
    async def test() -> None:
        async with house(tmp_path / "typed.db") as place:
            for move in moves():
                [(role, does)] = move.items()
                if role == "expect":
                    expect(place, does)
                elif role == "wait" or "writes" in does:
                    await play(place, move)
                elif "presses" in does:
                    said, about = TYPED[does["presses"]], "OFB-1"
                    if "step" in does:
                        said = said.format(n=number(place, does["step"]))
                        about = title(place, does["step"])
                    must_have_read(place, WHO[role], told_as(does["presses"], said), about)
                    await place.types(WHO[role], f"{said} {words(does.get('words', ''))}".strip())
                else:
                    await place.types(WHO[role], answered(place, WHO[role], does["answers"], does["with"]))
            assert str(place.case().status) == "closed"
            assert all(heard.click is None for heard in place.home.heard)

    asyncio.run(test())


def told_as(verb: str, said: str) -> str:
    """How the texts name what is typed: the step's own card says the verb without its number."""
    return said.partition(" ")[0] if verb in ("confirm", "undo") else said


def title(place: Place, step: str) -> str:
    return words_of(place).steps[step].title


def words_of(place: Place) -> Words:
    def read(reads: Reads) -> Words:
        books = place.app.engine.tools.library.of(reads, place.case())
        return books["tencent_cloud/root_account"].words["zh-CN"]

    return place.app.store.read(read)


def answered(place: Place, user: str, question: str, given: object) -> str:
    """The numbers of the options, as the text counts them."""
    if given == "successor":
        return "孙一"
    words = words_of(place).questions[question]
    text = next(text for text in reversed(read(place, user)) if words.ask in text)
    if not words.options:
        return str(given)
    counted = dict(line.split(". ", 1)[::-1] for line in text.split("\n") if line[:1].isdigit())
    return ",".join(counted[words.options[str(one)]] for one in (given if isinstance(given, list) else [given]))


def test_an_admin_agrees_and_names_the_successor_by_a_number(tmp_path: Path) -> None:
    async def test() -> None:
        async with house(tmp_path / "numbers.db") as place:
            await place.types("Lin", "离职交接")
            await place.types("zhao", "1")
            assert place.case().agreed_by == "wecom:zhao"
        async with house(tmp_path / "names.db") as place:
            await until(place, {"admin": {"presses": "successor:proposed"}})
            await place.types("zhao", "同意")
            found = place.case().successor()
            assert found is not None
            assert (found.person, found.named_by) == ("wecom:sun", "wecom:zhao")
            await place.types("sun", "1")
            accepted = place.case().successor()
            assert accepted is not None
            assert accepted.accepted

    asyncio.run(test())
