"""The values that cross the ports: rows of the store, messages on their way out, what a platform can show and needs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from msgspec import Struct

from bot.core.case import CaseRef, PersonId
from bot.playbook.card import Card


class FactRow(Struct, frozen=True):
    """One fact as it is stored: the exact bytes that are hashed, and what the public view `history` shows."""

    data: bytes
    kind: str
    actor: str
    at: str
    step: int = 0


class StoredFact(Struct, frozen=True):
    """A fact in its place in the chain. The last four are what `history` shows; an audit compares them with `data`."""

    case: CaseRef
    number: int
    data: bytes
    previous: str
    hash: str
    kind: str = ""
    actor: str = ""
    at: str = ""
    step: int = 0


class CaseRow(Struct, frozen=True):
    """The working truth of a case: its state (exact bytes), the hash of its newest fact, how many facts it has."""

    ref: CaseRef
    state: bytes
    head: str
    count: int
    status: str


class Timer(Struct, frozen=True):
    """Something to come back to. `case` may be a desk (`desk/<person>`); `due` is UTC."""

    case: str
    about: str
    step: int
    revision: int
    due: datetime


class OutboxRow(Struct, frozen=True, omit_defaults=True):
    """A queued Say or Amend. `id` grows; `priority` 0 answers, 1 reminders. `effect` are its exact bytes.

    state: waiting, sending, uncertain, parked. `due` is UTC; `attempts` counts tries that certainly failed.
    """

    id: int
    lane: str
    case: CaseRef
    to: PersonId
    kind: str
    effect: bytes
    priority: int = 0
    state: str = "waiting"
    due: datetime | None = None
    attempts: int = 0
    why: str = ""


class PostRow(Struct, frozen=True, omit_defaults=True):
    """A message that stands somewhere: which lane, where, and what it shows now.

    `posted` grows from message to message. `posted_at` and `drawn_at` (UTC) are when it was first sent and last drawn,
    `began` and `drawn` how many facts its case had then; 0 and None where nobody wrote it down."""

    lane: str
    case: CaseRef
    to: PersonId
    place: str
    message: str
    step: int = 0
    revision: int = 0
    text_hash: str = ""
    effect: bytes = b""
    posted: int = 0
    posted_at: datetime | None = None
    began: int = 0
    drawn_at: datetime | None = None
    drawn: int = 0


class PersonRow(Struct, frozen=True, omit_defaults=True):
    """What is known of a person. `same_as` is the id under which they act when one person has several. `standing`:
    member, guest, outsider, bot or gone; `seen_at` is when the platform's directory last said so (UTC), None: never."""

    id: PersonId
    name: str = ""
    language: str = ""
    zone: str = ""
    standing: str = "member"
    same_as: PersonId = ""
    seen_at: datetime | None = None


class LinkRow(Struct, frozen=True, omit_defaults=True):
    """One thing that happened to a link between two ids; nothing of it is ever changed, and the newest says how it
    stands. `link` is its number. `one` acts (or asked for the code), `other` is the same person's other id. `state`:
    asked, agreed, declined, lapsed, undone. `by`: an id, "system", or "configuration"."""

    link: int
    state: str
    at: datetime
    by: str
    one: PersonId
    other: PersonId


class StoredLine(Struct, frozen=True):
    """A line about a link, as it is stored. `data` is what its hash vouches for, besides what came before."""

    number: int
    data: bytes
    hash: str


class CodeRow(Struct, frozen=True, omit_defaults=True):
    """A one-time code, as keyed hashes: of its first letters (`mark`), and of the whole. `until` is UTC. With `hash` ""
    it is nobody's code, and counts how often somebody was `wrong`."""

    mark: str
    hash: str
    person: PersonId
    until: datetime
    wrong: int = 0


class Rate(Struct, frozen=True):
    """How fast a platform takes calls of one method (say, amend, find, lookup): `burst` at once, then one every `every`
    seconds; `each`: counted for each destination (a person, "admins"), otherwise for the whole platform `chat`."""

    chat: str
    method: str
    every: float
    burst: int = 1
    each: bool = True


class Message(Struct, frozen=True):
    """Where a message stands: the conversation (`place`) and its id there, both the platform's own words."""

    place: str
    id: str


class Outgoing(Struct, frozen=True):
    """A card on its way out. `key` names the post for ever; `to` is a person, or "admins" for the case's thread."""

    key: str
    case: CaseRef
    to: PersonId
    card: Card
    names: dict[PersonId, str] = {}
    quiet: bool = False


class Limits(Struct, frozen=True):
    """How much a platform can show; characters unless said. Sources: the platforms' documents, see each table."""

    title: int
    body: int
    button: int
    buttons_in_row: int
    buttons: int
    fields: int
    field_label: int
    field_value: int
    options: int
    option: int
    options_many: int
    beside_bytes: int = 0
    """Bytes of text that may stand beside the card as a message of its own; 0: the card carries everything."""
    whole: int = 0
    """Characters of the whole payload as JSON; 0: no limit known."""


class Drawn(Struct, frozen=True):
    """A card as a platform would get it: its payload, and the messages that stand beside it (WeCom's long prose)."""

    payload: dict[str, Any]
    beside: tuple[str, ...] = ()


class Finding(Struct, frozen=True):
    """One thing that `offboard doctor` looked at: `ok` is None where it could not be told. `what` is a sentence without
    any secret; `mend` says what to do, or "" when all is well."""

    ok: bool | None
    what: str
    mend: str = ""


class Hushed(Struct, frozen=True):
    """Settings of which some are secret: these are never shown, by `repr`, in a traceback or in a log."""

    SECRETS: ClassVar[frozenset[str]] = frozenset()

    def __repr__(self) -> str:
        shown = [f"{name}={self._shown(name)}" for name in self.__struct_fields__]
        return f"{type(self).__name__}({', '.join(shown)})"

    def _shown(self, name: str) -> str:
        value = getattr(self, name)
        return "***" if name in self.SECRETS and value else repr(value)


class SlackSettings(Hushed, frozen=True, kw_only=True):
    """What the Slack edge is given. Without `app_token` there is no Socket Mode; `admin_channel` is a channel's id.

    `api_url` ends in `/api/`. `public_url` has no slash at its end; "" when nobody reaches us over HTTP."""

    SECRETS = frozenset({"bot_token", "signing_secret", "app_token"})

    bot_token: str
    signing_secret: str
    app_token: str = ""
    admin_channel: str = ""
    api_url: str = "https://slack.com/api/"
    language: str = "zh-CN"
    admins: tuple[PersonId, ...] = ()
    public_url: str = ""


class WecomSettings(Hushed, frozen=True, kw_only=True):
    """What the WeCom edge is given. `contact_…` are all set or all "". `domain_file_…` is the `WW_verify_….txt` that is
    served at the root, or "". `api_url` ends in `/cgi-bin/`; `public_url` has no slash at its end."""

    SECRETS = frozenset({"secret", "token", "aes_key", "contact_secret", "contact_token", "contact_aes_key"})

    corp_id: str
    agent_id: int
    secret: str
    token: str
    aes_key: str
    contact_secret: str = ""
    contact_token: str = ""
    contact_aes_key: str = ""
    domain_file_name: str = ""
    domain_file_text: str = ""
    api_url: str = "https://qyapi.weixin.qq.com/cgi-bin/"
    language: str = "zh-CN"
    admins: tuple[PersonId, ...] = ()
    public_url: str = ""
