"""A playbook leads to others: instead of its plan, beside it, at its end; and back to where the way parted."""

from __future__ import annotations

import pytest

from bot.core import events as e
from bot.core import facts as f
from bot.core.case import UNKNOWN, Pin, StepStatus
from bot.core.effects import Ask, Say, Wake
from bot.core.guard import Guard
from bot.playbook.model import Always, Is, LeadSpec, Playbook, Question, StepSpec
from tests.core.player import BO, LAST_DAY, LIN, MEI, WEI
from tests.core.router import ALL, ID, Rescue


def lost(*also: str) -> Rescue:
    return Rescue().begins().says("situation", "lost").says("account", ID).says("also", *also)


# ------------------------------------------------------------------ instead


def test_where_nobody_leaves_no_last_day_is_asked_and_nothing_is_due() -> None:
    player = Rescue().begins()
    assert player.asked() == "situation"
    assert player.now.last_day is None
    player = lost()
    assert player.now.status == "running"
    assert [step.due for step in player.now.steps] == [None, None]


def test_the_answers_lead_to_another_playbook_which_is_pinned_and_asked() -> None:
    player = Rescue().begins().says("situation", "lost")
    assert player.kinds() == ["answered", "continued", "asked"]
    assert player.now.pins == (Pin("router", "router-h1"), Pin("lost", "lost-h1"))
    assert player.now.coming == ("lost",)
    assert player.now.forks == ("router",)
    assert [effect.view.question for effect in player.effects(Ask)] == ["account"]


def test_the_plan_is_that_of_the_playbook_that_was_led_to_alone() -> None:
    player = lost()
    assert {step.playbook for step in player.now.steps} == {"lost"}
    assert [step.number for step in player.now.steps] == [1, 2]
    assert player.now.coming == ()


def test_an_answer_that_is_not_known_takes_the_first_way_that_may_hold() -> None:
    assert Rescue().begins().says("situation", UNKNOWN).names() == ["router", "lost"]


def test_a_way_that_certainly_holds_goes_before_an_earlier_one_that_is_not_known() -> None:
    router = Playbook(
        name="router",
        steps=(),
        questions=(Question("a", options=("x", "y")), Question("b", options=("x", "y"))),
        leads_to=(LeadSpec("lost", Is("a", ("x",)), at="answers"), LeadSpec("blocked", Is("b", ("x",)), at="answers")),
    )
    player = Rescue({**ALL, "router": router}).begins().says("a", UNKNOWN).says("b", "x")
    assert player.names() == ["router", "blocked"]


def test_where_no_way_may_hold_the_playbook_has_its_own_plan() -> None:
    own = Playbook(
        name="own",
        steps=(StepSpec("mine"),),
        questions=(Question("situation", options=("lost", "none")),),
        leads_to=(LeadSpec("lost", Is("situation", ("lost",)), at="answers"),),
    )
    player = Rescue({**ALL, "own": own}, "own").begins().says("situation", "none")
    assert player.of("own") == ["mine open"]
    assert player.now.forks == ()


def test_with_a_leaver_the_last_day_comes_first_and_who_takes_over_comes_last() -> None:
    player = Rescue().begins(leaver=LIN)
    assert player.asked() == "last_day"
    player.says("last_day", LAST_DAY.isoformat()).says("situation", "blocked", who=LIN).says("account", ID, who=LIN)
    assert player.asked() == "successor"
    player.says("successor", WEI, who=LIN)
    assert player.of("blocked") == ["wait open", "again locked"]


def test_where_nobody_leaves_a_successor_is_wanted_only_for_steps_of_a_successor() -> None:
    assert "successor" not in lost().now.answers
    assert {wake.about for wake in lost().effects(Wake)} == {"do"}


# ------------------------------------------------------------------ back


def test_back_from_the_first_question_leads_to_the_question_that_led_there() -> None:
    player = Rescue().begins().says("situation", "lost")
    assert not player.do(MEI, e.Undo(0)).refused
    assert player.kinds() == ["unanswered", "returned", "asked"]
    assert player.asked() == "situation"
    assert (player.now.coming, player.now.forks) == (("router",), ())
    player.says("situation", "blocked").says("account", ID)
    assert {step.playbook for step in player.now.steps} == {"blocked"}


