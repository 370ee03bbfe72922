"""Calls that block have threads of their own, and none of them holds up the end."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import wait

import pytest

from bot.wecom.workers import Workers


def test_what_is_asked_is_answered_and_what_is_raised_comes_back() -> None:
    workers = Workers(3)
    assert sorted(future.result() for future in [workers.submit(pow, n, 2) for n in range(20)])[-1] == 361
    with pytest.raises(ZeroDivisionError):
        workers.submit(lambda: 1 // 0).result()
    workers.shutdown()
    with pytest.raises(RuntimeError, match="gone home"):
        workers.submit(print)


def test_as_many_block_at_once_as_there_are_threads() -> None:
    workers, barrier = Workers(4), threading.Barrier(4)
    futures = [workers.submit(barrier.wait, 5) for _ in range(4)]
    assert not wait(futures, timeout=5).not_done
    workers.shutdown()


def test_what_has_not_begun_can_be_taken_back() -> None:
    workers, hold, begun = Workers(1), threading.Event(), threading.Event()

    def holds() -> None:
        begun.set()
        hold.wait(5)

    first = workers.submit(holds)
    begun.wait(5)
    second = workers.submit(pow, 2, 2)
    assert second.cancel()
    hold.set()
    first.result(5)
    workers.shutdown()


def test_a_call_that_hangs_does_not_hold_up_the_end_of_the_process() -> None:
    code = (
        "import threading; from bot.wecom.workers import Workers; begun = threading.Event(); workers = Workers(2)\n"
        "workers.submit(lambda: (begun.set(), threading.Event().wait())); begun.wait(); workers.shutdown(wait=False)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=20)
