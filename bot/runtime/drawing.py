"""Cards are drawn when a message leaves, from the case as it stands then: what is shown is what the log says."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from bot.core.case import Case, CaseRef, PersonId, Sealed
from bot.core.desk import waits
from bot.core.effects import ADMINS, Tell, View
from bot.core.events import Workdays
from bot.core.fold import fold_all
from bot.core.mask import MASK
from bot.errors import Gone
from bot.playbook import views
from bot.playbook.card import Card, card_bytes, card_hash
from bot.playbook.copy import Copy, load
from bot.playbook.views.pairing import Pairing, pairing_card
from bot.playbook.views.replies import digest_card
from bot.playbook.views.scene import Scene
from bot.playbook.views.talk import question_words
from bot.ports import Clock, OutboxRow, Reads
from bot.runtime import codec
from bot.runtime.buttons import NOWHERE, Buttons
from bot.runtime.library import Library
from bot.runtime.links import LINK, numbered
from bot.runtime.outcomes import Drawing
from bot.runtime.people import People, mentioned
from bot.runtime.readers import chat_of, reader_of
from bot.runtime.seal import Seals

Unseal = Callable[[Sealed], str | None]


class Then(NamedTuple):
    """A moment of the past: how many facts the case had, and when that was. A message of no case goes by the time."""

    facts: int
    at: datetime


class Posted(NamedTuple):
    """`card` is what people see. `kept` is the same without anybody's free text: what the record may hold in clear."""

    card: Card
    kept: Card


NOTE = Card(kind="note", title="", summary="")
"""What is kept of a private answer in the record: that there was one."""


def _masked(sealed: Sealed) -> str:
    return MASK


