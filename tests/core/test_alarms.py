"""What happened too early: it is recorded, an alarm is raised, what could make it worse is held, a way back opens."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from bot.core import events as e
from bot.core import facts as f
from bot.core.case import Answer, Holder, Owner, Sealed, StepStatus
from bot.core.effects import ADMINS, Amend, Say
from bot.playbook.model import HoldingSpec, InvariantSpec, Playbook, Question, StepSpec
from tests.core.player import BO, LIN, MEI, SUN, WEI, Player

TWO_TAKES = Playbook(
    "two_takes",
    holdings=(
        HoldingSpec("wechat", leaver_when=None, otherwise=Holder.LEAVER, group="login"),
        HoldingSpec("email", leaver_when=None, otherwise=Holder.LEAVER, group="login"),
        HoldingSpec("mine", otherwise=Holder.COMPANY, group="login"),
        HoldingSpec("new", group="login"),
    ),
    invariants=(InvariantSpec("a_way_in", guards=("login",), of=("login",), held_by=Holder.COMPANY, at_least=1),),
    steps=(
        StepSpec("wechat", takes=("wechat",)),
        StepSpec("mine", owner=Owner.SUCCESSOR, needs=("bind",), takes=("mine",)),
        StepSpec("email", owner=Owner.ADMIN, takes=("email",)),
        StepSpec("bind", owner=Owner.SUCCESSOR, gives=("new",)),
        StepSpec("back", recovers="a_way_in", gives=("new",)),
    ),
)
"""Wechat and email may go while the company has a way in of its own (`mine`); that one only once `new` is there."""


def alarms(player: Player) -> list[str]:
    return [alarm.invariant for alarm in player.now.alarms]


def test_a_confirmation_that_came_too_early_is_recorded_and_raises_the_alarm() -> None:
    player = Player.running()
    player.do(LIN, e.Confirm(2))
    assert (player.step(2).status, player.step(2).early) == (StepStatus.CLAIMED, True)
    assert alarms(player) == ["a_way_in"]
    alarmed = [(say.to, say.view.code) for say in player.effects(Say) if say.view.name == "alarm"]
    assert alarmed == [(ADMINS, "a_way_in"), (LIN, "a_way_in")]


def test_a_confirmation_that_came_too_early_and_breaks_nothing_is_recorded_without_an_alarm() -> None:
    player = Player.running()
    player.do(WEI, e.Confirm(3))
    assert (player.step(3).status, player.step(3).early) == (StepStatus.CLAIMED, True)
    assert alarms(player) == []


def test_the_way_back_opens_at_once_and_is_not_closed_by_the_alarm() -> None:
    player = Player.running()
    player.do(LIN, e.Confirm(2))
    assert (player.step(4).status, player.step(4).person) == (StepStatus.OPEN, LIN)
    assert player.now.alarms[0].step == 2


def test_open_steps_that_take_something_are_held_while_the_alarm_stands_and_open_again_after_it() -> None:
    player = Player.running(TWO_TAKES)
    assert player.statuses() == ["open", "locked", "open", "open", "not_needed"]
    player.wake("do", 1, after=timedelta(days=1))
    player.do(WEI, e.Confirm(2))
    assert alarms(player) == ["a_way_in"]
    assert player.statuses() == ["locked", "claimed", "locked", "open", "open"]
    held = [fact.step for fact in player.last.facts if isinstance(fact, f.StepHeld)]
    assert held == [1, 3]
    assert f"OFB-1/step-1/0/{LIN}" in [amend.lane for amend in player.effects(Amend)]
    player.settle(4)
    assert alarms(player) == []
    assert [step.status for step in player.now.steps[:1]] == [StepStatus.LOCKED], "Lin has the way back to do"
    assert player.step(3).status is StepStatus.OPEN, "the admins have nothing else to do"
    player.settle(5)
    assert (player.step(1).status, player.step(1).round) == (StepStatus.OPEN, 1)
    assert player.step(1).nudges == 0, "reminders are counted afresh"


def test_the_alarm_is_calmed_when_the_way_back_is_done_and_somebody_has_looked() -> None:
    player = Player.running()
    player.do(LIN, e.Confirm(2))
    player.do(LIN, e.Confirm(4))
    assert alarms(player) == ["a_way_in"], "nobody has looked yet"
    player.do(MEI, e.Approve(4, looked=True))
    assert alarms(player) == []
    assert "calmed" in player.kinds()


def test_a_word_does_not_calm_an_alarm_whose_invariant_has_to_be_witnessed() -> None:
    player = Player.running()
    player.do(LIN, e.Confirm(2))
    player.do(LIN, e.Confirm(4))
    player.do(MEI, e.Approve(4, looked=False))
    assert player.step(4).status is StepStatus.DONE
    assert alarms(player) == ["a_way_in"]
    player.settle(1)
    assert alarms(player) == []
    assert "calmed" in player.kinds()


def test_a_case_does_not_close_while_an_alarm_stands() -> None:
    player = Player.running()
    player.do(LIN, e.Confirm(2))
    player.do(BO, e.Approve(2, looked=False))
    for number in (1, 3, 4):
        player.do(MEI, e.Waive(number, reason="other"))
    assert player.statuses() == ["waived", "done", "waived", "waived"]
    assert player.now.is_open
    assert player.timer("blocked").step == 0, "nobody is asked for anything, so the admins are told"


def test_what_was_said_too_early_and_is_taken_back_is_closed_again_until_its_time_comes() -> None:
    player = Player.running()
    player.do(LIN, e.Confirm(2))
    player.do(LIN, e.Undo(2))
    assert (player.step(2).status, player.step(2).confirmed_by) == (StepStatus.LOCKED, "")
    assert alarms(player) == ["a_way_in"], "what happened, happened"
    player.settle(1)
    assert alarms(player) == []
    player.do(LIN, e.Confirm(4))
    assert (player.step(2).status, player.step(2).person) == (StepStatus.OPEN, LIN)
    assert [say.to for say in player.effects(Say) if say.view.name == "step"] == [LIN]


def test_what_was_said_too_early_and_is_sent_back_is_closed_and_says_why_when_it_opens() -> None:
    player = Player.running()
    player.do(WEI, e.Confirm(3))
    player.do(MEI, e.SendBack(3, reason=Sealed("not yet")))
    assert player.step(3).status is StepStatus.LOCKED
    player.settle(1, 2)
    step = player.step(3)
    assert (step.status, step.sent_back_by, step.sent_back_reason) == (StepStatus.SENT_BACK, MEI, Sealed("not yet"))
    assert (step.person, step.sent_back_count) == (WEI, 1)


def test_an_open_take_that_is_undone_while_an_alarm_stands_is_held_as_the_others_are() -> None:
    player = Player.running(TWO_TAKES)
    player.do(LIN, e.Confirm(1))
    player.do(WEI, e.Confirm(2))
    assert alarms(player) == ["a_way_in"]
    player.do(LIN, e.Undo(1))
    assert player.step(1).status is StepStatus.LOCKED
    player.do(MEI, e.Reassign(1, person=SUN))
    assert player.step(1).status is StepStatus.LOCKED, "giving it to somebody else does not open it"
    said = [effect for effect in player.last.effects if isinstance(effect, Say) and "/step-1/" in effect.lane]
    assert said == [], "nobody is shown a step that is held"


def test_a_second_thing_that_came_too_early_does_not_raise_the_same_alarm_twice() -> None:
    player = Player.running(TWO_TAKES)
    player.do(WEI, e.Confirm(2))
    player.do(LIN, e.Confirm(1))
    assert alarms(player) == ["a_way_in"]
    assert player.step(1).early, "it was held"


def test_what_breaks_for_one_target_holds_up_nothing_of_another() -> None:
    accounts = replace(TWO_TAKES, questions=(Question("account", kind="account_id", targets=True),))
    player = Player(accounts)
    player.do(MEI, e.Begin("OFB-1", player.pins, leaver=LIN, last_day=player.at.date()))
    player.do(LIN, e.Reply("account", Answer(("100012345678", "100012345679"))))
    player.do(MEI, e.Choose(WEI))
    player.do(WEI, e.Accept())
    player.do(WEI, e.Confirm(2))
    assert [(alarm.invariant, alarm.target) for alarm in player.now.alarms] == [("a_way_in", "100012345678")]
    player.do(MEI, e.Waive(3, reason="other"))
    other = [step for step in player.now.steps if step.target == "100012345679" and step.id == "email"]
    assert other[0].status is StepStatus.OPEN
