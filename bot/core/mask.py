"""What looks like a secret in free text is masked before anything is stored or logged. Pure.

A typed answer that was asked for (an account ID, a day) is checked by its type and never comes here.
"""

from __future__ import annotations

import re

MASK = "•••"

_RULES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("key", re.compile(r"\b(AKID|IKID)[0-9A-Za-z]{13,}\b")),
    ("key", re.compile(r"(?i)(?<=secretkey)\W{0,6}[0-9A-Za-z+/=_-]{16,}")),
    (
        "key",
        re.compile(r"(?<![0-9A-Za-z])(?=[0-9A-Za-z]*\d)(?=[0-9A-Za-z]*[A-Z])(?=[0-9A-Za-z]*[a-z])[0-9A-Za-z]{32,}"),
    ),
    ("password", re.compile(r"(?i)(?:password|passwd|pwd|passcode)\s*(?:is|=|:|：)?\s*\S+")),
    ("password", re.compile(r"(?:密码|口令)\s*(?:是|为|:|：|=)?\s*[^\s，。；,;]+")),
    ("id_number", re.compile(r"(?<!\d)\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)")),
    ("code", re.compile(r"(?i)(?:code|otp|验证码|校验码)\D{0,8}\d{4,8}(?!\d)")),
    ("code", re.compile(r"(?<![\d.-])\d{6}(?![\d.-])")),
)


def mask(text: str) -> tuple[str, tuple[str, ...]]:
    """The text with every likely secret replaced, and what kinds there were (key, password, code, id_number)."""
    found: list[str] = []
    for kind, pattern in _RULES:
        text, count = pattern.subn(MASK, text)
        if count:
            found.append(kind)
    return text, tuple(dict.fromkeys(found))
