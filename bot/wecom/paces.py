"""How fast WeCom takes calls: developer.work.weixin.qq.com/document/path/90454.

One member gets at most 30 messages a minute and 1,000 an hour from one app, and what is over is dropped without a word.
We stay at 20 a minute. A card may have long prose beside it, so each is counted as two messages; an admin is reached
both by name and as one of the admins, and each of the two destinations has a pace of its own.
"""

from __future__ import annotations

from bot.rows import Rate

PACES = (
    Rate("wecom", "say", every=7.5, burst=2),
    Rate("wecom", "say", every=16.0, burst=24),
    Rate("wecom", "lookup", every=0.1, burst=50, each=False),
)
