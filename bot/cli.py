"""The commands. Each imports what it needs when it runs, so that `--help` costs next to nothing.

Exit: 0 ok, 1 found a problem, 2 usage, 78 configuration.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot import __version__

if TYPE_CHECKING:
    from bot.ports import Reads
    from bot.runtime.seal import Seals

CONFIGURATION = 78
database = click.option(
    "--db",
    "path",
    envvar="OFFBOARD_DATABASE",
    default="offboard.db",
    show_default=True,
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


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="offboard %(version)s")
def main() -> None:
    """Walk a departing employee and their admins through a handover, step by step.

    Try it: offboard demo
    """


@main.command(
    epilog=example("offboard demo", "offboard demo --look wecom --language zh-CN", "offboard demo --text --auto")
)
@click.option(
    "--port", default=8400, show_default=True, type=click.IntRange(0, 65535), help="Of the page; 0: any free."
)
@click.option("--look", type=click.Choice(["slack", "wecom"]), default="slack", show_default=True)
@click.option("--language", type=LANGUAGE, help="English, unless the demo spoke Chinese last.")
@click.option("--db", "path", type=click.Path(dir_okay=False), help="Keep the demo here. The page: offboard-demo.db")
@click.option("--text", is_flag=True, help="In this terminal, without a page.")
@click.option("--auto", is_flag=True, help="With --text: play a story to its end; the same bytes each time.")
@click.option("--story", default="everything_goes_well", show_default=True, help="Which story --auto plays.")
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


@main.group()
def playbook() -> None:
    """Check, draw, preview and test the content."""


@playbook.command("list", epilog=example("offboard playbook list"))
@as_json
def playbook_list(as_json: bool) -> None:
    """The playbooks that ship with the program, with their size."""
    from bot.content import overview

    found = overview()
    if as_json:
        out(found)
        return
    for row in found:
        click.echo("{name:<30} {questions} questions, {steps} steps, {languages}, {stories} stories".format_map(row))


@playbook.command("check", epilog=example("offboard playbook check", "offboard playbook check my/own --from folder"))
@click.argument("name", required=False)
@click.option("--from", "folder", type=click.Path(file_okay=False), help="A folder of playbooks instead of our own.")
@as_json
def playbook_check(name: str | None, folder: str | None, as_json: bool) -> None:
    """Lint, and prove that no order of steps can lock the company out. Exit 1 when something is wrong."""
    from bot.content import check

    report = check(name, folder)
    if as_json:
        out(report)
    else:
        for line in (line for entry in report for line in entry["lines"]):
            click.echo(line)
    raise SystemExit(0 if report and all(entry["ok"] for entry in report) else 1)


@playbook.command("graph", epilog=example("offboard playbook graph tencent_cloud/root_account"))
@click.argument("name")
@click.option("--from", "folder", type=click.Path(file_okay=False), help="A folder of playbooks instead of our own.")
def playbook_graph(name: str, folder: str | None) -> None:
    """The steps and what they need, as a Mermaid diagram."""
    from bot.content import graph

    _printed(graph(name, folder))


@playbook.command("preview", epilog=example("offboard playbook preview tencent_cloud/root_account bind_successor"))
@click.argument("name")
@click.argument("step", required=False)
@click.option("--look", type=click.Choice(["text", "slack", "wecom"]), help="Only this platform's card.")
@click.option("--language", type=LANGUAGE, default="en", show_default=True)
@click.option("--payload", is_flag=True, help="The JSON that would be sent, instead of a drawing of it.")
@click.option("--from", "folder", type=click.Path(file_okay=False), help="A folder of playbooks instead of our own.")
def playbook_preview(
    name: str, step: str | None, look: str | None, language: str, payload: bool, folder: str | None
) -> None:
    """A step's card as each platform would show it."""
    from bot.content import preview

    _printed(preview(name, step, look, language, folder, payload=payload))


@playbook.command("test", epilog=example("offboard playbook test tencent_cloud/root_account"))
@click.argument("name", required=False)
@click.option("--from", "folder", type=click.Path(file_okay=False), help="A folder of playbooks instead of our own.")
@as_json
def playbook_test(name: str | None, folder: str | None, as_json: bool) -> None:
    """Play every story of a playbook in both languages. Exit 1 when one does not happen as told."""
    from bot.content import run_stories

    results = run_stories(name, folder)
    if as_json:
        out(results)
    else:
        for row in results:
            click.echo("{mark} {playbook} · {story} · {language}{problem}".format_map(row))
    raise SystemExit(0 if results and all(row["ok"] for row in results) else 1)


def _printed(found: tuple[list[str], bool]) -> None:
    lines, ok = found
    for line in lines:
        click.echo(line, err=not ok)
    raise SystemExit(0 if ok else 1)
