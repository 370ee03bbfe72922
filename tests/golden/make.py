"""Writes the golden logs of this version:  python -m tests.golden.make

For each history two files under tests/golden/<version>/: NAME.facts.jsonl, each line the exact bytes of one fact; and
NAME.state.json, the exact bytes of the case that they fold to.

A GOLDEN FILE OF A RELEASED VERSION IS NEVER REWRITTEN. It is what companies have in their databases: when a test says
that it no longer folds to its state, the code is wrong, or an upcast is missing (core/facts.py), or the rows need a
migration. So this command, which no test runs, writes what is not there yet. Before its release the current version's
files may be made anew with --again; once there is a tag v<version> that is refused.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from bot.runtime import codec
from tests.golden.histories import played

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def is_released(version: str) -> bool:
    found = subprocess.run(
        ["git", "tag", "--list", f"v{version}"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return bool(found.stdout.strip())


def main(arguments: list[str]) -> int:
    now = version()
    again = "--again" in arguments
    if again and is_released(now):
        sys.stderr.write(f"{now} is released: its golden files stay as they are.\n")
        return 1
    folder = HERE / now
    folder.mkdir(exist_ok=True)
    for name, story in played():
        files = {
            folder / f"{name}.facts.jsonl": b"".join(codec.encode(fact) + b"\n" for fact in story.log),
            folder / f"{name}.state.json": codec.encode(story.now) + b"\n",
        }
        for path, data in files.items():
            if again or not path.exists():
                path.write_bytes(data)
                sys.stdout.write(f"{path.relative_to(ROOT)}: {len(data)} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
