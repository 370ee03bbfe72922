"""Who may do what, and when: every verb, in every status, by everybody, against tables that people wrote.

RULES of these tables
 1. They are written by hand, never computed from rules.py. `yes` is acceptance; any other word is the
    code of the refusal; `no` is the code that names the status (`is_claimed`).
 2. A cell is judged in this order: may this person be heard at all (HEARD); have they a part in this at all (WHO); does
    the step take this verb now (WHEN); is this one theirs to do (THEN). The first that says no gives the reason.
 3. Every refusal is looked at twice: it says why, in both languages; and nothing changed.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import reduce
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from msgspec.structs import replace

from bot.core import events as e
from bot.core import facts as f
from bot.core.case import (
    Answer,
    Approval,
    Asking,
    Case,
    CaseStatus,
    Grade,
    Owner,
    Pin,
    Sealed,
    Step,
    StepStatus,
    Successor,
)
from bot.core.decide import Decision, decide
from bot.core.effects import Tell, View
from bot.core.fold import fold
from bot.playbook.copy import LANGUAGES
from bot.playbook.pinned import Pinned
from tests.core.player import BO, HR, LAST_DAY, LIN, MEI, OPS, SMALL, START, SUN, WEEKDAYS, WEI, YAO, kinds

WORDS = Path(__file__).resolve().parents[2] / "conversations" / "_shared"
PLAYBOOKS = Pinned({"h": SMALL}, "en")
REASON = Sealed("reason")


def table(text: str) -> dict[str, dict[str, str]]:
    """A table as it is written: the first line names the columns, the first word of each other line the row.

    What stands behind `|` is the reason, for the reader.
    """
    head, *rows = [line.partition("|")[0].split() for line in text.strip().splitlines()]
    for row in rows:
        assert len(row) == len(head) + 1, row
    return {row[0]: dict(zip(head, row[1:], strict=True)) for row in rows}


# ------------------------------------------------------------------------------------------- who there is


def member(person: str, *, admin: bool = False, second_approver: bool = False) -> e.Actor:
    return e.Actor(person, admin=admin, second_approver=second_approver, via="demo")


ROLES: dict[str, e.Actor] = {
    "leaver": member(LIN),
    "leaver_admin": member(LIN, admin=True),
    "leaver_second": member(LIN, second_approver=True),
    "leaver_guest": e.Actor(LIN, standing="guest"),
    "successor": member(WEI),
    "admin": member(MEI, admin=True),
    "other_admin": member(BO, admin=True),
    "second": member(HR, second_approver=True),
    "operator": e.Actor(OPS, operator=True, via="operator"),
    "colleague": member(SUN),
    "guest": e.Actor("demo:guest", standing="guest"),
    "guest_admin": e.Actor("demo:guest", admin=True, standing="guest"),
    "outsider": e.Actor("demo:out", standing="outsider"),
    "bot": e.Actor("demo:bot", standing="bot"),
    "gone": e.Actor(BO, admin=True, standing="gone"),
    "stranger": e.Actor("demo:new", standing="stranger"),
}

HEARD = {
    "guest": "guest",  # a guest may be a leaver, and this one is not
    "guest_admin": "guest",  # being on the list of admins by mistake does not make a member of a guest
    "outsider": "stranger",  # an external contact
    "bot": "stranger",  # clicks nothing
    "gone": "stranger",  # deactivated, an admin once
    "stranger": "stranger",  # nobody knows them: no row in the directory
}
"""Who is not heard, whatever they say. Everybody else is."""

# ------------------------------------------------------------------------------------------- verbs on a step

WHEN = table(
    """
              locked open claimed sent_back soaking done waived not_needed
    confirm   yes    yes  no      yes       no      no   no     no         | what happened is recorded
    undo      no     no   yes     no        no      no   no     no         | until it was approved
    restore   no     no   no      no        yes     no   no     no         | while it rests
    stuck     no     yes  no      yes       no      no   no     no         | while it is to be done
    not_mine  no     yes  no      yes       no      no   no     no         | while it is to be done
    later     no     yes  no      yes       no      no   no     no         | while it is to be done
    approve   no     no   yes     no        no      no   no     no         | somebody's word is there to be judged
    send_back no     no   yes     no        no      no   no     no         | somebody's word is there to be judged
    take      yes    yes  no      yes       no      no   no     no         | not done yet
    waive     yes    yes  yes     yes       no      no   no     no         | not done yet, or only said to be
    reassign  yes    yes  no      yes       no      no   no     no         | not done yet
    """
)

OWNERS_VERBS = ("confirm", "undo", "stuck", "not_mine", "later")

OWNS = table(
    """
                  leavers   successors admins    taken     absent
    leaver        yes       not_owner  not_owner not_owner not_owner | their own steps, until somebody took them
    leaver_admin  yes       not_owner  not_owner not_owner yes       | no admin in their own case; absent: not it
    leaver_second yes       not_owner  not_owner not_owner not_owner | as any leaver
    leaver_guest  yes       not_owner  not_owner not_owner guest     | a guest may be a leaver
    successor     not_owner yes        not_owner not_owner not_owner | what they take over
    admin         not_owner not_owner  yes       yes       yes       | what is the admins', and what she took
    other_admin   not_owner not_owner  yes       not_owner yes       | what is the admins', not what one took
    second        not_owner not_owner  not_owner not_owner not_owner | only ever judges
    operator      not_owner not_owner  not_owner not_owner not_owner | keeps the machine running
    colleague     not_owner not_owner  not_owner not_owner not_owner | no part in it
    """
)
"""Who does a step. absent: the leaver's steps when nobody is there to ask; then LIN is nobody in particular."""

