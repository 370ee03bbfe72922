"""What can be clicked on a WeCom card: buttons, a menu beside them, or a list to tick.

RULES
 1. An `EventKey` is `verb@detail@value` (CONTRACT.md §5), always with both signs, so that it can be taken apart
    (`read_key`): `approve@looked@…`, `confirm@@…`. An answer that is a button is `answer@<question>:<option>@…`. A list
    or a menu answers with `answer@<question>@…`; what was chosen is in the event's SelectedItems, under the question.
 2. An option is numbered on the card as it is in the text beside it, since both are short of room in their own way:
    the number is what one can type instead.
 3. Up to six things to press are buttons. More options are a list to tick (up to 20). A menu begins with an option
    already chosen, so it is used only where that one can be "I do not know", which is the safe one; it leaves room for
    other buttons, which a list does not.
 4. No card takes free text, a day or a person: the next message is the answer, and the card says so.

Sources: developer.work.weixin.qq.com/document/path/90236 and 101032 (按钮交互型, 投票选择型, 文本通知型).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from bot.core.case import UNKNOWN
from bot.playbook.card import Button, Card, Input, Option, sends
from bot.playbook.text import shortened
from bot.wecom import limits
from bot.wecom.markdown import Pen

Json = dict[str, Any]

STYLES = {"primary": 1, "danger": 2, "": 3}
"""WeCom takes 1 to 4 and shows them in a picture; the words on a button have to be enough by themselves."""


class Pressed(Struct, frozen=True):
    """What an `EventKey` says. `choice` is the option of an answer that was a button; `detail` then is its question."""

    verb: str
    detail: str = ""
    value: str = ""
    choice: str = ""


def event_key(verb: str, detail: str, value: str) -> str:
    return f"{verb}@{detail}@{value}"


def read_key(key: str) -> Pressed:
    """Takes apart what `event_key` put together. A value may hold `@`."""
    verb, detail, value = (*key.split("@", 2), "", "")[:3]
    question, _, choice = detail.partition(":")
    return Pressed(verb, question, value, choice) if verb == "answer" else Pressed(verb, detail, value)


class Controls(Struct, frozen=True):
    """What a card has to press. `kind`: the type of card that this makes it, or "" for nothing to press.

    `cut` are labels that had to be shortened, in full; `left_out` are buttons that the card has no place for; `listed`
    says that the options have to be written out in the text beside the card.
    """

    kind: str = ""
    parts: Json = {}
    cut: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    listed: bool = False


def controls(card: Card, pen: Pen) -> Controls:
    asked, buttons = card.input, [*card.row, *card.more]
    if asked is None:
        return _buttons(buttons, pen)
    options = asked.options
    answers = [Button("answer", option.label, asked.value, f"{asked.id}:{option.id}") for option in options]
    if asked.kind not in ("choice", "many") or not options:
        return _buttons([*answers, *buttons], pen)
    short = all(len(pen.flat(option.label)) <= limits.BUTTON for option in options)
    if asked.kind == "choice" and short and len(answers) + len(buttons) <= limits.BUTTONS:
        return _buttons([*answers, *buttons], pen)
    if asked.kind == "choice" and buttons and len(options) <= limits.SELECT and _unknown(options):
        return _menu(asked, buttons, pen)
    if len(options) <= limits.VOTE:
        return _list(asked, buttons, pen)
    unknown = [answer for answer, option in zip(answers, options, strict=True) if option.id == UNKNOWN]
    return replace(_buttons([*unknown, *buttons], pen), listed=True)


def _unknown(options: Sequence[Option]) -> bool:
    return any(option.id == UNKNOWN for option in options)


def _buttons(buttons: Sequence[Button], pen: Pen) -> Controls:
    if not buttons:
        return Controls()
    if all(button.url for button in buttons):
        return _links(buttons, pen)
    drawn: dict[str, Json] = {}
    left_out = []
    for button in buttons:
        key = button.url or event_key(button.verb, button.detail, button.value)
        if key not in drawn and len(drawn) == limits.BUTTONS:
            left_out.append(pen.flat(button.label))
        else:
            drawn.setdefault(key, _button(button, key, pen))
    cut = _cut([button.label for button in buttons], limits.BUTTON, pen)
    return Controls("button_interaction", {"button_list": list(drawn.values())}, cut, tuple(left_out))


def _button(button: Button, key: str, pen: Pen) -> Json:
    text = shortened(pen.flat(button.label) or "–", limits.BUTTON)
    if button.url:
        return {"type": 1, "text": text, "style": STYLES[""], "url": key}
    return {"text": text, "style": STYLES.get(button.style, STYLES[""]), "key": key}


def _cut(labels: Sequence[str], most: int, pen: Pen) -> tuple[str, ...]:
    return tuple(said for label in labels if len(said := pen.flat(label)) > most)


def _links(buttons: Sequence[Button], pen: Pen) -> Controls:
    """Only pages to open: the whole card opens the first, the others are jumps."""
    first, *others = buttons
    jumps = [
        {"type": 1, "title": shortened(pen.flat(button.label) or "–", limits.JUMP), "url": button.url}
        for button in buttons[: limits.JUMPS]
    ]
    left_out = tuple(pen.flat(button.label) for button in others[limits.JUMPS - 1 :])
    cut = _cut([button.label for button in buttons], limits.JUMP, pen)
    return Controls("text_notice", {"jump_list": jumps, "card_action": {"type": 1, "url": first.url}}, cut, left_out)


def _menu(asked: Input, buttons: Sequence[Button], pen: Pen) -> Controls:
    submit = Button("answer", pen.word("submit"), asked.value, asked.id, "primary")
    drawn = _buttons([submit, *buttons], pen)
    menu = {
        "question_key": asked.id,
        "title": pen.word("choose"),
        "option_list": _options(asked, limits.SELECT_TEXT, pen),
        "selected_id": UNKNOWN,
    }
    parts = {"button_selection": menu, **drawn.parts}
    return replace(drawn, parts=parts, listed=_too_long(asked, limits.SELECT_TEXT, pen))


def _list(asked: Input, buttons: Sequence[Button], pen: Pen) -> Controls:
    options = [{**option, "is_checked": False} for option in _options(asked, limits.VOTE_TEXT, pen)]
    mode = 1 if asked.kind == "many" else 0
    own = sends(buttons, asked)
    said = shortened(pen.flat(own.label), limits.BUTTON) if own is not None else pen.word("submit")
    key = event_key(own.verb, own.detail, own.value) if own is not None else event_key("answer", asked.id, asked.value)
    parts = {
        "checkbox": {"question_key": asked.id, "option_list": options, "mode": mode},
        "submit_button": {"text": said, "key": key},
    }
    left_out = tuple(pen.flat(button.label) for button in buttons if button is not own)
    return Controls("vote_interaction", parts, (), left_out, _too_long(asked, limits.VOTE_TEXT, pen))


def _options(asked: Input, most: int, pen: Pen) -> list[Json]:
    return [{"id": option.id, "text": shortened(said, most)} for option, said in numbered(asked, pen)]


def _too_long(asked: Input, most: int, pen: Pen) -> bool:
    return any(len(said) > most for _, said in numbered(asked, pen))


def numbered(asked: Input, pen: Pen) -> list[tuple[Option, str]]:
    """The options as they are counted, on the card and beside it."""
    return [(option, f"{at}. {pen.flat(option.label)}") for at, option in enumerate(asked.options, start=1)]
