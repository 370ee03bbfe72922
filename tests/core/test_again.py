"""What is looked at again long after it was done; and what waits elsewhere without holding its owner up."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from bot.core import events as e
from bot.core.case import Owner
from bot.core.desk import Waiting, waits
from bot.core.effects import Nudge, Wake
from bot.playbook.model import Playbook, StepSpec
from tests.core.player import BO, LIN, MEI, SUN, WEI, Player

CARD = Playbook(
    name="card", steps=(StepSpec("print", owner=Owner.ADMIN, again_days=182), StepSpec("rest", owner=Owner.ADMIN))
)


def printed(playbook: Playbook = CARD) -> Player:
    player = Player.running(playbook)
    player.settle(1)
    return player


def closed() -> tuple[Player, Wake]:
    """The case is over; the timer for its card."""
    player = printed()
    timer = player.timer("again")
    player.settle(2)
    assert not player.now.is_open
    return player, timer


def fires(player: Player, timer: Wake) -> None:
    player.at = timer.at
    player.do("system", e.Woke(timer.about, timer.step, timer.revision))


def test_once_it_is_done_a_timer_comes_back_to_it_after_so_many_days() -> None:
    player = printed()
    timer = player.timer("again")
    assert timer.step == 1
    assert timer.at - player.at == timedelta(days=182)


def test_also_when_the_case_is_closed_the_admins_are_asked() -> None:
    player, timer = closed()
    fires(player, timer)
    assert player.nudged() == [(MEI, "again"), (BO, "again")]
    assert player.now.status == "closed"
    assert player.step(1).asked_again
    assert player.folded() == player.now


def test_the_question_stays_on_a_desk_until_it_is_answered() -> None:
    player, timer = closed()
    fires(player, timer)
    nudge = player.effects(Nudge)[0]
    item = Waiting(nudge.case, nudge.step, nudge.about, nudge.revision, since=player.at)
    assert waits(player.now, item)
    player.do(BO, e.Renew())
    assert not waits(player.now, item)
    assert not waits(player.now, replace(item, step=99))
    assert not waits(None, item)


def test_unanswered_it_is_asked_again_every_week() -> None:
    player, timer = closed()
    fires(player, timer)
    for _ in range(6):
        weekly = player.timer("again")
        assert weekly.at - player.at == timedelta(days=7)
        fires(player, weekly)
        assert {about for _, about in player.nudged()} == {"again"}


def test_the_answer_of_one_admin_puts_it_off_for_as_long_again() -> None:
    player, timer = closed()
    fires(player, timer)
    assert not player.do(BO, e.Renew()).refused
    assert player.kinds() == ["renewed"]
    assert (player.step(1).renewed_by, player.step(1).status) == (BO, "done")
    after = player.timer("again")
    assert after.at - player.at == timedelta(days=182)
    fires(player, timer)
    assert player.kinds() == [], "the old timer has nothing to say any more"
    fires(player, after)
    assert player.nudged() == [(MEI, "again"), (BO, "again")]


def test_it_may_be_looked_at_before_anybody_asks() -> None:
    player, _ = closed()
    assert not player.do(MEI, e.Renew()).refused
    assert player.kinds() == ["renewed"]


def test_nobody_but_an_admin_answers_and_nothing_changes() -> None:
    player, timer = closed()
    fires(player, timer)
    before = player.now
    assert [player.do(who, e.Renew()).refused for who in (LIN, WEI, SUN)] == ["own_case", "not_admin", "not_admin"]
    assert player.now == before


def test_where_nothing_is_looked_at_again_there_is_nothing_to_answer() -> None:
    player = Player.running()
    assert player.do(MEI, e.Renew()).refused == "not_asked"


def test_everything_else_stays_refused_once_the_case_is_closed() -> None:
    player, timer = closed()
    fires(player, timer)
    assert player.do(MEI, e.Confirm(1)).refused == "closed"
    assert player.do(MEI, e.Over()).refused == "closed"


def test_a_step_that_is_not_done_is_not_asked_about() -> None:
    player = Player.running(CARD)
    player.do(MEI, e.Waive(1, reason="not_ours"))
    assert [wake for wake in player.effects(Wake) if wake.about == "again"] == []
    assert player.do(MEI, e.Renew()).refused == "not_asked"


# ------------------------------------------------------------------ what waits elsewhere

ELSEWHERE = Playbook(
    name="elsewhere",
    steps=(
        StepSpec("review", waits=True),
        StepSpec("next"),
        StepSpec("last"),
        StepSpec("theirs", owner=Owner.SUCCESSOR),
    ),
)


def test_what_is_done_elsewhere_for_days_does_not_hold_its_owner_up() -> None:
    player = Player.running(ELSEWHERE)
    assert player.statuses() == ["open", "open", "locked", "open"]
    player.do(LIN, e.Confirm(2))
    assert player.statuses() == ["open", "claimed", "open", "open"]
    player.settle(1)
    assert player.statuses() == ["done", "claimed", "open", "open"]


def test_it_takes_its_turn_like_every_other_step() -> None:
    first, second, *rest = ELSEWHERE.steps
    player = Player.running(replace(ELSEWHERE, steps=(second, first, *rest)))
    assert player.statuses() == ["open", "locked", "locked", "open"]
    player.do(LIN, e.Confirm(1))
    assert player.statuses() == ["claimed", "open", "open", "open"]
