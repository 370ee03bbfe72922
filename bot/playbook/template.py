"""Templates: what the prose of a step may do besides saying something.

RULES
 1. The variables are a versioned interface (VARIABLES, VERSION). All of them are texts and always there; a person or
    a day that is not known yet is shown as a dash. A new variable may be added; taking one away, or giving it another
    meaning, raises VERSION.
 2. A white list of what Jinja's grammar offers: variables, texts, `if` with `==` and `!=`, and `for` over a short list
    that is written out. No calls, filters, attributes, arithmetic or nesting of loops: nothing that could cost time,
    show more than it was given, or fail when the card is drawn. The sandbox stands behind it all the same.
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

DEPTH = 8
"""How deeply one thing may stand in another. Python itself gives up at a hundred."""

# Not HTML: the text becomes Slack blocks, WeCom Markdown or a terminal's lines, and each renderer escapes its own.
ENVIRONMENT = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)

ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.For, nodes.List,
    nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not,
)  # fmt: skip

_MEND = "Close what you open: `{{ leaver }}`, or `{% if last_day %}` … `{% endif %}`."
_TOO_DEEP = "This template is nested too deeply."
_PLAINER = "Use a variable, `if` or plain text."


class Flaw(Struct, frozen=True):
    """What is wrong in a template."""

    what: str
    mend: str


def flaws(source: str) -> tuple[Flaw, ...]:
    """Everything that keeps this text from being a template of a step; empty when it may be used."""
    if "{" not in source:
        return ()
    try:
        tree = ENVIRONMENT.parse(source)
        found = tuple(_walk(tree, frozenset(), 0, 0))
        if not found:
            ENVIRONMENT.from_string(tree)
    except TemplateSyntaxError as error:
        return (Flaw(f"This is not a template ({brief(error.message or '')}).", _MEND),)
    except RecursionError:
        return (Flaw(_TOO_DEEP, _PLAINER),)
    except ValueError:  # a number of thousands of digits
        return (Flaw("A template may not use numbers.", _PLAINER),)
    return found


def _walk(node: nodes.Node, names: frozenset[str], loops: int, depth: int) -> Iterator[Flaw]:
    if not isinstance(node, ALLOWED) or (isinstance(node, nodes.Const) and not isinstance(node.value, str)):
        yield Flaw(f"A template may not use {_called(node)}.", _PLAINER)
        return
    if isinstance(node, nodes.Operand) and node.op not in ("eq", "ne"):
        yield Flaw("A template compares with `==` and `!=` alone.", _PLAINER)
    if depth > DEPTH:
        yield Flaw(_TOO_DEEP, _PLAINER)
        return
    if isinstance(node, nodes.Name) and node.name not in VARIABLES | names:
        what = f"There is no variable `{brief(node.name)}`."
        yield Flaw(what, nearest(node.name, VARIABLES))
    if isinstance(node, nodes.For):
        yield from _loop(node, loops)
        names, loops = names | {_target(node)}, loops + 1
    for child in node.iter_child_nodes():
        yield from _walk(child, names, loops, depth + 1)


def _target(node: nodes.For) -> str:
    return node.target.name if isinstance(node.target, nodes.Name) else ""


def _loop(node: nodes.For, loops: int) -> Iterator[Flaw]:
    items = node.iter.items if isinstance(node.iter, nodes.List) else []
    if loops or node.recursive or not 0 < len(items) <= LIST or not all(isinstance(i, nodes.Const) for i in items):
        what = f"A `for` goes over one list of up to {LIST} texts that is written out, and stands in no other."
        yield Flaw(what, 'Write `{% for item in ["…", "…"] %}`, or write the lines out.')
    elif _target(node) in VARIABLES | {""}:
        yield Flaw("This loop needs a name of its own.", f"Name it otherwise than {quoted(sorted(VARIABLES))}.")


def _called(node: nodes.Node) -> str:
    """What an author would call this part of the grammar."""
    known: dict[type[Any], str] = {
        nodes.Call: "calls such as `name(…)`",
        nodes.Getattr: "attributes such as `name.other`",
        nodes.Getitem: "items such as `name[…]`",
        nodes.Filter: "filters such as `name|upper`",
        nodes.Test: "tests such as `is defined`",
        nodes.Const: "numbers, true, false or none",
        nodes.Pow: "arithmetic such as `**`",
        nodes.Mul: "arithmetic such as `*`",
    }
    return known.get(type(node), f"`{type(node).__name__.lower()}`")
