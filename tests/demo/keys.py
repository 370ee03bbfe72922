"""The same player as browser.py without a mouse: Tab, Shift+Tab, arrows, Enter, Space and typing, nothing else."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator

from tests.demo.browser import Hands

MOST = 40
"""Strokes to anywhere: more would be no fun."""


class Keys(Hands):
    """Every look at the page only asks where the focus is and what stands where. `strokes` counts the keys."""

    strokes = 0

    def key(self, name: str) -> None:
        self.page.keyboard.press(name)
        self.strokes += 1

    def focused(self, wanted: Locator) -> bool:
        return bool(wanted.evaluate("wanted => document.activeElement === wanted"))

    def within(self, wanted: Locator, whole: str) -> bool:
        """Whether the focus is in the same `whole` (a selector) as what is wanted."""
        return bool(
            wanted.evaluate("(wanted, whole) => document.activeElement.closest(whole) === wanted.closest(whole)", whole)
        )

    def until(self, key: str, there: Callable[[], bool]) -> None:
        """Press a key until something is so."""
        for _ in range(MOST):
            if there():
                return
            self.key(key)
        at = self.page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        raise AssertionError(f"{MOST} times {key} do not lead there; the focus is on {at}")

    # ------------------------------------------------------------------ ways

    def pane(self, role: str) -> Locator:
        """Go to its conversation."""
        id = "admins" if role == "admin" and self.look == "slack" else role
        self._go(self.page.locator(f"#pane-{id}"))
        return self.page.locator(f"#pane-{id}")

    def _go(self, pane: Locator) -> None:
        log = pane.locator(".log")
        free = "document.activeElement.matches('.log, .log *:not(input, select, pre)')"
        if self.within(log, ".pane"):
            self.until("Shift+Tab", lambda: self.within(log, ".log") and self.page.evaluate(free))
        else:
            self.until("Tab", lambda: self.page.evaluate(free))
            self.until("ArrowRight", lambda: self.within(log, ".pane"))

    def reach(self, control: Locator) -> None:
        """In a message: up to the message, then into it."""
        if not self.within(control, ".entry"):
            self._go(control.locator("xpath=ancestor::section[1]"))
            self.message(control)
        ahead = control.evaluate("wanted => Boolean(document.activeElement.compareDocumentPosition(wanted) & 4)")
        self.until("Tab" if ahead else "Shift+Tab", lambda: self.focused(control))

    def message(self, inside: Locator) -> None:
        """From anywhere in the conversation to the message of something."""
        below = inside.evaluate(
            "wanted => Boolean(document.activeElement.closest('.entry')?.compareDocumentPosition(wanted) & 4)"
        )
        self.until("ArrowDown" if below else "ArrowUp", lambda: self.within(inside, ".entry"))

    def write(self, role: str, text: str, *, thread: bool = False) -> None:
        pane = self.pane(role)
        forms = pane.locator(".thread .composer input") if thread and self.look == "slack" else None
        field = forms.last if forms is not None else pane.locator(":scope > .composer input")
        entries = pane.locator(".entry")
        if entries.count():
            self.message(entries.last)
        self.until("Tab", lambda: self.focused(field))
        self.page.keyboard.type(text)
        with self.answered():
            self.key("Enter")
        assert self.focused(field), "the focus is lost after a message was sent"

    def press(self, role: str, verb: str, step: int = 0) -> None:
        button = self.control(role, verb, step)
        button.wait_for(state="attached")
        if not button.is_visible():
            self.reach(button.locator("xpath=ancestor::details[1]/summary"))
            self.key("Enter")
        self.click(button)

    def click(self, button: Locator) -> None:
        if button.locator("xpath=ancestor::header").count():
            self._to_the_bar(button)
        else:
            self.reach(button)
        with self.answered():
            self.key("Space")
        lost = self.page.evaluate("document.activeElement === document.body")
        assert not lost, "the focus is lost after a button was pressed"

    def _to_the_bar(self, button: Locator) -> None:
        if not self.within(button, "header"):
            self._go(self.page.locator(".pane").first)
            self.until("Shift+Tab", lambda: self.within(button, "header"))
        self.until("Shift+Tab", lambda: self.focused(button))

    def pick(self, select: Locator, value: str) -> None:
        self.reach(select)
        for key in ("ArrowDown", "ArrowUp"):
            before: str | None = None
            while (now := select.input_value()) not in (value, before):
                before = now
                self.key(key)
        assert select.input_value() == value

    def tick(self, box: Locator) -> None:
        self.reach(box)
        self.key("Space")
        assert box.is_checked()

    def verifies(self) -> None:
        """The record is a conversation like the others; its button stands before it."""
        record = self.page.locator("#pane-record")
        self._go(record)
        self.until("Shift+Tab", lambda: self.focused(record.locator("#verify")))
        with self.answered():
            self.key("Enter")
