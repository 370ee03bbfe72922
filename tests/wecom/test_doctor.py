"""The doctor says what of WeCom works, in the order of the set-up, and the mend of what does not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from bot.rows import Finding
from bot.runtime.clocks import RealClock
from bot.wecom.api import Api
from bot.wecom.crypto import keys
from bot.wecom.doctor import doctor
from bot.wecom.gate import Gate, Refused
from bot.wecom.menu import install, menu, present
from bot.wecom.quota import Quota
from bot.wecom.standin import Standin
from tests.wecom.corp import (
    AES_KEY,
    AGENT,
    CONTACT_AES_KEY,
    CONTACT_TOKEN,
    CORP,
    SECRET,
    TOKEN,
    HandClock,
    corp,
    settings,
)


@pytest.fixture
def wecom() -> Iterator[Standin]:
    with corp() as standin:
        yield standin


@contextmanager
def reached(token: str = TOKEN) -> Iterator[str]:
    """A server that answers the URL checks and has the domain file: its address."""
    clock = RealClock()
    gates = {
        "/wecom/callback": Gate("callback", keys(token, AES_KEY, CORP), clock),
        "/wecom/contacts": Gate("contacts", keys(CONTACT_TOKEN, CONTACT_AES_KEY, CORP), clock),
    }

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            try:
                said = gates[path].echo(query.encode()) if path in gates else b"abc123"
            except Refused as refused:
                self.send_response(refused.status)
                self.end_headers()
                return
            self.send_response(200)
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def examined(wecom: Standin, **more: Any) -> list[Finding]:
    found = asyncio.run(doctor(settings(**({"api_url": wecom.api_url} | more))))
    for finding in found:
        for secret in (SECRET, TOKEN, AES_KEY, CONTACT_TOKEN, CONTACT_AES_KEY, "contact-secret"):
            assert secret not in finding.what + finding.mend
        assert finding.ok is True or finding.mend or "could not" in finding.what
    return found


def wrong(found: list[Finding]) -> str:
    return "\n".join(f"{finding.what} → {finding.mend}" for finding in found if finding.ok is False)


def test_when_all_is_well_nothing_is_wrong(wecom: Standin) -> None:
    wecom.menu = menu("zh-CN")
    with reached() as address:
        found = examined(wecom, public_url=address, contact_secret=SECRET)
    assert [finding for finding in found if finding.ok is not True] == []
    assert wecom.calls["menu/create"] == 0, "it changes nothing"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"secret": "another"}, "WECOM_SECRET"),
        ({"corp_id": "wwanother"}, "Corp id is not right"),
        ({"agent_id": 1}, "301002"),
    ],
)
def test_what_was_copied_wrong_is_named_with_its_place(wecom: Standin, more: dict[str, Any], said: str) -> None:
    assert said.lower() in wrong(examined(wecom, public_url="", **more)).lower()


def test_an_address_that_is_not_trusted_is_named(wecom: Standin) -> None:
    wecom.trusted = False
    assert "203.0.113.9" in wrong(examined(wecom, public_url=""))


def test_nobody_answers(wecom: Standin) -> None:
    found = examined(wecom, public_url="", api_url="http://127.0.0.1:1/cgi-bin/")
    assert "does not answer" in wrong(found)


def test_an_admin_outside_the_visible_range_is_named(wecom: Standin) -> None:
    wecom.leave("qian")
    assert "wecom:qian" in wrong(examined(wecom, public_url=""))
    wecom.members["zhao"]["status"] = 4
    assert "wecom:zhao" in wrong(examined(wecom, public_url=""))


def test_a_server_with_another_token_is_told_from_one_that_does_not_answer(wecom: Standin) -> None:
    with reached("another") as address:
        found = examined(wecom, public_url=address)
    assert "WECOM_TOKEN" in wrong(found)
    assert "does not answer" in wrong(examined(wecom, public_url=address))


def test_a_missing_menu_is_found_and_put_there_at_a_start_and_a_companys_own_is_left_alone(wecom: Standin) -> None:
    assert "no menu" in wrong(examined(wecom, public_url=""))
    api = Api(CORP, SECRET, wecom.api_url)
    assert install(api, AGENT, "zh-CN")
    assert present(api, AGENT) == {"menu@offboard", "menu@desk", "menu@status", "menu@help"}
    wecom.menu = {"button": [{"type": "view", "name": "首页", "url": "https://example.com"}]}
    assert not install(api, AGENT, "zh-CN")
    assert "has no entry" in "\n".join(finding.what for finding in examined(wecom, public_url=""))
    api.close()


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_menus_names_fit(language: str) -> None:
    for button in menu(language)["button"]:
        assert len(button["name"].encode()) <= 16
        for below in button.get("sub_button", []):
            assert len(below["name"].encode()) <= 40


def test_the_wrong_secret_of_the_address_book_is_named(wecom: Standin) -> None:
    assert "WECOM_CONTACT_SECRET" in wrong(examined(wecom, public_url=""))


def test_a_token_that_cannot_be_one_is_named_before_anybody_is_asked(wecom: Standin) -> None:
    with reached() as address:
        assert "43 letters" in wrong(examined(wecom, public_url=address, aes_key="short"))


def test_how_much_was_sent_is_told_beside_the_days_cap(wecom: Standin) -> None:
    clock = HandClock()
    quota = Quota(clock.monotonic)
    quota.take(["lin", "sun"], 3)
    note = quota.note(clock.now().timestamp(), ended=False)
    for given, says in ((note, "6 person-times"), (None, "not known here"), (b"?", "not known here")):
        found = asyncio.run(doctor(settings(wecom.api_url), given, clock))
        assert any(says in one.what and "200 a day for each account" in one.what for one in found)
