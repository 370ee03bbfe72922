"""Four people who play handovers on the page of the demo, over HTTP alone, as fast as it answers.

They know what a browser knows: the page as it was fetched, and what its buttons report. Each delivery that the server
answered is noted (`acks`); the one that it was working on when it died is made again by people who lost patience.
"""

from __future__ import annotations

import html
import http.client
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from bot.demo.cast import BY_ROLE
from tests.fire.child import PRESSED, TYPED
from tests.fire.promises import Ack

FIRST_DAY = date(2026, 12, 11)
"""The last day of the first handover; each takes less than a week."""
TOKEN = re.compile(
    r'<ol class="(?P<list>entries[^"]*|facts)" id="list-(?P<pane>[a-z]+)(?:-(?P<thread>[A-Z]+-\d+))?"'
    r'|<li id="(?P<entry>m\d+)" class="entry (?P<kind>\w+) [^"]*" data-step="(?P<step>\d+)"'
    r'|<li id="f-(?P<fact>[^"]+)"'
    r'|<button [^>]*?(?P<dead> disabled\b)?[^>]*?data-slack="(?P<press>[^"]*)"'
)


class Died(Exception):
    """The server is not there any more."""


@dataclass(frozen=True)
class Act:
    """What somebody can do on the page: a POST, and what it means."""

    ack: Ack
    path: str
    body: dict[str, Any] = field(hash=False)
    pane: str = ""


@dataclass
class Seen:
    """A page as it was fetched. `posts`: the newest message of each pane and step."""

    acts: list[Act] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    posts: dict[tuple[str, int], str] = field(default_factory=dict)
    cases: int = 0


class Visitor:
    """`sent` counts deliveries, `answered` those of which the server said that it has them."""

    def __init__(self) -> None:
        self.acks: list[Ack] = []
        self.done: set[str] = set()
        self.sent = self.answered = self.cases = 0
        self.cut: Act | None = None
        self._line: http.client.HTTPConnection | None = None

    def comes(self, port: int) -> http.client.HTTPConnection:
        """To a server that has just started."""
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        return self._line

    def fetches(self) -> str:
        """The whole page."""
        return self._asked("GET", "/?look=slack", None)

    def looks(self) -> Seen:
        """What can be seen on it."""
        self.cases = (page := seen(self.fetches())).cases
        return page

    def does(self, what: str, arg: str = "") -> None:
        self._asked("POST", "/do", {"what": what, "arg": arg})

    def begins(self) -> None:
        """The leaver writes /offboard."""
        case = f"OFB-{self.cases + 1}"
        body = {"pane": "leaver", "case": "", "text": "/offboard"}
        self.acts(Act(Ack(case, "begin", case, 0, person("leaver")), "/write", body))

    def wanted(self, page: Seen) -> list[Act]:
        """What can be done and was not done yet."""
        return [act for act in page.acts if act.ack.key not in self.done]

    def acts(self, act: Act) -> None:
        """Raises Died when the server dies of it; then whether it counted will be seen."""
        self.cut = act
        self.sent += 1
        self._asked("POST", act.path, act.body)
        self.answered += 1
        self.acks.append(act.ack)
        self.done.add(act.ack.key)
        self.cut = None

    def insists(self, page: Seen) -> None:
        """Makes again, on the new page, what was never answered."""
        act, self.cut = self.cut, None
        if act is None or act.path != "/press" or (act.pane, act.ack.step) not in page.posts:
            return
        self.acts(Act(act.ack, act.path, {**act.body, "message": page.posts[act.pane, act.ack.step]}, act.pane))

    def _asked(self, method: str, path: str, data: dict[str, Any] | None) -> str:
        assert self._line is not None
        body = None if data is None else json.dumps(data).encode()
        try:
            self._line.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            answer = self._line.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            self._line.close()
            raise Died(f"{method} {path}") from error
        assert answer.status == 200, f"{method} {path}: {answer.status} {text}"
        return text


def seen(page: str) -> Seen:
    found = Seen()
    pane = thread = entry = kind = ""
    step, presses = 0, []
    for token in TOKEN.finditer(page):
        if token["list"]:
            pane, thread = token["pane"], token["thread"] or ""
        elif token["fact"]:
            found.facts.append(token["fact"])
        elif token["entry"]:
            entry, kind, step = token["entry"], token["kind"], int(token["step"])
            if kind == "post":
                found.posts[pane, step] = entry
        elif not token["dead"] and kind == "post":
            report = json.loads(html.unescape(token["press"]))
            presses.append((report, pane, thread, entry, step))
    found.cases = len({ref for ref, _ in numbers(found.facts)})
    acts = [act for press in presses if (act := _act(found.cases, *press))]
    found.acts = list({act.ack.key: act for act in acts}.values())
    return found


def _act(cases: int, report: dict[str, Any], pane: str, thread: str, entry: str, step: int) -> Act | None:
    """What these people make of a button, if anything."""
    action, value = str(report["action_id"]), str(report.get("value", ""))
    verb, _, detail = action.partition(":")
    who = person(pane)
    if action in PRESSED:
        payload = {"type": "block_actions", "actions": [report], "state": {"values": {}}}
        body = {"message": entry, "look": "slack", "payload": payload}
        return Act(Ack(f"{who}/{value}", verb, value.split("@")[0], step, who), "/press", body, pane)
    question, case = detail.partition(":")[0], f"OFB-{cases}"
    known = TYPED | {"last_day": str(FIRST_DAY + timedelta(days=7 * cases))}
    if verb == "answer" and question in known:
        body = {"pane": pane, "case": thread, "text": known[question]}
        return Act(Ack(f"{who}/{case}/{question}", f"answer:{question}", case, 0, who), "/write", body, pane)
    return None


def person(pane: str) -> str:
    return BY_ROLE["admin" if pane == "admins" else pane].id


def numbers(facts: list[str]) -> Iterator[tuple[str, int]]:
    """`OFB-1-12` is fact 12 of OFB-1."""
    for fact in facts:
        ref, _, number = fact.rpartition("-")
        yield ref, int(number)
