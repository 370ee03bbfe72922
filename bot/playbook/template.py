"""Templates: what the prose of a step may do besides saying something.

RULES
 1. The variables are a versioned interface (VARIABLES, VERSION). All of them are texts and always there; one that is
    not known yet is empty, so `{% if successor %}` asks for it. A new variable may be added; taking one away, or
    giving it another meaning, raises VERSION.
 2. A white list of what Jinja's grammar offers: variables, `if`, comparisons, `for` over a short list that is written
    out. No calls, filters, attributes, arithmetic or nesting of loops: nothing that could cost time or show more
    than it was given. The sandbox stands behind it all the same.
 3. A template is compiled when the playbook is loaded; nothing of it can fail when somebody is waiting for a card.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment
from msgspec import Struct

from bot.playbook.problem import brief, nearest, quoted

VERSION = 1
VARIABLES = frozenset({"target", "leaver", "successor", "last_day"})
LIST = 12
"""How many items a `for` may go over."""

# Not HTML: the text becomes Slack blocks, WeCom Markdown or a terminal's lines, and each renderer escapes its own.
ENVIRONMENT = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)

ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.For, nodes.List,
    nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not,
)  # fmt: skip


class Flaw(Struct, frozen=True):
    """What is wrong in a template. `line` counts from 1 inside the template."""

    line: int
    what: str
    mend: str


def flaws(source: str) -> tuple[Flaw, ...]:
    """Everything that keeps this text from being a template of a step; empty when it may be used."""
    if "{" not in source:
        return ()
    try:
        tree = ENVIRONMENT.parse(source)
        found = tuple(_walk(tree, frozenset(), 0))
        if not found:
            ENVIRONMENT.from_string(tree)
    except TemplateSyntaxError as error:
        return (Flaw(error.lineno, f"This is not a template: {error.message}", _MEND),)
    except RecursionError:
        return (Flaw(1, "This template is nested too deeply.", _MEND),)
    return found


_MEND = "Close what you open: `{{ leaver }}`, or `{% if last_day %}` … `{% endif %}`."


def render(source: str, values: dict[str, str]) -> str:
    """The text with the values in. `values` holds every variable; one that is not known is ""."""
    return ENVIRONMENT.from_string(source).render(values)


def _walk(node: nodes.Node, names: frozenset[str], loops: int) -> Iterator[Flaw]:
    if not isinstance(node, ALLOWED):
        yield Flaw(node.lineno, f"A template may not use {_called(node)}.", "Use a variable, `if` or plain text.")
        return
    if isinstance(node, nodes.Name) and node.name not in VARIABLES | names:
        what = f"There is no variable `{brief(node.name)}`."
        yield Flaw(node.lineno, what, nearest(node.name, VARIABLES))
    if isinstance(node, nodes.For):
        yield from _loop(node, loops)
        names, loops = names | {_target(node)}, loops + 1
    for child in node.iter_child_nodes():
        yield from _walk(child, names, loops)


def _target(node: nodes.For) -> str:
    return node.target.name if isinstance(node.target, nodes.Name) else ""


def _loop(node: nodes.For, loops: int) -> Iterator[Flaw]:
    items = node.iter.items if isinstance(node.iter, nodes.List) else []
    if loops or node.recursive or not 0 < len(items) <= LIST or not all(isinstance(i, nodes.Const) for i in items):
        what = f"A `for` goes over one list of up to {LIST} texts that is written out, and stands in no other."
        yield Flaw(node.lineno, what, 'Write `{% for item in ["…", "…"] %}`, or write the lines out.')
    elif _target(node) in VARIABLES | {""}:
        yield Flaw(
            node.lineno, "This loop needs a name of its own.", f"Name it otherwise than {quoted(sorted(VARIABLES))}."
        )


def _called(node: nodes.Node) -> str:
    """What an author would call this part of the grammar."""
    known: dict[type[Any], str] = {
        nodes.Call: "calls such as `name(…)`",
        nodes.Getattr: "attributes such as `name.other`",
        nodes.Getitem: "items such as `name[…]`",
        nodes.Filter: "filters such as `name|upper`",
        nodes.Test: "tests such as `is defined`",
        nodes.Pow: "arithmetic such as `**`",
        nodes.Mul: "arithmetic such as `*`",
    }
    return known.get(type(node), f"`{type(node).__name__.lower()}`")
