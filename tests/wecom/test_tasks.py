"""A card's id says which post it is; a message's id says how the card can be changed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.effects import ADMINS, lane
from bot.wecom.tasks import LONGEST, Standing, lane_of, standing, task_of

USERS = st.text("abcdefghijklmnopqrstuvwxyz0123456789_-@.", min_size=1, max_size=64)


@given(USERS, st.integers(1, 10**9), st.integers(0, 9), st.integers(1, 10**12))
def test_a_click_finds_its_post_again(user: str, case: int, round_: int, number: int) -> None:
    for reader in (ADMINS, f"wecom:{user}"):
        said = lane(f"OFB-{case}", "step-3", reader, round_)
        task = task_of(f"{said}/{number}", reader, "aB_-9xyz")
        assert re.fullmatch(r"[0-9A-Za-z_\-@]+", task)
        assert len(task) <= LONGEST
        assert lane_of(task, user.upper()) == said


def test_a_digest_has_a_lane_of_its_own_form() -> None:
    key = "desk/2026-11-24T01:00:00Z/0/wecom:lin/17"
    assert lane_of(task_of(key, "wecom:lin", "t"), "lin") == "desk/2026-11-24T01:00:00Z/0/wecom:lin"


def test_the_same_key_always_has_the_same_id_and_each_attempt_another() -> None:
    keys = {task_of("OFB-1/step-3/0/admins/7", ADMINS, "t", attempt) for attempt in (1, 2, 3)}
    assert len(keys) == 3
    assert task_of("OFB-1/step-3/0/admins/7", ADMINS, "t") in keys
    assert len({task_of("OFB-1/step-3/0/admins/7", ADMINS, tag) for tag in "ab"}) == 2


def test_a_key_that_is_too_long_is_still_an_id() -> None:
    task = task_of(f"OFB-1/{'x' * 200}/0/admins/7", ADMINS, "t")
    assert len(task) <= LONGEST
    assert lane_of(task, "lin") == ""


@given(st.text(max_size=140))
def test_an_id_that_is_not_ours_finds_nothing_and_raises_nothing(task: str) -> None:
    assert isinstance(lane_of(task, "lin"), str)
    assert isinstance(standing(task), Standing)


def test_a_code_lives_72_hours_and_is_old_after_60() -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    stands = Standing("task", "msg", "code", int(now.timestamp()))
    assert standing(stands.as_id()) == stands
    assert stands.lives(now + timedelta(hours=71))
    assert not stands.lives(now + timedelta(hours=72))
    assert not stands.is_old(now + timedelta(hours=59))
    assert stands.is_old(now + timedelta(hours=60))
    assert not Standing("task", "msg", "", 0).lives(now)


@pytest.mark.parametrize("code", ["a|b", "|", "%7C", "a%25|b%", "a+b/c==", "码|码"])
def test_a_message_keeps_its_code_whatever_signs_wecom_puts_into_it(code: str) -> None:
    stands = Standing("OFB-1@step-3@0@u@7@t", f"msg{code}", code, 1_795_395_600)
    assert standing(stands.as_id()) == stands
    assert standing(stands.as_id()).is_card()
