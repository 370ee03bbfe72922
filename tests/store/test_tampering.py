"""Whatever somebody does to the record behind the bot's back is found, and the case is named."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile

import msgspec
import pytest

from bot.core.facts import Confirmed
from bot.rows import FactRow, LinkRow
from bot.store.beside import SqliteReads
from bot.store.chain import Broken, link, verify_chain
from bot.store.sqlite import SqliteStore

FACTS = 6
AT = datetime(2026, 11, 24, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three cases of six facts."""
    path = tmp_path_factory.mktemp("whole") / "a.db"
    rows = []
    for step in range(1, FACTS + 1):
        data = msgspec.json.encode(Confirmed(at=AT, by="slack:U1", step=step, via="slack"))
        rows.append(FactRow(data, "confirmed", "slack:U1", "2026-11-24T01:00:00Z", step))
    with SqliteStore(path) as store:
        for _ in range(3):
            store.transact(lambda tx: tx.record(tx.new_ref(), rows, b"{}", "running", [])).result()
    return path


@pytest.fixture
def path(whole: Path, tmp_path: Path) -> Path:
    copyfile(whole, tmp_path / "a.db")
    return tmp_path / "a.db"


def after(path: Path, *changes: str | Callable[[sqlite3.Connection], object]) -> list[Broken]:
    """What an audit finds after somebody with full access changed the file."""
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("PRAGMA synchronous = OFF")
        for change in changes:
            if isinstance(change, str):
                assert conn.execute(change).rowcount > 0
            else:
                change(conn)
    with SqliteReads.open(path) as reads:
        return verify_chain(reads)


def said(found: list[Broken]) -> list[str]:
    return [f"{broken.case} {broken.number} {broken.what}" for broken in found]


def test_an_untouched_record_is_whole(path: Path) -> None:
    assert after(path) == []


def test_an_edit_is_found(path: Path) -> None:
    change = """UPDATE facts SET actor = 'slack:U2',
        data = CAST(replace(CAST(data AS TEXT), 'slack:U1', 'slack:U2') AS BLOB)
        WHERE case_ref = 'OFB-2' AND number = 3"""
    assert said(after(path, change)) == ["OFB-2 3 fact 3 was edited: its hash does not fit its content"]


def test_an_edit_that_also_mends_its_own_hash_is_found_at_the_next_fact(path: Path) -> None:
    def change(conn: sqlite3.Connection) -> None:
        (previous,) = conn.execute("SELECT previous FROM facts WHERE case_ref = 'OFB-2' AND number = 3").fetchone()
        hash = link(previous, "OFB-2", 3, b"forged")
        sql = "UPDATE facts SET data = ?, hash = ? WHERE case_ref = 'OFB-2' AND number = 3"
        conn.execute(sql, (b"forged", hash))

    assert said(after(path, change)) == ["OFB-2 4 fact 4 does not follow from the one before it"]


def test_a_chain_forged_to_its_end_is_found_by_the_head_that_the_case_keeps(path: Path) -> None:
    def change(conn: sqlite3.Connection) -> None:
        (previous,) = conn.execute("SELECT hash FROM facts WHERE case_ref = 'OFB-2' AND number = 5").fetchone()
        sql = "UPDATE facts SET data = ?, hash = ? WHERE case_ref = 'OFB-2' AND number = 6"
        conn.execute(sql, (b"forged", link(previous, "OFB-2", 6, b"forged")))

    assert said(after(path, change)) == ["OFB-2 6 fact 6 is not the one that the case ends with"]


def test_a_fact_that_was_removed_from_the_middle_is_found(path: Path) -> None:
    found = after(path, "DELETE FROM facts WHERE case_ref = 'OFB-2' AND number = 3")
    assert said(found) == ["OFB-2 3 fact 3 is missing"]


def test_a_removal_whose_gap_was_closed_is_found(path: Path) -> None:
    found = after(
        path,
        "DELETE FROM facts WHERE case_ref = 'OFB-2' AND number = 3",
        "UPDATE facts SET number = number - 1 WHERE case_ref = 'OFB-2' AND number > 3",
        "UPDATE cases SET count = count - 1 WHERE ref = 'OFB-2'",
    )
    assert "OFB-2 3 fact 3 does not follow from the one before it" in said(found)
    assert {broken.case for broken in found} == {"OFB-2"}


def test_two_facts_that_were_swapped_are_found(path: Path) -> None:
    found = after(
        path,
        "UPDATE facts SET number = 99 WHERE case_ref = 'OFB-2' AND number = 3",
        "UPDATE facts SET number = 3 WHERE case_ref = 'OFB-2' AND number = 4",
        "UPDATE facts SET number = 4 WHERE case_ref = 'OFB-2' AND number = 99",
    )
    assert {broken.case for broken in found} == {"OFB-2"}
    assert {broken.number for broken in found} == {3, 4, 5}


