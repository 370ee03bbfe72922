"""A platform that lets us in no more: everything waits, nothing is lost, nobody is blamed; it goes on when mended."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.core.effects import lane
from bot.runtime.scripted import ScriptedChat
from tests.runtime.memory_store import MemoryStore
from tests.runtime.post_office import CASE, LIN, MEI, STEP, PostOffice

OTHER = lane(CASE, "step-2", MEI)
ABROAD = lane(CASE, "step-3", "wecom:wang")


@pytest.fixture
def office() -> Iterator[PostOffice]:
    made = PostOffice(MemoryStore())
    made.chats.append(ScriptedChat("wecom", lambda to: to.startswith("wecom:")))
    made.restart()
    yield made
    made.close()


def test_what_is_for_a_platform_that_lets_us_in_no_more_waits_and_costs_no_tries(office: PostOffice) -> None:
    office.chat.will("closed", times=1000)
    office.say()
    office.say(OTHER)
    office.say(ABROAD)
    office.deliver()
    for _ in range(30):
        office.wait(60)
    assert [(row.state, row.attempts) for row in office.rows()] == [("waiting", 0), ("waiting", 0)]
    assert {row.why for row in office.rows()} <= {"closed: token_revoked", "waits for its turn"}
    assert office.told == []
    assert office.outbox.shut() == {"slack": "token_revoked"}
    assert office.chats[1].messages("wecom:wang"), "the other platform goes on"


def test_a_platform_that_is_shut_is_tried_once_a_minute(office: PostOffice) -> None:
    office.chat.will("closed", times=1000)
    for n in range(20):
        office.say(lane(CASE, "step-1", f"slack:U{n}"))
    office.deliver()
    first = len(office.chat.calls)
    assert first <= 8, "no more than go at once"
    office.wait(59)
    assert len(office.chat.calls) == first
    for _ in range(10):
        office.wait(60)
    assert len(office.chat.calls) == first + 10


def test_it_goes_on_by_itself_once_the_platform_lets_us_in(office: PostOffice) -> None:
    office.chat.will("closed")
    office.say()
    office.say(OTHER)
    office.deliver()
    office.amend()
    office.wait(61)
    assert (office.shows(), office.shows(OTHER)) == ([2], [1])
    assert office.outbox.shut() == {}
    assert office.rows() == []


def test_it_goes_on_at_once_when_somebody_says_that_it_is_mended(office: PostOffice) -> None:
    office.chat.will("closed", times=2)
    office.say()
    office.say(OTHER)
    office.deliver()
    assert office.deliver() == 0
    office.outbox.resume("slack")
    office.deliver()
    assert (office.shows(), office.shows(OTHER)) == ([1], [1])


def test_a_message_in_doubt_stays_in_doubt_while_the_platform_is_shut(office: PostOffice) -> None:
    office.chat.will("effect_then_lost")
    office.chat.will("closed", method="find", times=3)
    office.say()
    office.deliver()
    for _ in range(3):
        office.wait(60)
    assert [row.state for row in office.rows()] == ["uncertain"]
    office.wait(60)
    assert office.shows() == [1], "found, and not said twice"
    assert office.rows() == []


def test_a_restart_tries_again_and_loses_nothing(office: PostOffice) -> None:
    office.chat.will("closed")
    office.say()
    office.deliver()
    office.restart()
    office.wait(60)
    assert office.shows() == [1]


def test_a_redraw_waits_and_shows_the_newest_when_it_goes(office: PostOffice) -> None:
    office.say()
    office.deliver()
    office.chat.will("closed")
    office.amend()
    office.deliver()
    office.amend()
    office.deliver()
    office.wait(61)
    assert office.post(STEP) is not None
    assert office.shows() == [3]
    assert office.chat.conversation(LIN)[0].revision == 3
