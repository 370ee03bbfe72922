"""What Slack's error codes mean for a message, and who can mend them.

Sources: the error tables of docs.slack.dev/reference/methods/chat.postMessage, chat.update, conversations.open,
users.info and auth.test; docs.slack.dev/apis/web-api/rate-limits.
"""

from __future__ import annotations

from bot.errors import ChatError, Closed, Gone, Rejected, TryLater, Uncertain

LATER = frozenset({"ratelimited", "rate_limited", "service_unavailable", "request_timeout", "team_added_to_org"})
"""It did not happen; it may in a while."""

UNSURE = frozenset({"internal_error", "fatal_error"})
"""Slack: "it is possible that some aspect of the operation succeeded"."""

SHUT = frozenset(
    {
        "account_inactive",
        "accesslimited",
        "app_uninstalled",
        "ekm_access_denied",
        "enterprise_is_restricted",
        "invalid_auth",
        "not_authed",
        "not_allowed_token_type",
        "org_login_required",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
        "two_factor_setup_required",
    }
)
"""Nothing goes with this token until somebody mends it: sending stops, and everything waits."""

LOCKED = frozenset({"missing_scope", "no_permission", "messages_tab_disabled"})
"""The application's own settings do not allow it; the operator can mend that."""

NOBODY = frozenset(
    {
        "cannot_dm_bot",
        "invalid_user_combination",
        "user_disabled",
        "user_not_found",
        "user_not_visible",
        "users_not_found",
        "user_not_in_channel",
    }
)
NO_MESSAGE = frozenset({"message_not_found", "edit_window_closed", "cant_update_message", "is_inactive"})
NO_CHANNEL = frozenset(
    {
        "channel_not_found",
        "is_archived",
        "not_in_channel",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
        "team_not_found",
    }
)
NO_THREAD = frozenset({"thread_not_found", "invalid_thread_ts", "cannot_reply_to_message"})
NOT_DRAWN = frozenset(
    {
        "block_mismatch",
        "invalid_arguments",
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
    }
)
"""Slack does not take the card; its sentence alone may go."""

SHORTEST = 1_000
"""Characters of the sentence when even that was too long."""


def chat_error(code: str, *, effect: bool, seconds: float | None = None, needed: str = "") -> ChatError:
    """What a call raises whose answer was this code. `effect`: the call would have changed something."""
    why = f"{code} ({needed})" if needed else code
    if code in SHUT or (code in LOCKED and effect):
        return Closed(why)
    if code in LATER:
        return TryLater(why, seconds)
    if code in UNSURE:
        return Uncertain(why) if effect else TryLater(why, seconds)
    if code in NOBODY:
        return Gone(why)
    if code in NO_MESSAGE:
        return Gone(why, "message")
    return Rejected(why)


def code_of(error: ChatError) -> str:
    """Slack's own code of what `chat_error` made."""
    return str(error).partition(" ")[0]
