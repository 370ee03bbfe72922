"""A playbook as Mermaid: one box to an owner, solid and dashed arrows, always the same text."""

from __future__ import annotations

import re

from bot.core.case import Owner
from bot.playbook.graph import mermaid
from bot.playbook.load import parse
from bot.playbook.model import Is, Playbook, StepSpec, StepWords, Words
from tests.playbook.mistakes import SMALL

NODE = re.compile(r'    step_\w+\["[^"\[\]{}<>&|`]*(<br/>[^"\[\]{}<>&|`]*)*"\](:::sometimes)?')
ARROW = re.compile(r"  step_\w+ (-->|-\.->) step_\w+")
REST = re.compile(r"flowchart TD|  subgraph (leaver|successor|admin)|  end|  classDef sometimes stroke-dasharray: 4 3")


def test_the_picture_of_the_small_playbook() -> None:
    assert mermaid(parse(SMALL, "small")) == (
        "flowchart TD\n"
        "  subgraph leaver\n"
        '    step_unbind["Unbind the old sign-in<br/>takes old_login"]:::sometimes\n'
        "  end\n"
        "  subgraph successor\n"
        '    step_bind["Bind a new sign-in<br/>gives new_login"]\n'
        '    step_disable["Disable the keys<br/>disables keys"]:::sometimes\n'
        '    step_delete["Delete the keys<br/>destroys keys"]:::sometimes\n'
        "  end\n"
        "  step_bind --> step_unbind\n"
        "  step_unbind -.-> step_disable\n"
        "  step_disable --> step_delete\n"
        "  classDef sometimes stroke-dasharray: 4 3\n"
    )


def test_titles_are_those_of_the_language_and_ids_where_there_are_none() -> None:
    playbook = parse(SMALL, "small")
    assert 'step_unbind["解绑原来的登录方式<br/>' in mermaid(playbook, "zh-CN")
    assert 'step_unbind["unbind<br/>' in mermaid(playbook, "fr")


def test_nothing_in_a_playbook_can_break_out_of_its_node() -> None:
    steps = (
        StepSpec("end", owner=Owner.ADMIN, recovers="graph"),
        StepSpec("class", needs=("end", "nowhere"), after=("end",), when=Is("q", ("a",))),
        StepSpec("x-y z", gives=('a"b', "c]d")),
    )
    words = {"en": Words("n", steps={"end": StepWords('A "title" <b>&amp; `x` {y} |z|\nend')})}
    for line in mermaid(Playbook("small", steps, words=words)).splitlines():
        assert NODE.fullmatch(line) or ARROW.fullmatch(line) or REST.fullmatch(line), line
