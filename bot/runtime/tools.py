"""What one delivery needs at hand. Made once, by the wiring."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from bot.core.case import Case, CaseRef
from bot.core.events import Workdays
from bot.rows import CaseRow
from bot.runtime import codec
from bot.runtime.buttons import Buttons
from bot.runtime.drawing import Drawer
from bot.runtime.library import Library
from bot.runtime.lookups import Acquaintances
from bot.runtime.onetime import OneTime
from bot.runtime.people import People
from bot.runtime.seal import Seals


class Cases:
    """Cases as they were last decoded, by their head: the writer need not decode what has not changed."""

    def __init__(self, most: int = 2048) -> None:
        self._most = most
        self._kept: OrderedDict[CaseRef, tuple[str, Case]] = OrderedDict()

    def get(self, row: CaseRow) -> Case:
        kept = self._kept.get(row.ref)
        if kept is not None and kept[0] == row.head:
            return kept[1]
        case = codec.case(row.state)
        self.put(row.head, case)
        return case

    def put(self, head: str, case: Case) -> None:
        self._kept[case.ref] = (head, case)
        self._kept.move_to_end(case.ref)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)


@dataclass(frozen=True)
class Tools:
    library: Library
    people: People
    seals: Seals
    buttons: Buttons
    drawer: Drawer
    workdays: Workdays
    default_playbooks: tuple[str, ...]
    acquaintances: Acquaintances
    onetime: OneTime
    cases: Cases = field(default_factory=Cases)
    rescue_playbook: str = ""
    """What a case begins with when somebody has already gone; "" where there is none."""
    admin_chats: tuple[str, ...] = ()
    """The platforms that reach the admins, the first one first; see readers.py."""
