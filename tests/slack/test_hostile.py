"""The open door of a running server: what strangers, forgers and the wrong people send changes nothing, is refused in
words, is never a failure of ours, and leaves no trace in what is logged."""

from __future__ import annotations

import asyncio
import io
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from bot.core.case import Case, StepStatus
from bot.reading import verify
from tests.slack.human import FORM, JSON, Human, encoded, sign
from tests.slack.office import ADMINS_CHANNEL, CHEN, LIN, ZHAO, Office, office
from tests.slack.test_story import approve, choose, tick, to_a_plan

Json = dict[str, Any]
Play = Callable[[Office], Awaitable[None]]

SECRET_WORDS = "hunter2-is-my-password"
LEAVERS = ("confirm", "undo", "restore", "stuck", "not_mine", "later", "stay")
ADMINS = ("start", "approve:looked", "approve:word", "send_back", "take", "waive", "successor", "reassign", "move")
OTHERS = ("accept", "decline", "answer:q1:yes", "answer:q1:unknown")
OF_THE_CASE = frozenset({"start", "move", "accept", "decline", "stay", "answer"})
NOBODY: dict[str, Json] = {
    "U0MEMBER": {},
    "U0GUEST": {"is_restricted": True},
    "U0SINGLE": {"is_ultra_restricted": True},
    "U0OUTSIDE": {"is_stranger": True},
    "U0FOREIGN": {"team_id": "T0OTHER"},
}
"""People without any part in the case. The last two are of another company."""


def play(tmp_path: Path, test: Play) -> None:
    async def run() -> None:
        async with office(tmp_path / "o.db") as here:
            await test(here)

    asyncio.run(run())


def standing(case: Case) -> Case:
    """The case without what counts its facts: a refusal is one."""
    return msgspec.structs.replace(case, count=0)


def unharmed(here: Office) -> None:
    """The record as the operator's `audit verify` sees it."""
    assert here.app.store.read(verify)["broken"] == []


