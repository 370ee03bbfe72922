"""A text of a card, taken apart: what every renderer needs to know about the four marks (card.py).

RULES
 1. `runs` is the only place that reads marks; a renderer turns runs into its platform's own way of writing.
 2. What cannot be seen is taken out first (`clean`): signs that turn the direction of the text, invisible signs,
    control signs. Half a character becomes a visible one. So a name cannot hide what a button does.
 3. A mark that does not close is text. A code is taken literally. Strong may hold links and people.
 4. A text is cut between what is seen as characters, never inside a mark (`portions`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from bot.core.case import PersonId
from bot.playbook.card import LINK, MENTION, plain

_LINES = re.compile("\r\n?|[\u0085\u2028\u2029]")
_HALVES = re.compile("[\ud800-\udfff]")
_UNSEEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ue002-\uf8ff\U000e0000-\U000e007f\U000f0000-\U0010ffff]"
)
_MARK = re.compile(
    rf"(?P<code>`[^`\n]+`)|(?P<link>{LINK.pattern})|(?P<mention>{MENTION.pattern})|(?P<strong>\*\*)"
    "|(?P<stray>[\ue000\ue001])"
)
_JOINER = "\u200d"
_REST = re.compile(r"[。！？；，、\s]|[.!?;,](?=\s)")
_IDEOGRAPH = re.compile("[\u2e80-\u9fff]")
_BEFORE = re.compile("[\u2e80-\u9fff] $")
_AFTER = re.compile(" [\u2e80-\u9fff]")
_WIDE_SPACE = re.compile("(?<=[\u3001\u3002\uff01\uff0c\uff1a\uff1b\uff1f]) (?=[\u201c\u2e80-\u9fff\uff00-\uff60])")
LONGEST_NAME = 64
"""Characters of a name that are shown."""

LONGEST_TAIL = 12
"""Characters of a word begun that are given up, so that a shortened text ends with a whole word."""
_LATIN = re.compile(r"[0-9A-Za-z'’]")
_LOOK_BACK = 80
"""How far before the end a cut looks for the end of a sentence, in characters."""


class Run(Struct, frozen=True, omit_defaults=True):
    """A piece of a text. `kind`: text, code, link or mention; of a mention, `text` is the person's id."""

    kind: str
    text: str
    url: str = ""
    strong: bool = False


def clean(text: str) -> str:
    """The text without what cannot be seen. Joiners stay: emoji and several scripts need them."""
    text = _LINES.sub("\n", _HALVES.sub("\ufffd", text)).replace("\t", " ")
    return _UNSEEN.sub("", text)


def runs(text: str) -> list[Run]:
    """The text as runs, in order."""
    text = clean(text)
    marks = list(_MARK.finditer(text))
    toggles = sum(mark.lastgroup == "strong" for mark in marks) // 2 * 2
    pieces: list[Run] = []
    strong, at = False, 0

    def add(kind: str, said: str, url: str = "") -> None:
        if said:
            pieces.append(Run(kind, said, url, strong))

    for mark in marks:
        add("text", text[at : mark.start()])
        at = mark.end()
        match mark.lastgroup:
            case "code":
                add("code", mark["code"][1:-1])
            case "link":
                add("link", *_link(mark["link"]))
            case "mention":
                add("mention", mark["mention"][1:-1])
            case "strong" if toggles:
                strong, toggles = not strong, toggles - 1
            case "strong":
                add("text", "**")
    add("text", text[at:])
    return pieces


def _link(mark: str) -> tuple[str, str]:
    found = LINK.fullmatch(mark)
    assert found is not None
    return re.sub("[\ue000\ue001]", "", found[1]), found[2]


def person(id: PersonId, names: Mapping[PersonId, str], language: str) -> str:
    """What somebody is called, harmless and on one line; a neutral word for somebody whose name is not known."""
    return shortened(one_line(plain(clean(names.get(id, "")))), LONGEST_NAME) or word("somebody", language)


def named(line: Sequence[Run], names: Mapping[PersonId, str], language: str) -> list[Run]:
    """The runs with names in place of people. A Chinese name in a Chinese sentence has no spaces around it."""
    said = [replace(run, kind="text", text=person(run.text, names, language)) if _who(run) else run for run in line]
    for at, run in enumerate(line):
        if _who(run) and at > 0 and _IDEOGRAPH.match(said[at].text) and _BEFORE.search(said[at - 1].text):
            said[at - 1] = replace(said[at - 1], text=said[at - 1].text[:-1])
        if _who(run) and at + 1 < len(said) and _IDEOGRAPH.match(said[at].text[-1]) and _AFTER.match(said[at + 1].text):
            said[at + 1] = replace(said[at + 1], text=said[at + 1].text[1:])
    return said


def _who(run: Run) -> bool:
    return run.kind == "mention"


def flat(text: str, names: Mapping[PersonId, str], language: str) -> str:
    """The text without any mark: names for people, labels for links."""
    return "".join(run.text for run in named(runs(text), names, language))


