"""What a callback says, as a strict typed record. Whatever is not plain text where text belongs is refused.

RULES
 1. No document type, no entities, no comments, no processing instructions, no attributes, no namespaces: WeCom sends
    none of them, and each has been used to make one reader see another text than the next (`ad<!--x-->min`).
 2. A field may stand once. Only `SelectedItem` and `OptionId` are lists.
 3. An element holds text or elements, never both.
 4. What we do not know is read, counted and left alone: WeCom adds fields.
 5. Sizes are bounded before anything is read: the whole, the depth, the number of elements, each text.

Sources: developer.work.weixin.qq.com/document/path/90239 (消息格式), 90240 (事件格式), 90970 (通讯录).
"""

from __future__ import annotations

import re
from typing import Any
from xml.parsers import expat

from msgspec import Struct

LARGEST = 64 * 1024
DEEPEST = 6
MOST = 400
LONGEST = 8 * 1024
"""Bytes of the whole, levels, elements, and characters of one text (WeCom takes 2,048 bytes from a person)."""

LISTS = frozenset({"SelectedItem", "OptionId"})
_WHOLE = re.compile(r"\d{1,19}")

Node = str | list[tuple[str, Any]]


class Malformed(Exception):
    """It is not what WeCom sends. The words hold nothing of what was sent, beyond the name of a field of ours."""


class Chosen(Struct, frozen=True):
    """What was ticked under one question of a card."""

    question: str
    options: tuple[str, ...]


class Record(Struct, frozen=True, omit_defaults=True):
    """One callback. `person` is FromUserName, `corp` is ToUserName, `agent` is "" where there is none (contacts).

    `at` is CreateTime, Unix seconds. `kind` is MsgType, `event` is Event in lower case."""

    corp: str
    person: str
    kind: str
    at: int
    agent: str = ""
    id: str = ""
    text: str = ""
    event: str = ""
    key: str = ""
    task: str = ""
    code: str = ""
    card: str = ""
    chosen: tuple[Chosen, ...] = ()
    change: str = ""
    member: str = ""
    new_member: str = ""
    status: str = ""


def read(plain: bytes) -> Record:
    """Raises Malformed and nothing else."""
    fields = _Reader().read(plain)
    if "FromUserName" not in fields or "ToUserName" not in fields or "MsgType" not in fields:
        raise Malformed("a field that every callback has is missing")
    kind = _text(fields, "MsgType", 32).lower()
    event = _text(fields, "Event", 64).lower() if kind == "event" else ""
    if kind == "event" and not event:
        raise Malformed("an event without a name")
    return Record(
        corp=_text(fields, "ToUserName", 64),
        person=_text(fields, "FromUserName", 64),
        kind=kind,
        at=_number(fields, "CreateTime"),
        agent=str(_number(fields, "AgentID")) if "AgentID" in fields else "",
        id=_digits(fields, "MsgId"),
        text=_text(fields, "Content", LONGEST) if kind == "text" else "",
        event=event,
        key=_text(fields, "EventKey", 1024) if isinstance(fields.get("EventKey", ""), str) else "",
        task=_text(fields, "TaskId", 128),
        code=_text(fields, "ResponseCode", 512),
        card=_text(fields, "CardType", 32),
        chosen=_chosen(fields.get("SelectedItems", "")) if event == "template_card_event" else (),
        change=_text(fields, "ChangeType", 32).lower(),
        member=_text(fields, "UserID", 64),
        new_member=_text(fields, "NewUserID", 64),
        status=_text(fields, "Status", 8) if isinstance(fields.get("Status", ""), str) else "",
    )


def _text(fields: dict[str, Node], name: str, most: int) -> str:
    found = fields.get(name, "")
    if not isinstance(found, str):
        raise Malformed(f"{name} is not text")
    if len(found) > most:
        raise Malformed(f"{name} is too long")
    return found


def _digits(fields: dict[str, Node], name: str) -> str:
    found = _text(fields, name, 20)
    if found and not (found.isascii() and found.isdigit()):
        raise Malformed(f"{name} is not a number")
    return found


def _number(fields: dict[str, Node], name: str) -> int:
    found = _text(fields, name, 19)
    if not (found.isascii() and _WHOLE.fullmatch(found)):
        raise Malformed(f"{name} is not a number")
    return int(found)


def _chosen(node: Node) -> tuple[Chosen, ...]:
    if node == "":
        return ()
    if isinstance(node, str):
        raise Malformed("SelectedItems is text")
    items = []
    for name, item in node:
        if name != "SelectedItem" or not isinstance(item, list):
            raise Malformed("SelectedItems holds something else")
        fields = dict(item)
        question, options = fields.get("QuestionKey", ""), fields.get("OptionIds", [])
        if not isinstance(question, str) or not question or (isinstance(options, str) and options):
            raise Malformed("a SelectedItem has no question, or its options are text")
        ids = [option for name, option in options if name == "OptionId"]
        if not all(isinstance(option, str) and 0 < len(option) <= 128 for option in ids) or len(ids) > 20:
            raise Malformed("an OptionId is not the id of an option")
        items.append(Chosen(question, tuple(ids)))
    if len({item.question for item in items}) < len(items):
        raise Malformed("a question stands twice")
    return tuple(items)


class _Reader:
    """Text or elements, from the bytes."""

    def __init__(self) -> None:
        self._stack: list[tuple[str, list[tuple[str, Any]], list[str]]] = []
        self._root: Node = ""
        self._count = 0
        self._failed = ""

    def read(self, plain: bytes) -> dict[str, Node]:
        if len(plain) > LARGEST:
            raise Malformed("too large")
        try:
            text = plain.decode("utf-8")
        except UnicodeDecodeError:
            raise Malformed("not UTF-8") from None  # a mark at its beginning would have it read as something else
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.StartDoctypeDeclHandler = self._no("a document type")
        parser.EntityDeclHandler = self._no("an entity")
        parser.CommentHandler = self._no("a comment")
        parser.ProcessingInstructionHandler = self._no("an instruction")
        parser.SkippedEntityHandler = self._no("an entity")
        try:
            parser.Parse(text.removeprefix("\ufeff"), True)
        except (expat.ExpatError, ValueError, LookupError):
            raise Malformed("not XML") from None
        if not isinstance(self._root, list):
            raise Malformed("there is nothing in it")
        return dict(self._root)

    def _no(self, what: str) -> Any:
        def refuse(*_: object) -> None:
            raise Malformed(f"{what} is nothing that WeCom sends")

        return refuse

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if attributes or ":" in name:
            raise Malformed("attributes and namespaces are nothing that WeCom sends")
        if self._count > MOST or len(self._stack) >= DEEPEST:
            raise Malformed("too many elements")
        if not self._stack and name != "xml":
            raise Malformed("the root is not xml")
        self._stack.append((name, [], []))

    def _data(self, data: str) -> None:
        if self._stack:
            self._stack[-1][2].append(data)

    def _end(self, name: str) -> None:
        _, elements, pieces = self._stack.pop()
        text = "".join(pieces)
        if elements and text.strip():
            raise Malformed("text between elements")
        if len(text) > LONGEST:
            raise Malformed("a text is too long")
        known = len(self._stack) < 2 or (len(self._stack) > 1 and self._stack[1][0] == "SelectedItems")
        names = [name for name, _ in elements if name not in LISTS]
        if known and len(set(names)) < len(names):
            raise Malformed("a field stands twice")
        node: Node = elements if elements else text
        if self._stack:
            self._stack[-1][1].append((name, node))
        else:
            self._root = node
