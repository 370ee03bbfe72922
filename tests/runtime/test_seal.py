"""Keys and sealed words: what opens them, what does not, and what is left when a key is dropped."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.case import Sealed
from bot.runtime.seal import (
    KeyUnusable,
    Seals,
    check_tag,
    master_beside,
    master_from,
    new_case_key,
    seal,
    tag,
    unseal,
    unwrap,
    wrap,
)

MASTER = master_from("correct horse battery staple")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_for_a_case_is_read_again_with_its_key(text: str) -> None:
    key = new_case_key()
    assert unseal(key, "OFB-7", seal(key, "OFB-7", text)) == text


def test_a_box_is_ascii_and_shows_nothing_of_the_words() -> None:
    sealed = seal(new_case_key(), "OFB-7", "我的手机号是 13800000000")
    assert sealed.box.isascii()
    assert "13800000000" not in sealed.box


def test_the_same_words_never_give_the_same_box() -> None:
    key = new_case_key()
    assert seal(key, "OFB-7", "yes") != seal(key, "OFB-7", "yes")


def test_a_lone_surrogate_is_replaced_and_stops_nothing() -> None:
    key = new_case_key()
    assert unseal(key, "OFB-7", seal(key, "OFB-7", "a\ud800b")) == "a?b"


def test_words_are_gone_when_their_key_was_dropped() -> None:
    assert unseal(None, "OFB-7", seal(new_case_key(), "OFB-7", "hello")) is None


def test_words_do_not_open_with_the_key_of_another_case() -> None:
    assert unseal(new_case_key(), "OFB-7", seal(new_case_key(), "OFB-7", "hello")) is None


def test_words_that_were_copied_to_another_case_do_not_open_there() -> None:
    key = new_case_key()
    assert unseal(key, "OFB-8", seal(key, "OFB-7", "hello")) is None


@pytest.mark.parametrize("box", ["", "x", "AAAA", "not base64!", "密", "\ud800", "A" * 400])
def test_a_box_that_was_bent_does_not_open_and_does_not_raise(box: str) -> None:
    assert unseal(new_case_key(), "OFB-7", Sealed(box)) is None


def test_changing_any_character_of_a_box_closes_it_for_ever() -> None:
    key = new_case_key()
    box = seal(key, "OFB-7", "hello").box
    for place, character in enumerate(box.rstrip("=")[:-1]):
        bent = box[:place] + ("A" if character != "A" else "B") + box[place + 1 :]
        assert unseal(key, "OFB-7", Sealed(bent)) is None


def test_a_case_key_opens_only_under_its_own_master_and_for_its_own_case() -> None:
    key = new_case_key()
    wrapped = wrap(MASTER, "OFB-7", key)
    assert key not in wrapped
    assert unwrap(MASTER, "OFB-7", wrapped) == key
    assert unwrap(MASTER, "OFB-8", wrapped) is None
    assert unwrap(master_from("another"), "OFB-7", wrapped) is None
    assert unwrap(MASTER, "OFB-7", b"") is None
    assert unwrap(MASTER, "OFB-7", None) is None


def test_sealed_words_are_no_wrapped_key_even_under_the_same_key() -> None:
    """A key and words are bound to what they are, so that one cannot be passed off as the other."""
    assert unseal(MASTER, "OFB-7", Sealed(wrap(MASTER, "OFB-7", new_case_key()).hex())) is None


def test_seals_work_with_the_keys_as_the_store_keeps_them() -> None:
    seals = Seals(MASTER)
    wrapped = seals.new_key("OFB-7")
    sealed = seals.seal(wrapped, "OFB-7", "hello")
    assert seals.unseal(wrapped, "OFB-7", sealed) == "hello"
    assert seals.unseal(None, "OFB-7", sealed) is None
    assert Seals(master_from("another")).unseal(wrapped, "OFB-7", sealed) is None


@pytest.mark.parametrize("wrapped", [None, b"", b"x" * 60])
def test_nothing_is_sealed_without_a_key_that_fits(wrapped: bytes | None) -> None:
    with pytest.raises(KeyUnusable, match="OFB-7 has no key that fits"):
        Seals(MASTER).seal(wrapped, "OFB-7", "hello")


# ------------------------------------------------------------------------------------------ tags


@given(st.lists(st.text(), max_size=5))
def test_a_tag_is_twelve_characters_that_every_platform_takes(parts: list[str]) -> None:
    assert re.fullmatch(r"[0-9A-Za-z_-]{12}", tag(MASTER, *parts))
    assert check_tag(MASTER, tag(MASTER, *parts), *parts)


@given(st.lists(st.text(max_size=3), max_size=4), st.lists(st.text(max_size=3), max_size=4))
def test_other_parts_give_another_tag_even_when_they_read_the_same_together(one: list[str], two: list[str]) -> None:
    assert check_tag(MASTER, tag(MASTER, *one), *two) == (one == two)


def test_a_tag_of_another_master_key_does_not_fit() -> None:
    assert not check_tag(master_from("another"), tag(MASTER, "OFB-7", "3"), "OFB-7", "3")


@pytest.mark.parametrize("given", ["", "A" * 12, "A" * 5000, "标签", "\ud800"])
def test_a_forged_tag_does_not_fit_and_does_not_raise(given: str) -> None:
    assert not check_tag(MASTER, given, "OFB-7", "3")


def test_the_tag_of_a_button_that_is_out_stays_valid_in_later_versions() -> None:
    """Buttons live for weeks: a change to how tags are made would make every one of them refuse."""
    assert tag(master_from("a secret"), "OFB-7", "3", "2", "confirm") == "gzoznMWUijdn"


# ------------------------------------------------------------------------------------------ the master key


def test_the_same_secret_gives_the_same_key_whatever_its_length() -> None:
    keys = {master_from(secret) for secret in ("a", "a" * 10_000, "密码")}
    assert len(keys) == 3
    assert {len(key) for key in keys} == {32}
    assert master_from("a\n") == master_from("a"), "a secret that was read from a file may end in a line break"


@pytest.mark.parametrize("secret", ["", "  \n"])
def test_an_empty_secret_is_refused(secret: str) -> None:
    with pytest.raises(KeyUnusable, match="empty"):
        master_from(secret)


def test_a_key_is_made_once_and_kept_beside_the_database_for_its_owner_alone(tmp_path: Path) -> None:
    made = master_beside(tmp_path / "offboard.db")
    kept = tmp_path / "offboard.db.key"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert master_beside(tmp_path / "offboard.db") == made
    assert master_beside(tmp_path / "other.db") != made


def test_a_key_that_others_can_read_is_refused_and_says_how_to_close_it(tmp_path: Path) -> None:
    master_beside(tmp_path / "a.db")
    (tmp_path / "a.db.key").chmod(0o644)
    with pytest.raises(KeyUnusable, match="chmod 600"):
        master_beside(tmp_path / "a.db")


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 44, b"A" * 300])
def test_a_damaged_key_is_refused_and_never_replaced(tmp_path: Path, content: bytes) -> None:
    kept = tmp_path / "a.db.key"
    kept.write_bytes(content)
    kept.chmod(0o600)
    with pytest.raises(KeyUnusable, match="damaged"):
        master_beside(tmp_path / "a.db")
    assert kept.read_bytes() == content


def test_a_key_that_can_be_neither_read_nor_made_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(KeyUnusable, match="neither read nor made"):
        master_beside(tmp_path / "missing" / "a.db")
