"""Everything that Slack is ever asked to show: the cards of every playbook's every step and of every story, with the
private answers, the home pages and the forms on the way, in one language, as they are sent."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from bot.app import DemoDirector, demo
from bot.content import names, root, stories
from bot.core.case import PersonId
from bot.demo.board import Board, Shown
from bot.demo.cast import PARTS
from bot.demo.stage import Stage, Watcher
from bot.demo.story import Player, Story
from bot.heard import Answer, Click, Wanted
from bot.playbook.card import Card, card_hash
from bot.playbook.copy import Copy
from bot.playbook.copy import load as load_copy
from bot.playbook.load import read as load
from bot.playbook.load import read_folder
from bot.playbook.sample import sample
from bot.playbook.views.forms import form_card
from bot.playbook.views.replies import refusal
from bot.repertoire import DEFAULT_PLAYBOOKS, Repertoire
from bot.slack import forms
from bot.slack.blocks import SlackRenderer
from tests.fixtures.cards.hardest import CARDS, NAMES

Json = dict[str, Any]

LANGUAGES = ("en", "zh-CN")
FORMS = (
    ("send_back", "reason"),
    ("move", "date"),
    ("successor", "person"),
    ("reassign", "person"),
    ("waive", "waive"),
)


class Sheet(Struct, frozen=True):
    """What is sent as one. `name` says where it comes from; `surface`: message, home or modal."""

    name: str
    surface: str
    payload: Json

    @property
    def blocks(self) -> list[Json]:
        return list(self.payload["blocks"])


class Deck:
    """Collects what is different. `names`: of the people that the cards mention."""

    def __init__(self) -> None:
        self.sheets: list[Sheet] = []
        self._seen: set[str] = set()
        self._renderer = SlackRenderer()

    def card(self, where: str, card: Card, people: Mapping[PersonId, str], surface: str = "message") -> None:
        mark = f"{surface} {card_hash(card)} {[button.label for button in (*card.row, *card.more)]} {card.input}"
        if mark not in self._seen:
            self._seen.add(mark)
            payload = dict(self._renderer.draw(card, dict(people)).payload)
            self.sheets.append(Sheet(f"{where} / {card.kind} / {card.title}", surface, payload))

    def answer(self, where: str, answer: Answer, people: Mapping[PersonId, str]) -> None:
        for card in answer.cards:
            self.card(where, card, people)
        wanted = answer.wanted
        if wanted is not None and (view := forms.view(wanted, "1795000000.000100", "slack:U0CHEN")) is not None:
            mark = json.dumps([view["title"], view["blocks"]])
            if mark not in self._seen:
                self._seen.add(mark)
                self.sheets.append(Sheet(f"{where} / form / {wanted.asks}", "modal", view))


class Spectator(Watcher):
    """Puts into the deck what everybody is told, and everybody's home page after it."""

    def __init__(self, deck: Deck, where: str, director: DemoDirector) -> None:
        self._deck = deck
        self._where = where
        self._director = director

    def told(self, role: str, answer: Answer) -> None:
        self._deck.answer(self._where, answer, self._director.names())

    def homes(self) -> None:
        for part in PARTS:
            card, people = self._director._app.engine.desk(part.id)
            self._deck.card(self._where, card, people, "home")


@cache
def deck(language: str, whole: bool) -> tuple[Sheet, ...]:
    """`whole`: also what every story brings up, not only those of the deepest playbook."""
    made = Deck()
    _forms_and_refusals(made, load_copy(language))
    for title, draw in CARDS.items():
        made.card(title, draw(), NAMES)
    for name in names(None, None):
        playbook = load(read_folder(root(None) / name), name).playbook
        for step in playbook.steps:
            card, people = sample(playbook, step.id, language)
            made.card(f"{name} / {step.id}", card, people)
        for title, story in stories(name, None) if whole or name in DEFAULT_PLAYBOOKS else ():
            assert isinstance(story, Story), story
            _played(made, name, f"{name} / {title}", story, language)
    return tuple(made.sheets)


def _forms_and_refusals(made: Deck, copy: Copy) -> None:
    for verb, asks in FORMS:
        wanted = Wanted(asks, Click(verb, "OFB-7@3@2@k3Jx9QmTz0aB"), form_card(copy, asks, verb, "OFB-7"))
        made.answer("form", Answer(wanted=replace(wanted, words=copy("form.words") if asks == "waive" else "")), {})
    for key in sorted(copy.known()):
        kind, _, code = key.partition(".")
        if kind == "refusals":
            words = " ".join(copy.sentences(key))
            names = set(re.findall(r"{{\s*(\w+)", words)) - {"hint"}
            made.card("refusal", refusal(copy, code, "OFB-7", dict.fromkeys(names, "7")), {})


def _played(made: Deck, name: str, where: str, story: Story, language: str) -> None:
    with TemporaryDirectory() as folder:
        board = Board()
        library = Repertoire(name, root(None)).library(language)
        with demo(Path(folder) / "story.db", language, library, board, story.starts, name) as director:
            spectator = Spectator(made, where, director)

            def shown(one: Shown) -> None:
                made.card(where, one.card, one.names)

            board.on_show = shown
            player = Player(Stage(director, board, watcher=spectator), language)
            for move in story.moves:
                player.play(Story(story.story, [move], starts=story.starts))
                spectator.homes()
