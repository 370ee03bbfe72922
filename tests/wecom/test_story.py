"""The default story from the first word to the receipt: real engine, real HTTP, WeCom's stand-in, in Chinese."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.wecom.acting import WHO, moves, play
from tests.wecom.house import house


def test_the_default_story_is_played_on_wecom(tmp_path: Path) -> None:
    async def played() -> None:
        async with house(tmp_path / "story.db") as place:
            for move in moves():
                await play(place, move)
            wecom = place.wecom
            assert wecom.silently_lost == 0
            assert wecom.calls["gettoken"] < 2 * 10 * 24 // 2, "a token lives two hours"
            assert place.edge.trouble() == ""
            assert [step.status for step in place.case().steps if step.status == "open"] == []
            receipt = wecom.seen("Lin")[-1]
            assert "您的交接回执" in receipt["markdown"]["content"]
            assert "OFB-1" in receipt["markdown"]["content"]
            for user in WHO.values():
                for payload in wecom.seen(user):
                    pressable = [b for b in payload.get("button_list", []) if "replace_text" not in payload]
                    assert "approve" not in str(pressable), "nothing is left to approve when the case is closed"

    asyncio.run(played())
