"""What is installed is what was locked, and the wheel carries the content."""

import re
import tomllib
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import hatchling.build
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")
PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?P<rest>.*)", re.DOTALL)
HOST = re.compile(r"\b(?:[a-z0-9-]+\.)+(?:com|org|net|io|cn|dev|edu|internal|local)\b")


def declared(group: str | None) -> list[str]:
    """The requirements of pyproject.toml: the run-time ones, or those of a dependency group."""
    content: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return list(content["project"]["dependencies"] if group is None else content["dependency-groups"][group])


def pins(lock: str) -> dict[str, tuple[Version, str]]:
    """The lock as name -> (version, the rest of its entry: marker and hashes)."""
    entries = re.split(r"\n(?=[^\s#])", (ROOT / lock).read_text())
    found: dict[str, tuple[Version, str]] = {}
    for entry in entries:
        match = PIN.fullmatch(entry)
        assert match, f"{lock}: this entry is not a pin: {entry.splitlines()[0]}"
        found[canonicalize_name(match["name"])] = (Version(match["version"]), match["rest"])
    return found


def unsatisfied(requirements: Iterable[str], lock: str) -> list[str]:
    locked = pins(lock)
    problems = []
    for text in requirements:
        wanted = Requirement(text)
        version, _ = locked.get(canonicalize_name(wanted.name), (None, ""))
        if version is None:
            problems.append(f"{text}: not in {lock}; run `make lock`")
        elif not wanted.specifier.contains(version, prereleases=True):
            problems.append(f"{text}: {lock} has {version}; run `make lock`")
    return problems


def test_the_run_time_lock_satisfies_what_the_project_declares() -> None:
    assert unsatisfied(declared(None), "requirements.lock") == []


def test_the_development_lock_satisfies_both_the_run_time_and_the_tools() -> None:
    assert unsatisfied([*declared(None), *declared("dev")], "requirements-dev.lock") == []


def test_what_is_tested_is_what_runs() -> None:
    tested = pins("requirements-dev.lock")
    different = {
        name: (str(version), str(tested[name][0]) if name in tested else "absent")
        for name, (version, _) in pins("requirements.lock").items()
        if name not in tested or tested[name][0] != version
    }
    assert different == {}


def test_what_the_build_needs_is_locked_so_that_an_editable_install_needs_no_network() -> None:
    build: list[str] = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    assert unsatisfied(build, "requirements-dev.lock") == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock: str) -> None:
    assert [name for name, (_, rest) in pins(lock).items() if "--hash=sha256:" not in rest] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host_and_no_place(lock: str) -> None:
    lines = (ROOT / lock).read_text().splitlines()
    assert [line for line in lines if "://" in line or HOST.search(line) or re.search(r"(^|\s)/", line)] == []
    assert [line for line in lines if re.match(r"\s*--(?!hash=sha256:)", line)] == []


def test_the_wheel_carries_the_engine_and_every_content_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = {
        path.relative_to(ROOT).as_posix()
        for package in ("bot", "conversations")
        for path in (ROOT / package).rglob("*")
        if path.suffix in {".py", ".yaml", ".md", ".html", ".css", ".js", ".j2"}
    }
    monkeypatch.chdir(ROOT)
    wheel = tmp_path / hatchling.build.build_wheel(str(tmp_path))
    with zipfile.ZipFile(wheel) as archive:
        shipped = {name for name in archive.namelist() if ".dist-info/" not in name}
        entry_points = next(name for name in archive.namelist() if name.endswith("entry_points.txt"))
        assert "offboard = bot.cli:main" in archive.read(entry_points).decode()
    assert sorted(content - shipped) == []
    assert [name for name in shipped if not name.startswith(("bot/", "conversations/"))] == []
