"""How WeCom seals what it sends to a callback: a signature over the parts, and AES-256-CBC around the text.

The sealed text is 16 chance bytes, the length of the message (4 bytes, big end first), the message, and whom it is for
(the corp's id), padded to 32. Written here because the library compares signatures in a way that takes longer the more
of one is right, reads XML before it has looked at the signature, and raises whatever comes (reference: its issues).

Source: developer.work.weixin.qq.com/document/path/90968 (加解密方案说明).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import secrets
from hashlib import sha1

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from msgspec import Struct

BLOCK = 32
"""Bytes to which the text is padded."""
SALT = 16
HEAD = SALT + 4

_TOKEN = re.compile(r"[0-9A-Za-z]{1,32}")
_AES_KEY = re.compile(r"[0-9A-Za-z]{43}")


class Forged(Exception):
    """It was not sealed with our key, or not for us. The words hold nothing of what was sent."""


class Keys(Struct, frozen=True):
    """What a callback is opened with. `receiver` is the corp's id. Its words say nothing of the key."""

    token: str
    key: bytes
    receiver: str

    def __repr__(self) -> str:
        return f"Keys(receiver={self.receiver!r})"


def keys(token: str, aes_key: str, receiver: str) -> Keys:
    """Raises ValueError, in words for the operator, for what the console cannot have shown."""
    if not _TOKEN.fullmatch(token):
        raise ValueError("the token has to be 1 to 32 letters and digits, as the console shows it")
    if not _AES_KEY.fullmatch(aes_key):
        raise ValueError("the EncodingAESKey has to be 43 letters and digits, as the console shows it")
    return Keys(token, base64.b64decode(aes_key + "="), receiver)


def signature(token: str, timestamp: str, nonce: str, sealed: str) -> str:
    """SHA-1 over the parts in order, as the platform wants it: it proves that the sender knows the token."""
    return sha1("".join(sorted((token, timestamp, nonce, sealed))).encode(), usedforsecurity=False).hexdigest()


def is_signed(keys: Keys, given: str, timestamp: str, nonce: str, sealed: str) -> bool:
    """Compared in the same time whatever is right of it."""
    made = signature(keys.token, timestamp, nonce, sealed)
    return hmac.compare_digest(made.encode(), given.encode("utf-8", "replace"))


def unseal(keys: Keys, sealed: str) -> bytes:
    """The message. Raises Forged."""
    try:
        data = base64.b64decode(sealed.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        raise Forged("not base64") from None
    if len(data) < BLOCK or len(data) % 16:
        raise Forged("not whole blocks")
    opener = _cipher(keys).decryptor()
    plain = opener.update(data) + opener.finalize()
    padding = plain[-1]
    if not 1 <= padding <= BLOCK or plain[-padding:] != bytes([padding]) * padding:
        raise Forged("the padding is not right")
    plain = plain[:-padding]
    size = int.from_bytes(plain[SALT:HEAD], "big")
    if len(plain) < HEAD or HEAD + size > len(plain):
        raise Forged("the length is not right")
    if not hmac.compare_digest(plain[HEAD + size :], keys.receiver.encode()):
        raise Forged("it is for another receiver")
    return plain[HEAD : HEAD + size]


def seal(keys: Keys, message: bytes, salt: bytes = b"") -> str:
    """The other direction. `salt`: 16 bytes, by chance when not given."""
    plain = (salt or secrets.token_bytes(SALT)) + len(message).to_bytes(4, "big") + message + keys.receiver.encode()
    padding = BLOCK - len(plain) % BLOCK
    sealer = _cipher(keys).encryptor()
    sealed = sealer.update(plain + bytes([padding]) * padding) + sealer.finalize()
    return base64.b64encode(sealed).decode()


def _cipher(keys: Keys) -> Cipher[modes.CBC]:
    return Cipher(algorithms.AES(keys.key), modes.CBC(keys.key[:16]))