RESTORES = table(
    """
                  leavers   successors admins    taken     absent
    leaver        yes       not_owner  not_owner not_owner not_owner | what they did themselves
    leaver_admin  yes       not_owner  not_owner not_owner yes       | no admin in their own case
    leaver_second yes       not_owner  not_owner not_owner not_owner | as any leaver
    leaver_guest  yes       not_owner  not_owner not_owner guest     | as any leaver
    successor     not_owner yes        not_owner not_owner not_owner | what they did themselves
    admin         yes       yes        yes       yes       yes       | something broke: any admin may
    other_admin   yes       yes        yes       yes       yes       | something broke: any admin may
    second        not_owner not_owner  not_owner not_owner not_owner | only ever judges
    operator      not_owner not_owner  not_owner not_owner not_owner | keeps the machine running
    colleague     not_owner not_owner  not_owner not_owner not_owner | no part in it
    """
)

DECIDES = table(
    """
                  present      absent
    leaver        own_case     not_approver | nobody judges their own handover
    leaver_admin  own_case     yes          | not even as an admin
    leaver_second own_case     yes          | nor as a second approver
    leaver_guest  own_case     guest        | nor as a guest
    successor     not_approver not_approver | does, and does not judge
    admin         yes          yes          | judges
    other_admin   yes          yes          | judges
    second        yes          yes          | judges where admins are few, see THEN
    operator      not_approver not_approver | never approves
    colleague     not_approver not_approver | no part in it
    """
)

RUNS = table(
    """
                  take      waive     reassign
    leaver        own_case  own_case  own_case  | decides nothing about their own handover
    leaver_admin  own_case  own_case  own_case  | not even as an admin
    leaver_second own_case  own_case  own_case  | nor as a second approver
    leaver_guest  own_case  own_case  own_case  | nor as a guest
    successor     not_admin not_admin not_admin | does, and does not decide
    admin         yes       yes       yes       | runs the case
    other_admin   yes       yes       yes       | runs the case
    second        not_admin not_admin not_admin | only ever judges
    operator      not_admin not_admin yes       | moves things along when chat is down, and no more
    colleague     not_admin not_admin not_admin | no part in it
    """
)

ABSENT_RUNS = {"leaver": "not_admin", "leaver_admin": "yes", "leaver_second": "not_admin", "leaver_guest": "guest"}
"""Where there is no leaver in the case, LIN is whatever the lists say."""

