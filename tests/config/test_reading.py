"""Settings: where each comes from, and what is said when one is wrong."""

from __future__ import annotations

import re
from datetime import date, time
from pathlib import Path

import pytest

from bot.config import BadConfig, keys, open_, read, strangers
from bot.config.table import FIND, VARIABLES

SLACK = {"SLACK_BOT_TOKEN": "xoxb-canary-1", "SLACK_SIGNING_SECRET": "canary-2", "OFFBOARD_ADMINS": "slack:U1"}
WECOM = {
    "WECOM_CORP_ID": "ww1",
    "WECOM_AGENT_ID": "1000002",
    "WECOM_SECRET": "canary-3",
    "WECOM_TOKEN": "canary4",
    "WECOM_AES_KEY": "canary5" + "a" * 36,
    "OFFBOARD_ADMINS": "wecom:mei",
}


def toml(folder: Path, text: str) -> Path:
    path = folder / "offboard.toml"
    path.write_text(text, encoding="utf-8")
    return path


def wrong(file: Path | None = None, **environ: str) -> dict[str, str]:
    """The problems by name."""
    with pytest.raises(BadConfig) as caught:
        read(file, environ)
    assert "canary" not in str(caught.value), "a value was shown"
    return {problem.name: problem.what for problem in caught.value.problems}


def test_with_nothing_at_all_every_setting_has_its_default() -> None:
    settings = read(None, {})
    assert settings.database == "offboard.db"
    assert settings.listen == "127.0.0.1:8400"
    assert (settings.timezone, settings.language) == ("Asia/Shanghai", "zh-CN")
    assert settings.slack_settings() is None
    assert settings.wecom_settings() is None


def test_an_option_goes_before_the_environment_and_that_before_the_file(tmp_path: Path) -> None:
    file = toml(tmp_path, 'listen = "127.0.0.1:1"\ndatabase = "file.db"\nlanguage = "en"\n')
    settings = read(
        file, {"OFFBOARD_LISTEN": "127.0.0.1:2", "OFFBOARD_DATABASE": "environment.db"}, listen="127.0.0.1:3"
    )
    assert settings.listen == "127.0.0.1:3"
    assert settings.database == "environment.db"
    assert settings.language == "en"


def test_one_part_of_a_section_may_come_from_the_environment_and_another_from_the_file(tmp_path: Path) -> None:
    file = toml(tmp_path, 'admins = ["slack:U1"]\n[slack]\nsigning_secret = "canary"\nadmin_channel = "C1"\n')
    slack = read(file, {"SLACK_BOT_TOKEN": "xoxb-1"}).slack_settings()
    assert slack is not None
    assert (slack.bot_token, slack.signing_secret, slack.admin_channel) == ("xoxb-1", "canary", "C1")
    assert slack.admins == ("slack:U1",)


def test_any_variable_may_name_a_file_to_read_and_the_line_break_at_its_end_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("xoxb-from-file\n")
    environ = {key: value for key, value in SLACK.items() if key != "SLACK_BOT_TOKEN"}
    slack = read(None, environ | {"SLACK_BOT_TOKEN_FILE": str(tmp_path / "token")}).slack_settings()
    assert slack is not None
    assert slack.bot_token == "xoxb-from-file"


def test_both_platforms_are_handed_over_as_plain_values() -> None:
    admins = {"OFFBOARD_ADMINS": "slack:U1, wecom:mei"}
    settings = read(None, SLACK | WECOM | admins | {"OFFBOARD_PUBLIC_URL": "https://bot.example.com/"})
    slack, wecom = settings.slack_settings(), settings.wecom_settings()
    assert slack is not None
    assert wecom is not None
    assert slack.admins == wecom.admins == ("slack:U1", "wecom:mei")
    assert slack.public_url == "https://bot.example.com"
    assert (wecom.corp_id, wecom.agent_id, wecom.secret) == ("ww1", 1000002, "canary-3")


def test_a_person_with_two_ids_acts_under_slacks_unless_they_say_otherwise(tmp_path: Path) -> None:
    file = toml(
        tmp_path,
        '[[person]]\nname = "Mei"\nslack = "U1"\nwecom = "mei"\n'
        '[[person]]\nslack = "U2"\nwecom = "bo"\nacts_as = "wecom"\n'
        'stand_in = { person = "slack:U1", from = 2026-12-01, to = "2026-12-14" }\n',
    )
    mei, bo = read(file, {}).person
    assert mei.ids() == ("slack:U1", "wecom:mei")
    assert bo.ids() == ("wecom:bo", "slack:U2")
    assert bo.stand_in is not None
    assert (bo.stand_in.since, bo.stand_in.to) == (date(2026, 12, 1), date(2026, 12, 14))


