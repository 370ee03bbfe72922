"""What may be open: one step at a time for each person, in order, when its needs are done and nothing can break."""

from __future__ import annotations

from bot.core import events as e
from bot.core.case import Answer, Grade, Holder, Owner, StepStatus
from bot.core.effects import ADMINS, Say
from bot.playbook.model import HoldingSpec, InvariantSpec, Is, Playbook, Question, StepSpec
from tests.core.player import BO, LAST_DAY, LIN, MEI, WEI, Player


def small(*steps: StepSpec) -> Playbook:
    return Playbook("small", steps=steps)


def test_each_person_gets_one_step_at_a_time_and_different_people_work_side_by_side() -> None:
    player = Player.running(
        small(
            StepSpec("a"),
            StepSpec("b"),
            StepSpec("c", owner=Owner.SUCCESSOR),
            StepSpec("d", owner=Owner.ADMIN),
            StepSpec("e", owner=Owner.ADMIN),
        )
    )
    assert player.statuses() == ["open", "locked", "open", "open", "locked"]
    player.do(LIN, e.Confirm(1))
    assert player.statuses() == ["claimed", "open", "open", "open", "locked"], "while one waits, the next is to be done"
    player.do(MEI, e.Confirm(4))
    assert player.statuses() == ["claimed", "open", "open", "claimed", "open"], "the admins share one pile"


def test_the_next_step_is_a_new_message_to_whoever_does_it() -> None:
    player = Player.running(small(StepSpec("a"), StepSpec("b", owner=Owner.ADMIN, needs=("a",))))
    player.do(LIN, e.Confirm(1))
    player.do(MEI, e.Approve(1, looked=True))
    assert [(say.to, say.view.step) for say in player.effects(Say) if say.view.name == "step"] == [(ADMINS, 2)]


def test_a_step_waits_for_what_it_needs_and_a_need_is_done_only_at_the_grade_it_demands() -> None:
    player = Player.running(
        small(StepSpec("a", demands=Grade.WITNESSED, approvals=0), StepSpec("b", owner=Owner.SUCCESSOR, needs=("a",)))
    )
    player.do(LIN, e.Confirm(1))
    assert (player.step(1).status, player.step(1).grade) == (StepStatus.DONE, Grade.STATED)
    assert player.step(2).status is StepStatus.LOCKED, "a word is less than what step 1 demands"


def test_a_step_waits_for_the_person_who_does_it() -> None:
    player = Player(small(StepSpec("a", owner=Owner.SUCCESSOR), StepSpec("b")))
    player.do(MEI, e.Begin("OFB-1", player.pins, leaver=LIN, last_day=LAST_DAY))
    player.do(LIN, e.Reply("successor", Answer((WEI,))))
    assert player.statuses() == ["locked", "open"]
    player.do(MEI, e.Choose(WEI))
    assert player.statuses() == ["locked", "open"]
    player.do(WEI, e.Accept())
    assert player.statuses() == ["open", "open"]


def test_who_was_only_proposed_has_nothing_to_accept() -> None:
    player = Player(small(StepSpec("a", owner=Owner.SUCCESSOR)))
    player.do(MEI, e.Begin("OFB-1", player.pins, leaver=LIN, last_day=LAST_DAY))
    player.do(LIN, e.Reply("successor", Answer((WEI,))))
    assert player.do(WEI, e.Accept()).refused == "not_the_successor"
    assert player.do(WEI, e.Decline()).refused == "not_the_successor"


def test_what_the_answers_rule_out_is_not_needed_and_stands_in_nobodys_way() -> None:
    player = Player(
        Playbook(
            "asks",
            questions=(Question("has", options=("yes", "no")),),
            steps=(StepSpec("a", when=Is("has", ("no",))), StepSpec("b", needs=("a",), after=("a",))),
        )
    )
    player.do(MEI, e.Begin("OFB-1", player.pins, leaver=LIN, last_day=LAST_DAY))
    player.do(LIN, e.Reply("has", Answer(("yes",))))
    player.do(LIN, e.Reply("successor", Answer(("unknown",))))
    assert [(step.id, str(step.status)) for step in player.now.steps] == [("b", "open"), ("a", "not_needed")]
    assert player.do(LIN, e.Confirm(2)).refused == "is_not_needed"


LOGIN = Playbook(
    "login",
    holdings=(HoldingSpec("old", otherwise=Holder.LEAVER, group="login"), HoldingSpec("new", group="login")),
    invariants=(InvariantSpec("a_way_in", guards=("login",), of=("login",), held_by=Holder.COMPANY, at_least=1),),
    steps=(
        StepSpec("unbind", takes=("old",)),
        StepSpec("bind", owner=Owner.SUCCESSOR, gives=("new",), approvals=0),
        StepSpec("other", owner=Owner.ADMIN),
    ),
)
"""The author forgot that unbinding needs binding: the guard alone knows."""


def test_the_guard_keeps_a_step_closed_that_could_lock_the_company_out_though_nothing_is_needed_for_it() -> None:
    player = Player.running(LOGIN)
    assert player.statuses() == ["locked", "open", "open"]
    player.do(WEI, e.Confirm(2))
    assert player.statuses() == ["open", "done", "open"]


def test_what_was_given_is_not_undone_while_something_that_rests_on_it_is_open_claimed_or_done() -> None:
    player = Player.running(LOGIN)
    player.do(WEI, e.Confirm(2))
    assert player.do(WEI, e.Undo(2)).refused == "rests_on_it"
    player.do(LIN, e.Confirm(1))
    assert player.do(WEI, e.Undo(2)).refused == "rests_on_it"
    player.do(BO, e.Approve(1, looked=True))
    assert player.do(WEI, e.Undo(2)).refused == "rests_on_it"


def test_a_waived_give_opens_nothing_that_rests_on_it() -> None:
    player = Player.running(LOGIN)
    player.do(MEI, e.Waive(2, reason="accepted_risk"))
    assert player.step(1).status is StepStatus.LOCKED
    player.do(MEI, e.Confirm(3))
    player.do(BO, e.Approve(3, looked=True))
    assert player.now.is_open
    assert player.statuses() == ["locked", "waived", "done"]