JUDGES = table(
    """
                      leavers           successors        admins            taken             absent
    admin/two         yes               yes               own_confirmation  own_confirmation  own_confirmation
    other_admin/two   yes               yes               yes               yes               yes
    second/two        second_not_needed second_not_needed second_not_needed second_not_needed second_not_needed
    leaver_admin/two  -                 -                 -                 -                 yes
    leaver_second/two -                 -                 -                 -                 second_not_needed
    admin/one         yes               yes               own_confirmation  own_confirmation  own_confirmation
    second/one        second_not_needed second_not_needed yes               yes               yes
    leaver_admin/one  -                 -                 -                 -                 yes
    leaver_second/one -                 -                 -                 -                 yes
    """
)
"""Who may judge a claimed step. The first two were confirmed by whoever they name, the others by Mei (`admin`).

Mei never judges what she confirmed. HR is wanted only where no admin is left to judge: one admin, and it is hers."""


def confirms_own(cell: Cell) -> str:
    """Only who confirmed takes it back. Mei confirmed what is the admins'."""
    return (
        "not_confirmer" if cell.role in ("other_admin", "leaver_admin") and cell.whose in ("admins", "absent") else ""
    )


def takes_over(cell: Cell) -> str:
    """Nobody takes over what is theirs already: what any admin does, and what Mei took before."""
    anybody = cell.whose in ("admins", "absent")
    return "is_yours" if anybody or (cell.whose == "taken" and cell.role == "admin") else ""


def judges(cell: Cell) -> str:
    return JUDGES[f"{cell.role}/{cell.company}"][cell.whose]


class Cell(NamedTuple):
    verb: str
    status: str
    whose: str
    role: str
    company: str


THEN: dict[str, Callable[[Cell], str]] = {
    "undo": confirms_own,
    "take": takes_over,
    "approve": judges,
    "send_back": judges,
}


def who(cell: Cell) -> str:
    if cell.verb in OWNERS_VERBS:
        return OWNS[cell.role][cell.whose]
    if cell.verb == "restore":
        return RESTORES[cell.role][cell.whose]
    absent = cell.whose == "absent"
    if cell.verb in ("approve", "send_back"):
        return DECIDES[cell.role]["absent" if absent else "present"]
    if absent and cell.role in ABSENT_RUNS:
        return ABSENT_RUNS[cell.role]
    return RUNS[cell.role][cell.verb]


def expected(cell: Cell) -> str:
    """The code that the tables give, or "" for acceptance."""
    if cell.role in HEARD:
        return HEARD[cell.role]
    if (word := who(cell)) != "yes":
        return word
    if WHEN[cell.verb][cell.status] == "no":
        return f"is_{cell.status}"
    word = THEN[cell.verb](cell) if cell.verb in THEN else ""
    return "" if word == "yes" else word


WHOSE: dict[str, tuple[Owner, str, str]] = {
    "leavers": (Owner.LEAVER, LIN, LIN),
    "successors": (Owner.SUCCESSOR, WEI, WEI),
    "admins": (Owner.ADMIN, "", MEI),
    "taken": (Owner.LEAVER, MEI, MEI),
    "absent": (Owner.LEAVER, "", MEI),
}
"""Whose step it is: its owner, the person who was given it, and who confirmed it where somebody did."""

COMPANIES: dict[str, e.Roster] = {
    "one": e.Roster(admins=(MEI,), second_approvers=(HR,)),
    "two": e.Roster(admins=(MEI, BO), second_approvers=(HR,)),
}

WHAT: dict[str, Callable[[int, int], e.What]] = {
    "confirm": e.Confirm,
    "undo": e.Undo,
    "restore": e.Restore,
    "stuck": e.SayStuck,
    "not_mine": e.SayNotMine,
    "later": e.Later,
    "approve": lambda step, revision: e.Approve(step, revision, looked=True),
    "send_back": lambda step, revision: e.SendBack(step, revision, reason=REASON),
    "take": e.Take,
    "waive": lambda step, revision: e.Waive(step, revision, reason="not_ours"),
    "reassign": lambda step, revision: e.Reassign(step, revision, person=YAO, reason=REASON),
}

FIRST_FACT = {
    "confirm": "confirmed",
    "undo": "undone",
    "restore": "restored",
    "stuck": "stuck",
    "not_mine": "not_mine",
    "later": "snoozed",
    "approve": "approved",
    "send_back": "sent_back",
    "take": "reassigned",
    "waive": "waived",
    "reassign": "reassigned",
}


