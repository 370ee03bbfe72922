"""More than three hundred callbacks that a stranger, or a broken proxy, might send: none is a 5xx, none changes
anything, and nothing secret or sent stands in any log."""

from __future__ import annotations

import asyncio
import http.client
import logging
import random
from collections import Counter
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import pytest
import structlog

from bot.wecom.crypto import keys, seal, signature
from bot.wecom.edge import CALLBACK, CONTACTS
from tests.wecom.acting import FIRST_APPROVAL, until
from tests.wecom.corp import AES_KEY, AGENT, CONTACT_AES_KEY, CONTACT_TOKEN, CORP, SECRET, TOKEN
from tests.wecom.house import Place, house

CANARY = "canary-of-a-stranger"
Request = tuple[str, str, bytes]
"""Method, path with its query, body."""

OURS = keys(TOKEN, AES_KEY, CORP)
HEAD = f"<ToUserName>{CORP}</ToUserName><FromUserName>zhao</FromUserName><CreateTime>1795395600</CreateTime>"
AGENT_ID = f"<AgentID>{AGENT}</AgentID>"


def wrapped(sealed: str) -> bytes:
    return f"<xml><ToUserName>{CORP}</ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()


class Stranger:
    """Makes requests; the clock is the house's."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.chance = random.Random(11)

    def signed(self, inside: bytes, path: str = CALLBACK, **changed: str) -> Request:
        """As if the stranger had our keys: what is inside is not WeCom's."""
        sealed = seal(OURS, inside)
        return "POST", f"{path}?{self.query(sealed, **changed)}", wrapped(sealed)

    def query(self, sealed: str, token: str = TOKEN, **changed: str) -> str:
        timestamp = changed.pop("timestamp", str(int(self.place.clock.now().timestamp())))
        nonce = changed.pop("nonce", str(self.chance.randint(1, 10**9)))
        signed = signature(token, timestamp, nonce, sealed)
        return urlencode({"msg_signature": signed, "timestamp": timestamp, "nonce": nonce} | changed)

    def all(self) -> list[Request]:
        return [
            *self.unsigned(),
            *self.twisted(),
            *self.not_xml(),
            *self.confusing(),
            *self.elsewhere(),
            *self.unknown(),
        ]

    def unsigned(self) -> list[Request]:
        bodies = [b"", b"{}", b"[" * 100_000, b"<xml>" * 50_000, b"\x00" * 1_000, b"<Encrypt>" * 999, CANARY.encode()]
        bodies += [
            wrapped("A" * 64),
            wrapped(""),
            wrapped("é" * 40),
            b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + wrapped("A" * 64),
        ]
        bodies += [b"x" * 999_999, b"x" * 1_000_001, self.chance.randbytes(5_000)]
        paths = [
            "",
            "?",
            f"?msg_signature={'0' * 40}&timestamp=1795395600&nonce=1",
            f"?{CANARY}",
            "?%ff=%ff&%00=1",
            "?a=1&a=2",
        ]
        found = [("POST", where + path, body) for where in (CALLBACK, CONTACTS) for path in paths for body in bodies]
        echoes = [
            "",
            "?echostr=" + "A" * 64,
            f"?msg_signature={'0' * 40}&timestamp=1795395600&nonce=1&echostr={'A' * 64}",
        ]
        found += [
            (method, CALLBACK + path, b"") for path in echoes for method in ("GET", "HEAD", "PUT", "PATCH", "OPTIONS")
        ]
        return found

    def twisted(self) -> list[Request]:
        """One thing changed of what was signed."""
        found = []
        for _ in range(60):
            method, path, body = self.signed(
                f"<xml>{HEAD}<MsgType>text</MsgType><Content>同意 1</Content></xml>".encode()
            )
            where, query = path.split("?")
            parts = {name: values[0] for name, values in parse_qs(query).items()}
            name = self.chance.choice(["msg_signature", "timestamp", "nonce", "body"])
            if name == "body":
                at = body.index(b"CDATA[") + 6 + self.chance.randrange(40)
                body = body[:at] + (b"A" if body[at : at + 1] != b"A" else b"B") + body[at + 1 :]
            else:
                said = parts[name]
                at = self.chance.randrange(len(said))
                parts[name] = said[:at] + ("1" if said[at] != "1" else "2") + said[at + 1 :]
            found.append((method, f"{where}?{urlencode(parts)}", body))
        stale = [self.signed(b"<xml></xml>", timestamp=str(1_795_395_600 - days * 86_400)) for days in range(1, 10)]
        return found + stale + [self.signed(b"<xml></xml>", token="another") for _ in range(3)]

    def not_xml(self) -> list[Request]:
        insides = [
            b"",
            b"{}",
            b"null",
            b"<xml",
            b"<xml></xml>",
            b"<xml/>",
            b"\xff\xfe",
            b"\x00" * 64,
            b"<a></a>",
            b"<xml>" * 900,
        ]
        insides += [b"x" * 70_000, "<xml>离职".encode("utf-16"), b"<xml>\xed\xa0\x80</xml>", b"]]>", CANARY.encode()]
        insides += [self.chance.randbytes(self.chance.randint(1, 200)) for _ in range(40)]
        insides += [b"<!DOCTYPE xml [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><xml>&b;</xml>"]
        insides += [b"<!DOCTYPE xml SYSTEM 'http://127.0.0.1:1/x.dtd'><xml></xml>"]
        insides += [b"<!DOCTYPE xml [<!ENTITY % p SYSTEM 'file:///etc/passwd'> %p;]><xml></xml>"]
        return [self.signed(inside) for inside in insides]

    def confusing(self) -> list[Request]:
        """Two readings of one text."""
        text = f"<xml>{HEAD}<MsgType>text</MsgType><Content>同意 1</Content><MsgId>5</MsgId>{AGENT_ID}</xml>"
        insides = [
            text.replace(">zhao<", f">{name}<")
            for name in (
                "lin</FromUserName><FromUserName>zhao",
                "zh<!--x-->ao",
                "<a>zhao</a>",
                "<?x?>zhao",
                "&a;",
                "",
                " ",
                "wm" + "a" * 30,
                "wo" + "a" * 30,
                "z" * 65,
                "<![CDATA[zh]]><b/>ao",
            )
        ]
        insides += [
            text.replace("<FromUserName>", "<FromUserName id='1'>"),
            text.replace("<MsgType>text", "<MsgType>text</MsgType><MsgType>event"),
            text.replace("<Content>", "<Content>no</Content><Content>"),
            text.replace("<MsgId>5", "<MsgId>" + "9" * 30),
            text.replace("<MsgId>5", "<MsgId>five"),
            text.replace("1795395600", "1e9"),
            text.replace("1795395600", ""),
            text.replace("同意 1", "x" * 9_000),
            text.replace(AGENT_ID, ""),
            text.replace(AGENT_ID, "<AgentID>1</AgentID>"),
            text.replace(AGENT_ID, f"<AgentID>{AGENT}</AgentID><AgentID>1</AgentID>"),
            text.replace(CORP, "wwanother"),
            text.replace("xml>", "XML>"),
            text + text,
        ]
        return [self.signed(inside.encode()) for inside in insides]

    def elsewhere(self) -> list[Request]:
        """Sealed for another receiver, with another key, or sent to the other address."""
        text = f"<xml>{HEAD}<MsgType>text</MsgType><Content>同意 1</Content>{AGENT_ID}</xml>".encode()
        found = []
        for sealer in (keys(TOKEN, AES_KEY, "wwother"), keys(TOKEN, AES_KEY, ""), keys(TOKEN, "x" * 43, CORP)):
            sealed = seal(sealer, text)
            found.append(("POST", f"{CALLBACK}?{self.query(sealed)}", wrapped(sealed)))
        found.append(self.signed(text, CONTACTS))
        contacts = seal(keys(CONTACT_TOKEN, CONTACT_AES_KEY, CORP), text)
        query = self.query(contacts, token=CONTACT_TOKEN)
        return [
            *found,
            ("POST", f"{CALLBACK}?{query}", wrapped(contacts)),
            ("POST", f"{CONTACTS}?{query}", wrapped(contacts)),
        ]

    def unknown(self) -> list[Request]:
        """WeCom's own, and nothing to us: accepted, and nothing happens."""
        events = ["location", "view", "scancode_push", "batch_job_result", "sys_approval_change", "taskcard_click", "x"]
        insides = [f"<xml>{HEAD}<MsgType>event</MsgType><Event>{name}</Event>{AGENT_ID}</xml>" for name in events]
        insides += [
            f"<xml>{HEAD}<MsgType>{kind}</MsgType>{AGENT_ID}</xml>" for kind in ("image", "voice", "video", "file")
        ]
        return [self.signed(inside.encode()) for inside in insides]


