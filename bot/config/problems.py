"""What is wrong with the settings, all of it at once, in words that say which variable and where to find its value.

A value that was given is never repeated here: it may be a secret, or a secret in the wrong place.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from msgspec import Struct
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.config.table import BY_PATH, FIND

WORDS = {
    "int_parsing": "it is not a number",
    "int_type": "it is not a number",
    "string_type": "it is not a text",
    "tuple_type": "it is not a list",
    "list_type": "it is not a list",
    "dict_type": "it is not a [section]",
    "model_type": "it is not a [section]",
    "model_attributes_type": "it is not a [section]",
    "missing": "it is missing",
    "too_short": "there are too few",
    "too_long": "there are too many",
}


class Problem(Struct, frozen=True):
    """`name` is how the operator gave it, or would ("" is the file as a whole); `find` is where to find its value."""

    name: str
    what: str
    find: str = ""

    def __str__(self) -> str:
        return f"{self.name or 'The settings file'}: {self.what}." + (f"\n    → {self.find}" if self.find else "")


class BadConfig(Exception):
    """The settings cannot be used. Holds every problem, and no secret."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def problems_of(error: ValidationError, known: Sequence[str]) -> list[Problem]:
    """In the words of the operator. `known` are all the keys that offboard.toml may have, as paths."""
    found = [_problem(one, known) for one in error.errors(include_url=False, include_input=False)]
    return list(dict.fromkeys(found))


def _problem(error: ErrorDetails, known: Sequence[str]) -> Problem:
    place = error["loc"]
    path = ".".join(str(part) for part in place if not isinstance(part, int))
    shown = _shown(place)
    if error["type"] == "extra_forbidden":
        return Problem(shown, f"there is no such setting{_meant(path, known)}")
    what = WORDS.get(error["type"], error["msg"]).removeprefix("Value error, ").rstrip(".")
    variable = BY_PATH.get(path)
    if variable is not None:
        return Problem(f"{variable.env} ({path})", what, variable.find)
    return Problem(shown, what, _find(path))


def _shown(place: Sequence[int | str]) -> str:
    """`person 2: slack`, `calendar.country`."""
    text = ""
    for part in place:
        text += f" {part + 1}" if isinstance(part, int) else f"{'.' if text else ''}{part}"
    return text


def _find(path: str) -> str:
    while path and path not in FIND:
        path = path.rpartition(".")[0]
    return FIND.get(path, "")


def _meant(path: str, known: Sequence[str]) -> str:
    """ ", did you mean …": a key of the same section that is written much like it, or the same key where it belongs."""
    section, _, key = path.rpartition(".")
    leaf = {one.rpartition(".")[2]: one for one in known}
    beside = [one.rpartition(".")[2] for one in known if one.rpartition(".")[0] == section]
    if key not in leaf and (close := get_close_matches(key, beside, n=1, cutoff=0.6)):
        return f", did you mean {close[0]}"
    if close := get_close_matches(key, list(leaf), n=1, cutoff=0.75):
        there = leaf[close[0]]
        above = "" if "." in there else " at the top of the file, above the first [section]"
        return f", did you mean {there}{above}"
    return ""
