"""Who somebody is, as Slack says it: an id in another case is another id, and what is said of another is nobody's."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.errors import Gone
from tests.slack.office import LIN, office


def test_the_answer_has_to_be_about_the_one_who_was_asked_for(tmp_path: Path) -> None:
    async def play() -> None:
        async with office(tmp_path / "o.db") as here:
            assert (await here.edge.directory.look_up(f"slack:{LIN}")).name == "Lin Wei"
            here.slack.users[LIN.lower()] = here.slack.users[LIN]
            with pytest.raises(Gone):
                await here.edge.directory.look_up(f"slack:{LIN.lower()}")

    asyncio.run(play())


def test_the_same_id_in_small_letters_begins_no_second_person(tmp_path: Path) -> None:
    async def play() -> None:
        async with office(tmp_path / "o.db") as here:
            here.slack.users[LIN.lower()] = here.slack.users[LIN]
            await here.write("U0CHEN", "help")
            await here.write("U0CHEN", f"/offboard slack:{LIN.lower()} 2026-12-04")
            assert here.cases() == 0, "nobody is known by it"
            await here.write(LIN, "help")
            await here.write("U0CHEN", f"/offboard slack:{LIN.lower()} 2026-12-04")
            assert here.case().leaver == f"slack:{LIN}", "and once they are, it is them"

    asyncio.run(play())