def standing(status: StepStatus, whose: str, **how: object) -> Case:
    """A running case whose first step stands like this. The second waits, so that nothing closes by itself."""
    owner, person, confirmed_by = WHOSE[whose]
    step = Step(1, "first", "small", owner, status=status, revision=5, opened_at=START, person=person)
    if status in (StepStatus.LOCKED, StepStatus.NOT_NEEDED):
        step = replace(step, opened_at=None, person=person if whose == "taken" else "")
    if status in (StepStatus.CLAIMED, StepStatus.SOAKING, StepStatus.DONE):
        step = replace(step, confirmed_by=confirmed_by, confirmed_at=START, fact_number=9)
    if status in (StepStatus.SOAKING, StepStatus.DONE):
        step = replace(step, approved=(Approval(BO if confirmed_by == MEI else MEI, START, looked=True),))
    if status is StepStatus.DONE:
        step = replace(step, grade=Grade.WITNESSED)
    if status is StepStatus.SOAKING:
        step = replace(step, soak_until=START + timedelta(hours=24))
    waits = Step(2, "second", "small", Owner.ADMIN, needs=(1,))
    return Case(
        ref="OFB-1",
        count=20,
        status=CaseStatus.RUNNING,
        leaver="" if whose == "absent" else LIN,
        agreed_by=MEI,
        last_day=LAST_DAY,
        pins=(Pin("small", "h"),),
        successors={"": Successor(WEI, proposed_by=MEI, named_by=MEI, accepted=True)},
        steps=(replace(step, **how), waits),
    )


def judged(case: Case | None, actor: e.Actor, what: e.What, roster: e.Roster) -> Decision:
    return decide(
        case, e.Event(at=START + timedelta(days=1), by=actor, what=what, roster=roster, workdays=WEEKDAYS), PLAYBOOKS
    )


def company_of(cell: Cell) -> e.Roster:
    roster, actor = COMPANIES[cell.company], ROLES[cell.role]
    if actor.person == LIN and actor.admin:
        roster = replace(roster, admins=(*roster.admins, LIN))
    if actor.person == LIN and actor.second_approver:
        roster = replace(roster, second_approvers=(*roster.second_approvers, LIN))
    return roster


def cells() -> Iterator[Cell]:
    """Every cell. In the company with one admin there is no other one."""
    for found in product(WHAT, map(str, StepStatus), WHOSE, ROLES, COMPANIES):
        cell = Cell(*found)
        if not (cell.company == "one" and cell.role in ("other_admin", "gone")):
            yield cell


@pytest.fixture(scope="module")
def words() -> dict[str, set[str]]:
    """The codes that have words, by language."""
    loaded = {
        path.stem: yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
        for path in sorted(WORDS.glob("*.yaml"))
        if path.stem in LANGUAGES
    }
    assert set(loaded) == {"en", "zh-CN"}
    return {
        language: {code for code, (why, instead) in told["refusals"].items() if why.strip() and instead.strip()}
        for language, told in loaded.items()
    }


def says_why_and_changes_nothing(
    case: Case, actor: e.Actor, verb: str, step: int, found: Decision, code: str, words: dict[str, set[str]]
) -> str:
    """What is wrong with this refusal, or ""."""
    if found.refused != code:
        return f"is {found.refused or 'accepted'}, not {code}"
    if not all(code in known for known in words.values()):
        return f"{code} has no words"
    if found.case is not case:
        return "changed the case"
    fact = f.Refused(at=START + timedelta(days=1), by=actor.person, code=code, verb=verb, step=step)
    if found.facts != (fact,):
        return f"left {found.facts}"
    answer = Tell(to=actor.person, view=View("refusal", code=code, step=step, args={"verb": verb}))
    told = found.effects[0] if len(found.effects) == 1 else None
    if not isinstance(told, Tell) or replace(told, view=replace(told.view, args={"verb": verb})) != answer:
        return f"did more than answer: {found.effects}"
    return ""


