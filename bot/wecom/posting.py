"""One message to WeCom, part after part: the prose first, the card last, each once. It blocks: a worker's thread.

RULES
 1. What a part came to is kept until the whole is settled, so whoever tries again goes on where it stopped.
 2. A card is settled by its `task_id`: when it may have been sent, it is sent again under the same one, and 42014 says
    that it was there. When nothing was in doubt, 42014 says that somebody else has used the id: the next one is taken.
 3. A text has nothing like it. It is sent under WeCom's duplicate check, and again only within its window, with the
    same bytes; what is older stays uncertain. A text of which another post has sent the very same within the window
    is told apart by its time, for it would vanish; and so is every text for one window after a start, since what an
    earlier process has sent is not known. A private answer goes without the check then. In doubt it is given again:
    better twice than not at all.
 4. `errcode 0` with `invaliduser` or `unlicenseduser` is a failure for whoever it names.

Sources: developer.work.weixin.qq.com/document/path/90236 (发送应用消息).
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from msgspec import Struct

from bot.wecom.api import Api, Refused, Unanswered, Unreached
from bot.wecom.codes import TASK_TAKEN, Kind
from bot.wecom.inbound import CHINA

Json = dict[str, Any]

WINDOW = 1_800
LONG_WINDOW = 14_400
"""Seconds of the duplicate check: for a text by itself, and for the prose beside a card (the most that is taken)."""
MARGIN = 300.0
ATTEMPTS = 5
_KEPT = 4_000


class Doubtful(Exception):
    """A text may have been sent, and it is too late to try it again."""


class Nobody(Exception):
    """None of those it was for can get it. `users` are theirs."""

    def __init__(self, users: tuple[str, ...], why: str = "invaliduser") -> None:
        super().__init__(why)
        self.users = users


class Letter(Struct, frozen=True):
    """What is to be sent: `card` (a whole payload) last, or none; the texts before it. `users` are ids, folded."""

    key: str
    users: tuple[str, ...]
    texts: tuple[Json, ...]
    card: Json | None
    tasks: tuple[str, ...] = ()
    answer: bool = False


class Posted(Struct, frozen=True):
    """It is there. `missed` are those of the many who cannot get it. Without `code`: it was found, not sent now."""

    task: str = ""
    msgid: str = ""
    code: str = ""
    missed: tuple[str, ...] = ()


class _State(Struct):
    done: set[int] = {}  # type: ignore[assignment]
    doubt: dict[int, float] = {}
    unchecked: set[int] = {}  # type: ignore[assignment]
    bytes_: dict[int, Json] = {}
    missed: tuple[str, ...] = ()
    task_doubted: bool = False
    hopeless: bool = False
    busy: bool = False
    posted: Posted | None = None


class Posting:
    """Used by many threads; a key is worked on by one at a time."""

    def __init__(self, api: Api, agent: int, monotonic: Callable[[], float], now: Callable[[], datetime]) -> None:
        self._api = api
        self._agent = agent
        self._monotonic = monotonic
        self._now = now
        self._began = monotonic()
        self._lock = threading.Lock()
        self._states: OrderedDict[str, _State] = OrderedDict()
        self._said: OrderedDict[str, tuple[str, float]] = OrderedDict()

    # ------------------------------------------------------------------ what is known of a key

    def posted(self, key: str) -> Posted | None:
        """What this process knows to be there."""
        with self._lock:
            state = self._states.get(key)
            return state.posted if state else None

    def is_busy(self, key: str) -> bool:
        with self._lock:
            return key in self._states and self._states[key].busy

    def is_doubted(self, key: str) -> bool:
        """Whether this process has tried it and does not know."""
        with self._lock:
            state = self._states.get(key)
            return state is not None and bool(state.doubt)

    def is_hopeless(self, key: str) -> bool:
        """Whether it can never be known."""
        with self._lock:
            return key in self._states and self._states[key].hopeless

    def doubt_card(self, key: str) -> None:
        """An earlier process may have sent this card."""
        with self._lock:
            self._state(key).task_doubted = True

    # ------------------------------------------------------------------ sending

    def left(self, letter: Letter) -> int:
        """How many messages are still to be sent."""
        with self._lock:
            done = self._states[letter.key].done if letter.key in self._states else set()
            return len(letter.texts) + (letter.card is not None) - len(done)

    def send(self, letter: Letter) -> Posted:
        """Raises Refused, Unreached, Unanswered, Doubtful or Nobody."""
        with self._lock:
            state = self._state(letter.key)
            if state.busy:
                raise Unanswered("it is still on its way")
            if state.posted is not None:
                return state.posted
            state.busy = True
        try:
            posted = self._send(letter, state)
            state.posted = posted
            state.bytes_.clear()
            return posted
        finally:
            state.busy = False

    def _send(self, letter: Letter, state: _State) -> Posted:
        if letter.card is not None and state.task_doubted:
            posted, was_there = self._card(letter, state)
            if not was_there:  # else it was sent last, and so is everything before it
                self._texts(letter, state)
            return posted
        self._texts(letter, state)
        if letter.card is not None:
            return self._card(letter, state)[0]
        last = state.bytes_.get(-1, {})
        return Posted(msgid=str(last.get("msgid", "")), missed=state.missed)

    def _texts(self, letter: Letter, state: _State) -> None:
        for number, text in enumerate(letter.texts):
            if number in state.done:
                continue
            window = LONG_WINDOW if letter.card is not None else WINDOW
            body = state.bytes_.get(number) or self._checked(letter, text, window, state, number)
            since = state.doubt.get(number)
            if (
                not letter.answer
                and since is not None
                and (number in state.unchecked or self._monotonic() - since > window - MARGIN)
            ):
                state.hopeless = True
                raise Doubtful("a text may have been sent")
            state.bytes_[number] = body
            state.bytes_[-1] = self._part(body, letter, state, number)
            state.done.add(number)
            state.doubt.pop(number, None)

    def _checked(self, letter: Letter, text: Json, window: int, state: _State, number: int) -> Json:
        """The body of a text; under the duplicate check, and told apart from whatever WeCom could take it for."""
        body = {"touser": "|".join(letter.users), "agentid": self._agent, **text}
        owner, now = f"{letter.key}/{number}", self._monotonic()
        with self._lock:
            alike = self._is_anothers(body, owner, now)
            fresh = now - self._began < window and not state.task_doubted
            if letter.answer and (alike or now - self._began < WINDOW):
                state.unchecked.add(number)
                return body
            at = self._now()
            while alike or fresh:
                body = {**body, **_stamped(text, at)}
                alike, fresh, at = self._is_anothers(body, owner, now), False, at + timedelta(seconds=1)
        return {**body, "enable_duplicate_check": 1, "duplicate_check_interval": window}

    def _is_anothers(self, body: Json, owner: str, now: float) -> bool:
        """Under the lock. Whether another text has said the very same within the longest window; now it is ours."""
        mark = sha256(json.dumps(body, sort_keys=True).encode("utf-8", "replace")).hexdigest()
        said_by, at = self._said.get(mark, (owner, now))
        self._said[mark] = (owner, now)
        self._said.move_to_end(mark)
        while len(self._said) > _KEPT:
            self._said.popitem(last=False)
        return said_by != owner and now - at < LONG_WINDOW

    def _card(self, letter: Letter, state: _State) -> tuple[Posted, bool]:
        """What stands there, and whether it did before."""
        number = len(letter.texts)
        doubted = state.task_doubted or number in state.doubt
        for task in letter.tasks:
            assert letter.card is not None
            card = {**letter.card["template_card"], "task_id": task}
            body = {
                "touser": "|".join(letter.users),
                "agentid": self._agent,
                "msgtype": "template_card",
                "template_card": card,
            }
            try:
                answer = self._part(body, letter, state, number)
            except Refused as refused:
                if refused.code != TASK_TAKEN:
                    raise
                if doubted:
                    state.doubt.pop(number, None)
                    state.done.add(number)
                    return Posted(task, missed=state.missed), True
                continue
            state.done.add(number)
            state.doubt.pop(number, None)
            code = str(answer.get("response_code", ""))
            return Posted(task, str(answer.get("msgid", "")), code, state.missed), False
        raise Refused(TASK_TAKEN)

    def _part(self, body: Json, letter: Letter, state: _State, number: int) -> Json:
        """Send one; what may have happened is noted before anything is known."""
        first = number not in state.doubt
        state.doubt.setdefault(number, self._monotonic())
        try:
            answer = self._api.post("message/send", body)
        except (Refused, Unreached) as error:
            if first:
                state.doubt.pop(number, None)  # it certainly did not happen, this time or before
            if isinstance(error, Refused) and error.kind is Kind.GONE:
                raise Nobody(letter.users, str(error)) from None
            raise
        missed = missed_of(answer)
        state.missed = tuple(dict.fromkeys((*state.missed, *missed)))
        if missed and not set(letter.users) - set(missed):
            state.doubt.pop(number, None)
            raise Nobody(missed)
        return answer

    def _state(self, key: str) -> _State:
        """Under the lock."""
        if key not in self._states:
            self._states[key] = _State(done=set(), doubt={}, unchecked=set(), bytes_={})
            while len(self._states) > _KEPT:
                self._states.popitem(last=False)
        self._states.move_to_end(key)
        return self._states[key]


def missed_of(answer: Json) -> tuple[str, ...]:
    """The users, folded, who do not get it though the answer is "ok": nobody has that id, or the account is not paid
    for (invaliduser, unlicenseduser)."""
    named = "|".join(str(answer.get(field) or "") for field in ("invaliduser", "unlicenseduser"))
    return tuple(dict.fromkeys(user.casefold() for user in named.split("|") if user))


def _stamped(text: Json, at: datetime) -> Json:
    """The text with its time, in China's: the drawing has left room for it (markdown.STAMP)."""
    return {"markdown": {"content": f"{text['markdown']['content']}\n> {at.astimezone(CHINA):%m-%d %H:%M:%S}"}}
