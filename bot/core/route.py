"""`route`: typed words become an event's raw material, or the question "which one do you mean?". Pure.

RULES
 1. What the bot has just asked for (a reason, a day, a name) is answered by the next message, whatever it says, unless
    it is a command.
 2. An option of the pending question, by its number or its words, answers it. Then the verbs. Then, when the pending
    question is a typed one, the text is its answer.
 3. A verb needs one step. A number names it; without a number there must be exactly one that the verb fits, else the
    person is asked which.
 4. Words are compared without case, width, invisible signs and outer punctuation. Nobody is identified by text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from msgspec import Struct

from bot.core.case import UNKNOWN, CaseRef, StepStatus
from bot.core.lexicon import CANCEL, NEVER, NONE, clean, day_in, verb_in, without_day
from bot.core.lexicon import key as key_of

LONGEST = 2000
"""Characters that one message may have."""

S = StepStatus

FITS: Mapping[str, frozenset[StepStatus]] = {
    "confirm": frozenset({S.OPEN, S.SENT_BACK}),
    "undo": frozenset({S.CLAIMED}),
    "restore": frozenset({S.SOAKING}),
    "stuck": frozenset({S.OPEN, S.SENT_BACK}),
    "not_mine": frozenset({S.OPEN, S.SENT_BACK}),
    "later": frozenset({S.OPEN, S.SENT_BACK}),
    "approve": frozenset({S.CLAIMED}),
    "send_back": frozenset({S.CLAIMED}),
    "take": frozenset({S.OPEN, S.SENT_BACK}),
    "waive": frozenset({S.OPEN, S.SENT_BACK, S.CLAIMED}),
    "reassign": frozenset({S.OPEN, S.SENT_BACK}),
}
"""Which steps a verb may mean when no number is given."""

OWNERS = frozenset({"confirm", "undo", "stuck", "not_mine", "later"})


class OpenStep(Struct, frozen=True, gc=False):
    """A step that a typed verb may mean. `mine`: this person does it; otherwise they may decide on it."""

    case: CaseRef
    number: int
    title: str
    status: StepStatus
    mine: bool


class Pending(Struct, frozen=True, gc=False):
    """A question that waits for this person's answer. `options`: id and label, in the order shown."""

    case: CaseRef
    question: str
    kind: str
    options: tuple[tuple[str, str], ...] = ()


class Prompt(Struct, frozen=True, gc=False):
    """What the bot asked this person for after a click: the next message is it. `asks`: reason, date, person, waive."""

    asks: str
    verb: str
    case: CaseRef
    step: int = 0
    revision: int = 0


class Situation(Struct, frozen=True, gc=False):
    """What a person has open, and where they typed (`thread`: inside the thread of this case)."""

    steps: tuple[OpenStep, ...] = ()
    pending: tuple[Pending, ...] = ()
    cases: tuple[CaseRef, ...] = ()
    prompt: Prompt | None = None
    thread: CaseRef = ""


class Command(Struct, frozen=True, gc=False):
    """A verb with what was said around it. `words` is free text; `values` answer a question."""

    verb: str
    case: CaseRef = ""
    step: int = 0
    revision: int = 0
    words: str = ""
    values: tuple[str, ...] = ()
    question: str = ""


class Unclear(Struct, frozen=True, gc=False):
    """Which one is meant? `choices` are the steps it could be."""

    verb: str
    choices: tuple[OpenStep, ...]


class NotUnderstood(Struct, frozen=True, gc=False):
    """`why`: empty, too_long, unknown, nothing_fits."""

    why: str = "unknown"


Routed = Command | Unclear | NotUnderstood

_STEP = re.compile(
    r"^(?:(?P<ref>ofb-\d+)\s*)?(?:第\s*)?#?(?P<number>\d{1,3})(?:\s*步)?(?:[\s,:;，。]+|$)(?P<rest>.*)$", re.DOTALL
)
_REF = re.compile(r"^(?P<ref>ofb-\d+)(?:[\s,:;，。]+|$)(?P<rest>.*)$", re.DOTALL)


def route(text: str, now: Situation) -> Routed:
    """What these typed words mean to somebody in this situation."""
    said = clean(text)
    if not said:
        return NotUnderstood("empty")
    if len(said) > LONGEST:
        return NotUnderstood("too_long")
    key = key_of(said)
    if now.prompt is not None and not key.startswith("/"):
        return NotUnderstood("cancelled") if key in CANCEL else _prompted(said, now.prompt)
    for pending in now.pending:
        if (values := _chosen(key, pending)) is not None:
            return Command("answer", case=pending.case, question=pending.question, values=values)
    found = verb_in(key)
    if found is not None:
        verb, rest = found
        return _command(verb, said[len(said) - len(rest) :] if rest else "", now)
    for pending in now.pending:
        if (typed := _typed(said, pending)) is not None:
            return Command("answer", case=pending.case, question=pending.question, values=typed, words=said)
    return NotUnderstood()


def _prompted(said: str, prompt: Prompt) -> Command:
    values = (day,) if prompt.asks == "date" and (day := day_in(said)) else ()
    if prompt.asks == "waive":
        reason, words = _reason(said)
        values, said = ((reason,) if reason else ()), words
    return Command(prompt.verb, case=prompt.case, step=prompt.step, revision=prompt.revision, words=said, values=values)