def test_every_verb_on_a_step_is_allowed_or_refused_as_the_tables_say(words: dict[str, set[str]]) -> None:
    wrong = []
    count = refused = 0
    for cell in cells():
        case = standing(StepStatus(cell.status), cell.whose)
        actor = ROLES[cell.role]
        code = expected(cell)
        found = judged(case, actor, WHAT[cell.verb](1, 0), company_of(cell))
        count += 1
        refused += bool(code)
        if code:
            if mistake := says_why_and_changes_nothing(case, actor, cell.verb, 1, found, code, words):
                wrong.append(f"{cell}: {mistake}")
        elif found.refused or kinds(found.facts)[0] != FIRST_FACT[cell.verb]:
            wrong.append(f"{cell}: {found.refused or kinds(found.facts)}, should be accepted")
        elif reduce(fold, found.facts, case) != found.case:
            wrong.append(f"{cell}: the facts do not fold to the case")
    assert wrong == []
    assert count == 13_200
    assert refused > 12_000


def test_a_button_of_an_older_revision_is_refused_wherever_the_verb_itself_would_be_allowed(
    words: dict[str, set[str]],
) -> None:
    wrong = []
    count = 0
    for cell in cells():
        if expected(cell) or (cell.verb, cell.status) == ("confirm", "locked"):
            continue  # what already happened is recorded whatever the card showed
        case = standing(StepStatus(cell.status), cell.whose)
        actor = ROLES[cell.role]
        found = judged(case, actor, WHAT[cell.verb](1, 4), company_of(cell))
        count += 1
        if mistake := says_why_and_changes_nothing(case, actor, cell.verb, 1, found, "stale", words):
            wrong.append(f"{cell}: {mistake}")
    assert wrong == []
    assert count == 403


@pytest.mark.parametrize("verb", WHAT)
def test_a_step_that_is_not_in_the_plan_is_refused(verb: str, words: dict[str, set[str]]) -> None:
    case = standing(StepStatus.OPEN, "leavers")
    for number in (-1, 0, 3, 10**9):
        if (verb, number) == ("undo", 0):
            continue  # undo of no step takes back an answer
        found = judged(case, ROLES["admin"], WHAT[verb](number, 0), COMPANIES["two"])
        assert not says_why_and_changes_nothing(case, ROLES["admin"], verb, number, found, "no_such_step", words), (
            verb,
            number,
        )


# ------------------------------------------------------------------------------------------- two people

SECOND_HANDS = table(
    """
                        nobody            mei               bo                hr
    two/wei/admin       yes               twice             yes               yes               | needs two hands
    two/wei/other_admin yes               yes               twice             yes               | needs two hands
    two/wei/second      second_not_needed second_not_needed second_not_needed second_not_needed | enough admins
    two/mei/admin       own_confirmation  own_confirmation  own_confirmation  own_confirmation  | it is her own
    two/mei/other_admin yes               yes               twice             yes               | one admin is left
    two/mei/second      yes               yes               yes               twice             | so HR is the other
    one/wei/admin       yes               twice             -                 yes               | the only admin
    one/wei/second      yes               yes               -                 twice             | with HR
    one/mei/admin       own_confirmation  own_confirmation  -                 own_confirmation  | it is her own
    one/mei/second      yes               yes               -                 twice             | HR alone cannot end it
    none/wei/second     yes               -                 -                 twice             | not the last hand yet
    none/lin/second     yes               -                 -                 twice             | not the last hand yet
    none/wei/second2    yes               -                 -                 needs_admin       | two of HR, no admin
    none/lin/second2    yes               -                 -                 needs_admin       | nor is the leaver one
    """
)
"""A step that two people approve. Row: company / who confirmed it / who would approve. Column: who has approved so far.

In the company "none" the only admin is the one who leaves: she approves nothing, and her hand is none."""

JIA = "demo:jia"


def two_handed(confirmed_by: str, approved: str) -> Case:
    hands = {"nobody": (), "mei": (MEI,), "bo": (BO,), "hr": (HR,)}[approved]
    given = tuple(Approval(by, START, looked=True) for by in hands)
    owner, person = (Owner.LEAVER, LIN) if confirmed_by == "lin" else (Owner.SUCCESSOR, f"demo:{confirmed_by}")
    return standing(
        StepStatus.CLAIMED,
        "successors",
        owner=owner,
        person=person,
        confirmed_by=person,
        approvals=2,
        approved=given,
        destroys=("keys",),
    )


