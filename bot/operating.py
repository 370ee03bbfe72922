"""The operator's commands: serve, set up, examine, keep a copy."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.options import CONFIG_FILE, CONFIGURATION, example, fail, mended

if TYPE_CHECKING:
    from bot.config import Settings

config = click.option(
    "--config",
    "file",
    envvar="OFFBOARD_CONFIG",
    type=click.Path(dir_okay=False),
    help=f"The settings (also OFFBOARD_CONFIG).  [default: {CONFIG_FILE}, where there is one]",
)


@contextmanager
def configured() -> Iterator[None]:
    """What is wrong with the settings, all of it, and exit 78."""
    from bot.config import BadConfig

    try:
        yield
    except BadConfig as error:
        one = len(error.problems) == 1
        fail(
            f"{'One setting is' if one else f'{len(error.problems)} settings are'} not right.\n\n{error}", CONFIGURATION
        )


def settings_of(file: str | None) -> Settings:
    """From the environment and the file; the one in this folder when none is named. Raises BadConfig."""
    from bot.config import read

    path = Path(file) if file else Path(CONFIG_FILE) if Path(CONFIG_FILE).exists() else None
    return read(path, os.environ)


@click.command(epilog=example("offboard run", "OFFBOARD_LISTEN=0.0.0.0:8400 offboard run --config /etc/offboard.toml"))
@config
def run(file: str | None) -> None:
    """Serve every configured platform until SIGTERM or Ctrl-C."""
    with mended(), configured():
        settings = settings_of(file)
        from bot.live import run

        run(settings)
