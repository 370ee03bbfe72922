"""What people do with a step: confirm, undo, send back, approve, rest, restore, waive, take, hand on, ask for help."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core import events as e
from bot.core.case import CaseStatus, Grade, Owner, Sealed, StepStatus
from bot.core.effects import ADMINS, Amend, Say
from bot.playbook.model import Playbook, StepSpec
from tests.core.player import BO, HR, LIN, MEI, OPS, SUN, WEI, YAO, Player

WORD_ONLY = Playbook(
    "word_only",
    steps=(
        StepSpec("first", approvals=0),
        StepSpec("second", needs=("first",)),
        StepSpec("aside", owner=Owner.ADMIN),
    ),
)
"""The first step is done on its owner's word; the second rests on it."""

DESTROYS = Playbook(
    "destroys",
    steps=(
        StepSpec("disable", owner=Owner.SUCCESSOR, disables=("keys",), approvals=2, soak_hours=72),
        StepSpec("delete", owner=Owner.SUCCESSOR, needs=("disable",), destroys=("keys",), approvals=2),
    ),
)


def cards(player: Player, number: int) -> list[str]:
    """What the last event did to the owner's card of this step: says and amends, by lane."""
    kinds = {Say: "say", Amend: "amend"}
    return [
        f"{kinds[type(effect)]} {effect.lane}"
        for effect in player.last.effects
        if isinstance(effect, Say | Amend) and f"/step-{number}/" in effect.lane
    ]


# ------------------------------------------------------------------ undo


def test_undo_with_no_approval_is_possible_until_something_rests_on_the_step() -> None:
    player = Player.running(WORD_ONLY)
    player.do(LIN, e.Confirm(1))
    assert player.step(1).status is StepStatus.DONE
    assert player.step(2).status is StepStatus.OPEN
    refused = player.do(LIN, e.Undo(1))
    assert refused.refused == "rests_on_it"
    player.do(MEI, e.Waive(2, reason="not_ours"))
    assert player.do(LIN, e.Undo(1)).refused == "rests_on_it", "it was opened: somebody may have acted on it"


def test_undo_with_no_approval_opens_the_step_again_on_the_card_that_is_there() -> None:
    busy = Playbook(
        "busy", steps=(StepSpec("first", approvals=0), StepSpec("second", after=("first",), owner=Owner.SUCCESSOR))
    )
    player = Player.running(busy)
    player.do(MEI, e.Waive(2, reason="not_ours"))
    assert player.now.status is CaseStatus.RUNNING
    player = Player.running(WORD_ONLY)
    player.do(MEI, e.Waive(2, reason="not_ours"))
    player.do(LIN, e.Confirm(1))
    assert player.step(1).status is StepStatus.DONE
    player.do(LIN, e.Undo(1))
    assert (player.step(1).status, player.step(1).grade) == (StepStatus.OPEN, None)
    assert cards(player, 1) == [f"amend OFB-1/step-1/0/{LIN}"]


def test_only_who_confirmed_takes_it_back() -> None:
    player = Player.running(Playbook("ours", steps=(StepSpec("only", owner=Owner.ADMIN),)))
    player.do(MEI, e.Confirm(1))
    assert player.do(BO, e.Undo(1)).refused == "not_confirmer"
    assert not player.do(MEI, e.Undo(1)).refused


def test_half_approved_it_is_sent_back_and_not_undone() -> None:
    player = Player.running(DESTROYS)
    player.do(WEI, e.Confirm(1))
    player.do(MEI, e.Approve(1, looked=True))
    assert player.do(WEI, e.Undo(1)).refused == "half_approved"
    player.do(MEI, e.SendBack(1, reason=Sealed("why")))
    assert (player.step(1).status, player.step(1).approved) == (StepStatus.SENT_BACK, ())


def test_what_was_disabled_is_not_undone_under_what_destroys_it() -> None:
    word = Playbook(
        "word",
        steps=(
            StepSpec("disable", owner=Owner.SUCCESSOR, disables=("keys",), approvals=0, soak_hours=24),
            StepSpec("delete", owner=Owner.ADMIN, destroys=("keys",), approvals=1),
        ),
    )
    player = Player.running(word)
    assert player.step(2).status is StepStatus.LOCKED, "the guard keeps it closed, though nothing is needed for it"
    player.do(WEI, e.Confirm(1))
    player.wake("soak", 1, after=timedelta(hours=24))
    assert player.step(2).status is StepStatus.OPEN
    assert player.do(WEI, e.Undo(1)).refused == "rests_on_it"


