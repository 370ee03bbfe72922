"""The chat that does what it is told: what people see on it, and each bad day it can have."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

from bot.core.effects import ADMINS
from bot.errors import Gone, Rejected, TryLater, Uncertain
from bot.playbook.card import Button, Card
from bot.ports import Chat, Message, Outgoing
from bot.runtime.scripted import Call, Outcome, ScriptedChat

T = TypeVar("T")
LIN = "slack:LIN"


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


def chat(**how: Any) -> ScriptedChat:
    return ScriptedChat("slack", lambda to: to.startswith("slack:") or to == ADMINS, **how)


def post(key: str = "k1", to: str = LIN, *, step: int = 1, **card: Any) -> Outgoing:
    return Outgoing(key, "OFB-1", to, Card("step", f"step {step}", f"step {step}", step=step, **card))


def test_it_is_a_chat() -> None:
    made: Chat = chat()
    assert made.name == "slack"
    assert made.serves(LIN)
    assert not made.serves("wecom:lin")


def test_people_see_what_was_said_with_its_redraws_in_place() -> None:
    made = chat()
    first = run(made.say(post("k1", step=1)))
    run(made.say(post("k2", step=2)))
    run(made.amend(first, post("k1", step=3)))
    assert [card.step for card in made.conversation(LIN)] == [3, 2]
    assert made.shown(LIN).step == 2
    assert [shown.redrawn for shown in made.messages(LIN)] == [1, 0]


def test_ids_are_the_same_every_time_and_a_case_has_a_thread_among_the_admins() -> None:
    made = chat()
    assert run(made.say(post("k1"))) == Message(LIN, "slack-1")
    assert run(made.say(post("k2", to=ADMINS))) == Message("admins/OFB-1", "slack-2")


def test_a_button_is_pressed_on_the_newest_card_that_offers_it() -> None:
    made = chat()
    run(made.say(post("k1", step=1, row=(Button("confirm", "Done", "old"),), more=(Button("stuck", "Stuck", "help"),))))
    run(made.say(post("k2", step=2, row=(Button("confirm", "Done", "new"), Button("approve", "OK", "ok", "looked")))))
    assert made.press(LIN, "confirm") == "new"
    assert made.press(LIN, "confirm", step=1) == "old"
    assert made.press(LIN, "stuck") == "help"
    assert made.press(LIN, "approve:looked") == "ok"


def test_a_button_that_nobody_offers_is_missed_with_what_is_offered_instead() -> None:
    made = chat()
    run(made.say(post(row=(Button("confirm", "Done", "v"),))))
    with pytest.raises(LookupError, match="offered no waive on slack, only confirm"):
        made.press(LIN, "waive")
    with pytest.raises(LookupError, match="sees nothing"):
        made.shown(ADMINS)


@pytest.mark.parametrize(
    ("outcome", "error", "shown"),
    [
        ("fail_before", TryLater, 0),
        ("rate_limited", TryLater, 0),
        ("effect_then_lost", Uncertain, 1),
        ("gone", Gone, 0),
        ("message_gone", Gone, 0),
        ("rejected", Rejected, 0),
        ("breaks", ZeroDivisionError, 0),
    ],
)
def test_a_bad_day_has_its_effect_and_its_error_and_is_over_after_one_call(
    outcome: str, error: type[Exception], shown: int
) -> None:
    made = chat()
    made.will(outcome, seconds=7)
    with pytest.raises(error) as raised:
        run(made.say(post()))
    assert len(made.conversation(LIN)) == shown
    if isinstance(raised.value, TryLater):
        assert raised.value.seconds == (7 if outcome == "rate_limited" else None)
    if isinstance(raised.value, Gone):
        assert raised.value.who == ("message" if outcome == "message_gone" else "person")
    run(made.say(post("k2")))
    assert len(made.conversation(LIN)) == shown + 1


def test_a_redraw_whose_answer_is_lost_was_drawn() -> None:
    made = chat()
    message = run(made.say(post()))
    made.will("effect_then_lost")
    with pytest.raises(Uncertain):
        run(made.amend(message, post(step=2)))
    assert made.shown(LIN).step == 2


def test_a_call_hangs_until_it_is_released_and_leaves_nothing_when_it_is_cut() -> None:
    made = chat()

    async def play() -> None:
        made.will("hang", times=2)
        cut = asyncio.create_task(made.say(post("k1")))
        kept = asyncio.create_task(made.say(post("k2")))
        await asyncio.sleep(0)
        cut.cancel()
        await asyncio.sleep(0)
        made.release()
        assert (await kept).id == "slack-1"

    run(play())
    assert [shown.key for shown in made.messages(LIN)] == ["k2"]


def test_what_is_scripted_for_a_method_or_a_person_waits_for_them() -> None:
    made = chat()
    made.will("rejected", method="amend")
    made.will("gone", to="slack:MEI")
    message = run(made.say(post()))
    with pytest.raises(Rejected):
        run(made.amend(message, post()))
    with pytest.raises(Gone):
        run(made.say(post("k2", to="slack:MEI")))


def test_a_platform_without_a_look_up_says_so() -> None:
    made = chat(looks_up=False)
    run(made.say(post()))
    with pytest.raises(Uncertain):
        run(made.find(post()))


def test_a_look_up_can_fail_without_saying_that_there_is_none() -> None:
    made = chat()
    made.will("effect_then_lost", method="find")
    with pytest.raises(TryLater):
        run(made.find(post()))
    assert run(made.find(post())) is None


def test_people_can_leave_and_come_back_and_messages_can_be_deleted() -> None:
    made = chat()
    message = run(made.say(post()))
    made.leave(LIN)
    with pytest.raises(Gone):
        run(made.amend(message, post()))
    made.come_back(LIN)
    made.erase(message)
    with pytest.raises(Gone) as raised:
        run(made.amend(message, post()))
    assert raised.value.who == "message"
    assert run(made.find(post())) is None


def test_every_call_is_noted_and_chance_may_decide_what_becomes_of_it() -> None:
    def otherwise(call: Call) -> Outcome:
        return Outcome.REJECTED if call.post.key == "k2" else Outcome.OK

    made = chat(otherwise=otherwise)
    run(made.say(post("k1")))
    with pytest.raises(Rejected):
        run(made.say(post("k2")))
    assert [(call.method, call.post.key) for call in made.calls] == [("say", "k1"), ("say", "k2")]
