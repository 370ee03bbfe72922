"""One person in two chats, by a code that they carry and an admin who agrees: what is asked, told, kept and refused."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.core.case import StepStatus
from bot.core.effects import ADMINS, Nudge
from bot.core.lexicon import clean
from bot.core.mask import mask
from bot.core.pairing import ALPHABET, LENGTH, read, shown
from bot.heard import Click, Heard
from bot.ports import Tx
from bot.rows import Message, PersonRow
from bot.runtime.keeping import nudge
from bot.runtime.onetime import fresh
from bot.runtime.people import Company
from tests.runtime.meeting_place import ADA, LIN, MEI, WANG, ZHAO, Place, place, said

BOTH = ("slack", "wecom")
XIAOMAN = "wecom:xiaoman"
CHEN = "wecom:mei"
"""Mei's own id in WeCom, by which she is an admin too."""
BO = "slack:BO"


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Place]:
    with place(tmp_path / "a.db", Company(admins=(MEI, ADA, WANG), language="en"), admin_chats=BOTH) as made:
        _known(made)
        yield made


def _known(there: Place) -> None:
    there.corp.says(PersonRow(XIAOMAN, "Lin Xiaoman", "zh-CN"))
    there.corp.says(PersonRow(CHEN, "Mei", "zh-CN"))
    there.directory.says(PersonRow(BO, "Bo", "en"))
    there.meet(MEI, ADA, LIN, ZHAO, BO, WANG, XIAOMAN, CHEN)


def code_of(there: Place, who: str) -> str:
    found = re.search(r"[A-Z]{4}-[A-Z]{4}", said(there.says(who, "link").cards))
    assert found is not None
    return found[0]


def ask(there: Place, one: str = LIN, other: str = XIAOMAN) -> None:
    answer = there.says(other, f"link {code_of(there, one)}")
    assert not answer.refused, said(answer.cards)
    there.settle()


def join(there: Place, one: str = LIN, other: str = XIAOMAN, by: str = ADA) -> None:
    ask(there, one, other)
    answer = there.presses(by, "accept")
    assert not answer.refused, said(answer.cards)
    there.settle()


def lines(there: Place) -> list[tuple[int, str, str, str, str]]:
    with sqlite3.connect(there.path) as conn:
        return conn.execute("SELECT link, state, by, one, other FROM links ORDER BY number").fetchall()


# ---------------------------------------------------------------------------------------------- as it should be


def test_a_code_is_carried_an_admin_agrees_and_both_ids_are_one_person(there: Place) -> None:
    answer = there.says(LIN, "link")
    code = code_of(there, LIN)
    assert "15 minutes" in said(answer.cards)
    answer = there.says(XIAOMAN, f"关联账号 {code}")
    assert "Lin Hao" not in said(answer.cards), "a card holds no names"
    assert f"\ue000{LIN}\ue001（Slack）" in said(answer.cards)
    there.settle()
    assert lines(there) == [(1, "asked", XIAOMAN, LIN, XIAOMAN)]
    assert there.app.people.acts_as(XIAOMAN) == XIAOMAN, "nobody has agreed yet"
    for admin in (MEI, ADA):
        card = there.slack.offer(admin, "accept")[0].card
        assert (card.title, card.language) == ("Are these one person?", "en")
        assert [field.value for field in card.fields] == ["`LIN`", "`xiaoman`"]
    assert there.wecom.offer(WANG, "accept")[0].card.title == "这是同一个人吗？"
    assert not there.presses(ADA, "accept").refused
    there.settle()
    assert there.app.people.acts_as(XIAOMAN) == LIN
    assert lines(there)[-1] == (1, "agreed", ADA, LIN, XIAOMAN)
    assert "and act as one. I write to you here" in there.told(LIN)[-1]
    assert "以后我只在那边给您发消息" in there.told(XIAOMAN)[-1]
    for admin, chat in ((MEI, there.slack), (ADA, there.slack), (WANG, there.wecom)):
        (card,) = [card for card in chat.conversation(admin) if card.kind == "pairing"]
        assert not card.row, "the question is answered on every card"
        assert ADA in card.notice
    there.says(XIAOMAN, "离职")
    assert there.case().leaver == LIN
    there.whole()


