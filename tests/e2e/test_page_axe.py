"""axe-core on every screen of the page, in both looks and languages: nothing serious, nothing critical."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.demo.browser import chromium, needed
from tests.demo.served import Served, served

# `make axe` fetches it with npm, beside the virtual environment, which git ignores.
AXE = Path(__file__).resolve().parents[2] / ".venv/axe-core/axe.min.js"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.node,
    needed,
    pytest.mark.skipif(not AXE.exists(), reason="axe-core is not here: make axe (needs npm)"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("axe") / "demo.db") as running:
        yield running


SCREENS = ("empty", "the_leaver_stays", "unbound_too_early", "everything_goes_well", "a_leaver_tries_everything")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("screens", [("empty", "everything_goes_well"), pytest.param(SCREENS, marks=pytest.mark.slow)])
def test_every_screen_is_fit_for_everybody(
    browser: Browser, demo: Served, screens: tuple[str, ...], language: str
) -> None:
    """At the beginning and at the end; at length in five stories, in every conversation, and behind every click."""
    demo.do("again")
    demo.do("language", language)
    found: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 860}, bypass_csp=True)
    for screen in screens:
        if screen != "empty":
            demo.do("jump", screen)
        for look in ("slack", "wecom"):
            page.set_viewport_size({"width": 1280, "height": 860})
            page.goto(f"{demo.address}?look={look}")
            found += [f"{screen}, {look}: {line}" for line in serious(page)]
            if screen == "unbound_too_early":
                found += _everywhere(page, look)
    if screens == SCREENS:
        found += _opened(page, demo)
    page.close()
    assert found == []


def _everywhere(page: Page, look: str) -> list[str]:
    """Every conversation: those behind a tab, and all of them on a narrow screen."""
    found = []
    for width, tabs in ((1280, ".tabs [data-view]"), (320, ".views [data-view]")):
        page.set_viewport_size({"width": width, "height": 860})
        page.goto(page.url)
        assert page.locator(tabs).count() > 1
        for tab in page.locator(tabs).all():
            tab.click()
            name = tab.get_attribute("data-view")
            assert page.locator(f"#pane-{name}").is_visible()
            found += [f"{look}, {width} px, {name}: {line}" for line in serious(page)]
    return found


def _opened(page: Page, demo: Served) -> list[str]:
    """What stands behind a click: the menus, the question, a payload, a narrow screen, one pane alone."""
    found = []
    for selector in ("#s-stories", "#s-trouble"):
        page.locator(selector).click()
        found += [f"{selector}: {line}" for line in serious(page)]
    page.locator("#x-again").click()
    found += [f"dialog: {line}" for line in serious(page)]
    page.locator("#ask-no").click()
    page.locator(".payload summary").first.click()
    page.locator("#verify").click()
    found += [f"payload: {line}" for line in serious(page)]
    page.set_viewport_size({"width": 320, "height": 700})
    for query in ("look=slack", "look=wecom", "look=slack&as=admin", "look=wecom&as=leaver"):
        page.goto(f"{demo.address}?{query}")
        found += [f"320 px, {query}: {line}" for line in serious(page)]
    return found


def serious(page: Page) -> list[str]:
    page.add_script_tag(path=AXE)
    report: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']} ({one['impact']}): {one['nodes'][0]['target']} and {len(one['nodes']) - 1} more"
        for one in report["violations"]
        if one["impact"] in ("serious", "critical")
    ]
