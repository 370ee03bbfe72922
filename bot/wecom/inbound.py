"""From what WeCom says to what the house hears. Pure: the same record always means the same.

RULES
 1. Who acts is FromUserName, folded, of our corp and our agent. Nothing else in a record says who somebody is.
 2. A record is the same when it is delivered again: the hash of the whole text says so, and of a message its MsgId too
    (WeCom's own advice for events, sender and second, takes two clicks in one second for one).
 3. A menu is another way to type its words. What is typed is judged by the house, numbers too.
 4. An external contact is nobody here: we could not even answer them.
 5. What we do not know is accepted and left alone.

Sources: developer.work.weixin.qq.com/document/path/90239, 90240, 101032 (模板卡片事件), 90970 (通讯录变更).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

from msgspec import Struct

from bot.core.case import PersonId
from bot.heard import Click, Heard
from bot.wecom.controls import read_key
from bot.wecom.record import Malformed, Record

NAME = "wecom"
CHINA = timezone(timedelta(hours=8))
MENU = {"menu@offboard": "/offboard", "menu@status": "进度", "menu@desk": "", "menu@help": "帮助"}
"""The keys of our menu, and the words that each stands for; "" for the desk."""

_EXTERNAL = re.compile(r"w[mo][0-9A-Za-z_-]{30}")
_MENTION = re.compile(r"(?<![0-9A-Za-z_.@-])[@\uff20]([0-9A-Za-z][0-9A-Za-z_.@-]{0,63}+)(?!:[0-9A-Za-z])")


class Said(Struct, frozen=True):
    """Somebody typed or clicked. `task` and `code` are the card's, when it was a click on one."""

    heard: Heard
    task: str = ""
    code: str = ""


class Opened(Struct, frozen=True):
    """Somebody looks at the app (`by_menu`: and asks what waits for them). `day` is China's."""

    person: PersonId
    day: str
    key: str
    by_menu: bool = False


class Left(Struct, frozen=True):
    """This id is nobody's any more. `now`: the id under which they go on, when it was only renamed. `certain`:
    else they may only be outside the app's visible range now."""

    person: PersonId
    now: PersonId = ""
    key: str = ""
    certain: bool = True


class Back(Struct, frozen=True):
    """This id is somebody's (again)."""

    person: PersonId


class Nothing(Struct, frozen=True):
    """Nothing to do. `why` is for the log."""

    why: str


Meaning = Said | Opened | Left | Back | Nothing


def person_id(user: str) -> PersonId:
    return f"{NAME}:{user.casefold()}"


def user_id(person: PersonId) -> str:
    return person.removeprefix(f"{NAME}:")


def is_external(user: str) -> bool:
    """Whether this is the id of an external contact (or of an open account), not of a member."""
    return _EXTERNAL.fullmatch(user) is not None


def meaning(record: Record, plain: bytes, corp: str, agent: int) -> Meaning:
    """What a callback of our app means. Raises Malformed when it is not of our corp or not of our app."""
    if record.corp != corp:
        raise Malformed("it is of another corp")
    if record.agent != str(agent):
        raise Malformed("it is of another app")
    if not record.person.strip() or is_external(record.person):
        return Nothing("an external contact")
    person = person_id(record.person)
    if record.kind == "text":
        return _typed(record, person, plain, agent)
    if record.kind != "event":
        return Nothing("neither text nor an event")
    key = _key(plain, agent)
    match record.event:
        case "template_card_event":
            return Said(Heard(key=key, person=person, click=_click(record)), record.task, record.code)
        case "click" if record.key in MENU:
            if words := MENU[record.key]:
                return Said(Heard(key=key, person=person, text=words))
            return Opened(person, _day(record), key, by_menu=True)
        case "enter_agent":
            return Opened(person, _day(record), f"{NAME}/{agent}/entered/{person}/{_day(record)}")
        case "unsubscribe":
            return Left(person, key=key, certain=False)
        case "subscribe":
            return Back(person)
    return Nothing("an event that is not for us")


def contact(record: Record, plain: bytes, corp: str) -> Meaning:
    """What a contact event means (通讯录变更). Raises Malformed when it is not of our corp."""
    if record.corp != corp:
        raise Malformed("it is of another corp")
    if record.kind != "event" or record.event != "change_contact" or not record.member:
        return Nothing("not about a member")
    person, key = person_id(record.member), f"{NAME}/contacts/{sha256(plain).hexdigest()}"
    match record.change:
        case "delete_user":
            return Left(person, key=key)
        case "update_user" if record.new_member and person_id(record.new_member) != person:
            return Left(person, person_id(record.new_member), key)
        case "update_user" if record.status in ("2", "5"):
            return Left(person, key=key)
        case "create_user" | "update_user":
            return Back(person)
    return Nothing("not about a member")


def _typed(record: Record, person: PersonId, plain: bytes, agent: int) -> Said:
    """`@lisi` is the member with this id: it is said as the house writes ids, and looked up when nobody knows it. What
    is an id of another platform already (`@slack:U1`) stays as it is."""
    people = tuple(dict.fromkeys(person_id(user) for user in _MENTION.findall(record.text)))[:8]
    text = _MENTION.sub(lambda found: person_id(found[1]), record.text)
    also = (f"{NAME}/{agent}/{person}/{record.id}",) if record.id else ()
    return Said(Heard(key=_key(plain, agent), person=person, text=text, people=people, also=also))


def _click(record: Record) -> Click:
    pressed = read_key(record.key)
    mine = [item.options for item in record.chosen if item.question == pressed.detail]
    chosen = (pressed.choice,) if pressed.choice else (mine[0] if mine else ())
    detail = "" if pressed.verb == "answer" else pressed.detail
    if record.card == "vote_interaction" and not chosen and pressed.verb != "answer":
        chosen = tuple(option for item in record.chosen for option in item.options)
    return Click(verb=pressed.verb, value=pressed.value, detail=detail, chosen=chosen)


def _key(plain: bytes, agent: int) -> str:
    return f"{NAME}/{agent}/{sha256(plain).hexdigest()}"


def _day(record: Record) -> str:
    at = min(record.at, 253_402_214_400)
    return datetime.fromtimestamp(at, UTC).astimezone(CHINA).date().isoformat()
