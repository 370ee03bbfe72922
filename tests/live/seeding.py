"""A database as a bot would have left it, written straight through the store."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from msgspec.structs import replace

from bot.core.case import Case
from bot.core.facts import Opened
from bot.core.fold import fold
from bot.ports import Tx
from bot.runtime import codec
from bot.runtime.seal import Seals, master_from
from bot.store.sqlite import SqliteStore
from tests.golden.histories import played


def one_case(path: Path, key: str, leaver: str = "") -> None:
    cases(path, 1, key, leaver)


def cases(path: Path, count: int, key: str, leaver: str = "") -> None:
    """So many open cases that stand in the middle of their plan."""
    case, facts = in_the_middle(leaver)
    seals = Seals(master_from(key))
    with SqliteStore(path) as store:
        works = [partial(_keep, case=case, facts=facts, seals=seals) for _ in range(count)]
        for future in [store.transact(work) for work in works]:
            future.result()


def in_the_middle(leaver: str = "") -> tuple[Case, list[bytes]]:
    """An open case of which half is done, and its facts; its leaver may be another one."""
    _, story = next(iter(played()))
    case: Case | None = None
    first, *others = story.log[: len(story.log) // 2]
    assert isinstance(first, Opened)
    facts = [replace(first, leaver=leaver or first.leaver), *others]
    for fact in facts:
        case = fold(case, fact)
    assert case is not None
    assert case.is_open
    assert case.steps
    return case, [codec.encode(fact) for fact in facts]


def _keep(tx: Tx, case: Case, facts: list[bytes], seals: Seals) -> None:
    ref = tx.new_ref()
    tx.put_key(ref, seals.new_key(ref))
    rows = [codec.row(codec.fact(data)) for data in facts]
    tx.record(ref, rows, codec.encode(replace(case, ref=ref)), str(case.status), (case.leaver,))
