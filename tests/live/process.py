"""`offboard run` as a process of its own, talked to over real HTTP."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LIMIT = 30.0
"""Seconds after which a process that should have done something has not: these machines are slow."""


def environment(**settings: str) -> dict[str, str]:
    """Nothing of ours from outside: only what a test gives. It listens where there is room."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OFFBOARD_", "SLACK_", "WECOM_"))}
    return kept | {"PYTHONPATH": str(ROOT), "OFFBOARD_LISTEN": "127.0.0.1:0"} | settings


def offboard(*words: str, at: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command, to its end."""
    command = [sys.executable, "-m", "bot", *words]
    return subprocess.run(
        command, cwd=at, env=environment(**settings), capture_output=True, text=True, timeout=LIMIT, check=False
    )


def ask(address: str, path: str) -> tuple[int, Any]:
    """Status and JSON."""
    try:
        with urllib.request.urlopen(f"{address}{path}", timeout=LIMIT) as answer:  # noqa: S310  (an address of our own)
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


class Process:
    """`lines` are what it has logged so far."""

    def __init__(self, at: Path, settings: Mapping[str, str], words: tuple[str, ...]) -> None:
        self.lines: list[str] = []
        self._news = threading.Condition()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run", *words],
            cwd=at,
            env=environment(**settings),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._news:
                self.lines.append(line)
                self._news.notify_all()
        with self._news:
            self._news.notify_all()

    def logged(self, event: str) -> dict[str, Any]:
        """The first line about this; waits for it."""

        def found() -> list[dict[str, Any]]:
            lines = [json.loads(line) for line in self.lines if line.startswith("{")]
            return [line for line in lines if line["event"] == event]

        with self._news:
            self._news.wait_for(lambda: found() or self.process.poll() is not None, LIMIT)
            assert found(), f"it never said {event!r}:\n{''.join(self.lines)}"
            return found()[0]

    @property
    def address(self) -> str:
        return str(self.logged("ready")["address"])

    def end(self, how: signal.Signals = signal.SIGTERM, within: float = 5.0) -> int:
        """Exit code."""
        self.process.send_signal(how)
        code = self.process.wait(within)
        self._reading.join(LIMIT)
        return code


@contextmanager
def running(at: Path, *words: str, **settings: str) -> Iterator[Process]:
    process = Process(at, settings, words)
    try:
        yield process
    finally:
        if process.process.poll() is None:
            process.process.kill()
        process.process.wait()
        process._reading.join(LIMIT)
        assert process.process.stderr is not None
        process.process.stderr.close()
