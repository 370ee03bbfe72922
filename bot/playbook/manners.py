"""The linter's rules about tone and typesetting (the rules of copy: short, kind, one way of writing a thing)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from bot.playbook.card import LINK
from bot.playbook.model import Playbook
from bot.playbook.problem import Finding, brief, quoted
from bot.playbook.wording import texts

WORDS_IN_A_SENTENCE = 25
SIGNS_IN_A_SENTENCE = 60

UNKIND = {
    "en": {
        "please": "Ask directly: `Open the page.`",
        "sorry": "Say what happened and how to go on.",
        "oops": "Say what happened and how to go on.",
        "whoops": "Say what happened and how to go on.",
        "invalid": "Say what it should look like instead.",
        "illegal": "Say what it should look like instead.",
        "you forgot": "Say what is still to be done.",
        "you failed": "Say what is still to be done.",
        "overdue": "Say what is next and until when.",
        "simply": "Leave it out: what is simple differs from one person to the next.",
        "obviously": "Leave it out: what is obvious differs from one person to the next.",
    },
    "zh-CN": {
        "请勿": "说明应该怎么做。",
        "严禁": "说明应该怎么做。",
        "抱歉": "说明发生了什么、接下来怎么办。",
        "对不起": "说明发生了什么、接下来怎么办。",
        "非法": "说明正确的写法。",
        "无效": "说明正确的写法。",
        "不合法": "说明正确的写法。",
        "您忘": "说明还需要做什么。",
        "逾期": "说明接下来要做什么、截止到哪天。",
        "批准": "写“同意”。",
        "拒绝": "写“驳回”或“暂不同意”。",
    },
}
"""Word -> what to write instead."""

HAN = "\u3400-\u4dbf\u4e00-\u9fff"
HOLE = "\ufffc"
"""Stands where a variable stood: neither Latin nor Chinese, since a name may be either."""

VARIABLE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}")
ADDRESS = re.compile(r"\[[^\[\]\n]*\]\([^()\n]*\)|(?:https?|ftp)://[^\s)）]*|www\.[^\s)）]*", re.IGNORECASE)
LATIN_MARK = re.compile(
    rf"(?:(?<=[{HAN}])|(?<=[{HAN}][”’》]))[,;:!?.](?![A-Za-z0-9])|[(\"'](?=[{HAN}])|(?<=[{HAN}])[()\"']|[)](?=[{HAN}])"
)
TIGHT = re.compile(rf"[{HAN}][A-Za-z0-9]|[A-Za-z0-9][{HAN}]")
SENTENCE = re.compile(r"(?<=[.!?])\s+|\n")
CHINESE_SENTENCE = re.compile(r"[。！？\n]")
UNKNOWN_MARK = re.compile(r"^\s*(?:[-*+>|]\s|\|)|!\[|</?[A-Za-z][^>\n]*>|__", re.MULTILINE)


def _bare(text: str) -> str:
    """The text as it is read: a link is its label, a variable is a hole."""
    return LINK.sub(r"\1", VARIABLE.sub(HOLE, text)).replace("**", "").replace("`", "")


def sentences_are_short(playbook: Playbook) -> Iterator[Finding]:
    for language, at, text in texts(playbook):
        if language == "zh-CN":
            for sentence in CHINESE_SENTENCE.split(_bare(text)):
                if len(sentence) > SIGNS_IN_A_SENTENCE:
                    what = f"A sentence of {len(sentence)} characters is hard to follow: “{brief(sentence)}”"
                    yield Finding(at, what, f"Make two of it; {SIGNS_IN_A_SENTENCE} characters are enough.")
            continue
        for sentence in SENTENCE.split(_bare(text)):
            words = sum(any(sign.isalnum() or sign == HOLE for sign in word) for word in sentence.split())
            if words > WORDS_IN_A_SENTENCE:
                what = f"A sentence of {words} words is hard to follow: “{brief(sentence)}”"
                yield Finding(at, what, f"Make two of it; {WORDS_IN_A_SENTENCE} words are enough.")


def words_are_kind(playbook: Playbook) -> Iterator[Finding]:
    for language, at, text in texts(playbook):
        read = _bare(text)
        for word, instead in UNKIND.get(language, {}).items():
            pattern = word if language == "zh-CN" else rf"\b{word}\b"
            if re.search(pattern, read, re.IGNORECASE):
                yield Finding(at, f"The copy does not say “{word}”.", instead)


def hosts_are_hosts(playbook: Playbook) -> Iterator[Finding]:
    for host in playbook.hosts:
        if not HOST.fullmatch(host):
            yield Finding("hosts", f"`{brief(host)}` is not a host.", "Write it as `console.example.com`.")


def links_lead_to_the_vendor(playbook: Playbook) -> Iterator[Finding]:
    for _, at, text in texts(playbook):
        for address in ADDRESS.findall(text):
            link = LINK.fullmatch(address)
            if link is None:
                mend = "Write it as `[label](https://…)`, without spaces or brackets in the address."
                yield Finding(at, f"`{brief(address)}` is not a link that a card can show.", mend)
            elif VARIABLE.search(link.group(2)) or "{" in link.group(2):
                yield Finding(at, "The address of a link holds a variable.", "Write the address out.")
            elif _host(link.group(2)) not in playbook.hosts:
                mend = f"Link to {quoted(playbook.hosts)}, or add the host to `hosts`."
                yield Finding(at, f"`{brief(link.group(2))}` leads to a host that is not listed.", mend)


def _host(address: str) -> str:
    """The host of an address, with its port or name when it has one, since a vendor's page needs neither."""
    try:
        return urlsplit(address).netloc
    except ValueError:
        return ""


def marks_are_known(playbook: Playbook) -> Iterator[Finding]:
    for _, at, text in texts(playbook):
        found = UNKNOWN_MARK.search(VARIABLE.sub(HOLE, text))
        if found:
            mend = "Use words, `**strong**`, a code span or a link; lists stand under `## how` alone."
            yield Finding(at, f"A card cannot draw `{brief(found.group().strip())}`.", mend)


def chinese_is_set_well(playbook: Playbook) -> Iterator[Finding]:
    for language, at, text in texts(playbook):
        if language != "zh-CN":
            continue
        read = _bare(text)
        mark, tight = LATIN_MARK.search(read), TIGHT.search(read)
        if mark:
            around = read[max(0, mark.start() - 6) : mark.end() + 6]
            mend = "Use full-width marks: ，。：；！？（）“”."
            yield Finding(at, f"There is a half-width mark in “{brief(around)}”.", mend)
        if tight:
            around = read[max(0, tight.start() - 5) : tight.end() + 5]
            mend = "Put a space between Latin letters or digits and Chinese characters."
            yield Finding(at, f"There is no space in “{brief(around)}”.", mend)


def chinese_is_polite(playbook: Playbook) -> Iterator[Finding]:
    for language, at, text in texts(playbook):
        if language == "zh-CN" and "你" in text:
            yield Finding(at, "The copy addresses people as 您.", "Write 您 instead of 你.")
