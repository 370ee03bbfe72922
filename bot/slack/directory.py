"""Who somebody is, as Slack says it: name, language, zone, and whether they are of this company.

Sources: docs.slack.dev/reference/objects/user-object (deleted, is_bot, is_restricted, is_ultra_restricted,
is_stranger), /reference/methods/users.info (`include_locale`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.case import PersonId
from bot.errors import Gone, Rejected
from bot.rows import PersonRow
from bot.slack.codes import code_of
from bot.slack.line import Itself, Line

Json = dict[str, Any]

SLACKBOT = "USLACKBOT"
LONGEST = 80


class SlackDirectory:
    def __init__(self, line: Line) -> None:
        self._line = line

    def serves(self, to: PersonId) -> bool:
        return to.startswith("slack:")

    async def look_up(self, person: PersonId) -> PersonRow:
        itself = self._line.itself or await self._line.look()
        try:
            answer = await self._line.ask("users.info", user=person.removeprefix("slack:"), include_locale=True)
        except Rejected as error:
            if code_of(error) in ("invalid_arguments", "user_not_found"):
                raise Gone(str(error)) from None
            raise
        found = answer.get("user")
        if not isinstance(found, dict):
            raise Rejected("unreadable_answer")
        if found.get("id", "") != person.removeprefix("slack:"):
            raise Gone("it was answered with somebody else")  # an id in another case is not the same id
        return row(person, found, itself)


def row(person: PersonId, user: Json, itself: Itself) -> PersonRow:
    """A user object as we keep it."""
    profile = user.get("profile") if isinstance(user.get("profile"), dict) else {}
    assert isinstance(profile, dict)
    names = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name"))
    name = next((str(one).strip() for one in names if isinstance(one, str) and one.strip()), "")
    zone = user.get("tz")
    return PersonRow(
        id=person,
        name=name[:LONGEST],
        language=language(user.get("locale")),
        zone=zone if isinstance(zone, str) and _is_zone(zone) else "",
        standing=standing(user, itself),
    )


def standing(user: Json, itself: Itself) -> str:
    """member, guest, outsider, bot or gone. Who is not certainly of this company is an outsider."""
    team = user.get("team_id")
    if user.get("deleted"):
        return "gone"
    if user.get("is_bot") or user.get("is_workflow_bot") or user.get("id") == SLACKBOT:
        return "bot"
    if user.get("is_stranger") or not ours(str(team or ""), itself):
        return "outsider"
    return "guest" if user.get("is_restricted") or user.get("is_ultra_restricted") else "member"


def ours(team: str, itself: Itself) -> bool:
    """Whether a team is this workspace, or the organisation that it belongs to."""
    return bool(team) and team in (itself.team, itself.organisation or itself.team)


def language(locale: object) -> str:
    """One of ours, or "" for the company's own."""
    if not isinstance(locale, str) or not locale:
        return ""
    return "zh-CN" if locale.casefold().startswith("zh") else "en"


@lru_cache(maxsize=1024)
def _is_zone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name).key)
    except (KeyError, ValueError, OSError):
        return False