def test_a_fact_that_was_put_in_twice_is_found(path: Path) -> None:
    columns = "data, previous, hash, kind, actor, at, step"
    found = after(
        path,
        f"INSERT INTO facts(case_ref, number, {columns}) SELECT case_ref, 7, {columns} FROM facts "  # noqa: S608
        "WHERE case_ref = 'OFB-2' AND number = 6",
    )
    assert "OFB-2 7 fact 7 does not follow from the one before it" in said(found)
    assert "OFB-2 7 there are 7 facts, but the case counts 6" in said(found)


def test_a_tail_that_was_cut_is_found(path: Path) -> None:
    found = after(path, "DELETE FROM facts WHERE case_ref = 'OFB-2' AND number > 3")
    assert said(found) == ["OFB-2 4 facts 4 to 6 are missing"]


def test_a_tail_that_was_cut_together_with_the_count_is_found(path: Path) -> None:
    found = after(
        path,
        "DELETE FROM facts WHERE case_ref = 'OFB-2' AND number > 3",
        "UPDATE cases SET count = 3 WHERE ref = 'OFB-2'",
    )
    assert said(found) == ["OFB-2 3 fact 3 is not the one that the case ends with"]


def test_a_history_that_was_removed_whole_is_found(path: Path) -> None:
    found = after(path, "DELETE FROM facts WHERE case_ref = 'OFB-2'")
    assert said(found) == ["OFB-2 1 facts 1 to 6 are missing"]


@pytest.mark.parametrize("ref", ["OFB-1", "OFB-2", "OFB-3"])
def test_a_case_that_was_removed_without_a_trace_is_missed(path: Path, ref: str) -> None:
    found = after(path, f"DELETE FROM facts WHERE case_ref = '{ref}'", f"DELETE FROM cases WHERE ref = '{ref}'")  # noqa: S608
    assert said(found) == [f"{ref} 0 the case is missing: its number was given out"]


def test_a_case_of_which_only_the_facts_are_left_is_found(path: Path) -> None:
    found = after(path, "DELETE FROM cases WHERE ref = 'OFB-2'")
    assert said(found) == [
        "OFB-2 0 the case is missing: its number was given out",
        "OFB-2 0 there are facts of this case, but not the case",
    ]


def test_a_fact_that_was_moved_to_another_case_is_found_in_both(path: Path) -> None:
    found = after(path, "UPDATE facts SET case_ref = 'OFB-3', number = 7 WHERE case_ref = 'OFB-2' AND number = 6")
    assert {broken.case for broken in found} == {"OFB-2", "OFB-3"}


def test_two_cases_whose_names_were_exchanged_are_found(path: Path) -> None:
    found = after(
        path,
        "UPDATE cases SET ref = 'x' WHERE ref = 'OFB-2'",
        "UPDATE cases SET ref = 'OFB-2' WHERE ref = 'OFB-3'",
        "UPDATE cases SET ref = 'OFB-3' WHERE ref = 'x'",
    )
    assert {"OFB-2", "OFB-3"} <= {broken.case for broken in found}


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [
        ("actor", "slack:U2", "is shown with another kind, actor or step than it has"),
        ("kind", "approved", "is shown with another kind, actor or step than it has"),
        ("step", 5, "is shown with another kind, actor or step than it has"),
        ("at", "2026-11-23T01:00:00Z", "is shown at another time than its own"),
    ],
)
def test_a_view_that_was_made_to_show_something_else_is_found(
    path: Path, column: str, value: object, what: str
) -> None:
    """What `history` shows stands beside the bytes that are hashed, so it is compared with them."""

    def change(conn: sqlite3.Connection) -> None:
        conn.execute(f"UPDATE facts SET {column} = ? WHERE case_ref = 'OFB-2' AND number = 3", (value,))  # noqa: S608

    assert said(after(path, change)) == [f"OFB-2 3 fact 3 {what}"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE facts SET data = CAST(data AS TEXT) WHERE case_ref = 'OFB-2' AND number = 3",
        "UPDATE facts SET data = 7 WHERE case_ref = 'OFB-2' AND number = 3",
        "UPDATE facts SET hash = CAST(x'ff' AS TEXT) WHERE case_ref = 'OFB-2' AND number = 3",
        "UPDATE facts SET hash = x'00' WHERE case_ref = 'OFB-2' AND number = 3",
        "UPDATE facts SET at = x'00' WHERE case_ref = 'OFB-2' AND number = 3",
        "UPDATE facts SET number = 'three' WHERE case_ref = 'OFB-2' AND number = 3",
        "UPDATE facts SET number = 2.5 WHERE case_ref = 'OFB-2' AND number = 3",
        "UPDATE facts SET number = -3 WHERE case_ref = 'OFB-2' AND number = 3",
        "UPDATE cases SET count = 'many' WHERE ref = 'OFB-2'",
        "UPDATE cases SET head = x'00' WHERE ref = 'OFB-2'",
        "UPDATE cases SET ref = x'4f46422d32' WHERE ref = 'OFB-2'",
        "UPDATE cases SET ref = 'OFB-02' WHERE ref = 'OFB-2'",
        "UPDATE cases SET ref = 'OFB-' || printf('%.5000d', 2) WHERE ref = 'OFB-2'",
        "UPDATE cases SET number = 9 WHERE ref = 'OFB-2'",
    ],
)
def test_values_of_another_kind_do_not_stop_the_audit(path: Path, change: str) -> None:
    assert [broken for broken in after(path, change) if "OFB-" in broken.case or "OFB-2" in broken.what] != []


