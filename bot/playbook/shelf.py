"""Which playbooks have to be at hand: those that cases begin with, and all that these may lead to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from bot.playbook.folder import find, read_folder
from bot.playbook.load import parse
from bot.playbook.problem import PlaybookError, Problem

Failed = Callable[[str, PlaybookError], None]


def there_are(*roots: Path) -> dict[str, Path]:
    """Every playbook under these folders of content, with the folder that it is in; a later folder goes before."""
    return {name: root for root in roots for name in find(root)}


def with_leads(
    there: Mapping[str, Path], names: Iterable[str], failed: Failed | None = None
) -> dict[str, dict[str, str]]:
    """The files of these playbooks and of all that they lead to, by name, the named ones first.

    `there`: each playbook that there is, with the folder of content that it is in. What cannot be read, or is led to
    and not there, is told to `failed`; without it, it is raised (PlaybookError).
    """
    found: dict[str, dict[str, str]] = {}
    ahead = list(names)
    for name in ahead:
        if name in found:
            continue
        try:
            files = read_folder(there[name] / name)
            leads = [lead.playbook for lead in parse(files, name).leads_to]
            _must_be_there(leads, there)
        except PlaybookError as error:
            if failed is None:
                raise
            failed(name, error)
            continue
        found[name] = files
        ahead += leads
    return found


def _must_be_there(leads: Iterable[str], there: Mapping[str, Path]) -> None:
    problems = [
        Problem(
            "playbook.yaml", 0, "", f"It leads to `{name}`, and there is no such playbook.", "Add it to the folder."
        )
        for name in leads
        if name not in there
    ]
    if problems:
        raise PlaybookError(problems)
