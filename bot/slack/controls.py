"""What can be clicked or filled in on a Slack message: buttons, an overflow, and the ways to answer a question.

RULES
 1. An `action_id` is a verb, then `:` and a detail (CONTRACT.md §5). Where the same one would occur twice in a message,
    a third part counts: `approve:looked`, `confirm::2`. `read_action` takes it apart again.
 2. An overflow has one id for all its entries (`answer:more`), so there the verb stands in the entry's value:
    `later::<value>`; `read_entry` takes it apart.
 3. The elements that answer are `answer:<question>`; the block that holds them has the question's opaque value as its
    `block_id`, since selects carry none. A button that is an answer is `answer:<question>:<option>`.
 4. Ticks and typed text are sent by a button of their own, `answer:<question>:submit`: half an answer is none.
    They stand in an input block, which sends nothing by itself; Slack puts them into `state.values`.
 5. "I do not know" excludes the others, so beside ticks it is a button.

Sources: docs.slack.dev/reference/block-kit/block-elements (button, overflow, static_select, checkboxes, datepicker,
users_select, plain_text_input) and /blocks/input-block.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from bot.core.case import UNKNOWN
from bot.playbook.card import Button, Card, Input, Option, sends
from bot.playbook.text import packed, shortened
from bot.slack import limits
from bot.slack.mrkdwn import Pen, mrkdwn

Json = dict[str, Any]

MORE = "answer:more"
SUBMIT = "submit"
BUTTONS_FOR_CHOICE = 5
"""As many options are drawn as buttons; more become a menu."""
SHORT_OPTION = 30
"""Characters that an option may have to be a button."""
LONGEST_ANSWER = 2_000


class Pressed(Struct, frozen=True):
    """What an `action_id` says. `choice` is the option of an answer, or `submit`."""

    verb: str
    detail: str = ""
    choice: str = ""


def read_action(action_id: str) -> Pressed:
    verb, detail, rest = (*action_id.split(":", 2), "", "")[:3]
    return Pressed(verb, detail, rest if verb == "answer" else "")


class Entry(Struct, frozen=True):
    """What the value of an overflow's entry says."""

    verb: str
    detail: str
    value: str


def read_entry(value: str) -> Entry:
    verb, detail, rest = (*value.split(":", 2), "", "")[:3]
    return Entry(verb, detail, rest)


