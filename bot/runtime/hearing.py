"""One delivery, inside the writer's transaction: who it is, what they mean, on which case; then decide and keep.

The order: dedupe the inbound key, load the case, decide, write. Nothing here knows a platform.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from bot.core import events as e
from bot.core.case import Case, CaseRef, PersonId, Sealed
from bot.core.decide import Decision, decide
from bot.core.effects import Tell
from bot.core.lexicon import clean, reference_in
from bot.core.mask import mask
from bot.core.route import Command, NotUnderstood, Prompt, Situation, Unclear, route
from bot.core.rules import Refusal, may_be_heard
from bot.heard import Heard, Wanted
from bot.playbook.card import Card
from bot.playbook.copy import load
from bot.playbook.views.replies import refusal, sentence
from bot.ports import Tx
from bot.runtime import failpoints, translate
from bot.runtime.atdesk import desk
from bot.runtime.beginning import begin, rescue
from bot.runtime.clicking import ASKED_AGAIN, ASKS, click, in_vain, shown
from bot.runtime.keeping import desk_of, keep, put_desk, redraw
from bot.runtime.linking import link, part
from bot.runtime.lookups import known_here, must_wait
from bot.runtime.people import find, folded
from bot.runtime.seal import KeyUnusable
from bot.runtime.showing import show_card
from bot.runtime.situation import cases_of, situation
from bot.runtime.talking import talk
from bot.runtime.tools import Tools

PROMPTED_FOR = timedelta(hours=12)
"""How long a message is taken for what was asked for."""
MOST_SCANNED = 8000
"""Characters that are looked at for secrets in what is not kept: more than anybody can have meant to write."""


APART = {"begin": begin, "rescue": rescue, "card": show_card, "link": link, "part": part}
"""Commands that find out for themselves which case they are about."""


class Hearing:
    """One delivery. After `run`, `tells` and `cards` are what the person is told, `case` is where it happened."""

    def __init__(self, tx: Tx, heard: Heard, tools: Tools, now: datetime, *, met: bool = False) -> None:
        self.tx = tx
        self.heard = heard
        self.tools = tools
        self.now = now
        self.met = met
        person = tools.people.acts_as(heard.person)
        self.known = tx.person(person)
        self.seen = self.known if person == folded(heard.person) else known_here(tx, heard.person, self.known, tools)
        self.actor = tools.people.actor(heard.person, self.seen)
        self.copy = load(tools.people.language(self.known))
        self.tells: list[tuple[Case, Tell]] = []
        self.cards: list[Card] = []
        self.case: Case | None = None
        self.refused = ""
        self.repeated = False
        self.later = False
        self.wanted: Wanted | None = None

    def run(self) -> None:
        if not self.met and (self.heard_before() or must_wait(self)):
            return
        failpoints.at("heard")
        try:
            may_be_heard(self.actor, None)
            click(self, self.heard.click) if self.heard.click is not None else self.typed(self.heard.text)
        except Refusal as no:
            self.refuse(no.code, **no.args_)
        self.warn()

    def heard_before(self) -> bool:
        heard = self.heard
        fresh = [self.tx.hear(key, self.now) for key in (heard.key, *heard.also)]  # each is noted, also the later ones
        if not all(fresh):
            self.repeated = True
            self.say("told.again")
        return self.repeated

    # ------------------------------------------------------------------ what was heard

    def typed(self, text: str) -> None:
        only = self.heard.thread or reference_in(text)
        cases = cases_of(self.tx, self.actor, only, self.tools.cases)
        desk = desk_of(self.tx, self.actor.person)
        prompt = desk.prompt
        if prompt is not None:
            put_desk(self.tx, replace(desk, prompt=None))
            prompt = prompt if prompt.until is None or self.now < prompt.until else None
        desk = replace(desk, prompt=prompt)
        now = situation(self.tx, self.actor, desk, cases, self.heard.thread, self.tools.drawer)
        routed = route(text, now)
        match routed:
            case NotUnderstood():
                self.not_understood(routed.why, now)
            case Unclear():
                choices = [
                    f"{step.case}: {self.copy('told.which_item', n=step.number, title=step.title)}"
                    for step in routed.choices[:9]
                ]
                self.say("told.which", choices=self.copy.listed(choices))
            case Command() if prompt is not None and routed.verb == prompt.verb:
                self.prompted(routed, cases, prompt)
            case Command():
                self.command(routed, cases)

    def prompted(self, said: Command, cases: list[Case], prompt: Prompt) -> None:
        """What was asked for. When it is not of the right form, it is still wanted."""
        try:
            self.command(said, cases)
        except Refusal as no:
            self.refused = no.code
            raise
        finally:
            if self.refused in ASKED_AGAIN:
                put_desk(self.tx, replace(desk_of(self.tx, self.actor.person), prompt=prompt))

    def not_understood(self, why: str, now: Situation) -> None:
        if why == "unknown" and now.pending:
            raise Refusal("answer_form", kind=now.pending[0].kind)
        keys = {"empty": "empty", "too_long": "too_long", "cancelled": "cancelled", "nothing_fits": "nothing_fits"}
        self.say(f"told.{keys.get(why, 'not_understood')}")

    def command(self, said: Command, cases: list[Case]) -> None:
        verb, _, detail = said.verb.partition(":")
        if verb in ("help", "language", "pause", "resume"):
            talk(self, verb, said.words)
            return
        if verb in APART:
            APART[verb](self, said)
            return
        if verb == "status" and not said.case:
            self.statuses(cases)
            return
        case = self.load(said.case or self.only(cases))
        words = self.said(case, said.values, said.words, detail)
        if verb in ASKS and not (said.words or said.values or detail == "proposed"):
            if in_vain(self, case, verb, said.step, said.revision):
                return
            self.prompt(Prompt(ASKS[verb], said.verb, case.ref, said.step, said.revision))
            return
        if verb == "answer":
            self.judge(case, translate.answered(case, 0, words))
        elif verb == "confirm":
            self.judge(case, e.Confirm(said.step, 0, text_hash=shown(self, case, said.step)))
        elif said.step:
            self.judge(case, translate.on_step(verb, said.step, said.revision, words))
        else:
            self.judge(case, translate.on_case(verb, case, words))

    def only(self, cases: list[Case]) -> CaseRef:
        """The one case that can be meant when none was named."""
        if len(cases) == 1:
            return cases[0].ref
        raise Refusal("no_case" if not cases else "which_case")

    # ------------------------------------------------------------------ what concerns no case

    def statuses(self, cases: list[Case]) -> None:
        if self.actor.admin and len(cases) != 1:
            self.cards.append(desk(self.tx, self.actor.person, self.now, self.tools, self.tools.cases))
            return
        if not cases:
            self.say("status.none")
        for case in cases[:10]:
            self.judge(case, e.Status())

    # ------------------------------------------------------------------ judging

    def load(self, ref: CaseRef) -> Case:
        row = self.tx.case(ref)
        if row is None:
            raise Refusal("no_case")
        self.case = self.tools.cases.get(row)
        return self.case

    def judge(self, case: Case, what: e.What) -> None:
        self.keep(self.decide(case, what))

    def decide(self, case: Case | None, what: e.What) -> Decision:
        event = e.Event(
            at=self.now, by=self.actor, what=what, roster=self.tools.people.there, workdays=self.tools.workdays
        )
        pins = what.pins if isinstance(what, e.Begin) else ()
        return decide(case, event, self.tools.library.scripts(self.tx, case, pins))

    def keep(self, decision: Decision) -> None:
        failpoints.at("decided")
        told = keep(self.tx, decision, self.now, self.tools)
        if decision.case is not None:
            self.tells += [(decision.case, tell) for tell in told]
        if not told and folded(self.heard.person) != self.actor.person:
            self.say("told.answer")  # the next question, which is the answer, goes to this person's other chat
        failpoints.at("queued")
        self.case = decision.case
        self.refused = decision.refused
        if decision.refused and decision.case is not None and self.heard.click is not None:
            redraw(self.tx, self.heard.click.message, decision.case.ref, self.now)

    def said(self, case: Case, values: tuple[str, ...], words: str, detail: str) -> translate.Said:
        return translate.Said(values, words, lambda text: self.seal(case.ref, self._read(text)), self.find, detail)

    def _read(self, text: str) -> str:
        """Free words as people read them: who is mentioned by name, and not by an id of ours."""
        for person in self.heard.people:
            row = self.tx.person(person)
            text = text.replace(person, f"@{row.name if row is not None and row.name else person.partition(':')[2]}")
        return text

    def seal(self, ref: CaseRef, text: str) -> Sealed:
        masked, _ = mask(clean(text))
        try:
            return self.tools.seals.seal(self.tx.key(ref), ref, masked)
        except KeyUnusable:
            raise Refusal("erased") from None

    def find(self, text: str, *, leaves: bool = False) -> PersonId | None:
        return find(self.tx, text, self.tools.people, leaves=leaves)

    def prompt(self, prompt: Prompt) -> None:
        prompt = replace(prompt, until=self.now + PROMPTED_FOR)
        put_desk(self.tx, replace(desk_of(self.tx, self.actor.person), prompt=prompt))
        self.say(f"ask.{prompt.asks}")

    # ------------------------------------------------------------------ answering

    def say(self, key: str, **values: object) -> None:
        self.cards.append(sentence(self.copy, key, **values))

    def warn(self) -> None:
        """A secret has been seen where it was typed, whatever became of the words: the person is told."""
        click = self.heard.click
        typed = (self.heard.text,) if click is None else (click.words, *click.chosen)
        kinds = dict.fromkeys(kind for text in typed for kind in mask(clean(text[:MOST_SCANNED]))[1])
        if kinds:
            self.say("told.masked", what=self.copy.listed([self.copy(f"secrets.{kind}") for kind in kinds]))

    def refuse(self, code: str, **args: str) -> None:
        """A refusal that no case has recorded: nothing was changed, the person is told."""
        ref = self.case.ref if self.case is not None else ""
        self.tx.refused(f"{ref}/{self.actor.person}/{code}", self.now)
        self.refused = code
        self.tells.clear()
        self.cards.append(refusal(self.copy, code, ref, args))
