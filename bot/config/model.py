"""The settings themselves, as they are once everything is checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, time
from pathlib import Path
from typing import Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.config import kinds
from bot.config.sources import Unread
from bot.rows import SlackSettings, WecomSettings


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)


class Slack(Section):
    bot_token: kinds.BotToken | None = None
    signing_secret: kinds.Secret | None = None
    app_token: kinds.AppToken | None = None
    admin_channel: kinds.Channel = ""
    api_url: kinds.SlackApi = "https://slack.com/api/"


class DomainFile(Section):
    name: kinds.FileName
    text: str = Field(min_length=1, max_length=4096)


class Wecom(Section):
    corp_id: kinds.CorpId = ""
    agent_id: int = 0
    secret: kinds.Secret | None = None
    token: kinds.CallbackToken | None = None
    aes_key: kinds.AesKey | None = None
    contact_secret: kinds.Secret | None = None
    contact_token: kinds.CallbackToken | None = None
    contact_aes_key: kinds.AesKey | None = None
    domain_file: DomainFile | None = None
    api_url: kinds.WecomApi = "https://qyapi.weixin.qq.com/cgi-bin/"


class StandIn(Section):
    """Who stands in for a person, on these days and between them."""

    person: kinds.Person
    since: date = Field(alias="from")
    to: date


class Person(Section):
    """`acts_as`: under which of two ids they act and stand in the record; Slack's unless it says "wecom"."""

    name: str = Field(default="", max_length=100)
    slack: kinds.SlackId = ""
    wecom: kinds.WecomId = ""
    acts_as: kinds.Platform = "slack"
    language: kinds.Language = ""
    zone: kinds.Zone = ""
    stand_in: StandIn | None = None

    def ids(self) -> tuple[str, ...]:
        """The id under which they act, then the other one."""
        both = {"slack": self.slack, "wecom": self.wecom}
        order = sorted(both, key=lambda platform: platform != self.acts_as)
        return tuple(f"{platform}:{both[platform]}" for platform in order if both[platform])


class CalendarSettings(Section):
    country: kinds.Country = "CN"
    extra_workdays: tuple[date, ...] = ()
    extra_days_off: tuple[date, ...] = ()
    working_hours: kinds.Hours = Field(default=(time(9, 30), time(18, 0)), min_length=2)
    lunch: kinds.Hours = (time(12, 0), time(14, 0))