def test_the_one_who_has_an_open_handover_acts_whoever_asked_first(there: Place) -> None:
    there.says(XIAOMAN, "/offboard")
    there.settle()
    before = there.log()
    join(there)
    assert there.app.people.acts_as(LIN) == XIAOMAN
    assert there.log() == before, "nothing that was done has changed"
    assert there.says(LIN, "status").case == "OFB-1"
    there.whole()


def test_it_holds_after_a_restart_and_when_the_directory_is_asked_again(there: Place) -> None:
    join(there)
    there.restart()
    assert there.app.people.acts_as(XIAOMAN) == LIN
    there.wait(days=2)
    there.says(XIAOMAN, "help")
    there.settle()
    row = there.person(XIAOMAN)
    assert row is not None
    assert row.same_as == LIN
    assert there.app.people.acts_as(XIAOMAN) == LIN


def test_an_admin_of_both_chats_is_told_in_one_place_and_counts_once(there: Place) -> None:
    join(there, one=ADA, other=WANG, by=MEI)
    assert there.app.people.roster.admins == (MEI, ADA)
    before = len(there.wecom.calls)
    there.run_to_first_step()
    there.presses(ZHAO, "confirm")
    there.settle()
    assert len(there.wecom.calls) == before, "nobody decides under a WeCom id any more"
    assert there.rows() == []
    there.wait(days=2)
    assert [call.post.to for call in there.wecom.calls[before:]] == []
    there.says(WANG, "looked OFB-1 1")
    there.settle()
    assert [row["actor"] for row in there.log() if row["kind"] == "approved"] == [ADA]


def test_an_admin_says_no_and_both_hear_of_it(there: Place) -> None:
    ask(there)
    assert not there.says(MEI, "link decline 1").refused
    there.settle()
    assert there.app.people.acts_as(XIAOMAN) == XIAOMAN
    assert lines(there)[-1][:3] == (1, "declined", MEI)
    assert "does not agree" in there.told(LIN)[-1]
    assert "管理员没有同意" in there.told(XIAOMAN)[-1]
    assert there.says(XIAOMAN, f"link {code_of(there, LIN)}").refused == "pair_declined", "nobody is asked twice"


def test_nobody_decides_for_a_week_and_it_lapses(there: Place) -> None:
    ask(there)
    there.wait(days=8)
    assert lines(there)[-1][:3] == (1, "lapsed", "system")
    assert "in time" in there.told(LIN)[-1]
    there.meet(ADA)
    assert there.says(ADA, "link accept 1").refused == "pair_decided"
    assert there.app.people.acts_as(XIAOMAN) == XIAOMAN


def test_an_admin_parts_what_was_joined(there: Place) -> None:
    join(there)
    assert not there.says(MEI, "separate Lin Hao").refused
    there.settle()
    assert there.app.people.acts_as(XIAOMAN) == XIAOMAN
    assert lines(there)[-1] == (1, "undone", MEI, LIN, XIAOMAN)
    assert "are two again" in there.told(LIN)[-1]
    assert "关联已解除" in there.told(XIAOMAN)[-1]
    assert there.says(MEI, "separate Lin Hao").refused == "pair_none"


def test_the_configuration_parts_what_was_joined_when_the_server_begins(there: Place) -> None:
    join(there)
    there.company = replace(there.company, persons=((LIN,), (XIAOMAN,)))
    there.restart()
    assert there.app.people.acts_as(XIAOMAN) == XIAOMAN
    there.app.engine.settle_links().result()
    there.settle()
    assert lines(there)[-1][:3] == (1, "undone", "configuration")
    assert "are two again" in there.told(LIN)[-1]
    row = there.person(XIAOMAN)
    assert row is not None
    assert row.same_as == ""