def test_the_calendar_takes_days_and_times_with_and_without_quotes(tmp_path: Path) -> None:
    file = toml(
        tmp_path,
        '[calendar]\ncountry = ""\nextra_workdays = [2026-12-26]\nextra_days_off = ["2026-12-24"]\n'
        'working_hours = [09:00:00, 17:30:00]\nlunch = ["12:00", "13:00"]\n',
    )
    calendar = read(file, {}).calendar
    assert calendar.extra_workdays == (date(2026, 12, 26),)
    assert calendar.extra_days_off == (date(2026, 12, 24),)
    assert calendar.working_hours == (time(9), time(17, 30))
    assert calendar.lunch == (time(12), time(13))


# ------------------------------------------------------------------------------------------ what is wrong

BAD = {
    "OFFBOARD_DATABASE": ("database", "postgresql://canary@localhost/offboard", "there is no other store yet"),
    "OFFBOARD_LISTEN": ("listen", "8400", "host:port"),
    "OFFBOARD_METRICS_LISTEN": ("metrics_listen", "localhost:99999", "host:port"),
    "OFFBOARD_PUBLIC_URL": ("public_url", "bot.example.com", "https://"),
    "OFFBOARD_TIMEZONE": ("timezone", "Asia/Shenzhen", "no such time zone"),
    "OFFBOARD_LANGUAGE": ("language", "fr", "neither en nor zh-CN"),
    "OFFBOARD_ADMINS": ("admins", "slack:U1,mei", "slack:U… or wecom:userid"),
    "OFFBOARD_SECOND_APPROVERS": ("second_approvers", "slack:mei", "slack:U… or wecom:userid"),
    "OFFBOARD_OWNER": ("owner", "demo:mei", "slack:U… or wecom:userid"),
    "OFFBOARD_PLAYBOOKS": ("playbooks", "../etc", "not the name of a playbook"),
    "SLACK_BOT_TOKEN": ("slack.bot_token", "canary", "begins with xoxb-"),
    "SLACK_APP_TOKEN": ("slack.app_token", "canary", "begins with xapp-"),
    "OFFBOARD_SLACK_ADMIN_CHANNEL": ("slack.admin_channel", "#admins", "the name is not enough"),
    "OFFBOARD_SLACK_API_URL": ("slack.api_url", "http://127.0.0.1:9", "does not end in /api/"),
    "WECOM_AGENT_ID": ("wecom.agent_id", "canary", "not a number"),
    "WECOM_TOKEN": ("wecom.token", "canary with spaces", "letters and digits"),
    "WECOM_AES_KEY": ("wecom.aes_key", "canary", "43 letters and digits"),
    "OFFBOARD_WECOM_API_URL": ("wecom.api_url", "ftp://x/cgi-bin/", "https://"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_value_of_the_wrong_form_is_named_with_what_is_wrong_and_where_to_find_it(name: str) -> None:
    path, value, what = BAD[name]
    with pytest.raises(BadConfig) as caught:
        read(None, {name: value})
    (problem,) = [problem for problem in caught.value.problems if problem.name == f"{name} ({path})"]
    assert what in problem.what
    assert problem.find
    assert "canary" not in str(caught.value)


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    file = toml(
        tmp_path,
        'admin = ["slack:U1"]\nlisten = 8400\n'
        '[calendar]\ncountry = "ZZ"\nlunch = ["14:00", "12:00"]\n'
        '[[person]]\nslack = "U1"\n[[person]]\nslack = "u2"\n[[person]]\nslack = "U1"\n[[person]]\nname = "Bo"\n',
    )
    found = wrong(file, **{name: value for name, (_, value, _) in BAD.items() if name != "OFFBOARD_LISTEN"})
    expected = {f"{name} ({path})" for name, (path, _, _) in BAD.items()}
    for key in ("corp_id", "secret"):
        expected.add(f"WECOM_{key.upper()} (wecom.{key})")
    expected |= {"admin", "calendar.country", "calendar.lunch", "person 2.slack", "person 3.slack", "person 4"}
    assert expected <= set(found)
    assert len(found) == len(expected)


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"SLACK_SIGNING_SECRET": "s"}, {"SLACK_BOT_TOKEN (slack.bot_token)", "OFFBOARD_ADMINS (admins)"}),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, {"SLACK_SIGNING_SECRET (slack.signing_secret)", "OFFBOARD_ADMINS (admins)"}),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}, {"OFFBOARD_ADMINS (admins)"}),
        (
            {"WECOM_CORP_ID": "ww1", "OFFBOARD_ADMINS": "wecom:mei"},
            {
                "WECOM_AGENT_ID (wecom.agent_id)",
                "WECOM_SECRET (wecom.secret)",
                "WECOM_TOKEN (wecom.token)",
                "WECOM_AES_KEY (wecom.aes_key)",
            },
        ),
        (WECOM | {"WECOM_CONTACT_TOKEN": "abc"}, {"WECOM_CONTACT_AES_KEY (wecom.contact_aes_key)"}),
    ],
)
def test_what_a_platform_needs_beside_what_was_given_is_missing(given: dict[str, str], missing: set[str]) -> None:
    found = wrong(None, **given)
    assert set(found) == missing
    assert all("missing" in what for what in found.values())


