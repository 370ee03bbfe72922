"""Stories: a handover written down move by move, which plays itself and checks what it says on the way.

A story is YAML under `conversations/<playbook>/stories/`. It names roles, verbs, steps and answers, never sentences, so
that one story is told in every language:

    story: the leaver undoes and tries again
    starts: 2026-11-23T01:00:00Z
    moves:
      - leaver: {writes: /offboard}                       # or {writes: {en: done, zh-CN: 完成}}
      - admin: {presses: start}
      - leaver: {answers: leavers, with: [phone, wechat]}
      - leaver: {presses: confirm, step: replace_phone}
      - admin: {presses: send_back, step: replace_phone, words: {en: …, zh-CN: …}}
      - leaver: {presses: "approve:looked", step: replace_phone, from: admin, refused: own_case}
      - wait: 24h                                         # or 3d, `next` (timer), `last_day`
      - expect: {step: replace_phone, status: done, grade: witnessed}
      - expect: {case: closed, outcome: handed_over}
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import yaml

from bot.core.case import Case, Step
from bot.demo.cast import BY_ROLE
from bot.demo.stage import NothingToPress, Stage
from bot.heard import Answer

ROLES = tuple(BY_ROLE)


class StoryError(Exception):
    """The story cannot be read or did not happen as told. Says which move and what instead."""


class Move(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one person does. Exactly one of `writes`, `presses`, `answers`."""

    writes: str | dict[str, str] = ""
    presses: str = ""
    answers: str = ""
    with_: Any = msgspec.field(default=None, name="with")
    step: str = ""
    words: str | dict[str, str] = ""
    from_: str = msgspec.field(default="", name="from")
    refused: str = ""
    thread: bool = False
    again: bool = False


class Expect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What must be so now. A step by its id, or the case."""

    step: str = ""
    status: str = ""
    grade: str = ""
    person: str = ""
    case: str = ""
    outcome: str = ""
    alarms: int = -1


class Story(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    story: str
    moves: list[dict[str, Any]]
    starts: datetime = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    about: str | dict[str, str] = ""
    playbook: str = ""
    """What a case begins with while this story is played; "" is the one in whose folder it lies."""


_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The same YAML, several times as fast where PyYAML was built with libyaml."""


def read_text(text: str) -> Story:
    """Raises StoryError, or yaml.YAMLError."""
    return read(yaml.load(text, Loader=_LOADER))  # noqa: S506  (both are safe loaders)


def read(raw: Any) -> Story:
    """The story in a loaded YAML document. Raises StoryError."""
    try:
        return msgspec.convert(raw, Story)
    except msgspec.ValidationError as error:
        raise StoryError(f"This is not a story: {error}") from None


class Player:
    """Plays a story on a stage and checks it on the way."""

    def __init__(self, stage: Stage, language: str) -> None:
        self.stage = stage
        self.language = language

    def play(self, story: Story) -> None:
        for place, raw in enumerate(story.moves, start=1):
            try:
                self._move(raw)
            except (StoryError, NothingToPress, msgspec.ValidationError) as error:
                raise StoryError(f"move {place} of {story.story!r}, {raw}: {error}") from None

    def _move(self, raw: Mapping[str, Any]) -> None:
        if len(raw) != 1:
            raise StoryError("a move has exactly one key: a role, wait or expect")
        (key, value), *_ = raw.items()
        if key == "wait":
            self.wait(str(value))
        elif key == "expect":
            self.expect(msgspec.convert(value, Expect))
        elif key in ROLES:
            self.act(key, msgspec.convert(value, Move))
        else:
            raise StoryError(f"{key!r} is not a role ({', '.join(ROLES)}), wait or expect")

    def act(self, role: str, move: Move) -> None:
        answer = self._do(role, move)
        if answer.refused != move.refused:
            said = f"refused with {answer.refused!r}" if answer.refused else "accepted"
            raise StoryError(f"expected {move.refused or 'no refusal'!r}, but it was {said}")
        if answer.repeated != move.again:
            raise StoryError("a repeated delivery was taken for a new one, or the other way round")

    def _do(self, role: str, move: Move) -> Answer:
        if move.writes:
            thread = self.case().ref if move.thread else ""
            return self.stage.writes(role, self.said(move.writes), thread)
        if move.answers:
            return self._answer(role, move)
        step = self.step(move.step).number if move.step else 0
        shown, button = self.stage.finds(move.from_ or role, move.presses, step)
        return self.stage.presses(role, shown, button, words=self.said(move.words), chosen=self._values(move.with_))

    def _answer(self, role: str, move: Move) -> Answer:
        admin = self.stage.sees_thread(role)
        shown = self.stage.board.question(self.stage.part(move.from_ or role).id, admin=admin)
        if shown is None or shown.card.input is None or shown.card.input.id != move.answers:
            asked = shown.card.input.id if shown is not None and shown.card.input is not None else "nothing"
            raise StoryError(f"{role} is not asked {move.answers} now, but {asked}")
        offered = frozenset(option.id for option in shown.card.input.options)
        return self.stage.chooses(role, shown, self._values(move.with_, offered), self.said(move.words))

    def _values(self, with_: Any, offered: frozenset[str] = frozenset()) -> tuple[str, ...]:
        """What was chosen. A role is the person who plays it, unless the question offers an answer of that name."""
        values = [] if with_ is None else with_ if isinstance(with_, list) else [with_]
        return tuple(BY_ROLE[value].id if value in BY_ROLE and value not in offered else str(value) for value in values)

    def said(self, text: str | Mapping[str, str]) -> str:
        return text if isinstance(text, str) else text[self.language]

    def wait(self, how: str) -> None:
        director = self.stage.director
        now = director.now()
        if how == "next":
            until = director.next_due()
            if until is None:
                raise StoryError("no timer is set")
        elif how == "last_day":
            day = self.case().last_day
            if day is None:
                raise StoryError("there is no last day yet")
            until = now.replace(year=day.year, month=day.month, day=day.day)
        else:
            until = now + duration(how)
        self.stage.wait_until(until)

    def case(self) -> Case:
        cases = self.stage.director.cases()
        if not cases:
            raise StoryError("there is no case yet")
        return cases[-1]

    def step(self, id: str) -> Step:
        for step in self.case().steps:
            if step.id == id:
                return step
        raise StoryError(f"there is no step {id!r} in the plan")

    def expect(self, wanted: Expect) -> None:
        case = self.case()
        if wanted.step:
            step = self.step(wanted.step)
            self._same("status", wanted.status, str(step.status))
            self._same("grade", wanted.grade, str(step.grade or ""))
            self._same("person", self._person(wanted.person), step.person)
        self._same("case", wanted.case, str(case.status))
        self._same("outcome", wanted.outcome, case.outcome)
        if wanted.alarms >= 0:
            self._same("alarms", str(wanted.alarms), str(len(case.alarms)))

    def _person(self, role: str) -> str:
        return BY_ROLE[role].id if role in BY_ROLE else role

    def _same(self, what: str, wanted: str, found: str) -> None:
        if wanted and wanted != found:
            raise StoryError(f"{what} should be {wanted!r} and is {found!r}")


def duration(text: str) -> timedelta:
    """24h, 3d, 30m."""
    units = {"m": "minutes", "h": "hours", "d": "days"}
    if not text[:-1].isdigit() or text[-1:] not in units:
        raise StoryError(f"{text!r} is not a time: write 30m, 24h, 3d, next or last_day")
    return timedelta(**{units[text[-1]]: int(text[:-1])})
