"""What looks like a secret goes; what is asked for stays. The table is in secrets.py."""

from __future__ import annotations

import random
import time

import pytest

from bot.core.mask import MASK, mask
from tests.fire.secrets import HARMLESS, TYPED


@pytest.mark.parametrize(("words", "secret", "kind"), TYPED)
def test_a_secret_does_not_survive_and_its_kind_is_named(words: str, secret: str, kind: str) -> None:
    masked, kinds = mask(words)
    assert secret not in masked, masked
    assert MASK in masked
    assert kind in kinds
    assert mask(masked) == (masked, ()), "what was masked looks like a secret again"


@pytest.mark.parametrize("words", HARMLESS)
def test_what_is_asked_for_is_left_as_it_is(words: str) -> None:
    assert mask(words) == (words, ())


def test_the_words_around_a_secret_stay() -> None:
    assert mask("the password is Tr0ub4dor&3 and the page is empty")[0] == "the password is ••• and the page is empty"
    assert mask("stuck: code 493021 came twice")[0] == "stuck: code ••• came twice"
    assert mask("密码是Tr0ub4dor&3，页面打不开")[0] == "密码是•••，页面打不开"


@pytest.mark.parametrize(("words", "secret", "kind"), TYPED)
def test_a_secret_is_found_inside_a_longer_message(words: str, secret: str, kind: str) -> None:
    for before, after in (("I am stuck. ", " What now?"), ("我卡住了，", "，怎么办"), ("line one\n", "\nline three")):
        masked, kinds = mask(before + words + after)
        assert secret not in masked, masked
        assert kind in kinds


def test_no_text_keeps_the_machine_busy() -> None:
    pieces = ("password ", "is ", "密码", "1", "a", "A1a", " ", "-", "AKID", "code ", "SecretKey", "'", ":", "\u200b")
    worst = [piece * (2000 // len(piece)) for piece in pieces]
    chance = random.Random(7)
    worst += ["".join(chance.choices(pieces, k=600)) for _ in range(30)]
    for text in worst:
        start = time.perf_counter()
        mask(text[:2000])
        assert time.perf_counter() - start < 0.5, text[:60]
