"""What is wrong with a playbook, said to the person who wrote it: where, what, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from msgspec import Struct


class Problem(Struct, frozen=True, omit_defaults=True):
    """One thing to mend. `line` counts from 1; 0 means the file as a whole. `step` is "" outside of steps."""

    file: str
    line: int
    step: str
    what: str
    mend: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return (
            ": ".join(part for part in (place, self.step and f"step {self.step}", self.what) if part) + f" {self.mend}"
        )


def in_order(problem: Problem) -> tuple[bool, str, int]:
    """The order in which an author mends: the structure first, then the words, each from top to bottom."""
    return ("/" in problem.file, problem.file, problem.line)


class PlaybookError(Exception):
    """The files are not a playbook. `problems` holds everything that was found, in the order of the files."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def quoted(words: Iterable[str]) -> str:
    """`a`, `b` or `c`: the choices, as a sentence shows them."""
    named = [f"`{word}`" for word in words]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} or {named[-1]}" if named else "nothing"


def nearest(word: str, known: Iterable[str]) -> str:
    """How to mend a word that is not known: the nearest one that is, else all of them."""
    choices = sorted(known)
    close = get_close_matches(word[:40], choices, n=1)
    if close:
        return f"Did you mean `{close[0]}`?"
    return f"Use {quoted(choices)}." if choices else "Take it out."


def brief(text: str) -> str:
    """A word from a file as a message may show it: short, on one line, nothing that a terminal would obey."""
    shown = printable(text[:41])
    return shown if len(shown) < 41 else shown[:40] + "…"


def printable(text: str) -> str:
    """The text with a mark in place of whatever cannot be seen."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


class Finding(Struct, frozen=True, omit_defaults=True):
    """What a rule of the linter finds, before it is known where it stands.

    `at` is a dotted name such as `steps.bind_successor.needs` or `words.en.steps.bind_successor.why`.
    """

    at: str
    what: str
    mend: str
