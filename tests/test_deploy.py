"""What lies in deploy/ says what the program does."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from bot.config.table import PROCESS, VARIABLES

DEPLOY = Path(__file__).parent.parent / "deploy"
KNOWN = {variable.env for variable in VARIABLES} | PROCESS
KNOWN |= {f"{name}_FILE" for name in KNOWN}


def variables(text: str) -> set[str]:
    return set(re.findall(r"\b(?:OFFBOARD|SLACK|WECOM)_[A-Z_]+\b", text))


@pytest.mark.parametrize(
    "name", ["Dockerfile", "compose.yaml", "README.md", "README.zh-CN.md", *(p.name for p in DEPLOY.glob("systemd/*"))]
)
def test_every_variable_that_is_named_is_one_of_ours(name: str) -> None:
    path = DEPLOY / name if (DEPLOY / name).exists() else DEPLOY / "systemd" / name
    assert variables(path.read_text(encoding="utf-8")) <= KNOWN


def test_the_container_has_no_right_that_it_does_not_need_and_every_secret_is_a_file() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    bot = compose["services"]["offboard"]
    assert bot["read_only"] is True
    assert bot["cap_drop"] == ["ALL"]
    assert bot["ports"] == ["127.0.0.1:8400:8400"], "only this machine"
    named = {value.rpartition("/")[2] for key, value in bot["environment"].items() if key.endswith("_FILE")}
    assert named == set(bot["secrets"]) == set(compose["secrets"])
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert "--require-hashes -r requirements.lock" in dockerfile
    assert re.search(r"^USER 10001", dockerfile, re.MULTILINE)
    assert dockerfile.index("USER 10001") < dockerfile.index("ENTRYPOINT")


@pytest.mark.parametrize("name", [path.name for path in DEPLOY.glob("systemd/*")])
def test_systemd_takes_the_units(name: str, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd here")
    for path in DEPLOY.glob("systemd/*"):
        text = path.read_text(encoding="utf-8").replace("/opt/offboard/.venv/bin/offboard", "/bin/true")
        (tmp_path / path.name).write_text(text)
    done = subprocess.run(["systemd-analyze", "verify", tmp_path / name], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def blocks(name: str) -> list[str]:
    """The commands of a page, without what is said about them."""
    text = (DEPLOY / name).read_text(encoding="utf-8")
    found = re.findall(r"^```\w+\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [re.sub(r" +#.*", "", block) for block in found]


def test_the_runbook_gives_the_same_commands_in_both_languages() -> None:
    assert blocks("README.md") == blocks("README.zh-CN.md")
    assert len(blocks("README.md")) >= 5
