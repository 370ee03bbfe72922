"""A step's Markdown file: a title, then parts under `##` headings.

RULES
 1. The headings are the same ASCII words in every language (`why`, `where`, `how` …); people see localised labels.
 2. Each part is kept as lines: a paragraph is one line however it was wrapped, an item of a list is one line.
    `how` is a numbered list; its numbers are taken off, since each platform counts in its own way.
 3. A part may be a template (template.py); a title may not, since the record keeps it.
 4. A line `<!-- … -->` is a note from one author to the next; nobody else is shown it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from bot.playbook.card import PARTS
from bot.playbook.model import StepWords
from bot.playbook.problem import Problem, brief, nearest
from bot.playbook.structure import Places
from bot.playbook.template import flaws

HEADINGS = (*PARTS, "first", "look")
LINES, PART = 400, 3000
"""Lines of a file, and characters of a part: what one Slack text holds."""

NUMBERED = "how"
ITEM = re.compile(r"\s{0,3}(\d{1,2})[.)]\s+(?=\S)")
LATIN = re.compile(r"[\x21-\x7e]")
NOTE = re.compile(r"\s*<!--.*-->\Z")


class Prose:
    """One file on its way to StepWords. What is wrong is added to `problems`."""

    def __init__(self, file: str, step: str, problems: list[Problem]) -> None:
        self.file, self.step, self._problems = file, step, problems
        self.title: tuple[int, str] | None = None
        self.parts: dict[str, list[tuple[int, str]]] = {}
        self.lines: dict[str, int] = {}
        self._part: str | None = None
        self._lost = False

    def complain(self, line: int, what: str, mend: str) -> None:
        self._problems.append(Problem(file=self.file, line=line, step=self.step, what=what, mend=mend))

    def read(self, text: str) -> None:
        for number, line in enumerate(map(str.rstrip, text.split("\n")), start=1):
            if number > LINES:
                self.complain(number, f"This file has more than {LINES} lines.", "Keep to one step in a file.")
                return
            if any(not (sign.isprintable() or sign == "\t") for sign in line):
                self.complain(
                    number, "There is a character here that is not text.", "Delete it; it may not be visible."
                )
            elif NOTE.match(line):
                continue
            elif line.startswith("#"):
                self._heading(number, line)
            elif line.strip():
                self._text(number, line)
            elif self._part:
                self.parts[self._part].append((number, ""))
        if self.title is None:
            self.complain(1, "The step has no title.", "Begin the file with `# ` and a title.")

    def _heading(self, number: int, line: str) -> None:
        self._lost = False
        marks, _, words = line.partition(" ")
        words = words.strip()
        if marks == "#" and words and self.title is None and not self.parts:
            self.title = (number, words)
            if "{{" in words or "{%" in words:
                self.complain(number, "A title holds no variable.", "Write it out: the record keeps it as it is.")
        elif marks == "##" and words in HEADINGS and words not in self.parts:
            self._part = words
            self.parts[words], self.lines[words] = [], number
        elif marks == "##" and words in self.parts:
            self.complain(number, f"`## {words}` stands twice.", "Keep one of them.")
        elif marks == "##":
            self.complain(number, f"There is no part `{brief(words)}`.", nearest(words.lower(), HEADINGS))
            self._part, self._lost = None, True
        else:
            self.complain(number, "This heading is not expected here.", "Use one `# Title`, then `## why` and so on.")

    def _text(self, number: int, line: str) -> None:
        if self._part:
            self.parts[self._part].append((number, line))
        elif self._lost:
            return
        elif not self.parts and self.title is None:
            self.complain(number, "There is text before the title.", "Begin the file with `# ` and a title.")
        else:
            self.complain(number, "There is text under no part.", "Put it under a heading such as `## why`.")

    def words(self, path: str, places: Places) -> StepWords:
        """What was read, and where each part begins."""
        places[path] = (self.file, self.title[0] if self.title else 1)
        said: dict[str, str] = {}
        for part, numbered in self.parts.items():
            places[f"{path}.{part}"] = (self.file, self.lines[part])
            lines = self._items(numbered) if part == NUMBERED else _paragraphs(numbered)
            if not lines:
                self.complain(
                    self.lines[part], f"Nothing stands under `## {part}`.", "Write it, or take the heading out."
                )
            said[part] = "\n".join(lines)
            if len(said[part]) > PART:
                what = f"`{part}` has more than {PART} characters."
                self.complain(self.lines[part], what, "Shorten it: a card has to hold it.")
                continue
            for flaw in flaws(said[part]):
                self.complain(self.lines[part], flaw.what, flaw.mend)
        return StepWords(
            title=self.title[1] if self.title else "",
            parts={part: said[part] for part in PARTS if part in said},
            first=said.get("first", ""),
            look=said.get("look", ""),
        )

    def _items(self, numbered: Iterable[tuple[int, str]]) -> list[str]:
        items: list[list[str]] = []
        for number, line in numbered:
            mark = ITEM.match(line)
            if mark:
                items.append([line[mark.end() :]])
            elif line and items:
                items[-1].append(line.strip())
            elif line:
                self.complain(number, "`how` is a numbered list.", "Begin this line with `1. `.")
        return [_joined(item) for item in items]


def _paragraphs(numbered: Iterable[tuple[int, str]]) -> list[str]:
    paragraphs: list[list[str]] = [[]]
    for _, line in numbered:
        if line:
            paragraphs[-1].append(line.strip())
        else:
            paragraphs.append([])
    return [_joined(paragraph) for paragraph in paragraphs if paragraph]


def _joined(wrapped: Sequence[str]) -> str:
    """The lines of one paragraph as one line. Chinese is joined without a space, as it is written."""
    joined = [wrapped[0]]
    for before, after in pairwise(wrapped):
        spaced = LATIN.match(before[-1]) or LATIN.match(after[0])
        joined.append(f" {after}" if spaced else after)
    return "".join(joined)


def lines(rendered: str) -> tuple[str, ...]:
    """A rendered part as the lines of a card: no empty ones, no numbers in front."""
    bare = (ITEM.sub("", line, count=1) if ITEM.match(line) else line.strip() for line in rendered.split("\n"))
    return tuple(line for line in bare if line)
