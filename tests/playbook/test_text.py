"""A text of a card, taken apart: marks, what cannot be seen, and where it may be cut."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.playbook.card import mention
from bot.playbook.text import WORDS, Run, clean, flat, named, packed, portions, runs, shortened
from tests.fixtures.cards.hostile import texts

LIN = "wecom:lin"


def test_the_four_marks_are_read() -> None:
    assert runs(f"点**同意**，看`AKID`和[页面](https://a.example/b)，问{mention(LIN)}。") == [
        Run("text", "点"),
        Run("text", "同意", strong=True),
        Run("text", "，看"),
        Run("code", "AKID"),
        Run("text", "和"),
        Run("link", "页面", "https://a.example/b"),
        Run("text", "，问"),
        Run("mention", LIN),
        Run("text", "。"),
    ]


@pytest.mark.parametrize("text", ["2 ** 3", "a ` b", "[label](http://a.example)", "[a]", "(https://a.example)"])
def test_a_mark_that_does_not_close_is_text(text: str) -> None:
    assert [run.kind for run in runs(text)] == ["text"] * len(runs(text))
    assert flat(text, {}, "en") == text


def test_marks_inside_a_code_are_taken_literally() -> None:
    assert runs("`**a**`") == [Run("code", "**a**")]


def test_strong_may_hold_a_person_and_a_link() -> None:
    assert [run.strong for run in runs(f"**{mention(LIN)} [x](https://a.example)** y")] == [True, True, True, False]


def test_what_cannot_be_seen_is_taken_out() -> None:
    assert clean("a\u202eb\u200bc\x00d\u2066e\ufefff") == "abcdef"
    assert clean("\ud800") == "\ufffd"
    assert clean("a\r\nb\u2028c\td") == "a\nb\nc d"


def test_joiners_stay_where_emoji_need_them() -> None:
    assert clean("👩‍👧") == "👩‍👧"


def test_somebody_without_a_name_is_called_by_a_neutral_word() -> None:
    assert flat(mention(LIN), {}, "zh-CN") == "同事"
    assert flat(mention(LIN), {LIN: " \u200b"}, "en") == "a colleague"


def test_a_name_can_hold_no_mark_and_no_line() -> None:
    assert flat(mention(LIN), {LIN: "**林**\n`薇`"}, "en") == "∗∗林∗∗ ˋ薇ˋ"  # noqa: RUF001 - lookalikes are the point


def test_a_chinese_name_has_no_spaces_around_it_in_a_chinese_sentence() -> None:
    assert flat(f"与 {mention(LIN)} 约时间", {LIN: "林薇"}, "zh-CN") == "与林薇约时间"
    assert flat(f"与 {mention(LIN)} 约时间", {LIN: "Lin"}, "zh-CN") == "与 Lin 约时间"
    assert flat(f"ask {mention(LIN)} now", {LIN: "林薇"}, "en") == "ask 林薇 now"


def test_a_shortened_text_says_so_and_ends_with_a_whole_word() -> None:
    assert shortened("Which root account is handed over?", 26) == "Which root account is…"
    assert shortened("账号现在还绑着哪些个人信息", 6) == "账号现在还…"
    assert shortened("abc", 3) == "abc"


def test_nothing_is_cut_inside_what_is_seen_as_one_character() -> None:
    assert shortened("ab👩‍👧cd", 5) == "ab…"
    assert shortened("abe\u0301fgh", 4) == "ab…"


@settings(derandomize=True, max_examples=60, deadline=None)
@given(texts, st.integers(40, 200))
def test_portions_lose_nothing_and_are_never_too_long(text: str, most: int) -> None:
    def size(line: object) -> int:
        assert isinstance(line, list)
        return sum(len(run.text) + 4 for run in line)

    line = named(runs(text), {}, "en")
    found = list(portions(line, most, size))
    assert all(size(portion) <= most for portion in found)
    assert "".join(run.text for portion in found for run in portion) == "".join(run.text for run in line)


def test_a_long_line_is_cut_at_the_end_of_a_sentence() -> None:
    line = runs("一句话。" * 10)
    found = [
        run.text for portion in portions(line, 14, lambda now: sum(len(run.text) for run in now)) for run in portion
    ]
    assert found == ["一句话。一句话。一句话。"] * 3 + ["一句话。"]


def test_lines_are_packed_up_to_the_limit() -> None:
    assert list(packed(["aa", "bb", "cccc", "d"], 5)) == ["aa\nbb", "cccc", "d"]


def test_both_languages_have_the_same_words() -> None:
    assert WORDS["en"].keys() == WORDS["zh-CN"].keys()
