"""Random walks by random people through random playbooks: every law of laws.py holds after every event."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.case import CaseStatus
from bot.core.facts import Fact, Refused
from bot.playbook.load import parse, read_folder
from bot.playbook.model import Playbook
from bot.runtime import codec
from tests.core.player import SMALL
from tests.core.router import ALL, ROUTER
from tests.properties.laws import World
from tests.properties.playbooks import family, wild
from tests.properties.walks import COMPANIES, walk

NAME = "tencent_cloud/root_account"
ROOT_ACCOUNT = parse(read_folder(Path(__file__).resolve().parents[2] / "conversations" / NAME), NAME)

numbers = st.integers(0, 2**64 - 1)
moves = st.lists(numbers, min_size=30, max_size=60)
long = st.lists(numbers, min_size=150, max_size=250)
companies = st.integers(0, len(COMPANIES) - 1)
playbooks = st.integers(0, 2**200 - 1).map(wild)
families = st.integers(0, 2**500 - 1).map(family)

fixed = settings(
    derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=80
)
thorough = settings(fixed, max_examples=2000, derandomize=False)


@fixed
@given(company=companies, absent=st.booleans(), moves=moves)
def test_whatever_people_do_with_the_shipped_playbook_every_law_holds(
    company: int, absent: bool, moves: list[int]
) -> None:
    assert walk(ROOT_ACCOUNT, company, absent, moves).case is not None


@fixed
@given(company=companies, absent=st.booleans(), moves=moves)
def test_whatever_people_do_with_a_small_playbook_every_law_holds(company: int, absent: bool, moves: list[int]) -> None:
    assert walk(SMALL, company, absent, moves).case is not None


@fixed
@given(company=companies, absent=st.booleans(), moves=moves)
def test_whatever_people_do_with_playbooks_that_lead_to_each_other_every_law_holds(
    company: int, absent: bool, moves: list[int]
) -> None:
    assert walk(ROUTER, company, absent, moves, ALL).case is not None


@settings(fixed, max_examples=120)
@given(books=families, company=companies, absent=st.booleans(), moves=moves)
def test_whatever_people_do_with_such_a_family_made_by_chance_every_law_holds(
    books: dict[str, Playbook], company: int, absent: bool, moves: list[int]
) -> None:
    assert walk(books["router"], company, absent, moves, books).case is not None


@settings(fixed, max_examples=180)
@given(playbook=playbooks, company=companies, absent=st.booleans(), moves=moves)
def test_whatever_people_do_with_a_playbook_made_by_chance_every_law_holds(
    playbook: Playbook, company: int, absent: bool, moves: list[int]
) -> None:
    assert walk(playbook, company, absent, moves).case is not None


@pytest.mark.slow
@thorough
@given(
    playbook=st.one_of(playbooks, st.just(ROOT_ACCOUNT), st.just(ROUTER)),
    company=companies,
    absent=st.booleans(),
    moves=long,
)
def test_long_walks_keep_every_law(playbook: Playbook, company: int, absent: bool, moves: list[int]) -> None:
    assert walk(playbook, company, absent, moves, ALL).case is not None


def by_chance(seed: int) -> World:
    chance = Random(seed)
    playbook = (SMALL, ROOT_ACCOUNT, wild(chance.getrandbits(200)), ROUTER)[seed % 4]
    return walk(playbook, seed % len(COMPANIES), seed % 7 == 0, [chance.getrandbits(64) for _ in range(70)], ALL)


def test_the_walks_go_everywhere() -> None:
    """Laws that are never put to the test hold nothing: each kind of fact and each end is seen."""
    kinds: Counter[type] = Counter()
    ends: Counter[str] = Counter()
    for seed in range(140):
        world = by_chance(seed)
        kinds.update(type(codec.fact(data)) for data in world.log)
        kinds[Refused] += world.refusals
        assert world.case is not None
        ends[world.case.outcome or str(world.case.status)] += 1
    assert {kind.__name__ for kind in get_args(Fact)} - {kind.__name__ for kind in kinds} == set()
    assert {"handed_over", "stayed", "closed", str(CaseStatus.RUNNING)} <= set(ends)
    assert kinds[Refused] > 500


def test_the_same_walk_leaves_the_same_bytes() -> None:
    for seed in range(6):
        first, second = by_chance(seed), by_chance(seed)
        assert first.log == second.log
        assert first.case == second.case
        assert first.timers == second.timers