def test_another_situation_leads_another_way_and_what_is_done_stays() -> None:
    player = lost("card")
    player.says("who", "boss")
    player.settle(1)
    assert not player.do(BO, e.Over()).refused
    assert player.kinds() == ["unanswered", "returned", "asked"]
    assert player.asked() == "situation"
    assert player.of("lost") == ["appeal done", "tidy not_needed"]
    assert player.of("card") == ["print not_needed"]
    player.says("situation", "blocked")
    assert player.of("blocked") == ["wait open", "again locked"], "the account was known already"
    assert player.folded() == player.now
    player.settle(4, 5)
    assert player.now.outcome == "handed_over", "nothing of the way that was left follows"


def test_what_waits_for_a_decision_is_not_dropped() -> None:
    player = Rescue().begins().says("situation", "blocked").says("account", ID)
    player.do(MEI, e.Confirm(1))
    player.do(BO, e.Over())
    assert player.of("blocked") == ["wait claimed", "again not_needed"]


def test_a_way_that_is_taken_again_goes_on_from_what_was_done() -> None:
    player = Rescue().begins().says("situation", "blocked").says("account", ID)
    player.settle(1)
    player.do(MEI, e.Over())
    player.says("situation", "other")
    assert player.of("blocked") == ["wait done", "again not_needed", "again open"]
    assert player.step(3).needs == (1,)
    assert player.names() == ["router", "blocked"]
    player.settle(3)
    assert not player.now.is_open


def test_what_came_beside_a_way_that_was_left_comes_again_with_it() -> None:
    player = lost("card")
    player.says("who", "boss")
    player.do(MEI, e.Over())
    assert [*player.now.left] == ["lost", "card"]
    player.says("situation", "lost")
    assert player.of("card") == ["print not_needed", "print locked"], "nothing was asked twice"
    assert [*player.now.left] == []
    player.do(MEI, e.Over())
    player.says("situation", "blocked")
    assert [*player.now.left] == ["lost", "card"]
    assert player.folded() == player.now


def test_only_an_admin_says_that_it_is_another_situation_and_only_where_a_way_parted() -> None:
    player = Rescue().begins(leaver=LIN).says("last_day", LAST_DAY.isoformat()).says("situation", "lost", who=LIN)
    assert player.do(LIN, e.Over()).refused == "own_case"
    assert player.do(WEI, e.Over()).refused == "not_admin"
    assert player.now.coming == ("lost",)
    plain = Rescue(ALL, "blocked").begins()
    assert plain.do(MEI, e.Over()).refused == "no_other_way"


# ------------------------------------------------------------------ beside


def test_beside_a_plan_another_playbook_is_asked_while_steps_are_open() -> None:
    player = lost("card")
    assert player.kinds() == ["answered", "planned", "continued", "asked", "step_opened"]
    assert player.now.status == "running"
    assert player.asked() == "who", "the account was asked already"
    player.settle(1)
    assert player.now.is_open, "a question is open"
    player.says("who", "boss")
    assert player.of("card") == ["print open"]
    assert player.step(3).number == 3
    assert player.step(3).target == ID


def test_what_a_plan_rests_on_is_not_taken_back_from_beside_it() -> None:
    player = lost("card")
    assert player.do(MEI, e.Undo(0)).refused == "nothing_to_undo"
    assert player.asked() == "who"


def test_beside_counts_what_is_not_known() -> None:
    assert lost(UNKNOWN).names() == ["router", "lost", "card"]
    assert lost().names() == ["router", "lost"]


# ------------------------------------------------------------------ at the end


def test_when_everything_is_settled_and_what_it_needs_is_done_the_next_one_comes() -> None:
    player = lost()
    player.settle(1)
    assert player.kinds()[-2:] == ["continued", "asked"]
    assert player.asked() == "more"
    assert player.now.is_open
    player.says("more", "no")
    assert player.of("after") == ["close_up open"]
    player.settle(3)
    assert player.now.outcome == "handed_over"
    assert player.folded() == player.now


