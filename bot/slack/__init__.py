"""Slack: everything that knows what Slack is. `blocks` draws, `look` shows what was drawn."""
