"""Where the page stands: what was said stays true, a conversation is where the case is, what is new is seen."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.demo.browser import Hands, chromium, needed, story
from tests.demo.served import Served, served

STEPS = {"bind_successor": 1, "move_protection": 2, "replace_phone": 3, "unbind_wechat": 4, "disable_root_keys": 5}
pytestmark = [pytest.mark.browser, needed]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("stands") / "demo.db") as running:
        yield running


@pytest.fixture
def page(browser: Browser, demo: Served) -> Iterator[Page]:
    demo.do("again")
    demo.do("language", "en")
    opened = browser.new_page(viewport={"width": 1280, "height": 800})
    opened.set_default_timeout(15_000)
    yield opened
    opened.close()


def top(page: Page, inside: Locator) -> float:
    """How far below the top of its conversation it begins, in pixels."""
    distance: float = inside.evaluate(
        "one => one.getBoundingClientRect().top - one.closest('.log').getBoundingClientRect().top"
    )
    return distance


def seen(inside: Locator) -> bool:
    """Whether its first line stands in what is visible of its conversation."""
    return bool(
        inside.evaluate(
            """one => {
                const [box, log] = [one, one.closest('.log')].map((it) => it.getBoundingClientRect());
                return box.top >= Math.max(log.top, 0) - 2 && box.top < Math.min(log.bottom, innerHeight);
            }"""
        )
    )


def until_seen(page: Page, inside: Locator) -> None:
    handle = inside.element_handle()
    page.wait_for_function(
        """one => {
            const [box, log] = [one, one.closest('.log')].map((it) => it.getBoundingClientRect());
            return box.top >= Math.max(log.top, 0) - 2 && box.top < Math.min(log.bottom, innerHeight);
        }""",
        arg=handle,
    )


@pytest.mark.parametrize("then", ["write", "again", "jump", "language"])
def test_what_verify_said_is_gone_as_soon_as_anything_changes(page: Page, demo: Served, then: str) -> None:
    demo.write("leaver", "/offboard")
    demo.idle()
    page.goto(demo.address)
    page.locator("#verify").click()
    expect(page.locator("#slot-verdict")).to_contain_text("Whole.")

    if then == "write":
        demo.write("leaver", "status")
    else:
        demo.do(then, {"again": "", "jump": "the_leaver_stays", "language": "zh-CN"}[then])

    expect(page.locator("#slot-verdict")).to_be_empty()


def test_from_wecom_back_to_slack_the_tab_is_open_where_the_case_is(page: Page, demo: Served) -> None:
    demo.write("leaver", "/offboard")
    demo.idle()
    page.goto(f"{demo.address}?look=wecom")
    expect(page.locator("#list-admin .entry.case")).to_be_visible()

    page.locator("#look-slack").click()

    expect(page.locator("#thread-OFB-1 .root")).to_be_visible()
    expect(page.locator("#tab-admins")).to_have_attribute("aria-pressed", "true")


def test_a_new_card_is_scrolled_into_view_and_one_who_reads_is_left_alone(page: Page, demo: Served) -> None:
    demo.do("jump", "unbound_too_early")
    page.goto(demo.address)
    log = page.locator("#pane-leaver .log")
    demo.write("leaver", "help")
    until_seen(page, page.locator("#list-leaver .entry.help").last)

    log.hover()
    page.mouse.wheel(0, -4_000)
    page.wait_for_function("log => log.scrollTop === 0", arg=log.element_handle())
    before = page.locator("#list-leaver .entry").count()
    demo.write("leaver", "help")
    expect(page.locator("#list-leaver .entry")).to_have_count(before + 2)
    assert log.evaluate("log => log.scrollTop") == 0


def test_the_record_follows_its_end(page: Page, demo: Served) -> None:
    demo.do("jump", "unbound_too_early")
    page.goto(demo.address)
    before = page.locator("#list-record .fact").count()
    demo.write("admins", "/offboard rescue")
    expect(page.locator("#list-record .fact")).not_to_have_count(before)
    until_seen(page, page.locator("#list-record .fact").last)


def test_with_two_threads_the_channel_opens_at_the_newest_message(page: Page, demo: Served) -> None:
    demo.do("jump", "unbound_too_early")
    demo.write("admins", "/offboard rescue")
    demo.write("admins", "/offboard rescue", case="OFB-1")
    demo.write("admins", "status", case="OFB-1")
    demo.idle()
    page.goto(demo.address)
    page.locator("#tab-admin").click()
    page.locator("#tab-admins").click()
    newest = page.locator("#list-admins .entry").all()
    last = max(newest, key=lambda one: int((one.get_attribute("id") or "m0")[1:]))
    assert seen(last)


def test_from_a_phone_to_a_desktop_no_pane_stands_at_its_top(page: Page, demo: Served) -> None:
    demo.do("jump", "unbound_too_early")
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(demo.address)
    page.set_viewport_size({"width": 1280, "height": 800})
    for pane in ("leaver", "admins", "successor"):
        until_seen(page, page.locator(f"#list-{pane} .entry").last)
    until_seen(page, page.locator("#list-record .fact").last)


def test_a_card_taller_than_its_pane_begins_at_its_top(page: Page, demo: Served) -> None:
    page.set_viewport_size({"width": 1000, "height": 520})
    demo.do("jump", "unbound_too_early")
    page.goto(demo.address)
    demo.write("successor", "help")
    card = page.locator("#list-successor .entry.help").last
    expect(card).to_be_visible()
    tall = card.evaluate("one => one.offsetHeight > one.closest('.log').clientHeight")
    assert tall, "the card fits: this proves nothing"
    until_seen(page, card)
    assert abs(top(page, card)) < 12


def test_on_a_phone_a_tab_opens_at_the_newest_card_under_a_small_header(page: Page, demo: Served) -> None:
    demo.do("jump", "unbound_too_early")
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(demo.address)
    assert page.locator("header.bar").evaluate("bar => bar.offsetHeight") <= 96
    for pane in ("admins", "successor", "leaver"):
        page.locator(f"#v-{pane}").click()
        newest = page.locator(f"#list-{pane} .entry").last
        until_seen(page, newest)
    about = page.locator("#pane-leaver .head p")
    assert about.evaluate("p => p.offsetHeight") < 40, "the line under the name breaks word by word"


def test_after_a_story_what_is_typed_begins_what_the_demo_begins(page: Page, demo: Served) -> None:
    demo.do("jump", "unbound_too_early")
    page.goto(demo.address)
    hands = Hands(page, "slack", "en", {}, demo.idle)
    hands.write("admin", "/offboard rescue")
    opened = [fact for fact in json.loads(demo.get("record.json")[1]) if fact["kind"] == "opened"]
    assert [pin["name"] for pin in opened[-1]["pins"]] == ["tencent_cloud/rescue"]


def test_what_was_answered_stays_when_the_language_changes(page: Page, demo: Served) -> None:
    demo.write("leaver", "help")
    page.goto(demo.address)
    expect(page.locator("#list-leaver .entry.help")).to_have_count(1)
    english = page.locator("#list-leaver .entry.help").inner_text()

    page.locator("#l-zh").click()

    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator("#list-leaver .entry.help")).to_have_count(1)
    assert page.locator("#list-leaver .entry.help").inner_text() != english


def test_a_list_in_which_nothing_is_chosen_answers_nothing(page: Page, demo: Served) -> None:
    page.goto(f"{demo.address}?look=wecom")
    hands = Hands(page, "wecom", "en", STEPS, demo.idle)
    entries = page.locator(".entry.post:has(.card select):has(button[data-wecom]:not(:disabled))")
    for move in story():
        if entries.count():
            break
        hands.play([move])
    select = entries.last.locator("select")
    expect(select).to_have_value("")
    before = demo.get("record.json")[1]

    entries.last.locator("button[data-wecom^='answer@']").last.click()

    expect(page.locator("#slot-note")).to_contain_text("Choose something")
    assert demo.get("record.json")[1] == before


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_header_is_one_row_on_every_desktop(page: Page, demo: Served, language: str) -> None:
    demo.do("language", language)
    for width in (1280, 1240, 1100, 1024):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(demo.address)
        tops = page.locator(".bar .controls > *").evaluate_all(
            "all => all.map((one) => one.getBoundingClientRect().top)"
        )
        assert max(tops) - min(tops) < 6, f"{width}: {tops}"


def test_an_alarm_is_no_weaker_than_what_stands_around_it(page: Page, demo: Served) -> None:
    demo.do("jump", "unbound_too_early")
    page.goto(demo.address)
    alarm = page.locator("#list-leaver .entry.alarm h3").first
    faint = page.locator("#list-leaver .entry.receipt h3").first
    colour = "one => getComputedStyle(one).color"
    assert alarm.evaluate(colour) != faint.evaluate(colour)
    assert int(alarm.evaluate("one => getComputedStyle(one).fontWeight")) >= 700