# ------------------------------------------------------------------ send back


def test_a_step_that_is_sent_back_comes_as_a_new_message_in_a_new_round() -> None:
    player = Player.running()
    player.do(WEI, e.Confirm(1))
    player.do(MEI, e.SendBack(1, reason=Sealed("why")))
    assert (player.step(1).round, player.step(1).sent_back_count) == (1, 1)
    assert cards(player, 1) == [f"amend OFB-1/step-1/0/{WEI}", f"say OFB-1/step-1/1/{WEI}"]


def test_sent_back_lasts_until_the_owner_confirms_again() -> None:
    player = Player.running()
    player.do(WEI, e.Confirm(1))
    player.do(MEI, e.SendBack(1, reason=Sealed("why")))
    assert not player.do(WEI, e.SayStuck(1)).refused
    assert player.step(1).status is StepStatus.SENT_BACK
    player.do(WEI, e.Confirm(1))
    step = player.step(1)
    assert (step.status, step.sent_back_by, step.sent_back_reason) == (StepStatus.CLAIMED, "", None)
    assert step.sent_back_count == 1, "how often it was is kept"


def test_each_confirmation_has_an_approval_card_of_its_own() -> None:
    player = Player.running()
    lanes = []
    for _ in range(3):
        player.do(WEI, e.Confirm(1))
        lanes += [say.lane for say in player.effects(Say) if say.view.name == "approval"]
        player.do(MEI, e.SendBack(1))
        redrawn = [amend.lane for amend in player.effects(Amend) if amend.view.name == "approval"]
        assert redrawn == [lanes[-1]]
    assert len(set(lanes)) == 3


# ------------------------------------------------------------------ two people


def test_one_approval_of_two_leaves_the_step_claimed_and_a_second_person_completes_it() -> None:
    player = Player.running(DESTROYS)
    player.do(WEI, e.Confirm(1))
    player.do(MEI, e.Approve(1, looked=False))
    assert player.step(1).status is StepStatus.CLAIMED
    assert player.do(MEI, e.Approve(1, looked=True)).refused == "twice"
    assert player.do(LIN, e.Approve(1, looked=True)).refused == "own_case"
    assert player.do(HR, e.Approve(1, looked=True)).refused == "second_not_needed"
    player.do(BO, e.Approve(1, looked=True))
    assert player.step(1).status is StepStatus.SOAKING


def test_in_a_company_with_one_admin_the_second_approver_is_the_second_person_and_is_asked_privately() -> None:
    player = Player.running(DESTROYS, admins=(MEI,))
    player.do(WEI, e.Confirm(1))
    asked = [say.to for say in player.effects(Say) if say.view.name == "approval"]
    assert asked == [ADMINS, HR]
    player.do(HR, e.Approve(1, looked=True))
    player.do(MEI, e.Approve(1, looked=True))
    assert player.step(1).status is StepStatus.SOAKING


def test_what_the_only_admin_confirmed_the_second_approver_approves() -> None:
    player = Player.running(Playbook("ours", steps=(StepSpec("only", owner=Owner.ADMIN),)), admins=(MEI,))
    player.do(MEI, e.Confirm(1))
    assert player.do(MEI, e.Approve(1, looked=True)).refused == "own_confirmation"
    player.do(HR, e.Approve(1, looked=True))
    assert player.now.outcome == "handed_over"


def test_second_approvers_alone_never_complete_a_step() -> None:
    player = Player.running(DESTROYS, admins=(MEI,), seconds=(HR, SUN))
    player.do(WEI, e.Confirm(1))
    player.do(HR, e.Approve(1, looked=True))
    assert player.do(SUN, e.Approve(1, looked=True)).refused == "needs_admin"
    player.do(MEI, e.Approve(1, looked=True))
    assert player.step(1).status is StepStatus.SOAKING


def test_the_only_admin_who_leaves_is_no_admins_hand_behind_a_second_approver() -> None:
    player = Player.running(admins=(MEI, LIN))
    player.settle(1)
    player.do(LIN, e.Confirm(2))
    player.roster = e.Roster(admins=(LIN,), second_approvers=(HR,))  # Mei has gone too
    assert player.do(HR, e.Approve(2, looked=True)).refused == "needs_admin"
    assert player.do(LIN, e.Approve(2, looked=True)).refused == "own_case"


