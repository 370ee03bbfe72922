"""The commands. Each imports what it needs when it runs, so that `--help` costs next to nothing.

Exit: 0 ok, 1 found a problem, 2 usage, 78 configuration.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot import __version__
from bot.authoring import playbook
from bot.operating import backup, doctor, init, restore, run
from bot.options import CONFIGURATION, LANGUAGE, as_json, database, example, fail, looking, mended, out

if TYPE_CHECKING:
    from bot.runtime.seal import Seals


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="offboard %(version)s")
def main() -> None:
    """Walk a departing employee and their admins through a handover, step by step.

    Try it: offboard demo
    """


@main.command(
    epilog=example(
        "offboard demo",
        "offboard demo --look wecom --language zh-CN",
        "offboard demo --text --auto",
        "offboard demo --playbook office/key_cards --from playbooks",
    )
)
@click.option(
    "--port", default=8400, show_default=True, type=click.IntRange(0, 65535), help="Of the page; 0: any free."
)
@click.option("--look", type=click.Choice(["slack", "wecom"]), default="slack", show_default=True)
@click.option("--language", type=LANGUAGE, help="English, unless the demo spoke Chinese last.")
@click.option("--db", "path", type=click.Path(dir_okay=False), help="Keep the demo here. The page: offboard-demo.db")
@click.option("--text", is_flag=True, help="In this terminal, without a page.")
@click.option("--auto", is_flag=True, help="With --text: play a story to its end; the same bytes each time.")
@click.option("--story", default="", show_default="everything_goes_well, else the first", help="What --auto plays.")
@click.option("--playbook", default="", help="What /offboard begins, instead of the root account.")
@click.option("--from", "folder", type=click.Path(file_okay=False), help="A folder of your own playbooks, for it.")
def demo(**wanted: Any) -> None:
    """Play a whole handover with no account anywhere, in a browser. Nothing leaves this computer."""
    from bot.serving import demo

    with mended():
        if problem := demo(**wanted, out=sys.stdout, source=sys.stdin):
            fail(problem)


@main.group()
def case() -> None:
    """Look at cases, open or closed."""


@case.command("list", epilog=example("offboard case list --db demo.db"))
@database
@as_json
def case_list(path: str, as_json: bool) -> None:
    """Every case with its state, last day and headline."""
    from bot.reading import summaries

    with looking(path) as reads:
        found = summaries(reads)
    if as_json:
        out(found)
        return
    if not found:
        click.echo("There are no cases yet.")
    for row in found:
        click.echo("{case}  {status:<9} {leaver:<20} last day {last_day}  {headline}".format_map(row))


@case.command("show", epilog=example("offboard case show OFB-1 --db demo.db"))
@click.argument("ref")
@database
@as_json
def case_show(ref: str, path: str, as_json: bool) -> None:
    """One case: its steps, how each is known, by whom."""
    from bot.reading import details

    with looking(path) as reads:
        found = details(reads, ref.upper())
    if found is None:
        fail(f"There is no case {ref.upper()}. `offboard case list` shows those there are.")
    assert found is not None
    if as_json:
        out(found)
        return
    click.echo("{case}  {status}  {leaver}  last day {last_day}\n{headline}".format_map(found))
    for step in found["steps"]:
        click.echo("{number:>3}  {status:<11} {grade:<10} {title}  {by}".format_map(step).rstrip())


@case.command("log", epilog=example("offboard case log OFB-1 --db demo.db"))
@click.argument("ref")
@database
@as_json
def case_log(ref: str, path: str, as_json: bool) -> None:
    """Everything that happened in a case, in order."""
    from bot.reading import history, sentences

    with looking(path) as reads:
        found = history(reads, ref.upper(), _seals(path))
        lines = list(sentences(reads, ref.upper(), found))
    if not found:
        fail(f"There is no case {ref.upper()}. `offboard case list` shows those there are.")
    if as_json:
        out(found)
        return
    for line in lines:
        click.echo(line)


@case.command("card", epilog=example("offboard case card OFB-7", "offboard case card OFB-7 --language en > card.txt"))
@click.argument("ref")
@database
@click.option("--language", type=LANGUAGE, default="zh-CN", show_default=True)
@as_json
def case_card(ref: str, path: str, language: str, as_json: bool) -> None:
    """What was answered in private in a case, to print and lock away. Needs the key of the database."""
    from bot.reading import card

    seals = _seals(path)
    if seals is None:
        fail(f"The key that opens these answers is not here: set OFFBOARD_KEY, or put {path}.key back.", CONFIGURATION)
    assert seals is not None
    with looking(path) as reads:
        found = card(reads, ref.upper(), seals, language)
    if found is None:
        fail(f"There is no case {ref.upper()}. `offboard case list` shows those there are.")
    assert found is not None
    if as_json:
        out(found)
    elif not found:
        click.echo(f"Nothing was answered in private in {ref.upper()}.")
    else:
        click.echo(f"{ref.upper()}\n")
        for row in found:
            click.echo(f"{row['asked']}\n    {row['answer'] if row['answer'] is not None else '(cannot be opened)'}")
    raise SystemExit(0 if all(row["answer"] is not None for row in found) else 1)


def _seals(path: str) -> Seals | None:
    """The key that opens free text, when this machine has it. Never made here."""
    from bot.runtime.seal import KeyUnusable, Seals, master_beside, master_from

    try:
        if secret := os.environ.get("OFFBOARD_KEY"):
            return Seals(master_from(secret))
        return Seals(master_beside(path)) if Path(f"{path}.key").exists() else None
    except KeyUnusable as error:
        fail(str(error), CONFIGURATION)
        return None


@main.group()
def audit() -> None:
    """Prove that the log is whole; export it."""


@audit.command("verify", epilog=example("offboard audit verify --db demo.db"))
@database
@as_json
def audit_verify(path: str, as_json: bool) -> None:
    """Check every chain, the case numbers, and that each case is what its facts say. Exit 1 when something is wrong."""
    from bot.reading import verify

    with looking(path) as reads:
        report = verify(reads)
    if as_json:
        out(report)
    elif report["broken"]:
        for row in report["broken"]:
            click.echo("{case} fact {number}: {what}".format_map(row))
    else:
        cases = "1 case" if report["cases"] == 1 else f"{report['cases']} cases"
        click.echo(f"Whole: {cases}, {report['facts']} facts.")
    raise SystemExit(1 if report["broken"] else 0)


@audit.command("export", epilog=example("offboard audit export --case OFB-1 --format csv --db demo.db > ofb-1.csv"))
@click.option("--case", "ref", help="Only this case.")
@click.option("--format", "form", type=click.Choice(["json", "csv"]), default="json", show_default=True)
@database
def audit_export(ref: str | None, form: str, path: str) -> None:
    """The log with its hashes, for an auditor."""
    from bot.reading import export

    with looking(path) as reads:
        sys.stdout.writelines(export(reads, ref.upper() if ref else None, form, _seals(path)))


main.add_command(playbook)
for command in (run, init, doctor, backup, restore):
    main.add_command(command)

if __name__ == "__main__":
    main()
