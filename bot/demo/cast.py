"""Who plays in the demo and in the stories: four people of one small company."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from bot.core.case import PersonId
from bot.rows import PersonRow


class Part(Struct, frozen=True):
    """One seat at the table. `name` is by language."""

    role: str
    id: PersonId
    name: Mapping[str, str]


PARTS = (
    Part("leaver", "demo:lin", {"en": "Lin Wei", "zh-CN": "林薇"}),
    Part("successor", "demo:zhao", {"en": "Zhao Yun", "zh-CN": "赵云"}),
    Part("admin", "demo:mei", {"en": "Mei Chen", "zh-CN": "陈梅"}),
    Part("second", "demo:han", {"en": "Han Bo", "zh-CN": "韩波"}),
)

BY_ROLE: Mapping[str, Part] = {part.role: part for part in PARTS}
ADMIN, SECOND = BY_ROLE["admin"].id, BY_ROLE["second"].id


def rows(language: str) -> tuple[PersonRow, ...]:
    """Everybody as the database knows them."""
    return tuple(PersonRow(id=part.id, name=part.name[language], language=language) for part in PARTS)


def role_of(id: PersonId) -> str:
    return next((part.role for part in PARTS if part.id == id), "")
