"""The page and its pieces as HTML. A message is drawn from the very payload that the platform would be sent.

Everything is escaped by Jinja; what the platforms' own marks mean is marks.py.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import structlog
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from msgspec import Struct

from bot.core.effects import ADMINS
from bot.demo.cast import BY_ROLE, PARTS, role_of
from bot.demo.given import House, Json, Look
from bot.demo.marks import markdown, mrkdwn
from bot.demo.pagewords import PageWords
from bot.demo.play import Play
from bot.demo.record import Teller
from bot.demo.room import Entry, pane_of
from bot.playbook.copy import load
from bot.rows import Drawn

log = structlog.get_logger("offboard.demo")

ZONE = "Asia/Shanghai"
SEATS = {"leaver": ("leaver",), "successor": ("successor",), "second": ("second",), "admin": ("admins", "admin")}
"""The panes that `?as=` opens."""


class Pane(Struct, frozen=True):
    """`group`: panes of one group share a place on a wide screen."""

    id: str
    group: int
    role: str
    title: str
    short: str
    about: str
    label: str
    hint: str = ""


class Pages:
    def __init__(self, play: Play) -> None:
        self.play = play
        self.house: House = play.house
        self._drawn: dict[tuple[str, int, str, str], Markup] = {}
        self.verdict: tuple[bool, str] | None = None
        self._env = Environment(
            loader=PackageLoader("bot.demo"),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._env.filters |= {"mrkdwn": mrkdwn, "markdown": markdown}
        self._env.globals |= {"people": PARTS}

    # ------------------------------------------------------------------ the whole

    async def page(self, look: Look, seat: str, version: int) -> str:
        panes = [pane for pane in self.panes(look) if not seat or pane.id in SEATS[seat]]
        lists = self._lists(look)
        rows = await self._rows() if not seat else []
        stories = self.house.stories()
        async with self.play.gate:
            shelves = await asyncio.to_thread(self._stories, stories)
        return self._env.get_template("page.html").render(
            language=self.house.language,
            word=self._words(),
            look=look.name,
            looks=list(self.play.looks),
            seat=seat,
            version=version,
            panes=panes,
            lists=lists,
            rows=rows,
            played=bool(lists),
            watch=stories[0][0] if stories else "",
            stories=shelves,
            slots=await self._slots(look),
            impostor=self.play.impostor,
            title=self._title(panes, seat),
        )

    def _words(self) -> PageWords:
        return PageWords(self.house.language)

    def _title(self, panes: list[Pane], seat: str) -> str:
        return f"{panes[0].title} · Offboard" if seat else self._words()("title")

    def panes(self, look: Look) -> list[Pane]:
        word, language = self._words(), self.house.language
        found = []
        for id, group, role in (
            ("leaver", 1, "leaver"),
            ("admins", 2, "admin"),
            ("admin", 2, "admin"),
            ("successor", 3, "successor"),
            ("second", 3, "second"),
        ):
            if id == "admins" and not look.threads:
                continue
            who = BY_ROLE[role].name[language]
            channel = id == "admins"
            title = word("channel") if channel else f"{who} · {word(role)}"
            about = "channel_about" if channel else "private" if look.threads or role != "admin" else "one_chat"
            hint = word("say_channel") if channel else ""
            short = title if channel else who
            found.append(Pane(id, group, role, title, short, word(about), word("say_here", who=who), hint))
        return found

    def _stories(self, stories: list[tuple[str, Any]]) -> list[tuple[str, list[tuple[str, str]]]]:
        """Under the title of the playbook that each begins: its stories, by name, with what they are about."""
        language = self.house.language
        groups: dict[str, list[tuple[str, str]]] = {}
        for name, story in stories:
            title = self.house.title(story.playbook)
            groups.setdefault(title, []).append((name, _about(story, language)))
        return list(groups.items())

    def _lists(self, look: Look) -> dict[str, list[Markup]]:
        """Each list as it grew: a thread stands where it began, with what began it at its head."""
        lists: dict[str, list[Markup | str]] = {}
        threads: dict[str, list[Markup]] = {}
        for entry in self.play.room.entries():
            pane = pane_of(entry, threads=look.threads)
            drawn = self._entry(entry, look)
            if pane != "admins" or not entry.case:
                lists.setdefault(pane, []).append(drawn)
                continue
            if entry.case not in threads:
                lists.setdefault(pane, []).append(entry.case)
            thread = threads.setdefault(entry.case, [])
            thread.insert(0 if entry.root else len(thread), drawn)
        return {
            pane: [one if isinstance(one, Markup) else self._thread(one, threads[one]) for one in found]
            for pane, found in lists.items()
        }

    # ------------------------------------------------------------------ a frame

    async def frame(self, look: Look, since: int) -> dict[str, Any]:
        """Everything that is new or redrawn since a change, and everything that is derived from the state."""
        found = []
        for entry in self.play.room.entries():
            if entry.version <= since:
                continue
            pane = pane_of(entry, threads=look.threads)
            one: Json = {"id": entry.id, "list": f"list-{pane}", "pane": pane, "html": self._entry(entry, look)}
            if pane == "admins" and entry.case:
                shell = {"id": f"thread-{entry.case}", "list": "list-admins", "html": self._thread(entry.case, [])}
                one |= {"list": f"list-admins-{entry.case}", "shell": shell} | ({"after": ""} if entry.root else {})
            found.append(one)
        before = ""
        for row in await self._rows():
            one = {"id": row["id"], "list": "list-record", "pane": "record", "html": row["html"]}
            found.append(one | {"once": True, "after": before})
            before = row["id"]
        return {"entries": found, "slots": await self._slots(look)}

    def _thread(self, ref: str, entries: list[Markup]) -> Markup:
        return self._part("thread", ref, entries, self._words(), BY_ROLE["admin"].name[self.house.language])

    async def _slots(self, look: Look) -> dict[str, str]:
        play, word = self.play, self._words()
        note = play.room.note
        telling = play.telling
        return {
            "clock": load(self.house.language).moment(self.house.now(), ZONE),
            "note": self._part("note", word.of(look.name, note.key, **note.values), note.bad) if note else "",
            "telling": self._part("telling", telling, self._did(telling["said"]), word) if telling else "",
            "verdict": self._part("verdict", *self.verdict) if self.verdict is not None else "",
            "impostor": play.impostor,
        }

    def _did(self, said: Any) -> str:
        if not said:
            return ""
        role, how, text = said
        return self._words()(how, who=BY_ROLE[role].name[self.house.language], text=text)

    # ------------------------------------------------------------------ pieces

    def _entry(self, entry: Entry, look: Look) -> Markup:
        key = (entry.id, entry.version, look.name, self.house.language)
        if key not in self._drawn:
            if len(self._drawn) > 5_000:
                self._drawn.clear()
            self._drawn[key] = self._draw(entry, look)
        return self._drawn[key]

    def _draw(self, entry: Entry, look: Look) -> Markup:
        language = self.house.language
        who = BY_ROLE[role_of(entry.who)].name[language] if entry.who else ""
        drawn = self.drawn(entry, look)
        before = self._before(entry, look)
        fixed = before is not None and before.payload.get("msgtype") == "markdown"
        anew = before if drawn and fixed and drawn.payload["msgtype"] == "template_card" else None
        return self._part(
            "entry",
            entry,
            drawn,
            {
                "look": look.name,
                "who": who,
                "at": load(language).moment(entry.at, ZONE),
                "anew": anew,
                "edited": entry.redrawn and not fixed,
                "step": entry.card.step if entry.card is not None else 0,
                "only": look.threads and entry.kind == "told" and entry.place == ADMINS,
                "people": [(part.id, part.name[language]) for part in PARTS],
                "kind": entry.card.kind if entry.card is not None else "",
            },
            self._words(),
        )

    def drawn(self, entry: Entry, look: Look) -> Drawn | None:
        """The payload as it would be sent; None for what a person typed."""
        if entry.card is None:
            return None
        return look.draw(entry.card, dict(entry.names), first=entry.first if entry.redrawn else None)

    def _before(self, entry: Entry, look: Look) -> Drawn | None:
        """What was first sent of a message that has been redrawn."""
        if entry.first is None or not entry.redrawn:
            return None
        return look.draw(entry.first, dict(entry.names), first=None)

    def payload(self, entry: Entry, look: Look) -> str:
        drawn = self.drawn(entry, look)
        if drawn is None:
            return ""
        said = [json.dumps(drawn.payload, ensure_ascii=False, indent=2)]
        for text in drawn.beside:
            said.append(
                json.dumps({"msgtype": "markdown", "markdown": {"content": text}}, ensure_ascii=False, indent=2)
            )
        return "\n\n".join(said)

    async def _rows(self) -> list[dict[str, Any]]:
        """The record, line by line."""
        async with self.play.gate:
            return await asyncio.to_thread(self._told)

    def _told(self) -> list[dict[str, Any]]:
        house, word = self.house, self._words()
        names = {part.id: part.name[house.language] for part in PARTS}
        tellers: dict[str, Teller] = {}
        found = []
        for row in house.history():
            ref = row["case"]
            if ref not in tellers:
                tellers[ref] = Teller(house.language, ZONE, names, house.words(ref))
            teller = tellers[ref]
            id = f"f-{ref}-{row['number']}"
            html = self._part("fact", id, row, teller.moment(row["at"]), told(teller, row), word)
            found.append({"id": id, "html": html})
        return found

    def _part(self, name: str, *args: object) -> Markup:
        """A macro of parts.html."""
        macro: Any = getattr(self._env.get_template("parts.html").module, name)
        return Markup(macro(*args))  # noqa: S704  (Jinja escaped it)


def told(teller: Teller, row: Json) -> str:
    """A fact in words; one that nobody can tell is named by its kind, so that the others are still seen."""
    try:
        return teller.tell(row)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        log.error("a fact cannot be told", case=row["case"], number=row["number"], error=type(error).__name__)
        return str(row["kind"])


def _about(story: Any, language: str) -> str:
    about: str | Mapping[str, str] = story.about
    return about if isinstance(about, str) else about.get(language, story.story)
