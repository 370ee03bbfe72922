"""One person in two chats: a code that they carry from one to the other, and an admin who agrees.

RULES
 1. The code is told to the one who asked, alone; it is good for a quarter of an hour and once, and five wrong tries end
    it. It proves that whoever has one chat has the other one too, and nothing more: an admin has to know the person.
 2. Nobody agrees for themselves, and nobody parts what was joined of themselves. Guests and strangers link nothing.
 3. When it is agreed, both ids act as one from then on: the roles of either are those of both, so a leaver who is an
    admin in the other chat approves nothing in their own handover (joining.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bot.core import pairing
from bot.core.case import PersonId
from bot.core.effects import Say, View
from bot.core.route import Command
from bot.core.rules import Refusal
from bot.heard import Click
from bot.playbook.copy import load
from bot.playbook.views.pairing import said
from bot.playbook.views.replies import refusal, sentence
from bot.ports import Reads
from bot.rows import LinkRow, Timer
from bot.runtime.buttons import Pressed
from bot.runtime.joining import ends, has_part, join, lane, tell, undo
from bot.runtime.keeping import queue, say
from bot.runtime.links import LINK, numbered
from bot.runtime.people import folded

if TYPE_CHECKING:
    from bot.runtime.hearing import Hearing

OPEN_FOR = timedelta(days=7)


def link(hearing: Hearing, said: Command) -> None:
    """`link`: a code. `link CODE`: the other chat is the same person's. `link accept 5`: an admin decides."""
    _must_be_member(hearing)
    words = said.words.strip()
    if (decided := pairing.decision(words)) is not None:
        _decide(hearing, *decided)
    elif not words:
        _give(hearing)
    elif code := pairing.read(words):
        _carry(hearing, code)
    else:
        hearing.say("pairing.form")


def part(hearing: Hearing, said: Command) -> None:
    """`separate NAME`: an admin parts what was joined."""
    if not hearing.actor.admin:
        raise Refusal("not_admin")
    if not said.words:
        raise Refusal("needs_person")
    person = hearing.find(said.words, leaves=True)
    if person is None:
        raise Refusal("unknown_person")
    found = _of(hearing.tx, hearing.tools.people.ids(person), "agreed")
    if hearing.tools.people.is_configured(person):
        raise Refusal("pair_configured")
    if found is None:
        raise Refusal("pair_none")
    if hearing.actor.person == person:
        raise Refusal("own_link")
    undo(hearing.tx, found, hearing.actor.person, hearing.now, hearing.tools)
    hearing.say("pairing.done_undone")


def pressed(hearing: Hearing, click: Click, pressed: Pressed) -> None:
    """The button of a request."""
    number = int(pressed.subject.removeprefix(LINK) or 0)
    if click.message is not None and not _stood_on(hearing, click, number):
        raise Refusal("forwarded")
    if click.verb not in ("accept", "decline"):
        raise Refusal("forged")
    _must_be_member(hearing)
    _decide(hearing, number, click.verb == "accept")


# ---------------------------------------------------------------------------------------------- the code


def _must_be_member(hearing: Hearing) -> None:
    if hearing.actor.standing != "member" or hearing.actor.operator:
        raise Refusal("guest")


def _give(hearing: Hearing) -> None:
    if len(hearing.tools.acquaintances.directories) < 2:
        raise Refusal("pair_one_chat")
    me = folded(hearing.heard.person)
    _must_be_free(hearing, me)
    code = pairing.shown(hearing.tools.onetime.give(hearing.tx, me, hearing.now))
    hearing.say("pairing.code", code=code)


def _must_be_free(hearing: Hearing, *ids: PersonId) -> None:
    """Each id is in one link at most, whether it stands or is only asked for."""
    people = hearing.tools.people
    if any(len(people.ids(people.acts_as(id))) > 1 for id in ids):
        raise Refusal("pair_already")
    if _of(hearing.tx, ids, "asked") is not None:
        raise Refusal("pair_waits")


def _carry(hearing: Hearing, code: str) -> None:
    tx, now, onetime = hearing.tx, hearing.now, hearing.tools.onetime
    me = folded(hearing.heard.person)
    if not onetime.may_try(tx, me, now):
        raise Refusal("pair_tries")
    owner, right = onetime.whose(tx, code, now)
    if not right:
        onetime.tried(tx, me, now)
        if owner:
            tell(tx, owner, "pairing.ended", f"ended-{_once(hearing)}", now, hearing.tools)
        raise Refusal("pair_code")
    if pairing.chat(owner) == pairing.chat(me):
        onetime.tried(tx, me, now)
        raise Refusal("pair_same_chat")
    tx.drop_codes(owner, now)
    try:
        _ask(hearing, owner, me)
    except Refusal as no:
        _refused_too(hearing, owner, no)
        raise