@pytest.mark.parametrize("value", ["2", "0", "'none'", "x'00'"])
def test_a_counter_that_was_set_back_is_found(path: Path, value: str) -> None:
    found = after(path, f"UPDATE counters SET value = {value} WHERE name = 'cases'")  # noqa: S608
    assert [broken.case for broken in found] == ["OFB-3"]
    assert "numbers were given out" in found[0].what


def test_a_counter_that_was_set_far_ahead_does_not_fill_the_memory(path: Path) -> None:
    found = after(path, f"UPDATE counters SET value = {2**62} WHERE name = 'cases'")  # noqa: S608
    assert found[0].case == "OFB-4"
    assert len(found) == 101
    assert f"and {2**62 - 3 - 101} before it" in found[-1].what


def test_any_single_bit_of_any_fact_counts(path: Path) -> None:
    chance = random.Random(7)
    with closing(sqlite3.connect(path)) as conn:
        rows = conn.execute("SELECT case_ref, number, data FROM facts").fetchall()
    for _ in range(60):
        ref, number, data = chance.choice(rows)
        bent = bytearray(data)
        bent[chance.randrange(len(data))] ^= 1 << chance.randrange(8)

        def change(conn: sqlite3.Connection, row: tuple[bytes, str, int] = (bytes(bent), ref, number)) -> None:
            conn.execute("UPDATE facts SET data = ? WHERE case_ref = ? AND number = ?", row)

        def mend(conn: sqlite3.Connection, row: tuple[bytes, str, int] = (data, ref, number)) -> None:
            conn.execute("UPDATE facts SET data = ? WHERE case_ref = ? AND number = ?", row)

        assert [(broken.case, broken.number) for broken in after(path, change)] == [(ref, number)]
        assert after(path, mend) == []


# ------------------------------------------------------------------------------------------ who is said to be whom


@pytest.fixture
def linked(path: Path) -> Path:
    """Three lines about links."""
    with SqliteStore(path) as store:
        for number, state in ((1, "asked"), (1, "agreed"), (2, "asked")):
            line = LinkRow(number, state, AT, "slack:U1", "slack:U1", "wecom:lin")
            store.transact(lambda tx, line=line: tx.put_link(line)).result()  # type: ignore[misc]
    return path


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE links SET other = 'wecom:mallory' WHERE number = 2", ["links 2 line 2 was edited, or"]),
        ("UPDATE links SET state = 'agreed' WHERE number = 3", ["links 3 line 3 was edited, or"]),
        ("UPDATE links SET by = 'slack:U9' WHERE number = 1", ["links 1 line 1 was edited, or"]),
        ("DELETE FROM links WHERE number = 2", ["links 2 line 2 is missing"]),
        ("DELETE FROM links WHERE number = 3", ["links 2 the last line is 2, but 3 were written"]),
        ("DELETE FROM links", ["links 0 the last line is 0, but 3 were written"]),
        (
            "INSERT INTO links(link, state, at, by, one, other) VALUES(3, 'agreed', '', 'slack:U9', 'a:1', 'b:2')",
            ["links 4 line 4 was edited, or", "links 4 the last line is 4, but 3 were written"],
        ),
    ],
)
def test_whoever_says_behind_the_bots_back_that_two_are_one_is_found(
    linked: Path, change: str, found: list[str]
) -> None:
    assert after(linked) == []
    heard = said(after(linked, change))
    assert [start for start in found if not any(line.startswith(start) for line in heard)] == [], heard


def test_links_of_a_database_from_before_there_was_a_chain_are_chained_as_they_are(linked: Path) -> None:
    with closing(sqlite3.connect(linked, isolation_level=None)) as conn:
        conn.execute("ALTER TABLE links DROP COLUMN hash")
        conn.execute("DELETE FROM counters WHERE name = 'links'")
        conn.execute("DELETE FROM _sqlite_migrations WHERE name = 'm0005_chained_links'")
    with SqliteStore(linked) as store:
        store.transact(lambda tx: tx.put_link(LinkRow(2, "agreed", AT, "slack:U1", "slack:U1", "wecom:lin"))).result()
    assert after(linked) == []
    (wrong,) = after(linked, "UPDATE links SET at = '2026-11-25T01:00:00Z' WHERE number = 1")
    assert wrong.number == 1
