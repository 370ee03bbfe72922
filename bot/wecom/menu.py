"""The app's menu: three words that everybody can press, for clients that draw no cards too.

Names are at most 16 bytes at the top and 40 below (developer.work.weixin.qq.com/document/path/90231).
"""

from __future__ import annotations

from bot.wecom.api import Api, Json, Refused

NO_MENU = 46003
NAMES = {
    "zh-CN": {"offboard": "离职交接", "desk": "等我处理", "more": "更多", "status": "进度", "help": "帮助"},
    "en": {"offboard": "Handover", "desk": "For me", "more": "More", "status": "Status", "help": "Help"},
}


def menu(language: str) -> Json:
    names = NAMES.get(language, NAMES["en"])
    below = [{"type": "click", "name": names[key], "key": f"menu@{key}"} for key in ("status", "help")]
    top = [{"type": "click", "name": names[key], "key": f"menu@{key}"} for key in ("offboard", "desk")]
    return {"button": [*top, {"name": names["more"], "sub_button": below}]}


def keys_in(found: Json) -> set[str]:
    """The keys of a menu, as `menu/get` gives it."""
    keys: set[str] = set()
    for button in found.get("button", []):
        keys |= {str(one["key"]) for one in (button, *button.get("sub_button", [])) if "key" in one}
    return keys


def present(api: Api, agent: int) -> set[str] | None:
    """The keys of the menu that stands there; None when there is none. Raises Refused, Unreached, Unanswered."""
    try:
        return keys_in(api.get("menu/get", agentid=str(agent)))
    except Refused as refused:
        if refused.code == NO_MENU:
            return None
        raise


def install(api: Api, agent: int, language: str) -> bool:
    """Puts ours there when there is none: one call at a start, two at the first. Whether it did."""
    if present(api, agent) is not None:
        return False
    api.post(f"menu/create?agentid={agent}", menu(language))
    return True
