"""The operator's commands as processes: what they print, how they end, and that no secret is ever printed."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.beginning import Begun, callback_key
from bot.config import keys, read
from tests.live.process import ask, offboard, running
from tests.live.seeding import one_case

KEY = "a long random secret for tests"
BAD = {
    "SLACK_BOT_TOKEN": "canary-one",
    "WECOM_AES_KEY": "canary-two",
    "OFFBOARD_LISTEN": "canary-three",
    "OFFBOARD_ADMINS": "canary-four",
    "OFFBOARD_KEY_FILE": "nowhere/canary-five",
}
NAMES = ("SLACK_BOT_TOKEN", "WECOM_AES_KEY", "OFFBOARD_LISTEN", "OFFBOARD_ADMINS", "OFFBOARD_KEY", "WECOM_CORP_ID")


# ------------------------------------------------------------------------------------------ settings


@pytest.mark.parametrize("command", ["run", "doctor"])
def test_settings_that_are_wrong_are_all_named_and_end_with_78_and_no_value_is_shown(
    tmp_path: Path, command: str
) -> None:
    ended = offboard(command, at=tmp_path, **BAD)
    said = ended.stdout + ended.stderr
    assert ended.returncode == 78
    assert [name for name in NAMES if name not in said] == []
    assert "canary" not in said
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


def test_a_settings_file_that_is_named_and_not_there_is_said(tmp_path: Path) -> None:
    ended = offboard("run", "--config", "other.toml", at=tmp_path)
    assert ended.returncode == 78
    assert "other.toml cannot be read (No such file or directory)" in ended.stderr


def test_a_playbook_that_there_is_not_is_a_matter_of_the_settings(tmp_path: Path) -> None:
    ended = offboard("run", at=tmp_path, OFFBOARD_PLAYBOOKS="tencent_cloud/root_acount")
    assert ended.returncode == 78
    assert "there is no playbook tencent_cloud/root_acount" in ended.stderr
    assert "tencent_cloud/departure" in ended.stderr


def test_nothing_that_is_logged_shows_a_secret(tmp_path: Path) -> None:
    secrets = {"OFFBOARD_KEY": "canary-key-canary", "OFFBOARD_API_TOKEN": "canary-token-canary"}
    with running(tmp_path, **secrets) as bot:
        assert ask(bot.address, "/readyz")[0] == 200
        assert bot.end() == 0
        assert "canary" not in "".join(bot.lines)


# ------------------------------------------------------------------------------------------ init


def uncommented(text: str) -> str:
    """The file with every example switched on."""
    lines = [re.sub(r"^# (?=[a-z_]+ = |\[)", "", line) for line in text.splitlines()]
    return "\n".join(line for line in lines if not line.startswith("#"))


def test_the_file_of_init_holds_every_setting_and_each_example_in_it_is_of_the_right_form(tmp_path: Path) -> None:
    path = tmp_path / "all.toml"
    path.write_text(uncommented(Begun("", ("tencent_cloud/departure",)).text()), encoding="utf-8")
    settings = read(path, {})
    assert settings.slack_settings() is not None
    assert settings.wecom_settings() is not None
    told = {*settings.model_fields_set, *(f"slack.{key}" for key in settings.slack.model_fields_set)}
    told |= {f"wecom.{key}" for key in settings.wecom.model_fields_set}
    told |= {f"calendar.{key}" for key in settings.calendar.model_fields_set}
    told |= {f"person.{key}" for key in settings.person[0].model_fields_set}
    told |= {"person.stand_in.person", "person.stand_in.from", "person.stand_in.to"}
    told |= {"wecom.domain_file.name", "wecom.domain_file.text"}
    assert told == set(keys())


def test_after_init_the_bot_runs_and_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    begun = offboard("init", at=tmp_path)
    assert begun.returncode == 0, begun.stderr
    assert (tmp_path / "offboard.toml").stat().st_mode & 0o777 == 0o600
    assert "socket_mode_enabled: true" in begun.stdout, "without an address, Slack is reached by Socket Mode"
    assert "https://bot.example.com/wecom/callback" in begun.stdout
    with running(tmp_path) as bot:
        assert ask(bot.address, "/readyz")[0] == 200
        assert bot.end() == 0


def test_init_prints_what_one_platform_wants_with_the_address_that_it_was_given(tmp_path: Path) -> None:
    slack = offboard("init", "--slack", "--folder", "one", "--public-url", "https://hr.example.org/", at=tmp_path)
    assert "https://hr.example.org/slack/events" in slack.stdout
    assert "EncodingAESKey" not in slack.stdout
    wecom = offboard("init", "--wecom", "--folder", "two", "--public-url", "https://hr.example.org/", at=tmp_path)
    assert "https://hr.example.org/wecom/callback" in wecom.stdout
    assert "api.slack.com" not in wecom.stdout
    text = (tmp_path / "two" / "offboard.toml").read_text(encoding="utf-8")
    assert '\npublic_url = "https://hr.example.org"' in text
    for name, key in (("Token", "token"), ("EncodingAESKey", "aes_key")):
        (printed, *_) = re.findall(rf"{name} +(\w+)", wecom.stdout)
        assert f'{key} = "{printed}"' in text, "what is pasted is what the bot will read"


def test_init_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "offboard.toml").write_text("mine = true\n")
    ended = offboard("init", at=tmp_path)
    assert ended.returncode == 1
    assert "is there already and stays as it is" in ended.stderr
    assert ended.stdout == ""
    assert (tmp_path / "offboard.toml").read_text() == "mine = true\n"


def test_each_key_that_is_made_is_new_and_of_the_form_that_wecom_takes() -> None:
    made = {callback_key() for _ in range(20)}
    assert len(made) == 20
    assert all(re.fullmatch(r"[0-9A-Za-z]{43}", key) for key in made)


# ------------------------------------------------------------------------------------------ doctor


def test_doctor_says_line_by_line_what_is_well_and_what_is_not(tmp_path: Path) -> None:
    one_case(tmp_path / "offboard.db", KEY)
    settings = {
        "OFFBOARD_KEY": KEY,
        "OFFBOARD_ADMINS": "slack:U1",
        "OFFBOARD_ADMIN": "slack:U2",
        "OFFBOARD_PUBLIC_URL": "http://bot.example.com",
    }
    ended = offboard("doctor", "--json", at=tmp_path, **settings)
    assert ended.returncode == 0, ended.stdout
    found = {(one["part"], one["ok"]): one["what"] for one in json.loads(ended.stdout)}
    whats = [one["what"] for one in json.loads(ended.stdout)]
    assert "OFFBOARD_ADMIN is set, and there is no such setting." in whats
    assert "There is one admin and no second approver: a step that needs two people cannot be approved." in whats
    assert "The record can be read, and its ends are whole: 1 cases." in whats
    assert "OFFBOARD_KEY is the key of this database." in whats
    assert "http://bot.example.com is not https: Slack refuses it, and others could read along." in whats
    assert ("playbooks", True) in found
    text = offboard("doctor", at=tmp_path, **settings).stdout
    assert "  ok   OFFBOARD_KEY is the key of this database." in text
    assert "        → Name a second admin, or somebody in OFFBOARD_SECOND_APPROVERS." in text


def test_doctor_finds_a_wrong_key_an_open_file_and_an_end_that_was_cut(tmp_path: Path) -> None:
    path = tmp_path / "offboard.db"
    one_case(path, KEY)
    path.chmod(0o644)
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("DELETE FROM facts WHERE number = (SELECT max(number) FROM facts)")
    ended = offboard("doctor", "--json", at=tmp_path, OFFBOARD_KEY="quite another canary secret")
    assert ended.returncode == 1
    bad = {one["what"]: one["mend"] for one in json.loads(ended.stdout) if one["ok"] is False}
    assert "The record is not whole: OFB-1." in bad
    assert "The key is not the one under which this database was written." in bad
    assert any("can be read by others" in what for what in bad)
    assert all(bad.values()), "each with its mend"
    assert "canary" not in ended.stdout


def test_doctor_works_beside_a_running_bot_and_takes_nothing_from_it(tmp_path: Path) -> None:
    with running(tmp_path) as bot:
        address = bot.address
        ended = offboard("doctor", at=tmp_path, OFFBOARD_LISTEN=address.removeprefix("http://"))
        assert ended.returncode == 0, ended.stdout
        assert f"A bot is running on it: process {bot.process.pid}." in ended.stdout
        assert "is in use, and a bot is running here." in ended.stdout
        assert ask(address, "/readyz")[0] == 200
        assert bot.end() == 0


def test_doctor_asks_for_a_platform_that_is_not_configured(tmp_path: Path) -> None:
    ended = offboard("doctor", "--wecom", at=tmp_path)
    assert ended.returncode == 1
    assert "NO   It is not configured." in ended.stdout
    assert "→ `offboard init --wecom` says what to set." in ended.stdout


def test_doctor_names_who_would_be_locked_out_of_their_case_by_a_second_id(tmp_path: Path) -> None:
    one_case(tmp_path / "offboard.db", KEY, leaver="wecom:lin")
    (tmp_path / "offboard.toml").write_text('[[person]]\nslack = "U1"\nwecom = "lin"\n')
    ended = offboard("doctor", at=tmp_path, OFFBOARD_KEY=KEY)
    assert ended.returncode == 1
    assert "wecom:lin takes part in OFB-1 under this id." in ended.stdout
    assert 'acts_as = "wecom"' in ended.stdout


# ------------------------------------------------------------------------------------------ copies


def test_a_backup_of_a_running_bot_is_verified_and_can_be_restored_once_it_has_stopped(tmp_path: Path) -> None:
    one_case(tmp_path / "offboard.db", KEY)
    with running(tmp_path, OFFBOARD_KEY=KEY) as bot:
        assert bot.address
        made = offboard("backup", "copy.db", at=tmp_path)
        assert made.returncode == 0, made.stderr
        assert re.search(r"Copied offboard.db to copy.db: 1 case, \d+ facts, whole\.", made.stdout)
        assert offboard("backup", "copy.db", at=tmp_path).returncode == 1, "a file that is there is not overwritten"
        refused = offboard("restore", "copy.db", "--replace", at=tmp_path)
        assert refused.returncode == 1
        assert "already writes to" in refused.stderr
        assert bot.end() == 0
    asked = offboard("restore", "copy.db", at=tmp_path)
    assert asked.returncode == 1
    assert "with --replace it is kept under another name" in asked.stderr
    done = offboard("restore", "copy.db", "--replace", "--json", at=tmp_path)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["cases"], report["broken"]) == (1, [])
    assert Path(report["kept"]).exists()
    with running(tmp_path, OFFBOARD_KEY=KEY) as bot:
        assert ask(bot.address, "/readyz")[0] == 200
        assert bot.end() == 0


def test_a_backup_of_a_record_that_was_tampered_with_is_made_and_says_so(tmp_path: Path) -> None:
    one_case(tmp_path / "offboard.db", KEY)
    with closing(sqlite3.connect(tmp_path / "offboard.db")) as conn, conn:
        conn.execute("UPDATE facts SET data = x'7b7d' WHERE number = 2")
    made = offboard("backup", "copy.db", at=tmp_path)
    assert made.returncode == 1
    assert "not whole" in made.stdout
    assert "OFB-1 fact 2" in made.stdout
    assert (tmp_path / "copy.db").exists()


def test_commands_take_the_database_that_the_settings_file_of_this_folder_names(tmp_path: Path) -> None:
    one_case(tmp_path / "elsewhere.db", KEY)
    (tmp_path / "offboard.toml").write_text('database = "elsewhere.db"\n')
    ended = offboard("case", "list", "--json", at=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert [case["case"] for case in json.loads(ended.stdout)] == ["OFB-1"]
