"""YAML as a tree that remembers its lines, and a walker that collects what is wrong instead of stopping at it.

RULES
 1. Only plain data: no anchors, no aliases, no tags, one document. What a file says stands where it is read.
 2. Every value is text here; what it has to be is decided where it is asked for. A bare word that YAML itself takes
    for a boolean or for nothing (`off`, `yes`, `null`) has to be quoted, because other tools would change it.
 3. A key stands once, and an unknown one is refused with the nearest known one: a typing mistake never passes as
    a default.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import TypeVar

import yaml
from msgspec import Struct
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from bot.playbook.problem import Problem, brief, nearest, printable

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DEPTH, NODES, TEXT = 16, 5000, 1000
"""Levels and values in a file, and characters in a text: far more than any playbook needs."""
BARE = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null", "~"))
"""Bare words (in any case) that YAML 1.1 reads as a boolean or as nothing."""

NEITHER_TEXT_NOR_LINE = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no YAML file may hold: a NUL above all."""

E = TypeVar("E", bound=StrEnum)


class Scalar(Struct, frozen=True):
    text: str
    bare: bool
    line: int


class Items(Struct, frozen=True):
    items: tuple[Node, ...]
    line: int


class Entries(Struct, frozen=True):
    """A mapping in the order of the file: key -> (line of the key, value)."""

    entries: dict[str, tuple[int, Node]]
    line: int


Node = Scalar | Items | Entries


class Snag(Exception):
    """Reading cannot go on after this line."""

    def __init__(self, line: int, what: str, mend: str) -> None:
        super().__init__(what)
        self.line, self.what, self.mend = line, what, mend