def test_the_second_approvers_card_is_redrawn_when_the_admin_takes_their_confirmation_back() -> None:
    player = Player.running(Playbook("ours", steps=(StepSpec("only", owner=Owner.ADMIN),)), admins=(MEI,))
    player.do(MEI, e.Confirm(1))
    lanes = [say.lane for say in player.effects(Say) if say.view.name == "approval"]
    player.do(MEI, e.Undo(1))
    assert [amend.lane for amend in player.effects(Amend) if amend.view.name == "approval"] == lanes


def test_a_step_that_demands_to_be_witnessed_is_not_done_on_a_word() -> None:
    player = Player.running()
    player.do(WEI, e.Confirm(1))
    assert player.do(MEI, e.Approve(1, looked=False)).refused == "must_look"
    player.do(MEI, e.Approve(1, looked=True))
    assert player.step(1).grade is Grade.WITNESSED


# ------------------------------------------------------------------ rest and restore


def test_what_rests_is_done_by_its_timer_and_not_before() -> None:
    player = Player.running(DESTROYS)
    player.do(WEI, e.Confirm(1))
    player.do(MEI, e.Approve(1, looked=True))
    player.do(BO, e.Approve(1, looked=True))
    timer = player.timer("soak")
    assert (timer.at, timer.step) == (player.at + timedelta(hours=72), 1)
    assert player.step(2).status is StepStatus.LOCKED
    player.at = timer.at
    player.do("system", e.Woke("soak", 1, timer.revision))
    assert (player.step(1).status, player.step(1).grade) == (StepStatus.DONE, Grade.WITNESSED)
    assert (player.step(2).status, player.step(2).person) == (StepStatus.OPEN, WEI)


@pytest.mark.parametrize("who", [WEI, MEI, BO])
def test_whoever_did_it_or_any_admin_restores_it_while_it_rests(who: str) -> None:
    player = Player.running(DESTROYS)
    player.do(WEI, e.Confirm(1))
    player.do(MEI, e.Approve(1, looked=True))
    player.do(BO, e.Approve(1, looked=True))
    old = player.timer("soak")
    player.do(who, e.Restore(1))
    assert (player.step(1).status, player.step(1).approved) == (StepStatus.OPEN, ())
    assert cards(player, 1) == [f"amend OFB-1/step-1/0/{WEI}", f"say OFB-1/step-1/1/{WEI}"]
    player.at = old.at
    assert player.do("system", e.Woke("soak", 1, old.revision)).facts == (), "the timer of the rest that was ended"
    assert player.step(1).status is StepStatus.OPEN


# ------------------------------------------------------------------ waive


def test_a_waiver_needs_one_of_the_reasons() -> None:
    player = Player.running()
    for reason in ("", "because", "NOT_OURS"):
        assert player.do(MEI, e.Waive(1, reason=reason)).refused == "needs_reason"
    for number, reason in enumerate(("not_ours", "cannot_be_done", "accepted_risk"), start=1):
        assert not player.do(MEI, e.Waive(number, reason=reason)).refused


def test_a_waiver_satisfies_an_order_and_no_need() -> None:
    player = Player.running()
    player.do(MEI, e.Waive(1, reason="accepted_risk"))
    assert player.step(2).status is StepStatus.LOCKED, "it needs step 1"
    player.do(MEI, e.Waive(2, reason="accepted_risk"))
    assert player.step(3).status is StepStatus.OPEN, "it only comes after step 2"


def test_a_waived_step_stands_in_the_way_of_nothing_else_and_the_case_ends() -> None:
    player = Player.running()
    for number in (1, 2, 3):
        player.do(MEI, e.Waive(number, reason="other"))
    assert player.now.outcome == "left_undone", "what was left undone is not called handed over"
    assert player.statuses() == ["waived", "waived", "waived", "not_needed"]


def test_a_case_in_which_a_step_was_left_undone_is_handed_over_in_part() -> None:
    player = Player.running()
    player.settle(1)
    for number in (2, 3):
        player.do(MEI, e.Waive(number, reason="other"))
    assert player.now.outcome == "partly"