class Settings(BaseSettings):
    """Everything that can be set. Secrets are shown by nothing."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True, validate_default=False
    )

    database: kinds.Database = "offboard.db"
    listen: kinds.Listen = "127.0.0.1:8400"
    metrics_listen: kinds.Listen = ""
    public_url: kinds.Url = ""
    timezone: kinds.Zone = "Asia/Shanghai"
    language: kinds.Language = "zh-CN"
    admins: kinds.People = ()
    second_approvers: kinds.People = ()
    owner: kinds.Person = ""
    key: kinds.Secret | None = None
    api_token: kinds.Secret | None = None
    playbooks: kinds.Names = ()
    playbooks_folder: Path | None = None
    slack: Slack = Slack()
    wecom: Wecom = Wecom()
    person: tuple[Person, ...] = ()
    calendar: CalendarSettings = CalendarSettings()
    tencent_account: tuple[dict[str, Any], ...] = Field(default=(), repr=False)

    @model_validator(mode="wrap")
    @classmethod
    def _all_at_once(cls, data: Any, handler: ModelWrapValidatorHandler[Settings]) -> Settings:
        """What pydantic finds, what could not be read, and what is missing or does not fit together: in one error."""
        wrong: list[InitErrorDetails] = []
        readable = dict(_readable(data, (), wrong))
        whole = not any(one.get("loc") == ("",) for one in wrong)
        given = dict(_given(data, ()))
        if whole:
            wrong += [_error(place, what) for place, what in together(given)]
            wrong += [_error(place, what) for place, what in among_people(given.get("person", ()))]
        try:
            settings = handler(readable)
        except ValidationError as error:
            wrong += [_error(one["loc"], one["msg"], one["type"]) for one in error.errors(include_input=False)]
            raise ValidationError.from_exception_data(cls.__name__, wrong) from None
        if wrong:
            raise ValidationError.from_exception_data(cls.__name__, wrong)
        return settings

    def slack_settings(self) -> SlackSettings | None:
        """None when Slack is not configured."""
        if self.slack.bot_token is None:
            return None
        return SlackSettings(
            bot_token=open_(self.slack.bot_token),
            signing_secret=open_(self.slack.signing_secret),
            app_token=open_(self.slack.app_token),
            admin_channel=self.slack.admin_channel,
            api_url=self.slack.api_url,
            language=self.language,
            admins=self.admins,
            public_url=self.public_url,
        )

    def wecom_settings(self) -> WecomSettings | None:
        """None when WeCom is not configured."""
        given = self.wecom
        if given.secret is None:
            return None
        return WecomSettings(
            corp_id=given.corp_id,
            agent_id=given.agent_id,
            secret=open_(given.secret),
            token=open_(given.token),
            aes_key=open_(given.aes_key),
            contact_secret=open_(given.contact_secret),
            contact_token=open_(given.contact_token),
            contact_aes_key=open_(given.contact_aes_key),
            domain_file_name=given.domain_file.name if given.domain_file else "",
            domain_file_text=given.domain_file.text if given.domain_file else "",
            api_url=given.api_url,
            language=self.language,
            admins=self.admins,
            public_url=self.public_url,
        )


def open_(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret is not None else ""


# ------------------------------------------------------------------------------------------ what fits together

SLACK_MEANT = ("bot_token", "signing_secret", "app_token", "admin_channel")
WECOM_NEEDS = ("corp_id", "agent_id", "secret", "token", "aes_key")
CONTACTS = ("contact_token", "contact_aes_key")


def together(given: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """What is missing beside what was given (path -> value), and what contradicts it."""
    slack = any(f"slack.{key}" in given for key in SLACK_MEANT)
    wecom = any(path.startswith("wecom.") and path != "wecom.api_url" for path in given)
    if slack and "slack.bot_token" not in given:
        yield ("slack", "bot_token"), "it is missing"
    if slack and "slack.signing_secret" not in given and "slack.app_token" not in given:
        yield ("slack", "signing_secret"), "it is missing (only with an app token, for Socket Mode, it is not needed)"
    for key in WECOM_NEEDS if wecom else ():
        if f"wecom.{key}" not in given:
            yield ("wecom", key), "it is missing"
    has = [key for key in CONTACTS if f"wecom.{key}" in given]
    for key in CONTACTS if len(has) == 1 else ():
        if key not in has:
            yield ("wecom", key), f"it is missing beside {has[0]}"
    if (slack or wecom) and "admins" not in given:
        yield ("admins",), "it is missing: without an admin nobody could open a case or approve a step"
    if given.get("metrics_listen") and given["metrics_listen"] == given.get("listen", "127.0.0.1:8400"):
        yield ("metrics_listen",), "it is the address of the bot itself: the metrics need one of their own"


def among_people(people: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What does not fit together among the [[person]]s as they stand in the file; their form is looked at elsewhere."""
    seen: set[str] = set()
    for place, person in enumerate(people if isinstance(people, list | tuple) else ()):
        ids = {platform: person.get(platform) for platform in ("slack", "wecom")} if isinstance(person, dict) else {}
        if ids and not any(ids.values()):
            yield ("person", place), "it has neither slack nor wecom"
        for platform, id in ids.items():
            key = f"{platform}:{id}".casefold()
            if id and key in seen:
                yield ("person", place, platform), "this id stands at another [[person]] already"
            seen.add(key)
        if ids and isinstance(stand_in := person.get("stand_in"), dict):
            since, to = stand_in.get("from"), stand_in.get("to")
            if isinstance(since, date) and isinstance(to, date) and since > to:
                yield ("person", place, "stand_in"), "it ends before it begins"


def _readable(
    data: Mapping[str, Any], place: tuple[str, ...], wrong: list[InitErrorDetails]
) -> Iterator[tuple[str, Any]]:
    """The data without what could not be read; that is noted."""
    for key, value in data.items():
        if isinstance(value, Unread):
            wrong.append(_error((*place, key), value.why))
        elif isinstance(value, dict):
            yield key, dict(_readable(value, (*place, key), wrong))
        else:
            yield key, value


def _given(data: Mapping[str, Any], place: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _given(value, (*place, key))
        elif value not in ("", (), [], None):
            yield ".".join((*place, key)), value


def _error(place: tuple[str | int, ...], what: str, kind: str = "wrong") -> InitErrorDetails:
    text = what.replace("{", "{{").replace("}", "}}")
    return InitErrorDetails(type=PydanticCustomError(kind, text), loc=place, input=None)
