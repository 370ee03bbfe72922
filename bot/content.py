"""The author's tools: list, check, draw, preview and test the playbooks of a folder."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import yaml

from bot.app import play_story
from bot.demo.lines import lines
from bot.demo.story import Story, StoryError, read_text
from bot.playbook.explore import TooLarge, explore
from bot.playbook.folder import STRUCTURE
from bot.playbook.graph import mermaid
from bot.playbook.lint import lint, unguarded
from bot.playbook.load import LANGUAGES, NAME, Loaded, find, read_folder
from bot.playbook.load import read as load
from bot.playbook.model import Playbook
from bot.playbook.problem import PlaybookError, Problem
from bot.playbook.sample import NAMES, sample, samples
from bot.playbook.shelf import there_are
from bot.playbook.tale import tell
from bot.playbook.vendor import PLACES, Entry, stale, unseen, vendor
from bot.runtime.clocks import RealClock
from bot.slack.blocks import SlackRenderer
from bot.slack.look import look as slack_look
from bot.wecom.cards import WecomRenderer
from bot.wecom.look import look as wecom_look

Row = dict[str, Any]

TEMPLATE = "_template"
NEXT = """\
{to} is yours now: a small playbook that works. Change its files, and look at what you get:

  offboard playbook check {name} --from {folder}      every mistake with its mend; can anybody be locked out?
  offboard playbook preview {name} --from {folder}    each card as Slack, WeCom and the terminal would show it
  offboard playbook test {name} --from {folder}       does its story happen as it is told?
  offboard demo --playbook {name} --from {folder}     play it yourself, in a browser

