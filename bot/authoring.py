"""The commands for whoever writes the content: list, check, draw, preview and test playbooks, and see what is old."""

from __future__ import annotations

import click

from bot.options import LANGUAGE, as_json, example, out


@click.group()
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
        click.echo("{name:<30} {questions} questions, {steps} steps, {stories} stories; {proof}".format_map(row))


@playbook.command("new", epilog=example("offboard playbook new office/key_cards --to playbooks"))
@click.argument("name")
@click.option("--to", "folder", required=True, type=click.Path(file_okay=False), help="Your folder of playbooks.")
def playbook_new(name: str, folder: str) -> None:
    """A small playbook that works, for you to change: three steps, both languages, and a story. Overwrites nothing."""
    from bot.content import new

    _printed(new(name, folder))


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


@playbook.command("places", epilog=example("offboard playbook places --older-than 180"))
@click.option("--older-than", "days", type=click.IntRange(min=0), help="Only what was read more days ago than this.")
@click.option("--from", "folder", type=click.Path(file_okay=False), help="A folder of playbooks instead of our own.")
@as_json
def playbook_places(days: int | None, folder: str | None, as_json: bool) -> None:
    """The pages and labels that the playbooks name, with their source and the day they were read.

    With --older-than, exit 1 when there are any: then somebody should look at those pages again.
    """
    from bot.content import places

    found = places(folder, days)
    if as_json:
        out(found)
    else:
        for row in found:
            click.echo("{read}  {kind:<5} {vendor}/{id:<22} {en}{mark}\n{source:>14}".format_map(row))
    raise SystemExit(1 if days is not None and found else 0)
