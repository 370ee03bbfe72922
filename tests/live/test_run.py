"""`offboard run` as an operator meets it: a real process, real HTTP, real signals."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.store.beside import SqliteReads
from tests.live.process import LIMIT, ask, offboard, running
from tests.live.seeding import one_case


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_says_when_it_is_ready_and_ends_within_five_seconds_with_the_record_closed(
    tmp_path: Path, how: signal.Signals
) -> None:
    with running(tmp_path) as bot:
        assert ask(bot.address, "/livez") == (200, {"alive": True, "reasons": []})
        assert ask(bot.address, "/readyz") == (200, {"ready": True, "reasons": []})
        assert bot.end(how) == 0
        bot.logged("stopped")
    assert not (tmp_path / "offboard.db-wal").exists(), "everything is in the one file"
    with SqliteReads.open(tmp_path / "offboard.db") as reads:
        assert reads.cases() == []


def test_it_ends_in_time_although_somebody_holds_a_connection_open(tmp_path: Path) -> None:
    with running(tmp_path) as bot:
        host, port = bot.address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as idle:
            idle.sendall(b"POST /readyz HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf")
            assert bot.end() == 0


def test_a_second_one_on_the_same_database_refuses_and_names_the_first(tmp_path: Path) -> None:
    with running(tmp_path) as bot:
        assert bot.address
        second = offboard("run", at=tmp_path)
        assert second.returncode == 1
        assert f"process {bot.process.pid} already writes to" in second.stderr
        assert ask(bot.address, "/readyz")[0] == 200


def test_an_address_that_is_taken_is_said_and_the_database_is_not_touched(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = offboard("run", at=tmp_path, OFFBOARD_LISTEN=listen)
    assert ended.returncode == 1
    assert listen in ended.stderr
    assert "OFFBOARD_LISTEN" in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_said_in_one_line(tmp_path: Path) -> None:
    ended = offboard("run", at=tmp_path, OFFBOARD_DATABASE=str(tmp_path / "nowhere" / "offboard.db"))
    assert ended.returncode == 1
    assert "cannot be written to (No such file or directory): make the folder" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_key_that_is_not_the_one_of_the_database_is_refused(tmp_path: Path) -> None:
    one_case(tmp_path / "offboard.db", key="the first long random secret")
    with running(tmp_path, OFFBOARD_KEY="the first long random secret") as bot:
        assert ask(bot.address, "/readyz")[0] == 200
        assert bot.end() == 0
    ended = offboard("run", at=tmp_path, OFFBOARD_KEY="quite another long secret")
    assert ended.returncode == 78
    assert "OFFBOARD_KEY" in ended.stderr
    assert "not the key under which this database was written" in ended.stderr
    assert "quite another" not in ended.stderr


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.getuid() != 0:
        pytest.skip("only root may mount a small disk")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], capture_output=True).returncode != 0:
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_makes_it_unready_with_the_reason_and_room_makes_it_ready_again(
    small_disk: Path, tmp_path: Path
) -> None:
    with running(tmp_path, OFFBOARD_DATABASE=str(small_disk / "offboard.db")) as bot:
        address = bot.address
        ballast = small_disk / "ballast"
        with ballast.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))
        fails = eventually(address, 503)
        assert fails["ready"] is False
        assert "the disk is full: make room" in str(fails["reasons"])
        assert ask(address, "/livez")[0] == 200, "a restart would not help"
        ballast.unlink()
        assert eventually(address, 200) == {"ready": True, "reasons": []}
        assert bot.end() == 0


def test_a_disk_that_cannot_be_written_to_is_said_in_one_line(small_disk: Path, tmp_path: Path) -> None:
    if subprocess.run(["mount", "-o", "remount,ro", small_disk], capture_output=True).returncode != 0:
        pytest.skip("no disk can be made read-only here")
    ended = offboard("run", at=tmp_path, OFFBOARD_DATABASE=str(small_disk / "offboard.db"))
    assert ended.returncode == 1
    assert "cannot be written to (Read-only file system)" in ended.stderr
    assert "Traceback" not in ended.stderr
    doctor = offboard("doctor", at=tmp_path, OFFBOARD_DATABASE=str(small_disk / "offboard.db"))
    assert doctor.returncode == 1
    assert "cannot be written to by this user" in doctor.stdout


def eventually(address: str, status: int) -> dict[str, object]:
    """What /readyz says once it answers with this status."""
    pause = threading.Event()
    for _ in range(int(LIMIT / 0.2)):
        found, said = ask(address, "/readyz")
        if found == status:
            return dict(said)
        pause.wait(0.2)
    raise AssertionError(f"/readyz never answered {status}")


def test_metrics_have_an_address_of_their_own(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{free.getsockname()[1]}"
    with running(tmp_path, OFFBOARD_METRICS_LISTEN=where) as bot:
        assert ask(bot.address, "/readyz")[0] == 200
        with urllib.request.urlopen(f"http://{where}/metrics", timeout=LIMIT) as answer:
            text = answer.read().decode()
        assert 'offboard_trouble{part="outbox"} 0.0' in text
        assert 'offboard_outbox_messages{state="waiting"} 0.0' in text
        assert "offboard_commit_seconds_count" in text
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{bot.address}/metrics", timeout=LIMIT)  # noqa: S310  (an address of our own)
        assert bot.end() == 0


def test_systemd_is_told_when_it_is_ready_that_it_lives_and_when_it_stops(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        line.settimeout(LIMIT)
        with running(tmp_path, NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="400000") as bot:
            told = [line.recv(64) for _ in range(3)]
            assert b"READY=1" in told
            assert b"WATCHDOG=1" in told
            assert bot.end() == 0
        while b"STOPPING=1" not in told:
            told.append(line.recv(64))


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "offboard.db").write_bytes(b"this is no database at all" * 100)
    ended = offboard("run", at=tmp_path)
    assert ended.returncode == 1
    assert "not a database" in ended.stderr
    with pytest.raises(StoreError):
        SqliteReads.open(tmp_path / "offboard.db")
