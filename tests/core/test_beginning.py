"""How a case comes about: begun, agreed to, dated, answered; who takes over."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.core import events as e
from bot.core.case import Answer, Owner, Sealed, StepStatus
from bot.core.effects import ADMINS, Amend, Ask, Say
from bot.playbook.model import Playbook, Question, StepSpec
from tests.core.player import BO, LAST_DAY, LIN, MEI, OPS, SMALL, START, SUN, WEI, YAO, Player


def begun(playbook: Playbook = SMALL) -> Player:
    """The leaver began it themselves."""
    player = Player(playbook)
    player.do(LIN, e.Begin("OFB-1", player.pins, leaver=LIN))
    return player


def opened(playbook: Playbook = SMALL) -> Player:
    """An admin opened it for the leaver, with the last day."""
    player = Player(playbook)
    player.do(MEI, e.Begin("OFB-1", player.pins, leaver=LIN, last_day=LAST_DAY))
    return player


def said(player: Player) -> list[tuple[str, str]]:
    """Who got which new message from the last event."""
    return [(effect.to, effect.view.name) for effect in player.last.effects if isinstance(effect, Say | Ask)]


# ------------------------------------------------------------------ begin and agree


def test_a_leavers_own_start_waits_for_an_admin_and_asks_nothing_yet() -> None:
    player = begun()
    assert player.now.status == "proposed"
    assert player.now.asking is None
    assert said(player) == [(ADMINS, "case")]
    assert player.told() == "begin"


def test_a_leaver_cannot_set_their_own_last_day_by_beginning_with_it() -> None:
    player = Player()
    player.do(LIN, e.Begin("OFB-1", player.pins, leaver=LIN, last_day=LAST_DAY))
    assert player.now.last_day is None


def test_when_an_admin_agrees_the_admins_are_asked_for_the_last_day() -> None:
    player = begun()
    player.do(MEI, e.Start())
    assert (player.now.status, player.now.agreed_by) == ("asking", MEI)
    assert said(player) == [(ADMINS, "question")]


def test_the_leaver_is_welcomed_when_the_last_day_is_known_and_then_asked() -> None:
    player = begun()
    player.do(MEI, e.Start())
    player.do(MEI, e.Reply("last_day", Answer((LAST_DAY.isoformat(),))))
    assert player.now.last_day == LAST_DAY
    assert said(player) == [(LIN, "welcome"), (LIN, "question")]


def test_the_leaver_is_welcomed_also_when_the_day_was_set_before_anybody_agreed() -> None:
    player = begun()
    player.do(MEI, e.Move(LAST_DAY))
    assert said(player) == []
    player.do(MEI, e.Start())
    assert (LIN, "welcome") in said(player)


def test_an_admin_opens_with_a_day_and_the_leaver_is_welcomed_and_asked_at_once() -> None:
    player = opened()
    assert (player.now.status, player.now.agreed_by, player.now.last_day) == ("asking", MEI, LAST_DAY)
    assert said(player) == [(ADMINS, "case"), (LIN, "welcome"), (LIN, "question")]


def test_an_admin_opens_without_a_day_and_is_asked_for_it_first() -> None:
    player = Player()
    player.do(MEI, e.Begin("OFB-1", player.pins, leaver=LIN))
    assert said(player) == [(ADMINS, "case"), (ADMINS, "question")]


def test_an_admin_who_leaves_needs_another_admin_to_agree() -> None:
    player = Player(admins=(MEI, LIN))
    player.do(LIN, e.Begin("OFB-1", player.pins, leaver=LIN))
    assert player.now.status == "proposed"
    assert player.do(LIN, e.Start()).refused == "own_case"
    assert not player.do(MEI, e.Start()).refused


def test_an_admin_says_no_to_a_proposed_case_and_it_ends() -> None:
    player = begun()
    player.do(MEI, e.Decline(reason=Sealed("no")))
    assert (player.now.status, player.now.outcome) == ("closed", "declined")
    assert (LIN, "receipt") in said(player)


def test_a_case_begins_once_and_a_second_beginning_leaves_its_history_alone() -> None:
    player = Player.running()
    before = player.now
    for who in (LIN, MEI):
        assert player.do(who, e.Begin("OFB-1", player.pins, leaver=LIN)).refused == "already_open"
    assert player.now is before


# ------------------------------------------------------------------ the last day


def test_a_day_that_has_passed_is_refused_unless_somebody_has_already_gone() -> None:
    yesterday = START.date() - timedelta(days=1)
    player = Player()
    assert player.do(MEI, e.Begin("OFB-1", player.pins, leaver=LIN, last_day=yesterday)).refused == "past_day"
    assert not player.do(MEI, e.Begin("OFB-1", player.pins, last_day=yesterday)).refused
    assert player.now.last_day == yesterday


@pytest.mark.parametrize("said", ["soon", "", "2026-13-01", "2026-02-30", "unknown", "4.12.2026"])
def test_what_is_no_day_is_refused_as_the_last_day(said: str) -> None:
    player = Player()
    player.do(MEI, e.Begin("OFB-1", player.pins, leaver=LIN))
    assert player.do(MEI, e.Reply("last_day", Answer((said,)))).refused == "answer_form"
    assert player.now.last_day is None


def test_moving_the_date_moves_the_due_dates_over_weekends_and_days_off() -> None:
    player = Player.running()
    assert [step.due for step in player.now.steps] == [date(2026, 11, 27), date(2026, 12, 2), None, None]
    player.do(MEI, e.Move(date(2026, 12, 15)))
    assert [step.due for step in player.now.steps] == [date(2026, 12, 8), date(2026, 12, 11), None, None]
    assert said(player) == [(LIN, "line")]
    player.do(OPS, e.Move(date(2026, 12, 7), reason=Sealed("asked for by phone")))
    assert [step.due for step in player.now.steps] == [date(2026, 11, 30), date(2026, 12, 3), None, None]


def test_the_same_day_again_is_refused() -> None:
    assert Player.running().do(MEI, e.Move(LAST_DAY)).refused == "same_day"


# ------------------------------------------------------------------ questions


def test_questions_come_one_after_the_other_and_the_answered_one_is_redrawn() -> None:
    player = opened()
    player.do(LIN, e.Reply("has", Answer(("wechat",))))
    assert player.now.answers == {"has": Answer(("wechat",))}
    (redrawn,) = [effect for effect in player.effects(Amend) if effect.view.name == "question"]
    assert redrawn.lane == f"OFB-1/question/1/{LIN}"
    (asked,) = player.effects(Ask)
    assert (asked.lane, asked.view.question) == (f"OFB-1/question/2/{LIN}", "successor")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(("telephone",)),  # was not offered
        Answer(("wechat", "wechat")),
        Answer(("unknown", "wechat")),  # "I do not know" stands alone
        Answer(("unknown", "my password is hunter2")),  # and smuggles nothing past the check of its form
        Answer(sealed=Sealed("x"), values=("else",)),
    ],
)
def test_what_is_no_answer_to_the_question_is_refused(answer: Answer) -> None:
    player = opened()
    assert player.do(LIN, e.Reply("has", answer)).refused == "answer_form"
    assert player.now.answers == {}


def test_an_answer_to_an_older_question_is_refused_as_out_of_date() -> None:
    player = opened()
    player.do(LIN, e.Reply("has", Answer(("wechat",)), revision=1))
    assert player.do(LIN, e.Reply("has", Answer(("phone",)), revision=1)).refused == "stale"
    assert player.do(LIN, e.Reply("successor", Answer((WEI,)), revision=1)).refused == "stale"


def test_back_one_question_puts_it_again_and_a_second_click_on_the_same_button_does_not_go_back_further() -> None:
    two = Playbook(
        "two",
        questions=(Question("first", options=("a", "b")), Question("second", options=("c", "d"))),
        steps=(StepSpec("only"),),
    )
    player = opened(two)
    player.do(LIN, e.Reply("first", Answer(("a",))))
    player.do(LIN, e.Reply("second", Answer(("c",))))
    assert player.now.asking is not None
    shown = player.now.asking.revision
    player.do(LIN, e.Undo(0, shown))
    assert list(player.now.answers) == ["first"]
    assert player.now.asking.question == "second"
    assert player.do(LIN, e.Undo(0, shown)).refused == "stale"
    assert list(player.now.answers) == ["first"]


def test_the_admins_answer_and_go_back_for_somebody_who_has_gone() -> None:
    player = Player()
    player.do(MEI, e.Begin("OFB-1", player.pins, last_day=LAST_DAY))
    assert player.now.asking is not None
    assert player.now.asking.of == ADMINS
    player.do(MEI, e.Reply("has", Answer(("wechat",))))
    assert not player.do(BO, e.Undo(0)).refused
    assert player.now.answers == {}
    assert player.do(SUN, e.Undo(0)).refused == "not_admin"


def test_a_question_for_the_admins_is_put_to_the_admins_also_when_there_is_a_leaver() -> None:
    asks = Playbook(
        "asks",
        questions=(Question("ours", options=("a",), of=Owner.ADMIN), Question("theirs", options=("b",))),
        steps=(StepSpec("only"),),
    )
    player = opened(asks)
    assert player.now.asking is not None
    assert (player.now.asking.question, player.now.asking.of) == ("ours", ADMINS)
    assert player.do(LIN, e.Reply("ours", Answer(("a",)))).refused == "own_case"
    player.do(MEI, e.Reply("ours", Answer(("a",))))
    assert (player.now.asking.question, player.now.asking.of) == ("theirs", LIN)


def test_the_plan_is_made_when_the_last_question_is_answered_and_the_leaver_sees_it() -> None:
    player = opened()
    player.do(LIN, e.Reply("has", Answer(("wechat",))))
    player.do(LIN, e.Reply("successor", Answer((WEI,))))
    assert player.now.status == "running"
    assert (LIN, "status") in said(player)
    assert player.statuses() == ["locked", "locked", "locked", "not_needed"]


# ------------------------------------------------------------------ who takes over


def test_the_leaver_proposes_an_admin_names_and_the_person_is_asked() -> None:
    player = opened()
    player.do(LIN, e.Reply("has", Answer(("wechat",))))
    player.do(LIN, e.Reply("successor", Answer((WEI,))))
    assert player.now.successors[""].named_by == ""
    assert (ADMINS, "naming") in said(player)
    assert (WEI, "offer") not in said(player)
    player.do(MEI, e.Choose(WEI))
    assert (player.now.successors[""].proposed_by, player.now.successors[""].named_by) == (LIN, MEI)
    assert said(player) == [(WEI, "offer")]


def test_the_leaver_may_propose_somebody_else_until_an_admin_has_named_one() -> None:
    player = opened()
    player.do(LIN, e.Choose(WEI))
    (first,) = player.effects(Say)
    player.do(LIN, e.Choose(YAO))
    assert player.now.successors[""].person == YAO
    assert [(say.to, say.view.name) for say in player.effects(Say)] == [(ADMINS, "naming")]
    assert first.lane in [amend.lane for amend in player.effects(Amend)]
    player.do(MEI, e.Choose(YAO))
    assert player.do(LIN, e.Choose(WEI)).refused == "admins_name"


def test_the_first_step_opens_when_the_successor_accepts() -> None:
    player = opened()
    player.do(LIN, e.Reply("has", Answer(("wechat",))))
    player.do(LIN, e.Reply("successor", Answer((WEI,))))
    player.do(MEI, e.Choose(WEI))
    assert player.step(1).status is StepStatus.LOCKED
    player.do(WEI, e.Accept())
    assert (player.step(1).status, player.step(1).person) == (StepStatus.OPEN, WEI)
    assert said(player) == [(WEI, "step")]


def test_when_the_successor_declines_the_leaver_is_asked_for_somebody_else() -> None:
    player = Player()
    player.do(MEI, e.Begin("OFB-1", player.pins, leaver=LIN, last_day=LAST_DAY))
    player.do(LIN, e.Reply("has", Answer(("wechat",))))
    player.do(LIN, e.Reply("successor", Answer((WEI,))))
    player.do(MEI, e.Choose(WEI))
    player.do(WEI, e.Decline())
    assert player.now.successors[""].declined
    assert player.now.asking is not None
    assert (player.now.asking.question, player.now.asking.of) == ("successor", LIN)
    assert said(player) == [(LIN, "question"), (ADMINS, "line")]
    player.do(LIN, e.Reply("successor", Answer((YAO,))))
    player.do(MEI, e.Choose(YAO))
    player.do(YAO, e.Accept())
    assert (player.step(1).status, player.step(1).person) == (StepStatus.OPEN, YAO)


def test_a_leaver_who_does_not_know_anybody_else_is_not_asked_again_and_the_admins_are_told() -> None:
    player = Player.running()
    player.do(WEI, e.Decline())
    player.do(LIN, e.Reply("successor", Answer(("unknown",))))
    assert player.now.asking is None
    assert (ADMINS, "naming") in said(player)
    assert player.timer("name").at == player.at + timedelta(hours=24)


def test_who_declined_may_be_asked_again_with_a_new_message() -> None:
    player = Player.running()
    player.do(WEI, e.Decline())
    player.do(MEI, e.Choose(WEI))
    assert said(player) == [(WEI, "offer")]
    assert not player.do(WEI, e.Accept()).refused


def test_asked_again_after_somebody_else_is_asked_on_a_post_of_its_own() -> None:
    player = Player.running()
    lanes = []
    for person in (YAO, WEI, YAO):
        player.do(MEI, e.Choose(person))
        lanes += [say.lane for say in player.effects(Say)]
    assert len(set(lanes)) == 3


def test_what_the_successor_had_left_passes_on_to_the_one_who_takes_over_from_them() -> None:
    player = Player.running()
    old = f"OFB-1/step-1/0/{WEI}"
    player.do(MEI, e.Choose(YAO))
    assert player.step(1).person == WEI, "until Yao has said yes, Wei has it"
    player.do(YAO, e.Accept())
    assert (player.step(1).status, player.step(1).person) == (StepStatus.OPEN, YAO)
    assert old in [amend.lane for amend in player.effects(Amend)]
    assert (YAO, "step") in said(player)
    assert player.do(WEI, e.Confirm(1)).refused == "not_owner"
    assert not player.do(YAO, e.Confirm(1)).refused


def test_what_an_admin_gave_to_somebody_stays_with_them_when_the_successor_changes() -> None:
    player = Player.running()
    player.do(MEI, e.Reassign(1, person=SUN))
    player.do(MEI, e.Choose(YAO))
    player.do(YAO, e.Accept())
    assert player.step(1).person == SUN


def test_what_the_old_successor_confirmed_goes_to_the_new_one_when_it_is_sent_back() -> None:
    player = Player.running()
    player.do(WEI, e.Confirm(1))
    player.do(MEI, e.Choose(YAO))
    player.do(YAO, e.Accept())
    assert player.step(1).confirmed_by == WEI
    player.do(MEI, e.SendBack(1, reason=Sealed("why")))
    assert (player.step(1).status, player.step(1).person) == (StepStatus.SENT_BACK, YAO)


def test_nobody_succeeds_themselves_and_once_named_only_admins_change_it() -> None:
    player = Player.running()
    assert player.do(MEI, e.Choose(LIN)).refused == "is_leaver"
    assert player.do(LIN, e.Choose(YAO)).refused == "admins_name"
    assert player.do(MEI, e.Choose(WEI)).refused == "same_person"
    assert player.do(MEI, e.Choose("")).refused == "needs_person"
    assert player.do(MEI, e.Choose("unknown")).refused == "needs_person"


def test_an_offer_is_answered_once() -> None:
    player = Player.running()
    assert player.do(WEI, e.Accept()).refused == "already_accepted"
    player.do(WEI, e.Decline())
    assert player.do(WEI, e.Decline()).refused == "already_declined"
    assert player.do(WEI, e.Accept()).refused == "already_declined"


# ------------------------------------------------------------------ nobody to ask


def test_without_a_leaver_their_steps_are_any_admins_and_nobody_is_welcomed() -> None:
    player = Player()
    player.do(MEI, e.Begin("OFB-1", player.pins, last_day=LAST_DAY))
    assert said(player) == [(ADMINS, "case"), (ADMINS, "question")]
    player.do(MEI, e.Reply("has", Answer(("wechat",))))
    player.do(BO, e.Reply("successor", Answer((WEI,))))
    assert player.now.successors[""].named_by == BO, "an admin who answers has named them"
    player.do(WEI, e.Accept())
    player.settle(1)
    assert (player.step(2).status, player.step(2).person) == (StepStatus.OPEN, "")
    assert said(player) == [(ADMINS, "step")]
    player.do(MEI, e.Confirm(2))
    assert player.do(MEI, e.Approve(2, looked=True)).refused == "own_confirmation"
    assert not player.do(BO, e.Approve(2, looked=True)).refused


def test_without_a_leaver_the_successors_steps_are_still_the_successors() -> None:
    player = Player()
    player.do(MEI, e.Begin("OFB-1", player.pins, last_day=LAST_DAY))
    player.do(MEI, e.Reply("has", Answer(("wechat",))))
    player.do(MEI, e.Reply("successor", Answer((WEI,))))
    assert player.step(1).status is StepStatus.LOCKED, "Wei has not said yes"
    assert player.do(MEI, e.Confirm(1)).refused == "not_owner"
    player.do(WEI, e.Accept())
    assert (player.step(1).status, player.step(1).person) == (StepStatus.OPEN, WEI)
    assert player.do(MEI, e.Confirm(1)).refused == "not_owner"
