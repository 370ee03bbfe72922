"""From settings to parts: the company, its calendar, its playbooks, its platforms, its key."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path

from bot.app import DEPARTURE_PLAYBOOKS, RESCUE_PLAYBOOK
from bot.config import BadConfig, Problem, Settings, open_
from bot.core.case import PersonId
from bot.edges import Edge
from bot.playbook.folder import find
from bot.playbook.problem import PlaybookError
from bot.playbook.shelf import there_are, with_leads
from bot.ports import Clock, Reads
from bot.rows import PersonRow
from bot.runtime.library import Library
from bot.runtime.people import Company, folded
from bot.runtime.seal import KeyUnusable, master_beside, master_from, unwrap
from bot.runtime.workdays import Calendar


def company(settings: Settings) -> Company:
    hours, lunch = settings.calendar.working_hours, settings.calendar.lunch
    start, end = hours
    return Company(
        admins=settings.admins,
        second_approvers=settings.second_approvers,
        owner=settings.owner,
        zone=settings.timezone,
        language=settings.language,
        start=start,
        end=end,
        lunch=(lunch[0], lunch[1]) if lunch else (end, end),
        persons=tuple(ids for person in settings.person if (ids := person.ids())),
        same={other: one for one, *others in (person.ids() for person in settings.person) for other in others},
    )


def calendar(settings: Settings) -> Calendar:
    given = settings.calendar
    return Calendar(given.country, given.extra_workdays, given.extra_days_off)


def known_people(settings: Settings) -> dict[PersonId, PersonRow]:
    """What the configuration says of people, by the id under which they act."""
    return {
        folded(ids[0]): PersonRow(id=folded(ids[0]), name=person.name, language=person.language, zone=person.zone)
        for person in settings.person
        if (ids := person.ids())
    }


def library(settings: Settings) -> Library:
    """The playbooks that cases begin with, and all that these lead to. Raises BadConfig with all that is wrong."""
    problems: list[Problem] = []

    def failed(name: str, error: PlaybookError) -> None:
        problems.extend(Problem(f"playbook {name}", str(one)) for one in error.problems)

    with as_file(files("conversations")) as shipped:
        there, names = wanted(settings, shipped)
        rescue = [RESCUE_PLAYBOOK] if RESCUE_PLAYBOOK in there else []
        folders = with_leads(there, (*names, *rescue), failed)
    if problems:
        raise BadConfig(problems)
    return Library(folders, settings.language, names)


def wanted(settings: Settings, shipped: Path) -> tuple[dict[str, Path], Sequence[str]]:
    """The playbooks there are, each with the folder of content it is in (a company's own comes first), and the names
    of those to begin with."""
    own = settings.playbooks_folder
    if own is not None and not own.is_dir():
        raise BadConfig([Problem("OFFBOARD_PLAYBOOKS_FOLDER (playbooks_folder)", "there is no such folder")])
    ours = find(own) if own is not None else []
    there = there_are(shipped, own) if own is not None else there_are(shipped)
    names = settings.playbooks or (*DEPARTURE_PLAYBOOKS, *(name for name in ours if name not in DEPARTURE_PLAYBOOKS))
    missing = [name for name in names if name not in there]
    if missing:
        known = "there are: " + ", ".join(sorted(there))
        raise BadConfig(
            [Problem("OFFBOARD_PLAYBOOKS (playbooks)", f"there is no playbook {name}", known) for name in missing]
        )
    return there, names


def edges(settings: Settings, clock: Clock) -> list[Edge]:
    """One for each platform that is configured. Each platform's libraries are imported only then."""
    made: list[Edge] = []
    if (slack := settings.slack_settings()) is not None:
        from bot.slack.edge import make as slack_edge

        made.append(slack_edge(slack, clock))
    if (wecom := settings.wecom_settings()) is not None:
        from bot.wecom.edge import make as wecom_edge

        made.append(wecom_edge(wecom, clock))
    return made


def master(settings: Settings) -> bytes:
    """Once the store is open. Raises BadConfig."""
    try:
        return master_from(open_(settings.key)) if settings.key is not None else master_beside(settings.database)
    except KeyUnusable as error:
        raise BadConfig([Problem("OFFBOARD_KEY (key)", str(error).rstrip("."))]) from None


def fits(reads: Reads, key: bytes) -> bool:
    """Whether this is the key under which the newest case was sealed. True when none was."""
    for ref in [ref for ref, _, _ in reads.heads()][::-1]:
        wrapped = reads.key(ref)
        if wrapped is not None:
            return unwrap(key, ref, wrapped) is not None
    return True
