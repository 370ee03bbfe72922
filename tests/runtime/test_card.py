"""What was answered in private: kept encrypted, shown to an admin alone, printed with the key, asked about again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.core.effects import ADMINS
from bot.demo.cast import ADMIN, SECOND
from bot.heard import Answer
from bot.playbook.card import Card, Input, Option
from bot.playbook.questions import MOST_TICKS
from bot.ports import Renderer
from bot.runtime.seal import master_from
from bot.slack.blocks import SlackRenderer
from bot.wecom.cards import WecomRenderer
from tests.fire.office import LIN, ZHAO, Office, office, words
from tests.runtime.books import AFTER, book, books

CARD = """
name: help/card
questions:
  - {id: account, kind: account_id, targets: true, of: admin}
  - {id: subject, kind: name, private: true, of: admin}
  - {id: filing, kind: filing, private: true, of: admin}
  - {id: root_user, kind: user_name, private: true, of: admin}
steps:
  - {id: print, owner: admin, again_days: 182}
"""
ACCOUNT, NAME, FILING, USER = "100012345678", "深圳示例科技有限公司", "粤ICP备12345678号-1", "rescue-ops"
SECRETS = (NAME, FILING, USER)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path / "a.db", books=books(CARD, AFTER), begins=["help/card"], rescue="help/card") as opened:
        yield opened


def answered(desk: Office, *answers: str) -> None:
    assert not desk.says(ADMIN, "/offboard rescue").refused
    for answer in answers or (ACCOUNT, *SECRETS):
        assert not desk.says(ADMIN, answer, thread=newest(desk)).refused, answer


def newest(desk: Office) -> str:
    return desk.app.store.read(lambda reads: reads.cases()[-1].ref)


def finished(desk: Office) -> None:
    answered(desk)
    assert not desk.says(ADMIN, "OFB-1 done 1").refused
    assert not desk.says(SECOND, "OFB-1 word 1").refused
    assert desk.case().status == "closed"


def lines(answer: Answer) -> str:
    return " ".join(line for card in answer.cards for part in card.parts for line in part.lines)


def everything(path: Path) -> str:
    """The database as text: every value of every table."""
    with sqlite3.connect(path) as conn:
        return "\n".join(conn.iterdump())


@pytest.mark.parametrize(
    "said", ["card", "找回卡", "恢复卡", "/offboard card", "card OFB-1", "OFB-1 card", "/offboard 找回卡 OFB-1"]
)
def test_an_admin_is_shown_the_private_answers(desk: Office, said: str) -> None:
    answered(desk)
    seen = lines(desk.says(ADMIN, said))
    assert all(secret in seen for secret in (ACCOUNT, *SECRETS)), seen


def test_also_of_a_case_that_is_closed_and_in_its_thread(desk: Office) -> None:
    finished(desk)
    assert NAME in lines(desk.says(ADMIN, "card"))
    assert NAME in lines(desk.says(ADMIN, "card", thread="OFB-1"))


@pytest.mark.parametrize("who", [LIN, ZHAO, SECOND])
def test_nobody_else_is(desk: Office, who: str) -> None:
    answered(desk)
    answer = desk.says(who, "card OFB-1")
    assert answer.refused == "not_admin"
    assert not any(secret in f"{words(answer.cards)} {lines(answer)}" for secret in SECRETS)


def test_an_admin_who_leaves_is_not_shown_the_card_of_their_own_case(tmp_path: Path) -> None:
    with office(tmp_path / "a.db", books=books(CARD), begins=["help/card"]) as desk:
        desk.says(ADMIN, "/offboard")
        assert desk.says(ADMIN, "card OFB-1").refused == "own_case"


def test_with_several_it_is_asked_which_and_without_any_it_is_said(desk: Office) -> None:
    assert "No case has private answers" in words(desk.says(ADMIN, "card").cards)
    answered(desk)
    answered(desk)
    asked = words(desk.says(ADMIN, "card").cards)
    assert "card OFB-1" in asked
    assert "card OFB-2" in asked
    assert NAME in lines(desk.says(ADMIN, "card OFB-2"))


def test_an_answer_of_the_wrong_form_is_refused_with_what_is_wanted(desk: Office) -> None:
    assert not desk.says(ADMIN, "/offboard rescue").refused
    for text in (ACCOUNT, NAME):
        desk.says(ADMIN, text, thread="OFB-1")
    answer = desk.says(ADMIN, "12345678", thread="OFB-1")
    assert answer.refused == "answer_form"
    assert "粤ICP备12345678号-1" in words(answer.cards)


def test_nothing_of_it_is_in_the_database_in_the_thread_or_in_any_message(desk: Office, tmp_path: Path) -> None:
    finished(desk)
    desk.says(ADMIN, "card")
    desk.settle()
    kept = everything(tmp_path / "a.db")
    shown = [shown.card for who in (ADMINS, ADMIN, LIN, ZHAO, SECOND) for shown in desk.board.conversation(who)]
    for secret in SECRETS:
        assert secret not in kept
        assert not any(secret in repr(card) for card in shown)
    assert any("kept private" in card.notice for card in shown), "the thread says that it was answered"


def test_what_was_not_known_is_said(desk: Office) -> None:
    answered(desk, ACCOUNT, "I do not know", FILING, "I do not know")
    assert lines(desk.says(ADMIN, "card")).count("I do not know") == 2


def test_half_a_year_later_the_admins_are_asked_whether_it_is_still_right(desk: Office) -> None:
    finished(desk)
    desk.wait(days=181)
    assert not any("still true" in repr(shown.card) for shown in desk.board.conversation(ADMIN))
    desk.wait(days=4)
    (digest,) = [s.card for s in desk.board.conversation(ADMIN) if s.card.kind == "digest"]
    assert "Is it still true? Do print" in digest.items[0].text
    assert "OFB-1 still true" in digest.items[0].text
    assert not desk.says(ADMIN, "OFB-1 still true").refused
    desk.wait(days=100)
    assert len([s for s in desk.board.conversation(ADMIN) if s.card.kind == "digest"]) == 1
    desk.wait(days=85)
    assert len([s for s in desk.board.conversation(ADMIN) if s.card.kind == "digest"]) == 2
    desk.whole()


def test_the_button_on_the_card_of_the_case_answers_it(desk: Office) -> None:
    finished(desk)
    desk.wait(days=186)
    assert not desk.presses(ADMIN, "confirm").refused
    assert desk.case().steps[0].renewed_by == ADMIN
    desk.wait(days=30)
    assert len([s for s in desk.board.conversation(ADMIN) if s.card.kind == "digest"]) == 1


def test_in_chinese_too(tmp_path: Path) -> None:
    with office(
        tmp_path / "a.db", books=books(CARD), begins=["help/card"], rescue="help/card", language="zh-CN"
    ) as desk:
        desk.says(ADMIN, "language zh-CN")
        finished(desk)
        desk.wait(days=186)
        (digest,) = [s.card for s in desk.board.conversation(ADMIN) if s.card.kind == "digest"]
        assert "到期复查" in digest.items[0].text
        assert not desk.says(ADMIN, "OFB-1 仍然有效").refused


# ------------------------------------------------------------------ on the command line


def cli(*arguments: str, **env: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, arguments, env=env)
    return done.exit_code, done.output


KEY = "a long secret that only this test knows"


@pytest.fixture
def printed(tmp_path: Path) -> str:
    """A database with a card in it, whose key is given in the environment."""
    where, files = tmp_path / "a.db", {"help/card": book(CARD)}
    with office(where, books=files, begins=["help/card"], rescue="help/card", master=master_from(KEY)) as desk:
        answered(desk)
    return str(where)


def test_the_operator_prints_it_with_the_key(printed: str) -> None:
    code, said = cli("case", "card", "ofb-1", "--db", printed, OFFBOARD_KEY=KEY)
    assert code == 0, said
    assert all(secret in said for secret in SECRETS)
    code, said = cli("case", "card", "OFB-1", "--db", printed, "--json", OFFBOARD_KEY=KEY)
    assert {row["question"]: row["answer"] for row in json.loads(said)}["filing"] == FILING


def test_without_the_key_or_with_another_one_nothing_is_told(printed: str) -> None:
    code, said = cli("case", "card", "OFB-1", "--db", printed)
    assert (code, any(secret in said for secret in SECRETS)) == (78, False)
    code, said = cli("case", "card", "OFB-1", "--db", printed, OFFBOARD_KEY="another key that is long enough 123456")
    assert (code, any(secret in said for secret in SECRETS)) == (1, False)
    assert "(cannot be opened)" in said


def test_a_case_that_there_is_not_is_told(printed: str) -> None:
    code, said = cli("case", "card", "OFB-9", "--db", printed, OFFBOARD_KEY=KEY)
    assert code == 1
    assert "There is no case OFB-9" in said


# ------------------------------------------------------------------ on the platforms

RENDERERS = (SlackRenderer(), WecomRenderer())


@pytest.mark.parametrize("renderer", RENDERERS, ids=lambda one: one.name)
def test_each_platform_shows_every_answer_of_the_card(desk: Office, renderer: Renderer) -> None:
    answered(desk)
    (card,) = desk.says(ADMIN, "card").cards
    drawn = renderer.draw(card, {})
    shown = json.dumps([drawn.payload, *drawn.beside], ensure_ascii=False)
    assert all(secret in shown for secret in (ACCOUNT, *SECRETS)), shown
    assert renderer.findings(drawn) == []


@pytest.mark.parametrize("renderer", RENDERERS, ids=lambda one: one.name)
@pytest.mark.parametrize("count", [2, 9, 10, MOST_TICKS])
def test_each_platform_draws_as_many_options_as_a_playbook_may_offer(renderer: Renderer, count: int) -> None:
    offered = tuple(Option(f"o{n}", f"An option {n}") for n in range(count))
    asked = Input("q", "many", "Which?", options=(*offered, Option("unknown", "I do not know")), value="OFB-1@q1@1@abc")
    drawn = renderer.draw(Card(kind="question", title="Which?", summary="Which?", input=asked, language="en"), {})
    shown = json.dumps(drawn.payload)
    assert all(f'"{option.id}"' in shown for option in offered)
    assert "unknown" in shown
    assert renderer.findings(drawn) == []
