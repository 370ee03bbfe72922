"""The page, played by clicks in a real browser: the default story in both looks and languages, and the promises."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from bot.demo.cast import ADMIN
from tests.demo.browser import Hands, chromium, needed, story
from tests.demo.keys import Keys
from tests.demo.served import Served, served

pytestmark = [pytest.mark.browser, needed]
STEPS = {
    "bind_successor": 1,
    "move_protection": 2,
    "replace_phone": 3,
    "unbind_wechat": 4,
    "disable_root_keys": 5,
    "delete_root_keys": 6,
    "change_password": 7,
    "end_sessions": 8,
}
H = TypeVar("H", bound=Hands)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("page") / "demo.db") as running:
        yield running


@pytest.fixture
def page(browser: Browser, demo: Served) -> Iterator[Page]:
    """A page on an empty demo; whatever it asks for is asked of this computer, and nothing goes wrong in its script."""
    demo.do("again")
    demo.do("language", "en")
    opened = browser.new_page(viewport={"width": 1280, "height": 860})
    opened.set_default_timeout(15_000)
    wrong: list[str] = []
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    opened.on("request", note)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    yield opened
    opened.close()
    assert wrong == []
    assert [url for url in asked if not url.startswith((demo.address, "data:"))] == []
    assert asked


def opened(page: Page, demo: Served, look: str = "slack", language: str = "en", query: str = "") -> Hands:
    return shown(Hands, page, demo, look, language, query)


def shown(kind: type[H], page: Page, demo: Served, look: str, language: str = "en", query: str = "") -> H:
    demo.do("language", language)
    page.goto(f"{demo.address}?look={look}{query}")
    return kind(page, look, language, STEPS, demo.idle)


@pytest.mark.parametrize(
    ("look", "language"),
    [
        ("slack", "en"),
        ("wecom", "zh-CN"),
        pytest.param("slack", "zh-CN", marks=pytest.mark.slow),
        pytest.param("wecom", "en", marks=pytest.mark.slow),
    ],
)
def test_a_whole_handover_by_clicks(page: Page, demo: Served, look: str, language: str) -> None:
    hands = opened(page, demo, look, language)

    hands.play(story())

    closed = page.locator("#list-admins .root" if look == "slack" else "#list-admin .entry.case").first
    expect(closed).to_contain_text({"en": "Closed", "zh-CN": "已结束"}[language])
    page.locator("#verify").click()
    expect(page.locator("#slot-verdict .note")).not_to_have_class("note bad")
    expect(page.locator("#list-record .fact").last).to_contain_text({"en": "closed", "zh-CN": "结束"}[language])
    expect(page.locator("html")).to_have_attribute("lang", language)


@pytest.mark.parametrize("look", ["slack", pytest.param("wecom", marks=pytest.mark.slow)])
def test_a_whole_handover_by_the_keyboard_alone(page: Page, demo: Served, look: str) -> None:
    """Tab, arrows, Enter, Space and typing, and nowhere is it far; then the record is verified the same way."""
    hands = shown(Keys, page, demo, look)

    hands.play(story())

    closed = page.locator("#list-admins .root" if look == "slack" else "#list-admin .entry.case").first
    expect(closed).to_contain_text("Closed")
    hands.verifies()
    expect(page.locator("#slot-verdict .note")).to_contain_text("Whole.")
    assert hands.strokes < 900


def test_the_slack_look_has_threads_and_the_wecom_look_has_none(page: Page, demo: Served) -> None:
    hands = opened(page, demo)
    hands.write("leaver", "/offboard")
    expect(page.locator("#thread-OFB-1 .root")).to_contain_text("Handover of Lin Wei")
    expect(page.locator("#thread-OFB-1 .composer")).to_be_visible()

    page.locator("#look-wecom").click()

    expect(page.locator("#list-admin .card")).to_contain_text("Handover of Lin Wei")
    assert page.locator(".thread").count() == 0
    assert page.locator("#pane-admins").count() == 0


def test_the_payload_that_is_shown_is_the_one_that_would_be_sent(page: Page, demo: Served) -> None:
    hands = opened(page, demo)
    hands.write("leaver", "/offboard")
    root = page.locator("#thread-OFB-1 .root")
    root.locator(".payload summary").click()
    expect(root.locator("pre")).to_contain_text('"action_id": "start"')

    page.locator("#look-wecom").click()
    card = page.locator("#list-admin .entry.case")
    card.locator(".payload summary").click()
    expect(card.locator("pre")).to_contain_text('"card_type": "button_interaction"')


def test_what_one_window_does_shows_in_the_other(page: Page, demo: Served, browser: Browser) -> None:
    hands = opened(page, demo, query="&as=leaver")
    other = browser.new_page()
    other.goto(f"{demo.address}?as=admin")
    assert page.locator(".pane").count() == 1

    hands.write("leaver", "/offboard")
    admin = Hands(other, "slack", "en", STEPS, demo.idle)
    admin.press("admin", "start")
    admin.write("admin", "2026-12-04", thread=True)

    expect(page.locator("#list-leaver")).to_contain_text("Which Tencent Cloud root accounts?")
    other.close()


def test_a_restart_in_the_middle_changes_nothing(page: Page, demo: Served) -> None:
    hands = opened(page, demo)
    moves = story()
    hands.play(moves[:14])
    expect(hands.control("successor", "confirm", 1)).to_be_visible()

    trouble(page, "restart")
    expect(page.locator("#slot-note")).to_contain_text("The chain is whole")

    hands.play(moves[14:18])
    expect(page.locator("#list-record")).to_contain_text("is done: witnessed")


def test_a_click_that_is_delivered_twice_counts_once(page: Page, demo: Served) -> None:
    hands = opened(page, demo)
    hands.write("leaver", "/offboard")
    hands.press("admin", "start")
    expect(page.locator("#list-record .fact")).to_have_count(3)

    trouble(page, "twice")

    expect(page.locator("#slot-note")).to_contain_text("Nothing was doubled")
    expect(page.locator("#list-record .fact")).to_have_count(3)


def test_an_old_button_explains_itself(page: Page, demo: Served) -> None:
    hands = opened(page, demo)
    hands.write("leaver", "/offboard")
    hands.press("admin", "start")
    expect(page.locator("#thread-OFB-1 .entry.post")).to_have_count(2)

    trouble(page, "old")

    expect(page.locator("#slot-note")).to_contain_text("pressed “Agree” on an earlier picture")
    expect(page.locator("#slot-note")).to_contain_text("No step and no answer changed")


def test_a_message_whose_answer_was_lost_is_not_sent_again(page: Page, demo: Served) -> None:
    hands = opened(page, demo)
    trouble(page, "lose")
    expect(page.locator("#slot-note")).to_contain_text("Armed")

    hands.write("leaver", "/offboard")

    expect(page.locator("#slot-note")).to_contain_text("did not send it again. Times that it was posted: 1")
    expect(page.locator("#list-admins .root")).to_have_count(1)


@pytest.mark.parametrize("look", ["slack", "wecom"])
@pytest.mark.parametrize(
    ("moves", "verb", "step"), [(1, "start", 0), (17, "approve:looked", 1)], ids=["agree", "approve"]
)
def test_the_leaver_who_clicks_what_only_an_admin_may_is_refused(
    page: Page, demo: Served, look: str, moves: int, verb: str, step: int
) -> None:
    """It says why, nothing changed, and the right person's click on the same button counts."""
    hands = opened(page, demo, look)
    hands.play(story()[:moves])
    expect(hands.control("admin", verb, step)).to_be_visible()
    before = record(demo)
    page.locator("#s-trouble").click()
    page.locator("#slot-impostor").select_option("leaver")
    page.keyboard.press("Escape")
    expect(page.locator("#slot-note")).to_contain_text("Lin Wei does it")

    hands.press("admin", verb, step)

    expect(page.locator("#slot-note")).to_contain_text("was refused")
    expect(page.locator(".entry.told.refusal")).to_contain_text("This is your own handover")
    assert [fact["kind"] for fact in record(demo)[len(before) :]] == ["refused"]
    assert record(demo)[: len(before)] == before
    expect(hands.control("admin", verb, step)).to_be_visible()

    hands.press("admin", verb, step)

    kind = {"start": "agreed", "approve:looked": "approved"}[verb]
    assert next((fact["kind"], fact["actor"]) for fact in record(demo)[len(before) + 1 :]) == (kind, ADMIN)


