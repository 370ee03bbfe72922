"""Playbooks that are wrong on purpose, in one way each.

Each brings with it what the explorer has to say of it, worked out by hand, and the mend: one line changed, and it is
proven. The stories are the shortest there are; of equally short ones, the one that comes first in the plan.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from msgspec.structs import replace

from bot.core.case import Grade, Holder
from bot.playbook.model import HoldingSpec, InvariantSpec, Playbook

A_WAY_IN = InvariantSpec("a_way_in", guards=("login",), of=("login",), held_by=Holder.COMPANY, at_least=1)
WITNESSED_WAY_IN = replace(A_WAY_IN, grade=Grade.WITNESSED)
OLD = HoldingSpec("old", otherwise=Holder.LEAVER, group="login")
NEW = HoldingSpec("new", group="login")
NO_LONGER = "now at least one login held by the company can no longer be relied on (a_way_in)."


class Planted(NamedTuple):
    """`lines`: all that is said of `playbook`. `mended`: the same with one line changed."""

    playbook: Playbook
    lines: tuple[str, ...]
    mended: Playbook


def change(playbook: Playbook, step: str, **how: Any) -> Playbook:
    """The playbook with one line of one step changed."""
    steps = tuple(replace(spec, **how) if spec.id == step else spec for spec in playbook.steps)
    return replace(playbook, steps=steps)
