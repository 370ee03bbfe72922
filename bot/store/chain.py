"""The chain of a case: how a fact is tied to the one before it, and how one finds out that somebody was there.

Each fact carries the hash of the fact before it, and a hash over that, the case, its own number and its exact bytes.
An edit changes a hash, a removal or a swap breaks the order, and a cut tail disagrees with the head that the case
keeps. Case numbers have no gaps, so that a case that was removed is missed as well. Only a rewrite of everything, heads
and counters included, goes unseen here: against that, heads are kept elsewhere. The lines that say which two ids are
one person have a chain of their own, of the same kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256

import msgspec
from msgspec import Struct

from bot.core.case import SYSTEM, CaseRef
from bot.errors import StoreError
from bot.ports import Reads
from bot.rows import StoredFact

FIRST = "0" * 64
PREFIX = "OFB-"


class Broken(Struct, frozen=True):
    """Something that cannot be true of an untouched record. `number` is the fact; 0 is the case itself."""

    case: CaseRef
    number: int
    what: str


def link(previous: str, ref: CaseRef, number: int, data: bytes) -> str:
    """The hash of a fact: SHA-256 in hex over previous hash, case and number, each with a line break, then the data."""
    return sha256(f"{previous}\n{ref}\n{number}\n".encode() + data).hexdigest()


LINKS = "links"
"""What the lines about links are called where a case's reference would stand."""


def link_data(fields: Iterable[object]) -> bytes:
    """The columns of a line about a link, as its hash covers them."""
    return msgspec.json.encode([str(field) for field in fields])


def reference(number: int) -> CaseRef:
    """How the case with this number is called."""
    return f"{PREFIX}{number}"


def verify_chain(reads: Reads) -> list[Broken]:
    """Everything that shows a hand in the record, by case. An empty list: every chain holds and no case is missing."""
    found: list[Broken] = []
    newest = 0
    for ref, head, count in reads.heads():
        try:
            number = _number(ref)
            if number > newest:
                found += _missing(newest + 1, number - 1)
            else:
                found.append(Broken(ref, 0, "the case does not stand in its place"))
            newest = max(newest, number)
            found += _history(reads, ref, head, count)
        except (StoreError, TypeError) as error:  # TypeError: a text where a number was, or the like
            found.append(Broken(str(ref), 0, f"the history cannot be read: {error}"))
    numbered = reads.numbered()
    found += _missing(newest + 1, numbered)
    if newest > numbered:
        found.append(Broken(reference(newest), 0, f"the case is there, but only {numbered} numbers were given out"))
    found += _links(reads)
    for ref in reads.strays():
        found.append(Broken(ref, 0, "there are facts of this case, but not the case"))
    return found


def _number(ref: CaseRef) -> int:
    """The number in a reference; 0 when it is none."""
    digits = ref.removeprefix(PREFIX)
    number = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 19 else 0
    return number if reference(number) == ref else 0


def _missing(first: int, last: int) -> Iterator[Broken]:
    """Each case that is missing; of very many, as after a forged counter, the first ones and how many there are."""
    for number in range(first, min(last, first + 99) + 1):
        yield Broken(reference(number), 0, "the case is missing: its number was given out")
    if last > first + 99:
        yield Broken(reference(last), 0, f"the case is missing, and {last - first - 100} before it")


def _history(reads: Reads, ref: CaseRef, head: str, count: int) -> Iterator[Broken]:
    """What is wrong with one chain. Each link is looked at by itself, so that one edit is named once."""
    previous, last = FIRST, 0
    for fact in reads.facts(ref):
        if fact.number > last + 1:
            yield Broken(ref, last + 1, _gap(last + 1, fact.number - 1))
        elif fact.previous != previous or fact.number != last + 1:
            yield Broken(ref, fact.number, f"fact {fact.number} does not follow from the one before it")
        if wrong := _wrong(fact):
            yield Broken(ref, fact.number, f"fact {fact.number} {wrong}")
        previous, last = fact.hash, fact.number
    if last < count:
        yield Broken(ref, last + 1, _gap(last + 1, count))
    elif last > count:
        yield Broken(ref, count + 1, f"there are {last} facts, but the case counts {count}")
    elif previous != head:
        yield Broken(ref, last, f"fact {last} is not the one that the case ends with")


def _links(reads: Reads) -> Iterator[Broken]:
    """What is wrong with the chain of links: who was said to be one person, and by whom."""
    count, lines = reads.link_lines()
    previous, last = FIRST, 0
    for line in lines:
        if line.number > last + 1:
            yield Broken(LINKS, last + 1, f"line {last + 1} is missing")
        elif link(previous, LINKS, line.number, line.data) != line.hash:
            yield Broken(LINKS, line.number, f"line {line.number} was edited, or the one before it is another")
        previous, last = line.hash, line.number
    if last != count:
        yield Broken(LINKS, last, f"the last line is {last}, but {count} were written")


def _gap(first: int, last: int) -> str:
    return f"fact {first} is missing" if first == last else f"facts {first} to {last} are missing"


def _wrong(fact: StoredFact) -> str:
    if link(fact.previous, fact.case, fact.number, fact.data) != fact.hash:
        return "was edited: its hash does not fit its content"
    return _shown_wrong(fact)


# ------------------------------------------------------------------------------------------ what `history` shows


class _Shown(Struct):
    """Of a fact, what stands beside its bytes for the view `history`: beside, and so outside the hash."""

    kind: str
    at: datetime
    by: str = SYSTEM
    step: int = 0


_decoder = msgspec.json.Decoder(_Shown)


def _shown_wrong(fact: StoredFact) -> str:
    """The view must say what the bytes say, or somebody could be shown another actor than the chain vouches for."""
    try:
        said = _decoder.decode(fact.data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""  # bytes that are no fact of ours say nothing; their hash holds
    if (said.kind, said.by, said.step) != (fact.kind, fact.actor, fact.step):
        return "is shown with another kind, actor or step than it has"
    at = said.at if said.at.tzinfo is UTC else said.at.astimezone(UTC)
    if fact.at[:19] != at.isoformat()[:19]:
        return "is shown at another time than its own"
    return ""