def _command(verb: str, rest: str, now: Situation) -> Routed:
    name, _, _detail = verb.partition(":")
    if name in FITS:
        return _on_step(verb, name, rest, now)
    if name == "begin":
        return _offboard(rest, now)
    ref, rest = _ref(rest, now)
    if name == "move":
        day = day_in(rest)
        return Command(verb, case=ref, values=(day,) if day else (), words=rest)
    return Command(verb, case=ref, words=rest)


def _offboard(rest: str, now: Situation) -> Command:
    """`/offboard` with what stands behind it: nothing, a word, or a person and a day."""
    word, _, more = rest.partition(" ")
    found = verb_in(key_of(rest)) if rest else None
    if found is not None and found[0] in ("status", "help", "language"):
        return Command(found[0], case=now.thread, words=more.strip())
    if word.casefold() == "rescue":
        return Command("rescue", words=more.strip())
    day = day_in(rest)
    person = without_day(rest).strip().lstrip("@").strip()
    return Command("begin", words=person, values=(day,) if day else ())


def _on_step(verb: str, name: str, rest: str, now: Situation) -> Routed:
    ref, number, words = _numbered(rest, now)
    if number:
        return _named(verb, ref, number, words, now)
    fitting = [step for step in now.steps if step.status in FITS[name] and step.mine == (name in OWNERS)]
    fitting = [step for step in fitting if not ref or step.case == ref] or fitting
    if name == "restore":
        fitting = [step for step in now.steps if step.status in FITS[name]]
    if len(fitting) == 1:
        return _with_reason(verb, fitting[0].case, fitting[0].number, words)
    if len(fitting) > 1:
        return Unclear(verb, tuple(fitting))
    if name == "undo" and now.pending:
        return Command("undo", case=now.pending[0].case)
    return NotUnderstood("nothing_fits")


def _named(verb: str, ref: CaseRef, number: int, words: str, now: Situation) -> Routed:
    if ref:
        return _with_reason(verb, ref, number, words)
    if len(now.cases) == 1:
        return _with_reason(verb, now.cases[0], number, words)
    fitting = [step for step in now.steps if step.number == number]
    if len(fitting) == 1:
        return _with_reason(verb, fitting[0].case, number, words)
    return Unclear(verb, tuple(fitting)) if fitting else NotUnderstood("nothing_fits")


def _with_reason(verb: str, ref: CaseRef, number: int, words: str) -> Command:
    if verb == "waive":
        reason, words = _reason(words)
        return Command(verb, case=ref, step=number, values=(reason,) if reason else (), words=words)
    return Command(verb, case=ref, step=number, words=words)


def _reason(words: str) -> tuple[str, str]:
    """A waiver's reason code at the beginning of the words; words without one are "other"."""
    for code in ("not_ours", "cannot_be_done", "accepted_risk", "other"):
        if words.casefold().startswith(code):
            return code, words[len(code) :].strip(" :,;，：")
    return ("other", words) if words else ("", "")


def _numbered(rest: str, now: Situation) -> tuple[CaseRef, int, str]:
    text = unicodedata.normalize("NFKC", rest)
    found = _STEP.match(text) or _STEP.match(text.casefold())
    if found is None:
        ref, words = _ref(rest, now)
        return ref, 0, words
    ref = (found["ref"] or "").upper() or now.thread
    return ref, int(found["number"]), found["rest"].strip()


def _ref(rest: str, now: Situation) -> tuple[CaseRef, str]:
    found = _REF.match(rest.casefold())
    if found is None:
        return now.thread or (now.cases[0] if len(now.cases) == 1 else ""), rest
    return found["ref"].upper(), rest[len(found["ref"]) :].strip(" :,;，：")


def _chosen(key: str, pending: Pending) -> tuple[str, ...] | None:
    """The option ids that this text picks, or None when it picks none."""
    if key in NEVER and any(id == UNKNOWN for id, _ in pending.options):
        return (UNKNOWN,)
    if pending.kind == "many":
        return () if key in NONE else _several(key, pending)
    one = _option(key, pending.options)
    return (one,) if one is not None and pending.kind == "choice" else None


def _several(key: str, pending: Pending) -> tuple[str, ...] | None:
    parts = [part for part in re.split(r"[,;、，\s]+", key) if part]
    picked = [_option(part, pending.options) for part in parts]
    if None in picked or not picked:
        whole = _option(key, pending.options)
        return (whole,) if whole is not None else None
    ids = tuple(dict.fromkeys(id for id in picked if id is not None))
    return (UNKNOWN,) if UNKNOWN in ids else ids


def _option(key: str, options: Iterable[tuple[str, str]]) -> str | None:
    for place, (id, label) in enumerate(options, start=1):
        if key in (str(place), id.casefold(), key_of(label)):
            return id
    return None


def _typed(said: str, pending: Pending) -> tuple[str, ...] | None:
    """The answer to a question that is answered by typing."""
    match pending.kind:
        case "choice" | "many":
            return None
        case "date":
            day = day_in(said)
            return (day or said,)
        case "account_id" | "domain" | "ip" | "phone":
            return tuple(part for part in re.split(r"[,;、，\s]+", unicodedata.normalize("NFKC", said)) if part)
    return (said,)
