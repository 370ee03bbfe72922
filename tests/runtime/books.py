"""Playbooks as files, made from their structure alone: the words are made up, the same for every one of them."""

from __future__ import annotations

from typing import Any

import yaml

Files = dict[str, str]

RESCUE = """
name: help/rescue
questions:
  - {id: situation, options: [lost, blocked]}
leads_to:
  - {playbook: help/lost, when: {situation: lost}, at: answers}
  - {playbook: help/blocked, when: {situation: blocked}, at: answers}
"""
LOST = """
name: help/lost
questions:
  - {id: account, kind: account_id, targets: true}
steps:
  - {id: appeal, owner: admin}
  - {id: sign_in, owner: admin, needs: appeal}
leads_to:
  - {playbook: help/after, needs: sign_in}
"""
BLOCKED = """
name: help/blocked
questions:
  - {id: account, kind: account_id, targets: true}
steps:
  - {id: unblock, owner: successor}
"""
AFTER = """
name: help/after
steps:
  - {id: tidy, owner: admin}
"""


def book(structure: str) -> Files:
    """The files of a playbook with this structure."""
    raw: dict[str, Any] = yaml.safe_load(structure)
    files = {"playbook.yaml": structure}
    for language in ("en", "zh-CN"):
        asked = {
            question["id"]: {
                "ask": f"{question['id']}?",
                "why": "w",
                "options": {o: o for o in question.get("options", ())},
            }
            for question in raw.get("questions", ())
        }
        said = {"name": f"The {raw['name'].rpartition('/')[2]}", "questions": asked}
        files[f"{language}/_playbook.yaml"] = yaml.safe_dump(said, allow_unicode=True)
        for step in raw.get("steps", ()):
            files[f"{language}/{step['id']}.md"] = f"# Do {step['id']}\n\n## why\nIt helps.\n\n## how\n1. Do it.\n"
    return files


def books(*structures: str) -> dict[str, Files]:
    """Several of them, by name."""
    return {yaml.safe_load(one)["name"]: book(one) for one in structures}


HELP = books(RESCUE, LOST, BLOCKED, AFTER)
