"""The desk: everything that waits for one person over all cases; and several approvals in one go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.case import StepStatus
from bot.core.desk import Waiting
from bot.core.effects import ADMINS
from bot.core.waiting import decided_alone
from bot.heard import Answer, Click, Heard
from bot.playbook.card import Card
from bot.playbook.copy import load
from bot.playbook.views.desk import Entry, Sealing, desk_card
from bot.rows import PersonRow
from bot.runtime.buttons import Buttons
from bot.slack.blocks import SlackRenderer
from bot.wecom.cards import WecomRenderer
from tests.runtime.meeting_place import ADA, ANSWERS, LIN, MASTER, MEI, ZHAO, Place, place, said


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Place]:
    with place(tmp_path / "a.db") as made:
        made.run_to_first_step()
        yield made


def desk(there: Place, who: str) -> Card:
    card, names = there.app.engine.desk(who)
    for renderer in (SlackRenderer(), WecomRenderer()):
        assert renderer.findings(renderer.draw(card, names)) == []
    return card


def ticks(card: Card) -> tuple[str, ...]:
    return tuple(option.id for option in card.input.options) if card.input is not None else ()


def approve(there: Place, who: str, chosen: tuple[str, ...], key: str = "") -> Answer:
    card = desk(there, who)
    button = card.row[0]
    click = Click(button.verb, button.value, button.detail, chosen=chosen)
    answer = there.hear(Heard(key or there.key(), who, click=click))
    there.settle()
    return answer


def another_case(there: Place, leaver: str) -> str:
    """A second handover, up to its first step."""
    there.directory.says(PersonRow(leaver, leaver.partition(":")[2].title(), "en"))
    there.meet(leaver)
    there.says(MEI, f"/offboard @{leaver} 2026-12-04", leaver)
    there.settle()
    ref = f"OFB-{there.cases()}"
    for text in ANSWERS:
        there.says(leaver, text)
    there.settle()
    there.says(MEI, f"successor {ref} Zhao Yun")
    there.settle()
    there.says(ZHAO, f"{ref} accept")
    there.settle()
    return ref


def test_nothing_waits_for_who_has_nothing(there: Place) -> None:
    card = desk(there, ADA)
    assert (card.items, card.input, card.row) == ((), None, ())
    assert "Nothing is waiting for you" in card.lead


def test_the_owner_of_a_step_sees_it_and_nothing_that_is_not_theirs(there: Place) -> None:
    card = desk(there, ZHAO)
    assert [(item.text.partition(":")[0], item.detail) for item in card.items] == [("Step 1", "OFB-1")]
    assert card.input is None


def test_who_leaves_sees_what_is_done_and_how_long_there_still_is(there: Place) -> None:
    card = desk(there, LIN)
    fields = {field.label: field.value for field in card.fields}
    assert fields["Case"] == "OFB-1"
    assert fields["Progress"].startswith("0 of")
    assert "11 days left" in fields["Last day"]
    assert "Only you can do" in card.notice
    there.clock.set(there.clock.now().replace(month=12, day=4))
    assert {field.label: field.value for field in desk(there, LIN).fields}["Last day"].endswith("today")


def test_an_admin_sees_what_waits_for_a_decision_the_oldest_first(there: Place) -> None:
    there.presses(ZHAO, "confirm")
    there.wait(minutes=5)
    there.directory.says(PersonRow("slack:BO", "Bo", "en"))
    there.says("slack:BO", "/offboard")
    there.settle()
    card = desk(there, MEI)
    assert [item.detail for item in card.items] == ["OFB-1", "OFB-2"]
    assert "Approve step 1" in card.items[0].text
    assert "agreement" in card.items[1].text


def test_what_has_to_be_looked_at_is_not_offered_to_be_ticked(there: Place) -> None:
    there.presses(ZHAO, "confirm")
    there.settle()
    card = desk(there, MEI)
    step = there.case().steps[0]
    assert step.demands.rank > 0
    assert card.items
    assert ticks(card) == ()
    value = Buttons(MASTER).value("OFB-1", "1", step.revision, "approve:word")
    answer = there.hear(Heard("bent", MEI, click=Click("approve", value, "word", chosen=(value,))))
    assert answer.refused == "one_by_one"
    assert there.case().steps[0].status is StepStatus.CLAIMED


def to_a_word(there: Place, ref: str, leaver: str) -> int:
    """On to a step of the leaver's for which a word is enough, confirmed; its number."""
    there.says(ZHAO, f"{ref} done 1")
    there.settle()
    while True:
        claimed = next((one for one in there.case(ref).steps if one.status is StepStatus.CLAIMED), None)
        if claimed is not None and not decided_alone(claimed):
            return claimed.number
        if claimed is not None:
            there.says(MEI, f"{ref} looked {claimed.number}")
        else:
            step = next(one for one in there.case(ref).steps if one.status is StepStatus.OPEN and one.person == leaver)
            there.says(leaver, f"{ref} done {step.number}")
        there.settle()


