"""Somebody has already gone: an admin asks for help, says which situation it is, and may say that it is another one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bot.app import play_story
from bot.core.effects import ADMINS
from bot.demo.cast import ADMIN, SECOND
from bot.demo.story import read
from bot.playbook.card import Card
from bot.playbook.load import content_hash
from tests.fire.office import LIN, ZHAO, Office, office, words
from tests.runtime.books import AFTER, BLOCKED, HELP, LOST, RESCUE, books

WAYS_IN = ("/offboard rescue", "rescue", "Rescue!", "/offboard 救援", "找回账号", "救援", "离职 找回")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path / "a.db", books=HELP, begins=["help/lost"], rescue="help/rescue") as opened:
        yield opened


def cases(desk: Office) -> int:
    return desk.app.store.read(lambda reads: len(reads.cases()))


def card(desk: Office) -> Card:
    return next(shown.card for shown in desk.board.conversation(ADMINS) if shown.card.kind == "case")


def in_thread(desk: Office, text: str) -> str:
    return desk.says(ADMIN, text, thread="OFB-1").refused


def opened(desk: Office, *answers: str) -> None:
    assert not desk.says(ADMIN, "/offboard rescue").refused
    for answer in answers:
        assert not in_thread(desk, answer), answer


@pytest.mark.parametrize("text", WAYS_IN)
def test_an_admin_begins_a_case_that_nobody_leaves(desk: Office, text: str) -> None:
    answer = desk.says(ADMIN, text)
    assert not answer.refused
    case = desk.case()
    assert (case.leaver, case.last_day, [pin.name for pin in case.pins]) == ("", None, ["help/rescue"])
    assert case.asking is not None
    assert (case.asking.question, case.asking.of) == ("situation", ADMINS)
    assert desk.app.store.read(lambda reads: reads.playbook(case.pins[0].hash)) is not None


@pytest.mark.parametrize("text", ["找回密码怎么弄", "rescue me from this meeting", "救援吗"])
def test_a_sentence_that_only_begins_with_the_word_begins_nothing(desk: Office, text: str) -> None:
    desk.says(ADMIN, text)
    assert cases(desk) == 0


@pytest.mark.parametrize("who", [LIN, ZHAO, SECOND])
def test_who_is_no_admin_is_told_whom_to_ask_and_nothing_begins(desk: Office, who: str) -> None:
    answer = desk.says(who, "/offboard rescue")
    assert answer.refused == "rescue_admin"
    assert "Ask an admin" in words(answer.cards)
    assert cases(desk) == 0


def test_where_there_is_no_playbook_for_it_that_is_said(tmp_path: Path) -> None:
    with office(tmp_path / "a.db", books=books(AFTER), begins=["help/after"], rescue="help/rescue") as desk:
        assert "no playbook for a rescue" in words(desk.says(ADMIN, "/offboard rescue").cards)
        assert cases(desk) == 0


def test_the_answer_leads_on_and_the_bytes_of_what_is_pinned_then_are_kept(desk: Office) -> None:
    opened(desk, "lost", "100012345678")
    pin = desk.case().pins[1]
    assert pin.hash == content_hash(HELP["help/lost"])
    assert desk.app.store.read(lambda reads: reads.playbook(pin.hash)) is not None
    assert [step.id for step in desk.case().steps] == ["appeal", "sign_in"]
    desk.whole()


def test_what_is_pinned_on_the_way_is_the_newest_content_of_that_moment(tmp_path: Path) -> None:
    with office(tmp_path / "a.db", books=HELP, begins=["help/lost"], rescue="help/rescue") as desk:
        opened(desk)
    newer = HELP | books(LOST.replace("id: appeal, owner", "id: appeal, patience_hours: 9, owner"))
    with office(tmp_path / "a.db", books=newer, begins=["help/lost"], rescue="help/rescue") as desk:
        desk.count = 100
        assert not in_thread(desk, "lost")
        assert desk.case().pins[1].hash == content_hash(newer["help/lost"])
    with office(tmp_path / "a.db", books=HELP, begins=["help/lost"], rescue="help/rescue") as desk:
        desk.count = 200
        assert not in_thread(desk, "100012345678")
        assert desk.case().steps[0].patience_hours == 9
        desk.whole()


@pytest.mark.parametrize("text", ["rescue", "/offboard rescue", "情况不是这样", "it is another situation"])
def test_in_its_thread_it_says_that_the_situation_is_another_one(desk: Office, text: str) -> None:
    opened(desk, "lost", "100012345678")
    assert not in_thread(desk, text)
    assert cases(desk) == 1
    assert [str(step.status) for step in desk.case().steps] == ["not_needed", "not_needed"]
    assert not in_thread(desk, "blocked")
    assert {step.playbook for step in desk.case().steps if step.status != "not_needed"} == set()
    assert desk.case().asking is not None, "a successor is wanted for a step of theirs"
    assert not in_thread(desk, "Zhao Yun")
    assert not desk.presses(ZHAO, "accept").refused
    assert [step.id for step in desk.case().steps if step.status == "open"] == ["unblock"]
    desk.whole()


@pytest.mark.parametrize("text", ["OFB-1 rescue", "rescue OFB-1", "/offboard rescue OFB-1", "OFB-1 找回账号"])
def test_by_its_name_too(desk: Office, text: str) -> None:
    opened(desk, "lost", "100012345678")
    assert not desk.says(ADMIN, text).refused
    assert cases(desk) == 1
    assert desk.case().coming == ("help/rescue",)


def test_the_button_for_it_stands_on_the_card_once_a_way_was_taken(desk: Office) -> None:
    opened(desk)
    assert "over" not in [button.detail for button in card(desk).more]
    assert not in_thread(desk, "lost")
    assert not in_thread(desk, "100012345678")
    assert not desk.presses(ADMIN, "start").refused
    assert desk.case().coming == ("help/rescue",)
    assert "over" not in [button.detail for button in card(desk).more]


def test_elsewhere_it_begins_another_case(desk: Office) -> None:
    opened(desk, "lost", "100012345678")
    assert not desk.says(ADMIN, "/offboard rescue").refused
    assert cases(desk) == 2
    assert len(desk.case().steps) == 2


def test_in_the_thread_of_a_handover_it_begins_a_case_of_its_own(desk: Office) -> None:
    desk.says(ADMIN, "/offboard @Lin 2026-12-04")
    assert not in_thread(desk, "rescue")
    assert cases(desk) == 2
    assert desk.case().leaver == LIN


def test_to_the_end_and_what_follows_it(desk: Office) -> None:
    opened(desk, "lost", "100012345678")
    for number in (1, 2, 3):
        assert not in_thread(desk, f"done {number}")
        assert not desk.says(SECOND, f"OFB-1 word {number}").refused
    assert [pin.name for pin in desk.case().pins] == ["help/rescue", "help/lost", "help/after"]
    assert desk.case().outcome == "handed_over"
    desk.whole()


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_card_reads_well_where_nobody_leaves(tmp_path: Path, language: str) -> None:
    with office(tmp_path / "a.db", books=HELP, rescue="help/rescue", begins=["help/lost"], language=language) as desk:
        for who in (ADMIN, ZHAO):
            desk.says(who, f"language {language}")
        opened(desk, "blocked", "100012345678", "赵云" if language == "zh-CN" else "Zhao Yun")
        answers = [*desk.says(ADMIN, "OFB-1 status").cards]
        desk.presses(ZHAO, "accept")
        answers += desk.says(ADMIN, "OFB-1 status").cards
        seen = [shown.card for who in (ADMINS, ADMIN, ZHAO) for shown in desk.board.conversation(who)]
        for one in (*seen, *answers):
            text = f"{one.title} {one.lead} {one.notice} {one.summary} {one.context}"
            assert "–" not in text, one
            assert "None" not in text, one
        assert "The rescue" in card(desk).title


def test_a_story_is_played_with_its_own_playbook_pinned(tmp_path: Path) -> None:
    for name, files in HELP.items():
        for path, text in files.items():
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_text(text, "utf-8")
    raw = """
story: lost
moves:
  - admin: {writes: /offboard rescue}
  - admin: {answers: account, with: "100012345678"}
  - expect: {step: appeal, status: open}
"""
    play_story(read(yaml.safe_load(raw)), "en", "help/lost", tmp_path)
    router = raw.replace(
        "  - admin: {answers: account", "  - admin: {answers: situation, with: lost}\n  - admin: {answers: account"
    )
    play_story(read(yaml.safe_load(router)), "zh-CN", "help/rescue", tmp_path)


def test_the_files_of_these_tests_are_sound() -> None:
    assert {yaml.safe_load(one)["name"] for one in (RESCUE, LOST, BLOCKED, AFTER)} == set(HELP)
