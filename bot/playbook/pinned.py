"""The playbooks that a case has pinned, as the core asks for them (`core.turn.Playbooks`)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import date

from bot.core.case import UNKNOWN, Answer, Asking, Case, Owner, Pin, Plan
from bot.core.effects import ADMINS
from bot.core.events import Workdays
from bot.core.turn import Fork, Instead
from bot.playbook.model import Playbook
from bot.playbook.plan import asking, build, elsewhere, next_question

ACCOUNT_ID = re.compile(r"[1-9][0-9]{7,14}")
DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.IGNORECASE)
PHONE = re.compile(r"\+?[0-9](?:[ -]?[0-9]){6,14}")
"""E.164: at most 15 digits. An ID number has 18 and a code has six, so neither is ever taken for a phone."""


FILING = re.compile(r"[\u4e00-\u9fff]{1,2}ICP[备证][0-9]{6,12}号(-[0-9]{1,4})?")
"""An ICP filing: 粤ICP备12345678号, with the number of the site behind it or without."""
USER_NAME = re.compile(r"[A-Za-z0-9+=.@_-]{1,64}")
"""A sub-user's name. What divides several answers from each other (a comma, a blank) cannot stand in one."""
NAME_CHARACTERS = range(2, 81)


def _is_name(value: str) -> bool:
    """A name of a person or a company as it is registered: 2 to 80 characters, on one line, with a letter in it."""
    return len(value) in NAME_CHARACTERS and value.isprintable() and any(sign.isalpha() for sign in value)


def _is_date(value: str) -> bool:
    try:
        return bool(date.fromisoformat(value))
    except ValueError:
        return False


def _is_ip(value: str) -> bool:
    try:
        return bool(ipaddress.ip_address(value))
    except ValueError:
        return False


TYPED: Mapping[str, Callable[[str], bool]] = {
    "account_id": lambda value: ACCOUNT_ID.fullmatch(value) is not None,
    "domain": lambda value: DOMAIN.fullmatch(value) is not None,
    "phone": lambda value: PHONE.fullmatch(value) is not None,
    "filing": lambda value: FILING.fullmatch(value) is not None,
    "user_name": lambda value: USER_NAME.fullmatch(value) is not None,
    "name": _is_name,
    "date": _is_date,
    "ip": _is_ip,
}
"""What an identifier of each kind looks like. An account ID (UIN) is a number of 8 to 15 digits."""


def accepts(asking: Asking, answer: Answer) -> bool:
    """Whether this answers that question. `many` may be empty ("none of these"); "I do not know" stands alone."""
    values = answer.values
    if answer.unknown:
        return values == (UNKNOWN,)
    if asking.kind == "many":
        return set(values) <= set(asking.options) and len(set(values)) == len(values)
    if asking.kind == "choice":
        return len(values) == 1 and values[0] in asking.options
    if asking.kind == "text" or (asking.private and not asking.options):
        return answer.sealed is not None and not values  # what is typed by kind was checked before it was sealed
    check = TYPED[asking.kind]
    return bool(values) and all(check(value) for value in values)


class Pinned:
    """Answers the core from playbooks by content hash. `language` is that of the titles in the record.

    `playbooks` has what cases have pinned. `newest` is what a case would pin now, by name; its content is there too.
    """

    def __init__(
        self, playbooks: Mapping[str, Playbook], language: str, newest: Mapping[str, Pin] | None = None
    ) -> None:
        self._playbooks = playbooks
        self._language = language
        self._newest = newest or {}

    def of(self, case: Case) -> list[Playbook]:
        """The playbooks whose plan is still to be made."""
        coming = case.coming
        return [self._playbooks[pin.hash] for pin in case.pins if pin.name in coming]

    def next_question(self, case: Case) -> Asking | None:
        for playbook in self.of(case):
            question = next_question(playbook, case.answers)
            if question is not None:
                return asking(playbook, question, ADMINS if question.of is Owner.ADMIN else case.leaver)
        return None

    def accepts(self, asking: Asking, answer: Answer) -> bool:
        return accepts(asking, answer)

    def instead(self, case: Case) -> Instead | None:
        pinned = {pin.name: pin for pin in case.pins}
        for playbook in self.of(case):
            for name in elsewhere(playbook, case.answers):
                if (pin := pinned.get(name) or self.newest(name)) is not None:
                    return Instead(playbook.name, pin)
        return None

    def newest(self, name: str) -> Pin | None:
        return self._newest.get(name)

    def fork(self, case: Case, name: str) -> Fork:
        mine = {pin.name: self._playbooks[pin.hash] for pin in case.pins}
        playbook = mine[name]
        deciding = {id for lead in playbook.leads_to if lead.at == "answers" for id in lead.when.questions()}
        beyond: set[str] = set()
        ahead = [name]
        while ahead:
            known = mine.get(ahead.pop())
            fresh = {lead.playbook for lead in known.leads_to} - beyond if known is not None else set()
            beyond |= fresh
            ahead += fresh
        asked = tuple(question.id for question in playbook.questions)
        return Fork(asked, tuple(id for id in asked if id in deciding), frozenset(beyond))

    def plan(self, case: Case, workdays: Workdays) -> Plan:
        playbooks = self.of(case)
        titles = {
            playbook.name: {id: words.title for id, words in playbook.words[self._language].steps.items()}
            for playbook in playbooks
            if self._language in playbook.words
        }
        return build(playbooks, case.answers, last_day=case.last_day, workdays=workdays, titles=titles, case=case)