@pytest.mark.parametrize("row", SECOND_HANDS)
@pytest.mark.parametrize("approved", ["nobody", "mei", "bo", "hr"])
def test_two_different_people_approve_and_one_of_them_or_the_doer_is_an_admin(
    row: str, approved: str, words: dict[str, set[str]]
) -> None:
    company, confirmed_by, role = row.split("/")
    code = SECOND_HANDS[row][approved]
    if code == "-":
        assert company != "two", "there is no Bo in this company"
        return
    roster = {
        **COMPANIES,
        "none": e.Roster(admins=(LIN,), second_approvers=(HR, JIA)),
    }[company]
    actor = member(JIA, second_approver=True) if role == "second2" else ROLES[role]
    case = two_handed(confirmed_by, approved)
    found = judged(case, actor, e.Approve(1, looked=True), roster)
    if code != "yes":
        assert not says_why_and_changes_nothing(case, actor, "approve", 1, found, code, words)
        return
    assert found.refused == ""
    done = found.case.steps[0].status if found.case else ""
    assert done == ("claimed" if approved == "nobody" else "done")


def test_a_word_is_not_enough_where_a_step_demands_to_be_witnessed(words: dict[str, set[str]]) -> None:
    case = standing(StepStatus.CLAIMED, "successors", demands=Grade.WITNESSED)
    found = judged(case, ROLES["admin"], e.Approve(1, looked=False), COMPANIES["two"])
    assert not says_why_and_changes_nothing(case, ROLES["admin"], "approve", 1, found, "must_look", words)


@pytest.mark.parametrize(
    ("status", "how", "code"),
    [
        (StepStatus.DONE, {"approvals": 0}, ""),  # nobody else has a say in it
        (StepStatus.DONE, {"approvals": 1}, "is_done"),
        (StepStatus.CLAIMED, {"approved": ()}, ""),
        (StepStatus.CLAIMED, {"approvals": 2, "approved": (Approval(MEI, START, looked=True),)}, "half_approved"),
        (StepStatus.SOAKING, {"approvals": 0}, "is_soaking"),  # while it rests it is restored, not undone
    ],
)
def test_a_confirmation_is_taken_back_only_while_nobody_has_approved_it(
    status: StepStatus, how: dict[str, object], code: str, words: dict[str, set[str]]
) -> None:
    case = standing(status, "successors", **how)
    found = judged(case, ROLES["successor"], e.Undo(1), COMPANIES["two"])
    if code:
        assert not says_why_and_changes_nothing(case, ROLES["successor"], "undo", 1, found, code, words)
    else:
        assert kinds(found.facts)[:1] == ["undone"]


@pytest.mark.parametrize(
    ("what", "how", "code"),
    [
        (e.Waive(1), {}, "needs_reason"),
        (e.Waive(1, reason="because"), {}, "needs_reason"),
        (e.Reassign(1), {}, "needs_person"),
        (e.Reassign(1, person=LIN), {}, "same_person"),
        (e.Reassign(1, person=LIN), {"person": "", "opened_at": None}, "same_person"),  # it would be theirs
    ],
)
def test_what_an_admin_decides_about_a_step_must_say_what(
    what: e.Waive | e.Reassign, how: dict[str, object], code: str, words: dict[str, set[str]]
) -> None:
    case = standing(StepStatus.OPEN, "leavers", **how)
    found = judged(case, ROLES["admin"], what, COMPANIES["two"])
    verb = str(what.__struct_config__.tag)
    assert not says_why_and_changes_nothing(case, ROLES["admin"], verb, 1, found, code, words)


# ------------------------------------------------------------------------------------------- verbs on a case

STANDS = ("proposed", "asking", "running", "closed")

