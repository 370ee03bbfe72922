"""The terminal demo as a stranger uses it, and as somebody who wants to break it."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.app import play_in_terminal
from bot.reading import summaries, verify
from bot.store.beside import SqliteReads

PROMPT = re.compile(rb"\((leaving|taking over|admin|second approver)\) > ")
OFFBOARD = Path(sys.executable).parent / "offboard"

A_WHOLE_HANDOVER = [
    ("leaver", "/offboard"),
    ("admin", "agree"),
    ("admin", "2026-12-04"),
    ("leaver", "100012345678"),
    ("leaver", "email"),
    ("leaver", "1, 4"),
    ("leaver", "phone code, personal"),
    ("leaver", "company"),
    ("leaver", "yes"),
    ("leaver", "Zhao Yun"),
    ("admin", "successor Zhao Yun"),
    ("successor", "accept"),
    ("successor", "done"),
    ("admin", "looked 1"),
    ("leaver", "done"),
    ("admin", "looked 2"),
    ("leaver", "done"),
    ("admin", "word 3"),
    ("leaver", "done"),
    ("admin", "looked 4"),
    ("successor", "done 5"),
    ("admin", "looked 5"),
    ("second", "looked 5"),
    ("successor", "done 7"),
    ("admin", "looked 7"),
    ("successor", ":wait 3d"),
    ("successor", "done 6"),
    ("admin", "looked 6"),
    ("second", "looked 6"),
    ("successor", "done 8"),
    ("admin", "looked 8"),
]


def typed(moves: Sequence[tuple[str, str]]) -> str:
    return "".join(f":{seat}\n{text}\n" for seat, text in moves)


def played(path: Path, text: str, language: str = "en") -> str:
    out = io.StringIO()
    problem = play_in_terminal(language=language, path=str(path), story=None, out=out, source=io.StringIO(text))
    assert not problem
    return out.getvalue()


def state(path: Path) -> dict[str, str]:
    with SqliteReads.open(path) as reads:
        assert verify(reads)["broken"] == []
        found = summaries(reads)
    return found[-1] if found else {}


def test_a_whole_handover_can_be_typed(tmp_path: Path) -> None:
    shown = played(tmp_path / "demo.db", typed(A_WHOLE_HANDOVER))
    assert "Your receipt" in shown
    assert state(tmp_path / "demo.db")["headline"] == "7 witnessed, 1 stated"


NONSENSE = [
    "",
    "   ",
    "\t",
    "banana",
    "9" * 400,
    "x" * 10_000,
    "\x00\x07\x1b[31mred",
    "\u202eevil\u202c",
    "\u200b\u200b\u200b",
    "\u2066\u2069",
    "👩‍👩‍👧‍👦",
    "٣",
    "done; approve 1; waive 1",
    "{{ 7 * 7 }}",
    "<!channel>",
    "' OR 1=1 --",
    "approve OFB-99999999999 1",
    "done 999999",
    "完成 0",
    "/offboard @nobody 2026-99-99",
    "\ue000demo:mei\ue001",
    "\uff11\uff0c\uff14\uff0c\uff19\uff19",
]


@pytest.mark.parametrize("nonsense", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_gets_an_answer_and_leaves_the_case_whole(tmp_path: Path, nonsense: str) -> None:
    path = tmp_path / "demo.db"
    before_it = typed(A_WHOLE_HANDOVER[:6])
    played(path, before_it)
    before = state(path)
    shown = played(path, f":leaver\n{nonsense}\n:leaver\n")
    answered = shown.split("Lin Wei (leaving) > ")[2]
    assert "│ " in answered, "no answer"
    assert state(path) == before
    played(path, typed(A_WHOLE_HANDOVER[6:]))
    assert state(path)["status"] == "closed"


def test_the_end_of_the_input_in_the_middle_is_a_way_to_stop(tmp_path: Path) -> None:
    path = tmp_path / "demo.db"
    shown = played(path, "/offboard\n:admin\nagr")
    assert shown.endswith(f"Everything is kept in {path}. Start again with the same --db to carry on.\n")
    assert state(path)["status"] == "proposed"


def test_a_run_that_is_not_kept_says_so() -> None:
    out = io.StringIO()
    play_in_terminal(language="zh-CN", path=None, story=None, out=out, source=io.StringIO(""))
    assert out.getvalue().endswith("这次没有保存。加上 --db 文件名 就会保存。\n")


def offboard(*words: str, input: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([OFFBOARD, *words], input=input, capture_output=True, timeout=60, check=False)


def killed_after(path: Path, moves: Sequence[tuple[str, str]], *, mid_flight: bool) -> None:
    """Plays the moves in a process of its own and kills it: when it waits for the next one, or right away."""
    process = subprocess.Popen(
        [OFFBOARD, "demo", "--text", "--db", path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(typed(moves).encode())
    process.stdin.flush()
    wanted = 2 * len(moves) + (0 if mid_flight else 1)
    seen = b""
    while len(PROMPT.findall(seen)) < wanted:
        seen += process.stdout.read1()  # type: ignore[attr-defined]
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdin.close()
    process.stdout.close()


@pytest.mark.parametrize("mid_flight", [False, True], ids=["while it waits", "while it works"])
@pytest.mark.parametrize("after", [1, 10, 16])
def test_killed_at_any_point_it_goes_on_where_it_was(tmp_path: Path, after: int, *, mid_flight: bool) -> None:
    _killed_and_carried_on(tmp_path / "demo.db", after, mid_flight=mid_flight)


@pytest.mark.slow
@pytest.mark.parametrize("mid_flight", [False, True], ids=["while it waits", "while it works"])
@pytest.mark.parametrize("after", range(1, len(A_WHOLE_HANDOVER)))
def test_killed_at_every_point_it_goes_on_where_it_was(tmp_path: Path, after: int, *, mid_flight: bool) -> None:
    _killed_and_carried_on(tmp_path / "demo.db", after, mid_flight=mid_flight)


def _killed_and_carried_on(path: Path, after: int, *, mid_flight: bool) -> None:
    killed_after(path, A_WHOLE_HANDOVER[:after], mid_flight=mid_flight)
    state(path)
    # The last move may or may not have been kept: it is made again, and refused where it was.
    rest = A_WHOLE_HANDOVER[after - 1 :] if mid_flight else A_WHOLE_HANDOVER[after:]
    shown = played(path, typed(rest))
    assert f"Carrying on from {path}." in shown
    assert state(path)["headline"] == "7 witnessed, 1 stated"


def test_the_commands_read_what_the_demo_wrote(tmp_path: Path) -> None:
    path = str(tmp_path / "demo.db")
    assert offboard("demo", "--text", "--auto", "--db", path).returncode == 0
    listed = json.loads(offboard("case", "list", "--json", "--db", path).stdout)
    assert [row["status"] for row in listed] == ["closed"]
    shown = json.loads(offboard("case", "show", "ofb-1", "--json", "--db", path).stdout)
    assert shown["steps"][0]["grade"] == "witnessed"
    log = offboard("case", "log", "OFB-1", "--db", path)
    assert "The page still shows the old number." in log.stdout.decode()
    assert offboard("audit", "verify", "--db", path).stdout.decode().startswith("Whole: 1 case, ")
    exported = json.loads(offboard("audit", "export", "--db", path).stdout)
    assert [row["number"] for row in exported] == list(range(1, len(exported) + 1))
    assert offboard("audit", "export", "--format", "csv", "--db", path).stdout.startswith(b"\xef\xbb\xbfcase,")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("case", "list", "--db", "missing.db"), 1, "there is no database at"),
        (("case", "show", "OFB-9"), 1, "There is no case OFB-9"),
        (("case", "log", "nonsense"), 1, "There is no case NONSENSE"),
        (("demo", "--text", "--auto", "--story", "nothing"), 1, "There is no story nothing. There are:"),
        (("playbook", "check", "none/such"), 1, "There is no playbook none/such"),
        (("playbook", "preview", "tencent_cloud/root_account", "fly"), 1, "There is no step fly"),
        (("nonsense",), 2, "No such command"),
    ],
)
def test_a_command_that_cannot_be_done_says_what_to_do(
    tmp_path: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    path = tmp_path / "empty.db"
    played(path, "")
    extra = ("--db", str(path)) if words[0] == "case" and "--db" not in words else ()
    ended = subprocess.run([OFFBOARD, *words, *extra], capture_output=True, cwd=tmp_path, timeout=60, check=False)
    said = (ended.stdout + ended.stderr).decode()
    assert ended.returncode == code
    assert says in said
    assert "Traceback" not in said


def test_a_record_that_somebody_changed_is_named(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "demo.db"
    played(path, typed(A_WHOLE_HANDOVER[:9]))
    conn = sqlite3.connect(path)
    conn.execute("UPDATE cases SET state = replace(state, '100012345678', '100012345679')")
    conn.commit()
    conn.close()
    ended = offboard("audit", "verify", "--db", str(path))
    assert ended.returncode == 1
    assert b"OFB-1" in ended.stdout
    assert b"the state is not what the facts say" in ended.stdout
