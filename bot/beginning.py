"""`offboard init`: a settings file that explains itself, and what the platforms' consoles want pasted."""

from __future__ import annotations

import os
import secrets
import string
from base64 import b64encode
from pathlib import Path

from bot.errors import PortError

FILE = "offboard.toml"
PLACE = "https://bot.example.com"
ALPHABET = string.ascii_letters + string.digits

TEXT = """\
# The settings of Offboard. Each may also come from the environment, under the name beside it; the environment wins.
# Any variable NAME may be given as NAME_FILE too: a path of a file to read, so that secrets stay out of both.
# What is commented out is the default, or an example. `offboard doctor` looks at all of it.

# database = "offboard.db"                # OFFBOARD_DATABASE: one file on a local disk
# listen = "127.0.0.1:8400"               # OFFBOARD_LISTEN: where a proxy with https passes on to
# metrics_listen = "127.0.0.1:9400"       # OFFBOARD_METRICS_LISTEN: Prometheus; without it there are none
{unset}public_url = "{public_url}"    # OFFBOARD_PUBLIC_URL: how the platforms reach us

# timezone = "Asia/Shanghai"              # OFFBOARD_TIMEZONE: where a person's own is not known
# language = "zh-CN"                      # OFFBOARD_LANGUAGE: en or zh-CN, where a person's own is not known

# People, as slack:U… (profile → ⋮ → Copy member ID) or wecom:userid (the account in WeCom's contacts).
# admins = ["slack:U0123ABCD", "wecom:zhangsan"]   # OFFBOARD_ADMINS: they open cases and approve; two are better
# second_approvers = ["slack:U0456EFGH"]  # OFFBOARD_SECOND_APPROVERS: the second person where there is one admin
# owner = "slack:U0123ABCD"               # OFFBOARD_OWNER: who answers for the process

# key = "…"                               # OFFBOARD_KEY: openssl rand -base64 32; without it one is made and kept
                                          # beside the database, as offboard.db.key. Keep a copy elsewhere.
# api_token = "…"                         # OFFBOARD_API_TOKEN: for POST /api/cases; kept for later

# playbooks = [{playbooks}]   # OFFBOARD_PLAYBOOKS: what cases begin with
# playbooks_folder = "/etc/offboard/playbooks"    # OFFBOARD_PLAYBOOKS_FOLDER: playbooks of your own

# [slack]
# bot_token = "xoxb-…"                    # SLACK_BOT_TOKEN: OAuth & Permissions → Bot User OAuth Token
# signing_secret = "…"                    # SLACK_SIGNING_SECRET: Basic Information → Signing Secret
# app_token = "xapp-…"                    # SLACK_APP_TOKEN: only for Socket Mode; then no address of ours is needed
# admin_channel = "C0123ABCD"             # OFFBOARD_SLACK_ADMIN_CHANNEL: a private channel; its ID, not its name
# api_url = "https://slack.com/api/"      # OFFBOARD_SLACK_API_URL

# [wecom]
# corp_id = "ww…"                         # WECOM_CORP_ID: 我的企业 → 企业ID
# agent_id = 1000002                      # WECOM_AGENT_ID: 应用管理 → the app → AgentId
# secret = "…"                            # WECOM_SECRET: the same page → Secret
# token = "{token}"  # WECOM_TOKEN: the same page → 接收消息 → 设置API接收; made for you
# aes_key = "{aes_key}"   # WECOM_AES_KEY: beside it; made for you
# contact_secret = "…"                    # WECOM_CONTACT_SECRET: 管理工具 → 通讯录同步; all three are optional
# contact_token = "{contact_token}"   # WECOM_CONTACT_TOKEN
# contact_aes_key = "{contact_aes_key}"   # WECOM_CONTACT_AES_KEY
# domain_file = {{ name = "WW_verify_abc.txt", text = "…" }}   # 网页授权及JS-SDK → 申请校验域名: its file
# api_url = "https://qyapi.weixin.qq.com/cgi-bin/"   # OFFBOARD_WECOM_API_URL

# [calendar]
# country = "CN"                          # public holidays and moved working days; "" for Monday to Friday
# extra_workdays = [2026-12-26]
# extra_days_off = [2026-12-24]
# working_hours = ["09:30", "18:00"]      # reminders come in these hours, in the person's own zone
# lunch = ["12:00", "14:00"]              # [] for none

# One for each person of whom more is known than the platform says. With both ids it is one person.
# [[person]]
# name = "Zhang San"
# slack = "U0123ABCD"
# wecom = "zhangsan"
# acts_as = "slack"                       # under which of the two they stand in the record
# language = "zh-CN"
# zone = "Asia/Shanghai"
# stand_in = {{ person = "slack:U0456EFGH", from = 2026-12-01, to = 2026-12-14 }}   # kept for later

# Read-only checks of an account in Tencent Cloud come later; nothing reads this yet.
# [[tencent_account]]
"""


