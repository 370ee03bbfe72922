"""Orders of steps that lock the company out, whatever is answered."""

from __future__ import annotations

from bot.core.case import Grade, Holder
from bot.playbook.model import HoldingSpec, InvariantSpec, Playbook, StepSpec
from tests.playbook.wrong import A_WAY_IN, NEW, NO_LONGER, OLD, WITNESSED_WAY_IN, Planted, change

BROKEN = "a_way_in can be broken:"
FIRST = HoldingSpec("first", otherwise=Holder.COMPANY, group="login")
SECOND = HoldingSpec("second", otherwise=Holder.COMPANY, group="login")
BIND = StepSpec("bind", gives=("new",))
UNBIND = StepSpec("unbind", takes=("old",), needs=("bind",))


def last_method_taken() -> Planted:
    wrong = Playbook("last_method_taken", (BIND, StepSpec("unbind", takes=("old",))), (), (OLD, NEW), (A_WAY_IN,))
    lines = (BROKEN, f"1. unbind is opened, although bind is not open yet: {NO_LONGER}")
    return Planted(wrong, lines, change(wrong, "unbind", needs=("bind",)))


def nothing_given_at_all() -> Planted:
    wrong = Playbook("nothing_given", (StepSpec("bind"), UNBIND), (), (OLD, NEW), (A_WAY_IN,))
    lines = (
        BROKEN,
        "1. bind is opened.",
        "2. bind is done, stated.",
        f"3. unbind is opened, although nothing gives login: {NO_LONGER}",
    )
    return Planted(wrong, lines, change(wrong, "bind", gives=("new",)))


def taken_on_the_owners_word() -> Planted:
    wrong = Playbook("taken_on_the_owners_word", (BIND, UNBIND), (), (OLD, NEW), (WITNESSED_WAY_IN,))
    lines = (
        BROKEN,
        "1. bind is opened.",
        "2. bind is done, stated.",
        "3. unbind is opened, although bind is only stated: now at least one login held by the company, witnessed, "
        "can no longer be relied on (a_way_in).",
    )
    return Planted(wrong, lines, change(wrong, "bind", demands=Grade.WITNESSED))


def taken_on_the_owners_word_after_a_look() -> Planted:
    """Between the give and the take stands a step that moves nothing, and that another step only comes after."""
    wrong = Playbook(
        "taken_on_the_owners_word_after_a_look",
        (
            BIND,
            StepSpec("look", needs=("bind",)),
            StepSpec("bind_too", gives=("first",), after=("look",), demands=Grade.WITNESSED),
            StepSpec("unbind", takes=("old",), needs=("look",)),
        ),
        (),
        (OLD, NEW, FIRST),
        (WITNESSED_WAY_IN,),
    )
    lines = (
        BROKEN,
        "1. bind is opened.",
        "2. bind is done, stated.",
        "3. look is opened.",
        "4. look is done, stated.",
        "5. unbind is opened, although bind is only stated and bind_too is not open yet: now at least one login held "
        "by the company, witnessed, can no longer be relied on (a_way_in).",
    )
    return Planted(wrong, lines, change(wrong, "bind", demands=Grade.WITNESSED))


def two_takes_harmless_alone() -> Planted:
    takes = (StepSpec("drop_first", takes=("first",)), StepSpec("drop_second", takes=("second",)))
    wrong = Playbook("two_takes_harmless_alone", (BIND, *takes), (), (FIRST, SECOND, NEW), (A_WAY_IN,))
    lines = (
        BROKEN,
        "1. drop_first is opened.",
        f"2. drop_second is opened, although bind is not open yet and drop_first may have taken first: {NO_LONGER}",
    )
    return Planted(wrong, lines, change(wrong, "drop_second", needs=("bind",)))


def a_waiver_where_a_need_was_meant() -> Planted:
    wrong = Playbook(
        "a_waiver_where_a_need_was_meant",
        (BIND, StepSpec("unbind", takes=("old",), after=("bind",))),
        (),
        (OLD, NEW),
        (A_WAY_IN,),
    )
    lines = (BROKEN, "1. bind is waived.", f"2. unbind is opened, although bind was waived: {NO_LONGER}")
    return Planted(wrong, lines, change(wrong, "unbind", after=(), needs=("bind",)))


def a_waiver_in_the_middle_of_a_replacement() -> Planted:
    """Waived before it is opened it does no harm; waived while it is open, the first method may be gone."""
    wrong = Playbook(
        "a_waiver_in_the_middle_of_a_replacement",
        (
            StepSpec("replace_first", takes=("first",), gives=("first",)),
            StepSpec("replace_second", takes=("second",), gives=("second",), after=("replace_first",)),
        ),
        (),
        (FIRST, SECOND),
        (A_WAY_IN,),
    )
    lines = (
        BROKEN,
        "1. replace_first is opened.",
        "2. replace_first is waived.",
        f"3. replace_second is opened, although replace_first was waived: {NO_LONGER}",
    )
    return Planted(wrong, lines, change(wrong, "replace_second", after=(), needs=("replace_first",)))


def a_replacement_of_the_only_method() -> Planted:
    wrong = Playbook(
        "a_replacement_of_the_only_method",
        (BIND, StepSpec("replace", takes=("first",), gives=("first",))),
        (),
        (FIRST, NEW),
        (A_WAY_IN,),
    )
    lines = (BROKEN, f"1. replace is opened, although bind is not open yet: {NO_LONGER}")
    return Planted(wrong, lines, change(wrong, "replace", needs=("bind",)))


