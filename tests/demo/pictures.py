"""The pictures in docs/pictures, made again: `make pictures`. Needs Chromium and fonts-noto-cjk.

The page as it is played, and five cards one by one, in both languages, as both platforms would show them.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Locator, Page

from tests.demo.browser import Hands, chromium, story
from tests.demo.served import Served, served

FOLDER = Path(__file__).resolve().parents[2] / "docs/pictures"
STEPS = {"bind_successor": 1, "move_protection": 2, "replace_phone": 3, "unbind_wechat": 4, "disable_root_keys": 5}
EARLY = {"bind_successor": 1, "unbind_wechat": 2, "unbind_qq": 3}
"""The plan of the story in which somebody unbinds too early."""

LOOKS, LANGUAGES = ("slack", "wecom"), ("en", "zh-CN")
CARDS = ("question", "step", "approval", "alarm", "receipt")
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
        cards(browser, demo)


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


def cards(browser: Browser, demo: Served) -> None:
    """Each state is played once, in English and as Slack, and then looked at in every language and look."""
    page = browser.new_page(viewport={"width": 1280, "height": 1400})
    moves = story()
    hands = begun(page, demo, STEPS)
    hands.play(moves[:5])
    seen(page, demo, "question", "leaver")
    hands = begun(page, demo, STEPS)
    hands.play(moves[: MIDDLE - 1])
    seen(page, demo, "step", "leaver", STEPS["move_protection"])
    hands = begun(page, demo, STEPS)
    hands.play(moves[:MIDDLE])
    seen(page, demo, "approval", "admin", STEPS["move_protection"])
    early = story("unbound_too_early")
    early[1] = {"leaver": {"writes": early[1]["leaver"]["with"]}}  # a number is typed
    hands = begun(page, demo, EARLY)
    hands.play(early[: 1 + next(at for at, move in enumerate(early) if at > 1 and "writes" in move.get("leaver", {}))])
    seen(page, demo, "alarm", "admin")
    demo.do("language", "en")
    demo.do("jump", "everything_goes_well")
    seen(page, demo, "receipt", "leaver")


def begun(page: Page, demo: Served, steps: dict[str, int]) -> Hands:
    demo.do("language", "en")
    demo.do("again")
    page.goto(f"{demo.address}?look=slack")
    return Hands(page, "slack", "en", steps, demo.idle)


def seen(page: Page, demo: Served, name: str, role: str, step: int = 0) -> None:
    """The newest message of this person's, or the newest about this step, four times."""
    for language in LANGUAGES:
        demo.do("language", language)
        for look in LOOKS:
            page.goto(f"{demo.address}?look={look}")
            pane = Hands(page, look, language, {}, demo.idle).pane(role)
            shot(pane.locator(f".entry.post[data-step='{step}']" if step else ".entry.post").last, name, look, language)


def shot(entry: Locator, name: str, look: str, language: str) -> None:
    entry.scroll_into_view_if_needed()
    entry.page.wait_for_timeout(200)
    entry.screenshot(path=FOLDER / f"card-{name}-{look}-{language}.png")


def taken(page: Page, name: str) -> None:
    page.wait_for_timeout(300)
    page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
