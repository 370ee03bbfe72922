"""What a click still needs, as a form: one thing to choose or to write, and for a waiver a few words besides."""

from __future__ import annotations

from bot.core.doing import WAIVER_REASONS
from bot.playbook.card import Card, Input, Option
from bot.playbook.copy import Copy

KINDS = {"reason": "text", "date": "date", "person": "person", "waive": "choice"}
LABELS = {"successor": "name", "reassign": "reassign", "send_back": "send_back", "move": "move", "waive": "waive"}
"""Verb -> the button that is pressed for it (`buttons.…`)."""


def form_card(copy: Copy, asks: str, verb: str, ref: str) -> Card:
    """`asks`: reason, date, person or waive. The title is what the button said."""
    title, lead = copy(f"buttons.{LABELS[verb]}"), copy(f"form.{asks}")
    options = (
        tuple(Option(reason, copy(f"waiver_reasons.{reason}")) for reason in WAIVER_REASONS) if asks == "waive" else ()
    )
    hint = copy(f"form.{asks}_hint") if copy.has(f"form.{asks}_hint") else ""
    return Card(
        kind="form",
        title=title,
        summary=copy.headed(ref, copy.together(title, lead)),
        reference=ref,
        lead=lead,
        input=Input(id=asks, kind=KINDS[asks], label=lead, options=options, hint=hint),
        language=copy.language,
    )
