"""Times and people as the tables hold them."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.core.case import PersonId
from bot.errors import BadValue


def text(at: datetime) -> str:
    """A time as text in UTC, always of the same length, so that texts sort as times do. BadValue without a zone."""
    if at.tzinfo is not UTC:
        if at.utcoffset() is None:
            raise BadValue(f"{at.isoformat()} has no time zone, so nobody knows when that is")
        try:
            at = at.astimezone(UTC)
        except OverflowError as error:
            raise BadValue(f"{at.isoformat()} is before or after all time in UTC") from error
    return at.isoformat(timespec="microseconds")[:26] + "Z"


def moment(text: str) -> datetime:
    """The time again, in UTC."""
    return datetime.fromisoformat(text)


def folded(id: PersonId) -> PersonId:
    """The id under which a person is found. To WeCom `LiMei` and `limei` are the same; to Slack they are not."""
    return id.casefold() if id.startswith("wecom:") else id
