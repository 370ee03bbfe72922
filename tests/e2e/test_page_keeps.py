"""What the page keeps: the focus, what was typed and ticked, the look that was asked for, a story that is played."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.demo.browser import Hands, chromium, needed, story
from tests.demo.served import Served, served

pytestmark = [pytest.mark.browser, needed]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("keeps") / "demo.db", pause=0.3) as running:
        yield running


@pytest.fixture
def page(browser: Browser, demo: Served) -> Iterator[Page]:
    demo.do("again")
    demo.do("language", "en")
    opened = browser.new_page(viewport={"width": 1280, "height": 860})
    opened.set_default_timeout(15_000)
    yield opened
    opened.close()


def focus(page: Page) -> str:
    at: str = page.evaluate("document.activeElement.id || document.activeElement.tagName")
    return at


def press(page: Page, selector: str) -> None:
    page.locator(selector).focus()
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.keyboard.press("Enter")


def settled(page: Page, demo: Served) -> None:
    page.wait_for_function("wanted => Number(document.body.dataset.seen) >= wanted", arg=demo.idle())


def test_the_focus_stays_when_what_began_something_is_gone(page: Page, demo: Served) -> None:
    page.goto(demo.address)
    press(page, "#begin")
    expect(page.locator("#list-leaver .entry").first).to_be_visible()
    assert focus(page) == "log-leaver"


def test_the_focus_stays_when_a_story_begins_and_when_one_is_jumped_to(page: Page, demo: Served) -> None:
    page.goto(demo.address)
    press(page, "#watch")
    expect(page.locator("#slot-telling")).not_to_be_empty()
    assert focus(page) == "log-leaver"
    demo.do("stop")

    page.locator("#s-stories").focus()
    page.keyboard.press("Enter")
    page.locator("#jump-the_leaver_stays").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#ask-yes")).to_be_visible()
    page.locator("#ask-yes").focus()
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.keyboard.press("Enter")
    settled(page, demo)
    assert focus(page) == "s-stories"


def test_the_focus_stays_when_everything_is_begun_again(page: Page, demo: Served) -> None:
    demo.write("leaver", "/offboard")
    page.goto(demo.address)
    page.locator("#s-trouble").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#x-again")).to_be_visible()
    page.locator("#x-again").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#ask-yes")).to_be_visible()
    page.locator("#ask-yes").focus()
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.keyboard.press("Enter")
    settled(page, demo)
    expect(page.locator("#list-leaver .entry")).to_have_count(0)
    assert focus(page) == "s-trouble"


def test_ticks_and_drafts_outlive_the_language_and_the_look(page: Page, demo: Served) -> None:
    page.goto(demo.address)
    hands = Hands(page, "slack", "en", {}, demo.idle)
    moves = iter(story())
    boxes = page.locator("#list-leaver .entry.post fieldset input[value='phone']")
    while not boxes.count():
        hands.play([next(moves)])
    boxes.last.check()
    page.locator("#say-admins").evaluate("field => field.value = 'half a sentence'")

    for click in ("#l-zh", "#look-wecom", "#look-slack", "#l-en"):
        page.locator(click).click()
        expect(page.locator(f"{click}[aria-pressed=true], {click}[aria-current]")).to_be_visible()
        expect(boxes.last).to_be_checked()

    assert page.locator("#say-admins").input_value() == "half a sentence"


def test_a_look_that_is_asked_for_while_the_page_is_fetched_is_the_one_that_is_shown(page: Page, demo: Served) -> None:
    demo.write("leaver", "/offboard")
    demo.idle()
    page.goto(f"{demo.address}?look=wecom")
    held: list[Route] = []
    asked = threading.Event()

    def hold(route: Route) -> None:
        if held:
            route.continue_()
            return
        held.append(route)
        asked.set()

    page.route("**/?look=wecom", hold)
    demo.do("language", "zh-CN")
    page.wait_for_function("() => true")
    for _ in range(100):
        if asked.is_set():
            break
        page.wait_for_timeout(20)
    page.locator("#look-slack").click()
    held[0].continue_()

    expect(page.locator("body")).to_have_attribute("data-look", "slack")
    expect(page.locator("#thread-OFB-1")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_a_page_that_cannot_be_drawn_leaves_what_is_there(page: Page, demo: Served) -> None:
    demo.write("leaver", "/offboard")
    demo.idle()
    page.goto(f"{demo.address}?look=slack")
    page.route("**/?look=slack", lambda route: route.fulfill(status=500, body="Internal Server Error"))
    demo.do("language", "zh-CN")
    expect(page.locator("#slot-note")).to_contain_text("cannot be drawn just now")
    expect(page.locator("#thread-OFB-1 .root")).to_be_visible()


@pytest.mark.parametrize(("language", "busy"), [("en", "A story is being played"), ("zh-CN", "正在播放故事")])
def test_a_story_is_not_disturbed_and_says_where_it_was_stopped(
    page: Page, demo: Served, language: str, busy: str
) -> None:
    demo.do("language", language)
    page.goto(demo.address)
    page.locator("#watch").click()
    expect(page.locator("#slot-telling")).not_to_be_empty()

    page.locator("#say-leaver").fill("help")
    page.locator("#say-leaver").press("Enter")
    expect(page.locator("#slot-note")).to_contain_text(busy)
    expect(page.locator("#say-leaver")).to_have_value("help")
    page.locator("#l-zh" if language == "en" else "#l-en").click()
    expect(page.locator("#slot-note")).to_contain_text(busy)
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("#slot-telling")).not_to_be_empty()

    page.locator("#stop").click()
    expect(page.locator("#slot-note")).to_contain_text({"en": "was stopped after move", "zh-CN": "故事停在"}[language])


def test_what_the_wrong_person_writes_stands_where_it_was_written(page: Page, demo: Served) -> None:
    page.goto(demo.address)
    demo.do("be", "second")
    hands = Hands(page, "slack", "en", {}, demo.idle)
    hands.write("leaver", "done")
    expect(page.locator("#list-leaver .entry.typed")).to_contain_text("Han Bo")
    expect(page.locator("#slot-note")).to_contain_text("nothing came of it")


def test_what_is_delivered_twice_is_a_click(page: Page, demo: Served) -> None:
    demo.write("leaver", "/offboard")
    demo.do("trouble", "twice")
    page.goto(demo.address)
    expect(page.locator("#slot-note")).to_contain_text("Nothing has been clicked yet")


def test_an_old_button_can_still_be_pressed_in_the_other_language(page: Page, demo: Served) -> None:
    page.goto(demo.address)
    hands = Hands(page, "slack", "en", {}, demo.idle)
    hands.write("leaver", "/offboard")
    hands.press("admin", "start")
    demo.idle()
    demo.do("language", "zh-CN")
    demo.do("trouble", "old")
    expect(page.locator("#slot-note")).to_contain_text("旧卡片上点击“同意")


def test_time_can_be_moved_to_the_next_reminder_and_to_the_last_day(page: Page, demo: Served) -> None:
    page.goto(demo.address)
    Hands(page, "slack", "en", {}, demo.idle).play(story()[:10])
    before = page.locator("#slot-clock").inner_text()
    entries = page.locator(".entry").count()

    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.locator("#t-next").click()
    settled(page, demo)
    assert page.locator("#slot-clock").inner_text() != before
    assert page.locator(".entry").count() > entries

    (case,) = cases(demo)
    last = case.last_day
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.locator("#t-last").click()
    settled(page, demo)
    expect(page.locator("#slot-clock")).to_contain_text(f"{last.day} {last:%b}")
    assert "nudged" in [fact["kind"] for fact in json.loads(demo.get("record.json")[1])]


def cases(demo: Served) -> list[Any]:
    return demo.site.play.house.cases()
