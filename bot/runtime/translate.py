"""From what was heard to an event on a case: whose button, which step, what the words mean. It judges nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from bot.core import events as e
from bot.core.case import UNKNOWN, Answer, Case, PersonId, Sealed
from bot.core.rules import Refusal
from bot.playbook.pinned import TYPED

Seal = Callable[[str], Sealed]
"""Free text, masked and sealed under the key of its case."""

FindPerson = Callable[[str], PersonId | None]


class Said:
    """What stands beside a verb: chosen values and words. `seal` and `find` come from the engine."""

    def __init__(
        self, values: tuple[str, ...], words: str, seal: Seal, find: FindPerson, detail: str = "", target: str = ""
    ) -> None:
        self.values = values
        self.words = words
        self.detail = detail
        self.target = target
        self._seal = seal
        self._find = find

    def sealed(self) -> Sealed | None:
        return self._seal(self.words) if self.words else None

    def answer(self) -> Sealed | None:
        """The answer to a private question: the words as they were typed, or what stood in the form's field."""
        said = self.words or ", ".join(self.values)
        return self._seal(said) if said else None

    def person(self) -> PersonId:
        """The one who was chosen or named; fails when nobody of that name is known."""
        said = self.values[0] if self.values else self.words
        if not said:
            raise Refusal("needs_person")
        found = self._find(said)
        if found is None:
            raise Refusal("unknown_person")
        return found

    def day(self) -> date:
        try:
            return date.fromisoformat(self.values[0] if self.values else self.words.strip())
        except ValueError:
            raise Refusal("answer_form", kind="date") from None


def on_case(verb: str, case: Case, said: Said, revision: int = 0) -> e.What:
    """An event that concerns the case as a whole. `revision`: of the question that a button stood on; 0 when typed."""
    match verb:
        case "renew":
            return e.Renew()
        case "over":
            return e.Over()
        case "start":
            return e.Over() if said.detail == "over" else e.Start()
        case "decline":
            return e.Decline(reason=said.sealed(), target=said.target)
        case "accept":
            return e.Accept(target=said.target)
        case "move":
            return e.Move(last_day=said.day())
        case "successor":
            return e.Choose(person=_proposed(case, said), target=said.target)
        case "stay":
            return e.Stay()
        case "status":
            return e.Status()
        case "undo":
            return e.Undo(step=0, revision=revision)
        case "close":
            return e.Close(reason=said.sealed())
    raise Refusal("forged")


def _proposed(case: Case, said: Said) -> PersonId:
    successor = case.successor(said.target)
    if said.detail == "proposed" and successor is not None:
        return successor.person
    return said.person()


def on_step(verb: str, step: int, revision: int, said: Said) -> e.What:
    """An event that concerns one step. `revision` 0: typed, so the step as it stands."""
    match verb:
        case "undo":
            return e.Undo(step, revision)
        case "restore":
            return e.Restore(step, revision)
        case "stuck":
            return e.SayStuck(step, revision, words=said.sealed())
        case "not_mine":
            return e.SayNotMine(step, revision)
        case "later":
            return e.Later(step, revision)
        case "approve":
            return e.Approve(step, revision, looked=said.detail == "looked")
        case "send_back":
            if not said.words:
                raise Refusal("needs_words")
            return e.SendBack(step, revision, reason=said.sealed())
        case "take":
            return e.Take(step, revision)
        case "waive":
            return e.Waive(step, revision, reason=said.values[0] if said.values else "", words=said.sealed())
        case "reassign":
            return e.Reassign(step, revision, person=said.person())
    raise Refusal("forged")


def answered(case: Case, revision: int, said: Said) -> e.What:
    """An answer to the pending question; what is private is sealed before it goes anywhere."""
    asking = case.asking
    if asking is None:
        raise Refusal("not_asked")
    values = said.values
    if asking.kind == "person" and values not in ((), (UNKNOWN,)):
        values = (said.person(),)
    answer = Answer(values=values)
    if asking.private and UNKNOWN not in values and not asking.options:
        if asking.kind in TYPED and not (values and all(map(TYPED[asking.kind], values))):
            raise Refusal("answer_form", kind=asking.kind)
        answer = Answer(sealed=said.answer())
    return e.Reply(question=asking.question, answer=answer, revision=revision)
