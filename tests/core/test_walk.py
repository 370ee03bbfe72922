"""A whole handover through the pure machine, by hand: the shortest story that touches every part."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from bot.core import events as e
from bot.core.case import Answer, Case, CaseStatus, Grade, Holder, Owner, Pin, StepStatus
from bot.core.decide import Decision, decide
from bot.core.effects import Say
from bot.core.fold import fold_all
from bot.playbook.model import HoldingSpec, InvariantSpec, Is, Playbook, Question, StepSpec
from bot.playbook.pinned import Pinned

LIN, MEI, WEI, HR = "demo:lin", "demo:mei", "demo:wei", "demo:hr"
START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


class EveryDay:
    def is_working(self, day: date) -> bool:
        return day.weekday() < 5


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
        StepSpec("bind", owner=Owner.SUCCESSOR, gives=("login_new",), demands=Grade.WITNESSED),
        StepSpec("unbind", when=Is("has", ("wechat",)), needs=("bind",), takes=("login_wechat",), only_leaver=True),
        StepSpec("rest", owner=Owner.SUCCESSOR, after=("unbind",), approvals=2, soak_hours=24, disables=("keys",)),
        StepSpec("again", recovers="a_way_in", gives=("login_back",)),
    ),
)


class Player:
    """Feeds events to `decide` and keeps the log."""

    def __init__(self, playbook: Playbook = SMALL) -> None:
        self.playbooks = Pinned({"h": playbook}, "en")
        self.roster = e.Roster(admins=(MEI,), second_approvers=(HR,))
        self.case: Case | None = None
        self.log: list[object] = []
        self.at = START
        self.last = Decision(None, (), ())

    def actor(self, person: str) -> e.Actor:
        return e.Actor(
            person,
            admin=person in self.roster.admins,
            second_approver=person in self.roster.second_approvers,
            via="demo",
        )

    def do(self, person: str, what: e.What) -> Decision:
        self.at += timedelta(minutes=1)
        event = e.Event(at=self.at, by=self.actor(person), what=what, roster=self.roster, workdays=EveryDay())
        self.last = decide(self.case, event, self.playbooks)
        if not self.last.refused:
            self.case = self.last.case
            self.log += self.last.facts
        return self.last

    def now(self) -> Case:
        assert self.case is not None
        return self.case

    def to_running(self, has: tuple[str, ...] = ("wechat",)) -> None:
        self.do(LIN, e.Begin(ref="OFB-1", pins=(Pin("small", "h"),), leaver=LIN))
        self.do(MEI, e.Start())
        self.do(MEI, e.Reply("last_day", Answer(("2026-12-04",))))
        self.do(LIN, e.Reply("has", Answer(has)))
        self.do(LIN, e.Reply("successor", Answer((WEI,))))
        self.do(MEI, e.Choose(WEI))
        self.do(WEI, e.Accept())


def test_a_whole_handover_ends_closed_and_the_log_folds_to_the_case() -> None:
    player = Player()
    player.to_running()
    case = player.now()
    assert [step.status for step in case.steps] == ["open", "locked", "locked", "not_needed"]
    player.do(WEI, e.Confirm(1))
    assert player.do(MEI, e.Approve(1, looked=False)).refused == "must_look"
    player.do(MEI, e.Approve(1, looked=True))
    assert player.now().steps[1].status is StepStatus.OPEN
    player.do(LIN, e.Confirm(2))
    assert player.do(LIN, e.Approve(2, looked=True)).refused == "own_case"
    player.do(MEI, e.Approve(2, looked=False))
    player.do(WEI, e.Confirm(3))
    player.do(HR, e.Approve(3, looked=True))
    assert player.do(HR, e.Approve(3, looked=True)).refused == "twice"
    player.do(MEI, e.Approve(3, looked=True))
    assert player.now().steps[2].status is StepStatus.SOAKING
    player.at += timedelta(hours=24)
    player.do("system", e.Woke("soak", 3, player.now().steps[2].revision))
    assert player.now().status is CaseStatus.CLOSED
    assert player.now().outcome == "handed_over"
    assert fold_all(player.log) == player.now()  # type: ignore[arg-type]


def test_a_confirmation_of_what_already_happened_is_recorded_and_raises_the_alarm() -> None:
    player = Player()
    player.to_running()
    player.do(LIN, e.Confirm(2))
    case = player.now()
    assert case.steps[1].status is StepStatus.CLAIMED
    assert case.steps[1].early
    assert [alarm.invariant for alarm in case.alarms] == ["a_way_in"]
    assert case.steps[3].status is StepStatus.OPEN
    player.do(LIN, e.Confirm(4))
    player.do(MEI, e.Approve(4, looked=True))
    assert player.now().alarms == ()


def test_a_thread_that_cannot_be_reached_is_told_to_each_admin_and_not_to_the_thread() -> None:
    player = Player()
    player.to_running()
    player.do("system", e.Undeliverable(person="admins", lane="OFB-1/case/0/admins", why="rejected"))
    said = [effect for effect in player.last.effects if isinstance(effect, Say)]
    assert [(effect.to, effect.view.code) for effect in said] == [(MEI, "undelivered")]
