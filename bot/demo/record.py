"""The record as sentences, in both languages, with the plan's own titles and questions: what happened, by whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jinja2 import UndefinedError

from bot.core.effects import ADMINS
from bot.demo.given import Json, Words
from bot.playbook.copy import load

SENTENCES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "opened": "{by} opened the case",
        "agreed": "{by} agreed to it",
        "moved": "{by} set the last day to {day}",
        "asked": "Asked of {of}: {question}",
        "answered": "{by} answered “{question}”",
        "unanswered": "{by} took the answer to “{question}” back",
        "successor_proposed": "{by} proposed {person} as the successor",
        "successor_named": "{by} named {person} as the successor",
        "successor_accepted": "{by} takes over",
        "successor_declined": "{by} cannot take over",
        "planned": "The plan has {count} steps",
        "step_opened": "{step} opened for {person}",
        "step_held": "{step} was closed again because of an alarm",
        "confirmed": "{by} confirmed {step}{early}",
        "undone": "{by} took the confirmation of {step} back",
        "sent_back": "{by} sent {step} back: {reason}",
        "approved": "{by} approved {step}: {looked}",
        "soak_began": "{step} rests until {until}",
        "restored": "{by} restored {step}",
        "step_done": "{step} is done: {grade}",
        "waived": "{by} left {step} undone: {reason} {words}",
        "stuck": "{by} is stuck on {step} {words}",
        "not_mine": "{by} says that {step} is not theirs",
        "snoozed": "{by} asked to be reminded of {step} later",
        "reassigned": "{by} gave {step} to {person}",
        "nudged": "A reminder for {people}: {step}",
        "alarmed": "ALARM, by {step}. {broken}",
        "calmed": "The alarm is over: {rule}",
        "stay_asked": "{by} asks to stay",
        "undelivered": "A message to {person} did not arrive: {why}",
        "closed": "{by} closed the case: {outcome}",
        "continued": "It goes on with {pins}",
        "returned": "{by} says that it is another situation: it is asked again",
        "renewed": "{by} looked again at {step}: still right",
        "refused": "Not accepted from {by}: {why}",
        "refused_answer": "Not accepted from {by}: {why}",
        "refused_step": "Not accepted from {by}, {step}: {why}",
        "step": "step {n} ({title})",
        "early": ", before it was open",
        "looked": "looked themselves",
        "word": "on their word",
        "the_case": "the handover waits",
        "system": "Offboard",
    },
    "zh-CN": {
        "opened": "{by}发起交接",
        "agreed": "{by}同意交接",
        "moved": "{by}将最后工作日定为{day}",
        "asked": "询问{of}：{question}",
        "answered": "{by}回答“{question}”",
        "unanswered": "{by}撤回了对“{question}”的回答",
        "successor_proposed": "{by}提议由{person}接手",
        "successor_named": "{by}指定{person}接手",
        "successor_accepted": "{by}同意接手",
        "successor_declined": "{by}无法接手",
        "planned": "计划共 {count} 步",
        "step_opened": "{step}已开放给{person}",
        "step_held": "因安全提醒，{step}重新关闭",
        "confirmed": "{by}提交{step}{early}",
        "undone": "{by}撤回了{step}的提交",
        "sent_back": "{by}驳回{step}：{reason}",
        "approved": "{by}同意{step}：{looked}",
        "soak_began": "{step}观察至 {until}",
        "restored": "{by}恢复了{step}",
        "step_done": "{step}完成：{grade}",
        "waived": "{by}决定不再处理{step}：{reason} {words}",
        "stuck": "{by}在{step}遇到困难 {words}",
        "not_mine": "{by}表示{step}不归自己",
        "snoozed": "{by}稍后再处理{step}",
        "reassigned": "{by}将{step}转交给{person}",
        "nudged": "提醒{people}：{step}",
        "alarmed": "安全提醒，起因是{step}。{broken}",
        "calmed": "安全提醒解除：{rule}",
        "stay_asked": "{by}希望留下",
        "undelivered": "发给{person}的消息未送达：{why}",
        "closed": "{by}结束交接：{outcome}",
        "continued": "接下来是{pins}",
        "returned": "{by}表示情况不是这样：重新询问",
        "renewed": "{by}再次核对了{step}：仍然有效",
        "refused": "{by}的操作未生效：{why}",
        "refused_answer": "{by}的回答未被接受：{why}",
        "refused_step": "{by}对第 {n} 步的操作未生效：{why}",
        "step": "第 {n} 步（{title}）",
        "early": "（当时尚未开放）",
        "looked": "已核实",
        "word": "凭说明",
        "the_case": "交接单待处理",
        "system": "系统",
    },
}


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


class Teller:
    """Tells the facts of one case. The names and what is `spoken` of the case are in the language."""

    def __init__(
        self,
        language: str,
        zone: str,
        names: Mapping[str, str],
        spoken: Words,
    ) -> None:
        self._says = SENTENCES[language]
        self._copy = load(language)
        self._zone = zone
        self._names = names
        self._spoken = spoken

    def moment(self, at: str) -> str:
        return self._copy.moment(datetime.fromisoformat(at), self._zone)

    def tell(self, row: Json) -> str:
        """One fact in words."""
        words = _Blank({key: str(value) for key, value in row.items()})
        words["by"] = self.who(str(row["actor"]))
        words["person"] = self.who(str(row.get("person") or ADMINS))
        words["people"] = self._copy.listed([self.who(person) for person in row.get("people", ())])
        words["step"] = self._step(row)
        words["n"] = str(row.get("step") or "")
        words["early"] = self._says["early"] if row.get("early") else ""
        words["looked"] = self._says["looked" if row.get("looked") else "word"]
        words["pins"] = self._copy.listed(
            [self._spoken.books.get(pin["name"], pin["name"]) for pin in row.get("pins", ())]
        )
        rule = self._spoken.rules.get(str(row.get("invariant", "")), "")
        words["rule"] = rule or self._copy("alarm.soak_first")
        words["broken"] = self._copy("alarm.broken", rule=rule) if rule else words["rule"]
        if row["kind"] == "planned":
            words["count"] = str(sum(step.get("status") != "not_needed" for step in row["steps"]))
        asking = row.get("asking") or {"question": row.get("question", ""), "of": ""}
        words["question"] = self._spoken.questions.get(asking["question"], asking["question"])
        words["of"] = self.who(asking["of"])
        words |= self._labelled(row)
        said = self._says[_sentence(row)].format_map(words).strip().rstrip(":：").rstrip()
        return said[:1].upper() + said[1:]

    def who(self, person: str) -> str:
        if person == ADMINS:
            return self._copy("admins")
        return self._names.get(person) or (self._says["system"] if person == "system" else person)

    def _refusal(self, code: str) -> str:
        """The first sentence that the person was told; one with blanks in it is named by its code."""
        try:
            return self._copy.lines(f"refusals.{code}", hint="")[0]
        except (KeyError, UndefinedError):
            return code

    def _step(self, row: Json) -> str:
        number = int(row.get("step") or 0)
        if not number:
            return self._says["the_case"] if row["kind"] == "nudged" else ""
        return self._says["step"].format(n=number, title=self._spoken.titles.get(number, ""))

    def _labelled(self, row: Json) -> dict[str, str]:
        """Codes as the bot itself says them, days and times as people write them."""
        found: dict[str, str] = {}
        for key, group in (("grade", "grades"), ("outcome", "outcomes"), ("reason", "waiver_reasons")):
            if key in row and self._copy.has(f"{group}.{row[key]}"):
                found[key] = self._copy(f"{group}.{row[key]}")
        if row["kind"] == "refused":
            found["why"] = self._refusal(str(row.get("code", "")))
        if row.get("last_day"):
            found["day"] = self._copy.day(_day(row["last_day"]))
        if "until" in row:
            found["until"] = self._copy.moment(_moment(row["until"]), self._zone)
        return found


def _sentence(row: Json) -> str:
    """The key of the sentence: that of its kind, and a refusal says of what."""
    if row["kind"] != "refused":
        return str(row["kind"])
    return "refused_step" if row.get("step") else "refused_answer" if row.get("verb") == "answer" else "refused"


def _moment(at: Any) -> datetime:
    return at if isinstance(at, datetime) else datetime.fromisoformat(str(at))


def _day(at: Any) -> Any:
    return _moment(at).date() if isinstance(at, str) else at
