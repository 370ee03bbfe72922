"""Where settings come from: the environment, files that it names, and offboard.toml.

What cannot be read becomes an `Unread` in its place, so that it is reported together with everything else.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from bot.config.table import PROCESS, VARIABLES, Variable

SMALL = 64 * 1024
"""Bytes: no secret and no settings file is larger."""


class Unread:
    """A value that was given, and could not be read."""

    def __init__(self, why: str) -> None:
        self.why = why


class _Source(PydanticBaseSettingsSource):
    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return None, field_name, False  # everything comes at once, from `__call__`


class Environment(_Source):
    """An empty variable counts as none: that is how compose files leave one out."""

    def __init__(self, settings: type[BaseSettings], environ: Mapping[str, str]) -> None:
        super().__init__(settings)
        self._environ = environ

    def __call__(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for variable in VARIABLES:
            value = self._value(variable)
            if value is None:
                continue
            section, _, key = variable.path.rpartition(".")
            (found.setdefault(section, {}) if section else found)[key] = value
        return found

    def _value(self, variable: Variable) -> Any:
        plain = self._environ.get(variable.env, "").strip()
        path = self._environ.get(f"{variable.env}_FILE", "").strip()
        if plain and path:
            return Unread(f"both {variable.env} and {variable.env}_FILE are set: leave one away")
        read = _text(path, variable) if path else plain
        if isinstance(read, Unread) or not variable.many:
            return read or None
        return tuple(part.strip() for part in read.split(",") if part.strip()) or None


def _text(path: str, variable: Variable) -> str | Unread:
    try:
        with Path(path).open("rb") as file:
            text = file.read(SMALL).decode().strip()
    except OSError as error:
        return Unread(f"the file that {variable.env}_FILE names cannot be read ({error.strerror})")
    except (UnicodeDecodeError, ValueError):
        return Unread(f"the file that {variable.env}_FILE names is no text")
    return text or Unread(f"the file that {variable.env}_FILE names is empty")


class TomlFile(_Source):
    def __init__(self, settings: type[BaseSettings], path: Path | None) -> None:
        super().__init__(settings)
        self._path = path

    def __call__(self) -> dict[str, Any]:
        if self._path is None:
            return {}
        try:
            with self._path.open("rb") as file:
                return tomllib.loads(file.read(16 * SMALL).decode("utf-8-sig"))
        except OSError as error:
            return {"": Unread(f"{self._path} cannot be read ({error.strerror})")}
        except UnicodeDecodeError:
            return {"": Unread(f"{self._path} is not UTF-8 text")}
        except tomllib.TOMLDecodeError as error:
            where = _where(str(error))
            return {"": Unread(f"{self._path} is not TOML{where}: look at the quotes, brackets and equal signs there")}


def _where(said: str) -> str:
    """The line of the mistake. The rest of what the reader says may quote the file, and that may hold a secret."""
    _, _, place = said.rpartition("(at ")
    return f" (at {place}" if place.endswith(")") else ""


def strangers(environ: Mapping[str, str]) -> Iterator[str]:
    """Variables that begin like ours and mean nothing: most likely misspelt."""
    ours = {variable.env for variable in VARIABLES} | PROCESS
    for name in sorted(environ):
        if name.startswith("OFFBOARD_") and name not in ours and name.removesuffix("_FILE") not in ours:
            yield name
