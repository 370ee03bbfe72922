"""Small playbooks made by chance: owners, needs, orders, gives and takes, demands, approvals, soaks, recoveries.

They are sane in the ways that the linter insists on (needs point backwards, a step that demands to be witnessed is
approved) and wild in the others: they may lock anybody out, and often cannot end.
"""

from __future__ import annotations

from msgspec.structs import replace

from bot.core.case import Grade, Holder, Owner
from bot.playbook.model import HoldingSpec, InvariantSpec, Is, LeadSpec, Playbook, Question, StepSpec
from tests.properties.walks import Dice

HOLDINGS = ("old", "new", "keys")
NAMES = ("one", "two", "three", "four", "five")


def wild(number: int, name: str = "wild") -> Playbook:
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
        name=name,
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
        waits=dice.roll(4) == 0,
        again_days=dice.pick((0, 0, 30)),
    )


def family(number: int) -> dict[str, Playbook]:
    """A router, two playbooks that it may lead to, one that comes beside the first of them and one that comes after it.

    Each has holdings and invariants of its own, as the linter demands.
    """
    dice = Dice(number)
    away, other, beside, after = (_own(wild(dice.roll(2**120), name)) for name in ("away", "other", "beside", "after"))
    away = replace(
        away,
        leads_to=(
            LeadSpec("beside", Is("has", ("keys",)), at="plan"),
            LeadSpec("after", needs=(NAMES[dice.roll(len(away.steps))],) if dice.roll(2) else ()),
        ),
    )
    router = Playbook(
        name="router",
        steps=(),
        questions=(Question("way", options=("away", "other")), Question("sure", options=("yes", "no"))),
        leads_to=(
            LeadSpec("away", Is("way", ("away",)), at="answers"),
            LeadSpec("other", Is("way", ("other",)), at="answers"),
        ),
    )
    return {one.name: one for one in (router, away, other, beside, after)}


def _own(playbook: Playbook) -> Playbook:
    """The same with the name of the playbook in front of every holding, group and invariant."""

    def mine(words: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(f"{playbook.name}_{word}" for word in words)

    return replace(
        playbook,
        holdings=tuple(
            replace(one, id=mine((one.id,))[0], group=mine((one.group,))[0] if one.group else "")
            for one in playbook.holdings
        ),
        invariants=tuple(
            replace(one, id=mine((one.id,))[0], guards=mine(one.guards), of=mine(one.of)) for one in playbook.invariants
        ),
        steps=tuple(
            replace(
                one,
                gives=mine(one.gives),
                takes=mine(one.takes),
                disables=mine(one.disables),
                destroys=mine(one.destroys),
                recovers=mine((one.recovers,))[0] if one.recovers else "",
            )
            for one in playbook.steps
        ),
    )
