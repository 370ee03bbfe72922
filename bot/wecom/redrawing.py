"""The codes with which a card can be replaced, and the replacing. It blocks: a worker's thread.

RULES
 1. A code is good once, for 72 hours. The one that the sending brought stands in the message's id; those of clicks are
    kept here, and the newest goes first. One that is left after a redraw goes into the new id, and the newest click's
    goes there at once: so a restart loses no code that is needed.
 2. When it is not known whether a redraw happened, its code is tried again with the same card; that it is spent says
    that it did.
 3. The same card again is not sent again.
 4. `errcode 0` with `invaliduser` is a failure for whoever it names.

Source: developer.work.weixin.qq.com/document/path/94888 (更新模版卡片消息).
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from datetime import datetime
from hashlib import sha256
from typing import Any

from msgspec.structs import replace

from bot.wecom.api import Api, Refused, Unanswered, Unreached
from bot.wecom.codes import Kind
from bot.wecom.posting import Nobody, missed_of
from bot.wecom.tasks import CODE_LIVES, Standing

Json = dict[str, Any]
Whom = tuple[tuple[str, ...], bool]

_KEPT = 4_000
_CODES = 8
RECALLED_FOR = 23 * 3600
"""Seconds in which a message can be taken back."""


class Spent(Exception):
    """There is no code with which it could be replaced."""


class _Kept:
    """What is known of one card."""

    def __init__(self) -> None:
        self.codes: list[tuple[str, datetime]] = []
        self.used: set[str] = set()
        self.shows = ""
        self.doubted: dict[str, str] = {}


class Pack:
    """Used by many threads. One card is redrawn by one at a time: its lane has one message on its way."""

    def __init__(self, api: Api, agent: int) -> None:
        self._api = api
        self._agent = agent
        self._lock = threading.Lock()
        self._cards: OrderedDict[str, _Kept] = OrderedDict()

    def put(self, task: str, code: str, since: datetime, *, first: bool = False) -> None:
        """`first`: as the oldest."""
        with self._lock:
            kept = self._of(task)
            if code not in kept.used and all(known != code for known, _ in kept.codes):
                others = kept.codes[-_CODES + 1 :]
                kept.codes = [(code, since), *others] if first else [*others, (code, since)]

    def can(self, stands: Standing, now: datetime) -> bool:
        """Whether it can be replaced."""
        with self._lock:
            return bool(self._usable(self._of(stands.task), stands, now))

    def redraw(self, stands: Standing, whom: Whom, card: Json, now: datetime) -> tuple[Standing, tuple[str, ...]]:
        """Replace the card: how it stands now, and whose was not replaced. Raises Spent, Nobody, Refused, Unreached or
        Unanswered."""
        shows = sha256(json.dumps(card, sort_keys=True).encode("utf-8", "replace")).hexdigest()
        with self._lock:
            kept = self._of(stands.task)
            if kept.shows == shows:
                return self._left(kept, stands, now), ()
            usable = self._usable(kept, stands, now)
        for code in usable:
            missed = self._replaced(kept, code, self._body(stands, whom, card, code), shows)
            if missed is not None:
                with self._lock:
                    kept.shows = shows
                    kept.used.add(code)
                    kept.doubted.pop(code, None)
                    left = self._left(kept, stands, now)
                if missed and not set(whom[0]) - set(missed):
                    raise Nobody(missed)
                return left, missed
            with self._lock:
                kept.used.add(code)
        raise Spent

    def take_back(self, stands: Standing) -> None:
        """Take back a message in whose place another one is sent. Whether that works changes nothing."""
        if not stands.msgid:
            return
        try:
            self._api.post("message/recall", {"msgid": stands.msgid})
        except (Refused, Unreached, Unanswered):
            return

    def _replaced(self, kept: _Kept, code: str, body: Json, shows: str) -> tuple[str, ...] | None:
        """It shows this card now, but not to these users; None: the code is not good any more."""
        before = kept.doubted.get(code)
        kept.doubted[code] = shows
        try:
            answer = self._api.post("message/update_template_card", body)
        except Refused as refused:
            if refused.kind in (Kind.CARD, Kind.OTHER):
                return () if before == shows else None
            if before is None:
                kept.doubted.pop(code, None)
            raise
        except Unreached:
            if before is None:
                kept.doubted.pop(code, None)
            raise
        return missed_of(answer)

    def _body(self, stands: Standing, whom: Whom, card: Json, code: str) -> Json:
        users, everybody = whom
        said = {"agentid": self._agent, "response_code": code, "template_card": {**card, "task_id": stands.task}}
        return {**said, "atall": 1} if everybody else {**said, "userids": list(users)}

    def _usable(self, kept: _Kept, stands: Standing, now: datetime) -> list[str]:
        """Under the lock. First those of which it is not known whether they did it, then the newest."""
        fresh = [code for code, at in reversed(kept.codes) if now - at < CODE_LIVES]
        codes = [*([stands.code] if stands.lives(now) else []), *fresh]
        codes.sort(key=lambda code: code == stands.code)  # those of clicks first
        codes = [code for code in dict.fromkeys(codes) if code not in kept.used]
        return sorted(codes, key=lambda code: code not in kept.doubted)

    def _left(self, kept: _Kept, stands: Standing, now: datetime) -> Standing:
        """Under the lock: how it stands, with one code that is still good, if there is one."""
        kept.codes = [(code, at) for code, at in kept.codes if code not in kept.used and now - at < CODE_LIVES]
        if stands.code and stands.code not in kept.used and stands.lives(now):
            return stands
        if not kept.codes:
            return replace(stands, code="")
        code, at = kept.codes[-1]
        return replace(stands, code=code, issued=int(at.timestamp()))

    def _of(self, task: str) -> _Kept:
        """Under the lock."""
        if task not in self._cards:
            self._cards[task] = _Kept()
            while len(self._cards) > _KEPT:
                self._cards.popitem(last=False)
        self._cards.move_to_end(task)
        return self._cards[task]
