"""Every setting by its names: the variable of the environment, its place in offboard.toml, and where to find its value.

The names are public (they may grow; none may change). A variable `NAME` may also be given as `NAME_FILE`, with a path.
"""

from __future__ import annotations

from typing import NamedTuple


class Variable(NamedTuple):
    """`path` is the place in offboard.toml, with dots; `many`: a list, with commas in the environment."""

    env: str
    path: str
    find: str
    many: bool = False


SLACK_APP = "api.slack.com/apps → your app → "
WECOM_APP = "WeCom admin console → App Management → your app → "
WECOM_CALLBACK = WECOM_APP + "Receive Messages (接收消息) → Set API; `offboard init --wecom` prints one to paste there"
WECOM_CONTACTS = "WeCom admin console → Management Tools → Contacts Sync (通讯录同步); optional"
IDS = "a list of slack:U… (Slack: profile → ⋮ → Copy member ID) and wecom:userid (the account in WeCom's contacts)"

VARIABLES = (
    Variable("OFFBOARD_DATABASE", "database", "the path of a file, such as /var/lib/offboard/offboard.db"),
    Variable("OFFBOARD_LISTEN", "listen", "host:port, such as 127.0.0.1:8400"),
    Variable("OFFBOARD_METRICS_LISTEN", "metrics_listen", "host:port, such as 127.0.0.1:9400; not given: no metrics"),
    Variable(
        "OFFBOARD_PUBLIC_URL", "public_url", "the address at which the platforms reach us, https://bot.example.com"
    ),
    Variable("OFFBOARD_TIMEZONE", "timezone", "a name such as Asia/Shanghai"),
    Variable("OFFBOARD_LANGUAGE", "language", "en or zh-CN"),
    Variable("OFFBOARD_ADMINS", "admins", IDS, many=True),
    Variable("OFFBOARD_SECOND_APPROVERS", "second_approvers", IDS, many=True),
    Variable("OFFBOARD_OWNER", "owner", "one id, slack:U… or wecom:userid: who answers for the process"),
    Variable("OFFBOARD_KEY", "key", "a long random text: openssl rand -base64 32; not given: made beside the database"),
    Variable("OFFBOARD_API_TOKEN", "api_token", "a long random text: openssl rand -base64 32"),
    Variable("OFFBOARD_PLAYBOOKS", "playbooks", "names; `offboard playbook list` shows those there are", many=True),
    Variable("OFFBOARD_PLAYBOOKS_FOLDER", "playbooks_folder", "a folder of playbooks of your own"),
    Variable("SLACK_BOT_TOKEN", "slack.bot_token", SLACK_APP + "OAuth & Permissions → Bot User OAuth Token (xoxb-…)"),
    Variable("SLACK_SIGNING_SECRET", "slack.signing_secret", SLACK_APP + "Basic Information → Signing Secret"),
    Variable(
        "SLACK_APP_TOKEN",
        "slack.app_token",
        SLACK_APP + "Basic Information → App-Level Tokens, with connections:write (xapp-…); only for Socket Mode",
    ),
    Variable(
        "OFFBOARD_SLACK_ADMIN_CHANNEL",
        "slack.admin_channel",
        "Slack: a private channel → its name → About → Channel ID (C…)",
    ),
    Variable("OFFBOARD_SLACK_API_URL", "slack.api_url", "https://slack.com/api/ unless you have a stand-in"),
    Variable("WECOM_CORP_ID", "wecom.corp_id", "WeCom admin console → My Company → Company ID (企业ID)"),
    Variable("WECOM_AGENT_ID", "wecom.agent_id", WECOM_APP + "AgentId"),
    Variable("WECOM_SECRET", "wecom.secret", WECOM_APP + "Secret"),
    Variable("WECOM_TOKEN", "wecom.token", WECOM_CALLBACK),
    Variable("WECOM_AES_KEY", "wecom.aes_key", WECOM_CALLBACK),
    Variable("WECOM_CONTACT_SECRET", "wecom.contact_secret", WECOM_CONTACTS),
    Variable("WECOM_CONTACT_TOKEN", "wecom.contact_token", WECOM_CONTACTS),
    Variable("WECOM_CONTACT_AES_KEY", "wecom.contact_aes_key", WECOM_CONTACTS),
    Variable(
        "OFFBOARD_WECOM_API_URL", "wecom.api_url", "https://qyapi.weixin.qq.com/cgi-bin/ unless you have a stand-in"
    ),
)
BY_PATH = {variable.path: variable for variable in VARIABLES}

FIND = {
    "person": '[[person]] with slack = "U…" or wecom = "userid", or both',
    "person.stand_in": '{ person = "slack:U…", from = 2026-12-01, to = 2026-12-14 }',
    "calendar.country": "two letters, such as CN; empty for Monday to Friday without holidays",
    "calendar.extra_workdays": "a list of days, such as [2026-12-26]",
    "calendar.extra_days_off": "a list of days, such as [2026-12-24]",
    "calendar.working_hours": 'two times, such as ["09:30", "18:00"]',
    "calendar.lunch": 'two times, such as ["12:00", "14:00"]; [] for none',
    "wecom.domain_file": '{ name = "WW_verify_….txt", text = "…" }: ' + WECOM_APP + "Trusted domain",
}
"""Where to find what only offboard.toml can say."""

PROCESS = frozenset({"OFFBOARD_FAILPOINT", "OFFBOARD_CONFIG"})
"""Variables of ours that are no settings."""
