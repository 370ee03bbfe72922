"""Steps that are to help after an alarm, and do not."""

from __future__ import annotations

from bot.core.case import Grade, Holder
from bot.playbook.model import HoldingSpec, Playbook, StepSpec
from tests.playbook.wrong import NEW, OLD, WITNESSED_WAY_IN, Planted, change

BIND = StepSpec("bind", gives=("new",), demands=Grade.WITNESSED)
UNBIND = StepSpec("unbind", takes=("old",), needs=("bind",))
BACK = HoldingSpec("back", otherwise=Holder.NOBODY, group="login")
IDLE = "again recovers a_way_in, but it does not mend it once everything was taken."


def with_recovery(name: str, again: StepSpec) -> Playbook:
    return Playbook(name, (BIND, UNBIND, again), (), (OLD, NEW, BACK), (WITNESSED_WAY_IN,))


def a_recovery_that_gives_nothing() -> Planted:
    wrong = with_recovery(
        "a_recovery_that_gives_nothing", StepSpec("again", recovers="a_way_in", demands=Grade.WITNESSED)
    )
    return Planted(wrong, (IDLE,), change(wrong, "again", gives=("back",)))


def a_recovery_of_what_may_be_taken_after_it() -> Planted:
    """What was unbound too early is bound again; but the other step is still open, and may unbind it again."""
    again = StepSpec("again", recovers="a_way_in", gives=("old",), demands=Grade.WITNESSED)
    wrong = with_recovery("a_recovery_of_what_may_be_taken_after_it", again)
    return Planted(wrong, (IDLE,), change(wrong, "again", gives=("back",)))


def a_recovery_on_the_owners_word() -> Planted:
    wrong = with_recovery("a_recovery_on_the_owners_word", StepSpec("again", recovers="a_way_in", gives=("back",)))
    return Planted(wrong, (IDLE,), change(wrong, "again", demands=Grade.WITNESSED))


def a_recovery_of_nothing_that_there_is() -> Planted:
    again = StepSpec("again", recovers="a_way_out", gives=("back",), demands=Grade.WITNESSED)
    wrong = with_recovery("a_recovery_of_nothing_that_there_is", again)
    lines = ("again recovers a_way_out, but there is no such invariant.",)
    return Planted(wrong, lines, change(wrong, "again", recovers="a_way_in"))
