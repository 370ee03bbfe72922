"""The pictures of the page in docs/pictures, made again: `make pictures`. Needs Chromium and fonts-noto-cjk."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page

from tests.demo.browser import Hands, chromium, story
from tests.demo.served import Served, served

FOLDER = Path(__file__).resolve().parents[2] / "docs/pictures"
STEPS = {"bind_successor": 1, "move_protection": 2, "replace_phone": 3, "unbind_wechat": 4, "disable_root_keys": 5}
MIDDLE = 20
"""Moves of the default story after which it is in the middle: a step approved, one waiting for approval."""


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, served(Path(folder) / "demo.db") as demo, chromium() as browser:
        page = browser.new_page(viewport={"width": 1120, "height": 680})
        page.goto(demo.address)
        taken(page, "first-screen")
        hands = Hands(page, "slack", "en", STEPS, demo.idle)
        hands.play(story()[:MIDDLE])
        taken(page, "slack")
        refused(page, hands)
        in_wecom(page, demo)
        at_the_end(page, demo)
        narrow(browser, demo)


def refused(page: Page, hands: Hands) -> None:
    """The leaver presses the admin's button."""
    page.locator("#s-trouble").click()
    page.locator("#slot-impostor").select_option("leaver")
    page.keyboard.press("Escape")
    page.locator("#slot-note .note").wait_for()
    hands.press("admin", "approve:looked", STEPS["move_protection"])
    taken(page, "refusal")


def in_wecom(page: Page, demo: Served) -> None:
    """The same case in the other look, and in Chinese."""
    page.goto(f"{demo.address}?look=wecom")
    taken(page, "wecom")
    demo.do("language", "zh-CN")
    page.set_viewport_size({"width": 1040, "height": 620})  # Chinese makes large files
    page.goto(f"{demo.address}?look=wecom")
    taken(page, "wecom-zh-CN")


def at_the_end(page: Page, demo: Served) -> None:
    demo.do("language", "en")
    page.set_viewport_size({"width": 1120, "height": 680})
    demo.do("jump", "everything_goes_well")
    demo.do("verify")
    page.goto(f"{demo.address}?look=slack")
    taken(page, "finished")


def narrow(browser: Browser, demo: Served) -> None:
    demo.do("jump", "unbound_too_early")
    page = browser.new_page(viewport={"width": 320, "height": 640})
    page.goto(f"{demo.address}?look=wecom")
    page.locator("#list-leaver .entry").last.scroll_into_view_if_needed()
    taken(page, "narrow")


def taken(page: Page, name: str) -> None:
    page.wait_for_timeout(300)
    page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
