"""One word for one thing, in both languages, in the playbooks and in the bot's own sentences."""

from __future__ import annotations

import pytest

from bot.playbook.copy import LANGUAGES, load
from bot.playbook.glossary import glossary, languages_mean_the_same, strangers, words_are_the_glossarys
from bot.playbook.model import Playbook, StepSpec, StepWords, Words


def told(en: str, zh: str, part: str = "why") -> Playbook:
    """One step whose part says this in each language."""
    return Playbook(
        name="a/b",
        steps=(StepSpec("one"),),
        words={
            "en": Words("A", steps={"one": StepWords("Do it", {part: en})}),
            "zh-CN": Words("甲", steps={"one": StepWords("办理", {part: zh})}),
        },
    )


@pytest.mark.parametrize(
    ("en", "zh", "said"),
    [
        ("Log in once.", "登录一次。", "The glossary does not say “log in”. Write “sign in”."),
        ("Sign in once.", "登陆一次。", "The glossary does not say “登陆”. Write “登录”."),
        ("Hand over the account.", "移交账户。", "The glossary does not say “移交”. Write “交接”."),
        (
            "The master account is yours.",
            "主账号归您。",
            "The glossary does not say “master account”. Write “root account”.",
        ),
    ],
)
def test_a_word_that_the_glossary_does_not_use_is_refused_with_the_one_it_does(en: str, zh: str, said: str) -> None:
    found = [f"{one.what} {one.mend}" for one in words_are_the_glossarys(told(en, zh))]
    assert said in found


def test_a_part_of_a_word_is_not_that_word() -> None:
    assert list(strangers("A catalog index is a blog into itself.", "en")) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_bots_own_sentences_keep_to_the_glossary(language: str) -> None:
    copy = load(language)
    found = [
        (key, word)
        for key in sorted(copy.known())
        for sentence in copy.sentences(key)
        for word, _ in strangers(sentence, language)
    ]
    assert found == []


def test_no_word_is_both_used_and_refused() -> None:
    for language in LANGUAGES:
        for id, term in glossary().terms.items():
            assert list(strangers(term.word(language), language)) == [], id


@pytest.mark.parametrize(
    ("en", "zh", "part", "said"),
    [
        (
            "See [it](https://a.example/1).",
            "看[这里](https://a.example/2)。",
            "why",
            "`https://a.example/1`, `https://a.example/2`",
        ),
        ("It takes 48 hours.", "需要 24 小时。", "why", "The number `24`, `48` stands in one language alone."),
        ("Type `AKID`.", "填写密钥。", "why", "The code `AKID`"),
        ("Open it.\nClose it.", "打开再关上。", "how", "`how` has 1 lines here and 2 in en."),
    ],
)
def test_what_carries_the_meaning_is_the_same_in_both_languages(en: str, zh: str, part: str, said: str) -> None:
    assert [said in one.what for one in languages_mean_the_same(told(en, zh, part))] == [True]


def test_words_are_free_where_the_meaning_is_the_same() -> None:
    same = told("Within 3 days, see [it](https://a.example/1).", "3 天之内请看[这里](https://a.example/1)。")
    assert list(languages_mean_the_same(same)) == []
