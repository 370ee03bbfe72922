"""Admins on two platforms at once see the same; everybody else is written to in one place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.case import StepStatus
from bot.core.effects import ADMINS, lane
from bot.runtime.people import Company
from bot.runtime.readers import chat_of, lane_at, lane_of, posts_of, reader_of
from tests.runtime.meeting_place import ADA, LIN, MEI, WANG, ZHAO, Place, place

BOTH = ("slack", "wecom")
CASE = lane("OFB-1", "case", ADMINS)


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Place]:
    company = Company(admins=(MEI, ADA, WANG), same={"wecom:ada": ADA}, language="en")
    with place(tmp_path / "a.db", company, admin_chats=BOTH) as made:
        made.run_to_first_step()
        yield made


def test_what_is_for_the_admins_becomes_a_post_on_each_platform_that_reaches_them() -> None:
    assert list(posts_of(CASE, ADMINS, BOTH)) == [(CASE, ADMINS), (f"{CASE}@wecom", "admins@wecom")]
    assert list(posts_of(CASE, ADMINS, ())) == [(CASE, ADMINS)]
    mine = lane("OFB-1", "step-1", LIN)
    assert list(posts_of(mine, LIN, BOTH)) == [(mine, LIN)]
    assert [lane_at(CASE, chat, BOTH) for chat in ("slack", "wecom", "other")] == [CASE, f"{CASE}@wecom", CASE]
    assert (lane_of(f"{CASE}@wecom"), reader_of("admins@wecom"), chat_of("admins@wecom")) == (CASE, ADMINS, "wecom")
    assert (lane_of(mine), reader_of(LIN), chat_of(LIN), chat_of(ADMINS)) == (mine, LIN, "", "")
    assert lane_of("desk/2026-11-24T01:00:00Z/0/slack:A@B") == "desk/2026-11-24T01:00:00Z/0/slack:A@B"


def test_admins_on_both_platforms_see_the_same_cards(there: Place) -> None:
    slack, wecom = (chat.conversation(ADMINS) for chat in (there.slack, there.wecom))
    assert [card.title for card in slack] == [card.title for card in wecom]
    assert all(call.post.to in (ADMINS, ZHAO, LIN, MEI, ADA, WANG) for call in there.slack.calls)
    keys = [call.post.key for chat in (there.slack, there.wecom) for call in chat.calls if call.method == "say"]
    assert len(set(keys)) == len(keys), "each post has a key of its own, on either platform"


def test_a_decision_on_one_platform_redraws_both(there: Place) -> None:
    there.presses(ZHAO, "confirm")
    there.settle()
    there.meet(WANG)
    shown, button = there.wecom.offer(ADMINS, "approve:looked")
    answer = there.presses(WANG, "approve:looked", of=ADMINS)
    there.settle()
    assert not answer.refused
    assert shown.message.id.startswith("wecom-")
    assert button.value
    assert there.case().steps[0].status is StepStatus.DONE
    for chat, done in ((there.slack, "Done"), (there.wecom, "已完成")):
        card = next(card for card in chat.conversation(ADMINS) if card.kind == "approval")
        assert not card.row
        assert done in card.notice, "in the language of those who decide there"


def test_a_platform_that_does_not_take_it_holds_up_the_other_one_not_at_all(there: Place) -> None:
    there.wecom.will("fail_before", times=500)
    there.presses(ZHAO, "confirm")
    there.settle()
    assert there.slack.offer(ADMINS, "approve:looked")
    with pytest.raises(LookupError):
        there.wecom.offer(ADMINS, "approve:looked")


def test_when_the_admins_of_one_platform_cannot_be_reached_each_admin_is_told(there: Place) -> None:
    there.wecom.will("rejected", to=ADMINS)
    there.presses(ZHAO, "confirm")
    there.settle()
    told = [row for row in there.log() if row["kind"] == "undelivered"]
    assert [row["person"] for row in told] == [ADMINS]
    assert any("could not be delivered" in text for text in there.told(MEI))


def test_who_has_two_ids_is_one_person_and_written_to_in_one_place(there: Place) -> None:
    there.meet("wecom:ada")
    there.presses(ZHAO, "confirm")
    there.settle()
    answer = there.presses("wecom:ada", "approve:looked", of=ADMINS)
    there.settle()
    assert not answer.refused
    assert [row["actor"] for row in there.log() if row["kind"] == "approved"] == [ADA]
    assert there.wecom.conversation("wecom:ada") == []


def test_a_platform_that_comes_later_gets_the_card_of_the_case_when_it_changes(tmp_path: Path) -> None:
    with place(tmp_path / "a.db", Company(admins=(MEI, ADA, WANG), language="en")) as there:
        there.run_to_first_step()
        assert there.wecom.conversation(ADMINS) == []
        there.admin_chats = BOTH
        there.restart()
        there.says(MEI, "move OFB-1 2026-12-11")
        there.settle()
        (card,) = there.wecom.conversation(ADMINS)
        assert card.kind == "case"
        there.whole()