def one_line(text: str) -> str:
    """Without line breaks; Chinese punctuation brings its own space with it."""
    return _WIDE_SPACE.sub("", " ".join(text.split()))


def swapped(text: str, signs: Mapping[str, str]) -> str:
    """Each sign replaced by what stands for it, in order. (`str.translate` takes ten times as long on Chinese.)"""
    for sign, other in signs.items():
        text = text.replace(sign, other)
    return text


# ---------------------------------------------------------------------------------------------- cutting


def shortened(text: str, most: int) -> str:
    """At most `most` characters; when something is left out, an ellipsis is the last of them."""
    if len(text) <= most:
        return text
    end = _between(text, most - 1)
    if _LATIN.match(text, end) and _LATIN.match(text, end - 1):
        space = text.rfind(" ", max(end - LONGEST_TAIL, end // 2), end)
        end = space if space > 0 else end
    return text[:end].rstrip(" .,;:") + "…" if most > 0 else ""


def _between(text: str, end: int) -> int:
    """The last place up to `end` that is not inside what is seen as one character."""
    at = end
    while 0 < at < len(text) and (_belongs(text[at]) or text[at - 1] == _JOINER):
        at -= 1
    return at if at > 0 else end


def _belongs(sign: str) -> bool:
    """Whether this sign is part of the character before it: an accent, a variation, a skin tone."""
    return sign == _JOINER or unicodedata.category(sign) in ("Mn", "Me") or "\U0001f3fb" <= sign <= "\U0001f3ff"


def portions(line: Sequence[Run], most: int, size: Callable[[Sequence[Run]], int]) -> Iterator[list[Run]]:
    """One line as portions of at most `most` by the platform's own measure, cut at the ends of sentences if it can be.

    Codes, links and people stay whole; a link too long for a portion of its own becomes its label.
    """
    now: list[Run] = []
    ahead = list(reversed(line))
    while ahead:
        run = ahead.pop()
        if size([*now, run]) <= most:
            now.append(run)
            continue
        if run.kind == "text":
            room = _room(run, now, most, size) or (0 if now else 1)
            now += [replace(run, text=run.text[:room])] if room else []
            ahead += [replace(run, text=run.text[room:])] if run.text[room:] else []
        else:
            ahead.append(run if now else replace(run, kind="text", url=""))
        if now:
            yield now
            now = []
    if now:
        yield now


def _room(run: Run, before: list[Run], most: int, size: Callable[[Sequence[Run]], int]) -> int:
    """How many characters of a run of text still fit."""
    low, high = 0, len(run.text)
    while low < high:
        middle = (low + high + 1) // 2
        if size([*before, replace(run, text=run.text[:middle])]) <= most:
            low = middle
        else:
            high = middle - 1
    rests = [found.end() for found in _REST.finditer(run.text, max(low - _LOOK_BACK, 0), low)]
    return rests[-1] if rests else _between(run.text, low)


def packed(lines: Iterable[str], most: int, size: Callable[[str], int] = len) -> Iterator[str]:
    """Lines gathered into texts of at most `most`. No line may be longer."""
    full = ""
    for line in lines:
        longer = f"{full}\n{line}" if full else line
        if full and size(longer) > most:
            yield full
            longer = line
        full = longer
    if full:
        yield full


# ---------------------------------------------------------------------------------------------- words

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "app": "Offboard",
        "source": "Offboard {ref}",
        "somebody": "a colleague",
        "colon": ": ",
        "choose": "Choose",
        "choose_day": "Choose a day",
        "choose_person": "Choose a person",
        "tick": "Tick all that apply",
        "write": "Your answer",
        "submit": "Send",
        "cancel": "Cancel",
        "sure": "{label}?",
        "shortened": "This is shortened. The record of the case has all of it.",
        "beside": "The text sent along says more.",
        "settled": "Up to date",
        "newer": "See newer",
        "in_full": "Buttons in full: {labels}",
        "or_write": "Or write: {labels}",
        "page": "({at} of {of})",
    },
    "zh-CN": {
        "app": "离职交接",
        "source": "离职交接 {ref}",
        "somebody": "同事",
        "colon": "：",
        "choose": "请选择",
        "choose_day": "请选择日期",
        "choose_person": "请选择同事",
        "tick": "可多选",
        "write": "您的回答",
        "submit": "提交",
        "cancel": "取消",
        "sure": "确定{label}吗？",
        "shortened": "内容较长，这里有删节。完整内容在交接单的记录里。",
        "beside": "其余内容见随卡片发送的说明。",
        "settled": "已更新",
        "newer": "请看新卡片",
        "in_full": "按钮全称：{labels}",
        "or_write": "也可以回复：{labels}",
        "page": "（{at}/{of}）",
    },
}
"""The few words that a renderer adds itself, because only it knows whether they are needed."""


def word(key: str, language: str, **values: object) -> str:
    return WORDS.get(language, WORDS["en"])[key].format(**values)
