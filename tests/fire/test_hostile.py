"""A leaver who tries everything, thousands of times: nothing that the table of roles forbids is ever accepted."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.core.case import Case, StepStatus
from bot.demo.cast import ADMIN
from bot.heard import Answer, Click, Heard
from bot.rows import PersonRow
from bot.runtime.people import Company
from tests.fire.office import LIN, ZHAO, Office, office
from tests.runtime.memory_store import MemoryStore

OWN = {"answered", "confirmed", "undone", "stuck", "not_mine", "snoozed", "stay_asked", "refused", "unanswered"}
"""What a leaver may bring about with their own hand once the case runs; the machine's own facts follow from these."""

ADMINS_WORDS = (
    "looked 1", "looked 2", "approve 3", "word 4", "send back 1 no", "take 2", "waive 3 other why", "reassign 4 Zhao",
    "move 2027-01-04", "successor demo:mei", "agree", "they stay", "accept", "decline", "close", "rescue x",
    "同意", "同意 2", "已核实 1", "凭说明 3", "驳回 1 重做", "接手 2", "免办 3 其他", "转交 4 赵云", "改期 2027-01-04",
    "接手人 demo:mei", "同意交接", "同意留下", "我来接手", "我接不了", "恢复 5", "restore 5", "undo 5", "撤回 1",
    "/offboard @demo:mei 2026-12-04", "approve OFB-2 1", "looked OFB-2 1", "status OFB-2", "done OFB-2 1",
)  # fmt: skip


class Hostile:
    """The leaver, who remembers every button that anybody ever saw, and every delivery they made."""

    def __init__(self, desk: Office, seed: int, admin: bool) -> None:
        self.desk = desk
        self.chance = random.Random(seed)
        self.cases = ("OFB-1",) if admin else ("OFB-1", "OFB-2")  # in another's case an admin may do a lot
        self.why = f"seed {seed}"
        self.buttons: dict[str, tuple[str, str]] = {}
        self.sent: list[Heard] = []
        self.tried: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    def looks_around(self) -> None:
        """Buttons of all people and all cases: a leaver may have been shown them, or have guessed them."""
        for who in (LIN, ZHAO, ADMIN, "demo:han", "demo:other"):
            for shown in self.desk.board.conversation(who, admin=True):
                for button in (*shown.card.row, *shown.card.more):
                    self.buttons[button.value] = (button.verb, button.detail)

    def acts(self) -> Answer:
        """One try. Everything that it changed must be the leaver's to change."""
        ways: tuple[Callable[[], Heard], ...] = (self.presses, self.forges, self.replays, self.types, self.floods)
        way = self.chance.choice(ways)
        heard = way()
        self.tried[way.__name__] += 1
        before = {ref: self.desk.case(ref) for ref in self.cases}
        answer = self.desk.hear(heard, settle=self.chance.random() < 0.1)
        self.sent.append(heard)
        assert answer.cards, f"{self.why}: unanswered: {heard}"
        self.refused[answer.refused] += 1
        for ref, was in before.items():
            now = self.desk.case(ref)
            new = self.desk.log(ref)[was.count :] if now.count != was.count else []
            self.only_their_own(heard, was, now, new)
        return answer

    def only_their_own(self, heard: Heard, was: Case, now: Case, new: list[dict[str, object]]) -> None:
        why = f"{self.why}: {heard}"
        mine = [row for row in new if row["actor"] == LIN]
        if was.ref == "OFB-2":
            assert {row["kind"] for row in new} <= {"refused"}, why
            return
        assert {row["kind"] for row in mine} <= OWN, why
        for row in mine:
            step = was.step(int(str(row.get("step", 0))))
            if row["kind"] != "refused" and step is not None:
                assert LIN in (step.person, step.confirmed_by) or step.only_leaver, why
        for before, after in zip(was.steps, now.steps, strict=True):
            assert after.approved == before.approved[: len(after.approved)], f"{why}: an approval"
            settled = (StepStatus.DONE, StepStatus.WAIVED, StepStatus.SOAKING)
            assert after.status not in settled or before.status in settled, f"{why}: settled a step"
            assert before.status not in settled or after.status == before.status, f"{why}: took back what is settled"
        assert (now.last_day, now.status, now.leaver) == (was.last_day, was.status, was.leaver), why
        assert {t: (s.person, s.named_by) for t, s in now.successors.items()} == {
            t: (s.person, s.named_by) for t, s in was.successors.items()
        }, why

    # ------------------------------------------------------------------ the ways

    def presses(self) -> Heard:
        value = self.chance.choice(list(self.buttons))
        verb, detail = self.buttons[value]
        return self.click(verb, value, detail)

    def forges(self) -> Heard:
        value = self.chance.choice(list(self.buttons))
        verb, detail = self.buttons[value]
        bent = (
            lambda: value.replace("OFB-2", "OFB-1").replace("OFB-1@", "OFB-2@"),
            lambda: "@".join(str(self.chance.randrange(1, 9)) if part.isdigit() else part for part in value.split("@")),
            lambda: value[: self.chance.randrange(len(value))],
            lambda: "".join(chr(ord(c) ^ (self.chance.random() < 0.1)) for c in value),
            lambda: self.chance.choice(list(self.buttons)).rsplit("@", 1)[0] + "@" + value.rsplit("@", 1)[1],
        )
        verbs = (("approve", "looked"), ("approve", "word"), ("take", ""), ("waive", ""), ("move", ""), ("start", ""))
        if self.chance.random() < 0.5:
            return self.click(*self.chance.choice(verbs)[:1], value, self.chance.choice(("looked", "word", "")))
        return self.click(verb, self.chance.choice(bent)(), detail)

    def replays(self) -> Heard:
        if not self.sent:
            return self.types()
        old = self.chance.choice(self.sent)
        key = old.key if self.chance.random() < 0.5 else self.desk.key()
        return Heard(key, LIN, text=old.text, click=old.click, thread=old.thread)

    def types(self) -> Heard:
        return self.say(self.chance.choice(ADMINS_WORDS))

    def floods(self) -> Heard:
        return self.say(
            self.chance.choice(("done", "undo", "stay", "later", "not mine", "我走了" * 400, "x" * 2001, "\u200b", ""))
        )

    def say(self, text: str) -> Heard:
        return Heard(self.desk.key(), LIN, text=text, thread=self.chance.choice(("", "", "OFB-1", "OFB-2", "OFB-9")))

    def click(self, verb: str, value: str, detail: str = "") -> Heard:
        chosen = self.chance.choice(((), ("2027-01-01",), ("demo:mei",), ("other",)))
        words = self.chance.choice(("", "", "because"))
        return Heard(self.desk.key(), LIN, click=Click(verb, value, detail, chosen=chosen, words=words))


