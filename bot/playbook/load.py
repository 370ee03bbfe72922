"""Files -> Playbook. Everything that is wrong is found in one go, and said with file, line and mend.

    files = read_folder(Path("conversations/tencent_cloud/root_account"))
    playbook = parse(files, "tencent_cloud/root_account")        # raises PlaybookError
    loaded = read(files, "tencent_cloud/root_account")           # the same, with where each thing stands

Loading says whether the files *mean* something. Whether they mean something sensible is the linter's (lint.py), so
that a later rule of style never keeps a playbook from loading that a case has pinned.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from bot.playbook.folder import FILES, STRUCTURE, content_hash, find, pack, read_folder, unpack
from bot.playbook.model import Playbook, StepWords, Words
from bot.playbook.problem import PlaybookError, Problem, brief, in_order, nearest, quoted
from bot.playbook.prose import Prose, lines
from bot.playbook.structure import Place, Places, Sayings, Structure, sayings, structure
from bot.playbook.template import VARIABLES, VERSION
from bot.playbook.tree import Reader
from bot.playbook.vendor import PLACES, Entry, Vendor, named, put_in, vendor

__all__ = [
    "FILES",
    "LANGUAGES",
    "VARIABLES",
    "VERSION",
    "Loaded",
    "Place",
    "Places",
    "PlaybookError",
    "Problem",
    "content_hash",
    "find",
    "lines",
    "pack",
    "parse",
    "read",
    "read_folder",
    "unpack",
]

LANGUAGES = ("en", "zh-CN")
SAYINGS = "_playbook.yaml"
NAME = re.compile(r"[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)*")


class Loaded(Struct, frozen=True):
    """A playbook, and where each of its things stands: `steps.bind.needs` -> (file, line). `vendor` are the pages and
    labels of its vendor, `named` which of them a text names: `words.en.steps.bind` -> entries."""

    playbook: Playbook
    places: Places
    vendor: Vendor = {}
    named: Mapping[str, tuple[Entry, ...]] = {}


def parse(files: Mapping[str, str], name: str) -> Playbook:
    """The playbook that these files are, compiled once as long as it is at hand: it can be asked for at every turn.
    Raises PlaybookError with everything that is wrong."""
    return _parsed(name, tuple(sorted(files.items())))


@lru_cache(32)
def _parsed(name: str, files: tuple[tuple[str, str], ...]) -> Playbook:
    return read(dict(files), name).playbook


def read(files: Mapping[str, str], name: str) -> Loaded:
    """As `parse`, with the places that the linter needs to name a file and a line."""
    problems: list[Problem] = []
    places: Places = {}
    if not NAME.fullmatch(name):
        mend = "Name it with small letters, digits and `_`, such as `tencent_cloud/root_account`."
        problems.append(Problem(STRUCTURE, 0, "", f"The folder `{brief(name)}` cannot be a playbook's name.", mend))
    built = _structure(files, name, problems, places)
    # While the structure is wrong, nobody knows which steps there are: only its own mistakes are worth telling.
    steps = frozenset(step.id for step in built.steps) if built and not problems else None
    known = vendor(files[PLACES], problems) if PLACES in files else {}
    used: dict[str, tuple[Entry, ...]] = {}
    words = {
        language: _words(files, language, steps, problems, places, known, used)
        for language in LANGUAGES
        if any(file.startswith(f"{language}/") for file in files)
    }
    problems += _strays(files)
    if problems or built is None:
        raise PlaybookError(sorted(problems, key=in_order))
    playbook = Playbook(
        name=name,
        steps=built.steps,
        questions=built.questions,
        holdings=built.holdings,
        invariants=built.invariants,
        words=words,
        hosts=built.hosts,
        leads_to=built.leads_to,
    )
    return Loaded(replace(playbook, hash=content_hash(files)), places, known, used)


def _structure(files: Mapping[str, str], name: str, problems: list[Problem], places: Places) -> Structure | None:
    if STRUCTURE not in files:
        mend = f"Add {STRUCTURE}, as conversations/README.md shows."
        problems.append(Problem(STRUCTURE, 0, "", "This file is missing.", mend))
        return None
    reader = Reader(STRUCTURE, problems)
    root = reader.tree(files[STRUCTURE])
    return None if root is None else structure(reader, root, name, places)


def _words(
    files: Mapping[str, str],
    language: str,
    steps: frozenset[str] | None,
    problems: list[Problem],
    places: Places,
    known: Vendor,
    used: dict[str, tuple[Entry, ...]],
) -> Words:
    said = _sayings(files, language, problems, places)
    told: dict[str, StepWords] = {}
    for file in sorted(files):
        folder, _, rest = file.partition("/")
        id = rest.removesuffix(".md")
        if folder != language or id == rest or "/" in rest:
            continue
        if steps is not None and id not in steps:
            what = f"There is no step `{brief(id)}`."
            problems.append(Problem(file, 0, "", what, nearest(id, steps)))
            continue
        prose, at = Prose(file, id, problems), f"words.{language}.steps.{id}"
        prose.read(put_in(files[file], language, known, file, id, problems))
        told[id] = prose.words(at, places)
        used[at] = tuple(known[name] for name in dict.fromkeys(named(files[file])) if name in known)
    return Words(
        name=said.name,
        target=said.target,
        questions=said.questions,
        steps=told,
        holdings=said.holdings,
        invariants=said.invariants,
    )


def _sayings(files: Mapping[str, str], language: str, problems: list[Problem], places: Places) -> Sayings:
    file = f"{language}/{SAYINGS}"
    if file not in files:
        problems.append(Problem(file, 0, "", "This file is missing.", "Add it: it holds the words of the questions."))
        return Sayings()
    reader = Reader(file, problems)
    root = reader.tree(files[file])
    return Sayings() if root is None else sayings(reader, root, language, places)


def _strays(files: Mapping[str, str]) -> list[Problem]:
    """Files that nothing reads: most of them are misspelt, and would be missed in silence."""
    strays = []
    for file in sorted(files):
        folder, _, rest = file.partition("/")
        if file in (STRUCTURE, PLACES) or (
            folder in LANGUAGES and (rest == SAYINGS or (rest.endswith(".md") and "/" not in rest))
        ):
            continue
        if rest and folder not in LANGUAGES:
            what, mend = f"`{brief(folder)}` is no language.", f"Words stand in {quoted(LANGUAGES)}."
        else:
            what, mend = (
                "Nothing reads this file.",
                f"Name it {quoted((STRUCTURE, SAYINGS, '<step>.md'))}, or take it away.",
            )
        strays.append(Problem(brief(file), 0, "", what, mend))
    return strays
