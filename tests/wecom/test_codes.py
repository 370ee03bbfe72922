"""Each number that WeCom answers is somebody's to mend."""

from __future__ import annotations

import pytest

from bot.wecom.codes import MENDS, Kind, kind_of, mend


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        ((-1, 6000), Kind.RETRY),
        ((45009, 45011, 45033), Kind.PAUSE),
        ((40014, 42001), Kind.REFRESH),
        ((40001, 40013, 40056, 40091, 48002, 50003, 60011, 60020, 301002), Kind.CONFIG),
        ((40003, 40031, 60111, 81013, 82001), Kind.GONE),
        ((40058, 42014, 41016, 42045, 40008), Kind.CARD),
        ((1, 99999, 86001), Kind.OTHER),
    ],
)
def test_a_code_is_of_its_kind(codes: tuple[int, ...], kind: Kind) -> None:
    assert {kind_of(code) for code in codes} == {kind}


def test_what_the_operator_has_to_mend_says_how() -> None:
    for code in MENDS:
        assert kind_of(code) is Kind.CONFIG
        assert len(mend(code)) > 20
    assert mend(12345)
