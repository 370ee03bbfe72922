"""What looks like a secret in free text is masked before anything is stored, logged or shown. Pure.

RULES
 1. Of every pattern in the table the groups that took part are the secret; the words around them stay, so that
    "the password is ••• and the page is empty" can still be helped with.
 2. Patterns see the text as people mean it: full-width letters and digits as plain ones, digits of other scripts as
    0 … 9, and nothing that cannot be seen. What is masked is cut out of the text as it was typed.
 3. What the bot asks for is no secret: an account ID (8 to 15 digits), an IP, a filing number, a phone, a day, a case
    reference. Six digits are a code unless they stand in one of those.
 4. What is masked may have stood between a word and another secret ("password is abc!Password = def"): so it is looked
    again until nothing more is found.
 5. Where it cannot be told, it is masked: lost words can be written again, a password that was kept cannot be unkept.

A typed answer that was asked for (an account ID, a day) is checked by its type and never comes here.
"""

from __future__ import annotations

import re
import unicodedata

MASK = "•••"

_SPACE = r"[ \t]"
_GAP = rf"{_SPACE}*"
_WORD = r"(?<![0-9A-Za-z])"
"""Nothing of a word stands right before."""

_IS = (
    rf"(?>{_GAP}(?::|=|->|→|就是|是|为|改成了?|改为|换成了?|(?<={_SPACE})(?:is|was|will{_SPACE}be)(?![A-Za-z])"
    rf"{_GAP}[:=]?){_GAP})"
)
"""What stands between the word and the secret; all of it, or none."""

_ENTRY = r"(?:pass[ -]?words?|passwd|pwd|pass[ -]?code|pass[ -]?phrase|密[ \t]?[码碼]|口令)"
_MIXED = r"(?=[!-~]{6,})(?=[!-~]*[A-Za-z])(?=[!-~]*[0-9])(?!OFB-\d+(?![0-9A-Za-z])|https?:)[!-~]+"
"""Letters and digits in one piece: what a password looks like, and a word does not."""

_NOTHING_SAID = (
    r"(?!•|(?:(?:not|no|never|wrong|right|correct|incorrect|invalid|expired|refused|rejected|unknown|lost|gone|broken|"
    r"empty|required|needed|asked|missing|old|too|still|now|only|being|known|kept|changed|set|reset|the|a|an|on|in|at|"
    r"with|for|of|to|that|this|what|also|accepted|what|something|sent)(?![0-9A-Za-z])"
    r"|错|什么|不|没|对的?(?:[，。,]|$)|旧的?(?:[，。,]|$)|谁|多少|空的|正确|过期|忘|在|由|公司的?(?:[，。,]|$)))"
)
"""What follows "the password is" when no password follows."""

_QUOTED = r"[\"'“‘「『`][^\"'”’」』`\n]{1,80}[\"'”’」』`]?"
_SAID = rf"(?:{_QUOTED}|[!-~]+(?:{_SPACE}+{_MIXED}){{0,3}}|[^\s!-~，。；、！？）]{{2,24}}[!-~]*)"
"""A secret after its word: in quotes; or in one piece, with further pieces that look like one; or in Chinese."""

_KEY_NAMES = (
    r"(?:secret[ _-]?(?:access[ _-]?)?(?:key|id)|access[ _-]?key|api[ _-]?key|private[ _-]?key|密[钥鑰]|私[钥鑰])"
)
_ALL_KINDS = r"(?-i:(?=[0-9A-Za-z]*\d)(?=[0-9A-Za-z]*[A-Z])(?=[0-9A-Za-z]*[a-z]))"

_CODE = r"(?:code|otp|pin|token|验证码|驗證碼|校验码|确认码|动态码|动态密码|动态口令|短信码)"
_NO_DAY = r"(?!\d{4}[-/.年]\d{1,2}[-/.月]\d|(?:19|20)\d\d[01]\d[0-3]\d(?!\d))"
_FOUR_TO_EIGHT = rf"{_NO_DAY}\d(?:[ \t-]?\d){{3,7}}(?![0-9]|[-/.年:]\d|[ \t]\d)"
_NO_NUMBER_BEFORE = r"(?<![0-9A-Za-z.])(?<![0-9]-)(?<!OFB-)(?<!备)(?<!备案号)(?<!ICP证)(?<![¥$€])"
_NO_NUMBER_AFTER = r"(?![0-9A-Za-z]|[.-]\d|[/年]\d|号)"

