"""The platforms' own ways of writing as HTML: Slack's mrkdwn, and the Markdown of WeCom's messages.

Only what their documents name becomes markup; everything else is escaped. Nothing that is not https becomes a link.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from markupsafe import Markup, escape

_SLACK = re.compile(
    r"<(?P<url>https://[^<>|]+)\|(?P<label>[^<>]+)>|<@(?P<member>[A-Z0-9]+)>|`(?P<code>[^`\n]+)`|\*(?P<bold>[^*\n]+)\*"
)
_WECOM = re.compile(
    r"\[(?P<label>[^\]\n]+)\]\((?P<url>https://[^)\s]+)\)|`(?P<code>[^`\n]+)`|\*\*(?P<bold>(?:[^*\n]|\*(?!\*))+)\*\*"
)
_HEAD = re.compile(r"(#{1,6}) +(.*)")

Plain = Callable[[str], str]


def mrkdwn(text: str) -> Markup:
    """A mrkdwn text object as Slack would show it."""
    return _broken(_spans(text, _SLACK, html.unescape))


def markdown(text: str) -> Markup:
    """A Markdown message as WeCom would show it: headings, quotes, bold, links and code, line by line."""
    return Markup("").join(_line(line) for line in text.split("\n"))


def _line(line: str) -> Markup:
    if head := _HEAD.fullmatch(line):
        return Markup('<div class="head">{}</div>').format(_spans(head[2], _WECOM, str))
    if line.startswith("> "):
        return Markup('<div class="quote">{}</div>').format(_spans(line[2:], _WECOM, str))
    return Markup("<div>{}</div>").format(_spans(line, _WECOM, str) or Markup("&nbsp;"))


def _broken(text: Markup) -> Markup:
    return Markup(str(text).replace("\n", "<br>"))  # noqa: S704  (escaped already)


def _spans(text: str, marks: re.Pattern[str], plain: Plain) -> Markup:
    said, at = Markup(""), 0
    for found in marks.finditer(text):
        said += escape(plain(text[at : found.start()])) + _span(found.groupdict(), marks, plain)
        at = found.end()
    return said + escape(plain(text[at:]))


def _span(found: dict[str, str | None], marks: re.Pattern[str], plain: Plain) -> Markup:
    if url := found["url"]:
        label = plain(found["label"] or url)
        return Markup('<a href="{}" target="_blank" rel="noreferrer noopener">{}</a>').format(plain(url), label)
    if code := found["code"]:
        return Markup("<code>{}</code>").format(plain(code))
    if bold := found["bold"]:
        return Markup("<strong>{}</strong>").format(_spans(bold, marks, plain))
    return Markup('<span class="member">@{}</span>').format(found.get("member") or "")
