"""Who is let in: size, required fields, signature, age, seal, receiver; and only then the text is read.

RULES
 1. Cheap things first: nothing is parsed, decoded or decrypted for whoever has not signed it. What the envelope says
    beside the seal (ToUserName, AgentID) is not signed, so nothing of it is used.
 2. 401: not signed with our token, or too old. 400: signed, but not what WeCom sends us. 413: over 1 MB.
    Whatever a stranger sends, it is never a 5xx, and no words of theirs come back or into a log.
 3. The parts of a signature are joined without a sign between them, so timestamp and nonce can be moved against each
    other: each has a strict form, and neither says whether something is new. That is said by what was sealed.

Sources: developer.work.weixin.qq.com/document/path/90930 (回调配置), 90968 (加解密方案说明).
"""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qsl

from bot.ports import Clock
from bot.wecom.crypto import Forged, Keys, is_signed, unseal

LARGEST = 1_000_000
"""Bytes of a body."""
MOST_QUERY = 4_096
OLDEST = timedelta(minutes=5)
"""How far the time that was signed may be from ours, either way: a repeated delivery is signed anew."""

_SIGNATURE = re.compile(r"[0-9a-fA-F]{40}")
_TIMESTAMP = re.compile(r"[0-9]{10}")
_NONCE = re.compile(r"[!-~]{1,64}")
_SEALED = re.compile(r"[0-9A-Za-z+/]{32,}={0,2}")
_ECHO = re.compile(rb"[0-9]{1,32}")
_ENVELOPE = re.compile(
    rb"<Encrypt>\s{0,16}(?:<!\[CDATA\[)?\s{0,16}([0-9A-Za-z+/]+={0,2})\s{0,16}(?:\]\]>)?\s{0,16}</Encrypt>"
)


class Refused(Exception):
    """`status` is what the sender gets; the words are for the log, and none of them is the sender's."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


class Gate:
    """One callback address. `name` says in the log which."""

    def __init__(self, name: str, keys: Keys, clock: Clock) -> None:
        self.name = name
        self.keys = keys
        self._clock = clock

    def echo(self, query: bytes) -> bytes:
        """What a URL check is to be answered with. Raises Refused."""
        given = _parts(query)
        sealed = given.get("echostr", "")
        text = self._opened(given, sealed)
        if not _ECHO.fullmatch(text):
            raise Refused(400, "not what a URL check asks for")  # a callback's seal: its words are for us alone
        return text

    def letter(self, query: bytes, body: bytes) -> bytes:
        """What was sealed in a callback. Raises Refused."""
        if len(body) > LARGEST:
            raise Refused(413, "too large")
        given = _parts(query)
        if body.count(b"<Encrypt") != 1 or (found := _ENVELOPE.search(body)) is None:
            raise Refused(401, "nothing that could be signed")
        return self._opened(given, found[1].decode("ascii"))

    def _opened(self, given: dict[str, str], sealed: str) -> bytes:
        said, timestamp, nonce = (given.get(name, "") for name in ("msg_signature", "timestamp", "nonce"))
        if not (_SIGNATURE.fullmatch(said) and _TIMESTAMP.fullmatch(timestamp) and _NONCE.fullmatch(nonce)):
            raise Refused(401, "no signature")
        if not _SEALED.fullmatch(sealed):
            raise Refused(401, "nothing that could be signed")
        if not is_signed(self.keys, said.lower(), timestamp, nonce, sealed):
            raise Refused(401, "the signature is not right")
        if abs(self._clock.now().timestamp() - int(timestamp)) > OLDEST.total_seconds():
            raise Refused(401, "it was signed too long ago, or our clock is wrong")
        try:
            return unseal(self.keys, sealed)
        except Forged as forged:
            raise Refused(400, str(forged)) from None


def _parts(query: bytes) -> dict[str, str]:
    """The query, each name once. Raises Refused."""
    if len(query) > MOST_QUERY:
        raise Refused(401, "no signature")
    try:
        # `+` is a sign of base64, and WeCom writes it as %2B; whoever does not is understood all the same
        found = parse_qsl(query.replace(b"+", b"%2B").decode("ascii"), strict_parsing=True, max_num_fields=16)
    except ValueError:
        raise Refused(401, "no signature") from None
    names = [name for name, _ in found]
    if len(set(names)) < len(names):
        raise Refused(401, "a part of the query stands twice")
    return dict(found)
