"""One word for one thing: the linter's rules that hold the copy to the glossary, and both languages to each other.

The glossary is content (conversations/_shared/glossary.yaml), so whoever owns the words can mend it.

WHAT BOTH LANGUAGES HAVE TO SHARE, part by part: the addresses that a part links to, the numbers that it says in digits,
what it quotes as code, and how many lines `how` has. These carry the meaning; all else is written from the intent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from itertools import combinations

import msgspec
import yaml
from msgspec import Struct

from bot.playbook.card import LINK
from bot.playbook.manners import ADDRESS
from bot.playbook.model import Playbook
from bot.playbook.problem import Finding, brief
from bot.playbook.wording import STEPS_OF_HOW, prose, texts


class Term(Struct, frozen=True, forbid_unknown_fields=True):
    """What one thing is called. `never`: by language, words that mean the same and are not used."""

    en: str
    zh: str = msgspec.field(name="zh-CN")
    never: dict[str, tuple[str, ...]] = {}

    def word(self, language: str) -> str:
        return self.zh if language == "zh-CN" else self.en


class Glossary(Struct, frozen=True, forbid_unknown_fields=True):
    terms: dict[str, Term]


@lru_cache
def glossary() -> Glossary:
    text = files("conversations").joinpath("_shared/glossary.yaml").read_text(encoding="utf-8")
    return msgspec.convert(yaml.safe_load(text), Glossary)


@lru_cache
def _never(language: str) -> tuple[tuple[re.Pattern[str], str, str], ...]:
    """Each word that is not used: how to find it, the word, and what is written instead."""
    return tuple(
        (
            re.compile(re.escape(word) if language == "zh-CN" else rf"\b{re.escape(word)}\b", re.IGNORECASE),
            word,
            instead,
        )
        for term in glossary().terms.values()
        for word in term.never.get(language, ())
        for instead in (term.word(language),)
    )


def strangers(text: str, language: str) -> Iterator[tuple[str, str]]:
    """Words in a text that the glossary does not use, each with the word that it does."""
    for pattern, word, instead in _never(language):
        if pattern.search(text):
            yield word, instead


def words_are_the_glossarys(playbook: Playbook) -> Iterator[Finding]:
    for language, at, text in texts(playbook):
        for word, instead in strangers(text, language):
            yield Finding(at, f"The glossary does not say “{word}”.", f"Write “{instead}”.")


NUMBER = re.compile(r"\d+")
CODE = re.compile(r"`([^`\n]+)`")
HOLE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


def _links(text: str) -> set[str]:
    return {link[2] for link in LINK.finditer(text)}


def _numbers(text: str) -> set[str]:
    return set(NUMBER.findall(CODE.sub(" ", LINK.sub(r"\1", HOLE.sub(" ", text)))))


def _codes(text: str) -> set[str]:
    """What is quoted, but for words that are typed to the bot: those are each language's own."""
    return {code for code in CODE.findall(text) if any(sign.isdigit() or sign.isupper() for sign in code)}


def languages_mean_the_same(playbook: Playbook) -> Iterator[Finding]:
    """The marks of meaning are the same in every language."""
    for one, other in combinations(sorted(playbook.words), 2):
        for id, told in playbook.words[one].steps.items():
            twin = playbook.words[other].steps.get(id)
            if twin is None:
                continue
            left, right = prose(told), prose(twin)
            for part in sorted(left.keys() & right.keys()):
                at = f"words.{other}.steps.{id}.{part}"
                yield from _differ(at, left[part], right[part])
                if part == "how":
                    yield from _longer(at, left[part], right[part], one)


def _differ(at: str, left: str, right: str) -> Iterator[Finding]:
    for kind, marks in (("address", _links), ("number", _numbers), ("code", _codes)):
        if kind == "address" and not (_linked_well(left) and _linked_well(right)):
            continue  # another rule tells it
        if odd := marks(left) ^ marks(right):
            said = ", ".join(f"`{brief(mark)}`" for mark in sorted(odd))
            yield Finding(at, f"The {kind} {said} stands in one language alone.", "Say it in both.")


def _linked_well(text: str) -> bool:
    return all("@" not in address and LINK.fullmatch(address) for address in ADDRESS.findall(text))


def _longer(at: str, left: str, right: str, one: str) -> Iterator[Finding]:
    lines = [len(text.strip().split("\n")) for text in (left, right)]
    if lines[0] != lines[1] and max(lines) <= STEPS_OF_HOW:
        yield Finding(at, f"`how` has {lines[1]} lines here and {lines[0]} in {one}.", "Give both the same steps.")
