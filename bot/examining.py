"""`offboard doctor`: what is configured, reachable and permitted; each thing that is not, with its mend.

It changes nothing, takes no lock, and works beside a running bot.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from stat import S_IMODE

import msgspec
from msgspec import Struct

from bot.config import BadConfig, Settings, open_, read, strangers
from bot.errors import StoreError
from bot.live import wiring
from bot.live.web import listening_on
from bot.ports import Clock, Reads
from bot.rows import Finding
from bot.runtime.seal import KeyUnusable, master_beside, master_from
from bot.store.beside import SqliteReads
from bot.store.sqlite import writer_of

ENOUGH, TIGHT = 1 << 30, 100 << 20
"""Bytes of free disk: below the second nothing can be promised."""
BUILT = datetime.fromisoformat("2026-11-01T00:00:00+00:00")
"""No clock that is right shows a time before this."""
SHORT = 20
"""Characters of a key that is worth guessing."""
NAMED = 5
"""So many of the same kind are named; of more, how many there are."""


class Part(Struct, frozen=True):
    name: str
    findings: tuple[Finding, ...]


def settings_part(file: Path | None, environ: Mapping[str, str]) -> tuple[Settings | None, Part]:
    """The settings, or None when they cannot be used; and what is to be said of them."""
    where = str(file) if file is not None else "the environment alone"
    odd = [
        Finding(None, f"{name} is set, and there is no such setting.", "See whether it is misspelt.")
        for name in strangers(environ)
    ]
    try:
        settings = read(file, environ)
    except BadConfig as error:
        wrong = [Finding(False, f"{problem.name}: {problem.what}.", problem.find) for problem in error.problems]
        return None, Part("settings", (*wrong, *odd))
    return settings, Part("settings", (Finding(True, f"The settings can be read, from {where}."), *odd))


def general(settings: Settings, clock: Clock) -> Iterator[Part]:
    """Everything that asks no platform."""
    yield Part("people", tuple(_people(settings)))
    yield Part("playbooks", tuple(_playbooks(settings)))
    yield Part("record", tuple(_record(settings, clock)))
    yield Part("addresses", tuple(_addresses(settings)))


# ------------------------------------------------------------------------------------------ people


def _people(settings: Settings) -> Iterator[Finding]:
    served = {"slack": settings.slack.bot_token is not None, "wecom": settings.wecom.secret is not None}
    if not any(served.values()):
        yield Finding(None, "No platform is configured: nobody can talk to this bot.", "`offboard init` says how.")
    admins = len(settings.admins)
    if not admins:
        yield Finding(None, "There is no admin: nobody could open a case.", "Name two or more in OFFBOARD_ADMINS.")
    elif admins == 1 and not settings.second_approvers:
        yield Finding(
            None,
            "There is one admin and no second approver: a step that needs two people cannot be approved.",
            "Name a second admin, or somebody in OFFBOARD_SECOND_APPROVERS.",
        )
    else:
        seconds = len(settings.second_approvers)
        yield Finding(True, f"Admins: {admins}. Second approvers: {seconds}.")
    named = {
        "OFFBOARD_ADMINS": settings.admins,
        "OFFBOARD_SECOND_APPROVERS": settings.second_approvers,
        "OFFBOARD_OWNER": (settings.owner,) if settings.owner else (),
    }
    for name, people in named.items():
        for person in people:
            platform = person.partition(":")[0]
            if any(served.values()) and not served[platform]:
                what = f"{name} has {person}, and that platform is not configured: they can do nothing."
                yield Finding(False, what, "Configure it, or name them by their other id.")
    if any(person.stand_in for person in settings.person):
        yield Finding(None, "A [[person]] has a stand_in, and nothing acts on it yet.", "Leave it, or take it out.")
    if settings.api_token is not None:
        yield Finding(None, "OFFBOARD_API_TOKEN is set, and nothing uses it yet.", "Leave it, or take it out.")
    if settings.tencent_account:
        yield Finding(None, "[[tencent_account]] is there, and nothing reads it yet.", "Leave it, or take it out.")


def _playbooks(settings: Settings) -> Iterator[Finding]:
    try:
        begins = wiring.library(settings).begins
    except BadConfig as error:
        for problem in error.problems:
            yield Finding(
                False, f"{problem.name}: {problem.what}.", problem.find or "`offboard playbook check` says more."
            )
        return
    yield Finding(True, f"Cases begin with: {', '.join(begins)}.")


# ------------------------------------------------------------------------------------------ the record


def _record(settings: Settings, clock: Clock) -> Iterator[Finding]:
    path = Path(settings.database).resolve()
    now = clock.now()
    if now < BUILT:
        yield Finding(False, f"This machine's clock says {now:%Y-%m-%d %H:%M} UTC.", "Set it; use NTP.")
    yield from _disk(path)
    if not path.exists():
        yield Finding(None, f"There is no database at {path} yet.", "`offboard run` makes it.")
        if settings.key is None:
            yield Finding(None, "There is no key yet.", "It is made beside the database: keep a copy of it elsewhere.")
        return
    if pid := writer_of(path):
        yield Finding(True, f"A bot is running on it: process {pid}.")
    try:
        with SqliteReads.open(path) as reads:
            yield from _whole(reads, now)
            yield from _key(settings, path, reads)
            yield from _two_ids(settings, reads)
    except StoreError as error:
        yield Finding(False, f"The database {path} cannot be read: {error}.", "`offboard restore` puts a backup back.")


def _disk(path: Path) -> Iterator[Finding]:
    folder = path.parent
    if not folder.is_dir():
        yield Finding(False, f"There is no folder {folder}.", f"mkdir -p {folder}")
        return
    if not os.access(folder, os.W_OK):
        yield Finding(False, f"The folder {folder} cannot be written to by this user.", "Give it write access.")
    free = shutil.disk_usage(folder).free
    what = f"There are {free / (1 << 30):.1f} GB free on the disk of {folder}."
    yield Finding(
        free >= TIGHT if free < TIGHT or free >= ENOUGH else None, what, "Make room." if free < ENOUGH else ""
    )
    if path.exists() and S_IMODE(path.stat().st_mode) & 0o077:
        yield Finding(False, f"{path} can be read by others, and it says who leaves.", f"chmod 600 {path}")


class _When(Struct):
    at: datetime


def _whole(reads: Reads, now: datetime) -> Iterator[Finding]:
    """The end of every chain: that it is the one that its case names, and that it is not of tomorrow."""
    cases, broken, newest = 0, [], None
    decoder = msgspec.json.Decoder(_When)
    for ref, head, count in reads.heads():
        cases += 1
        last = reads.facts(ref, after=count - 1)
        if len(last) != 1 or last[0].hash != head:
            broken.append(ref)
            continue
        at = decoder.decode(last[0].data).at
        newest = at if newest is None else max(newest, at)
    numbered = reads.numbered()
    if broken or cases != numbered:
        names = ", ".join(broken[:NAMED]) or f"{numbered - cases} of {numbered} cases are missing"
        yield Finding(False, f"The record is not whole: {names}.", "`offboard audit verify` says what is wrong.")
    else:
        yield Finding(True, f"The record can be read, and its ends are whole: {cases} cases.")
    if newest is not None and newest > now:
        hours = (newest - now).total_seconds() / 3600
        what = f"The newest thing in the record is {hours:.1f} hours ahead of this machine's clock."
        yield Finding(False, what, "Set the clock; use NTP. Until then reminders come late.")


def _key(settings: Settings, path: Path, reads: Reads) -> Iterator[Finding]:
    beside = Path(f"{path}.key")
    if settings.key is None and not beside.exists():
        what = f"There is no key: neither OFFBOARD_KEY nor {beside}. What people wrote cannot be read."
        yield Finding(False if reads.numbered() else None, what, "Give the one under which the database was written.")
        return
    try:
        key = master_from(open_(settings.key)) if settings.key is not None else master_beside(path)
    except KeyUnusable as error:
        yield Finding(False, str(error), "See above.")
        return
    if not wiring.fits(reads, key):
        what = "The key is not the one under which this database was written."
        yield Finding(False, what, f"Give that one as OFFBOARD_KEY, or as {beside}.")
    elif settings.key is not None and len(open_(settings.key)) < SHORT:
        what = "OFFBOARD_KEY is the key of this database, and so short that it could be guessed."
        yield Finding(None, what, "For the next database: openssl rand -base64 32")
    elif settings.key is not None:
        yield Finding(True, "OFFBOARD_KEY is the key of this database.")
    else:
        yield Finding(True, f"The key is {beside}. Keep a copy of it elsewhere, not where the backups are.")


def _two_ids(settings: Settings, reads: Reads) -> Iterator[Finding]:
    """Who stands in open cases under the id that does not act any more could not go on there."""
    for person in settings.person:
        for other in person.ids()[1:]:
            open_ones = [row.ref for row in reads.cases(person=other, open_only=True)]
            if open_ones:
                platform = other.partition(":")[0]
                what = f"{other} takes part in {', '.join(open_ones[:NAMED])} under this id."
                yield Finding(False, what, f'Give this [[person]] acts_as = "{platform}" until these cases are closed.')


# ------------------------------------------------------------------------------------------ addresses


def _addresses(settings: Settings) -> Iterator[Finding]:
    slack = settings.slack.bot_token is not None and settings.slack.app_token is None
    needed = slack or settings.wecom.secret is not None
    url = settings.public_url
    if not url and needed:
        yield Finding(None, "OFFBOARD_PUBLIC_URL is not set: how the platforms reach us is not known.", "Set it.")
    elif url.startswith("http://"):
        yield Finding(None, f"{url} is not https: Slack refuses it, and others could read along.", "Use https.")
    elif url:
        yield Finding(True, f"The platforms reach us at {url}.")
    for name, listen in (("OFFBOARD_LISTEN", settings.listen), ("OFFBOARD_METRICS_LISTEN", settings.metrics_listen)):
        if listen:
            yield _listen(name, listen, lambda: writer_of(settings.database))


def _listen(name: str, listen: str, running: Callable[[], str]) -> Finding:
    try:
        listening_on(listen).close()
    except OSError as error:
        if running():
            return Finding(True, f"{listen} is in use, and a bot is running here.")
        return Finding(False, f"{listen} cannot be listened on ({error.strerror}).", f"Give another address as {name}.")
    return Finding(True, f"{listen} is free.")


# ------------------------------------------------------------------------------------------ the platforms


def _note(settings: Settings, name: str) -> bytes | None:
    """What a platform's side has put down in the record; None when that cannot be read."""
    try:
        with SqliteReads.open(Path(settings.database).resolve()) as reads:
            return reads.note(name)
    except (StoreError, OSError):
        return None


async def platforms(settings: Settings, wanted: tuple[str, ...], clock: Clock) -> list[Part]:
    """What each platform says, of those that are wanted; of all that are configured when none is named."""
    found: list[Part] = []
    slack, wecom = settings.slack_settings(), settings.wecom_settings()
    if slack is not None and (not wanted or "slack" in wanted):
        from bot.slack.doctor import doctor as slack_doctor

        found.append(Part("slack", tuple(await slack_doctor(slack))))
    if wecom is not None and (not wanted or "wecom" in wanted):
        from bot.wecom.doctor import doctor as wecom_doctor
        from bot.wecom.notebook import NAME as SENT

        found.append(Part("wecom", tuple(await wecom_doctor(wecom, _note(settings, SENT), clock))))
    for name, given in (("slack", slack), ("wecom", wecom)):
        if given is None and name in wanted:
            mend = f"`offboard init --{name}` says what to set."
            found.append(Part(name, (Finding(False, "It is not configured.", mend),)))
    return found