def send(place: Place, requests: list[Request]) -> list[int]:
    statuses = []
    for method, path, body in requests:
        connection = http.client.HTTPConnection("127.0.0.1", place.port, timeout=10)
        try:
            connection.request(method, path, body, {"Content-Type": "text/xml"})
            answer = connection.getresponse()
            said = answer.read()
            assert CANARY.encode() not in said
            statuses.append(answer.status)
        except (BrokenPipeError, ConnectionResetError):
            statuses.append(413)  # it was told before it had sent all
        finally:
            connection.close()
    return statuses


def record(place: Place) -> object:
    """Everything that is written down."""

    def all_of(reads: object) -> object:
        found = [(row.ref, row.head, row.count, row.state) for row in reads.cases()]  # type: ignore[attr-defined]
        people, outbox = reads.people(), reads.outbox()  # type: ignore[attr-defined]
        return found, people, outbox, [reads.posts(row[0]) for row in found]  # type: ignore[attr-defined]

    return place.app.store.read(all_of)


def test_no_callback_of_a_stranger_is_a_5xx_or_changes_anything(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    async def test() -> Counter[int]:
        async with house(tmp_path / "test.db") as place:
            await until(place, FIRST_APPROVAL)
            requests = Stranger(place).all()
            assert len(requests) >= 300
            before, seen = record(place), {user: place.wecom.seen(user) for user in ("Lin", "sun", "zhao")}
            statuses = await asyncio.to_thread(send, place, requests)
            await place.settle()
            assert record(place) == before
            assert {user: place.wecom.seen(user) for user in ("Lin", "sun", "zhao")} == seen
            return Counter(statuses)

    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as logged:
        statuses = asyncio.run(test())
    assert set(statuses) == {200, 400, 401, 405, 413}
    logs = str(logged) + caplog.text + "".join(capfd.readouterr())
    for secret in (SECRET, TOKEN, AES_KEY, CONTACT_TOKEN, CONTACT_AES_KEY, "access_token=token", CANARY, "同意 1"):
        assert secret not in logs, f"{secret} stands in a log"


def test_a_delivery_that_was_heard_can_be_sent_a_hundred_times_and_changes_nothing(tmp_path: Path) -> None:
    async def test() -> None:
        async with house(tmp_path / "test.db") as place:
            await until(place, FIRST_APPROVAL)
            inside = place.pusher.click("zhao", "approve@looked@OFB-1@1")
            first = await asyncio.to_thread(place.pusher.sealed, inside)
            requests = [("POST", f"{CALLBACK}?{first[0]}", first[1])]
            assert await asyncio.to_thread(send, place, requests) == [200]
            await place.settle()
            before, seen = record(place), place.wecom.seen("zhao")
            resealed = [place.pusher.sealed(inside) for _ in range(50)]
            requests = requests * 50 + [("POST", f"{CALLBACK}?{query}", body) for query, body in resealed]
            assert set(await asyncio.to_thread(send, place, requests)) == {200}
            await place.settle()
            assert record(place) == before
            assert place.wecom.seen("zhao") == seen

    asyncio.run(test())
