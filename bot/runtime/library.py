"""The playbooks: the newest ones from disk, and every one that a case has pinned, from the database by its hash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.core.case import Case, Pin
from bot.playbook.load import content_hash, pack, parse, unpack
from bot.playbook.model import Playbook
from bot.playbook.pinned import Pinned
from bot.ports import Reads, Tx


class Library:
    """Compiled once per content hash; content never changes under a hash."""

    def __init__(
        self, folders: Mapping[str, Mapping[str, str]], language: str, begins: Sequence[str] | None = None
    ) -> None:
        """`folders`: playbook name -> its files (relative path -> text). `begins`: those that a new case pins (without
        it, the first); the others are what these may lead to."""
        self.begins = tuple(folders)[:1] if begins is None else tuple(begins)
        self._language = language
        self._by_hash: dict[str, Playbook] = {}
        self._files = {name: dict(files) for name, files in folders.items()}
        self._newest: dict[str, Pin] = {}
        for name, files in self._files.items():
            pin = Pin(name=name, hash=content_hash(files))
            self._newest[name] = pin
            self._by_hash[pin.hash] = parse(files, name)

    def newest(self, *names: str) -> tuple[Pin, ...]:
        """Pins of the newest content."""
        return tuple(self._newest[name] for name in names)

    def names(self) -> tuple[str, ...]:
        return tuple(self._newest)

    def keep(self, tx: Tx, pins: tuple[Pin, ...]) -> None:
        """Store the bytes of what a case pins, so that it can always be shown. What is not the newest is there."""
        for pin in pins:
            if self._newest.get(pin.name) == pin and tx.playbook(pin.hash) is None:
                tx.put_playbook(pin.hash, pack(self._files[pin.name]))

    def of(self, reads: Reads, case: Case | None, pins: tuple[Pin, ...] = ()) -> Mapping[str, Playbook]:
        """The pinned playbooks of a case, by name."""
        wanted = case.pins if case is not None else pins
        return {pin.name: self._pinned(reads, pin) for pin in wanted}

    def scripts(self, reads: Reads, case: Case | None, pins: tuple[Pin, ...] = ()) -> Pinned:
        """The same, and the newest of those that they lead to, as the core asks for them."""
        for pin in case.pins if case is not None else pins:
            self._pinned(reads, pin)
        return Pinned(self._by_hash, self._language, self._newest)

    def _pinned(self, reads: Reads, pin: Pin) -> Playbook:
        known = self._by_hash.get(pin.hash)
        if known is None:
            data = reads.playbook(pin.hash)
            if data is None:
                raise LookupError(f"the content of {pin.name} with hash {pin.hash[:12]} is not in the database")
            known = self._by_hash[pin.hash] = parse(unpack(data), pin.name)
        return known