How each file is written, from the beginning to the end: conversations/README.md"""


def root(folder: str | None) -> Path:
    """Where the playbooks are: a given folder, or the ones that ship with the program."""
    if folder is not None:
        return Path(folder)
    with as_file(files("conversations")) as shipped:
        return Path(shipped)


def names(name: str | None, folder: str | None) -> list[str]:
    return [one for one in find(root(folder)) if name in (None, one)]


def overview() -> list[Row]:
    rows = []
    for name in names(None, None):
        playbook = _load(name, None)
        rows.append(
            {
                "name": name,
                "questions": sum(question.asked for question in playbook.questions),
                "steps": len(playbook.steps),
                "leads_to": list(dict.fromkeys(lead.playbook for lead in playbook.leads_to)),
                **_proof(playbook),
                "languages": ", ".join(playbook.words),
                "stories": len(list(stories(name, None))),
                "hash": playbook.hash,
            }
        )
    return rows


def _proof(playbook: Playbook) -> Row:
    """How many sets of answers there are, and how many moments stand for every order of the steps; as a text too."""
    try:
        report = explore(playbook)
    except TooLarge as error:
        return {"combinations": 0, "moments": 0, "proven": False, "proof": f"not proven: {error}"}
    ways = f"{report.projected} combinations of answers, {report.states} moments of every order"
    proof = f"{ways}: {'proven' if report.ok else 'NOT proven, see offboard playbook check'}"
    return {"combinations": report.projected, "moments": report.states, "proven": report.ok, "proof": proof}


def _load(name: str, folder: str | None) -> Playbook:
    return load(read_folder(root(folder) / name), name).playbook


def check(name: str | None, folder: str | None) -> list[Row]:
    """Lint and proof of each playbook; `lines` are for a reader."""
    found = names(name, folder)
    if not found:
        return [{"playbook": name or "", "ok": False, "lines": [_unknown(name, folder)]}]
    return [_check(one, folder) for one in found]


def _unknown(name: str | None, folder: str | None) -> str:
    known = ", ".join(find(root(folder))) or "none"
    return f"There is no playbook {name or ''} in {folder or 'this program'}. There are: {known}."


def _check(name: str, folder: str | None) -> Row:
    try:
        loaded = load(read_folder(root(folder) / name), name)
    except PlaybookError as error:
        return {"playbook": name, "ok": False, "lines": [f"{name}/{problem}" for problem in error.problems]}
    problems = [
        f"{name}/{problem}" for problem in (*lint(loaded.playbook, loaded.places, _known(folder)), *unguarded(loaded))
    ]
    problems += () if problems else _unfit(loaded.playbook)
    try:
        report = explore(loaded.playbook)
    except TooLarge as error:
        return {"playbook": name, "ok": False, "lines": [*problems, f"{name}: {error}"]}
    said = tell(loaded.playbook, report)
    lines = [*problems, *said, *_not_seen(loaded)]
    return {"playbook": name, "ok": report.ok and not problems, "lines": lines}


def _unfit(playbook: Playbook) -> Iterator[str]:
    """What a platform would not take of the cards."""
    for language, (what, card) in ((one, card) for one in playbook.words for card in samples(playbook, one)):
        for renderer in (SlackRenderer(), WecomRenderer()):
            for finding in renderer.findings(renderer.draw(card, NAMES[language])):
                yield f"{playbook.name}/{what} ({language}), as {renderer.name} draws it: {finding}"


def _not_seen(loaded: Loaded) -> Iterator[str]:
    """For the author alone: what a step names that stands in no document."""
    entries = {entry.id: entry for found in unseen(loaded.named).values() for entry in found}
    for id, entry in sorted(entries.items()):
        yield f"Note: {entry.kind}.{id} ({entry.words['en']}) was seen in no document; look at the console."


def _known(folder: str | None) -> dict[str, Playbook]:
    """Every playbook that can be read, also our own beside those of a folder: they may lead to each other. What is
    wrong with another one is told where that one is checked."""
    found = {}
    for name, where in there_are(root(None), root(folder)).items():
        with suppress(PlaybookError):
            found[name] = load(read_folder(where / name), name).playbook
    return found


def new(name: str, folder: str) -> tuple[list[str], bool]:
    """Copy the blank playbook to `folder`/`name`, with its name put in. Nothing that is there is touched."""
    to = Path(folder) / name
    if not NAME.fullmatch(name):
        mend = "Use small letters, digits and `_`, with `/` between two words, such as office/key_cards."
        return [f"`{name}` cannot be the name of a playbook. {mend}"], False
    if name in find(root(None)):
        return [f"{name} ships with this program. Choose a name of your own, such as office/key_cards."], False
    if to.exists():
        return [f"{to} is there already, and is left as it is. Choose another name, or take it away first."], False
    within = next((above for above in to.parents if (above / STRUCTURE).exists()), None)
    if within is not None:
        return [f"{within} is a playbook itself, so nothing in it is looked for. Choose another folder."], False
    try:
        for file, text in sorted(_blank(name).items()):
            (to / file).parent.mkdir(parents=True, exist_ok=True)
            (to / file).write_text(text, encoding="utf-8")
    except OSError as error:
        return [f"{to} cannot be written ({error.strerror}): choose another folder with --to."], False
    return [NEXT.format(to=to, name=name, folder=folder)], True


def _blank(name: str) -> dict[str, str]:
    """The files of the blank playbook, its story too."""
    at = root(None) / TEMPLATE
    found = {path.relative_to(at).as_posix(): path.read_text(encoding="utf-8") for path in at.rglob("*.*")}
    return {file: re.sub(r"(?m)^name: \S+", f"name: {name}", text, count=1) if file == STRUCTURE else text
            for file, text in found.items()}  # fmt: skip


def graph(name: str, folder: str | None) -> tuple[list[str], bool]:
    if name not in names(name, folder):
        return [_unknown(name, folder)], False
    try:
        return [mermaid(_load(name, folder))], True
    except PlaybookError as error:
        return [f"{name}/{problem}" for problem in error.problems], False


def preview(
    name: str, step: str | None, look: str | None, language: str, folder: str | None, *, payload: bool
) -> tuple[list[str], bool]:
    """The card of one step (or of each) as each platform would show it."""
    if name not in names(name, folder):
        return [_unknown(name, folder)], False
    try:
        playbook = _load(name, folder)
    except PlaybookError as error:
        return [f"{name}/{problem}" for problem in error.problems], False
    if step is not None and playbook.step(step) is None:
        return [f"There is no step {step} in {name}. There are: {', '.join(s.id for s in playbook.steps)}."], False
    wanted = [step] if step is not None else [spec.id for spec in playbook.steps]
    return [line for id in wanted for line in _previewed(playbook, id, look, language, payload=payload)], True


def _previewed(playbook: Playbook, step: str, look: str | None, language: str, *, payload: bool) -> Iterator[str]:
    card, people = sample(playbook, step, language)
    if look in (None, "text") and not payload:
        yield f"== {step} · text · {language}"
        yield from lines(card, people)
        yield ""
    for renderer, seen in ((SlackRenderer(), slack_look), (WecomRenderer(), wecom_look)):
        if look not in (None, renderer.name):
            continue
        drawn = renderer.draw(card, people)
        yield f"== {step} · {renderer.name} · {language}"
        if payload:
            yield json.dumps(drawn.payload, ensure_ascii=False, indent=2)
            yield from drawn.beside
        else:
            yield from seen(drawn)
        yield from (f"!! {finding}" for finding in renderer.findings(drawn))
        yield ""


def stories(name: str, folder: str | None) -> Iterator[tuple[str, Story | StoryError]]:
    """Every story of a playbook: its name and what it is, or why it cannot be read."""
    for path in sorted((root(folder) / name / "stories").glob("*.yaml")):
        yield path.stem, _story(path)


def _story(path: Path) -> Story | StoryError:
    try:
        return read_text(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return StoryError(f"{path.name} cannot be read: {error}")
    except StoryError as error:
        return error


def run_stories(name: str | None, folder: str | None) -> list[Row]:
    """Play every story in every language."""
    found = names(name, folder)
    rows = [
        _played(one, title, story, language, folder)
        for one in found
        for title, story in stories(one, folder)
        for language in LANGUAGES
    ]
    return rows or [_result(name or "", "", "", _unknown(name, folder) if not found else "There are no stories.")]


def _played(name: str, title: str, story: Story | StoryError, language: str, folder: str | None) -> Row:
    if isinstance(story, StoryError):
        return _result(name, title, language, str(story))
    try:
        play_story(story, language, name, root(folder))
    except (StoryError, PlaybookError) as error:
        return _result(name, title, language, str(error))
    return _result(name, title, language, "")


def _result(name: str, title: str, language: str, problem: str) -> Row:
    return {
        "playbook": name,
        "story": title,
        "language": language,
        "ok": not problem,
        "mark": "not ok" if problem else "ok",
        "problem": f": {problem}" if problem else "",
    }


def places(folder: str | None, days: int | None) -> list[Row]:
    """What the vendors' lists name, the oldest first; with `days`, only what was read more days ago."""
    today = RealClock().now().date()
    rows = []
    for path in sorted(root(folder).rglob(PLACES)):
        problems: list[Problem] = []
        known = vendor(path.read_text(encoding="utf-8"), problems)
        if problems:
            raise PlaybookError(problems)
        for entry in stale(known, today, -1 if days is None else days):
            rows.append(_named(path.parent.relative_to(root(folder)).as_posix(), entry))
    return sorted(rows, key=lambda row: (row["read"], row["vendor"], row["kind"], row["id"]))


def _named(of: str, entry: Entry) -> Row:
    return {
        "vendor": of,
        "kind": entry.kind,
        "id": entry.id,
        "url": entry.url,
        **entry.words,
        "source": entry.source,
        "read": entry.read.isoformat(),
        "seen": entry.seen,
        "mark": "" if entry.seen else " (in no document that we have read)",
    }
