"""The playbooks that a case has pinned, as the core asks for them (`core.turn.Playbooks`)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import date

from bot.core.case import UNKNOWN, Answer, Asking, Case, Owner, Plan
from bot.core.effects import ADMINS
from bot.core.events import Workdays
from bot.playbook.model import Playbook
from bot.playbook.plan import asking, build, next_question

ACCOUNT_ID = re.compile(r"[1-9][0-9]{7,14}")
DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.IGNORECASE)
PHONE = re.compile(r"\+?[0-9](?:[ -]?[0-9]){6,14}")
"""E.164: at most 15 digits. An ID number has 18 and a code has six, so neither is ever taken for a phone."""


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
    """Answers the core from playbooks by content hash. `language` is that of the titles in the record."""

    def __init__(self, playbooks: Mapping[str, Playbook], language: str) -> None:
        self._playbooks = playbooks
        self._language = language

    def of(self, case: Case) -> list[Playbook]:
        return [self._playbooks[pin.hash] for pin in case.pins]

    def next_question(self, case: Case) -> Asking | None:
        for playbook in self.of(case):
            question = next_question(playbook, case.answers)
            if question is not None:
                return asking(playbook, question, ADMINS if question.of is Owner.ADMIN else case.leaver)
        return None

    def accepts(self, asking: Asking, answer: Answer) -> bool:
        return accepts(asking, answer)

    def plan(self, case: Case, workdays: Workdays) -> Plan:
        playbooks = self.of(case)
        titles = {
            playbook.name: {id: words.title for id, words in playbook.words[self._language].steps.items()}
            for playbook in playbooks
            if self._language in playbook.words
        }
        return build(playbooks, case.answers, last_day=case.last_day, workdays=workdays, titles=titles)