CASE_TABLE = table(
    """
                      proposed          asking            running           closed
    begin/everybody   already_open      already_open      already_open      closed       | one history, one beginning
    start/leaver      own_case          own_case          own_case          closed       | nobody agrees to their own
    start/admin       yes               already_agreed    already_agreed    closed       | agreeing is an admin's
    start/other       not_admin         not_admin         not_admin         closed
    decline/leaver    own_case          not_the_successor not_the_successor closed       | stay is the leaver's word
    decline/admin     yes               not_the_successor not_the_successor closed       | the case, while proposed
    decline/successor not_admin         yes               yes               closed       | who was asked may say no
    decline/other     not_admin         not_the_successor not_the_successor closed
    accept/successor  not_the_successor yes               yes               closed       | who was asked may say yes
    accept/everybody  not_the_successor not_the_successor not_the_successor closed
    move/leaver       own_case          own_case          own_case          closed       | the last day is the admins'
    move/admin        yes               yes               yes               closed
    move/operator     yes               yes               yes               closed       | when chat is down
    move/other        not_admin         not_admin         not_admin         closed
    answer/leaver     not_asked         yes               not_asked         closed       | who was asked
    answer/everybody  not_asked         not_asked_of_you  not_asked         closed
    successor/leaver  yes               admins_name       admins_name       closed       | until an admin has named
    successor/admin   yes               yes               yes               closed       | names
    successor/other   not_admin         not_admin         not_admin         closed
    stay/leaver       yes               yes               yes               closed       | asks
    stay/admin        yes               yes               yes               closed       | decides
    stay/other        not_admin         not_admin         not_admin         closed
    close/operator    yes               yes               yes               closed       | with a reason
    close/everybody   operator_only     operator_only     operator_only     closed
    status/involved   yes               yes               yes               yes          | also when it is closed
    status/successor  not_involved      yes               yes               yes          | once they are asked
    status/other      not_involved      not_involved      not_involved      not_involved
    undo/leaver       nothing_to_undo   yes               nothing_to_undo   closed       | back one question
    undo/everybody    nothing_to_undo   not_asked_of_you  nothing_to_undo   closed
    """
)

PARTS: dict[str, str] = {
    "leaver": "leaver",
    "leaver_admin": "leaver",
    "leaver_second": "leaver",
    "leaver_guest": "leaver",
    "admin": "admin",
    "other_admin": "admin",
    "successor": "successor",
    "operator": "operator",
    "second": "second",
    "colleague": "colleague",
}
INVOLVED = ("leaver", "admin", "operator", "second")

ON_CASE: dict[str, e.What] = {
    "begin": e.Begin(ref="OFB-1", pins=(Pin("small", "h"),), leaver=LIN),
    "start": e.Start(),
    "decline": e.Decline(reason=REASON),
    "accept": e.Accept(),
    "move": e.Move(LAST_DAY + timedelta(days=3), reason=REASON),
    "answer": e.Reply("has", Answer(("wechat",))),
    "successor": e.Choose(YAO),
    "stay": e.Stay(),
    "close": e.Close(reason=REASON),
    "status": e.Status(),
    "undo": e.Undo(0),
}


def row_of(verb: str, role: str) -> dict[str, str]:
    """The most special row that fits: their part, else those involved, else everybody else."""
    part = PARTS[role]
    names = [part, *(["involved"] if part in INVOLVED else []), "other", "everybody"]
    return next(CASE_TABLE[f"{verb}/{name}"] for name in names if f"{verb}/{name}" in CASE_TABLE)


def case_in(status: str) -> Case:
    asked = status in ("asking", "running", "closed")
    case = Case(
        ref="OFB-1",
        count=7,
        status=CaseStatus(status),
        leaver=LIN,
        opened_by=LIN,
        last_day=LAST_DAY,
        pins=(Pin("small", "h"),),
        successors={"": Successor(WEI, proposed_by=LIN, named_by=MEI, number=4)} if asked else {},
    )
    if status == "asking":
        asking = Asking("has", of=LIN, playbook="small", kind="many", options=("wechat", "phone"), revision=2)
        return replace(case, asking=asking, answers={"before": Answer(("yes",))})
    if status == "running":
        return replace(case, steps=standing(StepStatus.OPEN, "leavers").steps)
    return case


