"""What an operator or an auditor reads of the record. It only looks: beside a running bot, or on a copy."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bot.core.case import Case, Sealed, Step, StepStatus
from bot.core.effects import View
from bot.core.events import Roster
from bot.core.progress import headline
from bot.playbook.copy import load
from bot.playbook.views.card import answers
from bot.playbook.views.scene import Scene
from bot.ports import Reads
from bot.runtime import codec, record
from bot.runtime.library import Library
from bot.runtime.seal import Seals
from bot.store.chain import verify_chain
from bot.telling import tell

Row = dict[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def summaries(reads: Reads) -> list[Row]:
    """Every case, in order."""
    return [_summary(reads, codec.case(row.state)) for row in reads.cases()]


def details(reads: Reads, ref: str) -> Row | None:
    """One case with its steps, or None."""
    row = reads.case(ref)
    if row is None:
        return None
    case = codec.case(row.state)
    steps = [_step(reads, step) for step in case.steps]
    return _summary(reads, case) | {"head": row.head, "facts": row.count, "steps": steps}


def _summary(reads: Reads, case: Case) -> Row:
    return {
        "case": case.ref,
        "status": str(case.status),
        "leaver": _name(reads, case.leaver) or "nobody",
        "successor": _name(reads, successor.person) if (successor := case.successor()) else "",
        "last_day": case.last_day.isoformat() if case.last_day else "not set",
        "outcome": case.outcome,
        "headline": said(case),
    }


def said(case: Case) -> str:
    """The weakest grade with counts: "12 witnessed, 2 stated, 1 waived, 3 left"."""
    _, counts = headline(case)
    order = ("verified", "corroborated", "witnessed", "stated", "waived", "left")
    return ", ".join(f"{counts[key]} {key}" for key in order if counts.get(key)) or "no plan yet"


def _step(reads: Reads, step: Step) -> Row:
    by = ", ".join(filter(None, (_name(reads, person) for person in _hands(step))))
    return {
        "number": step.number,
        "step": step.id,
        "title": step.title,
        "target": step.target,
        "owner": str(step.owner),
        "status": str(step.status),
        "grade": str(step.grade or ""),
        "due": step.due.isoformat() if step.due else "",
        "by": by,
    }


def _hands(step: Step) -> tuple[str, ...]:
    if step.status is StepStatus.WAIVED:
        return (step.waived_by,)
    return tuple(dict.fromkeys((step.confirmed_by, *(approval.by for approval in step.approved))))


def _name(reads: Reads, person: str) -> str:
    known = reads.person(person) if person else None
    return known.name if known and known.name else person


def history(reads: Reads, ref: str, seals: Seals | None) -> list[Row]:
    """Every fact of a case, with free text opened where the key is at hand."""
    if reads.case(ref) is None:
        return []
    return [
        {
            "case": line.case,
            "number": line.number,
            "at": line.at,
            "kind": line.kind,
            "actor": line.actor,
            **line.what,
            "hash": line.hash,
        }
        for line in record.lines(reads, ref, seals)
    ]


def card(reads: Reads, ref: str, seals: Seals, language: str) -> list[Row] | None:
    """What was answered in private in a case, with the rest of what those playbooks asked; one row to a question.

    `answer` is None where it cannot be opened: another key, or the words of the case were erased. None where there is
    no such case.
    """
    row = reads.case(ref)
    if row is None:
        return None
    case = codec.case(row.state)
    lost: list[Sealed] = []

    def unseal(sealed: Sealed) -> str | None:
        opened = seals.unseal(reads.key(ref), ref, sealed)
        if opened is None:
            lost.append(sealed)
        return opened

    scene = Scene(
        case=case,
        view=View("private"),
        reader="operator:",
        copy=load(language),
        zone="UTC",
        now=case.opened_at or EPOCH,
        roster=Roster(),
        playbooks=Library({}, language).of(reads, case),
        value=lambda subject, revision, verb: "",
        unseal=unseal,
    )
    found = []
    for id, ask, answer in answers(scene):
        sealed = case.answers[id].sealed
        found.append({"question": id, "asked": ask, "answer": None if sealed in lost else answer})
    return found


def sentences(reads: Reads, ref: str, rows: list[Row]) -> Iterator[str]:
    """The history for a reader: when, and who did what."""
    case = reads.case(ref)
    titles = {step.number: step.title for step in codec.case(case.state).steps} if case is not None else {}
    for row in rows:
        yield f"{row['number']:>4}  {row['at']}  {tell(row, lambda person: _name(reads, person), titles)}"


def verify(reads: Reads) -> Row:
    """Every chain, the case numbers, and `fold(facts) == row`. `broken` is empty when all is whole."""
    broken = [{"case": one.case, "number": one.number, "what": one.what} for one in verify_chain(reads)]
    known = {one["case"] for one in broken}
    broken += [
        {"case": one.case, "number": one.number, "what": one.what}
        for one in record.unfaithful(reads)
        if one.case not in known
    ]
    rows = reads.cases()
    return {"cases": len(rows), "facts": sum(row.count for row in rows), "broken": broken}


def export(reads: Reads, ref: str | None, form: str, seals: Seals | None) -> Iterator[str]:
    """The log for an auditor: JSON (one list) or CSV (UTF-8 with a byte order mark, so that spreadsheets read it)."""
    refs = [ref] if ref else [row.ref for row in reads.cases()]
    rows = (row for one in refs for row in history(reads, one, seals))
    if form == "json":
        yield "["
        for place, row in enumerate(rows):
            yield ("," if place else "") + "\n" + json.dumps(row, ensure_ascii=False)
        yield "\n]\n"
        return
    yield "\ufeff"
    names = ["case", "number", "at", "kind", "actor", "step", "what", "hash"]
    yield _csv(names)
    for row in rows:
        what = {key: value for key, value in row.items() if key not in names}
        yield _csv([*(row.get(name, "") for name in names[:6]), json.dumps(what, ensure_ascii=False), row["hash"]])


def _csv(cells: list[Any]) -> str:
    """One line. A cell that a spreadsheet would take for a formula is marked as text."""
    line = io.StringIO()
    csv.writer(line).writerow([f"'{cell}" if str(cell)[:1] in ("=", "+", "-", "@") else cell for cell in cells])
    return line.getvalue()
