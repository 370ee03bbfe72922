"""Programs that are not ours: an operator's own query on the file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import StoreBusy
from bot.store.chain import verify_chain
from bot.store.sqlite import SqliteStore
from tests.contracts.stores import new_case


def test_a_foreign_program_that_holds_the_file_makes_works_fail_and_nothing_else(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "a.db", patience=0.05) as store:
        with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as foreign:
            foreign.execute("BEGIN IMMEDIATE")
            for _ in range(2):
                with pytest.raises(StoreBusy, match="another program holds the database"):
                    store.transact(new_case).result()
            foreign.execute("ROLLBACK")
        assert store.transact(new_case).result() == "OFB-1"
        assert store.read(verify_chain) == []
