"""Questions to Tencent's own libraries, and messages to ask them about.

python -m tests.wecom.oracle          writes vectors.json anew, for machines that have no Node
"""

from __future__ import annotations

import json
import random
import shutil
import string
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / ".venv" / "wecom-node" / "node_modules"
VECTORS = HERE / "vectors.json"
LIBRARIES = ("crypto", "aibot")
EDGES = [
    "",
    "a",
    "好",
    "👩‍👩‍👧‍👦",
    "x" * 11,
    "x" * 12,
    "x" * 31,
    "x" * 32,
    "x" * 33,
    "<xml></xml>",
    "离" * 5_000,
    "\r\n\t",
    "]]>",
]

Question = dict[str, Any]


def missing() -> str:
    """Why they cannot be asked, or ""."""
    if shutil.which("node") is None:
        return "there is no Node.js"
    if not (FOLDER / "@wecom" / "crypto").is_dir():
        return "Tencent's libraries are not there: make oracles"
    return ""


def ask(questions: list[Question]) -> list[Question]:
    said = "\n".join(json.dumps(question) for question in questions)
    answered = subprocess.run(
        ["node", str(HERE / "oracle.cjs"), str(FOLDER)], input=said, capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in answered.stdout.splitlines()]


def questions(count: int, seed: int) -> Iterator[Question]:
    """Messages under keys as the console makes them; the awkward lengths first."""
    chance = random.Random(seed)
    letters = string.ascii_letters + string.digits
    for number in range(count):
        message = EDGES[number % 40] if number % 40 < len(EDGES) else _message(chance)
        yield {
            "library": LIBRARIES[number % 2],
            "token": "".join(chance.choices(letters, k=chance.randint(1, 32))),
            "aes_key": "".join(chance.choices(letters, k=43)),
            "receiver": "ww" + "".join(chance.choices("0123456789abcdef", k=16)),
            "timestamp": str(chance.randint(10**9, 10**10 - 1)),
            "nonce": str(chance.randint(1, 10**10)),
            "message": message,
        }


def _message(chance: random.Random) -> str:
    signs = "abc <>&\"'离职交接完成同意驳回😀é\n"
    return "".join(chance.choices(signs, k=chance.randint(1, 700)))


def freeze(count: int = 52) -> None:
    asked = [question | {"does": "seal"} for question in questions(count, seed=2026)]
    for question in asked:
        question["message"] = question["message"][:400]
    made = [{**question, **answer} for question, answer in zip(asked, ask(asked), strict=True)]
    VECTORS.write_text(json.dumps(made, ensure_ascii=True, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    freeze()