def given_and_taken_back() -> Planted:
    tidy_up = StepSpec("tidy_up", takes=("new",), needs=("unbind",))
    wrong = Playbook("given_and_taken_back", (BIND, UNBIND, tidy_up), (), (OLD, NEW), (A_WAY_IN,))
    lines = (
        BROKEN,
        "1. bind is opened.",
        "2. bind is done, stated.",
        "3. unbind is opened.",
        "4. unbind is done, stated.",
        f"5. tidy_up is opened, although unbind may have taken old: {NO_LONGER}",
    )
    return Planted(wrong, lines, change(wrong, "tidy_up", takes=()))


def the_wrong_step_is_needed() -> Planted:
    """A need that protects nothing costs two moves and saves nobody."""
    steps = (StepSpec("tell_finance"), BIND, StepSpec("unbind", takes=("old",), needs=("tell_finance",)))
    wrong = Playbook("the_wrong_step_is_needed", steps, (), (OLD, NEW), (A_WAY_IN,))
    lines = (
        BROKEN,
        "1. tell_finance is opened.",
        "2. tell_finance is done, stated.",
        f"3. unbind is opened, although bind is not open yet: {NO_LONGER}",
    )
    return Planted(wrong, lines, change(wrong, "unbind", needs=("tell_finance", "bind")))


def protection_removed_before_it_is_repointed() -> Planted:
    wrong = Playbook(
        "protection_removed_before_it_is_repointed",
        (StepSpec("repoint", gives=("protection",)), StepSpec("unbind_phone", takes=("phone",))),
        (),
        (HoldingSpec("protection", otherwise=Holder.LEAVER), HoldingSpec("phone", otherwise=Holder.LEAVER)),
        (InvariantSpec("protection_first", ("phone",), ("protection",), held_by=Holder.LEAVER, at_most=0),),
    )
    lines = (
        "protection_first can be broken:",
        "1. unbind_phone is opened, although repoint is not open yet: now a protection may be held by the leaver "
        "(protection_first).",
    )
    return Planted(wrong, lines, change(wrong, "unbind_phone", needs=("repoint",)))


def deleted_without_a_soak() -> Planted:
    wrong = Playbook(
        "deleted_without_a_soak",
        (
            StepSpec("disable", disables=("keys",), demands=Grade.WITNESSED),
            StepSpec("delete", destroys=("keys",), needs=("disable",)),
        ),
        holdings=(HoldingSpec("keys", otherwise=Holder.LEAVER),),
    )
    lines = (
        "soak_first can be broken:",
        "1. disable is opened.",
        "2. disable is done, witnessed.",
        "3. delete is opened, although disable does not soak: now keys may not have soaked first (soak_first).",
    )
    return Planted(wrong, lines, change(wrong, "disable", soak_hours=72))


def another_key_is_disabled() -> Planted:
    wrong = Playbook(
        "another_key_is_disabled",
        (
            StepSpec("disable", disables=("old_key",), soak_hours=72),
            StepSpec("delete", destroys=("key",), needs=("disable",)),
        ),
        holdings=(HoldingSpec("old_key", otherwise=Holder.LEAVER), HoldingSpec("key", otherwise=Holder.LEAVER)),
    )
    lines = (
        "soak_first can be broken:",
        "1. disable is opened.",
        "2. disable is done, stated.",
        "3. delete is opened, although nothing disables key: now key may not have soaked first (soak_first).",
    )
    return Planted(wrong, lines, change(wrong, "disable", disables=("key",)))


def deleted_while_it_may_still_soak() -> Planted:
    wrong = Playbook(
        "deleted_while_it_may_still_soak",
        (StepSpec("disable", disables=("keys",), soak_hours=72), StepSpec("delete", destroys=("keys",))),
        holdings=(HoldingSpec("keys", otherwise=Holder.LEAVER),),
    )
    lines = (
        "soak_first can be broken:",
        "1. delete is opened, although disable is not open yet: now keys may not have soaked first (soak_first).",
    )
    return Planted(wrong, lines, change(wrong, "delete", needs=("disable",)))


def two_invariants_two_stories() -> Planted:
    """Each invariant has its own shortest story, and the shortest of all is told first."""
    wrong = Playbook(
        "two_invariants_two_stories",
        (
            StepSpec("look"),
            StepSpec("repoint", gives=("protection",)),
            BIND,
            StepSpec("unbind", takes=("old",), needs=("look",), after=("bind",)),
        ),
        (),
        (OLD, NEW, HoldingSpec("protection", otherwise=Holder.LEAVER)),
        (
            A_WAY_IN,
            InvariantSpec("protection_first", ("old",), ("protection",), held_by=Holder.LEAVER, at_most=0),
        ),
    )
    lines = (
        BROKEN,
        "1. look is opened.",
        "2. look is done, stated.",
        "3. bind is waived.",
        f"4. unbind is opened, although bind was waived: {NO_LONGER}",
        "protection_first can be broken:",
        "1. look is opened.",
        "2. look is done, stated.",
        "3. bind is waived.",
        "4. unbind is opened, although repoint is not open yet: now a protection may be held by the leaver "
        "(protection_first).",
    )
    return Planted(wrong, lines, change(wrong, "unbind", needs=("look", "bind", "repoint"), after=()))