def _ask(hearing: Hearing, one: PersonId, other: PersonId) -> None:
    """Ask the admins. `one` asked for the code, `other` brought it."""
    tx, now, people = hearing.tx, hearing.now, hearing.tools.people
    _must_be_free(hearing, one, other)
    for row in tx.links():
        if row.state == "declined" and {row.one, row.other} == {one, other} and now - row.at < OPEN_FOR:
            raise Refusal("pair_declined")
    _must_be_joinable(hearing, one, other)
    judges = pairing.judges(people.there.admins, (people.acts_as(one), people.acts_as(other)))
    if not judges:
        raise Refusal("pair_no_admin")
    number = max((row.link for row in tx.links()), default=0) + 1
    tx.put_link(LinkRow(number, "asked", now, other, one, other))
    tx.wake(Timer(f"{LINK}/{number}", "lapse", 0, 0, now + OPEN_FOR))
    for admin in judges:
        queue(tx, "", Say(lane(number, admin), admin, View("pairing", args={"link": str(number)})), now)
    hearing.cards.append(sentence(hearing.copy, "pairing.asked", who=said(hearing.copy, one)))
    tell(tx, one, "pairing.asked", f"link-{number}-asked", now, hearing.tools, who=other)


def _must_be_joinable(hearing: Hearing, one: PersonId, other: PersonId) -> tuple[PersonId, PersonId]:
    """Who acts, then the other id. Raises Refusal."""
    tx, people = hearing.tx, hearing.tools.people
    if people.denies(one, other):
        raise Refusal("pair_configured")
    rows = [tx.person(one), tx.person(other)]
    if any(row is None or row.standing != "member" for row in rows):
        raise Refusal("pair_gone")
    found = pairing.acting(one, other, one_has=has_part(tx, one), other_has=has_part(tx, other))
    if found is None:
        raise Refusal("pair_both")
    return found


# ---------------------------------------------------------------------------------------------- the decision


def _decide(hearing: Hearing, number: int, agrees: bool) -> None:
    tx, now, people = hearing.tx, hearing.now, hearing.tools.people
    if not hearing.actor.admin:
        raise Refusal("not_admin")
    asked = numbered(tx, number)
    if asked is None:
        raise Refusal("pair_none")
    if hearing.actor.person in (people.acts_as(asked.one), people.acts_as(asked.other)):
        raise Refusal("own_link")
    if asked.state != "asked":
        raise Refusal("pair_decided")
    by = hearing.actor.person
    if not agrees:
        ends(tx, replace(asked, state="declined", by=by, at=now), now, hearing.tools)
        hearing.say("pairing.done_declined")
        return
    _must_be_free_of_links(hearing, asked)
    one, other = _must_be_joinable(hearing, asked.one, asked.other)
    agreed = LinkRow(number, "agreed", now, by, one, other)
    join(tx, agreed, now, hearing.tools)
    ends(tx, agreed, now, hearing.tools)
    hearing.say("pairing.done_agreed")


def _must_be_free_of_links(hearing: Hearing, asked: LinkRow) -> None:
    people = hearing.tools.people
    if any(len(people.ids(people.acts_as(id))) > 1 for id in (asked.one, asked.other)):
        raise Refusal("pair_already")


def _refused_too(hearing: Hearing, owner: PersonId, no: Refusal) -> None:
    copy = load(hearing.tools.people.language(hearing.tx.person(owner)))
    card = refusal(copy, no.code, "", no.args_)
    say(hearing.tx, owner, card, f"refused-{_once(hearing)}", hearing.now, hearing.tools)


def _once(hearing: Hearing) -> str:
    """A word that is this delivery's own, and legal in a lane."""
    return sha256(hearing.heard.key.encode("utf-8", "replace")).hexdigest()[:16]


def _stood_on(hearing: Hearing, click: Click, number: int) -> bool:
    """Whether the message is the request that was sent to this admin, or may be: one that is not noted yet."""
    assert click.message is not None
    post = hearing.tx.post_at(click.message.place, click.message.id)
    if post is not None:
        return post.lane.startswith(lane(number, ""))
    lanes = {lane(number, id) for id in hearing.tools.people.ids(hearing.actor.person)}
    known = (hearing.tx.post(lane) for lane in lanes)
    if any(post is not None and post.place == click.message.place for post in known):
        return True
    return any(row.lane in lanes for row in hearing.tx.outbox(states=("sending", "uncertain")))


def _of(reads: Reads, ids: Iterable[PersonId], state: str) -> LinkRow | None:
    """The link in this state that has one of these ids."""
    wanted = set(ids)
    return next((row for row in reads.links() if row.state == state and {row.one, row.other} & wanted), None)
