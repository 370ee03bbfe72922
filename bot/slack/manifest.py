"""The application's manifest: what Slack is told of us, with no right that nothing uses.

One page for both ways in: over HTTP Slack calls `<public_url>/slack/events`; with Socket Mode we call Slack, and the
addresses are left out. `deploy/slack` holds both as files.

Source: docs.slack.dev/reference/app-manifest; which event needs which right: /reference/events, each by its name.
"""

from __future__ import annotations

from collections.abc import Mapping

EXAMPLE = "https://offboard.example.com"
EVENTS_PATH = "/slack/events"

SCOPES: Mapping[str, str] = {
    "chat:write": "post cards in private chats and in the admins' channel, and redraw them",
    "commands": "/offboard, and the shortcut on a message",
    "groups:history": "what admins type in the threads of their private channel; find a post whose answer was lost",
    "groups:read": "make sure that the admins' channel is private and shared with nobody",
    "im:history": "what people type to the bot in private; find a post whose answer was lost",
    "im:write": "open the private chat with somebody",
    "users:read": "names, languages, time zones, and who is a guest, an outsider or deactivated",
}
"""Right -> what it is used for."""

EVENTS: Mapping[str, str] = {
    "app_home_opened": "draw the home page",
    "app_uninstalled": "stop sending; nothing is lost",
    "channel_shared": "let the admins' channel go when another organisation can read it",
    "channel_unshared": "take it back",
    "message.groups": "threads of the admins' channel",
    "message.im": "private chats",
    "tokens_revoked": "stop sending; nothing is lost",
    "user_change": "somebody was deactivated, renamed, or moved",
}

TEXT = """\
# Offboard on Slack{way}.
# Paste it at https://api.slack.com/apps -> Create New App -> From a manifest, and install the app.
# Then set {secrets}, invite the bot to the admins' private channel,
# and run: offboard doctor --slack
_metadata:
  major_version: 2
  minor_version: 1
display_information:
  name: Offboard
  description: Walks a leaver and their admins through a handover
  background_color: "#1f3a5f"
features:
  app_home:
    home_tab_enabled: true
    # People answer by typing, too.
    messages_tab_enabled: true
    messages_tab_read_only_enabled: false
  bot_user:
    display_name: offboard
    always_online: true
  # Slash commands do not work inside threads; this does.
  shortcuts:
    - name: Show this handover
      type: message
      callback_id: open_case
      description: Shows how the handover stands that this thread belongs to
  slash_commands:
    - command: /offboard
      description: Begin or continue a handover
      usage_hint: "[@person 2026-12-04] [status] [help]"
      # People arrive as their ids, not as what somebody typed.
      should_escape: true
{command_url}oauth_config:
  scopes:
    bot:
{scopes}
settings:
  event_subscriptions:
{events_url}    bot_events:
{events}
  interactivity:
    is_enabled: true
{interactivity_url}  # One company, one workspace; the token stays the same until it is taken back.
  org_deploy_enabled: false
  socket_mode_enabled: {socket}
  token_rotation_enabled: false
"""


def manifest(public_url: str, *, socket: bool) -> str:
    """As YAML. `public_url` is how Slack reaches us, with or without a slash at its end; with `socket` it is not
    used."""
    address = f"{(public_url or EXAMPLE).rstrip('/')}{EVENTS_PATH}"
    over_socket = ", with Socket Mode: nothing of ours has to be reachable"
    secrets = "SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET"
    return TEXT.format(
        way=over_socket if socket else "",
        secrets=f"{secrets} and SLACK_APP_TOKEN (with connections:write)" if socket else secrets,
        command_url="" if socket else f"      url: {address}\n",
        events_url="" if socket else f"    request_url: {address}\n",
        interactivity_url="" if socket else f"    request_url: {address}\n",
        scopes="\n".join(f"      # {why}\n      - {scope}" for scope, why in SCOPES.items()),
        events="\n".join(f"      # {why}\n      - {event}" for event, why in EVENTS.items()),
        socket="true" if socket else "false",
    )
