"""Cards tell the truth: what a card shows is what the log says, also at the ends and turns of a case."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace

from msgspec.structs import replace

from bot.core import events as e
from bot.core.case import Answer, StepStatus
from bot.core.effects import ADMINS, Ask, Say, View
from bot.playbook import views
from bot.playbook.card import Card, Part
from bot.playbook.copy import load
from bot.playbook.views.scene import Scene
from bot.playbook.views.step import _as_told
from tests.core.player import LIN, MEI, SMALL, SUN, WEI, Player


def drawn(player: Player, post: Say | Ask) -> Card:
    """What this post shows now."""
    return views.draw(
        Scene(
            case=player.now,
            view=post.view,
            reader=post.to,
            copy=load("en"),
            zone="Asia/Shanghai",
            now=player.at,
            roster=player.roster,
            playbooks={"small": player.playbook},
            value=lambda subject, revision, verb: f"{subject}/{revision}/{verb}",
            unseal=lambda sealed: sealed.box,
            round=int(post.lane.split("/")[2]),
        )
    )


def last(player: Player, view: str, to: str = "") -> Say | Ask:
    """The post of this kind that the last event made."""
    posts = [effect for effect in player.last.effects if isinstance(effect, Say | Ask) and effect.view.name == view]
    return next(post for post in posts if not to or post.to == to)


def buttons(card: Card) -> list[str]:
    return [button.verb for button in (*card.row, *card.more)]


def test_a_step_that_was_handed_on_says_who_does_it_now_and_has_nothing_to_press() -> None:
    player = Player.running()
    first = last_step_card(player)
    player.do(MEI, e.Reassign(1, person=SUN))
    second = last(player, "step")
    assert SUN in drawn(player, first).notice
    assert buttons(drawn(player, first)) == []
    assert "confirm" in buttons(drawn(player, second))


def last_step_card(player: Player) -> Say:
    """The card of the step that is open."""
    return Say(f"OFB-1/step-1/0/{WEI}", WEI, View("step", step=1))


def test_a_card_of_an_earlier_round_says_that_a_newer_one_is_there() -> None:
    player = Player.running()
    first = last_step_card(player)
    assert "confirm" in buttons(drawn(player, first))
    player.do(WEI, e.Confirm(1))
    player.do(MEI, e.SendBack(1))
    assert buttons(drawn(player, first)) == []
    assert "out of date" in drawn(player, first).notice
    assert "confirm" in buttons(drawn(player, last(player, "step")))


def test_when_the_case_is_closed_no_card_of_it_has_anything_to_press() -> None:
    player = Player.running()
    step = last_step_card(player)
    player.do(WEI, e.Confirm(1))
    approval = last(player, "approval")
    assert buttons(drawn(player, approval)) == ["approve", "send_back"]
    player.do(MEI, e.Choose(SUN))
    offer = last(player, "offer")
    player.do(MEI, e.Stay())
    for post in (step, approval, offer):
        card = drawn(player, post)
        assert buttons(card) == [], post.lane
        assert card.notice, post.lane
    assert "they stay" in drawn(player, approval).notice


def test_a_question_and_a_proposal_that_the_end_overtook_say_so() -> None:
    player = Player()
    player.do(MEI, e.Begin("OFB-1", player.pins, leaver=LIN))
    question = last(player, "question")
    player.do(LIN, e.Choose(WEI))
    naming = last(player, "naming")
    assert "successor" in buttons(drawn(player, naming))
    player.do(MEI, e.Stay())
    assert "Closed" in drawn(player, question).notice
    assert (buttons(drawn(player, naming)), "Closed" in drawn(player, naming).notice) == ([], True)


def test_when_the_successor_declined_and_nobody_knows_another_the_admins_are_asked_to_name_one() -> None:
    player = Player.running()
    player.do(WEI, e.Decline())
    player.do(LIN, e.Reply("successor", Answer(("unknown",))))
    naming = drawn(player, last(player, "naming", ADMINS))
    assert "successor" in buttons(naming)
    case = drawn(player, Say("OFB-1/case/0/admins", ADMINS, View("case")))
    assert "Nobody is named as successor yet." in case.notice


def left_to_do(player: Player) -> str:
    """The first lines of the card of step 2, which only the leaver can do."""
    return drawn(player, Say(f"OFB-1/step-2/0/{LIN}", LIN, View("step", step=2))).lead


def at_the_leavers_step() -> Player:
    player = Player.running()
    player.do(WEI, e.Confirm(1, 0))
    player.do(MEI, e.Approve(1, 0, looked=True))
    step = replace(player.step(2), only_leaver=True, due=date(2026, 12, 2))
    player.case = replace(player.now, steps=(player.step(1), step, *player.now.steps[2:]))
    return player


def test_what_only_the_leaver_can_do_counts_down_in_working_days() -> None:
    player = at_the_leavers_step()
    player.at = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
    assert left_to_do(player) == "Only you can do this: 4 working days are left, until Fri 4 Dec 2026."
    player.at = datetime(2026, 12, 2, 3, 0, tzinfo=UTC)
    assert left_to_do(player) == "Only you can do this: 3 working days are left, until Fri 4 Dec 2026."


def test_what_is_late_says_what_to_do_now() -> None:
    player = at_the_leavers_step()
    player.at = datetime(2026, 12, 4, 3, 0, tzinfo=UTC)
    assert left_to_do(player) == (
        "This was planned for Wed 2 Dec 2026. Do it next: what comes after waits for it. "
        "Only you can do this: 1 working day is left, until Fri 4 Dec 2026."
    )


def test_after_the_last_day_the_slower_way_is_told() -> None:
    player = at_the_leavers_step()
    player.at = datetime(2026, 12, 5, 3, 0, tzinfo=UTC)
    assert left_to_do(player).startswith("Your last day is over. If you can still sign in, do it today.")


def card_of(player: Player, number: int, to: str = WEI) -> Card:
    return drawn(player, Say(f"OFB-1/step-{number}/0/{to}", to, View("step", step=number)))


def test_a_step_behind_what_is_not_needed_has_its_number_alone_for_no_total_would_agree_with_the_case() -> None:
    player = Player.running()
    assert card_of(player, 1).context.startswith("Step 1 of 3")
    case = drawn(player, Say("OFB-1/case/0/admins", ADMINS, View("case")))
    assert case.lead == "0 of 3 steps settled."
    gap = replace(player.step(2), status=StepStatus.NOT_NEEDED)
    player.case = replace(player.now, steps=(player.step(1), gap, *player.now.steps[2:]))
    assert card_of(player, 1).context.split(" · ")[0] == "Step 1"
    assert "0 of 2 steps" in drawn(player, Say("OFB-1/case/0/admins", ADMINS, View("case"))).lead


def test_an_alarm_names_the_extra_step_only_where_there_is_one() -> None:
    player = Player.running()
    player.do(LIN, e.Confirm(2))
    (part,) = drawn(player, last(player, "alarm", ADMINS)).parts
    assert part.lines[1:] == (
        "Steps that could make it worse are held.",
        "Do the extra step that was just sent first, while it is easy.",
    )
    player = Player.running(replace(SMALL, steps=SMALL.steps[:3]))
    player.do(LIN, e.Confirm(2))
    (part,) = drawn(player, last(player, "alarm", ADMINS)).parts
    assert part.lines[1:] == ("Steps that could make it worse are held.",)


def test_who_is_asked_again_for_a_successor_hears_why() -> None:
    player = Player.running()
    player.do(WEI, e.Decline())
    question = last(player, "question", LIN)
    assert "cannot take over, so it has to be somebody else. They do what" in drawn(player, question).lead
    player.do(LIN, e.Choose(SUN))
    assert drawn(player, question).lead == ""


def test_what_the_other_ones_card_says_is_a_quotation() -> None:
    part = Part(name="worked", label="", lines=("Under “Login methods”", "yours is gone."))
    told = _as_told(SimpleNamespace(copy=load("en")), part)  # type: ignore[arg-type]
    assert told.label == "What they were told to see"
    assert told.lines == ("“Under ‘Login methods’", "yours is gone.”")
