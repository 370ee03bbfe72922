"""Who is reminded of what, when it is passed on, and that nothing which waits is ever forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.core import events as e
from bot.core.case import Answer, Owner, StepStatus
from bot.core.effects import Nudge, Wake
from bot.playbook.model import Playbook, StepSpec
from tests.core.player import BO, HR, LAST_DAY, LIN, MEI, OWNER, SUN, WEI, YAO, Player

DAY = timedelta(days=1)
ADMINS_ESCALATED = [(MEI, "escalated"), (BO, "escalated")]


def reminders(player: Player, about: str, step: int = 0, times: int = 5) -> list[list[tuple[str, str]]]:
    """Whom the timer reminds each time that it comes; each time it has to set the next one."""
    found = []
    for _ in range(times):
        player.wake(about, step, after=DAY)
        found.append(player.nudged())
        assert player.timer(about).at > player.at
    return found


def test_whoever_does_a_step_is_reminded_three_times_and_then_the_admins_are_told() -> None:
    player = Player.running()
    assert reminders(player, "do", 1) == [[(WEI, "do")]] * 3 + [ADMINS_ESCALATED] * 2


def test_an_approval_reminds_those_who_can_give_it_and_then_the_owner_of_the_process() -> None:
    player = Player.running()
    player.do(WEI, e.Confirm(1))
    assert reminders(player, "approve", 1) == [[(MEI, "approve"), (BO, "approve")]] * 3 + [[(OWNER, "escalated")]] * 2


def test_who_cannot_approve_any_more_is_not_reminded_to() -> None:
    player = Player.running(Playbook("two", steps=(StepSpec("only", owner=Owner.ADMIN, approvals=2),)), admins=(MEI,))
    player.do(MEI, e.Confirm(1))
    player.wake("approve", 1, after=DAY)
    assert player.nudged() == [(HR, "approve")], "Mei confirmed it herself"
    player.do(HR, e.Approve(1, looked=True))
    player.wake("approve", 1, after=DAY)
    assert player.nudged() == [(OWNER, "escalated")], "nobody is left who could"


def test_without_an_owner_of_the_process_the_admins_are_the_last_to_be_told() -> None:
    player = Player.running()
    player.roster = e.Roster(admins=(MEI, BO))
    player.do(WEI, e.Confirm(1))
    assert reminders(player, "approve", 1, times=4)[-1] == ADMINS_ESCALATED


def test_where_nobody_is_left_to_pass_it_on_to_the_person_is_reminded_still() -> None:
    player = Player.running()
    player.roster = e.Roster()
    assert reminders(player, "do", 1) == [[(WEI, "do")]] * 5


def test_a_step_of_the_admins_reminds_them_all() -> None:
    player = Player.running(Playbook("ours", steps=(StepSpec("only", owner=Owner.ADMIN),)))
    player.wake("do", 1, after=DAY)
    assert player.nudged() == [(MEI, "do"), (BO, "do")]


def test_a_proposal_reminds_the_admins_but_not_one_who_leaves() -> None:
    player = Player(admins=(MEI, LIN))
    player.do(LIN, e.Begin("OFB-1", player.pins, leaver=LIN))
    assert player.timer("agree").at == player.at + DAY
    assert reminders(player, "agree") == [[(MEI, "agree")]] * 3 + [[(MEI, "escalated")]] * 2


def test_a_question_reminds_whoever_was_asked() -> None:
    player = Player()
    player.do(MEI, e.Begin("OFB-1", player.pins, leaver=LIN))
    player.wake("answer", after=DAY)
    assert player.nudged() == [(MEI, "answer"), (BO, "answer")]
    player.do(MEI, e.Reply("last_day", Answer((LAST_DAY.isoformat(),))))
    assert reminders(player, "answer") == [[(LIN, "answer")]] * 3 + [ADMINS_ESCALATED] * 2


def test_each_thing_that_waits_is_counted_afresh() -> None:
    player = Player()
    player.do(MEI, e.Begin("OFB-1", player.pins, leaver=LIN, last_day=LAST_DAY))
    reminders(player, "answer", times=3)
    player.do(LIN, e.Reply("has", Answer(())))
    reminders(player, "answer", times=3)
    player.do(LIN, e.Reply("successor", Answer(("unknown",))))
    assert reminders(player, "name", times=4) == [[(MEI, "name"), (BO, "name")]] * 3 + [ADMINS_ESCALATED]


def test_an_offer_reminds_the_person_who_was_asked_and_no_longer_the_one_before() -> None:
    player = Player.running()
    player.do(MEI, e.Choose(YAO))
    old = player.timer("offer")
    player.do(MEI, e.Choose(SUN))
    assert player.timer("offer").revision != old.revision
    assert player.do("system", e.Woke("offer", 0, old.revision)).facts == ()
    assert old.at > player.at
    player.at = old.at
    player.do(MEI, e.Choose(YAO))
    player.wake("offer", after=DAY)
    assert player.nudged() == [(YAO, "offer")]


def test_when_nobody_takes_over_the_admins_are_reminded_to_name_somebody() -> None:
    player = Player.running()
    player.do(WEI, e.Decline())
    player.do(LIN, e.Reply("successor", Answer(("unknown",))))
    player.wake("name", after=DAY)
    assert player.nudged() == [(MEI, "name"), (BO, "name")]


def test_a_case_in_which_nobody_has_anything_to_do_is_told_to_the_admins() -> None:
    player = Player.running()
    player.do(MEI, e.Waive(1, reason="other"))
    assert player.statuses() == ["waived", "locked", "locked", "not_needed"]
    assert player.timer("blocked").at == player.at + DAY
    assert reminders(player, "blocked", times=2) == [ADMINS_ESCALATED] * 2
    player.do(MEI, e.Waive(2, reason="other"))
    assert player.step(3).status is StepStatus.OPEN
    assert player.do("system", e.Woke("blocked", 0, 1)).facts == ()


def test_remind_me_later_moves_the_reminder_by_a_day_and_counts_for_nothing() -> None:
    player = Player.running()
    player.at += timedelta(hours=23)
    player.do(WEI, e.Later(1))
    snoozed = player.timer("do")
    assert snoozed.at == player.at + DAY == player.step(1).snoozed_until
    player.at = snoozed.at - timedelta(minutes=2)
    assert player.do("system", e.Woke("do", 1, snoozed.revision)).facts == (), "a timer that comes before"
    player.at = snoozed.at
    player.do("system", e.Woke("do", 1, snoozed.revision))
    assert player.nudged() == [(WEI, "do")]


def test_whoever_gets_a_step_after_it_was_put_off_is_reminded_in_their_own_time() -> None:
    """The way back is to be done within 4 hours; that the one before put it off by a day is not theirs."""
    player = Player.running()
    player.do(LIN, e.Confirm(2))
    player.do(LIN, e.Later(4))
    player.do(MEI, e.Take(4))
    assert player.step(4).snoozed_until is None
    player.wake("do", 4, after=timedelta(hours=4))
    assert player.nudged() == [(MEI, "do")]


def test_a_step_that_is_held_and_opens_again_has_not_been_put_off() -> None:
    player = Player.running()
    player.settle(1)
    player.do(LIN, e.Later(2))
    player.do(LIN, e.Confirm(2))
    player.do(MEI, e.SendBack(2))
    assert player.step(2).snoozed_until is None


def test_whoever_gets_a_step_is_reminded_three_times_again() -> None:
    player = Player.running()
    reminders(player, "do", 1, times=3)
    player.do(MEI, e.Reassign(1, person=SUN))
    assert reminders(player, "do", 1, times=4) == [[(SUN, "do")]] * 3 + [ADMINS_ESCALATED]


def test_a_timer_that_comes_back_to_something_that_has_moved_on_does_nothing() -> None:
    player = Player.running()
    open_timer = e.Woke("do", 1, player.step(1).revision)
    player.do(WEI, e.Confirm(1))
    claimed = e.Woke("approve", 1, player.step(1).revision)
    for stale in (open_timer, e.Woke("do", 1, player.step(1).revision), e.Woke("soak", 1, player.step(1).revision)):
        assert player.do("system", stale).facts == ()
    player.do(MEI, e.Approve(1, looked=True))
    for stale in (open_timer, claimed, e.Woke("do", 99, 1), e.Woke("nonsense", 1, 1), e.Woke("answer", 0, 1)):
        assert player.do("system", stale).facts == ()
        assert player.last.effects == ()


def test_every_change_of_what_a_step_waits_for_sets_its_timer() -> None:
    player = Player.running(
        Playbook("two", steps=(StepSpec("only", owner=Owner.SUCCESSOR, approvals=2, patience_hours=7),))
    )
    patience = timedelta(hours=7)

    def timer() -> tuple[str, timedelta]:
        (found,) = [wake for wake in player.effects(Wake) if wake.step == 1]
        assert found.revision == player.step(1).revision
        return found.about, found.at - player.at

    player.do(WEI, e.Confirm(1))
    assert timer() == ("approve", patience)
    player.do(MEI, e.Approve(1, looked=True))
    assert timer() == ("approve", patience)
    player.do(BO, e.SendBack(1))
    assert timer() == ("do", patience)
    player.do(MEI, e.Take(1))
    assert timer() == ("do", patience)
    player.do(MEI, e.SayStuck(1))
    assert [wake for wake in player.effects(Wake) if wake.step == 1] == []


def test_a_nudge_carries_the_revision_of_what_it_is_about() -> None:
    player = Player.running()
    player.wake("do", 1, after=DAY)
    (nudge,) = player.effects(Nudge)
    assert (nudge.case, nudge.step, nudge.revision) == ("OFB-1", 1, player.step(1).revision)


def test_later_on_a_friday_means_monday() -> None:
    player = Player.running()
    player.at = datetime(2026, 11, 27, 0, 30, tzinfo=UTC)
    player.do(WEI, e.Later(1))
    until = player.step(1).snoozed_until
    assert until is not None
    assert until.date().isoformat() == "2026-11-30"