def test_every_verb_on_a_case_is_allowed_or_refused_as_the_tables_say(words: dict[str, set[str]]) -> None:
    wrong = []
    count = 0
    for verb, status, role in product(ON_CASE, STANDS, ROLES):
        case, actor = case_in(status), ROLES[role]
        code = HEARD[role] if role in HEARD else row_of(verb, role)[status]
        found = judged(case, actor, ON_CASE[verb], COMPANIES["two"])
        count += 1
        if code != "yes":
            mistake = says_why_and_changes_nothing(case, actor, verb, 0, found, code, words)
        elif verb == "status":
            mistake = "" if (found.refused, found.facts, found.case) == ("", (), case) else f"did {found}"
        elif found.refused or not found.facts:
            mistake = f"is {found.refused}, should be accepted"
        else:
            mistake = "" if reduce(fold, found.facts, case) == found.case else "the facts do not fold to the case"
        if mistake:
            wrong.append(f"{verb} on {status} by {role}: {mistake}")
    assert wrong == []
    assert count == 704


BEGINNERS = table(
    """
                 own      for_lin   for_nobody
    leaver       yes      yes       not_admin  | /offboard
    leaver_admin yes      yes       yes
    leaver_guest yes      yes       guest      | a guest may be a leaver, and nothing else
    successor    yes      not_admin not_admin
    admin        yes      yes       yes        | opens one for somebody, or where somebody has gone
    second       yes      not_admin not_admin
    operator     yes      yes       yes        | import, and the HR system
    colleague    yes      not_admin not_admin
    guest        yes      guest     guest
    guest_admin  yes      guest     guest      | being on the list by mistake makes no member
    outsider     stranger stranger  stranger
    bot          stranger stranger  stranger
    gone         stranger stranger  stranger
    stranger     stranger stranger  stranger
    """
)


@pytest.mark.parametrize("role", BEGINNERS)
@pytest.mark.parametrize("whose", ["own", "for_lin", "for_nobody"])
def test_who_may_begin_a_case(role: str, whose: str, words: dict[str, set[str]]) -> None:
    actor = ROLES[role]
    leaver = {"own": actor.person, "for_lin": LIN, "for_nobody": ""}[whose]
    found = judged(None, actor, e.Begin(ref="OFB-1", pins=(Pin("small", "h"),), leaver=leaver), COMPANIES["two"])
    code = BEGINNERS[role][whose]
    if code == "yes":
        assert found.case is not None
        assert (found.case.leaver, found.case.status) == (leaver, "proposed" if leaver == actor.person else "asking")
        return
    assert (found.refused, found.case, found.facts) == (code, None, ())
    assert [type(effect) for effect in found.effects] == [Tell]
    assert all(code in known for known in words.values())


@pytest.mark.parametrize("what", [what for verb, what in ON_CASE.items() if verb != "begin"], ids=str)
def test_without_a_case_there_is_nothing_to_act_on(what: e.What) -> None:
    found = judged(None, ROLES["admin"], what, COMPANIES["two"])
    assert (found.refused, found.case, found.facts) == ("no_case", None, ())


def test_a_message_about_no_case_that_is_lost_is_refused_and_nothing_breaks() -> None:
    machine = e.Actor("system")
    for what in (e.Undeliverable(LIN, "OFB-1/case/0/demo:lin", "gone"), e.Woke("do", 1, 1)):
        assert judged(None, machine, what, COMPANIES["two"]).refused == "no_case"


def test_the_operator_says_why_for_everything_that_only_an_operator_may_overrule(words: dict[str, set[str]]) -> None:
    case = standing(StepStatus.OPEN, "leavers")
    silent: list[e.What] = [e.Close(), e.Move(LAST_DAY + timedelta(days=3)), e.Reassign(1, person=YAO)]
    for what in silent:
        found = judged(case, ROLES["operator"], what, COMPANIES["two"])
        verb, step = str(what.__struct_config__.tag), int(getattr(what, "step", 0))
        assert not says_why_and_changes_nothing(case, ROLES["operator"], verb, step, found, "needs_reason", words), verb


def test_every_code_that_the_core_can_refuse_with_has_words_in_both_languages(words: dict[str, set[str]]) -> None:
    raised = set()
    core = Path(__file__).resolve().parents[2] / "bot" / "core"
    for path in core.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refusal":
                code = node.args[0]
                if isinstance(code, ast.Constant):
                    raised.add(str(code.value))
    raised |= {f"is_{status}" for status in StepStatus}
    assert len(raised) > 40
    for language, known in words.items():
        assert raised - known == set(), language
