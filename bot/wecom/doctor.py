"""`offboard doctor --wecom`: what of WeCom is configured, reachable and permitted, and the mend of what is not.

The order is that of the set-up (deploy/wecom/README.md): each finding rests on those before it, so after one that makes
the next ones meaningless the rest is left out. Nothing here changes anything, and no finding holds a secret.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlencode

import requests

from bot.ports import Clock
from bot.rows import Finding, WecomSettings
from bot.wecom.api import TIMEOUT, Api, Json, Refused, Unanswered, Unreached
from bot.wecom.codes import WRONG_IP, mend
from bot.wecom.crypto import Keys, keys, seal, signature
from bot.wecom.edge import CALLBACK, CONTACTS
from bot.wecom.inbound import MENU, NAME, user_id
from bot.wecom.menu import present
from bot.wecom.quota import A_MINUTE, PER_ACCOUNT, sent_in_a_day

ECHO_SIZE = 16


async def doctor(settings: WecomSettings, note: bytes | None = None, clock: Clock | None = None) -> list[Finding]:
    """`note` is what the server has put down of what it has sent (notebook.py). Raises nothing."""
    sent = sent_in_a_day(note, clock.now().timestamp()) if note is not None and clock is not None else None
    return await asyncio.to_thread(_examined, settings, sent)


def _examined(settings: WecomSettings, sent: int | None) -> list[Finding]:
    api = Api(settings.corp_id, settings.secret, settings.api_url)
    try:
        return [*_app(settings, api), *_addresses(settings), *_contacts(settings), *_quota(sent)]
    finally:
        api.close()


# ---------------------------------------------------------------------------------------------- the app


def _app(settings: WecomSettings, api: Api) -> Iterator[Finding]:
    try:
        api.token_works()
        yield Finding(True, "WeCom accepts the corp id and the app's secret.")
        agent = api.get("agent/get", agentid=str(settings.agent_id))
    except Refused as refused:
        yield _refused(refused)
        return
    except (Unreached, Unanswered) as error:
        what = f"{settings.api_url} does not answer ({error})."
        yield Finding(False, what, "See whether this machine may reach it: a firewall or a proxy stands between.")
        return
    yield Finding(True, f"The agent id {settings.agent_id} is the app “{agent.get('name', '')}”.")
    yield Finding(True, "This machine's address is among the app's trusted ones (企业可信IP).")
    yield from _switches(agent)
    yield from _range(settings, api, agent)
    yield from _menu(settings, api)


def _refused(refused: Refused) -> Finding:
    if refused.code == WRONG_IP:
        seen = refused.address or "the address that WeCom names in its answer"
        what = f"WeCom sees this machine as {seen}, which is not among the app's trusted addresses (60020)."
        return Finding(False, what, f"Add {seen} under 应用管理 → the app → 企业可信IP; it takes a minute to apply.")
    return Finding(False, f"WeCom answered {refused.code}.", f"{mend(refused.code)}.".capitalize())


def _switches(agent: Json) -> Iterator[Finding]:
    if agent.get("close"):
        yield Finding(False, "The app is switched off.", "Switch it on in 应用管理.")
    if not agent.get("isreportenter"):
        what = "WeCom does not tell us when somebody opens the app, so nobody is shown what waits for them then."
        yield Finding(None, what, "Tick 上报进入应用事件 on the app's page, under 接收消息. It is no loss without.")


def _range(settings: WecomSettings, api: Api, agent: Json) -> Iterator[Finding]:
    parties = agent.get("allow_partys", {}).get("partyid", [])
    users = agent.get("allow_userinfos", {}).get("user", [])
    tags = agent.get("allow_tags", {}).get("tagid", [])
    told = f"{len(users)} members, {len(parties)} departments and {len(tags)} tags"
    mended = "Put the whole company, or everybody who may leave or take over, into 可见范围 on the app's page."
    if not (users or parties or tags):
        yield Finding(False, "Nobody is in the app's visible range.", mended)
    else:
        yield Finding(True, f"In the app's visible range are {told}.")
    for admin in settings.admins:
        if admin.startswith(f"{NAME}:"):
            yield _seen(api, admin, mended)


def _seen(api: Api, admin: str, mended: str) -> Finding:
    try:
        found = api.get("user/get", userid=user_id(admin))
    except Refused as refused:
        return Finding(False, f"The admin {admin} cannot be seen by the app ({refused.code}).", mended)
    except (Unreached, Unanswered) as error:
        return Finding(None, f"The admin {admin} could not be looked up ({error}).")
    if found.get("status") != 1:
        return Finding(False, f"The admin {admin} is disabled, or has not joined WeCom yet.", "Name another admin.")
    return Finding(True, f"The admin {admin} can be reached.")


def _menu(settings: WecomSettings, api: Api) -> Iterator[Finding]:
    try:
        found = present(api, settings.agent_id)
    except (Refused, Unreached, Unanswered) as error:
        yield Finding(None, f"The app's menu could not be read ({error}).")
        return
    if found is None:
        yield Finding(False, "The app has no menu.", "Start `offboard run` once: it puts one there.")
    elif missing := MENU.keys() - found:
        what = f"The app's menu has no entry for {', '.join(sorted(missing))}."
        yield Finding(
            None, what, "Everything can be typed as well. To have ours: delete yours and start `offboard run`."
        )
    else:
        yield Finding(True, "The app's menu is there.")


# ---------------------------------------------------------------------------------------------- what WeCom calls


def _addresses(settings: WecomSettings) -> Iterator[Finding]:
    if not settings.public_url:
        what = "No OFFBOARD_PUBLIC_URL is set, so it cannot be seen whether WeCom reaches us."
        yield Finding(None, what, "Set it to the https address under which the server answers.")
        return
    if settings.domain_file_name:
        yield _domain_file(settings)
    yield _echo(settings.public_url + CALLBACK, settings.token, settings.aes_key, settings.corp_id, "WECOM")
    if settings.contact_token:
        address, token = settings.public_url + CONTACTS, settings.contact_token
        yield _echo(address, token, settings.contact_aes_key, settings.corp_id, "WECOM_CONTACT")


def _domain_file(settings: WecomSettings) -> Finding:
    address = f"{settings.public_url}/{settings.domain_file_name}"
    try:
        answer = requests.get(address, timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        return Finding(False, f"{address} does not answer ({type(error).__name__}).", "See to the proxy before us.")
    if answer.status_code != 200 or answer.text.strip() != settings.domain_file_text.strip():
        return Finding(
            False, f"{address} does not hold our text ({answer.status_code}).", "See to the proxy before us."
        )
    return Finding(True, f"{address} proves whose domain it is.")


def _echo(address: str, token: str, aes_key: str, corp: str, prefix: str) -> Finding:
    """As WeCom does when one presses 保存."""
    try:
        opened = keys(token, aes_key, corp)
    except ValueError as error:
        return Finding(False, f"{prefix}_TOKEN or {prefix}_AES_KEY: {error}.", "Copy both again from 接收消息.")
    text = str(secrets.randbelow(10**ECHO_SIZE)).encode()
    try:
        answer = requests.get(f"{address}?{_query(opened, text)}", timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        what = f"{address} does not answer ({type(error).__name__})."
        return Finding(False, what, "Start the server first, and let the proxy before it pass this path on.")
    if answer.status_code == 200 and answer.content == text:
        return Finding(True, f"{address} answers the URL check as WeCom wants it.")
    if answer.status_code == 401:
        mended = f"The running server has another {prefix}_TOKEN or {prefix}_AES_KEY, or its clock is wrong."
        return Finding(False, f"{address} refuses what we sealed (401).", mended)
    return Finding(False, f"{address} answered {answer.status_code} and not the text.", "Is it our server at all?")


def _query(opened: Keys, text: bytes) -> str:
    sealed = seal(opened, text)
    timestamp = str(int(datetime.now(UTC).timestamp()))  # noqa: TID251  by hand, now
    nonce = secrets.token_hex(8)
    signed = signature(opened.token, timestamp, nonce, sealed)
    return urlencode({"msg_signature": signed, "timestamp": timestamp, "nonce": nonce, "echostr": sealed})


# ---------------------------------------------------------------------------------------------- the rest


def _contacts(settings: WecomSettings) -> Iterator[Finding]:
    if not settings.contact_token:
        what = "Nothing tells us when somebody is deleted from the address book."
        mended = "Set WECOM_CONTACT_SECRET, _TOKEN and _AES_KEY (管理工具 → 通讯录同步 → 接收事件服务器), or leave it: "
        yield Finding(None, what, f"{mended}then it is noticed when a message cannot be delivered.")
        return
    api = Api(settings.corp_id, settings.contact_secret, settings.api_url)
    try:
        api.token_works()
    except Refused as refused:
        yield Finding(False, f"WeCom refuses WECOM_CONTACT_SECRET ({refused.code}).", "Copy it from 通讯录同步.")
    except (Unreached, Unanswered) as error:
        yield Finding(None, f"WECOM_CONTACT_SECRET could not be tried ({error}).")
    else:
        yield Finding(True, "WeCom accepts the secret of the address book (通讯录同步).")
    finally:
        api.close()


def _quota(sent: int | None) -> Iterator[Finding]:
    told = "It is not known here how many" if sent is None else f"{sent}"
    yield Finding(
        True,
        f"{told} person-times were sent in the last 24 hours. One app may send {PER_ACCOUNT} a day for each account of "
        f"the corp, and 30 a minute to a member; we stay at {A_MINUTE} a minute. The server's log says when WeCom has "
        "had enough.",
    )
