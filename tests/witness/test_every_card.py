"""Every card in both languages, before those who know what Slack takes and were not written here: the models of
Slack's own SDK, the types of `@slack/types`, and the numbers of `slackblocks`."""

from __future__ import annotations

import importlib.util
import json
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.ports import Drawn
from bot.slack import limits
from tests.witness.deck import Sheet, deck
from tests.witness.emulator import NODE

Json = dict[str, Any]

SCHEMA = NODE / "slack-types.schema.json"
NUMBERS = NODE / "python" / "slackblocks"
each_language = pytest.mark.parametrize("language", ["en", pytest.param("zh-CN", marks=pytest.mark.slow)])
each_deck = pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.slow)])


@cache
def numbers(module: str) -> ModuleType:
    """A module of `slackblocks` that is nothing but a table."""
    spec = importlib.util.spec_from_file_location(f"slackblocks_{module}", NUMBERS / f"{module}.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@each_language
@each_deck
def test_there_is_a_card_of_every_kind(language: str, whole: bool) -> None:
    kinds = {sheet.name.split(" / ")[-2] for sheet in deck(language, whole)}
    wanted = {"step", "approval", "question", "case", "status", "receipt", "refusal", "answer", "form", "desk"}
    assert wanted - kinds == set()
    assert {sheet.surface for sheet in deck(language, whole)} == {"message", "home", "modal"}


@each_language
@each_deck
def test_slacks_own_models_and_our_limits_find_nothing(language: str, whole: bool) -> None:
    found = []
    for sheet in deck(language, whole):
        if sheet.surface == "modal":
            View(**sheet.payload).validate_json()
        else:
            found += [f"{sheet.name}: {one}" for one in limits.findings(Drawn(sheet.payload))]
        for block in sheet.blocks:
            parsed = Block.parse(block)
            assert parsed is not None, f"{sheet.name}: {block['type']}"
            parsed.validate_json()
    assert found == []


@pytest.mark.node
@pytest.mark.skipif(not SCHEMA.exists(), reason="the types of Slack are not here: `make witness` fetches them")
@each_language
@each_deck
def test_every_card_is_of_slacks_own_types(language: str, whole: bool) -> None:
    sheets = [checked(sheet) for sheet in deck(language, whole)]
    sheets.append({"name": "a header in bold", "blocks": [{"type": "header", "text": mrkdwn("x")}]})
    script = Path(__file__).with_name("read_schema.mjs")
    told = subprocess.run(
        ["node", str(script), str(NODE)], input=json.dumps(sheets), capture_output=True, text=True, check=True
    )
    findings = json.loads(told.stdout)["findings"]
    assert [one for one in findings if not one.startswith("a header in bold")] == []
    assert len(findings) == 1, "and it finds what is wrong"


def checked(sheet: Sheet) -> Json:
    if sheet.surface == "message":
        return {"name": sheet.name, "blocks": sheet.blocks}
    view = sheet.payload if sheet.surface == "modal" else {"type": "home", "blocks": sheet.blocks}
    return {"name": sheet.name, "view": view}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


@pytest.mark.skipif(not NUMBERS.exists(), reason="slackblocks is not here: `make witness` fetches it")
@each_language
@each_deck
def test_every_card_is_within_the_numbers_of_slackblocks(language: str, whole: bool) -> None:
    surfaces = (NUMBERS / "_surfaces.py").read_text()
    found: list[str] = []
    for sheet in deck(language, whole):
        found += [f"{sheet.name}: {one}" for one in too_much(sheet)]
        found += [f"{sheet.name}: {block['type']}" for block in sheet.blocks if f'"{block["type"]}"' not in surfaces]
    assert found == []


@pytest.mark.skipif(not NUMBERS.exists(), reason="slackblocks is not here: `make witness` fetches it")
def test_our_numbers_are_those_of_slackblocks() -> None:
    theirs = vars(numbers("_limits"))
    for where, most in {**limits.TEXTS, **limits.STRINGS}.items():
        if (name := named(where)) in theirs:
            assert most <= theirs[name], where
    for where, (least, most) in limits.LISTS.items():
        holder, inside = where.split("/")
        holder = "select" if holder.endswith("select") else holder
        assert most <= theirs[f"{holder}_{inside}_MAX_ITEMS".upper()], where
        assert least >= theirs.get(f"{holder}_{inside}_MIN_ITEMS".upper(), 1), where
    assert theirs["MESSAGE_BLOCKS_MAX_ITEMS"] == limits.BLOCKS


def named(where: str) -> str:
    """`button/text` as slackblocks calls it."""
    said = where.replace("confirm/", "confirmation/").replace("section/fields", "section/fields_item")
    holder, _, inside = said.rpartition("/")
    holder = {"static_select": "select", "multi_static_select": "select", "users_select": "select"}.get(holder, holder)
    return "_".join(
        part for part in (holder.replace("datepicker", "date_picker"), inside, "max_length") if part
    ).upper()


def too_much(sheet: Sheet) -> Iterator[str]:
    """What is longer or more than they allow."""
    theirs = vars(numbers("_limits"))
    most = theirs["MESSAGE_BLOCKS_MAX_ITEMS" if sheet.surface == "message" else "VIEW_BLOCKS_MAX_ITEMS"]
    if len(sheet.blocks) > most:
        yield f"{len(sheet.blocks)} blocks"
    for part in ("title", "submit", "close") if sheet.surface == "modal" else ():
        if len(sheet.payload[part]["text"]) > theirs[f"VIEW_{part}_MAX_LENGTH".upper()]:
            yield part
    for holder, name, value in parts(sheet.payload["blocks"], "message"):
        length, items = theirs.get(named(f"{holder}/{name}")), theirs.get(f"{holder}_{name}_MAX_ITEMS".upper())
        text = value.get("text", "") if isinstance(value, dict) else value
        if isinstance(text, str) and (length is not None) and not 0 < len(text) <= length:
            yield f"{holder}/{name} has {len(text)} characters, not {length}"
        if isinstance(value, list) and items is not None and not 0 < len(value) <= items:
            yield f"{holder}/{name} has {len(value)} entries, not {items}"
        if isinstance(value, str) and name in ("action_id", "block_id") and not 0 < len(value) <= 255:
            yield f"{name} has {len(value)} characters"
        if isinstance(value, dict) and "text" in value and not 0 < len(str(value["text"])) <= 3_000:
            yield f"{holder}/{name} is empty or too long"


def parts(node: Any, holder: str) -> Iterator[tuple[str, str, Any]]:
    """Each thing with what it stands in."""
    if isinstance(node, list):
        for one in node:
            yield from parts(one, holder)
    elif isinstance(node, dict):
        kind = str(node.get("type", holder))
        kind = "select" if kind.endswith("select") else {"plain_text": holder, "mrkdwn": holder}.get(kind, kind)
        for name, value in node.items():
            yield kind, name, value
            yield from parts(value, {"options": "option", "confirm": "confirm"}.get(name, kind))
