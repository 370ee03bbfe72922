"""What a demo can play: which playbook its cases begin with, from which folder of content, and the stories told of it.

    Repertoire()                                        # as the demo begins by itself
    Repertoire("office/key_cards", Path("playbooks"))   # somebody's own playbook

The playbooks that ship stand beside those of a folder, so that one of one's own may lead to them. Everything is read
when it is asked for: who mends a file and begins the demo again sees it mended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path

import yaml
from msgspec.structs import replace

from bot.demo.story import Story, StoryError, read_text
from bot.playbook.folder import find
from bot.playbook.problem import PlaybookError
from bot.playbook.shelf import there_are, with_leads
from bot.runtime.library import Library

DEFAULT_PLAYBOOKS = ("tencent_cloud/root_account",)
"""What the demo begins with: the deepest one, without being asked first what else there is."""

DEPARTURE_PLAYBOOKS = ("tencent_cloud/departure",)
"""What a company's cases begin with when its configuration names nothing else: it asks, and leads to the others."""

RESCUE_PLAYBOOK = "tencent_cloud/rescue"
TELLS_MOST = "everything_goes_well"
"""The story that is played when none is named, where there is one of that name."""

Files = dict[str, dict[str, str]]


class Repertoire:
    """`playbook` "": those with which the demo begins. `folder` None: the content that ships with the program."""

    def __init__(self, playbook: str = "", folder: Path | None = None) -> None:
        self.playbook = playbook
        self.folder = folder
        self.begins = (playbook,) if playbook else DEFAULT_PLAYBOOKS
        self.rescue = playbook or RESCUE_PLAYBOOK
        """What `/offboard rescue` begins: a playbook that was asked for is begun in either way."""

    def wrong(self) -> str:
        """What keeps this from being played, with how to mend it; or ""."""
        there = self._there()
        if self.playbook and self.playbook not in there:
            own = find(self.folder) if self.folder is not None else list(there)
            where = self.folder if self.folder is not None else "this program"
            return f"There is no playbook {self.playbook} in {where}. There are: {', '.join(own) or 'none'}."
        try:
            Library(self.files(), "en", self.begins)
            for path in (path for name in self.begins for path in _told_of(there, name)):
                _read(path)
        except (PlaybookError, StoryError) as error:
            at = f" --from {self.folder}" if self.folder is not None else ""
            return f"{error}\nAll of it: offboard playbook check {self.begins[0]}{at}"
        return ""

    def files(self) -> Files:
        """The playbooks that a case can come to: name -> files. Raises PlaybookError."""
        there = self._there()
        rescue = [self.rescue] if self.rescue in there else []
        return with_leads(there, [*self.begins, *rescue])

    def library(self, language: str, playbook: str = "", files: Files | None = None) -> Library:
        """What cases are played with, begun with this `playbook`, or as it is meant."""
        return Library(files or self.files(), language, [playbook] if playbook else self.begins)

    def stories(self, names: Iterable[str] | None = None) -> dict[str, Story]:
        """The stories of these playbooks, or of every one that there is, by name. `lost_phone` is one of what cases
        begin with; else it has its playbook in front: `tencent_cloud/rescue/lost_phone`. What cannot be read is left
        out: `offboard playbook test` tells of it."""
        there = self._there()
        return {
            path.stem if name in self.begins else f"{name}/{path.stem}": replace(story, playbook=name)
            for name in (there if names is None else names)
            for path in _told_of(there, name)
            if (story := _readable(path)) is not None
        }

    def story(self, name: str) -> Story | str:
        """A story by its name, or what is wrong with asking for it. "" is the one that tells most, else the first."""
        known = self.stories()
        own = [one for one in known if "/" not in one]
        if not name:
            name = TELLS_MOST if TELLS_MOST in known else next(iter(own), "")
        if not name:
            return f"Nobody has written a story of {self.begins[0]} yet: see conversations/README.md."
        return known.get(name) or f"There is no story {name}. There are: {', '.join(sorted(known))}."

    def _there(self) -> dict[str, Path]:
        with as_file(files("conversations")) as root:
            return there_are(*{Path(root): None, self.folder or Path(root): None})


def shipped() -> Files:
    """The playbooks that ship with the program and that a case of the demo can come to: name -> files."""
    return Repertoire().files()


def _told_of(there: dict[str, Path], name: str) -> Iterator[Path]:
    yield from sorted((there[name] / name / "stories").glob("*.yaml"))


def _read(path: Path) -> Story:
    try:
        return read_text(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, StoryError) as error:
        raise StoryError(f"stories/{path.name}: {error}") from None


def _readable(path: Path) -> Story | None:
    changed = path.stat()
    return _readable_as(path, changed.st_mtime_ns, changed.st_size)


@lru_cache(512)
def _readable_as(path: Path, changed: int, size: int) -> Story | None:
    """Read once for each state of the file: a page lists every story each time it is drawn."""
    try:
        return _read(path)
    except StoryError:
        return None