def plays(desk: Office, seed: int, actions: int, *, admin: bool) -> Hostile:
    """Lin's case is OFB-1; between Lin's tries the others go on with it, so that buttons grow old in every way."""
    desk.knows(PersonRow("demo:other", "Other One", "en"))
    for who in (LIN, "demo:other"):
        desk.says(ADMIN, f"/offboard @{who} 2026-12-04")
        for text in ("100012345678", "1", "1, 4", "1", "2", "1", "demo:zhao"):
            assert not desk.says(who, text).refused
    for ref in ("OFB-1", "OFB-2"):
        desk.says(ADMIN, f"successor {ref} demo:zhao")
        desk.says(ZHAO, f"accept {ref}")
    player = Hostile(desk, seed, admin)
    for n in range(actions):
        if n % 40 == 0:
            goes_on(desk, player.chance)
            player.looks_around()
        player.acts()
    return player


def goes_on(desk: Office, chance: random.Random) -> None:
    """One move of those who mean well."""
    steps = desk.case().steps
    claimed = [step for step in steps if step.status is StepStatus.CLAIMED]
    at_hand = [step for step in steps if step.status in (StepStatus.OPEN, StepStatus.SENT_BACK)]
    if claimed and chance.random() < 0.7:
        who = ADMIN if all(a.by != ADMIN for a in claimed[0].approved) else "demo:han"
        back = chance.random() < 0.3 and who == ADMIN and not claimed[0].approved
        number = claimed[0].number
        desk.says(who, f"send back OFB-1 {number} once more" if back else f"looked OFB-1 {number}")
    elif at_hand:
        desk.says(at_hand[0].person or ADMIN, f"done OFB-1 {at_hand[0].number}")
    else:
        desk.wait(hours=30)


def tries(path: Path, seed: int, actions: int, *, admin: bool = False) -> Hostile:
    company = Company(admins=(ADMIN, LIN) if admin else (ADMIN,), second_approvers=("demo:han",), language="en")
    with office(path, company=company, store=MemoryStore()) as desk:
        player = plays(desk, seed, actions, admin=admin)
        stored = [row for row in desk.log() if row["kind"] == "refused"]
        kinds = {(row["verb"], row["code"], row.get("step", 0)) for row in stored}
        assert len(stored) <= 4 * len(kinds), f"{player.why}: {len(stored)} refusals are stored"
        desk.settle()
        desk.whole()
        assert set(player.tried) == {"presses", "forges", "replays", "types", "floods"}, player.why
        return player


@pytest.mark.parametrize("admin", [False, True], ids=["a leaver", "a leaver who is an admin"])
def test_a_thousand_tries_of_a_hostile_leaver_change_nothing_that_is_not_theirs(tmp_path: Path, admin: bool) -> None:
    player = tries(tmp_path, seed=1, actions=1000, admin=admin)
    assert player.refused["own_case"] > 20, "it did not try to approve"
    assert player.refused["forged"] > 100, "it did not forge"
    assert player.refused["stale"] + player.refused["is_done"] > 10, "it pressed no old button"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 12))
def test_fifty_thousand_tries(tmp_path: Path, seed: int) -> None:
    tries(tmp_path, seed, actions=5000, admin=bool(seed % 2))
