"""`route`: typed words become an event's raw material, or the question "which one do you mean?". Pure.

RULES
 1. What the bot has just asked for (a reason, a day, a name) is answered by the next message, whatever it says, unless
    it is a command.
 2. An option of the pending question, by its number or its words, answers it. Then the verbs. Then, when the pending
    question is a typed one, the text is its answer.
 3. A verb needs one step. A number names it; without a number there must be exactly one that the verb fits, else the
    person is asked which.
 4. Where nothing but one decision waits, a bare 1 is the first button of its card and a bare 2 the second: clients that
    draw no cards show them as a numbered list. Where one yes or no waits that is about no step, agree and disagree (or
    approve and send back, when there is nothing to approve) are those buttons too.
 5. What begins with the reference of a case ("OFB-7 done 3") is about that case and no other.
 6. A sentence that only begins with a verb is not that verb, where the verb decides something (lexicon.py).
 7. Words are compared without case, width, invisible signs and outer punctuation. Nobody is identified by text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from bot.core.answering import Pending, chosen, typed
from bot.core.case import CaseRef, StepStatus
from bot.core.lexicon import (
    CANCEL,
    after,
    clean,
    day_in,
    is_aside,
    is_polite,
    takes_words,
    verb_in,
    waiver_reason,
    without_day,
    word_in,
)
from bot.core.lexicon import key as key_of
from bot.core.spoken import Choice, Command, NotUnderstood, OpenStep, Prompt, Routed, Situation, Unclear

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

APART = frozenset({"rescue", "card", "renew", "link", "part"})
"""Verbs that are about no case, unless one is named or it is said in the thread of one."""
OWNERS = frozenset({"confirm", "undo", "stuck", "not_mine", "later"})


_END = r"(?:[\s,:;.!，：；。！、]+|(?=[了啦吧])|$)"
_NUMBER = r"(?:step\s*|步骤\s*|第\s*)?[#\uff03]?\s*(?P<number>\d{1,3})(?:\s*步)?"
_STEP = re.compile(
    rf"^(?:(?P<ref>ofb-\d{{1,9}})(?!\d)[\s,:，：]*)?{_NUMBER}{_END}(?P<rest>.*)$", re.DOTALL | re.IGNORECASE
)
_REF = re.compile(rf"^(?P<ref>ofb-\d{{1,9}})(?:{_END}|(?=[^\x00-\x7f]))(?P<rest>.*)$", re.DOTALL | re.IGNORECASE)
_STEP_FIRST = re.compile(rf"^{_NUMBER}[\s,:，：]*(?P<rest>\D.*)$", re.DOTALL | re.IGNORECASE)


def route(text: str, now: Situation) -> Routed:
    """What these typed words mean to somebody in this situation."""
    said = clean(text)
    if not said:
        return NotUnderstood("empty")
    if len(said) > LONGEST:
        return NotUnderstood("too_long")
    key = key_of(said)
    if now.prompt is not None and not key.startswith("/") and not is_aside(key):
        return NotUnderstood("cancelled") if key in CANCEL else _prompted(said, now.prompt)
    if (named := _REF.match(unicodedata.normalize("NFKC", said))) is not None:
        ref = named["ref"].upper()
        said = after(said, named["ref"].casefold())
        return _meant(said, _within(now, ref)) if said else Command("status", case=ref)
    return _meant(said, now)


def _within(now: Situation, ref: CaseRef) -> Situation:
    """What of all this belongs to one case."""
    return Situation(
        steps=tuple(step for step in now.steps if step.case == ref),
        choices=tuple(choice for choice in now.choices if choice.case == ref),
        pending=tuple(pending for pending in now.pending if pending.case == ref),
        cases=tuple(case for case in now.cases if case == ref),
        thread=ref,
    )


def _meant(said: str, now: Situation) -> Routed:
    key = key_of(said)
    picked = [(pending, values) for pending in now.pending if (values := chosen(key, pending)) is not None]
    if picked:
        return _answer(picked)
    if (routed := _verb(said, key, now)) is not None:
        return routed
    fits = [(pending, values) for pending in now.pending if (values := typed(said, pending)) is not None]
    return _answer(fits, words=said) if fits else _by_number(said, now) or NotUnderstood()


_ONE_OR_TWO = re.compile(r"(?P<number>[12])(?:[\s.,:，。：、]+(?P<rest>.*))?", re.DOTALL)


def _by_number(said: str, now: Situation) -> Command | None:
    """A bare 1 or 2 where nothing but one decision waits: the first button of its card, or the second."""
    found = _ONE_OR_TWO.fullmatch(unicodedata.normalize("NFKC", said).strip())
    waits = [step for step in now.steps if not step.mine and step.status is S.CLAIMED]
    if found is None or now.pending or len(waits) + len(now.choices) != 1 or any(step.mine for step in now.steps):
        return None
    first, rest = found["number"] == "1", (found["rest"] or "").strip()
    if first and not is_polite(rest):
        return None
    if now.choices:
        return _said(now.choices[0], rest, yes=first)
    (step,) = waits
    verb, words = ("approve:looked", "") if first else ("send_back", rest)
    return Command(verb, case=step.case, step=step.number, words=words)


YES, NO = frozenset({"start", "approve:word"}), frozenset({"decline", "send_back"})
"""Verbs that say yes or no to the one thing that waits, where they are about nothing else."""


def _chosen(verb: str, ref: CaseRef, words: str, now: Situation) -> Command | None:
    """A yes or a no to the only choice that waits (in this case, where one was named)."""
    found = [choice for choice in now.choices if not ref or choice.case == ref]
    return _said(found[0], words, yes=verb in YES) if verb in YES | NO and len(found) == 1 else None


def _said(choice: Choice, words: str, *, yes: bool) -> Command:
    """A reason goes with a no that takes one; where the no asks who instead, the words would be taken for a name."""
    verb = choice.yes if yes else choice.no
    return Command(verb, case=choice.case, words=words if verb == "decline" else "")


def _answer(fits: list[tuple[Pending, tuple[str, ...]]], words: str = "") -> Command:
    """An answer to the one question that it fits. Where it fits several, of no case: then it is asked which one."""
    pending, values = fits[0]
    if len(fits) > 1:
        return Command("answer", values=values, words=words)
    return Command("answer", case=pending.case, question=pending.question, values=values, words=words)


def _verb(said: str, key: str, now: Situation) -> Routed | None:
    """A verb with what stands behind it; or, as 第 3 步完成, behind the step that it is about."""
    found = word_in(key)
    if found is not None:
        verb, word = found
        rest = after(said, word)
        rest = "" if is_polite(rest) else rest
        if verb == "begin" and rest and not (word.startswith("/") or key[len(word)] in " @,:"):
            return None  # 离职证明怎么开 is a question about something else
        if takes_words(verb, word) or is_polite(_numbered(rest, now)[2]):
            return _command(verb, rest, now)
    first = _STEP_FIRST.match(key)
    found = word_in(first["rest"]) if first is not None else None
    if first is not None and found is not None and found[0].partition(":")[0] in FITS:
        verb, word = found
        if is_polite(first["rest"][len(word) :]):
            return _command(verb, first["number"], now)
    return None


def _prompted(said: str, prompt: Prompt) -> Command:
    values = (day,) if prompt.asks == "date" and (day := day_in(said)) else ()
    if prompt.asks == "waive":
        reason, said = waiver_reason(said)
        values = (reason,) if reason else ()
    return Command(prompt.verb, case=prompt.case, step=prompt.step, revision=prompt.revision, words=said, values=values)


def _command(verb: str, rest: str, now: Situation) -> Routed:
    name, _, _detail = verb.partition(":")
    if name in FITS:
        return _on_step(verb, name, rest, now)
    if name == "begin":
        return _offboard(rest, now)
    if name in APART:
        return _apart(name, rest, now)
    ref, rest = _ref(rest, now)
    if name == "move":
        day = day_in(rest)
        return Command(verb, case=ref, values=(day,) if day else (), words=rest)
    return _chosen(verb, ref, rest, now) or Command(verb, case=ref, words=rest)


def _offboard(rest: str, now: Situation) -> Command:
    """`/offboard` with what stands behind it: nothing, a word, or a person and a day."""
    word, _, more = rest.partition(" ")
    found = verb_in(key_of(rest)) if rest else None
    if found is not None and found[0] in ("status", "help", "language"):
        return Command(found[0], case=now.thread, words=more.strip())
    if found is not None and found[0] in APART:
        return _apart(found[0], after(rest, word.casefold()), now)
    day = day_in(rest)
    person = without_day(rest).strip().lstrip("@\uff20").strip()
    return Command("begin", words=person, values=(day,) if day else ())


def _apart(verb: str, rest: str, now: Situation) -> Command:
    ref, words = _ref(rest, Situation(thread=now.thread))
    return Command(verb, case=ref, words=words)


def _on_step(verb: str, name: str, rest: str, now: Situation) -> Routed:
    ref, number, words = _numbered(rest, now)
    if number:
        return _named(verb, ref, number, words, now)
    fitting = [
        step
        for step in now.steps
        if step.status in FITS[name]
        and (name == "restore" or step.mine == (name in OWNERS))
        and (not ref or step.case == ref)
    ]
    if len(fitting) == 1:
        return _with_reason(verb, fitting[0].case, fitting[0].number, words)
    if len(fitting) > 1:
        return Unclear(verb, tuple(fitting))
    pending = [pending.case for pending in now.pending if not ref or pending.case == ref]
    if name == "undo" and pending:
        return Command("undo", case=pending[0] if len(pending) == 1 else "")
    return _chosen(verb, ref, words, now) or NotUnderstood("nothing_fits")


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
        reason, rest = waiver_reason(words)
        reason, words = (reason, rest) if reason else ("other" if words else "", words)
        return Command(verb, case=ref, step=number, values=(reason,) if reason else (), words=words)
    return Command(verb, case=ref, step=number, words=words)


def _numbered(rest: str, now: Situation) -> tuple[CaseRef, int, str]:
    found = _STEP.match(rest) or _STEP.match(unicodedata.normalize("NFKC", rest))
    if found is None:
        ref, words = _ref(rest, now)
        return ref, 0, words
    ref = (found["ref"] or "").upper() or now.thread
    words = found["rest"].strip()
    return ref, int(found["number"]), "" if is_polite(words) else words


def _ref(rest: str, now: Situation) -> tuple[CaseRef, str]:
    found = _REF.match(rest)
    if found is None:
        return now.thread or (now.cases[0] if len(now.cases) == 1 else ""), rest
    return found["ref"].upper(), found["rest"].strip()


__all__ = ["Command", "NotUnderstood", "OpenStep", "Pending", "Prompt", "Routed", "Situation", "Unclear", "route"]