class Reader:
    """Walks the tree of one file. What is wrong is added to `problems`, and the walk goes on without it."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file = file
        self.step = ""
        self._problems = problems

    def complain(self, line: int, what: str, mend: str) -> None:
        said = Problem(file=self.file, line=line, step=brief(self.step), what=printable(what), mend=printable(mend))
        self._problems.append(said)

    def tree(self, text: str) -> Entries | None:
        """The file as a tree; None (and a problem) when it cannot be read as one."""
        try:
            root = _compose(text, self.complain)
        except Snag as snag:
            self.complain(snag.line, snag.what, snag.mend)
            return None
        if isinstance(root, Entries):
            return root
        self.complain(
            root.line, "This file is not a list of `key: value` lines.", "Start it with a key, such as `name:`."
        )
        return None

    def known(self, node: Entries, keys: Iterable[str], of: str) -> dict[str, tuple[int, Node]]:
        """The entries whose keys are known; the others are problems. `of` names the place: "a step"."""
        known = frozenset(keys)
        for key, (line, _) in node.entries.items():
            if key not in known:
                self.complain(line, f"{of} has no key `{brief(key)}`.", nearest(key, known))
        return {key: entry for key, entry in node.entries.items() if key in known}

    def mapping(self, node: Node, of: str) -> Entries | None:
        if isinstance(node, Entries):
            return node
        self.complain(node.line, f"{of} has to be `key: value` lines.", "Indent them by two spaces, one on each line.")
        return None

    def listed(self, node: Node, of: str) -> tuple[Node, ...]:
        if isinstance(node, Items):
            return node.items
        self.complain(node.line, f"{of} has to be a list.", "Begin each item with a hyphen: `- id: …`.")
        return ()

    def text(self, node: Node, of: str) -> str:
        """A text; "" (and a problem) for anything else."""
        if not isinstance(node, Scalar):
            self.complain(node.line, f"{of} has to be one text.", "Write it on the same line, after the colon.")
            return ""
        if not node.text.strip():
            self.complain(node.line, f"{of} is empty.", "Write something after the colon, or take the key out.")
        elif node.bare and node.text.lower() in BARE:
            mend = f'Put it in quotes: "{node.text}".'
            self.complain(node.line, f"Other programs read a bare `{node.text}` as true, false or nothing.", mend)
        elif len(node.text) > TEXT:
            self.complain(node.line, f"{of} has more than {TEXT} characters.", "Shorten it: a card has to hold it.")
        elif not node.text.strip().isprintable():
            mend = "Write it on one line, with nothing but letters, digits and punctuation."
            self.complain(node.line, f"{of} holds a line break or a character that is not text.", mend)
        return node.text.strip()

    def texts(self, node: Node, of: str) -> tuple[str, ...]:
        """One text or a list of them."""
        if isinstance(node, Items):
            return tuple(text for item in node.items if (text := self.text(item, of)))
        text = self.text(node, of)
        return (text,) if text else ()

    def whole(self, node: Node, of: str) -> int:
        text = node.text if isinstance(node, Scalar) else ""
        if re.fullmatch(r"-?[0-9]{1,6}", text):
            return int(text)
        self.complain(node.line, f"{of} has to be a whole number.", "Write digits alone, such as `72`.")
        return 0

    def flag(self, node: Node, of: str) -> bool:
        text = node.text if isinstance(node, Scalar) and node.bare else ""
        if text not in ("true", "false"):
            self.complain(node.line, f"{of} has to be true or false.", "Write `true` or `false`, without quotes.")
        return text == "true"

    def word(self, node: Node, of: str, kind: type[E]) -> E | None:
        text = self.text(node, of)
        if text in list(kind):
            return kind(text)
        if text:
            self.complain(node.line, f"{of} cannot be `{brief(text)}`.", nearest(text, list(kind)))
        return None


def _compose(text: str, complain: Callable[[int, str, str], None]) -> Node:
    """The tree of a YAML text. Raises Snag where reading has to stop; keys that stand twice are only complained of."""
    strange = NEITHER_TEXT_NOR_LINE.search(text)
    if strange:
        line = text.count("\n", 0, strange.start()) + 1
        raise Snag(line, "There is a character here that is not text.", "Delete it; it may not be visible.")
    try:
        return _build(iter(yaml.parse(text, Loader=LOADER)), complain)
    except yaml.MarkedYAMLError as error:
        raise _explained(error, text) from error
    except yaml.YAMLError as error:
        raise Snag(0, "This file cannot be read as YAML.", "Save it as plain UTF-8 text.") from error


def _explained(error: yaml.MarkedYAMLError, text: str) -> Snag:
    if error.context_mark and "quoted scalar" in (error.context or ""):
        return Snag(
            error.context_mark.line + 1, "A quote begins here and is never closed.", "Close it on the same line."
        )
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    lines = text.splitlines()
    shown = lines[line - 1] if line <= len(lines) else ""
    if "\t" in shown:
        return Snag(line, "There is a tab in this line.", "Indent with spaces, two for each level.")
    if ": " in shown.partition(": ")[2] or "mapping values" in (error.problem or ""):
        return Snag(line, "This line has a second colon in it, or its indent is wrong.", "Put the text in quotes.")
    why = error.problem or "it stops in the middle"
    return Snag(line, f"This line cannot be read as YAML ({why}).", "Look for a missing quote, bracket or indent here.")


def _build(events: Iterator[Event], complain: Callable[[int, str, str], None]) -> Node:
    """Rule 1, on the stream of events, so that nothing is ever expanded and depth is known before it hurts."""
    documents = 0
    open_: list[_Open] = []
    root: Node | None = None
    for count, event in enumerate(events):
        line = event.start_mark.line + 1 if event.start_mark else 0
        node: Node | None = None
        if count > NODES:
            raise Snag(line, f"This file holds more than {NODES} values.", "Split the playbook in two.")
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise Snag(line, "A second document begins here.", "Delete the line `---`.")
        elif isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            raise Snag(
                line, "Anchors (`&name`) and aliases (`*name`) are not used here.", "Write the text out, or quote it."
            )
        elif isinstance(event, ScalarEvent):
            if event.tag:
                raise Snag(
                    line, f"Tags such as `{brief(event.tag)}` are not used here.", "Take it out, or quote the text."
                )
            node = Scalar(text=event.value, bare=event.implicit[0], line=line)
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            if event.tag or len(open_) >= DEPTH:
                raise Snag(
                    line, "This is a tag, or nested too deeply.", f"Go no deeper than {DEPTH} levels, without tags."
                )
            open_.append(_Open(line=line, pairs=isinstance(event, MappingStartEvent)))
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            node = open_.pop().closed(complain)
        if node is not None:
            root = node
            if open_:
                open_[-1].parts.append(node)
    if root is None:
        raise Snag(0, "This file is empty.", "Write it as conversations/README.md shows.")
    return root


class _Open:
    """A mapping or a list whose end was not seen yet."""

    def __init__(self, line: int, pairs: bool) -> None:
        self.line, self.pairs = line, pairs
        self.parts: list[Node] = []

    def closed(self, complain: Callable[[int, str, str], None]) -> Node:
        if not self.pairs:
            return Items(items=tuple(self.parts), line=self.line)
        entries: dict[str, tuple[int, Node]] = {}
        for key, value in zip(self.parts[::2], self.parts[1::2], strict=True):
            if not isinstance(key, Scalar):
                complain(key.line, "A key has to be one word.", "Write `word: value`.")
                continue
            if key.bare and key.text.lower() in BARE:
                what = f"Other programs read a bare `{key.text}` as true, false or nothing."
                complain(key.line, what, f'Put the key in quotes: "{key.text}".')
            if key.text in entries:
                first = entries[key.text][0]
                complain(
                    key.line, f"The key `{brief(key.text)}` stands twice; first in line {first}.", "Keep one of them."
                )
            entries.setdefault(key.text, (key.line, value))
        return Entries(entries=entries, line=self.line)
