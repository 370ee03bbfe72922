"""Every history that was ever written is still read, byte by byte, and still means the case that it meant.

When one of these fails, the code is wrong, not the file: see make.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import msgspec
import pytest
from msgspec import Struct

from bot.core import facts as f
from bot.core.case import Case
from bot.core.facts import Fact
from bot.core.fold import fold_all
from bot.runtime import codec
from tests.core.player import START

HERE = Path(__file__).resolve().parent
LOGS = sorted(HERE.glob("*/*.facts.jsonl"))
BEFORE_A_RELEASE = "a schema that has not been released may change; then: python -m tests.golden.make --again"

every_log = pytest.mark.parametrize("log", LOGS, ids=lambda path: path.parent.name + "/" + path.name.partition(".")[0])


def lines(log: Path) -> list[bytes]:
    return log.read_bytes().splitlines()


def state(log: Path) -> bytes:
    return log.with_name(log.name.replace(".facts.jsonl", ".state.json")).read_bytes().rstrip(b"\n")


@every_log
def test_a_golden_log_is_read_and_written_again_byte_by_byte(log: Path) -> None:
    for number, line in enumerate(lines(log), start=1):
        assert codec.encode(codec.fact(line)) == line, f"fact {number}. {BEFORE_A_RELEASE}"


@every_log
def test_a_golden_log_folds_to_exactly_the_case_that_it_was(log: Path) -> None:
    case = fold_all(codec.fact(line) for line in lines(log))
    assert case == codec.case(state(log)), BEFORE_A_RELEASE
    assert codec.encode(case) == state(log), BEFORE_A_RELEASE
    assert case is not None
    assert case.count == len(lines(log))


def test_the_golden_logs_hold_every_kind_of_fact_and_every_end() -> None:
    assert len(LOGS) >= 9
    kinds = {type(codec.fact(line)) for log in LOGS for line in lines(log)}
    assert {kind.__name__ for kind in get_args(Fact)} - {kind.__name__ for kind in kinds} == set()
    assert {codec.case(state(log)).outcome for log in LOGS} == {"handed_over", "partly", "stayed", "declined"}


# ------------------------------------------------------------------ a version that does not exist yet


class Confirmed2(f.Confirmed, frozen=True, tag="confirmed/2", kw_only=True):
    """A confirmation as an imaginary next version keeps it: it also says on which message the button stood."""

    message: str = ""


def confirmed_2(old: Struct) -> Struct:
    """What a confirmation of today says in that version."""
    assert isinstance(old, f.Confirmed)
    return Confirmed2(
        at=old.at, by=old.by, step=old.step, text_hash=old.text_hash, via=old.via, early=old.early, message="unknown"
    )


NEXT_UPCASTS: f.Upcasts = {**f.UPCASTS, f.Confirmed: confirmed_2}
next_decoder = msgspec.json.Decoder(Fact | Confirmed2)
"""`Fact` with the new struct in it; the old one stays decodable, as codec.RETIRED says."""


@every_log
def test_the_next_version_reads_old_logs_as_they_were_stored_and_folds_them_to_the_same_case(log: Path) -> None:
    stored = [next_decoder.decode(line) for line in lines(log)]
    assert [codec.encode(fact) for fact in stored] == lines(log), "what is stored is never rewritten"
    newest = [f.upcast(fact, NEXT_UPCASTS) for fact in stored]
    assert not any(type(fact) is f.Confirmed for fact in newest), "a retired struct is never folded"
    case = fold_all(stored, NEXT_UPCASTS)
    assert case == codec.case(state(log))


def test_a_log_that_goes_on_in_the_next_version_holds_both_forms_and_folds() -> None:
    log = next(log for log in LOGS if log.name.startswith("everything_goes_well"))
    old = lines(log)
    first = next(place for place, line in enumerate(old) if line.startswith(b'{"kind":"confirmed"'))
    mixed = [
        codec.encode(confirmed_2(codec.fact(line)))
        if place > first and line.startswith(b'{"kind":"confirmed"')
        else line
        for place, line in enumerate(old)
    ]
    assert sum(b'"kind":"confirmed/2"' in line for line in mixed) > 3
    assert b'"kind":"confirmed"' in mixed[first]
    case = fold_all((next_decoder.decode(line) for line in mixed), NEXT_UPCASTS)
    expected: Case = codec.case(state(log))
    assert case == expected


def test_today_a_fact_of_the_next_version_is_refused_and_not_misread() -> None:
    with pytest.raises(msgspec.ValidationError):
        codec.fact(codec.encode(Confirmed2(at=START, step=1)))
