"""What WeCom's answers mean, by who can mend it. Judged by the number, never by the words.

Sources: developer.work.weixin.qq.com/document/path/90313 (全局错误码), 90454 (频率限制), 94888 (更新模版卡片消息).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    """`retry`: it was busy. `pause`: too much was asked. `refresh`: the token is old. `config`: only the operator can
    mend it. `gone`: nobody is there. `card`: the message is not as it takes it. `other`: not known to us."""

    RETRY = "retry"
    PAUSE = "pause"
    REFRESH = "refresh"
    CONFIG = "config"
    GONE = "gone"
    CARD = "card"
    OTHER = "other"


TASK_TAKEN = 42014
"""This `task_id` has been sent before."""
WRONG_IP = 60020
NOT_VISIBLE = 60011
DAY_IS_FULL = frozenset({45009, 45047})

_OF: Mapping[Kind, frozenset[int]] = {
    Kind.RETRY: frozenset({-1, 6000}),
    Kind.PAUSE: frozenset({45009, 45011, 45033, 45047}),
    Kind.REFRESH: frozenset({40014, 42001}),
    Kind.CONFIG: frozenset(
        {40001, 40013, 40056, 40091, 41001, 41002, 41004, 41011, 48002, 50003, 60011, 60020, 301002}
    ),
    Kind.GONE: frozenset({40003, 40031, 60111, 81013, 82001}),
    Kind.CARD: frozenset({40008, 40033, 40035, 40058, 41016, 42014, 42015, 42045, 44004, 45002, 45003, 45008}),
}
_KINDS = {code: kind for kind, codes in _OF.items() for code in codes}

MENDS: Mapping[int, str] = {
    40001: "the secret is not this app's: copy WECOM_SECRET again from 应用管理",
    40091: "the secret is not this app's: copy WECOM_SECRET again from 应用管理",
    40013: "the corp id is not right: copy WECOM_CORP_ID from 我的企业, at the bottom of the page",
    40056: "the agent id is not right: copy WECOM_AGENT_ID from the app's page",
    301002: "this secret belongs to another app than the agent id: copy both from the same page",
    48002: "the app has no right to this: see its permissions on its page",
    50003: "the app is switched off: switch it on in 应用管理",
    60011: "this person or department is outside the app's visible range (可见范围)",
    60020: "this server's address is not among the app's trusted ones (企业可信IP); it takes a minute to apply",
}
"""What the operator does about it."""


def kind_of(code: int) -> Kind:
    return _KINDS.get(code, Kind.OTHER)


def mend(code: int) -> str:
    return MENDS.get(code, "look it up in WeCom's list of error codes (全局错误码)")
