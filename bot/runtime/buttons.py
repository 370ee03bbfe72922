"""The opaque value of a button: `OFB-7@3@2@k3Jx9…`: case, subject, revision, and a keyed hash of these and the verb.

Characters are letters, digits and `_-@`, which is what a WeCom task id may hold (wecom.md §2.6). The hash makes a
forged or bent value useless; it gives nobody any right (authority is judged from the server's own lists at commit).
"""

from __future__ import annotations

import re

from msgspec import Struct

from bot.core.case import CaseRef
from bot.runtime.seal import check_tag, tag

_FORM = re.compile(r"(OFB-\d{1,9})@([a-z0-9]{1,16})@(\d{1,9})@([0-9A-Za-z_-]{12})")


NOWHERE = "OFB-0"
"""The case in a value that belongs to none: the numbers of cases begin with 1."""


class Pressed(Struct, frozen=True):
    """What a value says: the case, what in it (a step's number, `case`, `offer`, `q3`), and the revision shown."""

    case: CaseRef
    subject: str
    revision: int

    @property
    def step(self) -> int:
        return int(self.subject) if self.subject.isdigit() else 0


class Buttons:
    def __init__(self, master: bytes) -> None:
        self._master = master

    def value(self, case: CaseRef, subject: str, revision: int, verb: str) -> str:
        """The value for a button with this verb (and detail, as `approve:looked`)."""
        return f"{case}@{subject}@{revision}@{tag(self._master, case, subject, str(revision), verb)}"

    def read(self, value: str, verb: str) -> Pressed | None:
        """What the value says, or None when it was not made here for this verb."""
        found = _FORM.fullmatch(value)
        if found is None:
            return None
        case, subject, revision, given = found.groups()
        if not check_tag(self._master, given, case, subject, revision, verb):
            return None
        return Pressed(case=case, subject=subject, revision=int(revision))
