"""A whole handover through the pure machine, by hand: the shortest story that touches every part."""

from __future__ import annotations

from datetime import timedelta

from bot.core import events as e
from bot.core.case import Answer, CaseStatus, Pin, StepStatus
from bot.core.effects import Say
from tests.core.player import HR, LIN, MEI, SMALL, WEI, Player


def one_admin() -> Player:
    """The leaver begins; the company has one admin and a second approver."""
    player = Player(SMALL, admins=(MEI,))
    player.do(LIN, e.Begin(ref="OFB-1", pins=(Pin("small", "h"),), leaver=LIN))
    player.do(MEI, e.Start())
    player.do(MEI, e.Reply("last_day", Answer(("2026-12-04",))))
    player.do(LIN, e.Reply("has", Answer(("wechat",))))
    player.do(LIN, e.Reply("successor", Answer((WEI,))))
    player.do(MEI, e.Choose(WEI))
    player.do(WEI, e.Accept())
    return player


def test_a_whole_handover_ends_closed_and_the_log_folds_to_the_case() -> None:
    player = one_admin()
    case = player.now
    assert [step.status for step in case.steps] == ["open", "locked", "locked", "not_needed"]
    player.do(WEI, e.Confirm(1))
    assert player.do(MEI, e.Approve(1, looked=False)).refused == "must_look"
    player.do(MEI, e.Approve(1, looked=True))
    assert player.now.steps[1].status is StepStatus.OPEN
    player.do(LIN, e.Confirm(2))
    assert player.do(LIN, e.Approve(2, looked=True)).refused == "own_case"
    player.do(MEI, e.Approve(2, looked=False))
    player.do(WEI, e.Confirm(3))
    player.do(HR, e.Approve(3, looked=True))
    assert player.do(HR, e.Approve(3, looked=True)).refused == "twice"
    player.do(MEI, e.Approve(3, looked=True))
    assert player.now.steps[2].status is StepStatus.SOAKING
    player.at += timedelta(hours=24)
    player.do("system", e.Woke("soak", 3, player.now.steps[2].revision))
    assert player.now.status is CaseStatus.CLOSED
    assert player.now.outcome == "handed_over"
    assert player.folded() == player.now


def test_a_confirmation_of_what_already_happened_is_recorded_and_raises_the_alarm() -> None:
    player = one_admin()
    player.do(LIN, e.Confirm(2))
    case = player.now
    assert case.steps[1].status is StepStatus.CLAIMED
    assert case.steps[1].early
    assert [alarm.invariant for alarm in case.alarms] == ["a_way_in"]
    assert case.steps[3].status is StepStatus.OPEN
    player.do(LIN, e.Confirm(4))
    player.do(MEI, e.Approve(4, looked=True))
    assert player.now.alarms == ()


def test_a_thread_that_cannot_be_reached_is_told_to_each_admin_and_not_to_the_thread() -> None:
    player = one_admin()
    player.do("system", e.Undeliverable(person="admins", lane="OFB-1/case/0/admins", why="rejected"))
    said = [effect for effect in player.last.effects if isinstance(effect, Say)]
    assert [(effect.to, effect.view.code) for effect in said] == [(MEI, "undelivered")]
