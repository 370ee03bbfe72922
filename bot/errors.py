"""What can go wrong outside the machine, split by who can mend it.

PortError
    ├── StoreError            the record could not be written or read; the person is told to try again
    │   ├── StoreFull         no room: nothing of this work was kept
    │   ├── StoreClosed       the store was shut, or its writer died
    │   ├── StoreBusy         another process writes to this database
    │   ├── SchemaNewer       the database was written by a newer version: refuse to start
    │   └── BadValue          a value that no store can hold (a lone surrogate, a number past 2^63, NaN)
    └── ChatError             the platform did not do what was asked
        ├── TryLater          it certainly did not happen; again after `seconds`
        ├── Uncertain         it may have happened (a time-out, a dropped line); look it up before repeating
        ├── Gone              the person or the message is no longer there
        ├── Hidden            the person is out of our reach: the operator can widen it
        ├── Closed            the platform lets us in no more (a token that was taken back); all of it waits
        └── Rejected          it will never work as it is (a card that breaks a limit, a missing right)
"""

from __future__ import annotations


class PortError(Exception):
    """Something outside the machine did not work."""


class StoreError(PortError):
    """The record could not be written or read."""


class StoreFull(StoreError):
    """There is no room left; nothing of this work was kept."""


class StoreClosed(StoreError):
    """The store is shut."""


class StoreBusy(StoreError):
    """Another process writes to this database."""


class SchemaNewer(StoreError):
    """The database was written by a newer version of this program."""


class BadValue(StoreError):
    """A value that no store can hold."""


class ChatError(PortError):
    """The platform did not do what was asked."""


class TryLater(ChatError):
    """It certainly did not happen. `seconds` is the platform's own wish, or None."""

    def __init__(self, why: str, seconds: float | None = None) -> None:
        super().__init__(why)
        self.seconds = seconds


class Uncertain(ChatError):
    """It may have happened."""


class Gone(ChatError):
    """The person or the message is no longer there. `who` is "person" or "message"."""

    def __init__(self, why: str, who: str = "person") -> None:
        super().__init__(why)
        self.who = who


class Hidden(ChatError):
    """The person may be there, and the platform lets us neither see nor reach them: the operator can widen what it lets
    us see. It certainly did not happen."""


class Closed(ChatError):
    """The platform lets us in no more, whatever is asked: an invalid token, an app that was uninstalled or disabled.
    It certainly did not happen. The operator has to mend it; meanwhile everything for this platform waits."""


class Rejected(ChatError):
    """It will never work as it is."""