def test_without_what_it_needs_the_case_closes() -> None:
    player = lost()
    player.do(MEI, e.Waive(1, reason="cannot_be_done"))
    assert player.now.outcome == "left_undone"
    assert player.names() == ["router", "lost"]


def test_one_of_two_targets_is_enough() -> None:
    player = Rescue().begins().says("situation", "lost").says("account", ID, "100012345679").says("also")
    player.do(MEI, e.Waive(2, reason="cannot_be_done"))
    player.settle(1)
    assert player.asked() == "more"


def test_playbooks_that_lead_to_each_other_in_a_circle_come_once_each() -> None:
    here = Playbook(name="here", steps=(StepSpec("a"),), leads_to=(LeadSpec("there"),))
    there = Playbook(name="there", steps=(StepSpec("b"),), leads_to=(LeadSpec("here"), LeadSpec("there")))
    player = Rescue({"here": here, "there": there}, "here").begins()
    player.settle(1, 2)
    assert player.now.outcome == "handed_over"


def test_a_playbook_that_is_not_there_any_more_is_passed_over() -> None:
    player = Rescue({"here": Playbook(name="here", steps=(StepSpec("a"),), leads_to=(LeadSpec("gone"),))}, "here")
    player.begins()
    player.settle(1)
    assert not player.now.is_open


def test_while_the_plan_stands_nothing_is_looked_up_in_a_playbook() -> None:
    player = lost()
    assert [lead.to for lead in player.now.leads] == ["after"]


def test_a_leaver_sees_each_plan_as_a_message_of_its_own() -> None:
    two = {
        "here": Playbook(name="here", steps=(StepSpec("a"),), leads_to=(LeadSpec("there", Always(), at="plan"),)),
        "there": Playbook(name="there", questions=(Question("q", options=("x", "y")),), steps=(StepSpec("b"),)),
    }
    player = Rescue(two, "here").begins(leaver=LIN).says("last_day", LAST_DAY.isoformat())
    player.says("successor", WEI, who=LIN)
    first = {say.lane for say in player.effects(Say) if say.view.name == "status"}
    player.says("q", "x", who=LIN)
    second = {say.lane for say in player.effects(Say) if say.view.name == "status"}
    assert len(first | second) == 2


# ------------------------------------------------------------------ the guard over several plans


@pytest.mark.parametrize("also", [(), ("card",)])
def test_a_guard_of_one_target_finds_what_the_guard_of_the_case_finds(also: tuple[str, ...]) -> None:
    case = lost(*also).now
    for step in case.steps:
        assert Guard.of(case, step.target).may_open(case, step) == Guard.of(case).may_open(case, step)


def test_the_facts_of_a_way_tell_which_steps_are_dropped() -> None:
    player = lost("card")
    player.do(MEI, e.Over())
    (fact,) = [fact for fact in player.last.facts if isinstance(fact, f.Returned)]
    assert (fact.to, fact.left, fact.steps) == ("router", ("lost", "card"), (1,))
    assert player.step(1).status is StepStatus.NOT_NEEDED


def test_a_way_that_is_taken_again_and_plans_nothing_new_says_no_plan_twice() -> None:
    player = Rescue().begins(leaver=LIN)
    player.says("last_day", LAST_DAY.isoformat()).says("situation", "lost", who=LIN).says("account", ID, who=LIN)
    player.says("also", who=LIN).says("successor", WEI, who=LIN)
    plans = [say.lane for say in player.effects(Say) if "/plan/" in say.lane]
    assert len(plans) == 1
    assert not player.do(LIN, e.Confirm(1)).refused
    for _ in range(2):
        assert not player.do(MEI, e.Over()).refused
        player.says("situation", "lost", who=LIN)
        plans += [say.lane for say in player.effects(Say) if "/plan/" in say.lane]
    assert len(plans) == len(set(plans))
