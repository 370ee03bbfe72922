"""Who may import whom, and how long a thing may grow before it is two things."""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULE_LINES = 300
FUNCTION_LINES = 60


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Checks the contracts of folder/pyproject.toml on the packages beside it."""
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )


def modules() -> Iterator[tuple[str, str]]:
    """Every module of the engine: its path as a reader would name it, and its text."""
    for path in sorted((ROOT / "bot").rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def test_nobody_imports_what_stands_above_or_beside_it() -> None:
    outcome = lint_imports(ROOT)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_each_rule_about_imports_bites(tmp_path: Path) -> None:
    """A rule that is misspelt keeps silent for ever, so every one is broken once on purpose."""
    planted = {
        "bot/core/case.py": "import time\nimport bot.playbook\n",
        "bot/playbook/load.py": "",
        "bot/runtime/engine.py": "import jinja2, slack_bolt, slack_sdk, sqlite3, sqlite_utils, wechatpy\n",
        "bot/slack/gate.py": "import slack_bolt\nimport bot.config\n",
        "bot/wecom/gate.py": "import bot.slack.gate\n",
        "bot/config.py": "import conversations\n",
        "bot/stray.py": "",
        "conversations/text.py": "",
    }
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name, text in planted.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        for package in path.relative_to(tmp_path).parents[:-1]:
            (tmp_path / package / "__init__.py").touch()

    outcome = lint_imports(tmp_path)

    expected = [
        "bot.core.case -> time",
        "bot.core.case -> bot.playbook",
        *(
            f"bot.runtime.engine -> {library}"
            for library in ("jinja2", "slack_bolt", "slack_sdk", "sqlite3", "sqlite_utils", "wechatpy")
        ),
        "bot.slack.gate -> bot.config",
        "bot.wecom.gate -> bot.slack.gate",
        "bot.config -> conversations",
        "- bot.stray",
    ]
    assert outcome.returncode == 1, outcome.stdout + outcome.stderr
    assert [line for line in expected if line not in outcome.stdout] == []
    assert "bot.slack.gate -> slack_bolt" not in outcome.stdout
    assert "0 kept" in outcome.stdout, "a rule was not tried: plant something that breaks it"


def test_no_module_outgrows_its_budget() -> None:
    lengths = {name: len(text.splitlines()) for name, text in modules()}
    long = [f"{name}: {lines} lines" for name, lines in lengths.items() if lines > MODULE_LINES]
    assert long == [], f"over {MODULE_LINES} lines, so each is two things: {', '.join(long)}"


def test_no_function_outgrows_its_budget() -> None:
    long = []
    for name, text in modules():
        for node in ast.walk(ast.parse(text, name)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    long.append(f"{name}:{node.lineno} {node.name}: {lines} lines")
    assert long == [], f"over {FUNCTION_LINES} lines, so each does two things: {', '.join(long)}"
