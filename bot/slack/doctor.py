"""What `offboard doctor --slack` looks at: the forms of the secrets, the token and its rights, the clock, the admins'
channel, the admins themselves, and whether private chats are open. It changes nothing, and raises nothing.

Sources: docs.slack.dev/authentication/tokens (xoxb, xapp), /reference/methods/auth.test (the header `x-oauth-scopes`),
/authentication/verifying-requests-from-slack (five minutes).
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp

from bot.errors import ChatError, Gone, PortError
from bot.rows import Finding, SlackSettings
from bot.slack.channel import AdminChannel
from bot.slack.codes import code_of
from bot.slack.directory import SlackDirectory
from bot.slack.gate import OLDEST
from bot.slack.line import Itself, Line
from bot.slack.manifest import SCOPES

SECRET = re.compile(r"[0-9a-f]{32}")
BOT_TOKEN = re.compile(r"xoxb-[0-9A-Za-z-]{10,}")
APP_TOKEN = re.compile(r"xapp-[0-9A-Za-z-]{10,}")
CHANNEL = re.compile(r"[CG][0-9A-Z]{6,}")
MOST_SKEW = OLDEST / 5

MENDS = {
    "channel_unchecked": "Add the right groups:read, and install the app again.",
    "public_channel": "Make it private, or name another channel in OFFBOARD_SLACK_ADMIN_CHANNEL.",
    "shared_channel": "Name a private channel of your own company in OFFBOARD_SLACK_ADMIN_CHANNEL.",
    "is_archived": "Restore it, or name another channel in OFFBOARD_SLACK_ADMIN_CHANNEL.",
    "not_in_channel": "Invite the bot there: /invite @offboard",
    "channel_not_found": "Check OFFBOARD_SLACK_ADMIN_CHANNEL, and invite the bot there: /invite @offboard",
}
WORDS = {
    "channel_unchecked": "The bot has no right to look at the admin channel.",
    "public_channel": "The admin channel is public.",
    "shared_channel": "The admin channel is shared with another organisation.",
    "is_archived": "The admin channel is archived.",
    "not_in_channel": "The bot is not a member of the admin channel.",
    "channel_not_found": "The admin channel is not there, or the bot cannot see it.",
}

Now = Callable[[], datetime]


def _wall() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)  # noqa: TID251  the doctor compares this machine's clock


async def doctor(settings: SlackSettings, *, now: Now = _wall) -> list[Finding]:
    """One finding for each thing that was looked at."""
    found = list(forms(settings))
    line = Line(settings.bot_token, settings.api_url, time.monotonic)
    await line.open()
    try:
        found.append(await _clock(line, settings.api_url, now))
        async for finding in _asked(settings, line):
            found.append(finding)
    except (PortError, OSError, ValueError) as error:
        found.append(Finding(None, f"Slack could not be asked everything ({type(error).__name__}).", "Try again."))
    finally:
        await line.close()
    return found


def forms(settings: SlackSettings) -> list[Finding]:
    """Whether the secrets look like what they are meant to be. Nothing of them is said."""
    where = "It stands at api.slack.com/apps, on the page"
    mend = f"{where} OAuth & Permissions; it begins with xoxb-."
    found = [_form("SLACK_BOT_TOKEN", BOT_TOKEN, settings.bot_token, mend)]
    if settings.signing_secret or not settings.app_token:
        mend = f"{where} Basic Information: 32 digits and letters a-f. It is not the client secret and not a token."
        found.append(_form("SLACK_SIGNING_SECRET", SECRET, settings.signing_secret, mend))
    if settings.app_token:
        mend = f"{where} Basic Information, App-Level Tokens, with connections:write; it begins with xapp-."
        found.append(_form("SLACK_APP_TOKEN", APP_TOKEN, settings.app_token, mend))
    elif not settings.public_url:
        mend = "Set OFFBOARD_PUBLIC_URL, or SLACK_APP_TOKEN for Socket Mode."
        found.append(Finding(False, "Slack has no way to reach us.", mend))
    if settings.admin_channel:
        mend = "It is the id that stands at the end of the channel's details, not its name."
        found.append(_form("OFFBOARD_SLACK_ADMIN_CHANNEL", CHANNEL, settings.admin_channel, mend))
    else:
        mend = "Set OFFBOARD_SLACK_ADMIN_CHANNEL to the id of a private channel."
        found.append(Finding(False, "No admin channel is named, so nobody is asked to approve.", mend))
    return found


def _form(name: str, form: re.Pattern[str], value: str, mend: str) -> Finding:
    good = form.fullmatch(value) is not None
    return Finding(good, f"{name} {'has' if good else 'has not'} the right form.", "" if good else mend)


async def _clock(line: Line, api_url: str, now: Now) -> Finding:
    """Our clock beside Slack's, which stands in the header Date of any answer."""
    try:
        async with line.session.post(f"{api_url}api.test") as answer:
            said = parsedate_to_datetime(answer.headers.get("Date", ""))
    except (aiohttp.ClientError, TimeoutError, OSError):
        return Finding(False, f"Slack was not reached at {api_url}.", "Check the network, and OFFBOARD_SLACK_API_URL.")
    except (ValueError, TypeError):
        return Finding(None, "Slack did not say what time it is.")
    skew = abs((now() - said).total_seconds())
    if skew > MOST_SKEW:
        mend = f"Set the clock (NTP). From {OLDEST} seconds on everything that Slack sends is refused."
        return Finding(False, f"This machine's clock is {skew:.0f} seconds away from Slack's.", mend)
    return Finding(True, "This machine's clock is right.")


