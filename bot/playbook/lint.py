"""Whether a playbook makes sense. Loading says that the files mean something; this says that it is something sound.

    loaded = read(files, name)
    problems = lint(loaded.playbook, loaded.places)     # [] when all is well

RULES is the table: each rule is one function of one Playbook, so that a test can show it a wrong one in five lines.
What a rule cannot see is whether some order of events locks the company out: that is proven by the explorer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from bot.playbook import glossary, leads, logic, manners, questions, wording
from bot.playbook.load import SAYINGS, Loaded
from bot.playbook.model import Playbook
from bot.playbook.problem import Finding, Problem, brief, in_order, printable
from bot.playbook.structure import Place
from bot.playbook.vendor import unseen

STEP = re.compile(r"(?:words\.[^.]+\.)?steps\.([^.]+)")
"""The step of a dotted name, where it has one."""

Rule = Callable[[Playbook], Iterable[Finding]]

RULES: tuple[Rule, ...] = (
    logic.ids_are_plain,
    logic.ids_stand_once,
    questions.questions_are_answerable,
    questions.questions_are_used,
    questions.conditions_ask_what_there_is,
    questions.questions_come_in_order,
    questions.what_is_not_asked_only_leads,
    logic.steps_follow_steps,
    logic.no_step_waits_for_itself,
    logic.steps_move_what_there_is,
    logic.holdings_matter,
    logic.recoveries_name_invariants,
    logic.invariants_say_something,
    logic.invariants_can_be_kept,
    logic.grades_can_be_reached,
    logic.destruction_takes_two_people_and_a_wait,
    logic.what_is_disabled_soaks,
    logic.numbers_are_sensible,
    logic.only_the_leaver_can_mean_the_leaver,
    leads.leads_make_sense,
    leads.routers_lead_somewhere,
    wording.every_language_speaks,
    wording.every_step_is_told,
    wording.languages_tell_the_same,
    wording.questions_are_worded,
    wording.things_are_named,
    wording.titles_fit,
    wording.options_fit,
    wording.how_is_short,
    wording.templates_are_safe,
    wording.titles_hold_no_variable,
    manners.sentences_are_short,
    manners.words_are_kind,
    manners.hosts_are_hosts,
    manners.links_lead_to_the_vendor,
    manners.marks_are_known,
    manners.chinese_is_set_well,
    manners.chinese_is_polite,
    glossary.words_are_the_glossarys,
    glossary.languages_mean_the_same,
)


def lint(
    playbook: Playbook, places: Mapping[str, Place] | None = None, known: Mapping[str, Playbook] | None = None
) -> list[Problem]:
    """Everything that is not sound, in the order of the files. Without `places` there are no lines.

    `known` are all playbooks by name; without them what this one leads to is not looked at.
    """
    findings = [finding for rule in RULES for finding in rule(playbook)]
    findings += leads.together(playbook, known) if known is not None else ()
    return sorted(dict.fromkeys(_problem(finding, places or {}) for finding in findings), key=in_order)


def unguarded(loaded: Loaded) -> list[Problem]:
    """Steps that name a page which nobody has seen in a document, and do not say what to do if it looks different."""
    found = [
        Finding(at, f"Nobody has seen {entry.kind}.{entry.id} in a document.", "Add `## different` to this step.")
        for at, entries in unseen(loaded.named).items()
        for entry in entries
        if "different" not in loaded.playbook.words[at.split(".")[1]].steps[at.split(".")[3]].parts
    ]
    return sorted((_problem(finding, loaded.places) for finding in found), key=in_order)


def _problem(finding: Finding, places: Mapping[str, Place]) -> Problem:
    file, line = _place(finding.at, places)
    step = STEP.match(finding.at)
    return Problem(
        file=file,
        line=line,
        step=brief(step.group(1)) if step else "",
        what=printable(finding.what),
        mend=printable(finding.mend),
    )


def _place(at: str, places: Mapping[str, Place]) -> Place:
    """Where this stands, or the nearest thing around it that has a place; else the file in which it should stand."""
    name = at
    while name and name not in places:
        name = name.rpartition(".")[0]
    words, _, rest = at.partition(".")
    if words != "words":
        return places[name] if name else ("playbook.yaml", 0)
    language, _, thing = rest.partition(".")
    kind, _, id = thing.partition(".")
    file = f"{language}/{id.partition('.')[0]}.md" if kind == "steps" else f"{language}/{SAYINGS}"
    return places[name] if name and places[name][0] == file else (file, 0)