def test_the_configuration_names_another_id_and_that_one_counts(there: Place) -> None:
    join(there)
    there.company = replace(there.company, same={"wecom:other": LIN})
    there.restart()
    assert there.app.people.acts_as("wecom:other") == LIN
    assert there.app.people.acts_as(XIAOMAN) == XIAOMAN
    assert there.says(XIAOMAN, "link").refused == ""
    assert there.says(LIN, "link").refused == "pair_already"


def test_what_waited_on_the_other_desk_waits_for_the_person(there: Place) -> None:
    there.run_to_first_step()
    there.presses(ZHAO, "confirm")
    there.settle()
    waits = Nudge(WANG, "approve", "OFB-1", 1, there.case().steps[0].revision)
    tools = there.app.engine.tools
    there.app.store.transact(lambda tx: nudge(tx, waits, there.clock.now(), tools.people, tools.workdays)).result()
    join(there, one=ADA, other=WANG, by=MEI)
    there.wait(hours=2)
    assert [card.kind for card in there.slack.conversation(ADA) if card.kind == "digest"]
    assert not [card.kind for card in there.wecom.conversation(WANG) if card.kind == "digest"]


# ---------------------------------------------------------------------------------------------- what is refused


def test_nobody_agrees_for_themselves_from_either_chat(there: Place) -> None:
    ask(there, one=ADA, other=CHEN)
    with pytest.raises(LookupError):
        there.slack.offer(ADA, "accept")
    assert there.says(ADA, "link accept 1").refused == "own_link"
    assert there.says(CHEN, "link accept 1").refused == "not_admin"
    assert there.says(LIN, "link accept 1").refused == "not_admin"
    assert len(lines(there)) == 1


def test_a_leaver_who_becomes_an_admin_by_a_link_approves_nothing_in_their_own_handover(there: Place) -> None:
    there.run_to_first_step()
    join(there, one=LIN, other=WANG, by=MEI)
    assert LIN in there.app.people.roster.admins
    there.presses(ZHAO, "confirm")
    there.settle()
    for id in (WANG, LIN):
        answer = there.presses(id, "approve:looked", of=ADMINS) if id == LIN else there.says(id, "looked OFB-1 1")
        assert answer.refused == "own_case", id
    assert there.says(WANG, "separate Lin Hao").refused == "own_link", "nor do they part themselves to go on"
    assert there.case().steps[0].status is StepStatus.CLAIMED
    there.whole()


def test_who_approves_agrees_to_be_warned_of_what_it_means(there: Place) -> None:
    there.run_to_first_step()
    ask(there, one=LIN, other=WANG)
    card = there.slack.offer(MEI, "accept")[0].card
    assert "One of the two decides in handovers" in card.notice
    assert "One of the two is leaving" in card.notice


def test_with_a_handover_under_each_id_they_are_not_joined(there: Place) -> None:
    there.says(LIN, "/offboard")
    there.says(XIAOMAN, "/offboard")
    there.settle()
    answer = there.says(XIAOMAN, f"link {code_of(there, LIN)}")
    assert answer.refused == "pair_both"
    assert "try again" in said(answer.cards) or "再来关联" in said(answer.cards)
    there.settle()
    assert any("open handover" in text for text in there.told(LIN)), "the other chat is told too"


def test_a_handover_that_begins_before_an_admin_agrees_counts(there: Place) -> None:
    ask(there)
    there.says(LIN, "/offboard")
    there.says(XIAOMAN, "/offboard")
    there.settle()
    assert there.presses(ADA, "accept").refused == "pair_both"
    assert there.app.people.acts_as(XIAOMAN) == XIAOMAN


def test_who_approved_under_one_id_does_not_approve_again_under_the_other(there: Place) -> None:
    there.run_to_first_step()
    there.presses(ZHAO, "confirm")
    there.settle()
    there.presses(WANG, "approve:looked", of=ADMINS)
    there.settle()
    join(there, one=ADA, other=WANG, by=MEI)
    assert there.app.people.acts_as(ADA) == WANG, "the hand that was in it stays the hand that was in it"


