"""The bytes of the record. Facts are hashed as these bytes, so encoding is deterministic: struct fields in their
declared order, dictionaries in the order in which they were filled, times in UTC, no white space.

An old fact that was retired stays decodable: it is added to `RETIRED` with its tag, and `core.facts.UPCASTS` says what
it means in the newest form.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from bot.core.case import Case
from bot.core.desk import Desk, Waiting
from bot.core.effects import Amend, Ask, Say
from bot.core.facts import Fact
from bot.rows import FactRow

RETIRED: tuple[type[Struct], ...] = ()

_encoder = msgspec.json.Encoder()
_facts = msgspec.json.Decoder(Fact)
_case = msgspec.json.Decoder(Case)
_desk = msgspec.json.Decoder(Desk)
_said = msgspec.json.Decoder(Say | Amend | Ask)
_waiting = msgspec.json.Decoder(tuple[Waiting, ...])


def encode(value: Any) -> bytes:
    return _encoder.encode(value)


def fact(data: bytes) -> Fact:
    """A fact of any version that was ever released, as it was stored."""
    found: Fact = _facts.decode(data)
    return found


def case(data: bytes) -> Case:
    return _case.decode(data)


def desk(data: bytes) -> Desk:
    return _desk.decode(data)


def said(data: bytes) -> Say | Amend | Ask:
    found: Say | Amend | Ask = _said.decode(data)
    return found


def waiting(data: str) -> tuple[Waiting, ...]:
    return _waiting.decode(data)


def utc(at: datetime) -> str:
    """ISO 8601 with Z, as in the public views."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def row(fact: Fact) -> FactRow:
    """A fact as the store keeps it: exact bytes, and what the view `history` shows."""
    return FactRow(
        data=encode(fact),
        kind=str(fact.__struct_config__.tag),
        actor=fact.by,
        at=utc(fact.at),
        step=int(getattr(fact, "step", 0)),
    )
