"""The bot's own sentences (conversations/_shared), compiled once per language.

A key that is missing, a variable that is missing, or a sentence that does not compile stops the program at its start,
never a conversation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import yaml
from babel.dates import format_date, format_datetime
from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

LANGUAGES = ("en", "zh-CN")
_ENDS = ".!?。！？…"
ENVIRONMENT = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined,
    autoescape=False,
    keep_trailing_newline=False,
)


@lru_cache(maxsize=4096)
def compiled(source: str) -> Template:
    """A template from its source; the same source is compiled once."""
    return ENVIRONMENT.from_string(source)


class Copy:
    """Sentences of one language, by dotted key: `copy("step.claimed", when=…, who=…)`."""

    def __init__(self, language: str, tree: Mapping[str, object]) -> None:
        self.language = language
        self._leaves = dict(_leaves(tree))

    def __call__(self, key: str, **values: object) -> str:
        leaf = self._leaves[key]
        assert isinstance(leaf, str), key
        return compiled(leaf).render(**values) if "{" in leaf else leaf

    def lines(self, key: str, **values: object) -> tuple[str, ...]:
        """A key that holds several sentences."""
        leaf = self._leaves[key]
        assert isinstance(leaf, list), key
        return tuple(compiled(str(line)).render(**values) for line in leaf)

    def sentences(self, key: str) -> tuple[str, ...]:
        """What stands under a key, as it is written: its variables are not filled in."""
        leaf = self._leaves[key]
        return tuple(map(str, leaf)) if isinstance(leaf, list) else (str(leaf),)

    def has(self, key: str) -> bool:
        return key in self._leaves

    def known(self) -> frozenset[str]:
        """Every key."""
        return frozenset(self._leaves)

    def listed(self, words: Sequence[str]) -> str:
        """Several words as a list in a sentence: "a, b and c"; "a、b和c"."""
        if self.language == "zh-CN":
            return "、".join(words)
        return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else list(words))

    def either(self, words: Sequence[str]) -> str:
        """Several things that can be written, one or the other: "a, b, c"; "a、b、c"."""
        return ("、" if self.language == "zh-CN" else ", ").join(words)

    def together(self, *sentences: str) -> str:
        """Sentences one after another, each with its mark at the end; Chinese puts no space between them."""
        stop, between = ("。", "") if self.language == "zh-CN" else (".", " ")
        return between.join(said if said[-1] in _ENDS else said + stop for said in sentences if said)

    def headed(self, head: str, text: str) -> str:
        """What something is, then what is said of it: "Last day: Fri 4 Dec"; "最后工作日：12月4日"."""
        return f"{head}{'：' if self.language == 'zh-CN' else ': '}{text}"

    def beside(self, rows: Sequence[tuple[str, str]]) -> str:
        """Rows as one line, each with what stands beside it: "a (b); c (d)"; "a（b）；c（d）"."""
        if self.language == "zh-CN":
            return "；".join(f"{text}（{more}）" if more else text for text, more in rows)
        return "; ".join(f"{text} ({more})" if more else text for text, more in rows)

    def day(self, day: date | None) -> str:
        """Fri 4 Dec 2026; 2026年12月4日（周五）. "" for none."""
        return "" if day is None else format_date(day, _DAY[self.language], _LOCALE[self.language])

    def moment(self, at: datetime | None, zone: str) -> str:
        """A moment in the reader's zone: Tue 24 Nov, 10:05; 11月24日 10:05."""
        if at is None:
            return ""
        return format_datetime(at, _MOMENT[self.language], tzinfo=ZoneInfo(zone), locale=_LOCALE[self.language])


_LOCALE = {"en": "en_GB", "zh-CN": "zh_CN"}
_DAY = {"en": "EEE d MMM y", "zh-CN": "y年M月d日（EEE）"}
_MOMENT = {"en": "EEE d MMM, HH:mm", "zh-CN": "M月d日 HH:mm"}


def _leaves(tree: Mapping[str, object], before: str = "") -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for key, value in tree.items():
        if isinstance(value, Mapping):
            found += _leaves(value, f"{before}{key}.")
        else:
            found.append((f"{before}{key}", value))
    return found


@lru_cache
def load(language: str) -> Copy:
    """The sentences of one language, each compiled."""
    text = files("conversations").joinpath(f"_shared/{language}.yaml").read_text(encoding="utf-8")
    copy = Copy(language, yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))  # noqa: S506
    for key in copy.known():
        for sentence in copy.sentences(key):
            compiled(sentence)
    return copy


def copies() -> dict[str, Copy]:
    return {language: load(language) for language in LANGUAGES}
