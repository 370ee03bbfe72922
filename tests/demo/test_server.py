"""The page over real HTTP: what it answers, what it pushes, what it refuses."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.demo.served import Served, served
from tests.fire.secrets import TYPED

PASSWORD = "密码是hunter2secret"  # typed by mistake; nobody's


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("server") / "demo.db") as one:
        yield one


@pytest.fixture
def demo(running: Served) -> Served:
    running.do("again")
    running.do("language", "en")
    return running


def facts(demo: Served) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(demo.get("record.json")[1])
    return found


def message(demo: Served, action: str) -> tuple[str, dict[str, Any]]:
    """The newest message on the page that has this Slack action, and what Slack would report of a click on it."""
    demo.idle()
    page = demo.get("?look=slack")[1]
    wanted = f"&#34;action_id&#34;: &#34;{action}&#34;"
    entry = next(one for one in reversed(re.split(r"(?=<li id=\"m\d)", page)) if wanted in one)
    press = next(p for p in re.findall(r'data-slack="([^"]*)"', entry) if wanted in p)
    report = json.loads(press.replace("&#34;", '"'))
    found = re.match(r'<li id="(m\d+)"', entry)
    assert found is not None
    return found[1], {"type": "block_actions", "actions": [report], "state": {"values": {}}}


def press(demo: Served, action: str) -> tuple[int, str]:
    id, payload = message(demo, action)
    return demo.post("press", {"message": id, "look": "slack", "payload": payload})


class Stream:
    """A bare reader of server-sent events."""

    def __init__(self, demo: Served, version: str) -> None:
        port = int(demo.address.rsplit(":", 1)[1].rstrip("/"))
        self._line = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._line.sendall(f"GET /stream?look=slack&version={version} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        self._file = self._line.makefile("rb")
        while not self._file.readline().startswith(b"retry:"):
            pass  # from here on it is a page that is open

    def next(self) -> tuple[str, dict[str, Any]]:
        event = ""
        for line in self._file:
            if line.startswith(b"event: "):
                event = line[7:].decode().strip()
            if line.startswith(b"data: "):
                return event, json.loads(line[6:])
        return "end", {}

    def close(self) -> None:
        self._file.close()
        self._line.close()


def version(demo: Served) -> str:
    found = re.search(r'data-version="(\d+)"', demo.get("")[1])
    assert found is not None
    return found[1]


def test_a_click_goes_through_the_platforms_own_reading_and_is_in_the_record(demo: Served) -> None:
    demo.write("leaver", "/offboard")
    assert press(demo, "start")[0] == 200
    assert [fact["kind"] for fact in facts(demo)][:2] == ["opened", "agreed"]


def test_what_a_click_changes_is_pushed(demo: Served) -> None:
    demo.idle()
    stream = Stream(demo, version(demo))
    demo.write("leaver", "/offboard")
    html = ""
    while "Handover of Lin Wei" not in html:
        event, frame = stream.next()
        assert event == "frame"
        html += "".join(entry["html"] for entry in frame["entries"])
    stream.close()


def test_a_page_that_missed_something_is_told_to_fetch_the_whole(demo: Served) -> None:
    stream = Stream(demo, "1")
    assert stream.next()[0] == "whole"
    stream.close()


def test_every_answer_keeps_the_page_to_itself(demo: Served) -> None:
    import urllib.request

    for path in ("", "static/page.js", "record.csv", "nowhere"):
        request = urllib.request.Request(demo.address + path)  # noqa: S310
        try:
            headers = urllib.request.urlopen(request, timeout=10).headers  # noqa: S310
        except urllib.error.HTTPError as error:
            headers = error.headers
            error.close()
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_another_sites_page_cannot_press_anything(demo: Served) -> None:
    """A foreign page can send a form but not JSON, and a foreign name for this address is not answered."""
    assert demo.post("do", {"what": "again"}, kind="text/plain")[0] == 415
    assert demo.get("", Host="somebody.example")[0] == 400


@pytest.mark.parametrize(
    "payload",
    [{}, {"actions": []}, {"actions": [{"type": "button"}]}, {"actions": [{"action_id": 7, "type": "overflow"}]}, "x"],
)
def test_a_report_that_is_none_is_refused_in_words(demo: Served, payload: Any) -> None:
    demo.write("leaver", "/offboard")
    id, _ = message(demo, "start")
    before = len(facts(demo))
    status, why = demo.post("press", {"message": id, "look": "slack", "payload": payload})
    assert status == 400
    assert "Slack" in why
    assert len(facts(demo)) == before


def test_a_forged_value_changes_nothing(demo: Served) -> None:
    demo.write("leaver", "/offboard")
    id, payload = message(demo, "start")
    payload["actions"][0]["value"] = "OFB-1@case@0@aaaaaaaaaaaa"
    assert demo.post("press", {"message": id, "look": "slack", "payload": payload})[0] == 200
    assert [fact["kind"] for fact in facts(demo) if fact["kind"] == "agreed"] == []


def test_a_secret_typed_by_mistake_is_masked_on_the_page_too(demo: Served, running: Served) -> None:
    demo.write("leaver", "/offboard")
    press(demo, "start")
    demo.write("leaver", PASSWORD)
    demo.idle()
    assert "hunter2secret" not in demo.get("")[1]
    assert "hunter2secret" not in demo.get("record.json")[1]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_secret_that_is_masked_is_on_no_page_in_no_file_and_in_no_log(tmp_path: Path, language: str) -> None:
    """Written by the leaver, by an admin into a thread and by an admin into the channel, one after another."""
    with capture_logs() as logs, served(tmp_path / "demo.db", language=language) as demo:
        demo.write("leaver", "/offboard")
        press(demo, "start")
        for text, secret, _ in TYPED:
            for pane, case in (("leaver", ""), ("admins", "OFB-1"), ("admins", "")):
                demo.write(pane, text, case)
            shown = [entry.text for entry in demo.site.play.room.entries()]
            assert not any(secret in one for one in shown), f"{secret} of {text!r} stands in a chat"
        demo.idle()
        seen = "".join(html.unescape(demo.get(path)[1]) for path in ("", "?look=wecom", "record.json", "record.csv"))
        seen += "".join(str(entry.card) for entry in demo.site.play.room.entries()) + str(logs)
        files = b"".join(one.read_bytes() for one in tmp_path.iterdir())
    files += b"".join(one.read_bytes() for one in tmp_path.iterdir())
    # Of a few signs alone nobody can say whether they stand there by chance.
    secrets = {secret for _, secret, _ in TYPED if len(secret) >= 6}
    assert len(secrets) > 20
    assert [secret for secret in secrets if secret in seen] == []
    assert [secret for secret in secrets if secret.encode() in files] == []


def test_what_is_downloaded_is_the_log_row_by_row(demo: Served) -> None:
    demo.do("jump", "a_leaver_tries_everything")
    demo.idle()
    path = demo.site.play.house.path  # type: ignore[attr-defined]
    with closing(sqlite3.connect(path)) as conn:
        stored = conn.execute(
            "SELECT case_ref, number, kind, actor, hash FROM facts ORDER BY case_ref, number"
        ).fetchall()
    assert len(stored) > 20

    assert [(f["case"], f["number"], f["kind"], f["actor"], f["hash"]) for f in facts(demo)] == stored
    text = demo.get("record.csv")[1]
    assert text.startswith("\ufeff"), "a spreadsheet needs the mark to read Chinese"
    table = list(csv.DictReader(io.StringIO(text[1:])))
    assert [(f["case"], int(f["number"]), f["kind"], f["actor"], f["hash"]) for f in table] == stored
    for one, other in zip(facts(demo), table, strict=True):
        assert json.loads(other["what"]) == {key: one[key] for key in one if key not in other}


def test_the_demo_carries_on_after_a_restart_of_the_program(tmp_path: Path) -> None:
    with served(tmp_path / "demo.db") as first:
        first.write("leaver", "/offboard")
        first.idle()
        first.do("language", "zh-CN")
    with served(tmp_path / "demo.db", language="") as second:
        page = second.get("")[1]
        assert 'lang="zh-CN"' in page
        assert "OFB-1" in page
        second.do("again")
        assert "OFB-1" not in second.get("")[1]


def test_it_stops_within_three_seconds_with_pages_open(tmp_path: Path) -> None:
    with served(tmp_path / "demo.db") as demo:
        stream = Stream(demo, version(demo))
        began = time.monotonic()
    assert time.monotonic() - began < 3
    assert stream.next()[0] == "end"
    stream.close()


def test_verify_says_altered_when_somebody_was_there(demo: Served) -> None:
    demo.write("leaver", "/offboard")
    demo.do("verify")
    assert "Whole." in demo.get("")[1]
    path = demo.site.play.house.path  # type: ignore[attr-defined]
    conn = sqlite3.connect(path)
    for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        conn.execute(f'DROP TRIGGER "{name}"')
    conn.execute("UPDATE facts SET data = replace(data, 'demo:lin', 'demo:han') WHERE number = 1")
    conn.commit()
    conn.close()
    demo.do("verify")
    assert "ALTERED" in demo.get("")[1]


def test_the_wrong_persons_database_is_not_emptied(tmp_path: Path) -> None:
    """A database that holds other people than the demo's is refused, since "start again" would empty it."""
    from bot.errors import StoreError
    from bot.ports import PersonRow
    from bot.serving import run
    from bot.store.sqlite import SqliteStore

    with SqliteStore(tmp_path / "real.db") as store:
        store.transact(lambda tx: tx.put_person(PersonRow(id="slack:U1", name="Somebody"))).result()
    with pytest.raises(StoreError, match="give the demo one of its own"):
        run(path=tmp_path / "real.db", port=0, look="slack", language="en")


def test_ctrl_c_ends_the_command_within_three_seconds_with_a_page_open(tmp_path: Path) -> None:
    import subprocess
    import sys
    import urllib.request

    offboard = Path(sys.executable).with_name("offboard")
    command = [str(offboard), "demo", "--port", "0", "--db", str(tmp_path / "demo.db")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    found = re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())
    assert found is not None
    with urllib.request.urlopen(f"{found[0]}stream?version=1", timeout=10) as stream:  # noqa: S310
        stream.readline()
        began = time.monotonic()
        process.send_signal(2)
        assert process.wait(10) == 0
        assert time.monotonic() - began < 3
    process.stdout.close()
