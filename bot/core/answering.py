"""What a typed text answers to a pending question: one or several of its options, or something of its kind.

Whether that is an answer of the right form is judged later (`Playbooks.accepts`): here it is only read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from msgspec import Struct

from bot.core.case import UNKNOWN, CaseRef
from bot.core.lexicon import NEVER, NONE, day_in
from bot.core.lexicon import key as key_of


class Pending(Struct, frozen=True, gc=False):
    """A question that waits for this person's answer. `options`: id and label, in the order shown."""

    case: CaseRef
    question: str
    kind: str
    options: tuple[tuple[str, str], ...] = ()


def chosen(key: str, pending: Pending) -> tuple[str, ...] | None:
    """The option ids that this text picks, or None when it picks none."""
    if key in NEVER and any(id == UNKNOWN for id, _ in pending.options):
        return (UNKNOWN,)
    if pending.kind == "many":
        return () if key in NONE else _several(key, pending)
    one = _option(key, pending.options)
    return (one,) if one is not None and pending.kind == "choice" else None


def _several(key: str, pending: Pending) -> tuple[str, ...] | None:
    parts = [part for part in re.split(r"[,;、，\s]+", key) if part]
    picked = [_option(part, pending.options) for part in parts]
    if None in picked or not picked:
        whole = _option(key, pending.options)
        return (whole,) if whole is not None else None
    ids = tuple(dict.fromkeys(id for id in picked if id is not None))
    return (UNKNOWN,) if UNKNOWN in ids else ids


def _option(key: str, options: Sequence[tuple[str, str]]) -> str | None:
    for place, (id, label) in enumerate(options, start=1):
        if key in (str(place), id.casefold(), key_of(label)):
            return id
    begun = [id for id, label in options if _begins(key_of(label), key)]
    return begun[0] if len(begun) == 1 else None


def _begins(label: str, key: str) -> bool:
    """Whether the first words of a label were said: "yes" of "yes, a personal one"."""
    return bool(key) and label.startswith(key) and not label[len(key) : len(key) + 1].isalnum()


def typed(said: str, pending: Pending) -> tuple[str, ...] | None:
    """The answer to a question that is answered by typing."""
    match pending.kind:
        case "choice" | "many":
            return None
        case "date":
            day = day_in(said)
            return (day or said,)
        case "name":
            return (" ".join(unicodedata.normalize("NFKC", said).split()),)
        case "filing":
            parts = re.split(r"[,;、，\n]+", unicodedata.normalize("NFKC", said).upper())
            return tuple(kept for part in parts if (kept := "".join(part.split())))
        case "account_id" | "domain" | "ip" | "user_name":
            return tuple(part for part in re.split(r"[,;、，\s]+", unicodedata.normalize("NFKC", said)) if part)
        case "phone":  # a phone number may be written with spaces
            return tuple(part for part in re.split(r"\s*[,;、，\n]\s*", unicodedata.normalize("NFKC", said)) if part)
    return (said,)
