"""What the pure machine costs for one click on a plan of 12 steps: judge, fold, and say what is to be shown.

The floor is reading such a case from its bytes, which every click needs anyway.

    python -m tests.bench.core_bench
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter

from bot.core import events as e
from bot.core.case import StepStatus
from bot.core.decide import decide
from bot.core.fold import fold_all
from bot.core.route import OpenStep, Situation, route
from bot.runtime import codec
from tests.core.player import LIN, MEI, WEI, Player
from tests.golden.histories import UNKNOWN_ALL, Story

ROUNDS = 25
TURNS = 40


def microseconds(work: Callable[[], object]) -> float:
    """The median of many short rounds: what disturbs one of them does not count."""
    taken = []
    for _ in range(ROUNDS):
        start = perf_counter()
        for _ in range(TURNS):
            work()
        taken.append((perf_counter() - start) / TURNS)
    return median(taken) * 1e6


def deciding(player: Player, person: str, what: e.What, *, opens: int = 0, refused: str = "") -> Callable[[], object]:
    """One event on the case as it stands; what comes of it is looked at once."""
    event = e.Event(player.at, player.actor(person), what, player.roster, player.workdays)
    found = decide(player.now, event, player.playbooks)
    assert found.refused == refused
    assert found.case is not None
    assert not opens or found.case.steps[opens - 1].status is StepStatus.OPEN
    return lambda: decide(player.now, event, player.playbooks)


def stories() -> tuple[Story, Story, Story]:
    """The same case three times: step 1 to be confirmed; to be approved; and step 2 to be approved."""
    found = []
    for until in ("open", "claimed", "second"):
        story = Story()
        story.begins(UNKNOWN_ALL)
        if until != "open":
            story.confirms("bind_successor")
        if until == "second":
            story.approved("bind_successor")
            story.confirms("move_protection")
        found.append(story)
    return found[0], found[1], found[2]


def rows() -> list[str]:
    """One line per figure, for people."""
    opened, claimed, second = stories()
    assert sum(step.status is not StepStatus.NOT_NEEDED for step in opened.now.steps) >= 12, "a case of some size"
    state, log = codec.encode(opened.now), tuple(second.log)
    floor = microseconds(lambda: codec.case(state))
    typed = Situation(steps=(OpenStep("OFB-1", 1, "Bind", StepStatus.OPEN, mine=True),), cases=("OFB-1",))
    works = {
        "core   confirm": deciding(opened, WEI, e.Confirm(1)),
        "core   approve, the next step opens": deciding(claimed, MEI, e.Approve(1, looked=True), opens=2),
        "core   approve, the guard lets one open": deciding(second, MEI, e.Approve(2, looked=True), opens=3),
        "core   a refusal": deciding(claimed, LIN, e.Approve(1, looked=True), refused="own_case"),
        "core   fold a history, per fact": lambda: fold_all(log),
        "core   what a typed word means": lambda: route("done 1", typed),
    }
    found = [f"core   read a case of 12 steps              {floor:8.0f} µs   (the floor)"]
    for name, work in works.items():
        taken = microseconds(work) / (len(log) if "per fact" in name else 1)
        found.append(f"{name:<43} {taken:8.0f} µs   {taken / floor:5.2f} x the floor")
    return found


if __name__ == "__main__":
    sys.stdout.write("\n".join(rows()) + "\n")