async def _asked(settings: SlackSettings, line: Line) -> AsyncIterator[Finding]:
    try:
        itself = await line.look()
    except ChatError as error:
        mend = "Install the app again at api.slack.com/apps and set its new bot token."
        yield Finding(False, f"Slack does not take the bot token ({code_of(error)}).", mend)
        return
    yield Finding(True, f"The bot token is taken, in the workspace {itself.name or itself.team}.")
    yield _bot(itself)
    for finding in _rights(itself):
        yield finding
    if settings.admin_channel:
        yield await _channel(settings, line)
    async for finding in _people(settings, line, itself):
        yield finding
    if settings.app_token:
        yield await _socket(settings, line)


def _bot(itself: Itself) -> Finding:
    if itself.bot:
        return Finding(True, "It is the token of a bot.")
    return Finding(False, "It is not the token of a bot.", "Take the Bot User OAuth Token, which begins with xoxb-.")


def _rights(itself: Itself) -> list[Finding]:
    if not itself.scopes:
        return [Finding(None, "Slack did not say what the token may do.")]
    mend = "Add it at OAuth & Permissions (or paste the manifest again), then install the app again."
    lacking = [
        Finding(False, f"The right {scope} is missing: {why}.", mend)
        for scope, why in SCOPES.items()
        if scope not in itself.scopes
    ]
    return lacking or [Finding(True, "The token has every right that is used.")]


async def _channel(settings: SlackSettings, line: Line) -> Finding:
    channel = AdminChannel(settings.admin_channel, line, time.monotonic)
    try:
        wrong = await channel.look()
    except ChatError as error:
        return Finding(None, f"The admin channel could not be looked at ({code_of(error)}).", "Try again.")
    if wrong:
        return Finding(False, WORDS[wrong], MENDS[wrong])
    return Finding(True, "The admin channel is private, shared with nobody, and the bot is a member.")


async def _people(settings: SlackSettings, line: Line, itself: Itself) -> AsyncIterator[Finding]:
    """The admins: of this workspace, members, and to be reached in private."""
    directory = SlackDirectory(line)
    ours = [admin for admin in settings.admins if directory.serves(admin)]
    for number, admin in enumerate(ours):
        try:
            standing = (await directory.look_up(admin)).standing
        except Gone:
            mend = f"Check OFFBOARD_ADMINS. This token belongs to the workspace {itself.name or itself.team}."
            yield Finding(False, f"The admin {admin} is nobody's id in this workspace.", mend)
            continue
        except ChatError as error:
            yield Finding(None, f"The admin {admin} could not be looked up ({code_of(error)}).", "Try again.")
            continue
        if standing != "member":
            mend = "Only members of this workspace can be admins: check OFFBOARD_ADMINS, and whose token this is."
            yield Finding(False, f"The admin {admin} is no member here ({standing}).", mend)
        elif number == 0:
            yield await _private(line, admin)


async def _private(line: Line, person: str) -> Finding:
    """Whether people can be written to. A message without any words is tried: Slack takes none, and says why not."""
    try:
        opened = await line.do("conversations.open", users=person.removeprefix("slack:"))
        await line.do("chat.postMessage", channel=opened["channel"]["id"], text="")
    except ChatError as error:
        code = code_of(error)
        if code == "messages_tab_disabled":
            mend = "Open it at App Home: Messages Tab, with messages from users allowed."
            return Finding(False, "The Messages tab is closed, so nobody can be written to.", mend)
        if code != "no_text":
            mend = "Check that this person is active and can see the app."
            return Finding(False, f"The private chat with {person} cannot be opened ({code}).", mend)
    except (KeyError, TypeError):
        return Finding(None, "Slack's answer about private chats could not be read.")
    return Finding(True, "People can be written to in private.")


async def _socket(settings: SlackSettings, line: Line) -> Finding:
    apart = Line(settings.app_token, settings.api_url, time.monotonic)
    await apart.open()
    try:
        await apart.do("apps.connections.open")
    except ChatError as error:
        mend = "Make an app-level token with connections:write, and switch Socket Mode on."
        return Finding(False, f"Socket Mode cannot be opened ({code_of(error)}).", mend)
    finally:
        await apart.close()
    return Finding(True, "Socket Mode can be opened.")
