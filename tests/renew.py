"""Puts the transcripts of the demo into the READMEs: `python -m tests.renew`."""

from __future__ import annotations

from pathlib import Path

from tests.test_docs import HERE, READMES, transcript


def main() -> None:
    for language, name in READMES.items():
        path = Path(HERE / name)
        before, rest = path.read_text(encoding="utf-8").split("```text\n\n──", 1)
        after = rest.split("```", 1)[1]
        path.write_text(f"{before}```text\n{transcript(language)}```{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
