"""One person in two chats: the form of the one-time code, and the rules of who may agree and which id acts. Pure.

RULES
 1. A code is eight letters that cannot be taken for one another, without vowels, so that no word is one. It is read
    without case, spaces and hyphens.
 2. Each id is in one link at most, and a link joins two chats: never two ids of the same one.
 3. An admin agrees who is neither of the two. Where there is no other, only the configuration can join them.
 4. The id with a part in an open handover acts; where neither has one, the one that asked for the code. Where both have
    one, they are not joined: nothing that was done may come to be done by the same person twice.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from bot.core.case import PersonId

ALPHABET = "BCDFGHJKMNPQRSTVWXYZ"
LENGTH = 8
NAMED = 3
"""So many letters of a code say which one is meant; the others prove that it is known."""
MOST_WRONG = 5

_FORM = re.compile(rf"[{ALPHABET}]{{{LENGTH}}}")
_DECISION = re.compile(r"(?P<word>accept|agree|yes|decline|no|同意|驳回)[\s:：]*(?P<number>\d{1,9})", re.IGNORECASE)
_YES = frozenset({"accept", "agree", "yes", "同意"})


def read(text: str) -> str:
    """The code in a text that is nothing else, or ""."""
    said = re.sub(r"[\s\-\u2010-\u2015]", "", unicodedata.normalize("NFKC", text)).upper()
    return said if _FORM.fullmatch(said) else ""


def shown(code: str) -> str:
    """A code as people see it."""
    return f"{code[:4]}-{code[4:]}"


def decision(text: str) -> tuple[int, bool] | None:
    """Which request, and whether it is agreed to, in "accept 5" or 同意 5."""
    found = _DECISION.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return (int(found["number"]), found["word"].casefold() in _YES) if found is not None else None


def chat(id: PersonId) -> str:
    """The platform of an id."""
    return id.partition(":")[0]


def judges(admins: Sequence[PersonId], two: Sequence[PersonId]) -> tuple[PersonId, ...]:
    """Rule 3. `two` are the ids under which the two act now."""
    return tuple(admin for admin in admins if admin not in two)


def acting(one: PersonId, other: PersonId, *, one_has: bool, other_has: bool) -> tuple[PersonId, PersonId] | None:
    """Who acts, then the other id; None where both have a part in an open handover (rule 4)."""
    if one_has and other_has:
        return None
    return (other, one) if other_has else (one, other)
