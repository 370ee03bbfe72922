"""Whole histories of the shipped playbook, played by the machine as it is now: what the golden logs are made of.

Only `make` plays them. What they leave behind is fixed in the files; the tests read those and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace

from bot.core import events as e
from bot.core import facts as f
from bot.core.case import SYSTEM, UNKNOWN, Answer, Pin, Sealed, StepStatus
from bot.core.effects import Wake
from bot.core.fold import fold
from bot.core.rules import owners
from bot.playbook.load import parse, read_folder
from bot.playbook.pinned import Pinned
from tests.core.player import BO, HR, LAST_DAY, LIN, MEI, OPS, SUN, WEI, YAO, Player
from tests.core.router import ID, Rescue

NAME = "tencent_cloud/root_account"
ROOT_ACCOUNT = parse(read_folder(Path(__file__).resolve().parents[2] / "conversations" / NAME), NAME)

EVERYTHING = {
    "account": ("100012345678",),
    "registered_with": ("email",),
    "leavers": ("phone", "email", "wechat", "qq"),
    "protection": ("phone",),
    "real_name": ("company",),
    "root_keys": ("some",),
}
LITTLE = EVERYTHING | {"leavers": ("wechat",), "protection": ("company",), "root_keys": ("none",)}
UNKNOWN_ALL = dict.fromkeys(EVERYTHING, (UNKNOWN,))
TWO_ACCOUNTS = LITTLE | {"account": ("100012345678", "100012345679")}


class Story(Player):
    """A player that reads its steps by name, keeps its timers, and has its refusals in the log."""

    def __init__(self, **company: tuple[str, ...]) -> None:
        super().__init__(ROOT_ACCOUNT, **company)  # type: ignore[arg-type]
        self.playbooks = Pinned({ROOT_ACCOUNT.hash: ROOT_ACCOUNT}, "en")
        self.timers: dict[tuple[str, int], Wake] = {}

    @property
    def pins(self) -> tuple[Pin, ...]:
        return (Pin(NAME, ROOT_ACCOUNT.hash),)

    def must(self, person: str, what: e.What) -> None:
        """This is allowed."""
        assert not self.do(person, what).refused, self.last.refused
        for wake in self.effects(Wake):
            self.timers[wake.about, wake.step] = wake

    def may_not(self, person: str, what: e.What, times: int = 1) -> None:
        """This is refused; the refusal is stored with how often it happened."""
        decision = self.do(person, what)
        (fact,) = decision.facts
        assert isinstance(fact, f.Refused)
        counted = replace(fact, times=times)
        self.case = fold(self.case, counted)
        self.log.append(counted)

    def fires(self, about: str, step: int = 0) -> None:
        """This timer is due."""
        wake = self.timers.pop((about, step))
        self.at = max(self.at, wake.at)
        self.must(SYSTEM, e.Woke(wake.about, wake.step, wake.revision))

    def number(self, id: str) -> int:
        """The first step of this name that is not settled yet."""
        settled = (StepStatus.DONE, StepStatus.WAIVED)
        return next(step.number for step in self.now.steps if step.id == id and step.status not in settled)

    def answers(self, who: str, given: Mapping[str, tuple[str, ...]]) -> None:
        while (asking := self.now.asking) is not None and asking.question in given:
            self.must(who, e.Reply(asking.question, Answer(given[asking.question]), asking.revision))

    def begins(self, given: Mapping[str, tuple[str, ...]]) -> None:
        """The leaver begins, an admin agrees and says the day, the leaver answers, the successor accepts."""
        self.must(LIN, e.Begin("OFB-1", self.pins, leaver=LIN))
        self.must(MEI, e.Start())
        self.must(MEI, e.Reply("last_day", Answer((LAST_DAY.isoformat(),))))
        self.answers(LIN, given)
        self.must(LIN, e.Reply("successor", Answer((WEI,))))
        self.must(MEI, e.Choose(WEI))
        self.must(WEI, e.Accept())

    def finishes(self, until: str = "") -> None:
        """Everybody does what they have to do, as far as the step of this name."""
        live = (StepStatus.CLAIMED, StepStatus.OPEN, StepStatus.SENT_BACK, StepStatus.SOAKING)
        while self.now.is_open and any(step.status in live for step in self.now.steps):
            step = min(
                (step for step in self.now.steps if step.status in live), key=lambda step: live.index(step.status)
            )
            if step.id == until and step.status is not StepStatus.CLAIMED:
                return
            self.at += timedelta(hours=1)
            if step.status is StepStatus.CLAIMED:
                self.approved(step.id)
            elif step.status is StepStatus.SOAKING:
                self.fires("soak", step.number)
            else:
                self.confirms(step.id)

    def confirms(self, id: str) -> None:
        step = self.step(self.number(id))
        who = next(iter(owners(self.now, step)), MEI)
        self.must(who, e.Confirm(step.number, step.revision, text_hash="5f" * 32))

    def approved(self, id: str) -> None:
        number = self.number(id)
        for by in (*self.roster.admins, *self.roster.second_approvers):
            step = self.step(number)
            if step.status is StepStatus.CLAIMED and by not in (step.confirmed_by, self.now.leaver):
                self.must(by, e.Approve(number, step.revision, looked=True))


def everything_goes_well() -> Story:
    story = Story()
    story.begins(EVERYTHING)
    story.finishes()
    return story


def nobody_knows() -> Story:
    """Every question is answered with "I do not know", who takes over as well."""
    story = Story()
    story.must(MEI, e.Begin("OFB-2", story.pins, leaver=LIN, last_day=LAST_DAY))
    story.answers(LIN, UNKNOWN_ALL)
    story.must(LIN, e.Reply("successor", Answer((UNKNOWN,))))
    for _ in range(4):
        story.fires("name")
    story.must(MEI, e.Choose(WEI))
    story.must(WEI, e.Decline(reason=Sealed("c2VhbGVk")))
    story.must(LIN, e.Reply("successor", Answer((YAO,))))
    story.must(MEI, e.Choose(YAO))
    story.fires("offer")
    story.must(YAO, e.Accept())
    story.finishes()
    return story


def sent_back() -> Story:
    """Undone, sent back, stuck, put off, not mine, handed on; reminded and passed on; the day is moved."""
    story = Story()
    story.begins(LITTLE)
    story.confirms("bind_successor")
    story.must(WEI, e.Undo(1))
    story.confirms("bind_successor")
    story.must(MEI, e.SendBack(1, reason=Sealed("c2VhbGVk")))
    story.may_not(LIN, e.Approve(1, looked=True))
    story.may_not(LIN, e.Approve(1, looked=True), times=10)
    story.must(WEI, e.SayStuck(1, words=Sealed("c2VhbGVk")))
    story.must(WEI, e.Later(1))
    for _ in range(4):
        story.fires("do", 1)
    story.must(WEI, e.SayNotMine(1))
    story.must(MEI, e.Reassign(1, person=SUN, reason=Sealed("c2VhbGVk")))
    story.must(MEI, e.Move(LAST_DAY + timedelta(days=7)))
    story.confirms("bind_successor")
    for _ in range(4):
        story.fires("approve", 1)
    story.may_not(MEI, e.Approve(1, looked=False))
    story.finishes()
    return story


def waived() -> Story:
    story = Story()
    story.begins(EVERYTHING)
    story.finishes(until="unbind_registered")
    story.must(MEI, e.Waive(story.number("unbind_qq"), reason="accepted_risk", words=Sealed("c2VhbGVk")))
    story.must(BO, e.Waive(story.number("disable_root_keys"), reason="cannot_be_done"))
    story.must(BO, e.Waive(story.number("delete_root_keys"), reason="other"))
    story.finishes()
    return story


def restored() -> Story:
    """One admin and a second approver; disabled, restored while it rested, disabled again, deleted."""
    story = Story(admins=(MEI,))
    story.begins(LITTLE | {"root_keys": ("some",)})
    story.finishes(until="disable_root_keys")
    story.confirms("disable_root_keys")
    story.approved("disable_root_keys")
    story.must(MEI, e.Restore(story.number("disable_root_keys")))
    story.finishes()
    return story


def too_early() -> Story:
    """Unbound before anybody was bound: the alarm, what was held, the way back."""
    story = Story()
    story.begins(EVERYTHING)
    story.confirms("unbind_wechat")
    story.must(LIN, e.Confirm(story.number("replace_phone")))
    story.must(LIN, e.Undo(story.number("replace_phone")))
    story.must(SYSTEM, e.Undeliverable(LIN, "OFB-1/alarm-a_way_in/20/demo:lin", "rejected"))
    story.confirms("bind_again")
    story.approved("bind_again")
    story.approved("unbind_wechat")
    story.finishes()
    return story


def they_stay() -> Story:
    story = Story()
    story.begins(LITTLE)
    story.finishes(until="unbind_wechat")
    story.must(LIN, e.Stay())
    story.may_not(LIN, e.Stay())
    story.must(MEI, e.Stay())
    story.may_not(LIN, e.Confirm(2))
    return story


def declined() -> Story:
    story = Story()
    story.must(LIN, e.Begin("OFB-8", story.pins, leaver=LIN))
    story.fires("agree")
    story.must(MEI, e.Decline(reason=Sealed("c2VhbGVk")))
    return story


def already_gone() -> Story:
    """Nobody to ask, two accounts: the admins answer and do it; the operator moves the day."""
    story = Story()
    story.must(MEI, e.Begin("OFB-9", story.pins))
    story.must(BO, e.Move(LAST_DAY))
    story.answers(MEI, TWO_ACCOUNTS)
    story.must(MEI, e.Undo(0))
    story.answers(BO, TWO_ACCOUNTS)
    story.must(MEI, e.Reply("successor", Answer((WEI,))))
    story.must(OPS, e.Move(LAST_DAY + timedelta(days=3), reason=Sealed("c2VhbGVk")))
    story.must(WEI, e.Accept())
    story.finishes(until="unbind_wechat")
    story.finishes()
    return story


class Rescued(Story):
    """A story of playbooks that lead to each other: nobody leaves."""

    def __init__(self) -> None:
        super().__init__()
        self.player = Rescue()
        self.playbooks = self.player.playbooks

    @property
    def pins(self) -> tuple[Pin, ...]:
        return self.player.pins


def rescued() -> Rescued:
    """Lost, with a card beside it; then it is another situation, and another; what was done stays, and more follows.

    Half a year after it was closed its card is looked at again.
    """
    story = Rescued()
    story.must(MEI, e.Begin("OFB-10", story.pins))
    story.answers(MEI, {"situation": ("blocked",)})
    story.must(MEI, e.Undo(0))
    story.answers(MEI, {"situation": ("lost",), "account": (ID,), "also": ("card",)})
    story.may_not(LIN, e.Over())
    story.confirms("appeal")
    story.must(BO, e.Over())
    story.answers(BO, {"situation": ("blocked",)})
    story.confirms("wait")
    story.must(MEI, e.Over())
    story.answers(MEI, {"situation": (UNKNOWN,), "who": ("boss",)})
    story.finishes()
    story.answers(MEI, {"more": ("no",)})
    story.finishes()
    card = next(step.number for step in story.now.steps if step.id == "print" and step.status is StepStatus.DONE)
    story.fires("again", card)
    story.may_not(LIN, e.Renew())
    story.must(BO, e.Renew())
    return story


STORIES: Mapping[str, Callable[[], Story]] = {
    story.__name__: story
    for story in (
        everything_goes_well,
        nobody_knows,
        sent_back,
        waived,
        restored,
        too_early,
        they_stay,
        declined,
        already_gone,
        rescued,
    )
}


def played() -> Iterator[tuple[str, Story]]:
    for name, story in STORIES.items():
        yield name, story()


__all__ = ["HR", "STORIES", "Story", "played"]