def test_an_empty_variable_counts_as_none() -> None:
    assert read(None, {"SLACK_BOT_TOKEN": "", "OFFBOARD_ADMINS": " ", "OFFBOARD_LISTEN": ""}).slack_settings() is None


def test_a_variable_that_is_given_twice_or_names_no_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    found = wrong(
        None,
        **WECOM,
        WECOM_TOKEN_FILE=str(tmp_path / "nowhere"),
        OFFBOARD_KEY_FILE=str(tmp_path / "nowhere"),
        OFFBOARD_API_TOKEN_FILE=str(tmp_path / "empty"),
    )
    assert found == {
        "WECOM_TOKEN (wecom.token)": "both WECOM_TOKEN and WECOM_TOKEN_FILE are set: leave one away",
        "OFFBOARD_KEY (key)": "the file that OFFBOARD_KEY_FILE names cannot be read (No such file or directory)",
        "OFFBOARD_API_TOKEN (api_token)": "the file that OFFBOARD_API_TOKEN_FILE names is empty",
    }


@pytest.mark.parametrize(
    ("text", "name", "meant"),
    [
        ('admns = ["slack:U1"]', "admns", "did you mean admins"),
        ('[slack]\nbot_tokn = "canary"', "slack.bot_tokn", "did you mean bot_token"),
        ('bot_token = "canary"', "bot_token", "did you mean slack.bot_token"),
        (
            '[slack]\nsecond_approvers = ["slack:U1"]',
            "slack.second_approvers",
            "did you mean second_approvers at the top of the file, above the first [section]",
        ),
        ("[calendar]\nholidays = []", "calendar.holidays", "there is no such setting"),
        ('[[person]]\nslak = "U1"', "person 1.slak", "did you mean slack"),
    ],
)
def test_a_key_that_there_is_not_is_named_with_the_one_that_was_meant(
    tmp_path: Path, text: str, name: str, meant: str
) -> None:
    assert meant in wrong(toml(tmp_path, text))[name]


@pytest.mark.parametrize("text", ['listen = "canary', "admins = [canary]", "[slack\nbot_token = 1", '\x00 = "canary"'])
def test_a_file_that_is_no_toml_is_said_with_the_place_and_nothing_is_called_missing(tmp_path: Path, text: str) -> None:
    found = wrong(toml(tmp_path, text), SLACK_BOT_TOKEN="xoxb-1", OFFBOARD_LANGUAGE="fr")
    assert set(found) == {"", "OFFBOARD_LANGUAGE (language)"}
    assert re.search(r"is not TOML \(at (line \d+|end of document)", found[""])


def test_a_file_that_is_named_and_not_there_is_said(tmp_path: Path) -> None:
    (what,) = wrong(tmp_path / "nowhere.toml").values()
    assert "nowhere.toml cannot be read (No such file or directory)" in what


def test_no_way_of_printing_settings_shows_a_secret() -> None:
    settings = read(None, SLACK | WECOM | {"OFFBOARD_KEY": "canary-key", "OFFBOARD_API_TOKEN": "canary-token"})
    for text in (repr(settings), str(settings), repr(settings.slack), str(settings.model_dump())):
        assert "canary" not in text
    assert open_(settings.key) == "canary-key"


def test_a_variable_that_begins_like_ours_and_means_nothing_is_noticed() -> None:
    environ = {"OFFBOARD_ADMIN": "x", "OFFBOARD_KEY_FILE": "x", "OFFBOARD_FAILPOINT": "x", "PATH": "x"}
    assert list(strangers(environ)) == ["OFFBOARD_ADMIN"]


def test_every_key_has_a_place_where_its_value_is_found() -> None:
    known = set(keys())
    assert {variable.path for variable in VARIABLES} <= known
    assert set(FIND) <= known
