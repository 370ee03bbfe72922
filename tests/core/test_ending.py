"""How a case ends: all is settled, they stay, the operator closes it. And what a closed case still does: nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core import events as e
from bot.core.case import CaseStatus, Grade, Sealed, StepStatus
from bot.core.effects import ADMINS, Amend, Say, Wake
from bot.core.progress import headline, only_leaver_can
from tests.core.player import BO, HR, LAST_DAY, LIN, MEI, OPS, WEI, YAO, Player


def test_a_case_ends_when_every_step_is_settled() -> None:
    player = Player.running()
    player.settle(1, 2)
    assert player.now.is_open
    player.settle(3)
    assert (player.now.status, player.now.outcome, player.now.closed_at) == ("closed", "handed_over", player.at)
    assert headline(player.now) == (Grade.WITNESSED, {"witnessed": 3})
    assert player.folded() == player.now


def test_the_headline_is_the_weakest_grade_with_counts() -> None:
    player = Player.running()
    player.settle(1)
    player.do(LIN, e.Confirm(2))
    assert headline(player.now) == (Grade.WITNESSED, {"witnessed": 1, "left": 2})
    player.do(MEI, e.Approve(2, looked=False))
    player.do(MEI, e.Waive(3, reason="not_ours"))
    assert headline(player.now) == (Grade.STATED, {"witnessed": 1, "stated": 1, "waived": 1})


def test_what_only_the_leaver_can_do_is_counted_until_they_have_done_it() -> None:
    player = Player.running()
    assert [step.number for step in only_leaver_can(player.now)] == [2]
    player.settle(1)
    assert [step.number for step in only_leaver_can(player.now)] == [2]
    player.do(LIN, e.Confirm(2))
    assert only_leaver_can(player.now) == ()
    player.do(MEI, e.SendBack(2))
    assert [step.number for step in only_leaver_can(player.now)] == [2]
    player.do(MEI, e.Waive(2, reason="other"))
    assert only_leaver_can(player.now) == ()


def test_the_leaver_asks_to_stay_once_and_the_admins_are_told() -> None:
    player = Player.running()
    player.do(LIN, e.Stay())
    assert player.now.wants_to_stay
    assert player.now.status is CaseStatus.RUNNING, "the handover goes on until somebody decides"
    assert [(say.to, say.view.code) for say in player.effects(Say)] == [(ADMINS, "stay")]
    assert player.do(LIN, e.Stay()).refused == "already_asked"


def test_an_admin_decides_that_they_stay_and_what_was_done_is_still_on_record() -> None:
    player = Player.running()
    player.settle(1)
    player.do(LIN, e.Stay())
    player.do(MEI, e.Stay())
    assert (player.now.status, player.now.outcome) == ("closed", "stayed")
    assert player.statuses() == ["done", "open", "locked", "not_needed"]
    assert [(say.view.name, say.to) for say in player.effects(Say)] == [("receipt", LIN), ("line", WEI)]


def test_an_admin_who_leaves_does_not_decide_that_they_stay() -> None:
    player = Player.running(admins=(MEI, LIN))
    player.do(LIN, e.Stay())
    assert player.do(LIN, e.Stay()).refused == "already_asked"
    assert player.now.is_open


def test_the_operator_closes_a_case_with_a_reason() -> None:
    player = Player.running()
    assert player.do(OPS, e.Close()).refused == "needs_reason"
    assert player.do(MEI, e.Close(reason=Sealed("why"))).refused == "operator_only"
    player.do(OPS, e.Close(reason=Sealed("why")))
    assert (player.now.status, player.now.outcome) == ("closed", "closed")


@pytest.mark.parametrize(
    "what",
    [
        e.Confirm(2),
        e.Undo(1),
        e.Undo(0),
        e.Approve(1, looked=True),
        e.SendBack(1),
        e.Take(2),
        e.Waive(2, reason="other"),
        e.Reassign(2, person=YAO),
        e.Start(),
        e.Accept(),
        e.Decline(),
        e.Move(LAST_DAY + timedelta(days=1)),
        e.Choose(YAO),
        e.Stay(),
        e.Close(reason=Sealed("again")),
        e.Begin("OFB-1", (), leaver=LIN),
    ],
    ids=lambda what: str(what.__struct_config__.tag),
)
def test_a_closed_case_refuses_everything(what: e.What) -> None:
    player = Player.running()
    player.settle(1)
    player.do(MEI, e.Stay())
    before = player.now
    for person in (LIN, WEI, MEI, BO, HR, OPS):
        refused = player.do(person, what)
        assert refused.refused == "closed"
        assert refused.case is before


def test_the_timers_of_a_closed_case_do_nothing_and_set_no_others() -> None:
    player = Player.running()
    player.settle(1)
    revision = player.step(2).revision
    player.do(MEI, e.Stay())
    for about in ("do", "approve", "soak", "answer", "offer", "name", "agree", "blocked"):
        for number in (0, 2):
            assert player.do("system", e.Woke(about, number, revision)).facts == ()
            assert player.last.effects == ()


def test_a_message_that_is_lost_after_the_end_is_still_told_to_the_admins() -> None:
    player = Player.running()
    player.do(MEI, e.Stay())
    player.do("system", e.Undeliverable(LIN, f"OFB-1/receipt/0/{LIN}", "gone"))
    assert player.kinds() == ["undelivered"]
    assert [(say.to, say.view.code) for say in player.effects(Say)] == [(ADMINS, "undelivered")]
    assert player.effects(Wake) == []


def test_where_we_are_can_be_asked_of_a_closed_case() -> None:
    player = Player.running()
    player.do(MEI, e.Stay())
    assert player.do(LIN, e.Status()).refused == ""
    assert player.last.facts == ()


def redrawn(player: Player) -> set[str]:
    return {amend.lane for amend in player.effects(Amend)}


def test_when_a_case_ends_whatever_still_asks_for_something_is_redrawn() -> None:
    player = Player.running()
    player.settle(1)
    player.do(LIN, e.Confirm(2))
    approval = {say.lane for say in player.effects(Say) if say.view.name == "approval"}
    player.do(MEI, e.Stay())
    assert player.step(2).status is StepStatus.CLAIMED
    assert {f"OFB-1/step-2/0/{LIN}", *approval, "OFB-1/case/0/admins"} <= redrawn(player)


def test_when_a_case_ends_an_offer_that_nobody_has_answered_is_redrawn() -> None:
    player = Player.running()
    player.do(MEI, e.Choose(YAO))
    (offer,) = player.effects(Say)
    player.do(MEI, e.Stay())
    assert {offer.lane, f"OFB-1/step-1/0/{WEI}"} <= redrawn(player)


def test_when_a_case_ends_an_offer_that_was_answered_stays_as_it_is() -> None:
    player = Player.running()
    offer = f"OFB-1/offer/{player.now.successors[''].number}/{WEI}"
    player.do(MEI, e.Stay())
    assert offer not in redrawn(player)


def test_when_a_case_ends_a_proposal_that_no_admin_has_taken_up_is_redrawn() -> None:
    player = Player()
    player.do(LIN, e.Begin("OFB-1", player.pins, leaver=LIN))
    player.do(LIN, e.Choose(WEI))
    (naming,) = player.effects(Say)
    player.do(MEI, e.Decline())
    assert naming.lane in redrawn(player)
