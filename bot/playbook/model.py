"""The typed model of a playbook: what the files under conversations/ mean. Public: a test can build one in five lines.

RULES
 1. Conditions are a closed form: `Is`, `AnyOf`, `AllOf`, `Not`, `Always`. There is no expression language.
 2. An unknown answer makes a condition *unknown*, and unknown counts as true: a step that may be needed is in the
    plan, and a holding that may be the leaver's is the leaver's.
 3. Structure (this model) and words (`Words`) are separate; words exist once per language.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from bot.core.case import Answer, Grade, Holder, Owner

QUESTION_KINDS = (
    "choice", "many", "account_id", "date", "phone", "domain", "ip", "filing", "user_name", "name", "text",
)  # fmt: skip
"""choice and many offer options; the others are typed and checked by type. `text` is free; it and `name`, the name of a
person or a company, are always private."""


LEADS_AT = ("answers", "plan", "end")
"""When a playbook leads to another one."""


class Always(Struct, frozen=True):
    def holds(self, answers: Mapping[str, Answer]) -> bool | None:
        return True

    def questions(self) -> frozenset[str]:
        return frozenset()


class Is(Struct, frozen=True):
    """The answer to `question` is, or contains, one of `values`. Not asked: false. Unknown: None."""

    question: str
    values: tuple[str, ...]

    def holds(self, answers: Mapping[str, Answer]) -> bool | None:
        answer = answers.get(self.question)
        if answer is None:
            return False
        return None if answer.unknown else any(value in self.values for value in answer.values)

    def questions(self) -> frozenset[str]:
        return frozenset((self.question,))


class Not(Struct, frozen=True):
    inner: Condition

    def holds(self, answers: Mapping[str, Answer]) -> bool | None:
        held = self.inner.holds(answers)
        return None if held is None else not held

    def questions(self) -> frozenset[str]:
        return self.inner.questions()


class AllOf(Struct, frozen=True):
    inner: tuple[Condition, ...]

    def holds(self, answers: Mapping[str, Answer]) -> bool | None:
        held = [condition.holds(answers) for condition in self.inner]
        return False if False in held else None if None in held else True

    def questions(self) -> frozenset[str]:
        return frozenset().union(*(condition.questions() for condition in self.inner))


class AnyOf(Struct, frozen=True):
    inner: tuple[Condition, ...]

    def holds(self, answers: Mapping[str, Answer]) -> bool | None:
        held = [condition.holds(answers) for condition in self.inner]
        return True if True in held else None if None in held else False

    def questions(self) -> frozenset[str]:
        return frozenset().union(*(condition.questions() for condition in self.inner))


Condition = Always | Is | Not | AllOf | AnyOf


def applies(condition: Condition, answers: Mapping[str, Answer]) -> bool:
    """Whether something with this condition is in play: true, or not known."""
    return condition.holds(answers) is not False


class Question(Struct, frozen=True, omit_defaults=True):
    """`of`: who is asked (the leaver, or an admin when there is none). `targets`: each answer becomes a target.

    `asked`: whether this playbook puts it. One that is not asked here has its answer from a playbook that led to this
    one, and is no answer where none did: it may only steer what this one leads to."""

    id: str
    kind: str = "choice"
    options: tuple[str, ...] = ()
    when: Condition = Always()
    of: Owner = Owner.LEAVER
    targets: bool = False
    private: bool = False
    asked: bool = True


class HoldingSpec(Struct, frozen=True, omit_defaults=True):
    """Who holds it at the start: the leaver when `leaver_when` holds or is unknown, else `otherwise`.

    `group` is a word that invariants may use for all its members (`login_method`).
    """

    id: str
    leaver_when: Condition | None = None
    otherwise: Holder = Holder.NOBODY
    group: str = ""


class InvariantSpec(Struct, frozen=True, omit_defaults=True):
    """As core's Invariant; `guards` and `of` may also name groups."""

    id: str
    guards: tuple[str, ...]
    of: tuple[str, ...]
    held_by: Holder
    at_least: int = 0
    at_most: int = -1
    grade: Grade = Grade.STATED


class StepSpec(Struct, frozen=True, omit_defaults=True):
    """A step as its author wrote it. `before_last_day` is counted in working days; -1 means no due date."""

    id: str
    owner: Owner = Owner.LEAVER
    when: Condition = Always()
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    disables: tuple[str, ...] = ()
    destroys: tuple[str, ...] = ()
    demands: Grade = Grade.STATED
    approvals: int = 1
    soak_hours: int = 0
    patience_hours: int = 24
    recovers: str = ""
    only_leaver: bool = False
    before_last_day: int = -1
    waits: bool = False
    again_days: int = 0


class LeadSpec(Struct, frozen=True, omit_defaults=True):
    """Another playbook that this one leads to. `at`:

    answers  instead of this one's plan, once its questions are answered: the first lead that certainly holds; where
             none does, the first that is not known. Where none may hold, this one's own plan is made.
    plan     beside it: asked as soon as this one's plan stands. Unknown counts as true.
    end      when everything is settled, and the steps in `needs` are done. Unknown counts as true.
    """

    playbook: str
    when: Condition = Always()
    needs: tuple[str, ...] = ()
    at: str = "end"


class QuestionWords(Struct, frozen=True, omit_defaults=True):
    ask: str
    why: str = ""
    hint: str = ""
    options: dict[str, str] = {}


class StepWords(Struct, frozen=True, omit_defaults=True):
    """`parts` are Jinja sources by part name (card.PARTS), one line of text to a line; `first` says what comes first
    while the step is closed, `look` what the approver looks at. These two are Jinja sources too."""

    title: str
    parts: dict[str, str] = {}
    first: str = ""
    look: str = ""


class Words(Struct, frozen=True, omit_defaults=True):
    """What a playbook says in one language."""

    name: str
    target: str = ""
    questions: dict[str, QuestionWords] = {}
    steps: dict[str, StepWords] = {}
    holdings: dict[str, str] = {}
    invariants: dict[str, str] = {}


class Playbook(Struct, frozen=True, omit_defaults=True):
    """One handover's content. `hash` is the SHA-256 of its files; "" for one built in a test.

    `hosts` are the vendor's hosts that links may lead to.
    """

    name: str
    steps: tuple[StepSpec, ...]
    questions: tuple[Question, ...] = ()
    holdings: tuple[HoldingSpec, ...] = ()
    invariants: tuple[InvariantSpec, ...] = ()
    words: dict[str, Words] = {}
    hash: str = ""
    hosts: tuple[str, ...] = ()
    leads_to: tuple[LeadSpec, ...] = ()

    def question(self, id: str) -> Question | None:
        return next((question for question in self.questions if question.id == id), None)

    def step(self, id: str) -> StepSpec | None:
        return next((step for step in self.steps if step.id == id), None)
