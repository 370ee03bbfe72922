"""Settings: option, environment, offboard.toml, default; the first that is given counts.

    settings = read(Path("offboard.toml"), os.environ)

Everything that is wrong is reported at once (BadConfig), without repeating any value.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from bot.config.model import CalendarSettings, DomainFile, Person, Settings, Slack, StandIn, Wecom, open_
from bot.config.problems import BadConfig, Problem, problems_of
from bot.config.sources import Environment, TomlFile, strangers

__all__ = ["BadConfig", "Person", "Problem", "Settings", "keys", "open_", "read", "strangers"]


def read(file: Path | None, environ: Mapping[str, str], **options: Any) -> Settings:
    """The settings. `file` must be there when it is given; options that are None were not given. Raises BadConfig."""

    class Here(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, Environment(settings_cls, environ), TomlFile(settings_cls, file)

    try:
        return Here(**{key: value for key, value in options.items() if value is not None})
    except ValidationError as error:
        raise BadConfig(problems_of(error, keys())) from None


SECTIONS: Mapping[str, type[BaseModel]] = {
    "slack": Slack,
    "wecom": Wecom,
    "wecom.domain_file": DomainFile,
    "person": Person,
    "person.stand_in": StandIn,
    "calendar": CalendarSettings,
}


def keys() -> tuple[str, ...]:
    """Every key that offboard.toml may have, as a path."""
    found = list(Settings.model_fields)
    for section, model in SECTIONS.items():
        found += [f"{section}.{field.alias or name}" for name, field in model.model_fields.items()]
    return tuple(found)
