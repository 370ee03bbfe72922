"""A disk that fills up: whoever was answered is in the record, whoever was not is not, and it goes on by itself."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future, wait
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bot.errors import StoreError, StoreFull
from bot.ports import Reads, Store, Tx
from bot.store.chain import verify_chain
from bot.store.sqlite import SqliteStore
from tests.contracts.stores import NOW, fact, held, new_case, together


def big_case(tx: Tx) -> str:
    ref = tx.new_ref()
    tx.record(ref, [fact(os.urandom(20_000))], b"{}", "asking", [])
    return ref


def far_too_big(tx: Tx) -> str:
    ref = new_case(tx)
    tx.put_text("big", os.urandom(4_000_000))
    return ref


def refs(reads: Reads) -> list[str]:
    return [row.ref for row in reads.cases()]


def until_full(store: Store) -> list[str]:
    """Fill the disk; the cases that were answered."""
    answered: list[str] = []
    while True:
        future = store.transact(big_case)
        if isinstance(future.exception(), StoreFull):
            return answered
        answered.append(future.result())


def check_whole_batch_failed(futures: list[Future[Any]]) -> None:
    for future in futures:
        with pytest.raises(StoreFull, match="the disk is full: make room"):
            future.result()
    errors = [future.exception() for future in futures]
    assert len(set(map(id, errors))) == len(errors), "an error of one's own: raising one writes into it"


def test_when_the_file_may_not_grow_the_batch_fails_whole_and_smaller_works_go_on(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "a.db", max_pages=150) as store:
        assert store.transact(new_case).result() == "OFB-1"

        check_whole_batch_failed(together(store, new_case, far_too_big, new_case))
        check_whole_batch_failed([store.transact(far_too_big)])

        assert store.read(refs) == ["OFB-1"]
        assert [future.result() for future in together(store, new_case, new_case)] == ["OFB-2", "OFB-3"]
        assert store.read(verify_chain) == []


def test_a_work_that_goes_on_after_the_disk_was_full_writes_nothing_outside_its_transaction(tmp_path: Path) -> None:
    def stubborn(tx: Tx) -> str:
        for verb in (far_too_big, new_case, lambda tx: tx.hear("slack/1", NOW)):
            with suppress(StoreError):
                verb(tx)
        return "all is well"

    with SqliteStore(tmp_path / "a.db", max_pages=150) as store:
        check_whole_batch_failed([store.transact(stubborn)])
        check_whole_batch_failed(together(store, new_case, stubborn, new_case))
        assert store.read(refs) == []
        assert store.transact(new_case).result() == "OFB-1"


def test_a_full_file_is_whole_and_goes_on_where_there_is_room(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "a.db", max_pages=150) as store:
        answered = until_full(store)
        assert store.read(refs) == answered
    with SqliteStore(tmp_path / "a.db") as store:
        assert store.transact(new_case).result() == f"OFB-{len(answered) + 1}"
        assert store.read(verify_chain) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.getuid() != 0:
        pytest.skip("only root may mount a small disk")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True).returncode != 0:
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_on_a_full_disk_the_batch_fails_whole_reading_goes_on_and_so_does_writing_once_there_is_room(
    small_disk: Path,
) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(300_000))
    with SqliteStore(small_disk / "a.db") as store:
        answered = until_full(store)
        assert answered

        check_whole_batch_failed(together(store, new_case, far_too_big, new_case))
        assert store.read(refs) == answered

        ballast.unlink()
        for future in together(store, new_case, new_case):
            answered.append(future.result())
        assert answered == [f"OFB-{n}" for n in range(1, len(answered) + 1)]
        assert store.read(refs) == answered
        assert store.read(verify_chain) == []
    with SqliteStore(small_disk / "a.db") as store:
        assert store.read(refs) == answered


def test_on_a_disk_that_fills_while_many_write_at_once_the_answered_ones_are_there_and_no_others(
    small_disk: Path,
) -> None:
    with SqliteStore(small_disk / "a.db") as store:
        with held(store) as release:
            futures = [store.transact(big_case) for _ in range(150)]
            release()
        wait(futures, timeout=30)
        answered = [future.result() for future in futures if future.exception() is None]
        assert any(isinstance(future.exception(), StoreFull) for future in futures)
        assert store.read(refs) == answered
        assert store.read(verify_chain) == []
    with SqliteStore(small_disk / "a.db") as store:
        assert store.read(refs) == answered
        assert store.read(verify_chain) == []
