"""What Slack sends, as far as we read it. What is not here is not looked at; what is here has to have this form.

Sources: docs.slack.dev/interactivity/implementing-slash-commands, /reference/interaction-payloads (block_actions,
view_submission, message_action), /apis/events-api (the envelope), /reference/events (the events themselves).
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

Id = Annotated[str, Meta(pattern=r"\A[0-9A-Za-z_.-]{1,64}\Z")]
"""An id of Slack's: a person, a channel, a team, a view."""

Ts = Annotated[str, Meta(pattern=r"\A[0-9]{1,12}(\.[0-9]{1,9})?\Z")]
"""A moment that is also the name of a message in its channel: seconds, a point, and a count."""

Short = Annotated[str, Meta(max_length=255)]
Long = Annotated[str, Meta(max_length=40_000)]


class Team(Struct):
    id: Id


class Person(Struct):
    id: Id
    team_id: Id | None = None


class Place(Struct):
    """A channel, a private conversation."""

    id: Id


class Option(Struct):
    value: Annotated[str, Meta(max_length=2_000)]


class Action(Struct):
    """What was pressed or chosen."""

    action_id: Short
    type: Short
    block_id: Short = ""
    action_ts: Ts = "0"
    value: Annotated[str, Meta(max_length=2_000)] | None = None
    selected_option: Option | None = None
    selected_options: list[Option] = []
    selected_date: Short | None = None
    selected_user: Id | None = None


class Field(Struct):
    """What a field of a form holds."""

    value: Long | None = None
    selected_option: Option | None = None
    selected_options: list[Option] = []
    selected_date: Short | None = None
    selected_user: Id | None = None


class State(Struct):
    """block_id -> action_id -> field."""

    values: dict[str, dict[str, Field]] = {}


class Container(Struct):
    """Where the button stands: a message of a channel, or a view (`type` "view": a home page, a form)."""

    type: Short = ""
    channel_id: Id | None = None
    message_ts: Ts | None = None
    thread_ts: Ts | None = None
    view_id: Id | None = None
    is_ephemeral: bool = False


class View(Struct):
    id: Id
    type: Short
    callback_id: Short = ""
    hash: Short = ""
    private_metadata: Annotated[str, Meta(max_length=3_000)] = ""
    state: State | None = None


class Post(Struct):
    """A message that somebody else's words stand in: only where it stands."""

    ts: Ts
    thread_ts: Ts | None = None


class Click(Struct):
    """`block_actions`."""

    user: Person
    actions: Annotated[list[Action], Meta(min_length=1, max_length=10)]
    container: Container
    team: Team | None = None
    trigger_id: Short = ""
    state: State | None = None
    view: View | None = None
    response_url: Short = ""


class Form(Struct):
    """`view_submission` and `view_closed`."""

    user: Person
    view: View
    team: Team | None = None


class Shortcut(Struct):
    """`message_action`: a shortcut on a message."""

    user: Person
    callback_id: Short
    channel: Place
    message: Post
    team: Team | None = None
    action_ts: Ts = "0"
    trigger_id: Short = ""
    response_url: Short = ""


class Command(Struct):
    """A slash command."""

    command: Short
    user_id: Id
    team_id: Id
    channel_id: Id
    text: Long = ""
    trigger_id: Short = ""
    response_url: Short = ""


class Typed(Struct):
    """The event `message`. `team`, `user_team`, `source_team`: of the one who wrote it, where Slack says so."""

    channel: Id
    ts: Ts
    user: Id | None = None
    text: Long | None = None
    subtype: Short | None = None
    bot_id: Short | None = None
    channel_type: Short = ""
    thread_ts: Ts | None = None
    hidden: bool = False
    team: Id | None = None
    user_team: Id | None = None
    source_team: Id | None = None


class HomeOpened(Struct):
    user: Id
    tab: Short = ""


class UserChange(Struct):
    """`user` is as `users.info` says it; the directory reads it."""

    user: dict[str, Any]


class ChannelShared(Struct):
    channel: Id


class Tokens(Struct):
    bot: list[str] = []


class TokensRevoked(Struct):
    tokens: Tokens


class Nothing(Struct):
    """An event of which only its name counts."""


METADATA = 3_000
"""Characters that a view may carry."""

EVENTS: dict[str, type[Struct]] = {
    "message": Typed,
    "app_home_opened": HomeOpened,
    "user_change": UserChange,
    "channel_shared": ChannelShared,
    "channel_unshared": ChannelShared,
    "tokens_revoked": TokensRevoked,
    "app_uninstalled": Nothing,
}
INTERACTIONS: dict[str, type[Struct]] = {
    "block_actions": Click,
    "view_submission": Form,
    "view_closed": Form,
    "message_action": Shortcut,
}


class Around(Struct):
    """What Bolt looks at in any body, before it knows what it is."""

    authorizations: list[dict[str, Any]] | None = None
    enterprise: str | dict[str, Any] | None = None
    enterprise_id: str | None = None
    team: str | dict[str, Any] | None = None
    team_id: str | None = None
    user: str | dict[str, Any] | None = None
    user_id: str | None = None
    channel: str | dict[str, Any] | None = None
    channel_id: str | None = None
    event: dict[str, Any] | None = None
    message: dict[str, Any] | None = None
    container: dict[str, Any] | None = None
    view: dict[str, Any] | None = None
    function_data: dict[str, Any] | None = None
    response_url: str | None = None
    response_urls: list[dict[str, Any]] = []
    callback_id: str | None = None


class Event(Struct):
    """The envelope of an event."""

    event: dict[str, Any]
    team_id: Id | None = None
    event_id: Short = ""
    is_ext_shared_channel: bool = False


class NotSlacks(ValueError):
    """This is not what Slack sends."""


def read(body: Any, kind: type[Any]) -> Any:
    """One of the forms above. Raises NotSlacks, without a word of what was in it."""
    try:
        return msgspec.convert(body, kind)
    except (msgspec.ValidationError, TypeError, ValueError, RecursionError):
        raise NotSlacks(kind.__name__) from None


def check(body: dict[str, Any]) -> None:
    """Whether all that we would read of this body has its form. Raises NotSlacks. Kinds that we do not know pass: Slack
    sends more every year, and they are acknowledged and left alone."""
    kind = body.get("type")
    read(body, Around)
    if isinstance(body.get("command"), str):
        read(body, Command)
    elif kind == "event_callback":
        event = read(body, Event).event
        name = event.get("type")
        if not isinstance(name, str):
            raise NotSlacks("event")
        read(event, Around)
        read(event, EVENTS.get(name, Nothing))
    elif kind in ("url_verification", "app_rate_limited"):
        return
    elif isinstance(kind, str):
        read(body, INTERACTIONS.get(kind, Nothing))
    elif "ssl_check" not in body:
        raise NotSlacks("nothing of Slack's")
