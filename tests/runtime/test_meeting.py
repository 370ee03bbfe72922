"""Who is gone is written to no more, and those who can act are told once; who comes back finds everything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.effects import ADMINS
from bot.rows import PersonRow
from tests.runtime.meeting_place import ADA, LIN, MEI, ZHAO, Place, place


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Place]:
    with place(tmp_path / "a.db") as made:
        made.run_to_first_step()
        yield made


def learns(there: Place, person: str, standing: str) -> None:
    there.app.engine.learn(PersonRow(person, standing=standing)).result()
    there.settle()


def news(there: Place, who: str) -> list[str]:
    return [text for text in there.told(ADMINS) if "could not be delivered" in text and who in text]


def test_who_is_gone_is_told_to_the_admins_of_the_case_once(there: Place) -> None:
    before = there.case()
    learns(there, ZHAO, "gone")
    assert len(news(there, ZHAO)) == 1
    assert "no longer there" in news(there, ZHAO)[0]
    learns(there, ZHAO, "gone")
    there.wait(days=3)
    assert len(news(there, ZHAO)) == 1
    assert [row["person"] for row in there.log() if row["kind"] == "undelivered"] == [ZHAO]
    assert there.case().steps[0].status is before.steps[0].status
    there.whole()


def test_nothing_is_sent_to_who_is_gone(there: Place) -> None:
    learns(there, ZHAO, "gone")
    count = len(there.told(ZHAO))
    assert not there.says(MEI, "move OFB-1 2026-12-11").later
    there.wait(days=5)
    assert len(there.told(ZHAO)) == count
    assert {row.state for row in there.rows() if row.to == ZHAO} <= {"parked"}
    assert all(row.why.startswith("gone") for row in there.rows())


def test_what_was_for_them_is_sent_when_they_come_back(there: Place) -> None:
    learns(there, ZHAO, "gone")
    there.presses(ZHAO, "confirm")
    there.wait(minutes=20)
    there.says(MEI, "take OFB-1 1")
    there.settle()
    kept = [row.lane for row in there.rows() if row.to == ZHAO]
    assert kept
    learns(there, ZHAO, "member")
    assert there.rows() == []
    assert len(news(there, ZHAO)) == 1


def test_who_goes_a_second_time_is_told_a_second_time(there: Place) -> None:
    for _ in range(2):
        learns(there, ZHAO, "gone")
        learns(there, ZHAO, "member")
    assert len(news(there, ZHAO)) == 2


def test_reminders_stop_while_they_are_gone_and_go_on_when_they_are_back(there: Place) -> None:
    learns(there, ZHAO, "gone")
    count = len(there.told(ZHAO))
    there.wait(days=1, hours=2)
    there.wait(days=1)
    assert len(there.told(ZHAO)) == count
    learns(there, ZHAO, "member")
    there.wait(days=1)
    assert "What waits for you" in " ".join(there.told(ZHAO)[count:])


def test_who_has_no_part_in_a_case_goes_without_a_word(there: Place) -> None:
    learns(there, ADA, "gone")
    assert news(there, ADA) == []


def test_a_name_that_changes_is_learnt_and_a_language_that_was_chosen_stays(there: Place) -> None:
    there.says(LIN, "language zh-CN")
    there.app.engine.learn(PersonRow(LIN, "Lin H.", "en", "Asia/Tokyo")).result()
    known = there.person(LIN)
    assert known is not None
    assert (known.name, known.language, known.zone) == ("Lin H.", "zh-CN", "Europe/Paris")


def test_an_id_that_the_directory_does_not_know_any_more_is_gone(there: Place) -> None:
    there.directory.forgets(ZHAO)
    there.wait(days=2)
    assert there.says(ZHAO, "help").later
    there.settle()
    known = there.person(ZHAO)
    assert known is not None
    assert known.standing == "gone"
    assert len(news(there, ZHAO)) == 1
