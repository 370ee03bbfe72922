"""`playbook.yaml` and the `_playbook.yaml` files: from a tree with lines to the typed model.

The keys are those of the model, so there is one table per thing: key -> how its value is read. Where each value stood
is noted in `places` under a dotted name (`steps.bind_successor.needs`), so that the linter, which sees only the model,
can still name the file and the line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from msgspec import Struct

from bot.core.case import Grade, Holder, Owner
from bot.playbook.condition import condition
from bot.playbook.model import (
    LEADS_AT,
    QUESTION_KINDS,
    HoldingSpec,
    InvariantSpec,
    LeadSpec,
    Question,
    QuestionWords,
    StepSpec,
)
from bot.playbook.problem import brief, nearest
from bot.playbook.tree import Entries, Node, Reader

FORMAT = 1
"""The version of this format, which a file may state. It rises when an old file would mean something else."""

Place = tuple[str, int]
Places = dict[str, Place]
Read = Callable[[Reader, Node, str], Any]
T = TypeVar("T", bound=Struct)


def _kind(reader: Reader, node: Node, of: str) -> str:
    text = reader.text(node, of)
    if text and text not in QUESTION_KINDS:
        reader.complain(node.line, f"{of} cannot be `{brief(text)}`.", nearest(text, QUESTION_KINDS))
    return text


def _at(reader: Reader, node: Node, of: str) -> str:
    text = reader.text(node, of)
    if text and text not in LEADS_AT:
        reader.complain(node.line, f"{of} cannot be `{brief(text)}`.", nearest(text, LEADS_AT))
    return text


def _grade(reader: Reader, node: Node, of: str) -> Grade | None:
    return reader.word(node, of, Grade)


def _holder(reader: Reader, node: Node, of: str) -> Holder | None:
    return reader.word(node, of, Holder)


def _owner(reader: Reader, node: Node, of: str) -> Owner | None:
    return reader.word(node, of, Owner)


text, texts, whole, flag = Reader.text, Reader.texts, Reader.whole, Reader.flag

QUESTION: Mapping[str, Read] = {
    "id": text, "kind": _kind, "options": texts, "when": condition, "of": _owner, "targets": flag, "private": flag,
    "asked": flag,
}  # fmt: skip
HOLDING: Mapping[str, Read] = {"id": text, "leaver_when": condition, "otherwise": _holder, "group": text}
INVARIANT: Mapping[str, Read] = {
    "id": text, "guards": texts, "of": texts, "held_by": _holder,
    "at_least": whole, "at_most": whole, "grade": _grade,
}  # fmt: skip
STEP: Mapping[str, Read] = {
    "id": text, "owner": _owner, "when": condition, "needs": texts, "after": texts, "gives": texts, "takes": texts,
    "disables": texts, "destroys": texts, "demands": _grade, "approvals": whole, "soak_hours": whole,
    "patience_hours": whole, "recovers": text, "only_leaver": flag, "before_last_day": whole,
    "waits": flag, "again_days": whole,
}  # fmt: skip
LEAD: Mapping[str, Read] = {"playbook": text, "when": condition, "needs": texts, "at": _at}
PLAYBOOK = ("format", "name", "hosts", "questions", "holdings", "invariants", "steps", "leads_to")
REQUIRED: Mapping[str, tuple[str, ...]] = {"invariants": ("guards", "of", "held_by")}


class Structure(Struct, frozen=True):
    """What `playbook.yaml` says."""

    questions: tuple[Question, ...]
    holdings: tuple[HoldingSpec, ...]
    invariants: tuple[InvariantSpec, ...]
    steps: tuple[StepSpec, ...]
    hosts: tuple[str, ...]
    leads_to: tuple[LeadSpec, ...]


def structure(reader: Reader, root: Entries, name: str, places: Places) -> Structure:
    found = reader.known(root, PLAYBOOK, "A playbook")
    _head(reader, found, name)
    if "hosts" in found:
        places["hosts"] = (reader.file, found["hosts"][0])
    if "steps" not in found and "leads_to" not in found:
        mend = "List them under `steps:`, or name under `leads_to:` which playbook comes instead."
        reader.complain(0, "There are no steps.", mend)
    hosts = reader.texts(found["hosts"][1], "`hosts`") if "hosts" in found else ()
    return Structure(
        questions=_list(reader, found, "questions", QUESTION, Question, places),
        holdings=_list(reader, found, "holdings", HOLDING, HoldingSpec, places),
        invariants=_list(reader, found, "invariants", INVARIANT, InvariantSpec, places),
        steps=_list(reader, found, "steps", STEP, StepSpec, places),
        hosts=hosts,
        leads_to=tuple(_leads(reader, found, places)),
    )


def _leads(reader: Reader, found: Mapping[str, tuple[int, Node]], places: Places) -> Iterator[LeadSpec]:
    """Other playbooks, in order; each stands in `places` by its number."""
    if "leads_to" not in found:
        return
    line, node = found["leads_to"]
    places["leads_to"] = (reader.file, line)
    for number, item in enumerate(reader.listed(node, "`leads_to`"), start=1):
        entries = reader.mapping(item, "An item of `leads_to`")
        if entries is None:
            continue
        places[f"leads_to.{number}"] = (reader.file, item.line)
        values = _values(reader, entries, f"leads_to.{number}", LEAD, places)
        if not values.get("playbook"):
            reader.complain(item.line, "An item of `leads_to` names no playbook.", "Add a line `playbook: …` to it.")
        else:
            yield LeadSpec(**values)


def _head(reader: Reader, found: Mapping[str, tuple[int, Node]], name: str) -> None:
    """The name is that of the folder, and the format is one that this version reads."""
    if "name" not in found:
        reader.complain(0, "The playbook has no name.", f"Begin with `name: {name}`.")
    else:
        line, node = found["name"]
        given = reader.text(node, "`name`")
        if given and given != name:
            reader.complain(line, f"The name `{brief(given)}` is not that of the folder.", f"Write `name: {name}`.")
    if "format" in found:
        line, node = found["format"]
        if reader.whole(node, "`format`") != FORMAT:
            reader.complain(line, "This version does not read that format.", f"Write `format: {FORMAT}`.")


def _list(
    reader: Reader,
    found: Mapping[str, tuple[int, Node]],
    section: str,
    keys: Mapping[str, Read],
    of: type[T],
    places: Places,
) -> tuple[T, ...]:
    """The things listed in one section. One that cannot be read is a problem and is left out."""
    if section not in found:
        return ()
    line, node = found[section]
    places[section] = (reader.file, line)
    read: list[T] = []
    for item in reader.listed(node, f"`{section}`"):
        reader.step = ""
        entries = reader.mapping(item, f"An item of `{section}`")
        id = _id(reader, entries, section) if entries else ""
        if not entries or not id:
            continue
        first = places.get(f"{section}.{id}")
        if first:
            reader.complain(
                item.line, f"`{brief(id)}` stands twice in `{section}`; first in line {first[1]}.", "Rename one."
            )
            continue
        reader.step = id if section == "steps" else ""
        places[f"{section}.{id}"] = (reader.file, item.line)
        values = _values(reader, entries, f"{section}.{id}", keys, places)
        missing = [key for key in REQUIRED.get(section, ()) if key not in values]
        for key in missing:
            reader.complain(item.line, f"`{brief(id)}` has no `{key}`.", f"Add a line `{key}: …` to it.")
        if not missing:
            read.append(of(**values))
    reader.step = ""
    return tuple(read)


def _id(reader: Reader, entries: Entries, section: str) -> str:
    if "id" not in entries.entries:
        reader.complain(entries.line, f"An item of `{section}` has no id.", "Add a line `id: …` to it.")
        return ""
    return reader.text(entries.entries["id"][1], "`id`")


def _values(reader: Reader, entries: Entries, path: str, keys: Mapping[str, Read], places: Places) -> dict[str, Any]:
    """The values that could be read, by the field of the model."""
    values: dict[str, Any] = {}
    for key, (line, node) in reader.known(entries, keys, f"`{brief(path.partition('.')[2])}`").items():
        places[f"{path}.{key}"] = (reader.file, line)
        value = keys[key](reader, node, f"`{key}`")
        if value is not None:
            values[key] = value
    return values


class Sayings(Struct, frozen=True):
    """What a `_playbook.yaml` says: the words that are not a step's."""

    name: str = ""
    target: str = ""
    questions: dict[str, QuestionWords] = {}
    holdings: dict[str, str] = {}
    invariants: dict[str, str] = {}


