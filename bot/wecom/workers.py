"""Threads on which calls to WeCom block. They are daemons: what hangs there never holds up the end of the process, and
nothing is lost by that, for whatever was not answered is uncertain in the record."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Workers(Executor):
    """`count` threads, started with the first call."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._closed = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()

        def call() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                found = fn(*args, **kwargs)
            except BaseException as error:  # noqa: BLE001  it belongs to whoever waits
                future.set_exception(error)
            else:
                future.set_result(found)

        with self._lock:
            if self._closed:
                raise RuntimeError("the workers have gone home")
            if not self._threads:
                self._threads = [
                    threading.Thread(target=self._work, name=f"wecom-{n}", daemon=True) for n in range(self._count)
                ]
                for thread in self._threads:
                    thread.start()
            self._calls.put(call)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Nothing more is begun. `wait`: until what has begun has ended."""
        with self._lock:
            self._closed = True
            threads, self._threads = self._threads, []
        if cancel_futures:
            while not self._calls.empty():
                self._calls.get()
        for _ in threads:
            self._calls.put(None)
        if wait:
            for thread in threads:
                thread.join()

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            call()
