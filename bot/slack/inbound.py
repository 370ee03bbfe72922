"""From what Slack sends to what the house hears. Pure: nothing is asked, nothing is judged.

RULES
 1. Who acts is `user.id` of the payload, whose signature the gate has checked; and of which team they are, as the
    payload says. Words and buttons say nothing about who somebody is.
 2. A delivery is known again by what it is, not by how it was delivered: a message by where and when it stands (one
    message may come as several events), a click by person, place, button and moment.
 3. What bots and programs write, what was edited or deleted, and what has no author is not heard.
 4. Slack escapes `& < >` and writes people, channels and links in angle brackets; here they become words again, and a
    person becomes their id.

Sources: docs.slack.dev/interactivity/implementing-slash-commands (escaping), /messaging/formatting-message-text.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from bot.core.case import PersonId
from bot.heard import Click, Heard
from bot.rows import Message
from bot.slack import shapes
from bot.slack.clicks import half, read_click

COMMAND = "/offboard"
"""The word that opens the conversation, whatever the command is called in this workspace."""

ANSWER = "told-"
"""How the ids of blocks begin that stand in a private answer."""

WRITTEN = frozenset({None, "thread_broadcast", "file_share", "me_message"})
"""Subtypes of a message that somebody wrote just now."""

_TOKEN = re.compile(r"<([^<>]*)>")
_PERSON = re.compile(r"<@([0-9A-Za-z_.-]{1,64})(?:\|[^<>]*)?>")


class Act(Struct, frozen=True):
    """Something that a person did. `how`: command, click, typed, shortcut or form. `team` is the actor's, "" where it
    is not said; `home` the workspace in which it was done.

    `channel` and `thread` are where it was done and where a private answer is shown (`channel` "": on the home page);
    `private`: only this person and the bot are there; `passing`: it was done on an answer, a form or the home page,
    which are none of our posts. `root` is the message whose thread it was done in."""

    how: str
    heard: Heard
    team: str
    home: str
    channel: str = ""
    thread: str = ""
    private: bool = False
    passing: bool = False
    root: str = ""
    trigger: str = ""
    response_url: str = ""
    shared: bool = False


def person(user: str) -> PersonId:
    return f"slack:{user}"


def is_private(channel: str) -> bool:
    """A conversation of one person with the bot."""
    return channel.startswith("D")


def command(body: dict[str, Any]) -> Act:
    said = shapes.read(body, shapes.Command)
    once = said.trigger_id or _digest(said.text, said.response_url)
    heard = Heard(
        f"slack/command/{said.team_id}/{said.user_id}/{once}",
        person(said.user_id),
        text=f"{COMMAND} {spoken(said.text)}".strip(),
        people=mentioned(said.text),
    )
    return Act(
        "command",
        heard,
        said.team_id,
        said.team_id,
        channel=said.channel_id,
        private=is_private(said.channel_id),
        response_url=said.response_url,
    )


def click(body: dict[str, Any]) -> Act | None:
    """None: nothing was decided yet (a tick in a list, a link that was followed)."""
    said: shapes.Click = shapes.read(body, shapes.Click)
    action, where = said.actions[0], said.container
    if half(action):
        return None
    state = said.state or (said.view.state if said.view is not None else None)
    pressed = read_click(action, state, of="slack:")
    if pressed.verb == "link":
        return None
    channel, message = where.channel_id or "", where.message_ts or ""
    passing = where.is_ephemeral or action.block_id.startswith(ANSWER) or not channel or not message
    if not passing:
        pressed = replace(pressed, message=Message(channel, message))
    team, home = _teams(said.user, said.team)
    on = message or where.view_id or ""
    return Act(
        "click",
        Heard(
            f"slack/click/{home}/{said.user.id}/{channel}/{on}/{action.action_id}/{action.action_ts}",
            person(said.user.id),
            click=pressed,
            people=_people(pressed.chosen),
        ),
        team,
        home,
        channel=channel,
        thread=where.thread_ts or "",
        private=is_private(channel),
        passing=passing,
        trigger=said.trigger_id,
        response_url=said.response_url,
    )


def shortcut(body: dict[str, Any]) -> Act:
    """Asks how the case stands to whose thread the message belongs."""
    said: shapes.Shortcut = shapes.read(body, shapes.Shortcut)
    team, home = _teams(said.user, said.team)
    team = team or home  # it shows, and decides nothing; the directory says whether they are of this company
    root = said.message.thread_ts or said.message.ts
    key = f"slack/shortcut/{home}/{said.user.id}/{said.channel.id}/{said.message.ts}/{said.action_ts}"
    return Act(
        "shortcut",
        Heard(key, person(said.user.id), text="status"),
        team,
        home,
        channel=said.channel.id,
        thread=said.message.thread_ts or "",
        private=is_private(said.channel.id),
        root=root,
        response_url=said.response_url,
    )


def form(body: dict[str, Any], click: Click, thread: str, by: PersonId) -> Act:
    """A form that was sent. `click` is what it completes (forms.py reads it), `thread` where that was pressed, `by`
    whom: their team was checked then, and nobody else has their form."""
    said: shapes.Form = shapes.read(body, shapes.Form)
    team, home = _teams(said.user, said.team)
    if by != person(said.user.id):
        raise shapes.NotSlacks("somebody else's form")
    team = team or home
    once = _digest(said.view.hash, click.words, *click.chosen)
    heard = Heard(
        f"slack/form/{home}/{said.user.id}/{said.view.id}/{once}",
        person(said.user.id),
        click=click,
        people=_people(click.chosen),
    )
    where = click.message.place if click.message is not None else ""
    return Act("form", heard, team, home, where, thread, private=is_private(where), passing=not where)


def typed(body: dict[str, Any]) -> Act | None:
    """A message, in private or in a thread. None: nobody said this just now."""
    envelope: shapes.Event = shapes.read(body, shapes.Event)
    said: shapes.Typed = shapes.read(envelope.event, shapes.Typed)
    private = said.channel_type == "im"
    in_thread = said.thread_ts not in (None, said.ts)
    if said.bot_id or said.hidden or said.user is None or said.subtype not in WRITTEN:
        return None
    if not private and not in_thread:
        return None
    home = envelope.team_id or ""
    teams = {team for team in (said.user_team, said.source_team, said.team) if team}
    text = said.text or ""
    return Act(
        "typed",
        Heard(
            f"slack/message/{home}/{said.channel}/{said.ts}",
            person(said.user),
            text=spoken(text),
            people=mentioned(text),
            also=(f"slack/event/{home}/{envelope.event_id}",) if envelope.event_id else (),
        ),
        next(iter(teams)) if len(teams) == 1 else ",".join(sorted(teams)) or home,
        home,
        channel=said.channel,
        thread=(said.thread_ts or "") if in_thread else "",
        private=private,
        root=(said.thread_ts or "") if in_thread and not private else "",
        shared=envelope.is_ext_shared_channel,
    )


def spoken(text: str) -> str:
    """The words as they were typed; who is mentioned, by their id."""

    def said(found: re.Match[str]) -> str:
        token, _, label = found[1].partition("|")
        if token.startswith("@"):
            return f" slack:{token[1:]} "
        if token.startswith("#"):
            return f"#{label or token[1:]}"
        if token.startswith("!"):
            return label or f"@{token[1:].partition('^')[0]}"
        return label or token.removeprefix("mailto:")

    words = _TOKEN.sub(said, text)
    words = re.sub(r" {2,}", " ", words) if words != text else words
    return words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def mentioned(text: str) -> tuple[PersonId, ...]:
    """Who is mentioned, each once."""
    return tuple(dict.fromkeys(person(id) for id in _PERSON.findall(text)))


def _people(chosen: tuple[str, ...]) -> tuple[PersonId, ...]:
    return tuple(one for one in chosen if one.startswith("slack:"))


def _teams(user: shapes.Person, team: shapes.Team | None) -> tuple[str, str]:
    """Of which team the actor is, and in which workspace it was done."""
    return user.team_id or "", team.id if team is not None else ""


def _digest(*words: str) -> str:
    return sha256("\x00".join(words).encode("utf-8", "surrogatepass")).hexdigest()[:24]
