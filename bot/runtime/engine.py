"""The one way in: `hear` for what people do, `tick` for what time does, `lost` for what could not be delivered.

Each is one work of the store's writer: dedupe, load, decide, write, commit. The answer comes out of the future, so it
exists only once everything is on disk: we commit, then acknowledge; never the other way round.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from msgspec.structs import replace

from bot.core import desk as desks
from bot.core import events as e
from bot.core.case import SYSTEM, CaseRef, PersonId
from bot.core.decide import decide
from bot.core.effects import Say, View
from bot.heard import Answer, Heard
from bot.playbook.card import Card
from bot.playbook.copy import load
from bot.playbook.views.replies import refusal, sentence
from bot.ports import Clock, OutboxRow, PersonRow, Reads, Store, Timer, Tx
from bot.runtime import codec, failpoints
from bot.runtime.atdesk import desk
from bot.runtime.deciding import comes_or_goes
from bot.runtime.hearing import Hearing
from bot.runtime.joining import lapse, returned, settle
from bot.runtime.keeping import DESK, desk_of, keep, put_desk, queue, say
from bot.runtime.links import LINK
from bot.runtime.lookups import TO, opened
from bot.runtime.meeting import answer, first_told, learn
from bot.runtime.outcomes import GONE, LATER
from bot.runtime.pacing import LOOKUP
from bot.runtime.people import folded
from bot.runtime.readers import reader_of
from bot.runtime.renaming import tell
from bot.runtime.tools import Cases, Tools

log = structlog.get_logger("offboard.engine")

HEARD_FOR = timedelta(days=14)
"""How long an inbound key is kept: platforms repeat a delivery for at most a few days."""

MACHINE = e.Actor(person=SYSTEM)


class Engine:
    """`after_commit` is called from the writer's thread whenever something may have been queued."""

    def __init__(self, store: Store, tools: Tools, clock: Clock, after_commit: Callable[[], None]) -> None:
        self.store = store
        self.tools = tools
        self.clock = clock
        self._after_commit = after_commit
        self._forget_at = clock.now()

    def hear(self, heard: Heard) -> Future[Hearing]:
        """Judge one delivery. When the future is done, what it led to is durable."""

        def work(tx: Tx) -> Hearing:
            with self.tools.people.as_of(tx):
                hearing = Hearing(tx, heard, self.tools, self.clock.now())
                hearing.run()
            failpoints.at("before-commit")
            return hearing

        future = self.store.transact(work)
        future.add_done_callback(self._committed)
        return future

    def answer(self, hearing: Hearing) -> Answer:
        """What the person is told at once: drawn after the commit, on the caller's own time."""
        failpoints.at("answering")

        def draw(reads: Reads) -> list[Card]:
            return [self.tools.drawer.tell(reads, case, tell) for case, tell in hearing.tells]

        drawn = self.store.read(draw) if hearing.tells else []
        ref = hearing.case.ref if hearing.case is not None else ""
        return Answer(
            (*hearing.cards, *drawn),
            case=ref,
            refused=hearing.refused,
            repeated=hearing.repeated,
            later=hearing.later,
            wanted=hearing.wanted,
        )

    def desk(self, person: PersonId) -> tuple[Card, dict[PersonId, str]]:
        """Everything that waits for this person over all cases, oldest first, with the names that the card mentions. On
        any thread."""

        def draw(reads: Reads) -> tuple[Card, dict[PersonId, str]]:
            card = desk(reads, person, self.clock.now(), self.tools, Cases())
            return card, self.tools.drawer.names(reads, card)

        return self.store.read(draw)

    def unwritten(self, heard: Heard) -> Answer:
        """The answer when the record could not take it: nothing was changed, and it can be tried again."""
        known = self.store.read(lambda reads: reads.person(self.tools.people.acts_as(heard.person)))
        card = refusal(load(self.tools.people.language(known)), "storage", "", {})
        return Answer((card,), refused="storage")

    def lost(self, row: OutboxRow, why: str) -> Future[None]:
        """A message will not arrive: the case's admins are told. Of somebody who is known to be gone, once a case."""
        if row.kind == LOOKUP:
            return self._unchecked(row, why)
        refs = [row.case] if row.case else [item.case for item in self._digest(row)]

        def work(tx: Tx) -> None:
            known = tx.person(row.to) if why == GONE else None
            gone = known is not None and known.standing == GONE
            for ref in dict.fromkeys(refs):
                if not gone or first_told(tx, ref, row.to, self.clock.now()):
                    self._judge(tx, ref, e.Undeliverable(person=reader_of(row.to), lane=row.lane, why=why))

        return self._transact(work)

    def _unchecked(self, row: OutboxRow, why: str) -> Future[None]:
        """Somebody could not be looked up, or not yet: they are told, if anything reaches them."""
        person, late = row.to.removeprefix(TO), why == LATER

        def work(tx: Tx) -> None:
            copy = load(self.tools.people.language(tx.person(person)))
            card = sentence(copy, "told.checking" if late else "told.unchecked")
            say(tx, person, card, f"{row.id}-{why}", self.clock.now(), self.tools)

        return self._transact(work)

    def known(self, row: OutboxRow, people: tuple[PersonRow, ...]) -> Future[None]:
        """The directory has answered: what waited for it is judged, once, and its row goes in the same transaction."""
        deferred = opened(row, self.tools.seals)
        assert deferred is not None, "it was opened to be asked"

        def work(tx: Tx) -> None:
            now = self.clock.now()
            tx.settle(row.id)
            if not tx.hear(f"{row.lane}/{row.id}", now):
                return
            for person in people:
                self._learn(tx, person, now)
            hearing = Hearing(tx, deferred.heard, self.tools, now, met=True)
            hearing.run()
            answer(tx, hearing, str(row.id), now, self.tools)
            failpoints.at("before-commit")

        future = self._transact(work)
        future.add_done_callback(lambda done: self._judged(row.to.removeprefix(TO), done))
        return future

    def _judged(self, person: PersonId, done: Future[None]) -> None:
        if not done.cancelled() and done.exception() is None:
            self.tools.acquaintances.judged(person)

    def learn(self, person: PersonRow) -> Future[None]:
        """What the directory says of a person now. Who is gone is written to no more, and the admins of their open
        cases are told; who is back is written to again. When the future is done, it is durable."""
        return self._transact(lambda tx: self._learn(tx, person, self.clock.now()))

    def renamed(self, old: PersonId, new: PersonRow) -> Future[None]:
        """Somebody goes on under another id; the old one is gone."""

        def work(tx: Tx) -> None:
            now, known = self.clock.now(), tx.person(folded(old))
            if known is None or known.standing == GONE:
                return
            self._learn(tx, new, now)
            tell(tx, old, new.id, now, self.tools)
            self._learn(tx, replace(known, standing=GONE), now)

        return self._transact(work)

    def _learn(self, tx: Tx, person: PersonRow, now: datetime) -> None:
        before, people = tx.person(folded(person.id)), self.tools.people
        away = people.away
        for ref in learn(tx, person, now, self.tools):
            self._judge(tx, ref, e.Undeliverable(person=folded(person.id), lane="", why=GONE))
        if before is not None and before.standing == GONE != person.standing:
            returned(tx, folded(person.id), now, self.tools)
        if people.decides(person.id):
            people.standings(tx.people())
            comes_or_goes(tx, away, now, self.tools)

    def _digest(self, row: OutboxRow) -> tuple[desks.Waiting, ...]:
        said = codec.said(row.effect)
        return codec.waiting(said.view.args["waiting"]) if said.view.name == "digest" else ()

    def tick(self, limit: int = 256) -> int:
        """Everything that is due now; how many timers that were."""
        now = self.clock.now()
        self._forget_heard(now)
        due = self.store.read(lambda reads: reads.due(now, limit))
        for future in [self._transact(partial(self._fire, timer=timer, now=now)) for timer in due]:
            future.result()
        return len(due)

    def _forget_heard(self, now: datetime) -> None:
        """Once a day, drop the keys of deliveries that no platform repeats any more."""
        if now >= self._forget_at:
            self._forget_at = now + timedelta(days=1)
            self._transact(partial(_forget, before=now - HEARD_FOR))

    def next_due(self) -> datetime | None:
        """When the next timer is due."""
        return self.store.read(lambda reads: reads.next_due())

    def _fire(self, tx: Tx, timer: Timer, now: datetime) -> None:
        tx.unwake(timer.case, timer.about, timer.step)
        failpoints.at("fired")
        if timer.case.startswith(DESK):
            self._flush(tx, timer.case.removeprefix(DESK), now)
        elif timer.case.startswith(f"{LINK}/"):
            lapse(tx, int(timer.case.removeprefix(f"{LINK}/")), now, self.tools)
        else:
            self._judge(tx, timer.case, e.Woke(timer.about, timer.step, timer.revision))

    def _judge(self, tx: Tx, ref: CaseRef, what: e.What) -> None:
        row = tx.case(ref)
        if row is None:
            log.error("a timer for a case that does not exist", case=ref)
            return
        case = self.tools.cases.get(row)
        now = self.clock.now()
        event = e.Event(at=now, by=MACHINE, what=what, roster=self.tools.people.there, workdays=self.tools.workdays)
        decision = decide(case, event, self.tools.library.scripts(tx, case))
        keep(tx, decision, now, self.tools)

    def _flush(self, tx: Tx, person: PersonId, now: datetime) -> None:
        """The desk's timer: one message with everything that still waits. For who is gone it is kept."""
        known = tx.person(person)
        if known is not None and known.standing == GONE:
            put_desk(tx, replace(desk_of(tx, person), flush_at=None))
            return
        rhythm = self.tools.people.rhythm(known)

        def still(item: desks.Waiting) -> bool:
            row = tx.case(item.case)
            return row is not None and desks.waits(self.tools.cases.get(row), item)

        desk, due = desks.flush(desk_of(tx, person), now, rhythm, self.tools.workdays, still)
        put_desk(tx, desk)
        if due:
            view = View("digest", args={"waiting": codec.encode(due).decode()})
            queue(tx, "", Say(f"desk/{codec.utc(now)}/0/{person}", person, view, reminder=True), now, priority=1)

    def _transact(self, work: Callable[[Tx], None]) -> Future[None]:
        def as_things_stand(tx: Tx) -> None:
            with self.tools.people.as_of(tx):
                work(tx)

        future = self.store.transact(as_things_stand)
        future.add_done_callback(self._committed)
        return future

    def settle_links(self) -> Future[None]:
        """Before anything else: what the configuration says otherwise now is undone."""
        return self._transact(lambda tx: settle(tx, self.clock.now(), self.tools))

    def _committed(self, future: Future[Any]) -> None:
        failpoints.at("after-commit")
        if future.cancelled() or future.exception() is not None:
            self.tools.people.doubtful = True
        if not future.cancelled():
            self._after_commit()


def _forget(tx: Tx, before: datetime) -> None:
    tx.forget_heard(before)