def sayings(reader: Reader, root: Entries, language: str, places: Places) -> Sayings:
    path = f"words.{language}"
    found = reader.known(root, ("name", "target", "questions", "holdings", "invariants"), "The words of a playbook")
    places[path] = (reader.file, 0)
    for key, (line, _) in found.items():
        places[f"{path}.{key}"] = (reader.file, line)
    if "name" not in found:
        reader.complain(0, "The playbook has no name in this language.", "Begin with `name: …`.")
    return Sayings(
        name=_one(reader, found, "name"),
        target=_one(reader, found, "target"),
        questions={
            id: asked
            for id, node in _named(reader, found, "questions", path, places).items()
            if (asked := _question_words(reader, node, f"{path}.questions.{id}", places)) is not None
        },
        holdings=_labels(reader, found, "holdings", path, places),
        invariants=_labels(reader, found, "invariants", path, places),
    )


def _one(reader: Reader, found: Mapping[str, tuple[int, Node]], key: str) -> str:
    return reader.text(found[key][1], f"`{key}`") if key in found else ""


def _named(
    reader: Reader, found: Mapping[str, tuple[int, Node]], key: str, path: str, places: Places
) -> dict[str, Node]:
    entries = reader.mapping(found[key][1], f"`{key}`") if key in found else None
    if entries is None:
        return {}
    for id, (line, _) in entries.entries.items():
        places[f"{path}.{key}.{id}"] = (reader.file, line)
    return {id: node for id, (_, node) in entries.entries.items()}


def _labels(
    reader: Reader, found: Mapping[str, tuple[int, Node]], key: str, path: str, places: Places
) -> dict[str, str]:
    return {id: reader.text(node, f"`{brief(id)}`") for id, node in _named(reader, found, key, path, places).items()}


def _question_words(reader: Reader, node: Node, path: str, places: Places) -> QuestionWords | None:
    entries = reader.mapping(node, f"`{brief(path.rpartition('.')[2])}`")
    if entries is None:
        return None
    found = reader.known(entries, ("ask", "why", "hint", "options"), "A question")
    for key, (line, _) in found.items():
        places[f"{path}.{key}"] = (reader.file, line)
    if "ask" not in found:
        reader.complain(places[path][1], "This question asks nothing.", "Add a line `ask: …` to it.")
    return QuestionWords(
        ask=_one(reader, found, "ask"),
        why=_one(reader, found, "why"),
        hint=_one(reader, found, "hint"),
        options=_labels(reader, found, "options", path, places),
    )
