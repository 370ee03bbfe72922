"""A card's `task_id`, and what is remembered of a message in its id.

RULES
 1. A `task_id` is the post's key in the signs that WeCom takes: case, subject, round, reader, number, and a tag of the
    house's own, so that two databases behind one app do not take each other's. The same key always has the same one:
    WeCom refuses one that it has seen (42014), and this is how we learn that a card has been sent.
 2. From a `task_id` and who clicked, the lane can be told: so a click finds its post after a restart too.
 3. A message's id is `task|msgid|code|issued`: the code with which the card can be replaced once, within 72 hours, and
    since when. It stands in the record, so it survives a restart. A code is taken out before it is used.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import unquote

from msgspec import Struct
from msgspec.structs import replace

from bot.core.case import PersonId
from bot.core.effects import ADMINS
from bot.wecom.inbound import person_id

LONGEST = 128
CODE_LIVES = timedelta(hours=72)
CODE_IS_OLD = timedelta(hours=60)

_PLAIN = re.compile(r"[^0-9A-Za-z-]")
_ESCAPED = re.compile(r"(?:_([0-9a-f]{2}))+")
_READERS = {"a": ADMINS}
PARTS = 4
LEFT = "answer-"
"""How the subject of an answer begins that was left in the outbox (answering.py): it stays an answer there."""


class Standing(Struct, frozen=True):
    """What the id of a message says. `code` is "" when it was used; `issued` is Unix seconds."""

    task: str = ""
    msgid: str = ""
    code: str = ""
    issued: int = 0

    def as_id(self) -> str:
        return "|".join((self.task, _whole(self.msgid), _whole(self.code), str(self.issued)))

    def is_card(self) -> bool:
        return bool(self.task)

    def lives(self, now: datetime) -> bool:
        """Whether its code can still be used."""
        return bool(self.code) and now.timestamp() - self.issued < CODE_LIVES.total_seconds()

    def aged(self, now: datetime) -> Standing:
        """The same, as old as a card in whose place another one is sent; its code still lives."""
        return replace(self, issued=min(self.issued, int((now - CODE_IS_OLD).timestamp()) - 1))

    def is_old(self, now: datetime) -> bool:
        return now.timestamp() - self.issued >= CODE_IS_OLD.total_seconds()


def standing(id: str) -> Standing:
    """The other way round; what cannot be read says nothing."""
    parts = id.split("|")
    if len(parts) != PARTS or not parts[3].isdigit():
        return Standing()
    return Standing(parts[0], unquote(parts[1]), unquote(parts[2]), int(parts[3]))


def _whole(given: str) -> str:
    """What WeCom gives, without the sign that stands between."""
    return given.replace("%", "%25").replace("|", "%7C")


def is_answer(key: str) -> bool:
    """Whether the post of this key is a private answer that could not be given at once."""
    return key.startswith(f"told/{LEFT}")


def task_of(key: str, to: PersonId, tag: str, attempt: int = 1) -> str:
    """`key` is `case/subject/round/reader/number`. `attempt` is above 1 when this id had been taken by a stranger."""
    *lane, number = key.split("/")
    further = (tag, *([str(attempt)] if attempt > 1 else []))
    if len(lane) == PARTS:
        reader = "a" if lane[3] == ADMINS else "u" if lane[3] == to else f"x{_escaped(lane[3])}"
        said = "@".join((*map(_escaped, lane[:3]), reader, _escaped(number), *further))
        if len(said) <= LONGEST:
            return said
    return "@".join(("h", sha256(f"{key}\n{to}".encode()).hexdigest()[:40], *further))


def lane_of(task: str, clicked_by: str) -> str:
    """The lane of the post that this card is, seen by the one who clicked; "" when it is not a post's."""
    parts = task.split("@")
    if len(parts) < PARTS + 2:
        return ""
    case, subject, round_, reader = parts[:PARTS]
    if reader == "u":
        who = person_id(clicked_by)
    else:
        who = _READERS.get(reader, "") or (_unescaped(reader[1:]) if reader.startswith("x") else "")
    return "/".join((_unescaped(case), _unescaped(subject), _unescaped(round_), who)) if who else ""


def _escaped(part: str) -> str:
    return _PLAIN.sub(lambda found: "".join(f"_{byte:02x}" for byte in found[0].encode("utf-8", "replace")), part)


def _unescaped(part: str) -> str:
    def back(found: re.Match[str]) -> str:
        return bytes.fromhex(found[0].replace("_", "")).decode("utf-8", "replace")

    return _ESCAPED.sub(back, part)
