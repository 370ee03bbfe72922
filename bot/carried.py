"""A demo that is carried on: where its clock stands, and its messages as they were."""

from __future__ import annotations

from datetime import datetime

from bot.demo.board import Board, Shown
from bot.demo.lines import buttons
from bot.playbook.card import Card
from bot.ports import Message, PostRow, Reads
from bot.runtime import codec
from bot.runtime.drawing import Drawer, Then


def newest(reads: Reads) -> datetime | None:
    """The time of the newest fact or message: a demo that is carried on goes on from there."""
    times = [codec.fact(facts[-1].data).at for row in reads.cases() if (facts := reads.facts(row.ref))]
    return max([*times, *(post.drawn_at for post in _posts(reads) if post.drawn_at)], default=None)


def _posts(reads: Reads) -> list[PostRow]:
    """Every message, in the order in which they came."""
    refs = ("", *(row.ref for row in reads.cases()))
    return sorted((post for ref in refs for post in reads.posts(ref)), key=lambda post: post.posted)


def restore(reads: Reads, drawer: Drawer, board: Board) -> None:
    """Put the messages of an earlier run back on the board: in their order, each as it was when it was last drawn."""
    for post in _posts(reads):
        now = _as_drawn(reads, drawer, post, _then(post.drawn, post.drawn_at))
        if now is None:
            continue
        message, first = Message(place=post.place, id=post.message), now
        if redrawn := (post.began, post.posted_at) != (post.drawn, post.drawn_at):
            first = _as_drawn(reads, drawer, post, _then(post.began, post.posted_at)) or now
        board.restore(
            Shown(
                message,
                post.lane,
                post.case,
                post.to,
                now,
                drawer.names(reads, now) | drawer.names(reads, first),
                was=first if redrawn else None,
                first=first,
                older=(first,) if redrawn and buttons(first) else (),
                at=post.posted_at,
            )
        )


def _as_drawn(reads: Reads, drawer: Drawer, post: PostRow, then: Then | None) -> Card | None:
    posted = drawer.posted(reads, post.case, post.lane, post.to, codec.said(post.effect).view, then)
    return posted.card if posted is not None else None


def _then(facts: int, at: datetime | None) -> Then | None:
    """The moment of a drawing; None for a message of a version that kept none: it is drawn as things stand."""
    return Then(facts, at) if at is not None else None
