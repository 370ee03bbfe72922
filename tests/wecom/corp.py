"""A corp that is not there: settings, a clock, and a stand-in with three members."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from bot.rows import WecomSettings
from bot.wecom.standin import Standin

CORP, SECRET, AGENT = "ww1234567890abcdef", "corp-secret-canary", 1000002
TOKEN, AES_KEY = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
CONTACT_TOKEN, CONTACT_AES_KEY = "contactTokenCanary", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
STARTS = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


class HandClock:
    """A clock that is set by hand; `monotonic` goes with it."""

    def __init__(self, at: datetime = STARTS) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def goes_on(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def settings(api_url: str, **more: object) -> WecomSettings:
    given: dict[str, object] = {
        "corp_id": CORP,
        "agent_id": AGENT,
        "secret": SECRET,
        "token": TOKEN,
        "aes_key": AES_KEY,
        "contact_token": CONTACT_TOKEN,
        "contact_aes_key": CONTACT_AES_KEY,
        "contact_secret": "contact-secret-canary",
        "domain_file_name": "WW_verify_abc123.txt",
        "domain_file_text": "abc123",
        "api_url": api_url,
        "admins": ("wecom:zhao", "wecom:qian"),
        "public_url": "https://offboard.example.com",
    }
    return WecomSettings(**(given | more))  # type: ignore[arg-type]


def environment(wecom: Standin) -> dict[str, str]:
    """What a process is told, so that it works with this stand-in."""
    return {
        "WECOM_CORP_ID": CORP,
        "WECOM_AGENT_ID": str(AGENT),
        "WECOM_SECRET": SECRET,
        "WECOM_TOKEN": TOKEN,
        "WECOM_AES_KEY": AES_KEY,
        "OFFBOARD_WECOM_API_URL": wecom.api_url,
    }


@contextmanager
def corp(clock: HandClock | None = None) -> Iterator[Standin]:
    with Standin(corp=CORP, secret=SECRET, agent=AGENT, clock=clock or HandClock()) as wecom:
        for user, name in {"Lin": "林小满", "sun": "孙一", "zhao": "赵平", "qian": "钱多"}.items():
            wecom.join(user, name)
        yield wecom
