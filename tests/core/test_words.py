"""The words of the product, one sentence each: what is said of a word is true of the machine."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core import events as e
from bot.core import facts as f
from bot.core.cadence import Rhythm
from bot.core.case import Answer, Case, Grade, Holder, Owner, Pin, Sealed, StepStatus
from bot.core.decide import decide
from bot.core.desk import Desk, flush, put
from bot.core.effects import Nudge, Say
from bot.core.fold import fold
from bot.playbook.model import Playbook, Question, StepSpec
from bot.playbook.plan import build
from tests.core.player import BO, HR, LAST_DAY, LIN, MEI, SMALL, START, WEEKDAYS, WEI, Player


class Burnt:
    """Playbooks that are gone: whoever asks them anything fails."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"the machine looked into a playbook ({name}) after the plan was made")


def test_a_case_is_one_departure_with_a_reference_a_leaver_a_last_day_a_successor_and_admins() -> None:
    case = Player.running().now
    assert (case.ref, case.leaver, case.last_day) == ("OFB-1", LIN, LAST_DAY)
    assert case.successors[""].person == WEI
    assert case.agreed_by == MEI


def test_the_leaver_of_a_case_may_be_absent() -> None:
    case = Player.absent().now
    assert case.leaver == ""
    assert case.status == "running"


def test_a_case_pins_its_playbooks_by_hash_and_outlives_them() -> None:
    player = Player.running()
    assert player.now.pins == (Pin("small", "h"),)
    player.playbooks = Burnt()  # type: ignore[assignment]
    player.settle(1, 2, 3)
    assert player.now.outcome == "handed_over"


def test_an_answer_shapes_the_plan_and_i_do_not_know_counts_as_the_leavers() -> None:
    def plan(answer: Answer) -> tuple[str, Holder]:
        made = build([SMALL], {"has": answer})
        unbind = next(step for step in made.steps if step.id == "unbind")
        return str(unbind.status), made.holdings[0].holder

    assert plan(Answer(("wechat",))) == ("locked", Holder.LEAVER)
    assert plan(Answer(("phone",))) == ("not_needed", Holder.NOBODY)
    assert plan(Answer(())) == ("not_needed", Holder.NOBODY)
    assert plan(Answer(("unknown",))) == ("locked", Holder.LEAVER)


def test_i_do_not_know_is_always_an_answer() -> None:
    player = Player()
    player.do(MEI, e.Begin("OFB-1", player.pins, leaver=LIN, last_day=LAST_DAY))
    for question in ("has", "successor"):
        assert player.now.asking is not None
        assert player.now.asking.question == question
        assert not player.do(LIN, e.Reply(question, Answer(("unknown",)))).refused
    assert player.now.status == "running"


def test_each_target_has_steps_of_its_own_and_shares_no_holding() -> None:
    accounts = Playbook(
        "accounts",
        questions=(Question("account", kind="account_id", targets=True),),
        steps=(StepSpec("close", owner=Owner.ADMIN), StepSpec("check", owner=Owner.ADMIN, needs=("close",))),
    )
    plan = build([accounts], {"account": Answer(("100012345678", "100012345679"))})
    assert [(step.id, step.target, step.needs) for step in plan.steps] == [
        ("close", "100012345678", ()),
        ("check", "100012345678", (1,)),
        ("close", "100012345679", ()),
        ("check", "100012345679", (3,)),
    ]


def test_a_step_carries_all_that_the_plan_says_of_it() -> None:
    step = Player.running().step(1)
    assert (step.owner, step.target, step.needs, step.gives, step.takes) == (
        Owner.SUCCESSOR,
        "",
        (),
        ("login_new",),
        (),
    )
    assert (step.due, step.approvals, step.demands) == (LAST_DAY - timedelta(days=7), 1, Grade.WITNESSED)


@pytest.mark.parametrize(("owner", "person"), [(Owner.LEAVER, LIN), (Owner.SUCCESSOR, WEI), (Owner.ADMIN, "")])
def test_a_step_is_done_by_its_owner(owner: Owner, person: str) -> None:
    player = Player.running(Playbook("one", steps=(StepSpec("only", owner=owner),)))
    assert player.step(1).status is StepStatus.OPEN
    assert player.step(1).person == person
    for somebody in (LIN, WEI, MEI, BO):
        theirs = somebody == person or (not person and somebody in (MEI, BO))
        event = e.Event(player.at, player.actor(somebody), e.Confirm(1), player.roster, WEEKDAYS)
        assert decide(player.now, event, player.playbooks).refused == ("" if theirs else "not_owner")


def test_a_holding_is_held_by_somebody_when_the_plan_begins() -> None:
    held = {holding.id: holding.holder for holding in Player.running().now.holdings}
    assert held == {"login_wechat": Holder.LEAVER, "login_new": Holder.NOBODY, "login_back": Holder.NOBODY}


def test_a_confirmation_is_the_owners_word_with_the_hash_of_the_text_on_their_card() -> None:
    player = Player.running()
    player.do(WEI, e.Confirm(1, text_hash="abc"))
    step = player.step(1)
    assert (step.status, step.confirmed_by, step.confirmed_at) == (StepStatus.CLAIMED, WEI, player.at)
    assert (step.text_hash, step.platform, step.fact_number) == ("abc", "demo", player.now.count)
    assert step.grade is None