class Drawer:
    """Draws views for readers, in the reader's language and zone. What is for the admins is drawn in the language that
    all of them on that platform share, else in the company's; `admin_chats` are the platforms that reach them."""

    def __init__(
        self,
        library: Library,
        people: People,
        seals: Seals,
        buttons: Buttons,
        clock: Clock,
        workdays: Workdays,
        admin_chats: Sequence[str] = (),
    ) -> None:
        self._admin_chats = tuple(admin_chats)
        self.library = library
        self.people = people
        self._seals = seals
        self._buttons = buttons
        self._clock = clock
        self._workdays = workdays

    def copy(self, reads: Reads, reader: PersonId) -> Copy:
        known = None if reader == ADMINS else reads.person(reader)
        return load(self.people.language(known))

    def scene(
        self,
        reads: Reads,
        case: Case,
        view: View,
        reader: PersonId,
        round_: int = 0,
        unseal: Unseal | None = None,
        chat: str = "",
    ) -> Scene:
        """`chat`: the platform on which the admins read it, when it is not the first one."""
        known = None if reader == ADMINS else reads.person(reader)

        def opened(sealed: Sealed) -> str | None:
            return self._seals.unseal(reads.key(case.ref), case.ref, sealed)

        def value(subject: str, revision: int, verb: str) -> str:
            return self._buttons.value(case.ref, subject, revision, verb)

        return Scene(
            case=case,
            view=view,
            reader=reader,
            copy=load(self._admins_language(reads, chat) if reader == ADMINS else self.people.language(known)),
            zone=self.people.zone(known),
            now=self._clock.now(),
            roster=self.people.there,
            playbooks=self.library.of(reads, case),
            value=value,
            unseal=unseal or opened,
            round=round_,
            workdays=self._workdays,
        )

    def tell(self, reads: Reads, case: Case, tell: Tell) -> Card:
        """The private answer to a click."""
        return views.draw(self.scene(reads, case, tell.view, tell.to))

    def drawing(self, reads: Reads, row: OutboxRow) -> Drawing | None:
        """A queued message as the case stands now; None when there is nothing to show any more. Raises Gone when its
        reader has left."""
        to = reader_of(row.to)
        if to != ADMINS and (known := reads.person(to)) is not None and known.standing == "gone":
            raise Gone("they have left")
        if (chat := chat_of(row.to)) and not self._admins_on(chat):
            return None  # whoever decides there acts, and is told, in another chat
        posted = self.posted(reads, row.case, row.lane, row.to, codec.said(row.effect).view)
        if posted is None:
            return None
        case = reads.case(row.case)
        return Drawing(
            card=posted.card,
            names=self.names(reads, posted.card),
            step=posted.card.step,
            revision=posted.card.revision,
            text_hash=card_hash(posted.kept),
            card_bytes=card_bytes(posted.kept),
            facts=case.count if case is not None else 0,
            at=self._clock.now(),
        )

    def posted(
        self, reads: Reads, ref: CaseRef, lane: str, to: PersonId, view: View, then: Then | None = None
    ) -> Posted | None:
        """What a post shows now, or showed `then`, and what is kept of it; None when it has nothing to show. `to` as
        queued."""
        chat, to = chat_of(to), reader_of(to)
        if view.name == "digest":
            digest = self._digest(reads, to, view, then)
            return Posted(digest, digest) if digest is not None else None
        if view.name == "pairing":
            card = self._pairing(reads, to, int(view.args["link"]))
            return Posted(card, card) if card is not None else None
        if view.name == "note":
            return self._note(lane, view)
        case = self._case(reads, ref, then)
        if case is None:
            return None
        scene = self.scene(reads, case, view, to, round_of(lane), chat=chat)
        scene = replace(scene, now=then.at) if then is not None else scene
        asked: list[Sealed] = []

        def unseal(sealed: Sealed) -> str | None:
            asked.append(sealed)
            return scene.unseal(sealed)

        card = views.draw(replace(scene, unseal=unseal))
        return Posted(card, views.draw(replace(scene, unseal=_masked)) if asked else card)

    def _case(self, reads: Reads, ref: CaseRef, then: Then | None) -> Case | None:
        if then is None:
            row = reads.case(ref)
            return codec.case(row.state) if row is not None else None
        facts = [codec.fact(stored.data) for stored in reads.facts(ref)]
        return fold_all(facts[: then.facts] if then.facts else [fact for fact in facts if fact.at <= then.at])

    def note(self, lane: str, card: Card) -> View:
        """A view of a card that no case can draw again: it waits in the outbox encrypted."""
        box = self._seals.hide(lane, card_bytes(card))
        return View("note", words=Sealed(b64encode(box).decode("ascii")))

    def _note(self, lane: str, view: View) -> Posted | None:
        data = self._seals.shown(lane, b64decode(view.words.box)) if view.words is not None else None
        return Posted(msgspec.json.decode(data, type=Card), NOTE) if data is not None else None

    def _admins_on(self, chat: str) -> list[PersonId]:
        return [admin for admin in self.people.there.admins if admin.startswith(f"{chat}:")]

    def _admins_language(self, reads: Reads, chat: str) -> str:
        """What all admins who act on this platform read; the company's language where they differ."""
        where = chat or (self._admin_chats[0] if self._admin_chats else "")
        spoken = {self.people.language(reads.person(admin)) for admin in self._admins_on(where)} if where else set()
        return spoken.pop() if len(spoken) == 1 else self.people.company.language

    def _pairing(self, reads: Reads, to: PersonId, number: int) -> Card | None:
        row = numbered(reads, number)
        if row is None:
            return None
        two = {self.people.acts_as(row.one), self.people.acts_as(row.other)}
        leaves = any(
            codec.case(case.state).leaver in two
            for person in two
            for case in reads.cases(person=person, open_only=True)
        )
        decides = any(map(self.people.decides, two))
        of = Pairing(number, row.state, row.one, row.other, row.by, decides, leaves)
        return pairing_card(
            self.copy(reads, to), of, lambda verb: self._buttons.value(NOWHERE, f"{LINK}{number}", 0, verb)
        )

    def _digest(self, reads: Reads, to: PersonId, view: View, then: Then | None) -> Card | None:
        """What waits. Of the past it is all that was queued: within one moment nobody knows what came first."""
        rows = []
        for item in codec.waiting(view.args["waiting"]):
            case = self._case(reads, item.case, then)
            if case is None or not (then or waits(case, item)):
                continue
            step = case.step(item.step)
            scene = self.scene(reads, case, view, to)
            rows.append((item, case, scene.title(step) if step is not None else _asked(scene)))
        return digest_card(self.copy(reads, to), rows) if rows else None

    def names(self, reads: Reads, card: Card) -> dict[PersonId, str]:
        """The names of everybody that a card mentions."""
        found = {person: reads.person(person) for person in mentioned(card)}
        return {
            person: known.name if known and known.name else person.partition(":")[2] for person, known in found.items()
        }


def _asked(scene: Scene) -> str:
    """What the question says that this case waits for, or ""."""
    asking = scene.case.asking
    return question_words(scene, asking.question).ask if asking is not None else ""


def round_of(lane: str) -> int:
    """The round in a lane's name (`case/subject/round/reader`)."""
    return int(lane.split("/")[2])
