"""How fast Slack takes calls: "Rate limits", docs.slack.dev/apis/web-api/rate-limits.

Limits are counted by method, app and workspace. `chat.postMessage` has its own: a message a second and channel, several
hundred a minute and workspace. `chat.update` and `conversations.history` are tier 3 (50 a minute), `users.info` is
tier 4 (100 a minute). Redraws use nearly all of theirs (97 %: a burst of two, then 48.6 a minute, never more than 50 in
any minute); the others are kept a little below, since other processes of the same app count too.
"""

from __future__ import annotations

from bot.rows import Rate

PACES = (
    Rate("slack", "say", every=1.0),
    Rate("slack", "say", every=0.3, burst=20, each=False),
    Rate("slack", "amend", every=1.235, burst=2, each=False),
    Rate("slack", "find", every=1.3, burst=4, each=False),
    Rate("slack", "lookup", every=0.7, burst=20, each=False),
)
