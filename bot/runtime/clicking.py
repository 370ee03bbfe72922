"""A button: what its value says, whether it stood where we put it, and the event that it stands for.

RULES
 1. The value names a case, something in it and a revision, and was made here for this verb; else it is forged.
 2. A message that a button is said to have stood on is one of ours, and of the same thing; else it is a copy that
    somebody passed on. Where the platform names no message (a home page, a form, a private answer) there is nothing to
    compare; authority never came from there anyway.
 3. An old revision is no forgery: it is judged, explained, and what it stood on is drawn anew.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bot.core import events as e
from bot.core.case import Case, Sealed
from bot.core.effects import ADMINS, lane
from bot.core.route import Prompt
from bot.core.rules import Refusal
from bot.heard import Click, Wanted
from bot.playbook.views.forms import form_card
from bot.ports import Message, PostRow
from bot.runtime import linking, translate
from bot.runtime.atdesk import SUBJECT, WORD, several
from bot.runtime.buttons import NOWHERE, Pressed
from bot.runtime.keeping import desk_of, put_desk
from bot.runtime.links import LINK

if TYPE_CHECKING:
    from bot.runtime.hearing import Hearing

ASKS = {"send_back": "reason", "move": "date", "successor": "person", "reassign": "person", "waive": "waive"}
"""Verbs whose button needs something more: the next message is it."""


ASKED_AGAIN = frozenset({"unknown_person", "answer_form", "needs_person", "needs_words", "needs_reason", "past_day"})
"""Refusals after which what was asked for is still wanted."""

SOMEBODY, SOME_DAY = "nobody:nobody", 3650
"""An id that no platform gives, and a day that no case has: they stand for what is not given yet."""


def click(hearing: Hearing, click: Click) -> None:
    """Judge one click."""
    verb = f"{click.verb}:{click.detail}" if click.detail else click.verb
    pressed = hearing.tools.buttons.read(click.value, verb)
    if pressed is None:
        raise Refusal("forged")
    if pressed.subject == SUBJECT or (verb == WORD and click.chosen):
        several(hearing, click.chosen)
        return
    if pressed.case == NOWHERE and pressed.subject.startswith(LINK):
        linking.pressed(hearing, click, pressed)
        return
    case = hearing.load(pressed.case)
    post = stood_on(hearing, click, pressed)
    asks = ASKS.get(click.verb)
    if asks and not (click.words or click.chosen or click.detail == "proposed"):
        if not in_vain(hearing, case, click.verb, pressed.step, pressed.revision):
            _ask(hearing, asks, verb, click, pressed)
        return
    if asks:
        _given(hearing, verb, pressed)
    said = hearing.said(case, click.chosen, click.words, click.detail)
    if click.verb == "answer":
        what = translate.answered(case, pressed.revision, said)
    elif click.verb == "confirm" and click.detail == "again":
        what = e.Renew()
    elif click.verb == "confirm":
        what = e.Confirm(pressed.step, pressed.revision, text_hash=shown(hearing, case, pressed.step, post))
    elif pressed.step and click.verb not in ("stay", "status"):
        what = translate.on_step(click.verb, pressed.step, pressed.revision, said)
    else:
        what = translate.on_case(click.verb, case, said, pressed.revision)
    hearing.judge(case, what)


def stood_on(hearing: Hearing, click: Click, pressed: Pressed) -> PostRow | None:
    """Rule 2."""
    if click.message is None:
        return None
    post = hearing.tx.post_at(click.message.place, click.message.id)
    if post is None:
        if not _may_be_ours(hearing, click.message, pressed):
            raise Refusal("forwarded")
        return None
    if (post.case, post.step) != (pressed.case, pressed.step):
        raise Refusal("forged")
    return post


def _may_be_ours(hearing: Hearing, message: Message, pressed: Pressed) -> bool:
    """Whether it may be one of ours all the same: it stands where one of the same thing does (a platform whose messages
    change their id with a redraw), or something of the case is on its way or has arrived, and is not noted yet."""
    tx = hearing.tx
    posts = tx.posts(pressed.case)
    if any((post.place, post.step) == (message.place, pressed.step) for post in posts):
        return True
    return any(row.case == pressed.case for row in tx.outbox(states=("sending", "uncertain")))


def shown(hearing: Hearing, case: Case, number: int, post: PostRow | None = None) -> str:
    """The hash of the text on the card that this person was shown last for this step: on the message that they pressed
    (`post`), else on the one that was posted for the step."""
    step = case.step(number)
    if step is None:
        return ""
    post = post or hearing.tx.post(lane(case.ref, f"step-{number}", step.person or ADMINS, step.round))
    return post.text_hash if post is not None else ""


def in_vain(hearing: Hearing, case: Case, verb: str, step: int, revision: int) -> bool:
    """Whether it would be refused whatever is given: then that is told at once, and nobody is asked for anything."""
    trial = hearing.decide(case, _with_a_sample(hearing, verb, step, revision))
    if not trial.refused or trial.refused in ASKED_AGAIN:
        return False
    hearing.keep(trial)
    return True


def _with_a_sample(hearing: Hearing, verb: str, step: int, revision: int) -> e.What:
    """The event that this would be, with something in the place of what is still to be given."""
    match verb:
        case "move":
            return e.Move(hearing.now.date() + timedelta(days=SOME_DAY))
        case "successor":
            return e.Choose(SOMEBODY)
        case "reassign":
            return e.Reassign(step, revision, person=SOMEBODY)
        case "waive":
            return e.Waive(step, revision, reason="other", words=Sealed(""))
    return e.SendBack(step, revision, reason=Sealed(""))


def _ask(hearing: Hearing, asks: str, verb: str, click: Click, pressed: Pressed) -> None:
    """The next message brings it, or a form does."""
    hearing.prompt(Prompt(asks, verb, pressed.case, pressed.step, pressed.revision))
    words = hearing.copy("form.words") if asks == "waive" else ""
    hearing.wanted = Wanted(asks, click, form_card(hearing.copy, asks, click.verb, pressed.case), words)


def _given(hearing: Hearing, verb: str, pressed: Pressed) -> None:
    """A form brought what the next message was to be: that one means something else again."""
    desk = desk_of(hearing.tx, hearing.actor.person)
    wanted = verb, pressed.case, pressed.step
    if desk.prompt is not None and (desk.prompt.verb, desk.prompt.case, desk.prompt.step) == wanted:
        put_desk(hearing.tx, replace(desk, prompt=None))
