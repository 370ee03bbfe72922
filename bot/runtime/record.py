"""The log as a readable record, and its proof: every chain whole, every state what its facts fold to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from bot.core.case import Case, Sealed
from bot.core.facts import Fact
from bot.core.fold import fold
from bot.ports import Reads, StoredFact
from bot.runtime import codec
from bot.runtime.seal import Seals


class Line(Struct, frozen=True):
    """One fact for a reader. `what` are its own fields as plain values; sealed words are opened if there is a key."""

    case: str
    number: int
    at: str
    kind: str
    actor: str
    what: dict[str, Any]
    hash: str


class Unfaithful(Struct, frozen=True):
    """A case whose state is not what its facts say."""

    case: str
    number: int
    what: str


def lines(reads: Reads, ref: str, seals: Seals | None = None) -> Iterator[Line]:
    """The history of a case in order."""
    key = reads.key(ref)
    for stored in reads.facts(ref):
        yield _line(stored, codec.fact(stored.data), ref, key, seals)


def _line(stored: StoredFact, fact: Fact, ref: str, key: bytes | None, seals: Seals | None) -> Line:
    what = msgspec.to_builtins(fact)
    for name in fact.__struct_fields__:
        value = getattr(fact, name)
        if isinstance(value, Sealed):
            what[name] = _opened(value, ref, key, seals)
    if sealed := _answer(fact):
        what["answer"] = _opened(sealed, ref, key, seals)
    for name in ("at", "by", "kind"):
        what.pop(name, None)
    kind = str(fact.__struct_config__.tag)
    return Line(ref, stored.number, codec.utc(fact.at), kind, fact.by, what, stored.hash)


def _answer(fact: Fact) -> Sealed | None:
    answer = getattr(fact, "answer", None)
    return answer.sealed if answer is not None else None


def _opened(sealed: Sealed, ref: str, key: bytes | None, seals: Seals | None) -> str:
    opened = seals.unseal(key, ref, sealed) if seals is not None else None
    return opened if opened is not None else "(sealed)"


def unfaithful(reads: Reads) -> list[Unfaithful]:
    """Every case for which `fold(facts) == row` does not hold."""
    return [found for row in reads.cases() if (found := _check(reads, row.ref, row.state)) is not None]


def _check(reads: Reads, ref: str, state: bytes) -> Unfaithful | None:
    case: Case | None = None
    for stored in reads.facts(ref):
        try:
            case = fold(case, codec.fact(stored.data))
        except (msgspec.MsgspecError, ValueError, TypeError, LookupError) as error:
            return Unfaithful(ref, stored.number, f"fact {stored.number} cannot be read: {error}")
    if case is None:
        return Unfaithful(ref, 0, "there are no facts")
    try:
        kept = codec.case(state)
    except msgspec.MsgspecError as error:
        return Unfaithful(ref, case.count, f"the state cannot be read: {error}")
    if codec.encode(case) != codec.encode(kept):
        return Unfaithful(ref, case.count, "the state is not what the facts say")
    return None