def test_an_approval_says_whether_somebody_looked_or_takes_the_word() -> None:
    witnessed, stated = Player.running(), Player.running()
    for player in (witnessed, stated):
        player.settle(1)
        player.do(LIN, e.Confirm(2))
    witnessed.do(MEI, e.Approve(2, looked=True))
    stated.do(MEI, e.Approve(2, looked=False))
    assert (witnessed.step(2).grade, stated.step(2).grade) == (Grade.WITNESSED, Grade.STATED)
    assert witnessed.step(2).approved[0].by == MEI


def test_sent_back_is_the_admins_no_with_a_reason() -> None:
    player = Player.running()
    player.do(WEI, e.Confirm(1))
    player.do(MEI, e.SendBack(1, reason=Sealed("why")))
    step = player.step(1)
    assert (step.status, step.sent_back_by, step.sent_back_reason) == (StepStatus.SENT_BACK, MEI, Sealed("why"))
    assert (step.sent_back_count, step.confirmed_by, step.text_hash) == (1, "", "")


def test_a_waiver_leaves_a_step_undone_on_purpose_with_a_reason_and_an_approver() -> None:
    player = Player.running()
    player.do(MEI, e.Waive(1, reason="cannot_be_done", words=Sealed("why")))
    step = player.step(1)
    assert (step.status, step.waived_by, step.waiver_reason) == (StepStatus.WAIVED, MEI, "cannot_be_done")
    assert (step.waiver_words, step.waived_at, step.grade) == (Sealed("why"), player.at, None)


def test_undo_takes_a_confirmation_back_before_it_is_approved() -> None:
    player = Player.running()
    before = player.step(1)
    player.do(WEI, e.Confirm(1))
    player.do(WEI, e.Undo(1))
    after = player.step(1)
    assert (after.status, after.confirmed_by, after.round) == (StepStatus.OPEN, "", before.round)


def test_restore_reverses_a_reversible_act_while_it_soaks() -> None:
    player = Player.running()
    player.settle(1, 2)
    player.do(WEI, e.Confirm(3))
    player.do(MEI, e.Approve(3, looked=True))
    player.do(BO, e.Approve(3, looked=True))
    assert player.step(3).status is StepStatus.SOAKING
    player.do(WEI, e.Restore(3))
    assert player.step(3).status is StepStatus.OPEN
    assert player.step(3).soak_until is None


def test_a_reminder_is_private_an_escalation_passes_it_on() -> None:
    player = Player.running()
    reminded = []
    for _ in range(4):
        player.wake("do", 1, after=timedelta(days=1))
        reminded.append(player.nudged())
    assert reminded == [[(WEI, "do")], [(WEI, "do")], [(WEI, "do")], [(MEI, "escalated"), (BO, "escalated")]]
    assert player.effects(Say) == []


def test_a_digest_gathers_many_reminders_in_one_message() -> None:
    desk = Desk("demo:mei")
    for number in range(12):
        desk = put(desk, Nudge("demo:mei", "approve", f"OFB-{number}", 1, 1), START, Rhythm(), WEEKDAYS)
    assert desk.flush_at is not None
    desk, waiting = flush(desk, desk.flush_at, Rhythm(), WEEKDAYS, lambda item: True)
    assert len(waiting) == 12
    assert desk.waiting == ()


def test_a_refusal_is_a_fact_that_names_the_rule_and_changes_nothing() -> None:
    player = Player.running()
    before = player.now
    refused = player.do(HR, e.Confirm(1))
    assert refused.facts == (f.Refused(at=player.at, by=HR, code="not_owner", verb="confirm", step=1),)
    assert refused.case is before


def test_a_desk_holds_what_one_person_has_waiting_over_all_cases() -> None:
    desk = put(Desk(MEI), Nudge(MEI, "approve", "OFB-1", 1, 1), START, Rhythm(), WEEKDAYS)
    desk = put(desk, Nudge(MEI, "do", "OFB-2", 4, 2), START, Rhythm(), WEEKDAYS)
    assert [(item.case, item.about) for item in desk.waiting] == [("OFB-1", "approve"), ("OFB-2", "do")]


def test_the_receipt_goes_to_the_leaver_when_the_case_ends() -> None:
    player = Player.running()
    player.settle(1, 2, 3)
    receipts = [say for say in player.effects(Say) if say.view.name == "receipt"]
    assert [say.to for say in receipts] == [LIN]
    assert player.now.status == "closed"


def test_a_grade_is_the_weakest_word_behind_a_done_step_and_only_a_done_step_has_one() -> None:
    assert [grade.value for grade in Grade] == ["stated", "witnessed", "corroborated", "verified"]
    assert Grade.WITNESSED.reaches(Grade.STATED)
    assert not Grade.STATED.reaches(Grade.WITNESSED)
    player = Player.running()
    assert [step.grade for step in player.now.steps] == [None] * 4
    player.settle(1)
    assert [step.grade for step in player.now.steps] == [Grade.WITNESSED, None, None, None]


def test_a_history_begins_with_an_opened_case_and_with_nothing_else() -> None:
    with pytest.raises(ValueError, match="begins with an opened case"):
        fold(None, f.Agreed(at=START))
    case: Case = fold(None, f.Opened(at=START, by=LIN, ref="OFB-9", pins=(), leaver=LIN))
    assert (case.ref, case.count, case.status) == ("OFB-9", 1, "proposed")
