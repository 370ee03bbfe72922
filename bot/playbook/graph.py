"""A playbook as a picture: Mermaid text for a README, a wiki or a review. The same playbook gives the same text.

Each owner is a box. A solid arrow is a need (it must be done), a dashed one only an order. A node names its step and
what it moves; a node with a dashed border stands in a plan only when the answers call for it. A thick arrow leads to
another playbook: from the answers, from the plan, or at the end, and then from the steps that must be done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.core.case import Owner
from bot.playbook.model import Always, Playbook, StepSpec

MOVES = ("gives", "takes", "disables", "destroys")


def mermaid(playbook: Playbook, language: str = "en") -> str:
    """The steps by owner as a Mermaid flowchart. Titles are those of `language`, where it has any."""
    return "\n".join((*_lines(playbook, language), ""))


def _lines(playbook: Playbook, language: str) -> Iterator[str]:
    yield "flowchart TD"
    for owner in Owner:
        theirs = [step for step in playbook.steps if step.owner is owner]
        if theirs:
            yield f"  subgraph {owner}"
            for step in theirs:
                yield f"    {_node(playbook, step, language)}"
            yield "  end"
    known = {step.id for step in playbook.steps}
    for step in playbook.steps:
        yield from (f"  {_name(id)} --> {_name(step.id)}" for id in step.needs if id in known)
        yield from (f"  {_name(id)} -.-> {_name(step.id)}" for id in step.after if id in known)
    yield from _leads(playbook)
    yield "  classDef sometimes stroke-dasharray: 4 3"


def _leads(playbook: Playbook) -> Iterator[str]:
    """A node for each playbook that is led to, and one for each moment from which this happens."""
    names = {lead.playbook: f"lead_{number}" for number, lead in enumerate(playbook.leads_to, start=1)}
    yield from (f'  {node}[["{_safe(name)}"]]' for name, node in names.items())
    froms = {lead.at: None for lead in playbook.leads_to if not lead.needs}
    yield from (f'  at_{at}(["{at}"])' for at in froms)
    for lead in playbook.leads_to:
        when = "|sometimes|" if not isinstance(lead.when, Always) else ""
        for start in [_name(id) for id in lead.needs] or [f"at_{lead.at}"]:
            yield f"  {start} ==>{when} {names[lead.playbook]}"


def _node(playbook: Playbook, step: StepSpec, language: str) -> str:
    words = playbook.words.get(language)
    told = words.steps.get(step.id) if words else None
    lines = [told.title if told and told.title else step.id]
    lines += [f"{verb} {', '.join(getattr(step, verb))}" for verb in MOVES if getattr(step, verb)]
    if step.recovers:
        lines.append(f"recovers {step.recovers}")
    sometimes = ":::sometimes" if step.recovers or not isinstance(step.when, Always) else ""
    label = "<br/>".join(_safe(line) for line in lines)
    return f'{_name(step.id)}["{label}"]{sometimes}'


def _name(id: str) -> str:
    """A step's id as Mermaid takes it: with a prefix, since words such as `end` mean something there."""
    return "step_" + re.sub(r"[^A-Za-z0-9_]", "_", id)


def _safe(text: str) -> str:
    """A text inside a quoted label: what Mermaid or HTML would read as their own is written as an entity."""
    return re.sub(r"[\"#&<>`\\\[\]{}|;\n]", lambda sign: f"#{ord(sign.group())};", text)