@pytest.mark.parametrize("standing", ["guest", "outsider", "bot", "gone"])
def test_who_is_no_member_links_nothing(there: Place, standing: str) -> None:
    code = code_of(there, LIN)
    there.app.engine.learn(PersonRow(XIAOMAN, "X", "en", standing=standing)).result()
    for text in ("link", f"link {code}"):
        assert there.says(XIAOMAN, text).refused in ("guest", "stranger") or there.rows(), text
    there.settle()
    assert lines(there) == []


def test_who_is_gone_when_the_admin_agrees_is_not_joined(there: Place) -> None:
    ask(there)
    there.app.engine.learn(PersonRow(LIN, "Lin Hao", "en", standing="gone")).result()
    assert there.presses(ADA, "accept").refused == "pair_gone"


def test_a_code_is_good_once_and_for_a_quarter_of_an_hour(there: Place) -> None:
    code = code_of(there, LIN)
    there.wait(minutes=14)
    there.meet(XIAOMAN)
    assert not there.says(XIAOMAN, f"link {code.lower().replace('-', ' ')}").refused
    assert there.says(CHEN, f"link {code}").refused == "pair_code"
    late = code_of(there, BO)
    there.wait(minutes=16)
    assert there.says(CHEN, f"link {late}").refused == "pair_code"


def test_a_new_code_ends_the_earlier_one(there: Place) -> None:
    first, second = code_of(there, LIN), code_of(there, LIN)
    assert there.says(XIAOMAN, f"link {first}").refused == "pair_code"
    assert not there.says(XIAOMAN, f"link {second}").refused


def test_five_wrong_tries_end_a_code_and_its_owner_is_told(there: Place) -> None:
    code = code_of(there, LIN)
    wrong = code[:-1] + next(letter for letter in ALPHABET if letter != code[-1])
    for number in range(5):
        assert there.says((XIAOMAN, CHEN)[number % 2], f"link {wrong}").refused == "pair_code"
    assert there.says("wecom:ada", "help").later
    there.settle()
    assert there.says("wecom:ada", f"link {code}").refused == "pair_code", "the right one is too late"
    assert any("not good any more" in text for text in there.told(LIN))


def test_who_guesses_five_times_has_to_wait_whatever_they_guess(there: Place) -> None:
    code = code_of(there, LIN)
    for start in "BCDFG":
        guess = f"{start}ZZZ-ZZZZ" if code[0] != start else "KZZZ-ZZZZ"
        assert there.says(XIAOMAN, f"link {guess}").refused == "pair_code"
    assert there.says(XIAOMAN, f"link {code}").refused == "pair_tries"
    there.wait(minutes=16)
    assert not there.says(XIAOMAN, f"link {code_of(there, LIN)}").refused


def test_a_code_is_of_no_use_in_the_same_chat_and_to_its_owner(there: Place) -> None:
    code = code_of(there, LIN)
    assert there.says(BO, f"link {code}").refused == "pair_same_chat"
    assert there.says(LIN, f"link {code}").refused == "pair_same_chat"
    assert lines(there) == []


def test_an_id_is_in_one_link_at_most(there: Place) -> None:
    ask(there)
    assert there.says(LIN, "link").refused == "pair_waits"
    code = code_of(there, BO)
    assert there.says(XIAOMAN, f"link {code}").refused == "pair_waits"
    there.presses(ADA, "accept")
    there.settle()
    assert there.says(LIN, "link").refused == "pair_already"
    assert there.says(XIAOMAN, f"link {code_of(there, BO)}").refused == "pair_already"


def test_two_admins_decide_in_the_same_moment_and_one_of_them_does(there: Place) -> None:
    ask(there)
    assert not there.presses(ADA, "accept").refused
    assert there.presses(WANG, "decline").refused == "pair_decided"
    there.settle()
    assert [line[1] for line in lines(there)] == ["asked", "agreed"]


def test_where_nobody_else_could_agree_it_says_so(tmp_path: Path) -> None:
    with place(tmp_path / "a.db", Company(admins=(MEI,), language="en"), admin_chats=BOTH) as there:
        _known(there)
        assert there.says(CHEN, f"link {code_of(there, MEI)}").refused == "pair_no_admin"