def test_what_only_the_leaver_can_do_is_given_to_nobody_else() -> None:
    player = Player.running()
    assert player.step(2).only_leaver
    assert player.do(MEI, e.Take(2)).refused == "only_leaver"
    assert player.do(MEI, e.Reassign(2, person=SUN)).refused == "only_leaver"


# ------------------------------------------------------------------ take over, hand on, not mine


def test_an_admin_takes_a_step_over_and_then_somebody_else_approves_it() -> None:
    player = Player.running()
    player.do(MEI, e.Take(1))
    assert player.step(1).person == MEI
    assert cards(player, 1) == [f"amend OFB-1/step-1/0/{WEI}", f"say OFB-1/step-1/1/{MEI}"]
    assert player.do(WEI, e.Confirm(1)).refused == "not_owner"
    player.do(MEI, e.Confirm(1))
    assert player.do(MEI, e.Approve(1, looked=True)).refused == "own_confirmation"
    assert not player.do(BO, e.Approve(1, looked=True)).refused


def test_a_step_that_is_handed_there_and_back_is_a_new_message_each_time() -> None:
    player = Player.running()
    lanes = [f"OFB-1/step-1/0/{WEI}"]
    for person in (SUN, WEI, SUN, YAO):
        player.do(MEI, e.Reassign(1, person=person))
        said = [say for say in player.effects(Say) if say.view.name == "step"]
        assert [say.to for say in said] == [person]
        assert cards(player, 1)[0] == f"amend {lanes[-1]}"
        lanes += [say.lane for say in said]
    assert len(set(lanes)) == len(lanes) == 5


def test_a_closed_step_can_be_given_to_somebody_before_it_opens() -> None:
    player = Player.running()
    player.do(MEI, e.Reassign(3, person=SUN))
    assert cards(player, 3) == [], "nobody is shown a step that is not open"
    player.settle(1)
    player.settle(2)
    assert (player.step(3).status, player.step(3).person) == (StepStatus.OPEN, SUN)
    assert cards(player, 3) == [f"say OFB-1/step-3/0/{SUN}"]


def test_the_operator_hands_a_step_on_with_a_reason() -> None:
    player = Player.running()
    assert player.do(OPS, e.Reassign(1, person=SUN)).refused == "needs_reason"
    player.do(OPS, e.Reassign(1, person=SUN, reason=Sealed("chat is down")))
    assert player.step(1).person == SUN


def test_not_mine_asks_the_admins_once_and_whoever_gets_it_starts_afresh() -> None:
    player = Player.running()
    player.do(WEI, e.SayNotMine(1))
    assert player.step(1).not_mine
    assert [say.view.code for say in player.effects(Say)] == ["not_mine"]
    assert player.do(WEI, e.SayNotMine(1)).refused == "already_told"
    player.do(MEI, e.Reassign(1, person=SUN))
    assert not player.step(1).not_mine


def test_whoever_gets_a_step_on_which_somebody_was_stuck_is_not_stuck() -> None:
    player = Player.running()
    player.do(WEI, e.SayStuck(1))
    player.do(MEI, e.Reassign(1, person=SUN))
    assert not player.step(1).stuck
    assert not player.do(SUN, e.SayStuck(1)).refused


def test_an_admin_may_take_what_another_admin_says_is_not_theirs() -> None:
    player = Player.running(Playbook("ours", steps=(StepSpec("only", owner=Owner.ADMIN),)))
    assert player.do(BO, e.Take(1)).refused == "is_yours"
    player.do(MEI, e.SayNotMine(1))
    player.do(BO, e.Take(1))
    assert player.step(1).person == BO


def test_being_stuck_is_told_to_the_admins_with_the_words_and_the_card_says_so() -> None:
    player = Player.running()
    player.do(WEI, e.SayStuck(1))
    assert player.step(1).stuck
    (line,) = player.effects(Say)
    assert (line.to, line.view.code, line.view.words) == (ADMINS, "stuck", None)
    assert cards(player, 1) == [f"amend OFB-1/step-1/0/{WEI}"]
    assert player.do(WEI, e.SayStuck(1)).refused == "already_told"
    player.do(WEI, e.SayStuck(1, words=Sealed("the page is empty")))
    assert player.effects(Say)[0].view.words == Sealed("the page is empty")
    player.do(WEI, e.Confirm(1))
    assert not player.step(1).stuck
