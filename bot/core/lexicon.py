"""The words that people type, and how typed text is compared: the lexicon of both languages.

Words are compared without case, width, invisible signs and outer punctuation. A word that decides something decides
it only when it stands alone, or with the step that it is about: "looked 2" approves, "looked at it, it is broken" does
not, and neither does 完成不了 confirm anything.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from bot.core import pairing
from bot.core.case import CaseRef

_ON_TRUST = ("同意", "凭说明", "同意凭说明", "同意,凭说明")
_SOMEBODY = ("接手人", "指定接手人", "换一位同事")

VERBS: Mapping[str, tuple[str, ...]] = {
    "begin": ("/offboard", "offboard", "离职", "离职交接", "/离职", "/离职交接", "我要离职"),
    "confirm": ("done", "i have done it", "完成", "已完成", "做完了", "办好了"),
    "undo": ("undo", "back", "back one question", "撤回", "返回", "回到上一题"),
    "restore": ("restore", "恢复"),
    "stuck": ("stuck", "i am stuck", "遇到困难", "卡住了", "求助"),
    "not_mine": ("not mine", "不归我办", "不是我的"),
    "later": ("later", "remind me later", "稍后", "稍后处理", "稍后提醒"),
    "approve:looked": ("looked", "i looked", "approve looked", "已核实", "同意已核实", "同意,已核实"),
    "approve:word": ("word", "approve", "their word", "on their word", "approve word", *_ON_TRUST),
    "send_back": ("send back", "send_back", "驳回", "退回"),
    "take": ("take", "i do it", "接手", "我来处理"),
    "waive": ("waive", "leave undone", "不再处理", "免办"),
    "reassign": ("reassign", "hand to somebody", "hand to", "转交"),
    "move": ("move", "change day", "change last day", "last day", "改期", "改最后工作日"),
    "successor": ("successor", "name successor", "somebody else", "another", "name", *_SOMEBODY),
    "start": ("agree", "同意交接"),
    "accept": ("accept", "i will", "i take over", "take over", "yes", "我来接手", "愿意接手"),
    "decline": ("decline", "i cannot", "no", "disagree", "do not agree", "我接不了", "暂不同意"),
    "stay": ("stay", "i stay", "they stay", "我决定留下", "我不走了", "同意留下"),
    "status": ("status", "where are we", "where are we?", "进度", "查看进度", "/status"),
    "help": ("help", "?", "帮助", "/help"),
    "rescue": ("rescue", "/rescue", "救援", "/救援", "找回账号", "账号找回", "找回"),
    "over": ("other way", "another way", "it is another situation", "another situation", "情况不是这样"),
    "card": ("card", "/card", "recovery card", "找回卡", "恢复卡"),
    "renew": ("still true", "it is still true", "still right", "it is still right", "仍然有效", "仍然正确"),
    "link": ("link", "/link", "关联账号", "/关联账号", "账号关联"),
    "part": ("separate", "/separate", "解除关联", "取消关联"),
    "pause": ("pause", "暂停", "暂停提醒"),
    "resume": ("resume", "恢复提醒"),
    "language": ("language", "语言"),
}

WAIVERS: Mapping[str, tuple[str, ...]] = {
    "not_ours": ("not_ours", "not ours", "不归我们处理", "不归我们"),
    "cannot_be_done": ("cannot_be_done", "cannot be done", "无法办理", "办不了"),
    "accepted_risk": ("accepted_risk", "accepted risk", "the risk is accepted", "已知并接受风险", "接受风险"),
    "other": ("other", "another reason", "其他原因", "其他"),
}
"""Why a step may be left undone, by the code that stands in the record."""

NEVER = frozenset({"unknown", "i do not know", "i don't know", "do not know", "不知道", "不清楚", "不确定"})
NONE = frozenset({"0", "none", "none of these", "都不是", "没有"})
CANCEL = frozenset({"cancel", "never mind", "取消"})

_WORDS = sorted(
    ((word, verb) for verb, words in VERBS.items() for word in words), key=lambda pair: len(pair[0]), reverse=True
)
_BETWEEN = " \t\n,:;，：；、\u3000\u00a0"
_OUTER = " \t\n.!。！\u3000\u00a0"
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")
_POLITE = re.compile(
    r"[\s,，]*[了啦吧]?[\s,，.!。！]*(?:please|thanks|thank you|谢谢|辛苦)?[了您\s.!。！~～]*", re.IGNORECASE
)
_BARE = frozenset(
    (
        "confirm",
        "undo",
        "restore",
        "not_mine",
        "later",
        "approve:looked",
        "approve:word",
        "take",
        "start",
        "accept",
        "stay",
        "rescue",
        "over",
        "card",
        "renew",
    )
)
_REFERENCE = re.compile(r"\bofb-\d{1,9}\b")
_ISO_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")


def clean(text: str) -> str:
    """Typed text without what cannot be seen: invisible and control signs, lone surrogates, outer white space."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in _UNSEEN).strip()