def mangled(raw: bytes) -> list[bytes]:
    """Bodies that nobody sends who means well."""
    deep = b'{"type":"event_callback","event":' + b'{"a":' * 5_000 + b"1" + b"}" * 5_000 + b"}"
    return [
        raw[: len(raw) // 2],
        raw + b"\x00",
        b"\xef\xbb\xbf" + raw,
        raw.replace(b"U", b"\xff", 1),
        raw.replace(b'"', b"'") + b"'",
        b"[" + raw + b"]",
        raw * 2,
        deep,
        b'{"type":"event_callback","event":{"type":"message","text":"\\ud83d"}}',
        b'{"type":"block_actions","type":"view_submission"}',
        b"payload=" + b"%7B" * 1_000,
        b"a=1&" * 300,
        b"-" * 100_000,
        b'{"type":"event_callback","event":{"type":"message","channel":"D1","ts":"' + b"9" * 100_000 + b'"}}',
    ]


def test_whoever_cannot_sign_gets_nowhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def test(here: Office) -> None:
        await to_a_plan(here)
        before, refs = standing(here.case()), here.cases()
        human = here.human(LIN)
        said = len(here.slack.calls)
        codes: Counter[int] = Counter()
        bodies = [
            human.commanded(SECRET_WORDS),
            human.typed(f"done {SECRET_WORDS}"),
            human.pressed(*here.offer(ZHAO, "confirm"), "confirm"),
            human.filled(
                {"id": "V1", "type": "modal", "callback_id": "offboard_form", "private_metadata": "{}"},
                words=SECRET_WORDS,
            ),
        ]
        at = here.clock.now().timestamp()
        for body in bodies:
            raw, kind = encoded(body)
            good = sign(raw, at)
            for headers in (
                {},
                {"X-Slack-Signature": good["X-Slack-Signature"]},
                {"X-Slack-Request-Timestamp": good["X-Slack-Request-Timestamp"]},
                sign(raw, at, "another secret"),
                sign(raw, at - 301),
                sign(raw, at + 301),
                sign(raw, 0),
                sign(raw + b" ", at),
                {**good, "X-Slack-Signature": good["X-Slack-Signature"].replace("v0=", "v1=")},
                {**good, "X-Slack-Signature": good["X-Slack-Signature"][:-1]},
                {**good, "X-Slack-Signature": "v0=" + "\u00e9" * 64},
                {**good, "X-Slack-Request-Timestamp": "NaN"},
                {**good, "X-Slack-Request-Timestamp": "1e9"},
            ):
                codes[(await human.post(raw, {**headers, "Content-Type": kind}))[0]] += 1
            for bad in mangled(raw):
                codes[(await human.post(bad, {**good, "Content-Type": kind}))[0]] += 1
        async with here.session.post(here.address, data=io.BytesIO(b"x" * 2_000_000)) as answer:
            codes[answer.status] += 1
        assert set(codes) == {401, 413}
        assert codes.total() >= 100
        assert (standing(here.case()), here.cases()) == (before, refs)
        assert len(here.slack.calls) == said, "nobody hears of it, and nothing is asked"
        unharmed(here)

    play(tmp_path, test)
    silent(capsys)


def test_a_signed_body_that_is_bent_changes_nothing_and_is_no_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def test(here: Office) -> None:
        await to_a_plan(here)
        before, refs = standing(here.case()), here.cases()
        human = here.human(LIN)
        at = here.clock.now().timestamp()
        codes: Counter[int] = Counter()
        bodies = [
            human.commanded(SECRET_WORDS),
            human.typed(f"done {SECRET_WORDS}"),
            human.pressed(*here.offer(ZHAO, "confirm"), "confirm"),
            human.filled(
                {"id": "V1", "type": "modal", "callback_id": "offboard_form", "private_metadata": "{}"},
                words=SECRET_WORDS,
            ),
        ]
        for body in bodies:
            raw, _ = encoded(body)
            for bad in mangled(raw):
                for kind in (JSON, FORM, "text/plain", "multipart/form-data; boundary=x"):
                    codes[(await human.post(bad, {**sign(bad, at), "Content-Type": kind}))[0]] += 1
            for bent in bends(body):
                codes[(await human.send(bent))[0]] += 1
        assert set(codes) <= {200, 400}
        assert codes[400] >= 250
        await here.settle()
        assert (standing(here.case()), here.cases()) == (before, refs)
        unharmed(here)

    play(tmp_path, test)
    silent(capsys)


def bends(body: Json) -> list[Json]:
    """Each field as something that it is not."""
    found = []
    for key in body:
        if key in ("type", "command", "event_id", "trigger_id", "text", "api_app_id", "token", "event_time"):
            continue
        found += [{**body, key: wrong} for wrong in (None, 7, [], ["x"], {"id": ["x"]}, {"id": "../etc"})]
    return [bent for bent in found if json.dumps(bent) != json.dumps(body)]


@pytest.mark.parametrize("user", [LIN, ZHAO, CHEN, "U0MEMBER", "U0GUEST"])
def test_a_value_that_was_not_made_here_for_this_button_is_refused_and_told(tmp_path: Path, user: str) -> None:
    async def test(here: Office) -> None:
        here.slack.join(user, "Somebody", **NOBODY.get(user, {})) if user in NOBODY else None
        await to_a_plan(here)
        number = next(one.number for one in here.case().steps if one.id == "bind_successor")
        await here.press(ZHAO, "confirm", step=number)
        await here.write(user, "help")
        before = standing(here.case())
        place, ts = here.offer(CHEN, "approve:looked", number, ADMINS_CHANNEL)
        good = str(here.human(CHEN).pressed(place, ts, "approve:looked")["actions"][0]["value"])
        case, subject, revision, mac = good.split("@")
        values = [
            "",
            "x",
            "OFB-1",
            f"{case}@{subject}@{revision}",
            f"{case}@{subject}@{revision}@{'A' * 12}",
            f"{case}@{int(subject) + 1}@{revision}@{mac}",
            f"{case}@{subject}@{int(revision) + 1}@{mac}",
            f"OFB-2@{subject}@{revision}@{mac}",
            f"{good} ",
            good.lower(),
            good * 40,
            "OFB-1@1@1@" + "\u0000" * 12,
            "'; DROP TABLE facts; --",
        ]
        told = len(here.slack.whispers)
        for at, value in enumerate(values):
            action = {"type": "button", "action_id": "approve:looked", "block_id": "b", "value": value}
            assert await here.human(user).presses(place, ts, "", action=action) == 200
            other = {"type": "button", "action_id": "approve:word", "block_id": "b", "value": good}
            assert await here.human(user).presses(place, ts, "", action=other) == 200
            await here.edge.settle()
            assert len(here.slack.whispers) == told + 2 * (at + 1), "each is told"
        await here.settle()
        assert standing(here.case()) == before
        unharmed(here)

    play(tmp_path, test)


def test_every_verb_in_every_state_by_whoever_may_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def test(here: Office) -> None:
        for user, more in NOBODY.items():
            here.slack.join(user, user.lower(), **more)
        sent = 0
        async for _ in along(here):
            sent += await all_refused(here)
        assert sent >= 800, sent
        unharmed(here)

    play(tmp_path, test)
    silent(capsys)


async def along(here: Office) -> AsyncIterator[str]:
    """The default story, from state to state."""
    await here.human(LIN).command()
    await here.settle()
    yield "not agreed"
    await here.press(CHEN, "start", place=ADMINS_CHANNEL)
    await here.human(CHEN).replies(ADMINS_CHANNEL, here.card()["ts"], "2026-12-04")
    await here.settle()
    yield "asking"
    await here.write(LIN, "100012345678")
    await here.press(LIN, "answer:registered_with:email")
    await tick(here, LIN, "leavers", "wechat")
    await here.press(LIN, "answer:protection:off")
    await here.press(LIN, "answer:real_name:company")
    await here.press(LIN, "answer:root_keys:none")
    await choose(here, LIN, "successor", ZHAO)
    yield "naming"
    await here.press(CHEN, "successor:proposed", place=ADMINS_CHANNEL)
    yield "offered"
    await here.press(ZHAO, "accept")
    yield "open"
    number = {one.id: one.number for one in here.case().steps}
    await here.press(ZHAO, "confirm", step=number["bind_successor"])
    yield "claimed"
    await approve(here, number["bind_successor"])
    for _ in number:
        for one in here.case().steps:
            if one.status is StepStatus.OPEN:
                await here.press(one.shown_to.removeprefix("slack:"), "confirm", step=one.number)
                await approve(here, one.number)
    assert not here.case().is_open
    yield "closed"


async def all_refused(here: Office) -> int:
    """Everything that may not be, in this state; how many requests."""
    before, sent = standing(here.case()), 0
    who: list[tuple[str, tuple[str, ...]]] = [(user, (*LEAVERS, *ADMINS, *OTHERS)) for user in NOBODY]
    who.append((LIN, ADMINS))
    who.append((ZHAO, ADMINS))
    for user, verbs in who:
        told = heard_by(here, user)
        for verb in verbs:
            human = here.human(user)
            human.team = str(here.slack.users[user]["team_id"])
            body = carried(here, human, verb)
            assert (await human.send(body))[0] == 200, (user, verb)
            sent += 1
        await here.settle()
        assert standing(here.case()) == before, (user, "changed something")
        assert heard_by(here, user) >= told + len(verbs), (user, "was not told each time")
        await here.write(user, "cancel")  # what a button asked for is not what comes next
    return sent


def carried(here: Office, human: Human, verb: str) -> Json:
    """A button of this verb with a value that is really ours, on the card of the case."""
    case = here.case()
    name, _, _ = verb.partition(":")
    step = 1 if case.steps and name not in OF_THE_CASE else 0
    revision = case.steps[0].revision if step else 1
    made_for = verb if name != "answer" else "answer"
    value = here.app.engine.tools.buttons.value(case.ref, str(step) if step else "case", revision, made_for)
    action = {"type": "button", "action_id": verb, "block_id": "told-1", "value": value}
    return human.pressed(ADMINS_CHANNEL, here.card()["ts"], "", action=action)


def heard_by(here: Office, user: str) -> int:
    whispers = len([said for said in here.slack.whispers if said["user"] == user])
    return whispers + len(here.slack.conversation(user)) + len(here.slack.forms)


def silent(capsys: pytest.CaptureFixture[str]) -> None:
    """No word of a body, no token, no signature."""
    said = capsys.readouterr()
    for word in (SECRET_WORDS, "xoxb-", "v0=", "private_metadata"):
        assert word not in said.out + said.err


def test_every_method_but_post_is_refused(tmp_path: Path) -> None:
    async def test(here: Office) -> None:
        for method in ("GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"):
            async with here.session.request(method, here.address) as answer:
                assert answer.status == 405
                assert answer.headers["allow"] == "POST"
        form = urlencode({"ssl_check": "1", "token": "unused"}).encode()
        assert (await here.human(LIN).post(form, sign(form, here.clock.now().timestamp()) | {"Content-Type": FORM}))[
            0
        ] == 200

    play(tmp_path, test)