_RULES: tuple[tuple[str, str], ...] = (
    # A SecretId is AKID and 32 more; in pieces it is taken up to that length.
    ("key", rf"{_WORD}([AI]KID(?:[0-9A-Za-z]{{28,}}|(?:{_SPACE}?[0-9A-Za-z]){{13,32}}))"),
    # "SecretKey: …", also in pieces; and a name of eight characters is no key yet.
    ("key", rf"{_KEY_NAMES}(?:{_IS}|\W{{0,6}})((?=[ 0-9A-Za-z+/=_-]*\d)(?:{_SPACE}?[0-9A-Za-z+/=_-]){{16,44}})"),
    # Alone: long, or in long pieces, of capitals, small letters and digits.
    (
        "key",
        rf"{_WORD}({_ALL_KINDS}[0-9A-Za-z]{{20,}}|{_ALL_KINDS}[0-9A-Za-z]{{8,}}(?: {_ALL_KINDS}[0-9A-Za-z]{{8,}})+)",
    ),
    ("password", rf"{_ENTRY}{_IS}{_NOTHING_SAID}({_SAID})"),
    ("password", rf"{_ENTRY}[^\n，。；!?]{{0,12}}?{_WORD}({_MIXED}(?:{_SPACE}+{_MIXED}){{0,3}})"),
    ("password", rf"{_ENTRY}{_SPACE}+(?:for|of|to|on){_SPACE}[^\n，。；]{{1,32}}?{_IS}{_NOTHING_SAID}({_SAID})"),
    # 18 digits (the last may be X) in one piece; in pieces only with a day of birth where it belongs.
    ("id_number", r"(?<![0-9A-Za-z])(\d{17}[\dX])(?![0-9A-Za-z])"),
    (
        "id_number",
        r"(?<![0-9A-Za-z])([1-9](?:[ -]?\d){5}[ -]?(?:1[ -]?9|2[ -]?0)(?:[ -]?\d){2}[ -]?(?:0[ -]?[1-9]|1[ -]?[0-2])"
        r"[ -]?(?:0[ -]?[1-9]|[12][ -]?\d|3[ -]?[01])(?:[ -]?\d){3}[ -]?[\dX])(?![0-9A-Za-z])",
    ),
    ("code", rf"{_CODE}(?![A-Za-z])[^0-9\n]{{0,12}}?(?<!OFB-)({_FOUR_TO_EIGHT})"),
    ("code", rf"{_WORD}(\d(?:[ -]?\d){{3,7}}){_GAP}(?:is|was|是|为)[^0-9\n，。；]{{0,16}}{_CODE}"),
    ("code", rf"{_NO_NUMBER_BEFORE}(\d{{6}}){_NO_NUMBER_AFTER}"),
    (
        "code",
        rf"{_NO_NUMBER_BEFORE}(?<![0-9] )(\d{{3}}[ -]\d{{3}}|\d\d \d\d \d\d|\d(?: \d){{5}})"
        rf"(?! \d(?!\d{{3}}[-/.年])){_NO_NUMBER_AFTER}",
    ),
)
"""Which kind, and the pattern: the first group is the secret. Tried in this order on the whole text."""

_TABLE = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _RULES)
_PASSES = 8
_INVISIBLE = ("Cf", "Mn", "Cc")


def mask(text: str) -> tuple[str, tuple[str, ...]]:
    """The text with every likely secret replaced, and what kinds there were (key, password, id_number, code)."""
    kinds: dict[str, None] = {}
    for _ in range(_PASSES):
        text, found = _once(text)
        if not found:
            break
        kinds.update(dict.fromkeys(found))
    return text, tuple(kinds)


def _once(text: str) -> tuple[str, tuple[str, ...]]:
    seen, at = _as_meant(text)
    found = [(match.start(1), match.end(1), kind) for kind, pattern in _TABLE for match in pattern.finditer(seen)]
    kinds = tuple(dict.fromkeys(kind for _, _, kind in found))
    for start, end in reversed(_together([(start, end) for start, end, _ in found])):
        text = text[: at[start]] + MASK + text[at[end - 1] + 1 :]
    return text, kinds


def _as_meant(text: str) -> tuple[str, list[int]]:
    """The text as people mean it, and where each of its characters stands in the text as it was typed."""
    kept = [(_plain(sign), place) for place, sign in enumerate(text) if not _unseen(sign)]
    return "".join(sign for sign, _ in kept), [place for _, place in kept]


def _plain(sign: str) -> str:
    """One character for one: rule 2. Chinese punctuation stays, since it ends what ASCII punctuation may be part of."""
    if sign.isascii():
        return sign
    if (digit := unicodedata.decimal(sign, None)) is not None:
        return str(digit)
    plain = unicodedata.normalize("NFKC", sign)
    if len(plain) == 1 and plain.isascii() and sign not in "，；！？":
        return plain
    return sign


def _unseen(sign: str) -> bool:
    return sign not in "\n\t" and unicodedata.category(sign) in _INVISIBLE


def _together(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """In order, and those that overlap as one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