def test_a_copy_of_the_request_and_a_bent_button_do_nothing(there: Place) -> None:
    ask(there)
    shown_, button = there.slack.offer(ADA, "accept")
    for click, why in (
        (Click("accept", button.value, message=Message("D-elsewhere", "1.2")), "forwarded"),
        (Click("accept", button.value.replace("link1", "link2"), message=shown_.message), "forged"),
        (Click("decline", button.value, message=shown_.message), "forged"),
        (Click("approve", button.value, "looked", message=shown_.message), "forged"),
    ):
        assert there.hear(Heard(there.key(), ADA, click=click)).refused == why
    assert len(lines(there)) == 1


def test_a_code_is_kept_as_a_keyed_hash_alone(there: Place) -> None:
    code = code_of(there, LIN)
    there.says(XIAOMAN, f"link {code}")
    there.settle()
    there.app.close()
    data = b"".join(path.read_bytes() for path in there.path.parent.iterdir() if path.is_file())
    assert code.encode() not in data
    assert code.replace("-", "").encode() not in data
    there.open()


def test_codes_are_read_as_people_write_them_and_never_taken_for_a_secret() -> None:
    for _ in range(300):
        code = fresh()
        assert len(code) == LENGTH
        assert mask(f"link {shown(code)}") == (f"link {shown(code)}", ())
        assert read(shown(code).lower()) == read(f" {code} ") == read(clean(shown(code))) == code
    for text in ("", "BCDF", "is broken", "BCDFGHJKM", "BCDF GHJ1", "\u0410BCDFGHJ"):
        assert read(text) == ""


def test_a_sentence_that_begins_with_the_word_is_no_try(there: Place) -> None:
    answer = there.says(LIN, "link does not work for me")
    assert not answer.refused
    assert "Write link to get a code" in said(answer.cards)


def test_a_link_that_could_not_be_written_down_joins_nobody(there: Place) -> None:
    ask(there)

    def failing(tx: Tx) -> None:
        with there.app.people.as_of(tx):
            there.app.people.relink([replace(tx.links()[0], state="agreed")])
            assert there.app.people.acts_as(XIAOMAN) == LIN
            raise RuntimeError("the disk is full")

    future: Future[None] = there.app.store.transact(failing)
    with pytest.raises(RuntimeError):
        future.result()
    there.says(LIN, "help")
    assert there.app.people.acts_as(XIAOMAN) == XIAOMAN


def test_an_id_that_is_given_out_again_is_not_the_person_who_had_it(there: Place) -> None:
    join(there)
    there.app.engine.learn(PersonRow(XIAOMAN, "Lin Xiaoman", "zh-CN", standing="gone")).result()
    assert there.app.people.acts_as(XIAOMAN) == LIN, "who is gone can do nothing anyway"
    assert there.says(XIAOMAN, "/offboard").refused == "stranger"
    there.app.engine.learn(PersonRow(XIAOMAN, "Somebody New", "zh-CN")).result()
    assert there.app.people.acts_as(XIAOMAN) == XIAOMAN
    assert lines(there)[-1][:3] == (1, "undone", "system")
    there.says(XIAOMAN, "/offboard")
    assert there.case().leaver == XIAOMAN


# ---------------------------------------------------------------------------------------------- names are no ids


def test_nobody_is_taken_for_somebody_by_calling_themselves_like_their_id(there: Place) -> None:
    there.app.engine.learn(PersonRow(BO, "slack:U0CHEN", "en")).result()
    answer = there.says(MEI, "/offboard slack:U0CHEN 2026-12-04")
    assert answer.refused == "unknown_person"
    assert there.cases() == 0


def test_the_same_name_in_both_chats_joins_nobody(there: Place) -> None:
    there.app.engine.learn(PersonRow(XIAOMAN, "Lin Hao", "en")).result()
    assert there.says(MEI, "/offboard Lin Hao 2026-12-04").refused == "unknown_person", "two are called so"
    join(there)
    assert not there.says(MEI, "/offboard Lin Hao 2026-12-04").refused
    assert there.case().leaver == LIN
