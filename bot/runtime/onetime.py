"""One-time codes: made of the machine's own randomness, kept as keyed hashes alone.

A code is found by the keyed hash of its first letters and proven by that of the whole, so that a wrong guess is counted
against the code that it was meant for.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta

from msgspec.structs import replace

from bot.core.case import PersonId
from bot.core.pairing import ALPHABET, LENGTH, MOST_WRONG, NAMED
from bot.ports import Tx
from bot.rows import CodeRow
from bot.runtime.seal import tag

LIVES = timedelta(minutes=15)


def fresh() -> str:
    """A code that nobody can guess."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


class OneTime:
    """Codes under one master key."""

    def __init__(self, master: bytes) -> None:
        self._master = master

    def give(self, tx: Tx, person: PersonId, now: datetime) -> str:
        """A new code of this person; an earlier one of theirs is not good any more."""
        tx.drop_codes(person, now)
        code = fresh()
        while (taken := tx.code(self._mark(code))) is not None and taken.until > now:
            code = fresh()
        tx.put_code(CodeRow(self._mark(code), self._hash(code), person, now + LIVES))
        return code

    def whose(self, tx: Tx, code: str, now: datetime) -> tuple[PersonId, bool]:
        """Whose code this is, and whether it is right; ("", False) for none that is still good. A wrong one is counted,
        and the fifth ends the code that it was meant for."""
        row = tx.code(self._mark(code))
        if row is None or row.until <= now:
            return "", False
        if hmac.compare_digest(row.hash, self._hash(code)):
            return row.person, True
        wrong = row.wrong + 1
        if wrong < MOST_WRONG:
            tx.put_code(replace(row, wrong=wrong))
            return "", False
        tx.drop_codes(row.person, now)
        return row.person, False

    def tried(self, tx: Tx, person: PersonId, now: datetime) -> None:
        """This person gave a wrong code."""
        row = tx.code(_tries(person))
        known = row if row is not None and row.until > now else CodeRow(_tries(person), "", "", now + LIVES)
        tx.put_code(replace(known, wrong=known.wrong + 1))

    def may_try(self, tx: Tx, person: PersonId, now: datetime) -> bool:
        """Whether they gave fewer than five wrong ones within a quarter of an hour."""
        row = tx.code(_tries(person))
        return row is None or row.until <= now or row.wrong < MOST_WRONG

    def _mark(self, code: str) -> str:
        return tag(self._master, "one-time mark", code[:NAMED])

    def _hash(self, code: str) -> str:
        return tag(self._master, "one-time code", code)


def _tries(person: PersonId) -> str:
    return f"tries/{person}"
