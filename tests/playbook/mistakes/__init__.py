"""A small good playbook, and what makes a wrong one of it: one edit, and the message that its author should get."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from bot.playbook.lint import lint
from bot.playbook.load import PlaybookError, Problem, read, read_folder

SMALL = read_folder(Path(__file__).with_name("small"))
P, EN, ZH = "playbook.yaml", "en/_playbook.yaml", "zh-CN/_playbook.yaml"


class Mistake(NamedTuple):
    """`old` becomes `new` in `file`; an empty `old` means that the whole file becomes `new`."""

    file: str
    old: str
    new: str
    line: int
    what: str
    mend: str
    step: str = ""
    told_in: str = ""
    """The file that the message names, where it is not the one that was edited."""


def problems(files: dict[str, str]) -> list[Problem]:
    """What `offboard playbook check` would find before it explores."""
    try:
        loaded = read(files, "small")
    except PlaybookError as error:
        return list(error.problems)
    return lint(loaded.playbook, loaded.places)


def edited(file: str, old: str, new: str) -> dict[str, str]:
    text = SMALL[file]
    assert not old or text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    return {**SMALL, file: text.replace(old, new) if old else new}


MISTAKES: dict[str, Mistake] = {
    # ------------------------------------------------------------------ YAML itself
    "a tab": Mistake(
        P, "    owner: leaver", "\towner: leaver", 29,
        "There is a tab in this line.", "Indent with spaces, two for each level.",
    ),
    "a colon too many": Mistake(
        EN, "why: It decides", "why: Note: it decides", 6,
        "This line has a second colon in it, or its indent is wrong.", "Put the text in quotes.",
    ),
    "a quote that is never closed": Mistake(
        EN, "name: A small account", 'name: "A small account', 1,
        "A quote begins here and is never closed.", "Close it on the same line.",
    ),
    "an empty file": Mistake(P, "", "", 0, "This file is empty.", "Write it as conversations/README.md shows."),
    "a list instead of keys": Mistake(
        P, "", "- one\n- two\n", 1,
        "This file is not a list of `key: value` lines.", "Start it with a key, such as `name:`.",
    ),
    "an anchor": Mistake(
        P, "when: {login: leaver}\n    needs", "when: &mine {login: leaver}\n    needs", 30,
        "Anchors (`&name`) and aliases (`*name`) are not used here.", "Write the text out, or quote it.",
    ),
    "a tag": Mistake(
        P, "name: small", "name: !!python/name:os.system x", 1,
        "Tags such as `tag:yaml.org,2002:python/name:os.system` are not used here.", "Take it out, or quote the text.",
    ),
    "a second document": Mistake(
        P, "holdings:\n", "---\nholdings:\n", 9, "A second document begins here.", "Delete the line `---`.",
    ),
    "a character that nobody sees": Mistake(
        P, "id: unbind", "id: un\x00bind", 28,
        "There is a character here that is not text.", "Delete it; it may not be visible.",
    ),
    "deep nesting": Mistake(
        P, "{any: [{keys: build}, {keys: deploy}]}", "[" * 40 + "]" * 40, 42,
        "This is a tag, or nested too deeply.", "Go no deeper than 16 levels, without tags.",
    ),
    # ------------------------------------------------------------------ keys and values
    "a misspelt key": Mistake(
        P, "    takes: old_login", "    take: old_login", 32,
        "`unbind` has no key `take`.", "Did you mean `takes`?", "unbind",
    ),
    "a key that nobody knows": Mistake(
        P, "hosts: [", "colour: [", 2,
        "A playbook has no key `colour`.",
        "Use `format`, `holdings`, `hosts`, `invariants`, `leads_to`, `name`, `questions` or `steps`.",
    ),
    "a key twice": Mistake(
        P, "    owner: leaver", "    owner: leaver\n    owner: admin", 30,
        "The key `owner` stands twice; first in line 29.", "Keep one of them.",
    ),
    "a boolean in disguise": Mistake(
        P, "options: [leaver, company]", "options: [leaver, company, off]", 5,
        "Other programs read a bare `off` as true, false or nothing.", 'Put it in quotes: "off".',
    ),
    "a boolean in disguise as a key": Mistake(
        EN, "company: The company's}", "company: The company's, no: Neither}", 7,
        "Other programs read a bare `no` as true, false or nothing.", 'Put the key in quotes: "no".',
    ),
    "yes instead of true": Mistake(
        P, "only_leaver: true", "only_leaver: yes", 33,
        "`only_leaver` has to be true or false.", "Write `true` or `false`, without quotes.", "unbind",
    ),
    "a word instead of a number": Mistake(
        P, "approvals: 2", "approvals: two", 45,
        "`approvals` has to be a whole number.", "Write digits alone, such as `72`.", "delete",
    ),
    "an owner who is none": Mistake(
        P, "    owner: leaver", "    owner: lever", 29,
        "`owner` cannot be `lever`.", "Did you mean `leaver`?", "unbind",
    ),
    "a kind of question that is none": Mistake(
        P, "kind: many", "kind: several", 7, "`kind` cannot be `several`.",
        "Use `account_id`, `choice`, `date`, `domain`, `filing`, `ip`, `many`, `name`, `phone`, `text` or `user_name`.",
    ),
    "a step without an id": Mistake(
        P, "  - id: unbind\n    owner", "  - owner", 28, "An item of `steps` has no id.", "Add a line `id: …` to it.",
    ),
    "two steps of one name": Mistake(
        P, "id: disable\n", "id: unbind\n", 34, "`unbind` stands twice in `steps`; first in line 28.", "Rename one.",
    ),
    "a value that was left out": Mistake(
        P, "needs: bind", "needs:", 31,
        "`needs` is empty.", "Write something after the colon, or take the key out.", "unbind",
    ),
    "a condition that is a sentence": Mistake(
        P, "when: {login: leaver}\n    needs", "when: login is leaver\n    needs", 30,
        "`when` has to be `key: value` lines.", "Indent them by two spaces, one on each line.", "unbind",
    ),
    "a condition that asks for nothing": Mistake(
        P, "when: {login: leaver}\n    needs", "when: {any: []}\n    needs", 30,
        "`when`: `any` is empty.", "List conditions under it, each with a hyphen.", "unbind",
    ),
    "the name of another folder": Mistake(
        P, "name: small", "name: smaller", 1, "The name `smaller` is not that of the folder.", "Write `name: small`.",
    ),
    "a format of the future": Mistake(
        P, "name: small", "name: small\nformat: 2", 2, "This version does not read that format.", "Write `format: 1`.",
    ),
    "an invariant without a holder": Mistake(
        P, "    held_by: company\n", "", 18, "`a_way_in` has no `held_by`.", "Add a line `held_by: …` to it.",
    ),
    # ------------------------------------------------------------------ prose
    "a misspelt heading": Mistake(
        "en/bind.md", "## why", "## wy", 3, "There is no part `wy`.", "Did you mean `why`?", "bind",
    ),
    "a heading twice": Mistake(
        "en/bind.md", "## how", "## why", 6, "`## why` stands twice.", "Keep one of them.", "bind",
    ),
    "a title that is missing": Mistake(
        "en/bind.md", "# Bind a new sign-in\n", "", 1,
        "The step has no title.", "Begin the file with `# ` and a title.", "bind",
    ),
    "text under no heading": Mistake(
        "en/bind.md", "\n\n## why", "\nSome text.\n\n## why", 2,
        "There is text under no part.", "Put it under a heading such as `## why`.", "bind",
    ),
    "how without numbers": Mistake(
        "en/bind.md", "1. Open", "Open", 7, "`how` is a numbered list.", "Begin this line with `1. `.", "bind",
    ),
    "a heading with nothing under it": Mistake(
        "en/bind.md", "The company needs a way in of its own.", "", 3,
        "Nothing stands under `## why`.", "Write it, or take the heading out.", "bind",
    ),
    "a variable that there is not": Mistake(
        "en/unbind.md", "{{ leaver }}", "{{ leever }}", 3,
        "There is no variable `leever`.", "Did you mean `leaver`?", "unbind",
    ),
    "a template that is never closed": Mistake(
        "en/unbind.md", "{{ leaver }}", "{{ leaver", 3,
        "This is not a template (expected name or number).",
        "Close what you open: `{{ leaver }}`, or `{% if last_day %}` … `{% endif %}`.", "unbind",
    ),
    "a template that calls": Mistake(
        "en/unbind.md", "{{ leaver }}", "{{ leaver.upper() }}", 3,
        "A template may not use calls such as `name(…)`.", "Use a variable, `if` or plain text.", "unbind",
    ),
    "a variable in a title": Mistake(
        "en/unbind.md", "# Unbind the old sign-in", "# Unbind {{ leaver }}", 1,
        "A title holds no variable.", "Write it out: the record keeps it as it is.", "unbind",
    ),
    # ------------------------------------------------------------------ logic
    "a need that there is not": Mistake(
        P, "needs: bind", "needs: bend", 31, "There is no step `bend`.", "Did you mean `bind`?", "unbind",
    ),
    "a holding that there is not": Mistake(
        P, "takes: old_login", "takes: old_logon", 32,
        "There is no holding `old_logon`.", "Did you mean `old_login`?", "unbind",
    ),
    "a group where a holding is wanted": Mistake(
        P, "takes: old_login", "takes: login_method", 32,
        "`login_method` is a group.", "Name the holding itself, such as `new_login`.", "unbind",
    ),
    "a question that there is not": Mistake(
        P, "when: {login: leaver}\n    needs", "when: {logins: leaver}\n    needs", 30,
        "There is no question `logins`.", "Did you mean `login`?", "unbind",
    ),
    "an option that there is not": Mistake(
        P, "when: {login: leaver}\n    needs", "when: {login: lever}\n    needs", 30,
        "`login` offers no `lever`.", "Did you mean `leaver`?", "unbind",
    ),
    "a guard over nothing": Mistake(
        P, "guards: login_method", "guards: login_metod", 19,
        "There is no holding or group `login_metod`.", "Did you mean `login_method`?",
    ),
    "an invariant that asks for nothing": Mistake(
        P, "    at_least: 1\n", "", 18, "`a_way_in` asks for nothing.", "Add `at_least: 1` or `at_most: 0`.",
    ),
    "an invariant that cannot be kept": Mistake(
        P, "at_least: 1", "at_least: 3", 22,
        "`a_way_in` asks for 3 of 2.", "Ask for fewer, or name more holdings in `of`.",
    ),
    "a holding that nobody can give": Mistake(
        P, "    gives: new_login\n", "", 13,
        "`new_login` is nobody's and no step gives it, yet `a_way_in` counts on it.",
        "Let a step give it, or say who has it at the start.",
    ),
    "a recovery of nothing": Mistake(
        P, "needs: bind", "needs: bind\n    recovers: a_way_out", 32,
        "There is no invariant `a_way_out`.", "Did you mean `a_way_in`?", "unbind",
    ),
    "steps that wait for each other": Mistake(
        P, "    gives: new_login", "    gives: new_login\n    after: delete", 24,
        "These steps wait for each other: `bind` needs `delete` needs `disable` needs `unbind` needs `bind`.",
        "Take one of these out of `needs` or `after`.", "bind",
    ),
    "a witness that nobody is": Mistake(
        P, "demands: witnessed", "demands: witnessed\n    approvals: 0", 28,
        "This step has to be witnessed, but nobody approves it.", "Write `approvals: 1`, or demand less.", "bind",
    ),
    "a grade that nothing reaches": Mistake(
        P, "demands: witnessed", "demands: verified", 27,
        "Nothing can show a step to be verified yet.", "Write `demands: witnessed`.", "bind",
    ),
    "destruction by one person": Mistake(
        P, "    approvals: 2", "    approvals: 1", 40,
        "This step destroys something with fewer than two approvals.", "Write `approvals: 2`.", "delete",
    ),
    "destruction without a wait": Mistake(
        P, "needs: disable", "needs: unbind", 44,
        "`keys` is destroyed without having been disabled.",
        "Add a step with `disables: keys` and a soak, and name it in `needs`.", "delete",
    ),
    "disabling without a wait": Mistake(
        P, "    soak_hours: 24\n", "", 38,
        "What is disabled here does not soak.",
        "Add `soak_hours: 72`, so that there is time to notice and restore.", "disable",
    ),
    "a wait for nothing": Mistake(
        P, "takes: old_login", "takes: old_login\n    soak_hours: 24", 33,
        "This step soaks, but it disables nothing.",
        "Name in `disables` what may be restored, or take the soak out.", "unbind",
    ),
    "only the leaver, who does not own it": Mistake(
        P, "    owner: leaver", "    owner: admin", 33,
        "Only the leaver can do this, but its owner is the admin.",
        "Write `owner: leaver`, or take `only_leaver` out.", "unbind",
    ),
    "a number without sense": Mistake(
        P, "soak_hours: 24", "soak_hours: 9000", 39,
        "`soak_hours` cannot be 9000.", "A soak is between 0 and 720 hours.", "disable",
    ),
    "an id that is none": Mistake(
        P, "group: login_method\n    leaver_when", "group: Login-Method\n    leaver_when", 11,
        "`Login-Method` cannot be an id.", "Begin with a small letter; use small letters, digits and `_`, at most 40.",
    ),
    "a host that is an address": Mistake(
        P, "[console.example.com]", "[console.example.com, https://example.com]", 2,
        "`https://example.com` is not a host.", "Write it as `console.example.com`.",
    ),
    # ------------------------------------------------------------------ words
    "a label that is missing": Mistake(
        ZH, ", company: 公司的", "", 7, "The option `company` has no words.", "Add a line `company: …`.",
    ),
    "a label too many": Mistake(
        ZH, "company: 公司的", "company: 公司的, other: 其他", 7,
        "There is no option `other`.", "Use `company` or `leaver`.",
    ),
    "a question without a reason": Mistake(
        EN, "    why: Keys outlive a sign-in.\n", "", 8,
        "It is not said why `keys` is asked.", "Add `why:` and one sentence: people answer more gladly when they know.",
    ),
    "a holding without a name": Mistake(
        EN, ", keys: the keys", "", 12, "The holding `keys` has no words.", "Add a line `keys: …`.",
    ),
    "an option that is too long": Mistake(
        ZH, "leaver: 个人的", "leaver: 个人的某一种登录方式吧", 7,
        "An option has 11 characters; 10 are shown.", "Say it in 10 or fewer.",
    ),
    "a title that is too long": Mistake(
        "en/bind.md", "# Bind a new sign-in", "# Bind a new sign-in" + " again" * 10, 1,
        "A title has 78 characters; 60 are shown.", "Say it in 60 or fewer.", "bind",
    ),
    "a part that the other language lacks": Mistake(
        "en/bind.md", "## how", "## worked\nYou are in.\n\n## how", 1,
        "The part `worked` is told in en, but not in zh-CN.",
        "Add `## worked` here, or take it out of en/bind.md.", "bind", "zh-CN/bind.md",
    ),
    "how without an end": Mistake(
        "en/bind.md", "2. Bind your own sign-in.", "".join(f"{n}. Wait.\n" for n in range(2, 9)), 6,
        "`how` has 8 lines.", "Keep 6 at most, or make two steps of it.", "bind",
    ),
    "a sentence without an end": Mistake(
        "en/bind.md", "The company needs a way in of its own.", "word " * 26, 3,
        "A sentence of 26 words is hard to follow: “word word word word word word word word …”",
        "Make two of it; 25 words are enough.", "bind",
    ),
    "an unkind word": Mistake(
        "en/bind.md", "The company needs", "Please note: the company needs", 3,
        "The copy does not say “please”.", "Ask directly: `Open the page.`", "bind",
    ),
    "an unkind word in Chinese": Mistake(
        "zh-CN/bind.md", "公司需要有", "输入无效，公司需要有", 3,
        "The copy does not say “无效”.", "说明正确的写法。", "bind",
    ),
    "a link to somewhere else": Mistake(
        "en/bind.md", "https://console.example.com/login", "https://console.example.com@evil.example/", 6,
        "`https://console.example.com@evil.example…` leads to a host that is not listed.",
        "Link to `console.example.com`, or add the host to `hosts`.", "bind",
    ),
    "a link without encryption": Mistake(
        "en/bind.md", "https://console", "http://console", 6,
        "`[the console](http://console.example.com…` is not a link that a card can show.",
        "Write it as `[label](https://…)`, without spaces or brackets in the address.", "bind",
    ),
    "a mark that no card draws": Mistake(
        "en/bind.md", "The company", "<b>The</b> company", 3,
        "A card cannot draw `<b>`.",
        "Use words, `**strong**`, a code span or a link; lists stand under `## how` alone.", "bind",
    ),
    "a half-width mark in Chinese": Mistake(
        "zh-CN/unbind.md", "找您了，", "找您了,", 3,
        "There is a half-width mark in “不用再找您了,\ufffc。”.",
        "Use full-width marks: ，。：；！？（）“”.", "unbind",
    ),
    "Latin letters that stick to Chinese": Mistake(
        "zh-CN/bind.md", "公司需要", "公司CEO需要", 3,
        "There is no space in “公司CEO需要有”.",
        "Put a space between Latin letters or digits and Chinese characters.", "bind",
    ),
    "a Chinese text that is too familiar": Mistake(
        "zh-CN/bind.md", "绑定您自己的登录方式", "绑定你自己的登录方式", 6,
        "The copy addresses people as 您.", "Write 您 instead of 你.", "bind",
    ),
}  # fmt: skip
