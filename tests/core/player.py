"""Plays a case through the pure machine: feeds events to `decide`, keeps the log, and moves the hands of the clock.

    player = Player.running()          # agreed, answered, planned, the successor has accepted
    player.do(WEI, e.Confirm(1))
    player.step(1).status              # StepStatus.CLAIMED

Everything is a frozen value, so the way to a running case is played once and shared by all tests.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from bot.core import events as e
from bot.core import facts as f
from bot.core.case import SYSTEM, Answer, Case, Grade, Holder, Owner, Pin, Step
from bot.core.decide import Decision, decide
from bot.core.effects import Nudge, Tell, Wake
from bot.core.fold import fold_all
from bot.playbook.model import HoldingSpec, InvariantSpec, Is, Playbook, Question, StepSpec
from bot.playbook.pinned import Pinned

LIN = "demo:lin"
"""Leaves."""
WEI = "demo:wei"
"""Takes over."""
YAO = "demo:yao"
"""Takes over when Wei cannot."""
MEI, BO = "demo:mei", "demo:bo"
"""Admins."""
HR = "demo:hr"
"""The second approver."""
OWNER = "demo:owner"
"""Answers for the process."""
OPS = "operator:ops"
SUN = "demo:sun"
"""A colleague with no part in it."""

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
"""A Tuesday, 9 in the morning in Shanghai."""
LAST_DAY = date(2026, 12, 4)
"""A Friday."""

T = TypeVar("T")


class Weekdays:
    """Monday to Friday, but for the days off."""

    def __init__(self, *off: date) -> None:
        self.off = frozenset(off)

    def is_working(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self.off


WEEKDAYS = Weekdays()

SMALL = Playbook(
    name="small",
    questions=(Question("has", kind="many", options=("wechat", "phone")),),
    holdings=(
        HoldingSpec("login_wechat", leaver_when=Is("has", ("wechat",)), group="login"),
        HoldingSpec("login_new", group="login"),
        HoldingSpec("login_back", group="login"),
    ),
    invariants=(
        InvariantSpec(
            "a_way_in", guards=("login",), of=("login",), held_by=Holder.COMPANY, at_least=1, grade=Grade.WITNESSED
        ),
    ),
    steps=(
        StepSpec("bind", owner=Owner.SUCCESSOR, gives=("login_new",), demands=Grade.WITNESSED, before_last_day=5),
        StepSpec(
            "unbind",
            when=Is("has", ("wechat",)),
            needs=("bind",),
            takes=("login_wechat",),
            only_leaver=True,
            before_last_day=2,
        ),
        StepSpec("rest", owner=Owner.SUCCESSOR, after=("unbind",), approvals=2, soak_hours=24, disables=("keys",)),
        StepSpec("again", recovers="a_way_in", gives=("login_back",), patience_hours=4),
    ),
)
"""Bind before you unbind, then something that rests: the smallest playbook with everything in it."""


class Player:
    def __init__(
        self,
        playbook: Playbook = SMALL,
        *,
        admins: tuple[str, ...] = (MEI, BO),
        seconds: tuple[str, ...] = (HR,),
        workdays: e.Workdays = WEEKDAYS,
    ) -> None:
        self.playbook = playbook
        self.playbooks = Pinned({"h": playbook}, "en")
        self.roster = e.Roster(admins=admins, second_approvers=seconds, owner=OWNER)
        self.workdays = workdays
        self.case: Case | None = None
        self.log: list[f.Fact] = []
        self.at = START
        self.last = Decision(None, (), ())

    # ------------------------------------------------------------------ where a case stands

    @classmethod
    def running(cls, playbook: Playbook = SMALL, **company: tuple[str, ...]) -> Player:
        """The leaver began, an admin agreed, the leaver answered and proposed, the successor accepted."""
        player = cls(playbook, **company)  # type: ignore[arg-type]
        _, player.case, log, player.at = _running(playbook, player.roster)
        player.log = [*log]
        return player

    @classmethod
    def absent(cls, playbook: Playbook = SMALL, **company: tuple[str, ...]) -> Player:
        """Somebody has already gone: an admin opened the case, the admins answered for them."""
        player = cls(playbook, **company)  # type: ignore[arg-type]
        player.do(MEI, e.Begin(ref="OFB-1", pins=player.pins, last_day=LAST_DAY))
        player.answer_all(MEI)
        player.do(MEI, e.Reply("successor", Answer((WEI,))))
        player.do(WEI, e.Accept())
        return player

    def answer_all(self, who: str) -> None:
        """The playbook's own questions, each with everything that it offers."""
        while (asking := self.now.asking) is not None and self.playbook.question(asking.question) is not None:
            options = asking.options if asking.kind == "many" else asking.options[:1]
            assert not self.do(who, e.Reply(asking.question, Answer(options))).refused

    # ------------------------------------------------------------------ what happens

    def do(self, person: str, what: e.What, *, actor: e.Actor | None = None) -> Decision:
        """A minute later this person does this."""
        self.at += timedelta(minutes=1)
        event = e.Event(
            at=self.at, by=actor or self.actor(person), what=what, roster=self.roster, workdays=self.workdays
        )
        self.last = decide(self.case, event, self.playbooks)
        if not self.last.refused:
            self.case = self.last.case
            self.log += self.last.facts
        return self.last

    def wake(self, about: str, step: int = 0, *, after: timedelta = timedelta(0)) -> Decision:
        """The timer that the case has for this is due."""
        self.at += after
        revision = self.step(step).revision if step else self.timer(about).revision
        return self.do(SYSTEM, e.Woke(about, step, revision))

    def actor(self, person: str) -> e.Actor:
        return e.Actor(
            person,
            admin=person in self.roster.admins,
            second_approver=person in self.roster.second_approvers,
            operator=person.startswith("operator:"),
            via=person.partition(":")[0],
        )

    def settle(self, *numbers: int) -> None:
        """Each of these steps is confirmed by whoever does it, approved as often as it needs, and rests."""
        for number in numbers:
            step = self.step(number)
            self.do(step.person or MEI, e.Confirm(number))
            for by in (admin for admin in self.roster.admins if admin != step.person):
                if self.step(number).status == "claimed":
                    self.do(by, e.Approve(number, looked=True))
            if self.step(number).status == "soaking":
                self.wake("soak", number, after=timedelta(hours=step.soak_hours))
            assert self.step(number).finished, self.last

    # ------------------------------------------------------------------ what can be seen

    @property
    def pins(self) -> tuple[Pin, ...]:
        return (Pin(self.playbook.name, "h"),)

    @property
    def now(self) -> Case:
        assert self.case is not None
        return self.case

    def step(self, number: int) -> Step:
        found = self.now.step(number)
        assert found is not None
        return found

    def statuses(self) -> list[str]:
        return [str(step.status) for step in self.now.steps]

    def kinds(self) -> list[str]:
        """What the last event left in the log."""
        return kinds(self.last.facts)

    def effects(self, kind: type[T]) -> list[T]:
        """The effects of this kind that the last event had."""
        return [effect for effect in self.last.effects if isinstance(effect, kind)]

    def nudged(self) -> list[tuple[str, str]]:
        """Whom the last event reminds of what."""
        return [(nudge.to, nudge.about) for nudge in self.effects(Nudge)]

    def told(self) -> str:
        """The code of the private answer to the last event."""
        (tell,) = self.effects(Tell)
        return tell.view.code

    def timer(self, about: str) -> Wake:
        """The timer of this kind that the last event set."""
        (found,) = [wake for wake in self.effects(Wake) if wake.about == about]
        return found

    def folded(self) -> Case | None:
        return fold_all(self.log)


def kinds(facts: Iterable[f.Fact]) -> list[str]:
    return [str(fact.__struct_config__.tag) for fact in facts]


Played = tuple[Playbook, Case, tuple[f.Fact, ...], datetime]
_played: dict[tuple[int, e.Roster], Played] = {}


def _running(playbook: Playbook, roster: e.Roster) -> Played:
    """Played once per playbook and company; the playbook is kept, so that its id stays its own."""
    key = (id(playbook), roster)
    if key not in _played:
        player = Player(playbook, admins=roster.admins, seconds=roster.second_approvers)
        player.do(LIN, e.Begin(ref="OFB-1", pins=player.pins, leaver=LIN))
        player.do(MEI, e.Start())
        player.do(MEI, e.Reply("last_day", Answer((LAST_DAY.isoformat(),))))
        player.answer_all(LIN)
        player.do(LIN, e.Reply("successor", Answer((WEI,))))
        player.do(MEI, e.Choose(WEI))
        player.do(WEI, e.Accept())
        assert player.now.status == "running"
        _played[key] = (playbook, player.now, tuple(player.log), player.at)
    return _played[key]
