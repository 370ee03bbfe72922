"""A fact as a sentence for an operator: who did what to which step. English, like the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Row = Mapping[str, Any]
Name = Callable[[str], str]

SENTENCES: Mapping[str, str] = {
    "opened": "{by} opened the case{whose}",
    "agreed": "{by} agreed to it",
    "moved": "{by} set the last day to {last_day}",
    "asked": "asked of {of}: {question}",
    "answered": "{by} answered {question}: {answer}",
    "unanswered": "{by} took the answer to {question} back",
    "successor_proposed": "{by} proposed {person} as the successor",
    "successor_named": "{by} named {person} as the successor",
    "successor_accepted": "{by} takes over",
    "successor_declined": "{by} cannot take over",
    "planned": "the plan has {count} steps",
    "step_opened": "{step} opened for {person}",
    "step_held": "{step} was closed again because of an alarm",
    "confirmed": "{by} confirmed {step}{early}",
    "undone": "{by} took the confirmation of {step} back",
    "sent_back": "{by} sent {step} back: {reason}",
    "approved": "{by} approved {step}: {looked}",
    "soak_began": "{step} rests until {until}",
    "restored": "{by} restored {step}",
    "step_done": "{step} is done, {grade}",
    "waived": "{by} left {step} undone: {reason} {words}",
    "stuck": "{by} is stuck on {step}: {words}",
    "not_mine": "{by} says that {step} is not theirs",
    "snoozed": "{by} asked to be reminded of {step} later",
    "reassigned": "{by} gave {step} to {person}",
    "nudged": "a reminder for {people}: {about} {step}",
    "alarmed": "ALARM {invariant}, by {step}",
    "calmed": "the alarm {invariant} is over",
    "stay_asked": "{by} asks to stay",
    "undelivered": "a message to {person} did not arrive: {why}",
    "closed": "{by} closed the case: {outcome}",
    "continued": "goes on with {pins}{instead}",
    "returned": "{by} went back to {to}: what had come of it is left{dropped}",
    "renewed": "{by} looked again: {step} is still right",
    "refused": "refused to {by}: {verb} {step} ({code}, {times} times so far)",
}
"""By kind of fact. What a fact does not have stays empty."""


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def tell(row: Row, name: Name, titles: Mapping[int, str]) -> str:
    """One fact in words. `row` is a line of the history, `titles` the steps by number."""
    words = _Blank({key: str(value) for key, value in row.items()})
    words["by"] = name(row["actor"])
    for key in ("leaver", "person"):
        words[key] = name(str(row.get(key, ""))) or "an admin" if key in row or key == "person" else "nobody"
    words["people"] = ", ".join(map(name, row.get("people", ())))
    words["step"] = _step(row, titles)
    words["early"] = ", before it was open" if row.get("early") else ""
    words["looked"] = "looked" if row.get("looked") else "on their word"
    words["times"] = str(row.get("times", 1))
    if "asking" in row:
        words["question"] = row["asking"]["question"]
        words["of"] = name(row["asking"]["of"])
    if "answer" in row:
        words["answer"] = _answer(row["answer"])
    words["whose"] = f" of {words['leaver']}" if row.get("leaver") else ", which nobody leaves"
    words["pins"] = ", ".join(pin["name"] for pin in row.get("pins", ()))
    words["instead"] = f", instead of {row['of']}" if row.get("instead") else ""
    words["dropped"] = f"; not needed any more: {', '.join(map(str, row['steps']))}" if row.get("steps") else ""
    words["count"] = str(sum(step.get("status") != "not_needed" for step in row.get("steps", ())))
    text = SENTENCES[row["kind"]].format_map(words)
    return text.strip().rstrip(":").rstrip()


def _step(row: Row, titles: Mapping[int, str]) -> str:
    number = row.get("step", 0)
    return f"step {number} ({titles[number]})" if number in titles else f"step {number}" if number else ""


def _answer(answer: Any) -> str:
    if isinstance(answer, str):
        return answer
    return ", ".join(answer.get("values", ())) or "none of these"
