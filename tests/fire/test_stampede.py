"""Five hundred clicks at the same moment on one approval, from fifty people."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from bot.core.case import StepStatus
from bot.demo.cast import ADMIN, SECOND
from bot.heard import Answer, Click, Heard
from bot.ports import Reads
from bot.rows import PersonRow
from bot.runtime.people import Company
from tests.fire.office import LIN, ZHAO, Office, office, words

ADMINS_OF_IT = (ADMIN, *(f"demo:admin{n}" for n in range(9)))
CROWD = (*ADMINS_OF_IT, SECOND, LIN, ZHAO, *(f"demo:colleague{n}" for n in range(37)))
CLICKS = 500


def clicks(desk: Office, chance: random.Random) -> list[Heard]:
    """Ten from each: with a key of its own, or one that this person has used; approving, or sending back."""
    _, approve = desk.offer(ADMIN, "approve:looked", 1)
    _, back = desk.offer(ADMIN, "send_back", 1)
    made = []
    for n in range(CLICKS):
        who = CROWD[n % len(CROWD)]
        key = f"{who}/{chance.randrange(8)}" if n >= len(CROWD) else f"{who}/first"
        button = back if chance.random() < 0.2 else approve
        made.append(Heard(key, who, click=Click(button.verb, button.value, button.detail, words="show me")))
    chance.shuffle(made)
    return made


def at_once(desk: Office, made: list[Heard]) -> list[tuple[Heard, Answer]]:
    """Fifty threads wait for each other, and click."""
    together = Barrier(len(CROWD))

    def clicking(who: str) -> list[tuple[Heard, Answer]]:
        mine = [heard for heard in made if heard.person == who]
        together.wait(30)
        futures = [(heard, desk.app.engine.hear(heard)) for heard in mine]
        return [(heard, desk.app.engine.answer(future.result(30))) for heard, future in futures]

    with ThreadPoolExecutor(len(CROWD)) as pool:
        return [one for part in pool.map(clicking, CROWD) for one in part]


def stampede(path: Path, seed: int) -> None:
    company = Company(admins=ADMINS_OF_IT, second_approvers=(SECOND,), language="en")
    with office(path, company=company) as desk:
        desk.knows(*(PersonRow(who, who, "en") for who in CROWD if who not in (ADMIN, SECOND, LIN, ZHAO)))
        desk.run_to_plan()
        desk.presses(ZHAO, "confirm")
        before = desk.case().count
        made = clicks(desk, random.Random(seed))
        answers = at_once(desk, made)
        why = f"seed {seed}"
        assert len(answers) == CLICKS, why
        assert all(answer.cards for _, answer in answers), why
        decided = [(heard, answer) for heard, answer in answers if not answer.refused and not answer.repeated]
        assert len(decided) == 1, f"{why}: {[(h.person, h.click and h.click.verb) for h, _ in decided]}"
        (winner, _), new = decided[0], desk.log()[before:]
        assert winner.person in ADMINS_OF_IT, why
        assert Counter(row["kind"] for row in new if row["kind"] in ("approved", "sent_back")).total() == 1, why
        for heard, answer in answers:
            said = words(answer.cards)
            if answer.refused in ("stale", "is_done", "is_sent_back"):
                assert winner.person in said, f"{why}: {heard.person} is not told who: {said}"
            elif answer.repeated:
                assert "noted already" in said, why
            else:
                assert heard is winner or answer.refused in {"own_case", "not_approver", "second_not_needed"}, why
        desk.settle()
        desk.whole()
        assert desk.case().steps[0].status in (StepStatus.DONE, StepStatus.SENT_BACK), why
        refused = [row for row in new if row["kind"] == "refused"]
        met = Counter((heard.person, heard.click and heard.click.verb) for heard, a in answers if a.refused)
        assert len(refused) <= 2 * len(met), f"{why}: {len(refused)} stored for {met.total()} refusals"
        keys = {heard.key for heard in made}
        assert sum(not answer.repeated for _, answer in answers) == len(keys), f"{why}: a delivery counted twice"

        def approvals(reads: Reads) -> int:
            return sum(post.lane.startswith("OFB-1/approval-1/") for post in reads.posts("OFB-1"))

        assert desk.app.store.read(approvals) == 1, why


def test_of_five_hundred_clicks_at_once_one_decides_and_each_is_told_what_came_of_it(tmp_path: Path) -> None:
    stampede(tmp_path / "a.db", seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 22))
def test_twenty_more_stampedes(tmp_path: Path, seed: int) -> None:
    stampede(tmp_path / "a.db", seed)
