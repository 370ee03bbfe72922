"""Named points at which this process dies at once, for tests that kill it between two lines.

`OFFBOARD_FAILPOINT=recorded:3` ends the process, as `kill -9` would, the third time that `recorded` is passed. Without
the variable `at` is an empty function: a click passes eight points in less than half a microsecond.

| point            | what has happened, and what has not                                                   |
|------------------|---------------------------------------------------------------------------------------|
| heard            | the key of the delivery is noted, nothing is judged                                   |
| decided          | it is judged, nothing is written                                                      |
| queued           | facts, state, messages and timers are written, in an open transaction                 |
| before-commit    | the work is over, the transaction is open                                             |
| after-commit     | it is on disk, the person has no answer                                               |
| answering        | the same, on the caller's thread                                                      |
| fired            | a timer is taken off, what it leads to is not written                                 |
| claimed          | a message is noted as on its way, the platform was not asked                          |
| sent-not-settled | the platform did it, we have not written that down                                    |
| settled          | we have                                                                               |
"""

from __future__ import annotations

import os

POINTS = (
    "heard",
    "decided",
    "queued",
    "before-commit",
    "after-commit",
    "answering",
    "fired",
    "claimed",
    "sent-not-settled",
    "settled",
)
KILLED = 137
"""The exit code: what a shell says of a process that was killed."""

_WANTED, _, _TIMES = os.environ.get("OFFBOARD_FAILPOINT", "").partition(":")

if _WANTED:
    _left = {_WANTED: int(_TIMES or 1)}

    def at(name: str) -> None:
        """This point is passed."""
        if name in _left:
            _left[name] -= 1
            if _left[name] == 0:
                os._exit(KILLED)

else:

    def at(name: str) -> None:
        """This point is passed."""
