"""The kinds of values that settings are made of, each checked by its form. No message repeats a value."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import time
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, SecretStr

PERSON = re.compile(r"slack:[UW][A-Z0-9]{1,20}|wecom:[0-9A-Za-z][0-9A-Za-z_.@-]{0,63}")


def _formed(pattern: str, what: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise ValueError(what)
        return value

    return check


def _secret(pattern: str, what: str) -> AfterValidator:
    check = _formed(pattern, what)

    def checked(value: SecretStr) -> SecretStr:
        check(value.get_secret_value())
        return value

    return AfterValidator(checked)


def _text(pattern: str, what: str) -> AfterValidator:
    return AfterValidator(_formed(pattern, what))


def _listen(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError("it is not host:port, with a port from 0 to 65535")
    return value


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        fits = fits and not (parts.username or parts.query or parts.fragment or re.search(r"\s", value))
    except ValueError:
        fits = False
    if not fits:
        raise ValueError("it is not an address that begins with https:// and has no ? or # in it")
    return value


def _api(ending: str) -> AfterValidator:
    def check(value: str) -> str:
        if not value.endswith(ending):
            raise ValueError(f"it does not end in {ending}")
        return _url(value)

    return AfterValidator(check)


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("there is no such time zone")
    return value


def _country(value: str) -> str:
    if value:
        from holidays.utils import list_supported_countries  # local: a quarter of a second that a test need not pay

        if value not in list_supported_countries():
            raise ValueError("no calendar is known for this country")
    return value


def _hours(value: tuple[time, ...]) -> tuple[time, ...]:
    if value and (len(value) != 2 or value[0] >= value[1]):
        raise ValueError("it is not two times of one day, the earlier one first")
    if any(one.tzinfo is not None for one in value):
        raise ValueError("these are times of the person's own zone: leave the zone away")
    return value


def _no_list(value: Any) -> Any:
    if isinstance(value, str):
        raise ValueError("it is not a list: put it in [ ]")
    return value


Person = Annotated[str, _text(PERSON.pattern, "it is not an id of the form slack:U… or wecom:userid")]
People = Annotated[tuple[Person, ...], BeforeValidator(_no_list)]
SlackId = Annotated[str, _text(r"[UW][A-Z0-9]{1,20}", "it is not a member ID of Slack, such as U0123ABCD")]
WecomId = Annotated[str, _text(r"[0-9A-Za-z][0-9A-Za-z_.@-]{0,63}", "it is not an account of WeCom's contacts")]
Name = Annotated[str, _text(r"[a-z0-9_]+(/[a-z0-9_]+)*", "it is not the name of a playbook")]
Names = Annotated[tuple[Name, ...], BeforeValidator(_no_list)]
Language = Annotated[str, _text("en|zh-CN", "it is neither en nor zh-CN")]
Database = Annotated[str, _text(r"(?!\w+://)[^\n]+", "it is not the path of a file, and there is no other store yet")]
Platform = Annotated[str, _text("slack|wecom", "it is neither slack nor wecom")]
Zone = Annotated[str, AfterValidator(_zone)]
Country = Annotated[str, AfterValidator(_country)]
Hours = Annotated[tuple[time, ...], AfterValidator(_hours)]
Listen = Annotated[str, AfterValidator(_listen)]
Url = Annotated[str, AfterValidator(_url), AfterValidator(lambda value: value.rstrip("/"))]
SlackApi = Annotated[str, _api("/api/")]
WecomApi = Annotated[str, _api("/cgi-bin/")]
Channel = Annotated[
    str, _text(r"[CG][A-Z0-9]{1,20}", "it is not a channel's ID, such as C0123ABCD: the name is not enough")
]
BotToken = Annotated[SecretStr, _secret(r"xoxb-\S+", "it is not a bot token: that begins with xoxb-")]
AppToken = Annotated[SecretStr, _secret(r"xapp-\S+", "it is not an app-level token: that begins with xapp-")]
Secret = Annotated[SecretStr, _secret(r"\S(.*\S)?", "it is empty, or has a line break in it")]
CorpId = Annotated[str, _text(r"\S+", "it has a space in it")]
CallbackToken = Annotated[SecretStr, _secret(r"[0-9A-Za-z]{1,32}", "it is not 1 to 32 letters and digits")]
AesKey = Annotated[SecretStr, _secret(r"[0-9A-Za-z]{43}", "it is not 43 letters and digits")]
FileName = Annotated[str, _text(r"[0-9A-Za-z_.-]{1,100}\.txt", "it is not the name of a .txt file")]
