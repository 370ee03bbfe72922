"""Playbooks that lead to each other, and a player of them: nobody leaves, an admin asks for help."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core import events as e
from bot.core.case import Answer, Pin
from bot.playbook.model import HoldingSpec, Is, LeadSpec, Playbook, Question, StepSpec
from bot.playbook.pinned import Pinned
from tests.core.player import MEI, Player

ROUTER = Playbook(
    name="router",
    steps=(),
    questions=(Question("situation", options=("lost", "blocked", "other")),),
    leads_to=(
        LeadSpec("lost", Is("situation", ("lost",)), at="answers"),
        LeadSpec("blocked", Is("situation", ("blocked", "other")), at="answers"),
    ),
)
LOST = Playbook(
    name="lost",
    questions=(Question("account", kind="account_id", targets=True), Question("also", kind="many", options=("card",))),
    holdings=(HoldingSpec("sign_in"),),
    steps=(
        StepSpec("appeal", gives=("sign_in",), before_last_day=2),
        StepSpec("tidy", needs=("appeal",), when=Is("also", ("never",)), takes=("old",)),
    ),
    leads_to=(
        LeadSpec("card", Is("also", ("card",)), at="plan"),
        LeadSpec("after", needs=("appeal",)),
    ),
)
BLOCKED = Playbook(
    name="blocked",
    questions=(Question("account", kind="account_id", targets=True),),
    steps=(StepSpec("wait"), StepSpec("again", needs=("wait",))),
)
CARD = Playbook(
    name="card",
    questions=(Question("account", kind="account_id", targets=True), Question("who", options=("boss", "nobody"))),
    steps=(StepSpec("print", when=Is("who", ("boss",)), again_days=182),),
)
AFTER = Playbook(name="after", questions=(Question("more", options=("yes", "no")),), steps=(StepSpec("close_up"),))
ALL = {book.name: book for book in (ROUTER, LOST, BLOCKED, CARD, AFTER)}
ID = "100012345678"


class Rescue(Player):
    """Nobody leaves; an admin asks for help. Everybody knows the content `h1` of each playbook."""

    def __init__(self, books: Mapping[str, Playbook] = ALL, begins: str = "router") -> None:
        super().__init__(books[begins])
        self.playbooks = Pinned(
            {f"{name}-h1": book for name, book in books.items()},
            "en",
            {name: Pin(name, f"{name}-h1") for name in books},
        )

    @property
    def pins(self) -> tuple[Pin, ...]:
        return (Pin(self.playbook.name, f"{self.playbook.name}-h1"),)

    def begins(self, leaver: str = "") -> Rescue:
        assert not self.do(MEI, e.Begin("OFB-1", self.pins, leaver=leaver)).refused
        return self

    def says(self, question: str, *values: str, who: str = MEI) -> Rescue:
        assert self.now.asking is not None
        assert self.now.asking.question == question
        assert not self.do(who, e.Reply(question, Answer(values))).refused
        return self

    def asked(self) -> str:
        return self.now.asking.question if self.now.asking is not None else ""

    def names(self) -> list[str]:
        return [pin.name for pin in self.now.pins]

    def of(self, playbook: str) -> list[str]:
        return [f"{step.id} {step.status}" for step in self.now.steps if step.playbook == playbook]