@pytest.mark.parametrize("look", ["slack", "wecom"])
def test_the_leavers_own_window_offers_no_decision(page: Page, demo: Served, look: str) -> None:
    hands = opened(page, demo, look)
    hands.play(story()[:17])
    page.goto(f"{demo.address}?look={look}&as=leaver")
    expect(page.locator("#list-leaver .entry.post").first).to_be_visible()
    decisions = ("start", "approve", "send_back", "waive", "successor")
    buttons = page.locator("button[data-slack], button[data-wecom]").all()
    offered = [one.get_attribute(f"data-{look}") or "" for one in buttons]
    assert [one for one in offered if any(f'"{verb}' in one or one.startswith(f"{verb}@") for verb in decisions)] == []


def test_a_story_plays_itself_and_can_be_stopped(page: Page, demo: Served) -> None:
    opened(page, demo)
    page.locator("#s-stories").click()
    page.locator("#play-nobody_answers").click()
    expect(page.locator("#slot-telling")).to_contain_text("Story, move")
    page.locator("#stop").click()
    expect(page.locator("#slot-telling")).to_be_empty()
    expect(page.locator("#thread-OFB-1")).to_be_visible()


def test_the_language_changes_at_once_and_drafts_stay(page: Page, demo: Served) -> None:
    hands = opened(page, demo)
    hands.write("leaver", "/offboard")
    expect(page.locator("#thread-OFB-1 .root")).to_contain_text("Handover of Lin Wei")
    page.locator("#say-second").evaluate("field => field.value = 'half a sentence'")

    page.locator("#l-zh").click()

    expect(page.locator("#thread-OFB-1 .root")).to_contain_text("林薇")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator("#t-1h")).to_have_text("+1 小时")
    assert page.locator("#say-second").input_value() == "half a sentence"


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_is_wider_than_the_screen(page: Page, demo: Served, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    hands = opened(page, demo)
    demo.do("jump", "unbound_too_early")
    for look in ("slack", "wecom"):
        page.goto(f"{demo.address}?look={look}")
        for role in ("leaver", "admin", "successor"):
            hands.look = look
            hands.pane(role)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{look}, {role}: {wide}"


def record(demo: Served) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(demo.get("record.json")[1])
    return found


def trouble(page: Page, kind: str) -> None:
    page.locator("#s-trouble").click()
    page.locator(f"#x-{kind}").click()
