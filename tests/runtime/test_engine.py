"""The one way in, with the real store: what was heard, whose it was, what is durable, what is told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bot.app import DEFAULT_PLAYBOOKS, App, shipped
from bot.core.case import Case, StepStatus
from bot.core.doing import WAIVER_REASONS
from bot.core.effects import ADMINS
from bot.demo.board import Board
from bot.demo.cast import ADMIN, SECOND, rows
from bot.heard import Answer, Click, Heard
from bot.playbook.card import Card
from bot.ports import Tx
from bot.reading import history, verify
from bot.rows import Message, PersonRow
from bot.runtime import codec
from bot.runtime.buttons import Buttons
from bot.runtime.clocks import SettableClock
from bot.runtime.library import Library
from bot.runtime.people import Company
from bot.store.sqlite import SqliteStore

LIN, ZHAO = "demo:lin", "demo:zhao"
START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LIBRARY = Library(shipped(), "en", DEFAULT_PLAYBOOKS)


@dataclass
class Table:
    """An app on a database, four people and a board; `says` and `presses` are deliveries."""

    app: App
    board: Board
    clock: SettableClock
    loop: asyncio.Runner
    count: int = field(default=0)

    def says(self, who: str, text: str, thread: str = "") -> Answer:
        return self.hear(Heard(self.key(), who, text=text, thread=thread))

    def presses(self, who: str, verb: str, step: int = 0, words: str = "", of: str = "") -> Answer:
        found = self.board.offering(of or who, verb, step, admin=(of or who) == ADMIN)
        assert found is not None, f"{who} sees no {verb}"
        shown, button = found
        click = Click(button.verb, button.value, button.detail, words=words, message=shown.message)
        return self.hear(Heard(self.key(), who, click=click))

    def hear(self, heard: Heard) -> Answer:
        answer = self.app.hear(heard)
        self.settle()
        return answer

    def key(self) -> str:
        self.count += 1
        return f"test/{self.count}"

    def settle(self) -> None:
        self.loop.run(self.app.outbox.drain())

    def wait(self, **time: float) -> None:
        until = self.clock.now() + timedelta(**time)
        while (due := self.app.engine.next_due()) is not None and due <= until:
            self.clock.set(max(due, self.clock.now()))
            self.app.engine.tick()
            self.settle()
        self.clock.set(until)

    def case(self) -> Case:
        def newest(reads: Any) -> Case:
            return codec.case(reads.cases()[-1].state)

        return self.app.store.read(newest)

    def log(self) -> list[dict[str, Any]]:
        return self.app.store.read(lambda reads: history(reads, self.case().ref, None))

    def cards(self, who: str) -> list[Card]:
        return [shown.card for shown in self.board.conversation(who)]

    def run_to_first_step(self, leavers: str = "1, 4") -> None:
        self.says(ADMIN, "/offboard @Lin 2026-12-04")
        for text in ("100012345678", "1", leavers, "5", "2", "2", "Zhao Yun"):
            self.says(LIN, text)
        self.presses(ADMIN, "successor:proposed")
        self.presses(ZHAO, "accept")


def known(tx: Tx, person: PersonRow) -> None:
    tx.put_person(person)


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    company = Company(admins=(ADMIN,), second_approvers=(SECOND,), language="en")
    board, clock = Board(), SettableClock(START)
    app = App(SqliteStore(tmp_path / "test.db"), b"k" * 32, company, [board], clock, LIBRARY, at_once=1)
    for row in rows("en"):
        app.store.transact(partial(known, person=row)).result()
    with asyncio.Runner() as loop:
        yield Table(app, board, clock, loop)
    app.close()


def digests(table: Table, who: str) -> list[Card]:
    return [card for card in table.cards(who) if card.kind == "digest"]


def said(answer: Answer) -> str:
    return " ".join(f"{card.title} {card.lead}" for card in answer.cards)


def test_a_delivery_that_comes_twice_counts_once_and_is_answered_twice(table: Table) -> None:
    table.run_to_first_step()
    shown, button = table.board.offering(ZHAO, "confirm") or pytest.fail("no button")
    heard = Heard("the same", ZHAO, click=Click(button.verb, button.value, message=shown.message))
    first, facts = table.hear(heard), table.case().count
    second = table.hear(heard)
    assert (first.repeated, second.repeated) == (False, True)
    assert table.case().count == facts
    assert second.cards


def test_an_old_button_explains_itself_and_changes_nothing(table: Table) -> None:
    table.run_to_first_step()
    shown, button = table.board.offering(ZHAO, "confirm") or pytest.fail("no button")
    click = Click(button.verb, button.value, message=shown.message)
    table.hear(Heard("a", ZHAO, click=click))
    table.presses(ADMIN, "send_back", words="show me")
    drawn = table.board.changes
    answer = table.hear(Heard("b", ZHAO, click=click))
    assert answer.refused == "stale"
    assert table.case().steps[0].status is StepStatus.SENT_BACK
    assert table.board.changes > drawn, "the old card is drawn anew"
    assert not next(one for one in table.board.conversation(ZHAO) if one.message == shown.message).card.row


@pytest.mark.parametrize(
    "bent",
    [
        lambda value: value.replace("OFB-1", "OFB-2"),
        lambda value: value.replace("@1@", "@2@", 1),
        lambda value: value[:-1] + ("A" if value[-1] != "A" else "B"),
        lambda value: "",
        lambda value: "OFB-1@1@1",
        lambda value: value + "\n",
        lambda value: "\ud800",
        lambda value: value * 200,
    ],
)
def test_a_forged_button_is_refused_and_changes_nothing(table: Table, bent: Any) -> None:
    table.run_to_first_step()
    shown, button = table.board.offering(ZHAO, "confirm") or pytest.fail("no button")
    before = table.case()
    answer = table.hear(Heard(table.key(), ZHAO, click=Click("confirm", bent(button.value), message=shown.message)))
    assert answer.refused == "forged"
    assert said(answer)
    assert table.case() == before


def test_a_value_made_for_one_verb_does_nothing_under_another(table: Table) -> None:
    table.run_to_first_step()
    _, button = table.board.offering(ZHAO, "confirm") or pytest.fail("no button")
    for verb, detail in (("approve", "looked"), ("waive", ""), ("take", ""), ("start", ""), ("nonsense", "")):
        answer = table.hear(Heard(table.key(), ADMIN, click=Click(verb, button.value, detail)))
        assert answer.refused == "forged", verb


def test_who_is_not_known_may_do_nothing(table: Table) -> None:
    table.run_to_first_step()
    before = table.case()
    for text in ("/offboard", "status OFB-1", "done OFB-1 1", "help"):
        assert table.says("demo:stranger", text).refused == "stranger"
    table.app.store.transact(lambda tx: tx.put_person(PersonRow("demo:bot", "Bot", standing="bot"))).result()
    assert table.says("demo:bot", "approve OFB-1 1").refused == "stranger"
    assert table.case() == before


def test_a_guest_may_hand_over_their_own_things_and_nothing_else(table: Table) -> None:
    table.app.store.transact(lambda tx: tx.put_person(PersonRow("demo:guest", "Guest", standing="guest"))).result()
    assert not table.says("demo:guest", "/offboard").refused
    table.run_to_first_step()
    assert table.says("demo:guest", "status OFB-2").refused == "guest"


def test_a_refusal_is_stored_the_first_and_the_tenth_time_and_counted_between(table: Table) -> None:
    table.run_to_first_step()
    table.presses(ZHAO, "confirm")
    for _ in range(12):
        assert table.presses(LIN, "approve:looked", of=ADMIN).refused == "own_case"
    kept = [row for row in table.log() if row["kind"] == "refused"]
    assert [(row["actor"], row["code"], row.get("times", 1)) for row in kept] == [
        (LIN, "own_case", 1),
        (LIN, "own_case", 10),
    ]
    assert table.app.store.read(verify)["broken"] == []


def test_a_button_that_needs_words_is_answered_by_the_next_message(table: Table) -> None:
    table.run_to_first_step()
    table.presses(ZHAO, "confirm")
    asked = table.presses(ADMIN, "send_back")
    assert "should be different" in said(asked)
    assert table.case().steps[0].status is StepStatus.CLAIMED
    table.says(ADMIN, "done or not, I see nothing there")
    assert table.case().steps[0].status is StepStatus.SENT_BACK
    assert any("I see nothing there" in card.lead for card in table.cards(ZHAO))


def test_a_prompt_can_be_called_off(table: Table) -> None:
    table.run_to_first_step()
    table.presses(ADMIN, "move")
    table.says(ADMIN, "cancel")
    assert "did not understand" in said(table.says(ADMIN, "tomorrow perhaps"))
    assert str(table.case().last_day) == "2026-12-04"


def test_what_looks_like_a_secret_is_masked_before_it_is_kept(table: Table, tmp_path: Path) -> None:
    table.run_to_first_step()
    answer = table.says(ZHAO, "stuck the password is Tr0ub4dor&3 and the code 493021 came")
    assert "looked like a secret" in said(answer)
    table.says(ZHAO, "stuck 密码是 Tr0ub4dor&3")
    shown = " ".join(card.title for card in table.cards(ADMINS))
    assert "•••" in shown
    table.app.close()
    for path in tmp_path.iterdir():
        data = path.read_bytes()
        assert b"Tr0ub4dor" not in data, path
        assert b"493021" not in data, path


def test_free_text_is_sealed_and_gone_once_the_key_is_dropped(table: Table, tmp_path: Path) -> None:
    table.run_to_first_step()
    table.says(ZHAO, "stuck my colleague Wang has the phone")
    ref = table.case().ref
    table.app.store.transact(lambda tx: tx.drop_key(ref)).result()
    assert "(sealed)" in str(table.log())
    assert table.says(ZHAO, "stuck and once more").refused == "erased"
    assert table.app.store.read(verify)["broken"] == []
    table.app.close()
    assert all(b"Wang" not in path.read_bytes() for path in tmp_path.iterdir() if path.suffix == ".db")


def test_the_confirmation_carries_the_text_that_was_on_the_card(table: Table) -> None:
    table.run_to_first_step()
    table.presses(ZHAO, "confirm")
    kept = table.case().steps[0].text_hash
    text = table.app.store.read(lambda reads: reads.text(kept))
    assert text is not None
    assert b"Sign out, then sign in once with your own method." in text
    assert b"Zhao Yun" not in text, "a card names nobody"


def test_a_person_is_found_by_name_and_never_by_chance(table: Table) -> None:
    for name in ("Anna", "Anna"):
        row = PersonRow(f"demo:{table.count}anna", name)
        table.count += 1
        table.app.store.transact(partial(known, person=row)).result()
    assert table.says(ADMIN, "/offboard @Anna 2026-12-04").refused == "unknown_person"
    assert table.says(ADMIN, "/offboard @Nobody 2026-12-04").refused == "unknown_person"
    assert not table.says(ADMIN, "/offboard @lin 2026-12-04").refused


def test_who_has_a_case_is_shown_where_it_stands_instead_of_a_second_one(table: Table) -> None:
    table.run_to_first_step()
    answer = table.says(LIN, "/offboard")
    assert not answer.refused
    assert answer.case == "OFB-1"
    assert "0 of 5 settled" in said(answer)
    assert len(table.app.store.read(lambda reads: reads.cases())) == 1


def test_each_person_is_spoken_to_in_their_language(table: Table) -> None:
    table.says(LIN, "/offboard language zh-CN")
    table.says(ADMIN, "/offboard @Lin 2026-12-04")
    assert table.cards(LIN)[-1].title == "要交接哪些腾讯云主账号？"
    table.says(LIN, "language en")
    table.says(LIN, "100012345678")
    assert table.cards(LIN)[-1].title == "Which method was the account registered with?"
    assert "did not understand" in said(table.says(LIN, "language fr"))


def test_reminders_come_in_one_message_a_working_day_and_stop_when_paused(table: Table) -> None:
    table.run_to_first_step()
    table.wait(days=2, hours=1)
    assert len(digests(table, ZHAO)) == 2
    table.says(ZHAO, "pause")
    table.wait(days=1)
    assert len(digests(table, ZHAO)) == 2
    table.says(ZHAO, "resume")
    table.wait(days=4)
    assert digests(table, ADMIN), "after three reminders those who can act are told"


def test_a_message_that_cannot_be_delivered_is_told_to_the_admins(table: Table) -> None:
    table.app.store.transact(lambda tx: tx.put_person(PersonRow("demo:gone", "Gone Girl"))).result()
    table.says(ADMIN, "/offboard @demo:gone 2026-12-04")
    told = [card.title for card in table.cards(ADMINS) if "could not be delivered" in card.title]
    assert told
    assert any(row["kind"] == "undelivered" for row in table.log())


def test_typed_words_in_the_thread_mean_its_case(table: Table) -> None:
    table.run_to_first_step()
    table.says(SECOND, "/offboard")
    table.presses(ADMIN, "start")
    assert len(table.app.store.read(lambda reads: reads.cases())) == 2
    table.presses(ZHAO, "confirm")
    assert table.says(ADMIN, "send back 1 show me", thread="OFB-2").refused == "no_such_step"
    assert not table.says(ADMIN, "send back 1 show me", thread="OFB-1").refused


def test_when_nothing_can_be_written_down_the_person_is_told_and_nothing_is_changed(tmp_path: Path) -> None:
    board, clock = Board(), SettableClock(START)
    store = SqliteStore(tmp_path / "small.db", max_pages=56)
    app = App(store, b"k" * 32, Company(admins=(ADMIN,), language="en"), [board], clock, LIBRARY, at_once=1)
    try:
        for row in rows("en"):
            store.transact(partial(known, person=row)).result()
        answers = (app.hear(Heard(f"full/{n}/{'x' * 900}", LIN, text="/offboard")) for n in range(200))
        refused = next(answer for answer in answers if answer.refused)
        assert refused.refused == "storage"
        assert "could not write that down" in said(refused)
        assert store.read(verify)["broken"] == []
    finally:
        app.close()


def test_what_was_heard_long_ago_is_forgotten_and_what_was_heard_lately_is_not(table: Table) -> None:
    table.run_to_first_step()
    table.hear(Heard("old", LIN, text="help"))
    table.wait(days=10)
    table.hear(Heard("late", LIN, text="help"))
    table.wait(days=6)
    assert table.hear(Heard("late", LIN, text="help")).repeated
    assert not table.hear(Heard("old", LIN, text="help")).repeated


def test_a_form_can_bring_what_a_button_still_needs(table: Table) -> None:
    table.run_to_first_step()
    table.presses(ZHAO, "confirm")
    asked = table.presses(ADMIN, "send_back")
    assert asked.wanted is not None
    assert (asked.wanted.asks, asked.wanted.words) == ("reason", "")
    form = asked.wanted.card
    assert (form.title, form.input.kind if form.input else "") == ("Send back", "text")
    answer = table.hear(Heard("form", ADMIN, click=replace(asked.wanted.click, words="show me")))
    assert not answer.refused
    assert table.case().steps[0].status is StepStatus.SENT_BACK
    assert "did not understand" in said(table.says(ADMIN, "well then")), "the next message is no reason any more"


def test_who_waives_chooses_a_reason_and_may_add_words(table: Table) -> None:
    table.run_to_first_step()
    value = Buttons(b"k" * 32).value("OFB-1", "1", table.case().steps[0].revision, "waive")
    asked = table.hear(Heard("w1", ADMIN, click=Click("waive", value))).wanted
    assert asked is not None
    assert asked.card.input is not None
    assert [option.id for option in asked.card.input.options] == list(WAIVER_REASONS)
    assert asked.words
    click = replace(asked.click, chosen=("accepted_risk",), words="the phone is lost")
    assert not table.hear(Heard("w2", ADMIN, click=click)).refused
    assert (table.case().steps[0].status, table.case().steps[0].waiver_reason) == (StepStatus.WAIVED, "accepted_risk")


def test_a_delivery_with_several_names_was_heard_when_it_was_heard_under_any_of_them(table: Table) -> None:
    assert not table.hear(Heard("Ev1", LIN, text="help", also=("D1/1.1",))).repeated
    assert table.hear(Heard("Ev2", LIN, text="help", also=("D1/1.1",))).repeated
    assert table.hear(Heard("Ev2", LIN, text="help")).repeated
    assert not table.hear(Heard("Ev3", LIN, text="help", also=("D1/2.2",))).repeated


def test_a_copy_of_a_message_that_somebody_passed_on_does_nothing_and_says_so(table: Table) -> None:
    table.run_to_first_step()
    _, button = table.board.offering(ZHAO, "confirm") or pytest.fail("no button")
    before = table.case()
    click = Click(button.verb, button.value, message=Message("elsewhere", "1.1"))
    answer = table.hear(Heard("copy", ZHAO, click=click))
    assert answer.refused == "forwarded"
    assert "copy of a message" in said(answer)
    assert table.case() == before


def test_a_button_of_one_step_on_the_message_of_another_is_forged(table: Table) -> None:
    table.run_to_first_step()
    shown, button = table.board.offering(ZHAO, "confirm") or pytest.fail("no button")
    value = Buttons(b"k" * 32).value("OFB-1", "2", 1, "confirm")
    answer = table.hear(Heard("moved", ZHAO, click=Click("confirm", value, message=shown.message)))
    assert answer.refused == "forged"
    question = next(one for one in table.board.conversation(LIN) if one.card.kind == "question")
    click = Click("confirm", button.value, message=question.message)
    assert table.hear(Heard("moved again", ZHAO, click=click)).refused == "forged"


def test_where_the_platform_names_no_message_there_is_nothing_to_compare(table: Table) -> None:
    table.run_to_first_step()
    _, button = table.board.offering(ZHAO, "confirm") or pytest.fail("no button")
    assert not table.hear(Heard("home", ZHAO, click=Click(button.verb, button.value))).refused
    assert table.case().steps[0].text_hash


@pytest.mark.parametrize(("standing", "leaves"), [("guest", True), ("gone", True), ("bot", False), ("outsider", False)])
def test_who_is_no_member_takes_nothing_over_and_may_at_most_leave(table: Table, standing: str, leaves: bool) -> None:
    table.app.store.transact(lambda tx: tx.put_person(PersonRow("demo:guest", "Gast", standing=standing))).result()
    table.run_to_first_step()
    assert table.says(ADMIN, "reassign OFB-1 1 Gast").refused == "not_of_us"
    assert bool(table.says(ADMIN, "/offboard @Gast 2026-12-04").refused) is not leaves


@pytest.mark.parametrize("verb", ["move", "successor", "send_back", "waive", "reassign"])
def test_who_may_not_do_it_is_not_asked_for_a_reason_a_day_or_a_name_first(table: Table, verb: str) -> None:
    table.run_to_first_step()
    step = 0 if verb in ("move", "successor") else 1
    value = Buttons(b"k" * 32).value("OFB-1", str(step or "case"), table.case().steps[0].revision if step else 0, verb)
    before = table.log()
    answer = table.hear(Heard(table.key(), LIN, click=Click(verb, value)))
    assert answer.refused
    assert answer.wanted is None
    assert [row["kind"] for row in table.log()[len(before) :]] == ["refused"]
    table.says(LIN, "2026-12-24")
    assert table.case().last_day == date(2026, 12, 4), "the next message is no answer to what was never asked"
