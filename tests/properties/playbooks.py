"""Small playbooks made by chance: owners, needs, orders, gives and takes, demands, approvals, soaks, recoveries.

They are sane in the ways that the linter insists on (needs point backwards, a step that demands to be witnessed is
approved) and wild in the others: they may lock anybody out, and often cannot end.
"""

from __future__ import annotations

from bot.core.case import Grade, Holder, Owner
from bot.playbook.model import HoldingSpec, InvariantSpec, Is, Playbook, Question, StepSpec
from tests.properties.walks import Dice

HOLDINGS = ("old", "new", "keys")
NAMES = ("one", "two", "three", "four", "five")


def wild(number: int) -> Playbook:
    """The playbook with this number."""
    dice = Dice(number)
    asks: tuple[Question, ...] = (Question("has", kind="many", options=("old", "keys")),)
    if dice.roll(3) == 0:
        asks = (Question("account", kind="account_id", targets=True), *asks)
    steps = tuple(_step(dice, place) for place in range(2 + dice.roll(4)))
    if dice.roll(2):
        steps = (
            *steps,
            StepSpec("again", owner=dice.pick(tuple(Owner)), recovers="a_way_in", gives=("new",), patience_hours=4),
        )
    return Playbook(
        name="wild",
        questions=asks,
        holdings=(
            HoldingSpec("old", leaver_when=Is("has", ("old",)), group="login"),
            HoldingSpec("new", group="login", otherwise=dice.pick((Holder.NOBODY, Holder.NOBODY, Holder.COMPANY))),
            HoldingSpec("keys", leaver_when=Is("has", ("keys",))),
        ),
        invariants=(
            InvariantSpec(
                "a_way_in",
                guards=("login",),
                of=("login",),
                held_by=Holder.COMPANY,
                at_least=1,
                grade=dice.pick((Grade.STATED, Grade.WITNESSED)),
            ),
            InvariantSpec("not_his", guards=("old",), of=("keys",), held_by=Holder.LEAVER, at_most=0),
        )[: 1 + dice.roll(2)],
        steps=steps,
    )


def _step(dice: Dice, place: int) -> StepSpec:
    earlier = NAMES[:place]
    approvals = dice.pick((0, 1, 1, 2))
    acts = dice.roll(6)
    return StepSpec(
        NAMES[place],
        owner=dice.pick((Owner.LEAVER, Owner.LEAVER, Owner.SUCCESSOR, Owner.ADMIN)),
        when=Is("has", ("old",)) if dice.roll(5) == 0 else StepSpec("x").when,
        needs=tuple(name for name in earlier if dice.roll(3) == 0),
        after=tuple(name for name in earlier if dice.roll(5) == 0),
        gives=(dice.pick(HOLDINGS),) if acts in (0, 1) else (),
        takes=(dice.pick(HOLDINGS),) if acts in (2, 3, 1) else (),
        disables=("keys",) if acts == 4 else (),
        destroys=("keys",) if acts == 5 else (),
        demands=Grade.WITNESSED if approvals and dice.roll(2) else Grade.STATED,
        approvals=approvals,
        soak_hours=dice.pick((0, 0, 0, 24)),
        patience_hours=dice.pick((4, 24)),
        before_last_day=dice.pick((-1, 2)),
    )
