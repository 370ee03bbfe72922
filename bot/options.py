"""What every command has in common: its options, its example, how it prints and how it fails.

Exit: 0 ok, 1 found a problem, 2 usage, 78 configuration.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from bot.ports import Reads

CONFIGURATION = 78
CONFIG_FILE = "offboard.toml"
DATABASE = "offboard.db"


def _configured() -> str:
    """The database that `offboard run` would serve in this folder. What is wrong with the file is for `run` to say."""
    import tomllib

    try:
        with open(CONFIG_FILE, "rb") as file:
            given = tomllib.load(file).get("database")
    except (OSError, ValueError):
        given = None
    return given if isinstance(given, str) and given else DATABASE


database = click.option(
    "--db",
    "path",
    envvar="OFFBOARD_DATABASE",
    default=_configured,
    show_default=f"that of {CONFIG_FILE}, else {DATABASE}",
    type=click.Path(dir_okay=False),
    help="The database (also OFFBOARD_DATABASE).",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
LANGUAGE = click.Choice(["en", "zh-CN"])


def example(*lines: str) -> str:
    """The example at the end of a help text, kept as it is."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def fail(text: str, code: int = 1) -> None:
    """Say what happened and what to do, and stop."""
    click.echo(text, err=True)
    raise SystemExit(code)


@contextmanager
def mended() -> Iterator[None]:
    """Errors that the operator can mend, as one line."""
    from bot.errors import PortError

    try:
        yield
    except PortError as error:
        fail(str(error))


@contextmanager
def looking(path: str) -> Iterator[Reads]:
    """The database, to look only: beside a running bot, or a copy."""
    from bot.store.beside import SqliteReads

    with mended(), SqliteReads.open(path) as reads:
        yield reads


def out(data: Any) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2, default=str))
