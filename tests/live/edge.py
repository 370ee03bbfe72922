"""An edge that a test can look into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.core.case import PersonId
from bot.edges import Asgi, House
from bot.ports import Chat
from bot.rows import PersonRow
from bot.runtime.scripted import ScriptedChat


class Everybody:
    """A directory in which everybody of one platform is a member."""

    def __init__(self, platform: str) -> None:
        self._platform = platform

    def serves(self, to: PersonId) -> bool:
        return to.startswith(f"{self._platform}:")

    async def look_up(self, person: PersonId) -> PersonRow:
        return PersonRow(person, name=person.partition(":")[2])


class FakeEdge:
    def __init__(self, name: str = "slack", routes: Mapping[str, Asgi] | None = None) -> None:
        self.name = name
        self.chat: Chat = ScriptedChat(name, lambda to: to.startswith(f"{name}:"))
        self.directory = Everybody(name)
        self.wrong = ""
        self.told: list[tuple[PersonId, ...]] = []
        self._routes = routes or {}

    def routes(self) -> Mapping[str, Asgi]:
        return self._routes

    async def open(self, house: House) -> None: ...

    async def close(self) -> None: ...

    def trouble(self) -> str:
        return self.wrong

    async def touched(self, people: Sequence[PersonId]) -> None:
        self.told.append(tuple(people))
        if self.wrong:
            raise ConnectionError(self.wrong)
