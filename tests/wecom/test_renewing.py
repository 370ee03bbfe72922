"""When a card is posted anew: once, in working hours if any are in time, and never too late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.cadence import Rhythm, next_moment
from bot.core.events import Weekdays
from bot.wecom.renewing import DAY, YOUNG, is_due
from bot.wecom.tasks import CODE_LIVES, Standing

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
LOOK = timedelta(minutes=30)


def opens(at: datetime) -> datetime:
    return next_moment(at, Rhythm(), Weekdays())


@pytest.mark.parametrize("hour", range(7 * 24))
def test_a_card_is_posted_anew_in_the_last_working_hours_or_by_day_and_before_it_dies(hour: int) -> None:
    issued = MONDAY + timedelta(hours=hour, minutes=7)
    said = Standing("task", "msg", "code", int(issued.timestamp()))
    looks = [issued + LOOK * at for at in range(1, 144)]
    due = next(at for at in looks if is_due(said, at, opens))
    assert YOUNG <= due - issued < CODE_LIVES - timedelta(hours=1)
    if opens(due) != due:
        in_time = [at for at in looks if opens(at) == at and YOUNG <= at - issued <= CODE_LIVES - timedelta(hours=2)]
        assert in_time == []
        assert (due + timedelta(hours=8)).hour in DAY or due - issued >= CODE_LIVES - timedelta(hours=2, minutes=30)
