"""WeCom (企业微信): everything that knows what WeCom is. `cards` draws, `look` shows what was drawn."""
