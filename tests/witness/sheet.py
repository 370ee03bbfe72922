"""A sheet of cards as a picture, drawn by `slack-blocks-to-jsx`, to look at: `python -m tests.witness.sheet zh-CN
out.png step approval`. Needs `make witness` and Chromium. The words are kinds of cards; without any, one of each."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.demo.browser import chromium
from tests.witness.deck import Sheet, deck
from tests.witness.emulator import NODE

Json = dict[str, Any]

OF_A_KIND = 3


def kind(sheet: Sheet) -> str:
    return sheet.name.split(" / ")[-2] if sheet.surface != "modal" else "form"


def chosen(language: str, kinds: list[str]) -> list[Sheet]:
    found: dict[str, list[Sheet]] = {}
    for sheet in deck(language, False):
        found.setdefault(kind(sheet), []).append(sheet)
    if not kinds:
        return [one for sheets in found.values() for one in sheets[-1:]]
    return [one for name in kinds for one in found[name][:: max(1, len(found[name]) // OF_A_KIND)][:OF_A_KIND]]


def html(sheets: list[Sheet]) -> str:
    users = [{"id": id, "name": name} for id, name in (("U07LINWEI01", "Lin Wei"), ("U07MEIHUA02", "Mei Hua"))]
    asked: Json = {
        "folder": str(NODE),
        "users": users,
        "sheets": [
            {"name": sheet.name, "text": sheet.payload.get("text", ""), "blocks": sheet.blocks} for sheet in sheets
        ],
    }
    script = Path(__file__).with_name("sheet.mjs")
    drawn = subprocess.run(
        ["node", str(script)], input=json.dumps(asked), capture_output=True, text=True, check=True, timeout=120
    )
    return drawn.stdout


def main(language: str, out: str, *kinds: str) -> None:
    page_of = html(chosen(language, list(kinds)))
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1320, "height": 900})
        page.set_content(page_of)
        page.screenshot(path=out, full_page=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
