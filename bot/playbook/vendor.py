"""What a vendor's pages are called and where they are: one file for all playbooks of a vendor.

    conversations/tencent_cloud/_places.yaml      read with each playbook of that folder, and pinned with it

RULES
 1. A step's prose names a page or a label by its id: `{{ place.login_methods }}`, `{{ label.modify }}`. The loader
    puts the words in before anything else looks at the text, so a template can do no more than before.
 2. Each entry says where its words come from and on which day they were read there. A console changes without
    telling anybody: what was read long ago is listed for whoever owns the content (`stale`).
 3. What nobody has seen in the vendor's documents says so to the author (`seen: false`). It is never given to a
    person as a fact: the linter asks for a part `different` where such a page is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from msgspec import Struct

from bot.playbook.problem import Problem, brief, nearest, quoted
from bot.playbook.tree import Entries, Node, Reader

PLACES = "_places.yaml"
LANGUAGES = ("en", "zh-CN")
FRESH_DAYS = 180
"""After so many days somebody should look at the page again."""

KINDS = {"places": "place", "labels": "label"}
KEYS = ("url", "en", "zh-CN", "source", "read", "seen")
NAMED = re.compile(r"\{\{\s*(place|label)\.([A-Za-z0-9_]*)\s*\}\}")


class Entry(Struct, frozen=True):
    """A page or a label of the vendor's console. `words` by language; a page's are the way to it through the menus.
    `read`: when somebody last read it at `source`. `seen`: it stands there; otherwise it was inferred or remembered."""

    kind: str
    id: str
    url: str
    words: dict[str, str]
    source: str
    read: date
    seen: bool = True
    line: int = 0

    def said(self, language: str) -> str:
        """What the text shows: for a page a link, then the way to it; for a label the label."""
        words = self.words.get(language) or self.words["en"]
        if not self.url:
            return words
        name, mark, rest = words.partition("：" if language == "zh-CN" else ": ")
        return f"[{name}]({self.url}){mark}{rest}"


Vendor = Mapping[tuple[str, str], Entry]


def vendor(text: str, problems: list[Problem]) -> Vendor:
    """The entries of a `_places.yaml` by kind and id. What is wrong is added to `problems`."""
    reader = Reader(PLACES, problems)
    root = reader.tree(text)
    found = reader.known(root, KINDS, "The list of places") if root is not None else {}
    entries = [entry for key, (_, node) in found.items() for entry in _section(reader, KINDS[key], node)]
    return {(entry.kind, entry.id): entry for entry in entries}


def _section(reader: Reader, kind: str, node: Node) -> Iterator[Entry]:
    section = reader.mapping(node, f"`{kind}s`")
    for id, (line, value) in section.entries.items() if section is not None else ():
        entry = reader.mapping(value, f"`{brief(id)}`")
        if entry is not None and (made := _entry(reader, kind, id, line, entry)) is not None:
            yield made


def _entry(reader: Reader, kind: str, id: str, line: int, node: Entries) -> Entry | None:
    found = reader.known(node, KEYS, f"`{brief(id)}`")
    wanted = ("en", "zh-CN", "source", "read", *(("url",) if kind == "place" else ()))
    missing = [key for key in wanted if key not in found]
    if missing:
        reader.complain(line, f"`{brief(id)}` lacks {quoted(missing)}.", "Add what is missing.")
        return None
    said = {key: reader.text(value, f"`{key}`") for key, (_, value) in found.items() if key not in ("read", "seen")}
    read = _day(reader, found["read"][1])
    if read is None or not all(said.values()):
        return None
    seen = reader.flag(found["seen"][1], "`seen`") if "seen" in found else True
    words = {language: said[language] for language in LANGUAGES}
    return Entry(kind, id, said.get("url", ""), words, said["source"], read, seen, line)


def _day(reader: Reader, node: Node) -> date | None:
    text = reader.text(node, "`read`")
    try:
        return date.fromisoformat(text)
    except ValueError:
        if text:
            reader.complain(node.line, f"`{brief(text)}` is not a day.", "Write it as 2026-11-24.")
        return None


def put_in(text: str, language: str, known: Vendor, file: str, step: str, problems: list[Problem]) -> str:
    """The text with what it names put in. A name that is not known is a problem."""
    lines = text.split("\n")
    for at, line in enumerate(lines):
        for match in NAMED.finditer(line):
            kind, id = match.groups()
            if (kind, id) not in known:
                ids = [other for of, other in known if of == kind]
                mend = nearest(id, ids) if ids else f"List it in {PLACES}, in the folder above."
                problems.append(Problem(file, at + 1, step, f"There is no {kind} `{brief(id)}`.", mend))
        lines[at] = NAMED.sub(
            lambda match: known[found].said(language) if (found := (match[1], match[2])) in known else "", line
        )
    return "\n".join(lines)


def named(text: str) -> Iterator[tuple[str, str]]:
    """Kind and id of each entry that a text names."""
    for match in NAMED.finditer(text):
        yield match[1], match[2]


def stale(known: Vendor, today: date, days: int = FRESH_DAYS) -> list[Entry]:
    """What was read more than `days` days ago, the oldest first."""
    before = today - timedelta(days=days)
    return sorted((entry for entry in known.values() if entry.read < before), key=lambda entry: (entry.read, entry.id))


def unseen(used: Mapping[str, tuple[Entry, ...]]) -> dict[str, tuple[Entry, ...]]:
    """Where something is named that nobody has seen: `words.en.steps.bind` -> entries."""
    return {at: found for at, entries in used.items() if (found := tuple(e for e in entries if not e.seen))}