class Begun:
    """A settings file of its own secrets. Nothing is written before `write`."""

    def __init__(self, public_url: str, playbooks: tuple[str, ...]) -> None:
        self.public_url = public_url or PLACE
        self.token, self.aes_key = callback_token(), callback_key()
        self.contact_token, self.contact_aes_key = callback_token(), callback_key()
        self._playbooks = playbooks

    def text(self) -> str:
        return TEXT.format(
            public_url=self.public_url,
            unset="" if self.public_url != PLACE else "# ",
            playbooks=", ".join(f'"{name}"' for name in self._playbooks),
            token=self.token,
            aes_key=self.aes_key,
            contact_token=self.contact_token,
            contact_aes_key=self.contact_aes_key,
        )

    def write(self, folder: Path) -> Path:
        """The file, which only its owner can read. Raises PortError when it is there, or cannot be made."""
        path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
                file.write(self.text())
        except FileExistsError as error:
            raise PortError(
                f"{path} is there already and stays as it is: give another folder with --folder, or move it away"
            ) from error
        except OSError as error:
            raise PortError(
                f"{path} cannot be written ({error.strerror}): give another folder with --folder"
            ) from error
        return path

    def slack(self, manifest: str) -> str:
        return (
            "Slack\n"
            "  1. api.slack.com/apps → Create New App → From a manifest: choose the workspace, paste what is between\n"
            "     the lines, create the app, install it.\n"
            f"{RULE}\n{manifest.rstrip()}\n{RULE}\n"
            "  2. Copy into offboard.toml: the Bot User OAuth Token (OAuth & Permissions) and the Signing Secret\n"
            "     (Basic Information). For Socket Mode make an App-Level Token with connections:write, copy it too.\n"
            "  3. Make a private channel for the admins, invite the bot (/invite @Offboard), and copy the channel's ID."
        )

    def wecom(self) -> str:
        return (
            "WeCom (企业微信), in the admin console (work.weixin.qq.com)\n"
            "  1. 应用管理 → 自建 → 创建应用. Its visible range (可见范围) holds all who may leave, and the admins.\n"
            "  2. Copy into offboard.toml: 企业ID, AgentId, Secret; and take the # from token and aes_key there.\n"
            "  3. Start the bot, then: the app → 接收消息 → 设置API接收, and paste\n"
            f"       URL             {self.public_url}/wecom/callback\n"
            f"       Token           {self.token}\n"
            f"       EncodingAESKey  {self.aes_key}\n"
            "  4. The app → 企业可信IP: the address under which this machine reaches the internet.\n"
            "  5. To notice who leaves the company (optional): 管理工具 → 通讯录同步 → 接收事件服务器, and paste\n"
            f"       URL             {self.public_url}/wecom/contacts\n"
            f"       Token           {self.contact_token}\n"
            f"       EncodingAESKey  {self.contact_aes_key}"
        )


RULE = "  " + "-" * 30


def callback_token() -> str:
    """32 letters and digits, as WeCom takes them."""
    return "".join(secrets.choice(ALPHABET) for _ in range(32))


def callback_key() -> str:
    """An EncodingAESKey: 32 random bytes as 43 letters and digits of Base64, without its last sign."""
    while True:
        key = b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        if key.isalnum():
            return key
