"""Secrets typed by mistake, everywhere where something can be typed: they are in no file, no log and on no screen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from bot.app import shipped
from bot.core.case import UNKNOWN
from bot.demo.cast import ADMIN
from bot.heard import Answer, Click, Heard
from bot.playbook.card import card_bytes
from bot.reading import export
from bot.runtime.seal import Seals
from tests.fire.office import LIN, MASTER, START, TO_PLAN, ZHAO, Office, office, words
from tests.fire.secrets import CODE, ID_NUMBER, PASSWORD, SECRET_ID, SECRET_KEY, hidden, wide

BOOK = "tencent_cloud/root_account"

SECRETS = (PASSWORD, "Tr0ub4dor", SECRET_ID, SECRET_ID[4:20], SECRET_KEY, ID_NUMBER, CODE, wide(CODE), wide(ID_NUMBER))

MESSAGES = (
    f"my password is {PASSWORD}",
    f"密码是{PASSWORD}，登不上去",
    f"密码是 {hidden(PASSWORD)}",
    f"SecretId {SECRET_ID} SecretKey {SECRET_KEY}",
    f"{SECRET_ID[:20]} {SECRET_ID[20:]}",
    wide(SECRET_KEY),
    f"身份证{ID_NUMBER}",
    wide(ID_NUMBER),
    hidden(ID_NUMBER),
    CODE,
    f"the code {CODE} does not work",
    f"收到的验证码是{wide(CODE)}",
    "4 9 3 0 2 1",
)


def books() -> dict[str, dict[str, str]]:
    """The shipped playbook, and two private questions more: one of words, one for a phone."""
    found = shipped()
    files = found[BOOK]
    more = "  - {id: note, kind: text, private: true}\n  - {id: contact, kind: phone, private: true}\n"
    asked_last = re.compile(r"\nquestions:\n(?: .*\n)+")
    files["playbook.yaml"] = asked_last.sub(lambda found: f"{found[0]}{more}", files["playbook.yaml"], count=1)
    for language, ask in (("en", "Anything else?"), ("zh-CN", "还有什么要说的？")):
        name = f"{language}/_playbook.yaml"
        asked = "".join(f"  {id}:\n    ask: {ask} {id}\n    why: {ask}\n" for id in ("note", "contact"))
        files[name] = files[name].replace("\nquestions:\n", f"\nquestions:\n{asked}", 1)
    return found


@pytest.fixture(params=["en", "zh-CN"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path / "a.db", books=books(), language=request.param) as opened:
        for who in (LIN, ZHAO, ADMIN):
            opened.says(who, f"language {request.param}")
        yield opened


def told(answer: Answer) -> bool:
    """Whether the person was told that this looked like a secret."""
    said = words(answer.cards)
    return "looked like a secret" in said or "看起来像敏感信息" in said


def traces(path: Path, shown: str) -> list[str]:
    """Where any secret can still be found: in the files beside each other, or in what was shown."""
    found = [f"shown: {secret}" for secret in SECRETS if secret in shown]
    for file in path.iterdir():
        data = file.read_bytes()
        found += [f"{file.name}: {secret}" for secret in SECRETS if secret.encode() in data]
    return found


def to_the_words(desk: Office) -> None:
    """Up to the first private question."""
    desk.says(ADMIN, "/offboard @demo:lin 2026-12-04")
    for text in TO_PLAN[:-1]:
        assert not desk.says(LIN, text).refused, text


def typed_everywhere(desk: Office, secret: str) -> Iterator[tuple[str, Answer]]:
    """What comes of it, wherever somebody may type."""
    yield "to nobody in particular", desk.says(LIN, secret)
    yield "as stuck", desk.says(ZHAO, f"stuck {secret}")
    yield "as stuck in Chinese", desk.says(ZHAO, f"遇到困难 {secret}")
    yield "as a name", desk.says(ADMIN, f"/offboard @{secret} 2026-12-04")
    yield "in a form", desk.presses(ZHAO, "stuck", words=secret)
    desk.presses(ZHAO, "confirm")
    yield "as a reason", desk.presses(ADMIN, "send_back", words=secret)
    desk.presses(ZHAO, "confirm")
    desk.presses(ADMIN, "send_back")
    yield "as a reason that was asked for", desk.says(ADMIN, secret)
    desk.presses(ADMIN, "move")
    yield "as a day that was asked for", desk.says(ADMIN, secret)
    yield "as a typed reason", desk.says(ADMIN, f"waive 2 other {secret}")
    yield "as a successor", desk.says(ADMIN, f"successor {secret}")
    yield "as a language", desk.says(ADMIN, f"language {secret}")
    yield "in a thread", desk.says(ADMIN, secret, thread="OFB-1")
    yield "in a field that offers a choice", desk.presses(ADMIN, "move", chosen=(secret,))


def everything_shown(desk: Office, answers: list[Answer]) -> str:
    cards = [shown.card for who in (LIN, ZHAO, ADMIN) for shown in desk.board.conversation(who, admin=True)]
    cards += [card for answer in answers for card in answer.cards]
    record = "".join(desk.app.store.read(lambda reads: list(export(reads, None, "json", Seals(MASTER)))))
    return record + "".join(card_bytes(card).decode() for card in cards)


@pytest.mark.parametrize(
    "message", [pytest.param(m, marks=[pytest.mark.slow] if n % 3 else []) for n, m in enumerate(MESSAGES)]
)
def test_a_secret_typed_by_mistake_is_told_and_kept_nowhere(desk: Office, tmp_path: Path, message: str) -> None:
    answers: list[Answer] = []
    with structlog.testing.capture_logs() as logs:
        to_the_words(desk)
        answers.append(desk.says(LIN, message))
        assert told(answers[-1]), "as a private answer"
        assert not answers[-1].refused
        answers.append(desk.says(LIN, message))
        assert (answers[-1].refused, told(answers[-1])) == ("answer_form", True), "as a private phone"
        for text in ("13800138000", "demo:zhao"):
            assert not desk.says(LIN, text).refused, text
        desk.presses(ADMIN, "successor:proposed")
        desk.presses(ZHAO, "accept")
        for where, answer in typed_everywhere(desk, message):
            answers.append(answer)
            assert told(answer), where
        shown = everything_shown(desk, answers) + str(logs)
        desk.whole()
        assert traces(tmp_path, shown) == []
    desk.app.close()
    assert traces(tmp_path, shown) == []


def test_a_secret_is_not_taken_for_the_answer_to_a_typed_question(desk: Office) -> None:
    desk.says(ADMIN, "/offboard @demo:lin 2026-12-04")
    for message in MESSAGES:
        answer = desk.says(LIN, message)
        assert (answer.refused, told(answer)) == ("answer_form", True), message
    assert desk.case().answers == {}


def test_what_is_asked_for_is_kept_and_nobody_is_alarmed(desk: Office) -> None:
    desk.says(ADMIN, "/offboard @demo:lin 2026-12-04")
    for text in (*TO_PLAN[:-1], "京ICP备12345678号-1", "138-0013-8000", "demo:zhao"):
        answer = desk.says(LIN, text)
        assert not answer.refused, text
        assert not told(answer), text
    note, contact = desk.case().answers["note"], desk.case().answers["contact"]
    assert note.sealed is not None
    assert contact.sealed is not None
    opened = desk.app.store.read(lambda reads: list(export(reads, None, "json", Seals(MASTER))))
    assert "京ICP备12345678号-1" in "".join(opened)
    assert "138-0013-8000" in "".join(opened)


def test_a_private_phone_is_in_no_file_in_clear(desk: Office, tmp_path: Path) -> None:
    to_the_words(desk)
    desk.says(LIN, "nothing")
    desk.says(LIN, "13800138000")
    desk.app.close()
    assert [file.name for file in tmp_path.iterdir() if b"13800138000" in file.read_bytes()] == []


@pytest.mark.parametrize("zero", [0x0660, 0x0966, 0xFF10], ids=["arabic", "devanagari", "full width"])
def test_an_account_id_is_of_plain_digits(desk: Office, zero: int) -> None:
    """Otherwise the same account, written in another script, is a second one with a plan of its own."""
    digits = "1" + "".join(chr(zero + int(digit)) for digit in "00012345678")
    desk.says(ADMIN, "/offboard @demo:lin 2026-12-04")
    value = desk.app.engine.tools.buttons.value
    asking = desk.case().asking
    assert asking is not None
    click = Click("answer", value("OFB-1", f"q{asking.revision}", asking.revision, "answer"), chosen=(digits,))
    assert desk.hear(Heard(desk.key(), LIN, click=click)).refused == "answer_form"


def test_an_unknown_answer_to_a_private_question_is_no_secret(desk: Office) -> None:
    to_the_words(desk)
    for _ in range(2):
        desk.says(LIN, "I do not know")
    assert [desk.case().answers[id].values for id in ("note", "contact")] == [(UNKNOWN,), (UNKNOWN,)]


LOGGING: tuple[Callable[[Office, str], Answer], ...] = (
    lambda desk, secret: desk.hear(Heard(f"{secret}\ud800", LIN, text=secret)),
    lambda desk, secret: desk.hear(Heard(desk.key(), LIN, text=secret, thread=f"{secret}\ud800")),
    lambda desk, secret: desk.hear(Heard(desk.key(), LIN, click=Click("confirm", f"{secret}\ud800", secret))),
)


@pytest.mark.parametrize("poison", LOGGING)
def test_what_cannot_be_written_down_is_not_logged_with_its_words(
    desk: Office, poison: Callable[[Office, str], Answer]
) -> None:
    desk.says(ADMIN, "/offboard @demo:lin 2026-12-04")
    with structlog.testing.capture_logs() as logs:
        answer = poison(desk, f"the password is {PASSWORD}")
    assert answer.cards
    assert PASSWORD not in str(logs)
    assert desk.clock.now() == START
