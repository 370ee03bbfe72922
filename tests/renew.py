"""Writes what is made from the program and its content: the transcripts in the READMEs, and the pages in docs/.

`make docs`, or `python -m tests.renew`.
"""

from __future__ import annotations

from pathlib import Path

from tests.test_docs import HERE, READMES, transcript
from tests.written.pages import MADE, pages

DOCS = HERE / "docs"


def main() -> None:
    for language, name in READMES.items():
        path = Path(HERE / name)
        before, rest = path.read_text(encoding="utf-8").split("```text\n\n──", 1)
        after = rest.split("```", 1)[1]
        path.write_text(f"{before}```text\n{transcript(language)}```{after}", encoding="utf-8")
    wanted = {DOCS / name: text for name, text in pages().items()}
    for stale in DOCS.rglob("*.md"):
        if stale not in wanted and stale.read_text(encoding="utf-8").startswith(MADE):
            stale.unlink()
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