class Controls:
    """Draws the controls of one card."""

    def __init__(self, card: Card, pen: Pen, options: int) -> None:
        self.card = card
        self.pen = pen
        self._options = options
        self._ids: set[str] = set()
        self._primary = False
        labels = Counter(button.label for button in (*card.row, *card.more))
        self._repeats = {label for label, times in labels.items() if times > 1}

    def blocks(self) -> list[Json]:
        """The question, then the buttons."""
        asked = self.card.input
        blocks: list[Json] = []
        elements: list[Json] = []
        if asked is not None:
            blocks, elements = self._question(asked)
        elements += [self.button(button) for button in (*self.card.row, *self._outside())]
        elements += self._overflows()
        rows = [elements[at : at + 25] for at in range(0, len(elements), 25)]
        actions: list[Json] = [{"type": "actions", "elements": row} for row in rows]
        if asked is not None and asked.value and actions and not blocks:
            actions[0] = {"type": "actions", "block_id": asked.value, "elements": actions[0]["elements"]}
        return self._list_in_full(asked) + blocks + actions

    # ------------------------------------------------------------------------------------------ buttons

    def button(self, button: Button) -> Json:
        element: Json = {
            "type": "button",
            "action_id": self._id(button.verb, button.detail),
            "text": self.pen.plain(button.label, limits.BUTTON),
        }
        if button.value:
            element["value"] = button.value
        if button.url:
            element["url"] = button.url
        if button.style == "danger" or (button.style == "primary" and not self._primary):
            element["style"] = button.style
            self._primary = self._primary or button.style == "primary"
        if button.style == "danger":
            element["confirm"] = self._sure(button)
        if self.card.step or button.label in self._repeats:
            element["accessibility_label"] = self._aloud(button.label)
        return element

    def _id(self, verb: str, detail: str = "") -> str:
        id, times = f"{verb}:{detail}" if detail else verb, 1
        while id in self._ids:
            times += 1
            id = f"{verb}:{detail}:{times}"
        self._ids.add(id)
        return id

    def _aloud(self, label: str) -> str:
        """For who hears the button and not what stands around it: "Done" is on every step."""
        said = f"{self.pen.flat(label)} – {self.pen.flat(self.card.title)}"
        return shortened(said, limits.STRINGS["accessibility_label"])

    def _sure(self, button: Button) -> Json:
        pen, label = self.pen, shortened(self.pen.flat(button.label), 30)
        about = " · ".join(said for said in (self.card.reference, self.card.title) if said)
        return {
            "title": pen.plain(pen.word("sure", label=label), 100),
            "text": pen.plain(about, 150),
            "confirm": pen.plain(label, 30),
            "deny": pen.plain(pen.word("cancel"), 30),
            "style": "danger",
        }

    def _outside(self) -> list[Button]:
        """What may not hide in the overflow: it would ask "are you sure?" for all its entries."""
        return [button for button in self.card.more if button.style == "danger"]

    def _overflows(self) -> Iterator[Json]:
        hidden = [button for button in self.card.more if button.style != "danger"]
        for at in range(0, len(hidden), limits.OVERFLOW):
            entries = [self._entry(button) for button in hidden[at : at + limits.OVERFLOW]]
            yield {"type": "overflow", "action_id": self._id(MORE), "options": entries}

    def _entry(self, button: Button) -> Json:
        value = f"{button.verb}:{button.detail}:{button.value}"
        entry: Json = {"text": self.pen.plain(button.label, limits.OPTION), "value": value}
        if button.url:
            entry["url"] = button.url
        return entry

    # ------------------------------------------------------------------------------------------ questions

    def _question(self, asked: Input) -> tuple[list[Json], list[Json]]:
        """Input blocks, and what goes in front of the buttons."""
        options = asked.options[: self._options]
        self.pen.short = self.pen.short or len(options) < len(asked.options)
        match asked.kind:
            case "choice" if self._as_buttons(options):
                return [], [self._answer(asked, option) for option in options]
            case "choice" if options:
                return [], [self._menu("static_select", "choose", asked, {"options": self._entries(options)})]
            case "many":
                return self._many(asked, options)
            case "date":
                elements = [self._menu("datepicker", "choose_day", asked)]
            case "person":
                elements = [self._menu("users_select", "choose_person", asked)]
            case _:
                return self._text(asked, options)
        return [], elements + [self._answer(asked, option) for option in options]

    def _as_buttons(self, options: Sequence[Option]) -> bool:
        return len(options) <= BUTTONS_FOR_CHOICE and all(len(option.label) <= SHORT_OPTION for option in options)

    def _answer(self, asked: Input, option: Option) -> Json:
        """An option as a button."""
        return self.button(Button("answer", option.label, asked.value, f"{asked.id}:{option.id}"))

    def _submit(self, asked: Input) -> Json:
        style = "" if any(button.style == "primary" for button in (*self.card.row, *self.card.more)) else "primary"
        return self.button(Button("answer", self.pen.word("submit"), asked.value, f"{asked.id}:{SUBMIT}", style))

    def _menu(self, kind: str, placeholder: str, asked: Input, rest: Json | None = None) -> Json:
        said = self.pen.plain(self.pen.word(placeholder), 150)
        return {"type": kind, "action_id": self._id("answer", asked.id), "placeholder": said, **(rest or {})}

    def _many(self, asked: Input, options: Sequence[Option]) -> tuple[list[Json], list[Json]]:
        ticks = [option for option in options if option.id != UNKNOWN]
        unknown = [self._answer(asked, option) for option in options if option.id == UNKNOWN]
        if not ticks:
            return [], unknown
        entries = {"options": self._entries(ticks)}
        if len(ticks) <= limits.CHECKBOXES:
            element = {"type": "checkboxes", "action_id": self._id("answer", asked.id), **entries}
        else:
            element = self._menu("multi_static_select", "choose", asked, entries)
        submit = [] if sends(self.card.row, asked) is not None else [self._submit(asked)]
        return [self._input(asked, "tick", element)], [*submit, *unknown]

    def _text(self, asked: Input, options: Sequence[Option]) -> tuple[list[Json], list[Json]]:
        element: Json = {
            "type": "plain_text_input",
            "action_id": self._id("answer", asked.id),
            "max_length": LONGEST_ANSWER,
        }
        others = [self._answer(asked, option) for option in options]
        return [self._input(asked, "write", element)], [self._submit(asked), *others]

    def _input(self, asked: Input, label: str, element: Json) -> Json:
        block: Json = {"type": "input", "optional": True}
        if asked.value:
            block["block_id"] = asked.value
        block["label"] = self.pen.plain(self.pen.word(label), 2_000)
        block["element"] = element
        return block

    def _entries(self, options: Sequence[Option]) -> list[Json]:
        """Numbered, because the number is what one can type instead."""
        return [
            {"text": self.pen.plain(f"{number}. {option.label}", limits.OPTION), "value": option.id}
            for number, option in enumerate(options, start=1)
        ]

    def _list_in_full(self, asked: Input | None) -> list[Json]:
        """Options that are too long for a menu, written out."""
        if asked is None or all(len(option.label) < limits.OPTION - 4 for option in asked.options):
            return []
        lines = [line for n, option in enumerate(asked.options, 1) for line in self.pen.prose(f"{n}. {option.label}")]
        return [{"type": "section", "text": mrkdwn(text)} for text in packed(lines, limits.SECTION_TEXT)]
