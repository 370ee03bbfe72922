"""A browser and a pair of hands. It does what the moves of a story say by clicking and typing, in either look."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from typing import Any

import pytest
import yaml
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from bot.demo.cast import BY_ROLE

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
# These keep Chromium from calling home, which is what the test of outside requests would find.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
needed = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium here: apt-get install chromium fonts-noto-cjk")


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def story(name: str = "everything_goes_well") -> list[dict[str, Any]]:
    with as_file(files("conversations") / "tencent_cloud/root_account/stories" / f"{name}.yaml") as path:
        moves: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))["moves"]
    return moves


class Hands:
    """Plays on a page. `steps`: the number of each step of the plan by its id. `idle` waits until all is delivered, and
    gives the change up to which the page must be: a button that is about to be redrawn is an old button."""

    def __init__(self, page: Page, look: str, language: str, steps: dict[str, int], idle: Callable[[], int]) -> None:
        self.page = page
        self.idle = idle
        self.look = look
        self.language = language
        self.steps = steps

    def play(self, moves: list[dict[str, Any]]) -> None:
        for raw in moves:
            (who, move), *_ = raw.items()
            if who == "wait":
                self.wait(move)
            elif who != "expect":
                self.move(who, move)

    def move(self, role: str, move: dict[str, Any]) -> None:
        if "writes" in move:
            self.write(role, self.said(move["writes"]), thread=move.get("thread", False))
        elif "answers" in move:
            self.answer(role, move["answers"], move["with"])
        else:
            self.press(role, move["presses"], self.steps.get(move.get("step", ""), 0))
            if "words" in move:
                self.write(role, self.said(move["words"]), thread=True)

    def said(self, text: Any) -> str:
        return str(text if isinstance(text, str) else text[self.language])

    def pane(self, role: str) -> Locator:
        """Where this person reads and writes; opened if another one hides it."""
        id = "admins" if role == "admin" and self.look == "slack" else role
        pane = self.page.locator(f"#pane-{id}")
        if not pane.is_visible():
            self.page.locator(f"[data-view={id}]:visible").click()
        return pane

    def write(self, role: str, text: str, *, thread: bool = False) -> None:
        pane = self.pane(role)
        forms = pane.locator(".thread .composer input") if thread and self.look == "slack" else None
        field = forms.last if forms is not None else pane.locator(":scope > .composer input")
        field.fill(text)
        with self.answered():
            field.press("Enter")

    def control(self, role: str, verb: str, step: int = 0) -> Locator:
        """The newest button of this kind that this person sees; `verb` may have a detail: approve:looked."""
        name, _, detail = verb.partition(":")
        within = f".entry.post[data-step='{step}']" if step else ".entry.post"
        if self.look == "wecom":
            buttons = f"button[data-wecom^='{name}@{detail}']"
        else:
            action, entry = f'"action_id": "{verb}"', f'"value": "{name}:{detail}'
            buttons = f"button[data-slack*='{action}'], {within} button[data-slack*='{entry}']"
        return self.pane(role).locator(f"{within} {buttons}").last

    def press(self, role: str, verb: str, step: int = 0) -> None:
        button = self.control(role, verb, step)
        button.wait_for(state="attached")
        if not button.is_visible():
            button.locator("xpath=ancestor::details[1]/summary").click()
        self.click(button)

    def click(self, button: Locator) -> None:
        """Click, and wait until that is on disk: what is done next must come after it."""
        with self.answered():
            button.click()

    @contextmanager
    def answered(self) -> Iterator[None]:
        with self.page.expect_response(lambda answer: answer.request.method == "POST"):
            yield
        self.page.wait_for_function("wanted => Number(document.body.dataset.seen) >= wanted", arg=self.idle())

    def pick(self, select: Locator, value: str) -> None:
        select.select_option(value)

    def tick(self, box: Locator) -> None:
        box.check()

    def wait(self, how: str) -> None:
        count, unit = re.fullmatch(r"(\d+)([hd])", how).groups()  # type: ignore[union-attr]
        for _ in range(int(count)):
            self.click(self.page.locator(f"#t-1{unit}"))

    # ------------------------------------------------------------------ answers

    def answer(self, role: str, question: str, with_: Any) -> None:
        values = [BY_ROLE[v].id if v in BY_ROLE else str(v) for v in (with_ if isinstance(with_, list) else [with_])]
        if self.look == "slack":
            self._slack(role, question, values)
        else:
            self._wecom(role, question, values)

    def _slack(self, role: str, question: str, values: list[str]) -> None:
        entry = (
            self.pane(role)
            .locator(".entry.post")
            .filter(has=self.page.locator(f"[data-slack*='answer:{question}']"))
            .last
        )
        entry.wait_for()
        direct = entry.locator(f"button[data-slack*='\"answer:{question}:{values[0]}\"']") if values else None
        if direct is not None and direct.count():
            self.click(direct)
        elif entry.locator("select").count():
            self.pick(entry.locator("select"), values[0])
            self.click(entry.locator("button[data-pick]"))
        else:
            for value in values:
                self.tick(entry.locator(f"input[value='{value}']"))
            self.click(entry.locator(f"button[data-slack*='answer:{question}:submit']"))

    def _wecom(self, role: str, question: str, values: list[str]) -> None:
        entry = (
            self.pane(role)
            .locator(".entry.post")
            .filter(has=self.page.locator(f"[data-wecom^='answer@{question}']"))
            .last
        )
        entry.wait_for()
        direct = entry.locator(f"button[data-wecom^='answer@{question}:{values[0]}@']") if values else None
        if direct is not None and direct.count():
            self.click(direct)
        elif entry.locator(".card select").count():
            self.pick(entry.locator(".card select"), values[0])
            self.click(entry.locator(f"button[data-wecom^='answer@{question}@']"))
        elif entry.locator("fieldset").count():
            for value in values:
                self.tick(entry.locator(f"input[value='{value}']"))
            self.click(entry.locator(f"button[data-wecom^='answer@{question}@']"))
        else:  # no card takes a name: it is written
            names = {part.id: part.name[self.language] for part in BY_ROLE.values()}
            self.write(role, names.get(values[0], values[0]))
