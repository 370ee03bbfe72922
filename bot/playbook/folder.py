"""A playbook's files: from a folder, into bytes and back, and their hash.

RULES
 1. What a case pins is every file of the folder but hidden ones and `stories/`: a story is a test, and people see
    none of it.
 2. Texts are UTF-8 with LF. A byte order mark and CRLF are what some editors add by themselves; both are taken away
    on reading, so that the same content has the same hash on every machine.
 3. Nothing outside the folder is read but the vendor's list of places in the folder above (vendor.py), nothing that is
    not a plain file, and nothing that is absurdly large.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

import msgspec

from bot.playbook.problem import PlaybookError, Problem, brief
from bot.playbook.vendor import PLACES

FILE_BYTES = 256 * 1024
ALL_FILES_BYTES = 16 * FILE_BYTES
FILES = 400
STORIES = "stories"
STRUCTURE = "playbook.yaml"

_ENCODER = msgspec.json.Encoder(order="sorted")


def find(root: Path) -> list[str]:
    """The names of all playbooks under a folder of content, such as `tencent_cloud/root_account`, in order."""
    found = []
    for folder, below, files in os.walk(root):
        below[:] = sorted(name for name in below if not name.startswith((".", "_")))
        if STRUCTURE in files and Path(folder) != root:
            found.append(Path(folder).relative_to(root).as_posix())
            below.clear()
    return sorted(found)


def read_folder(path: Path) -> dict[str, str]:
    """The files of one playbook: path inside the folder -> text. Raises PlaybookError with all that cannot be read."""
    root = Path(path)
    if not root.is_dir():
        what = "This is a file, not a folder." if root.exists() else "There is no such folder."
        mend = f"Name the folder in which {STRUCTURE} lies."
        raise PlaybookError([Problem(file=root.name, line=0, step="", what=what, mend=mend)])
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for name in _names(root, problems):
        if len(texts) >= FILES or sum(map(len, texts.values())) > ALL_FILES_BYTES:
            problems.append(_problem(name, "There are too many files.", "Keep one playbook to a folder."))
            break
        read = _read(root, name)
        if isinstance(read, Problem):
            problems.append(read)
        else:
            texts[name] = read
    if PLACES not in texts and os.path.lexists(root.parent / PLACES):
        shared = _read(root.parent, PLACES)
        if isinstance(shared, Problem):
            problems.append(shared)
        else:
            texts[PLACES] = shared
    if problems:
        raise PlaybookError(problems)
    return texts


def _names(root: Path, problems: list[Problem]) -> Iterator[str]:
    """The files, two levels deep: nothing reads what lies deeper, so nothing should lie there."""

    def unreadable(error: OSError) -> None:
        mend = "Give the reader the right to read it."
        problems.append(_problem(os.path.relpath(error.filename, root), "This folder cannot be read.", mend))

    for folder, below, files in os.walk(root, onerror=unreadable):
        here = Path(folder).relative_to(root)
        seen = [name for name in below if not name.startswith(".") and (here / name).as_posix() != STORIES]
        links = [name for name in seen if os.path.islink(os.path.join(folder, name))]
        below[:] = sorted(set(seen) - set(links))
        for name in [name for name in below if here.parts or name.endswith((".yaml", ".md"))]:
            below.remove(name)
            what = "This is a folder, and nothing reads a folder here."
            problems.append(_problem((here / name).as_posix(), what, "Take it away, or put a file in its place."))
        yield from ((here / name).as_posix() for name in sorted((*files, *links)) if not name.startswith("."))


def _problem(name: str, what: str, mend: str, line: int = 0) -> Problem:
    return Problem(file=brief(name), line=line, step="", what=what, mend=mend)


def _read(root: Path, name: str) -> str | Problem:
    """The text of one file, or why it has none."""
    path = root / name
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root)):
        return _problem(name, "This is a link out of the folder.", "Put a copy of the file here instead.")
    try:
        if not path.is_file():
            return _problem(name, "This is not a plain file.", "Put a text file here, or take it away.")
        with path.open("rb") as file:
            data = file.read(FILE_BYTES + 1)
    except OSError as error:
        why = error.strerror or "no reason was given"
        return _problem(name, f"This file cannot be read ({why}).", "Give the reader the right to read it.")
    return _text(name, data)


def _text(name: str, data: bytes) -> str | Problem:
    if len(data) > FILE_BYTES:
        limit = FILE_BYTES // 1024
        return _problem(name, f"This file is larger than {limit} KB.", "Split it, or take out what no person reads.")
    try:
        name.encode()
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return _problem(name, "This line is not UTF-8 text.", "Save the file as UTF-8.", line)
    except UnicodeEncodeError:
        return _problem(name, "The name of this file is not UTF-8.", "Name it with plain letters.")
    return text.replace("\r\n", "\n")


def pack(files: Mapping[str, str]) -> bytes:
    """The files as canonical bytes: what the database keeps. The same files give the same bytes, in any order."""
    return _ENCODER.encode(dict(files))


def unpack(data: bytes) -> dict[str, str]:
    """The files again. Raises PlaybookError when these bytes did not come from `pack`."""
    try:
        return msgspec.json.decode(data, type=dict[str, str])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        mend = "Take the bytes from the table `playbooks` as they are."
        raise PlaybookError([_problem("", "These bytes are not a packed playbook.", mend)]) from error


def content_hash(files: Mapping[str, str]) -> str:
    """SHA-256 over the packed files: what a case pins."""
    return sha256(pack(files)).hexdigest()
