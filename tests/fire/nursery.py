"""A warm interpreter that brings processes into the world to be killed: a fork costs milliseconds, a start half a
second.

Run as a program it has one thread and no open file but its pipes; for each line of JSON on its standard input it forks,
and the child is what it would be had it been started by itself:

    {"what": "player", "arguments": [...], "failpoint": "queued:3"}     tests/fire/child.py
    {"what": "offboard", "arguments": ["demo", ...], "failpoint": ""}   the command

On its standard output stand `born PID`, what the child writes, and `died CODE` (-9: by a signal of that number).
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from bot.runtime import failpoints
from tests.fire.office import library


class Child:
    """A process of the nursery. `lines` are what it writes, until it is dead; then `code` says how it died."""

    def __init__(self, nursery: Nursery) -> None:
        self._nursery = nursery
        self.pid = int(nursery.line().removeprefix("born "))
        self.code: int | None = None
        nursery.child = self

    def lines(self) -> Iterator[str]:
        while (line := self._nursery.line()) and not line.startswith("died "):
            yield line
        self.code = int(line.removeprefix("died "))

    def kill(self, signal_: int = signal.SIGKILL) -> None:
        """Nothing, when it is dead already."""
        os.kill(self.pid, signal_)

    def ended(self) -> int:
        """Wait until it is dead; how it died."""
        for _ in self.lines() if self.code is None else ():
            pass
        assert self.code is not None
        return self.code


class Nursery:
    """One child at a time."""

    def __init__(self, process: subprocess.Popen[str], complaints: Path) -> None:
        self._process = process
        self._complaints = complaints
        self.child: Child | None = None

    def born(self, what: str, *arguments: str, failpoint: str = "") -> Child:
        assert self._process.stdin is not None
        assert self.child is None or self.child.code is not None, "the last one is still alive"
        wanted = {"what": what, "arguments": arguments, "failpoint": failpoint}
        self._process.stdin.write(json.dumps(wanted) + "\n")
        self._process.stdin.flush()
        return Child(self)

    def line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line.endswith("\n"), f"the nursery itself is dead: {self.trouble()}"
        return line

    def trouble(self) -> str:
        """What anybody has complained of on the standard error."""
        return self._complaints.read_text()


@contextmanager
def nursery(folder: Path) -> Iterator[Nursery]:
    complaints = folder / "complaints.txt"
    command = [sys.executable, "-m", "tests.fire.nursery"]
    pipe = subprocess.PIPE
    with (
        complaints.open("w") as trouble,
        subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=trouble, text=True) as process,
    ):
        opened = Nursery(process, complaints)
        try:
            yield opened
        finally:
            if opened.child is not None and opened.child.code is None:
                opened.child.kill()
            process.terminate()


def _live(what: str, arguments: list[str], failpoint: str) -> NoReturn:
    """The rest of a child's life."""
    os.environ["OFFBOARD_FAILPOINT"] = failpoint
    importlib.reload(failpoints)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    code = 1
    try:
        if what == "player":
            from tests.fire.child import main as play

            play(*arguments)
        else:
            from bot.cli import main as offboard

            offboard(arguments, standalone_mode=False)
        code = 0
    except BaseException:  # noqa: BLE001  whatever it is, the child ends here and says it
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    for name in ("bot.cli", "bot.serving", "tests.fire.child"):
        importlib.import_module(name)
    library()
    buried: list[int] = []
    while line := sys.stdin.readline():
        # Until now its number was kept, so that a late blow could hit nobody else.
        while buried:
            os.waitpid(buried.pop(), 0)
        wanted = json.loads(line)
        pid = os.fork()
        if pid == 0:
            os.write(1, f"born {os.getpid()}\n".encode())
            _live(**wanted)
        end = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert end is not None
        os.write(1, f"died {end.si_status if end.si_code == os.CLD_EXITED else -end.si_status}\n".encode())
        buried.append(pid)


if __name__ == "__main__":
    main()