def test_several_confirmations_are_approved_in_one_go(there: Place) -> None:
    number = to_a_word(there, "OFB-1", LIN)
    other = another_case(there, "slack:BO")
    assert to_a_word(there, other, "slack:BO") == number
    card = desk(there, MEI)
    assert len(ticks(card)) == 2
    assert card.input is not None
    assert [option.label.partition(" ·")[0] for option in card.input.options] == ["OFB-1", other]
    answer = approve(there, MEI, ticks(card), key="both")
    assert not answer.refused
    assert said(answer.cards).strip() == "Approved: 2."
    for ref in ("OFB-1", other):
        step = there.case(ref).steps[number - 1]
        assert (step.status, [one.by for one in step.approved]) == (StepStatus.DONE, [MEI])
    assert not any(one.row for one in there.slack.conversation(ADMINS) if one.kind == "approval")
    assert there.hear(Heard("both", MEI, click=Click("approve", "", "word", chosen=ticks(card)))).repeated


def test_each_tick_is_judged_by_itself_and_what_is_refused_takes_nothing_from_the_others(there: Place) -> None:
    number = to_a_word(there, "OFB-1", LIN)
    other = another_case(there, "slack:BO")
    assert to_a_word(there, other, "slack:BO") == number
    chosen = ticks(desk(there, MEI))
    there.says(ADA, f"word OFB-1 {number}")
    there.settle()
    forged = chosen[0][:-1] + ("A" if chosen[0][-1] != "A" else "B")
    click = Click(
        "approve", Buttons(MASTER).value("OFB-0", "desk", 0, "approve:word"), "word", chosen=(*chosen, forged)
    )
    answer = there.hear(Heard("some", MEI, click=click))
    assert not answer.refused
    assert "Approved: 1." in said(answer.cards)
    assert len(answer.cards) == 3, "one that is too late, one that is forged, one sentence for the rest"
    assert there.case(other).steps[number - 1].status is StepStatus.DONE
    assert [one.by for one in there.case().steps[number - 1].approved] == [ADA]


def test_who_may_not_approve_approves_nothing_by_ticking(there: Place) -> None:
    number = to_a_word(there, "OFB-1", LIN)
    chosen = ticks(desk(there, MEI))
    sending = Buttons(MASTER).value("OFB-0", "desk", 0, "approve:word")
    for who, code in ((LIN, "own_case"), (ZHAO, "not_approver")):
        answer = there.hear(Heard(there.key(), who, click=Click("approve", sending, "word", chosen=chosen)))
        assert answer.refused == code
    assert there.case().steps[number - 1].status is StepStatus.CLAIMED


def test_nothing_ticked_is_said_and_the_list_of_a_plain_form_counts_too(there: Place) -> None:
    to_a_word(there, "OFB-1", LIN)
    card = desk(there, MEI)
    assert "Nothing was ticked" in said(approve(there, MEI, ()).cards)
    assert card.input is not None
    answer = there.hear(Heard("form", MEI, click=Click("answer", card.input.value, chosen=ticks(card))))
    assert "Approved: 1." in said(answer.cards)


def test_more_than_can_be_ticked_is_said(there: Place) -> None:

    when = there.clock.now()
    entries = [
        Entry(Waiting(f"OFB-{n}", 1, "approve", 1, when), "Check the phone", value=f"v{n}") for n in range(1, 33)
    ]
    for language in ("en", "zh-CN"):
        card = desk_card(load(language), when.date(), entries, None, Sealing("a", "b"))
        assert len(ticks(card)) == 10
        assert len(card.items) == 20
        assert "22" in card.notice
        assert "12" in card.notice
        for renderer in (SlackRenderer(), WecomRenderer()):
            assert renderer.findings(renderer.draw(card, {})) == []


def test_status_without_a_case_shows_an_admin_their_desk(there: Place) -> None:
    another_case(there, "slack:BO")
    answer = there.says(MEI, "status")
    assert [card.kind for card in answer.cards] == ["desk"]


def test_who_may_not_be_heard_has_nothing_on_their_desk(there: Place) -> None:
    there.app.engine.learn(PersonRow(MEI, "Mei", standing="gone")).result()
    assert desk(there, MEI).items == ()
    assert desk(there, "slack:NOBODY").items == ()


def test_who_was_handed_a_step_finds_it_on_their_desk_and_can_write_done(there: Place) -> None:
    there.directory.says(PersonRow("slack:BO", "Bo Li", "en"))
    there.meet("slack:BO")
    assert not there.says(MEI, "reassign OFB-1 1 Bo Li").refused
    there.settle()
    assert [item.detail for item in desk(there, "slack:BO").items] == ["OFB-1"]
    assert desk(there, ZHAO).items == ()
    assert not there.says("slack:BO", "done").refused
    assert there.case().steps[0].confirmed_by == "slack:BO"
