"""What can be counted, for Prometheus, on an address of its own. No label names a person, a case or a word."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from time import monotonic
from typing import Any, TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    start_http_server,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.core.case import PersonId
from bot.errors import ChatError, StoreError
from bot.heard import Answer, Heard
from bot.ports import Chat, Clock, Message, Outgoing, Rate, Reads, Store, Tx

T = TypeVar("T")
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Metrics:
    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        registry = self.registry
        self._heard = Counter(
            "offboard_heard",
            "Deliveries, by what they were and what came of them",
            ("platform", "kind", "outcome"),
            registry=registry,
        )
        self._refused = Counter("offboard_refusals", "Refusals, by reason", ("code",), registry=registry)
        self._last = Gauge(
            "offboard_last_heard_seconds", "When something was last heard, Unix time", ("platform",), registry=registry
        )
        self._durable = Histogram(
            "offboard_durable_seconds",
            "From hearing a delivery until it was on disk",
            buckets=SECONDS,
            registry=registry,
        )
        self._commits = Histogram(
            "offboard_commit_seconds",
            "From handing a work to the writer until its commit",
            buckets=SECONDS,
            registry=registry,
        )
        self._failed = Counter(
            "offboard_commit_failures", "Works that were not kept, by the kind of error", ("kind",), registry=registry
        )
        self._sends = Counter(
            "offboard_sends",
            "Calls to a platform, by method and outcome",
            ("platform", "method", "outcome"),
            registry=registry,
        )

    def counts(self, name: str, what: str, number: Callable[[], float]) -> None:
        """A number that somebody else knows."""
        Gauge(name, what, registry=self.registry).set_function(number)

    def durable(self, seconds: float) -> None:
        self._durable.observe(seconds)

    def heard(self, heard: Heard, answer: Answer) -> None:
        platform = heard.person.partition(":")[0]
        outcome = (
            "repeated" if answer.repeated else "later" if answer.later else "refused" if answer.refused else "done"
        )
        self._heard.labels(platform, "click" if heard.click is not None else "text", outcome).inc()
        self._last.labels(platform).set_to_current_time()
        if answer.refused:
            self._refused.labels(answer.refused).inc()

    def sent(self, platform: str, method: str, outcome: str) -> None:
        self._sends.labels(platform, method, outcome).inc()

    def committed(self, future: Future[Any], began: float) -> None:
        if future.cancelled():
            return
        error = future.exception()
        if error is None:
            self._commits.observe(monotonic() - began)
        else:
            self._failed.labels(type(error).__name__ if isinstance(error, StoreError) else "other").inc()


class TimedStore:
    """The store, with every commit measured."""

    def __init__(self, store: Store, metrics: Metrics) -> None:
        self._store = store
        self._metrics = metrics

    def transact(self, work: Callable[[Tx], T]) -> Future[T]:
        began = monotonic()
        future = self._store.transact(work)
        future.add_done_callback(partial(self._metrics.committed, began=began))
        return future

    def read(self, question: Callable[[Reads], T]) -> T:
        return self._store.read(question)

    def close(self) -> None:
        self._store.close()


class CountedChat:
    """A platform, with the outcome of every call counted."""

    def __init__(self, chat: Chat, metrics: Metrics) -> None:
        self._chat = chat
        self._metrics = metrics
        self.name = chat.name

    @property
    def paces(self) -> Sequence[Rate]:
        return self._chat.paces

    def serves(self, to: PersonId) -> bool:
        return self._chat.serves(to)

    async def say(self, post: Outgoing) -> Message:
        with self._counted("say"):
            return await self._chat.say(post)

    async def amend(self, message: Message, post: Outgoing) -> Message:
        with self._counted("amend"):
            return await self._chat.amend(message, post)

    async def find(self, post: Outgoing) -> Message | None:
        with self._counted("find"):
            return await self._chat.find(post)

    def _counted(self, method: str) -> Counted:
        return Counted(partial(self._metrics.sent, self.name, method))


class Counted:
    """Says how a block ended: "sent", or the kind of error."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if kind is None:
            self._say("sent")
        elif issubclass(kind, ChatError):
            self._say(kind.__name__.lower())
        else:
            self._say("other" if issubclass(kind, Exception) else "cut")


class Waiting(Collector):
    """What is in the record at the moment of asking: the queue and the timers."""

    def __init__(self, store: Store, clock: Clock, troubles: Callable[[], dict[str, str]]) -> None:
        self._store = store
        self._clock = clock
        self._troubles = troubles

    def describe(self) -> Sequence[Metric]:
        return ()  # asked at registration, when the store may not be open yet

    def collect(self) -> Iterator[Metric]:
        trouble = GaugeMetricFamily("offboard_trouble", "1 while this part does not work", labels=["part"])
        for part, why in self._troubles().items():
            trouble.add_metric([part], float(bool(why)))
        yield trouble
        try:
            yield from self._store.read(lambda reads: list(self._queued(reads)))
        except StoreError:
            return  # `offboard_trouble` says it

    def _queued(self, reads: Reads) -> Iterator[Metric]:
        rows = reads.outbox()
        depth = GaugeMetricFamily("offboard_outbox_messages", "Messages that have not left", labels=["state"])
        for state in ("waiting", "sending", "uncertain", "parked"):
            depth.add_metric([state], sum(row.state == state for row in rows))
        yield depth
        now = self._clock.now()
        for name, text, at in (
            ("offboard_outbox_oldest_seconds", "How long the oldest message has been due", reads.next_send()),
            ("offboard_timer_late_seconds", "How long the earliest timer has been due", reads.next_due()),
        ):
            late = max((now - at).total_seconds(), 0.0) if at is not None else 0.0
            yield GaugeMetricFamily(name, text, value=late)


def serve(metrics: Metrics, host: str, port: int) -> Callable[[], None]:
    """Serve them on a thread of their own; returns how to stop. Raises OSError when the address cannot be had."""
    server, thread = start_http_server(port, host, registry=metrics.registry)

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join(1.0)

    return stop