def key(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip().strip(".!。！")


def word_in(key: str) -> tuple[str, str] | None:
    """The verb at the beginning, and the word by which it was said."""
    for word, verb in _WORDS:
        if key.startswith(word) and _ends(word, key[len(word) :]):
            return verb, word
    return None


def _ends(word: str, rest: str) -> bool:
    """Whether a word is over where `rest` begins. Chinese has no spaces between words, but 驳回吗 asks, and 完成不了
    says the opposite."""
    if not rest or rest[0] in _BETWEEN:
        return True
    if not word.isascii():
        return rest[0] not in "吗嘛么不没"
    return rest[0].isdigit() and not word[-1].isdigit()


def verb_in(key: str) -> tuple[str, str] | None:
    """The verb at the beginning and what follows it."""
    found = word_in(key)
    return (found[0], key[len(found[1]) :].lstrip(_BETWEEN)) if found is not None else None


def after(said: str, word: str) -> str:
    """What follows this word in what was said, as it was typed: the key of a text may be shorter or longer than it."""
    start = len(said) - len(said.lstrip(_OUTER))
    for end in range(start + 1, min(len(said), start + 4 * len(word)) + 1):
        if unicodedata.normalize("NFKC", said[start:end]).casefold() == word:
            return said[end:].lstrip(_BETWEEN)
    return ""


def takes_words(verb: str, word: str) -> bool:
    """Whether free words may stand behind it; behind what decides something they might say the opposite."""
    return verb not in _BARE and word not in ("no", "i cannot")


def is_aside(key: str) -> bool:
    """Whether this is a command of its own, and not the reason, day or name that was asked for."""
    found = verb_in(key)
    if found is None:
        return False
    return not found[1] or found[1].isdigit() or (found[0] == "link" and pairing.read(found[1]) != "")


def waiver_reason(words: str) -> tuple[str, str]:
    """The code of a waiver's reason that stands at the beginning, and what follows it; "" when there is none."""
    said = key(words)
    for code, known in WAIVERS.items():
        for word in known:
            if said == word or (said.startswith(word) and not said[len(word)].isalnum()):
                return code, after(words, word)
    return "", words


def is_polite(words: str) -> bool:
    """Whether this adds nothing to the word before it: 了, thanks, a full stop."""
    return _POLITE.fullmatch(words) is not None


def day_in(text: str) -> str:
    """A day in a text as ISO 8601, or "". 2026-12-04, 2026/12/4 and 2026年12月4日 are the same."""
    found = _ISO_DAY.search(unicodedata.normalize("NFKC", text))
    return f"{int(found[1]):04}-{int(found[2]):02}-{int(found[3]):02}" if found else ""


def reference_in(text: str) -> CaseRef:
    """The case that a text names, or ""."""
    found = _REFERENCE.search(key(text))
    return found[0].upper() if found else ""


def without_day(text: str) -> str:
    """The text with the day taken out."""
    return _ISO_DAY.sub("", text)
