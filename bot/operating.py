"""The operator's commands: serve, set up, examine, keep a copy."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.options import CONFIG_FILE, CONFIGURATION, as_json, database, example, fail, looking, mended, out

if TYPE_CHECKING:
    from bot.examining import Part

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


def _file(named: str | None) -> Path | None:
    """The settings file: the one that is named, else the one in this folder, if there is one."""
    return Path(named) if named else Path(CONFIG_FILE) if Path(CONFIG_FILE).exists() else None


@click.command(epilog=example("offboard run", "OFFBOARD_LISTEN=0.0.0.0:8400 offboard run --config /etc/offboard.toml"))
@config
def run(file: str | None) -> None:
    """Serve every configured platform until SIGTERM or Ctrl-C."""
    with mended(), configured():
        from bot.config import read
        from bot.live import run

        run(read(_file(file), os.environ))


@click.command(epilog=example("offboard init", "offboard init --slack --public-url https://bot.example.com"))
@click.option("--slack", is_flag=True, help="Print only what Slack wants.")
@click.option("--wecom", is_flag=True, help="Print only what WeCom wants.")
@click.option("--folder", default=".", type=click.Path(file_okay=False), help="Where to write offboard.toml.")
@click.option("--public-url", envvar="OFFBOARD_PUBLIC_URL", default="", help="How the platforms will reach the bot.")
def init(slack: bool, wecom: bool, folder: str, public_url: str) -> None:
    """Write a settings file that explains itself, and print what to paste into Slack and WeCom."""
    from bot.app import DEPARTURE_PLAYBOOKS
    from bot.beginning import Begun
    from bot.slack.manifest import manifest

    url = public_url.rstrip("/")
    begun = Begun(url, DEPARTURE_PLAYBOOKS)
    with mended():
        path = begun.write(Path(folder))
    click.echo(f"Wrote {path}. Every setting is in it, with what it means; take the # from those you set.\n")
    if slack or not wecom:
        click.echo(begun.slack(manifest(begun.public_url, socket=not url)) + "\n")
    if wecom or not slack:
        click.echo(begun.wecom() + "\n")
    click.echo("Then: offboard doctor, and offboard run.")


@click.command(epilog=example("offboard doctor", "offboard doctor --slack --json"))
@config
@click.option("--slack", is_flag=True, help="Of the platforms, ask Slack only.")
@click.option("--wecom", is_flag=True, help="Of the platforms, ask WeCom only.")
@as_json
def doctor(file: str | None, slack: bool, wecom: bool, as_json: bool) -> None:
    """What is configured, reachable and permitted; each thing that is not, with its mend. Exit 1 when something is not,
    78 when the settings cannot be read."""
    import asyncio

    from bot.examining import general, platforms, settings_part
    from bot.runtime.clocks import RealClock

    settings, first = settings_part(_file(file), os.environ)
    parts = [first]
    if settings is not None:
        parts += general(settings, RealClock())
        wanted = tuple(name for name, asked in (("slack", slack), ("wecom", wecom)) if asked)
        parts += asyncio.run(platforms(settings, wanted, RealClock()))
    found = [(part.name, finding) for part in parts for finding in part.findings]
    if as_json:
        out([{"part": name, "ok": one.ok, "what": one.what, "mend": one.mend} for name, one in found])
    else:
        _told(parts)
    bad = any(one.ok is False for _, one in found)
    raise SystemExit(CONFIGURATION if settings is None else 1 if bad else 0)


MARKS = {True: "ok  ", False: "NO  ", None: "?   "}


def _told(parts: Sequence[Part]) -> None:
    for part in parts:
        click.echo(part.name)
        for finding in part.findings:
            click.echo(f"  {MARKS[finding.ok]} {finding.what}")
            if finding.mend and finding.ok is not True:
                click.echo(f"        → {finding.mend}")


@click.command(epilog=example("offboard backup /backup/offboard-$(date +%F).db"))
@click.argument("to", type=click.Path(dir_okay=False))
@database
@as_json
def backup(to: str, path: str, as_json: bool) -> None:
    """Copy the record to a new file, while the bot runs, and verify the copy. Exit 1 when the copy shows tampering.

    The key is not in it: keep that elsewhere.
    """
    from bot.reading import verify
    from bot.store.backup import backup

    with mended():
        backup(path, to)
    with looking(to) as reads:
        report = verify(reads)
    _checked(f"Copied {path} to {to}", {"to": to} | report, as_json)


@click.command(epilog=example("offboard restore /backup/offboard-2026-11-24.db --replace"))
@click.argument("source", metavar="FROM", type=click.Path(dir_okay=False))
@database
@click.option("--replace", is_flag=True, help="There is a database already: keep it under another name.")
@as_json
def restore(source: str, path: str, replace: bool, as_json: bool) -> None:
    """Put a backup in the place of the database, once it has been verified. Stop the bot first.

    What stood there is kept beside it. Exit 1 when the backup shows tampering; it is restored all the same.
    """
    from bot.reading import verify
    from bot.store.restore import restore

    with mended():
        _, kept = restore(source, path, replace=replace)
    with looking(path) as reads:
        report = verify(reads)
    aside = f"; what stood there is {kept}" if kept is not None else ""
    _checked(f"Restored {source} to {path}{aside}", {"to": path, "kept": str(kept or "")} | report, as_json)


def _checked(what: str, report: dict[str, Any], as_json: bool) -> None:
    """Say what was done, and what an audit of it finds."""
    if as_json:
        out(report)
    else:
        cases = "1 case" if report["cases"] == 1 else f"{report['cases']} cases"
        whole = "not whole" if report["broken"] else "whole"
        click.echo(f"{what}: {cases}, {report['facts']} facts, {whole}.")
        for row in report["broken"]:
            click.echo("{case} fact {number}: {what}".format_map(row))
    raise SystemExit(1 if report["broken"] else 0)
