"""The public views: exactly the columns of the contract, and what they say of a case that was written by hand."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from bot.core.case import Approval, Case, Grade, Owner, Sealed, Step, StepStatus
from bot.rows import FactRow
from bot.store.sqlite import SqliteStore

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
CONFIRMATIONS = """case_ref, playbook, step, target, title, owner, status, grade, confirmed_by, confirmed_at,
    approved_by, approved_at, second_approved_by, second_approved_at, sent_back_count, waiver_reason, platform,
    text_hash, fact_number"""

CASE = Case(
    ref="OFB-1",
    steps=(
        Step(1, "bind", "tencent_root", Owner.SUCCESSOR),
        Step(
            2,
            "unbind",
            "tencent_root",
            Owner.LEAVER,
            target="100001",
            title="解绑“微信”",
            due=date(2026, 12, 4),
            status=StepStatus.DONE,
            grade=Grade.WITNESSED,
            confirmed_by="slack:U1",
            confirmed_at=AT,
            approved=(
                Approval("wecom:mei", AT + timedelta(hours=1), looked=True),
                Approval("demo:hr", AT + timedelta(hours=2, microseconds=5), looked=False),
            ),
            sent_back_count=2,
            sent_back_reason=Sealed("c2VjcmV0"),
            platform="slack",
            text_hash="f" * 64,
            fact_number=9,
        ),
        Step(
            3,
            "keys",
            "tencent_keys",
            Owner.ADMIN,
            status=StepStatus.WAIVED,
            waived_by="slack:U2",
            waiver_reason="no_access",
        ),
        Step(
            4, "rest", "tencent_keys", Owner.LEAVER, status=StepStatus.CLAIMED, confirmed_by="slack:U1", confirmed_at=AT
        ),
    ),
)


def database(folder: Path, *cases: Case) -> Path:
    with SqliteStore(folder / "a.db") as store:
        for case in cases:
            facts = [
                FactRow(b"{}", "opened", "slack:U1", "2026-11-24T01:00:00Z"),
                FactRow(b"{}", "confirmed", "system", "2026-11-24T01:00:00+00:00", 2),
            ]
            state = msgspec.json.encode(case)
            store.transact(
                lambda tx, facts=facts, state=state: tx.record(tx.new_ref(), facts, state, "running", [])  # type: ignore[misc]
            ).result()
    return folder / "a.db"


def asked(path: Path, sql: str) -> tuple[list[str], list[dict[str, Any]]]:
    """As an operator would, with any SQLite program."""
    with closing(sqlite3.connect(path)) as conn:
        found = conn.execute(sql)
        columns = [column[0] for column in found.description]
        return columns, [dict(zip(columns, row, strict=True)) for row in found]


def test_the_columns_of_confirmations_are_those_of_the_contract(tmp_path: Path) -> None:
    columns, rows = asked(database(tmp_path), "SELECT * FROM confirmations")
    assert ", ".join(columns) == " ".join(CONFIRMATIONS.split())
    assert rows == []


def test_a_step_that_is_done_shows_who_confirmed_and_approved_it_when_and_on_what_text(tmp_path: Path) -> None:
    _, rows = asked(database(tmp_path, CASE), "SELECT * FROM confirmations WHERE step = 'unbind'")
    assert rows == [
        {
            "case_ref": "OFB-1",
            "playbook": "tencent_root",
            "step": "unbind",
            "target": "100001",
            "title": "解绑“微信”",
            "owner": "leaver",
            "status": "done",
            "grade": "witnessed",
            "confirmed_by": "slack:U1",
            "confirmed_at": "2026-11-24T01:00:00Z",
            "approved_by": "wecom:mei",
            "approved_at": "2026-11-24T02:00:00Z",
            "second_approved_by": "demo:hr",
            "second_approved_at": "2026-11-24T03:00:00.000005Z",
            "sent_back_count": 2,
            "waiver_reason": None,
            "platform": "slack",
            "text_hash": "f" * 64,
            "fact_number": 9,
        }
    ]


def test_a_step_of_which_nothing_happened_yet_is_locked_and_claims_nothing(tmp_path: Path) -> None:
    _, rows = asked(database(tmp_path, CASE), "SELECT * FROM confirmations WHERE step = 'bind'")
    known = {key: value for key, value in rows[0].items() if value is not None}
    assert known == {
        "case_ref": "OFB-1",
        "playbook": "tencent_root",
        "step": "bind",
        "target": "",
        "title": "",
        "owner": "successor",
        "status": "locked",
        "sent_back_count": 0,
    }


def test_a_step_that_was_waived_or_is_only_claimed_has_no_grade(tmp_path: Path) -> None:
    _, rows = asked(
        database(tmp_path, CASE),
        "SELECT status, grade, waiver_reason, confirmed_by FROM confirmations WHERE step IN ('keys', 'rest')",
    )
    assert rows == [
        {"status": "waived", "grade": None, "waiver_reason": "no_access", "confirmed_by": None},
        {"status": "claimed", "grade": None, "waiver_reason": None, "confirmed_by": "slack:U1"},
    ]


def test_every_step_of_every_plan_is_one_row_and_a_case_without_a_plan_is_none(tmp_path: Path) -> None:
    path = database(tmp_path, CASE, Case(ref="OFB-2"), Case(ref="OFB-3", steps=CASE.steps[:2]))
    _, rows = asked(path, "SELECT case_ref, count(*) AS steps FROM confirmations GROUP BY case_ref ORDER BY case_ref")
    assert rows == [{"case_ref": "OFB-1", "steps": 4}, {"case_ref": "OFB-3", "steps": 2}]


def test_the_history_has_the_columns_of_the_contract_and_times_in_utc_with_a_z(tmp_path: Path) -> None:
    columns, rows = asked(database(tmp_path, CASE), "SELECT * FROM history")
    assert columns == ["case_ref", "number", "at", "kind", "actor", "step", "hash"]
    assert [list(row.values())[:6] for row in rows] == [
        ["OFB-1", 1, "2026-11-24T01:00:00Z", "opened", "slack:U1", None],
        ["OFB-1", 2, "2026-11-24T01:00:00Z", "confirmed", "system", "unbind"],
    ]
    assert all(len(row["hash"]) == 64 for row in rows)


def test_sealed_words_are_in_no_view(tmp_path: Path) -> None:
    path = database(tmp_path, CASE)
    for sql in ("SELECT * FROM confirmations", "SELECT * FROM history"):
        assert "c2VjcmV0" not in str(asked(path, sql))
