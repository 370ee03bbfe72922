"""A condition as it is written in YAML: the closed form of model.py, rule 1."""

from __future__ import annotations

from bot.playbook.model import AllOf, AnyOf, Condition, Is, Not
from bot.playbook.problem import brief
from bot.playbook.tree import Items, Node, Reader


def condition(reader: Reader, node: Node, of: str) -> Condition | None:
    """`{question: value}`, `{question: [v1, v2]}`, `{any: […]}`, `{all: […]}`, `{not: …}`; two keys mean all."""
    entries = reader.mapping(node, of)
    if entries is None:
        return None
    if not entries.entries:
        reader.complain(node.line, f"{of} is empty.", "Name a question and a value, such as `{phone: mine}`.")
        return None
    parts = [_clause(reader, key, value, of) for key, (_, value) in entries.entries.items()]
    read = tuple(part for part in parts if part is not None)
    if len(read) < len(parts):
        return None
    return read[0] if len(read) == 1 else AllOf(read)


def _clause(reader: Reader, key: str, value: Node, of: str) -> Condition | None:
    if key == "not":
        inner = condition(reader, value, of)
        return None if inner is None else Not(inner)
    if key not in ("any", "all"):
        values = reader.texts(value, f"{of}: the answer to `{brief(key)}`")
        return Is(key, values) if values else None
    items = reader.listed(value, f"{of}: `{key}`")
    read = [condition(reader, item, of) for item in items]
    inner_all = tuple(part for part in read if part is not None)
    if not items or len(inner_all) < len(items):
        if isinstance(value, Items) and not items:
            reader.complain(value.line, f"{of}: `{key}` is empty.", "List conditions under it, each with a hyphen.")
        return None
    return AnyOf(inner_all) if key == "any" else AllOf(inner_all)
