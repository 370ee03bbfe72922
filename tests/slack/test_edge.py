"""From Slack's deliveries to what people see: the real engine behind real HTTP, before a scripted Slack."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.slack.office import ADMINS_CHANNEL, LIN, office


def test_a_command_is_answered_privately_and_the_admins_get_a_card(tmp_path: Path) -> None:
    async def test() -> None:
        async with office(tmp_path / "o.db") as here:
            status, answer = await here.human(LIN).command()
            assert status == 200
            assert answer["response_type"] == "ephemeral"
            assert "admins" in answer["text"]
            await here.settle()
            card = here.card()
            assert "OFB-1" in card["text"]
            assert card["metadata"]["event_payload"]["key"].startswith("OFB-1/case/")
            assert not here.slack.messages["C0PUBLIC"]
            assert ADMINS_CHANNEL in here.slack.messages

    asyncio.run(test())
