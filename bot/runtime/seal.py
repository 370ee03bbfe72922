"""Secrets: the master key, the key of each case, sealed words, and the keyed hash on buttons.

RULES
 1. One master key of 32 bytes per database. It is derived from the operator's secret, or made once and kept beside the
    database. Whoever loses it loses every sealed word, and every button that is out; the record itself stays readable.
 2. Each case has a random key of its own. It is kept only wrapped: encrypted under the master key and bound to the
    reference of its case, so that it opens nothing when it is copied to another case.
 3. Sealed words are bound to their case too. Once the key of a case is dropped, its words are gone for ever.
 4. Opening never raises for what was stored: words whose key was dropped, or that were bent, are None.
 5. A tag proves that a value was made here. It gives nobody any right.

AES-256-GCM with a random nonce of 96 bits (NIST SP 800-38D), HKDF-SHA256 (RFC 5869), HMAC-SHA256 (RFC 2104).
"""

from __future__ import annotations

import binascii
import hmac
import os
from base64 import b64decode, b64encode, urlsafe_b64encode
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.core.case import CaseRef, Sealed

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_CHARACTERS = 12


class KeyUnusable(Exception):
    """The master key cannot be used. The text says what the operator can do; it never shows the key."""


# ------------------------------------------------------------------------------------------ the master key


def master_from(secret: str) -> bytes:
    """The master key of a secret of any length. The same secret always gives the same key.

    HKDF stretches nothing: the secret itself must be random (`openssl rand -base64 32`). Raises KeyUnusable when empty.
    """
    if not secret.strip():
        raise KeyUnusable("The master secret is empty. Give a long random text, or none at all to have one made.")
    return _derived(secret.strip().encode("utf-8", "surrogatepass"), b"offboard master key 1")


def master_beside(database: str | os.PathLike[str]) -> bytes:
    """The master key that is kept beside the database as `<database>.key`; made when there is none.

    Call it once the store is open: the store's lock then keeps a second process from making one at the same time.
    Raises KeyUnusable when the file is damaged, can be read by others, or can be neither read nor made.
    """
    path = Path(f"{os.fspath(database)}.key")
    try:
        try:
            return _read(path)
        except FileNotFoundError:
            return _make(path)
    except OSError as error:
        raise KeyUnusable(f"The master key {path} can be neither read nor made: {error.strerror}.") from error


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_mode & 0o077:
            raise KeyUnusable(f"The master key {path} can be read by others. Close it: chmod 600 {path}")
        text = file.read(200)
    try:
        key = b64decode(text.strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyUnusable(
            f"The master key {path} is damaged. Put it back from a backup; if nothing was ever written to this "
            f"database, delete it and a new one is made."
        )
    return key


def _make(path: Path) -> bytes:
    key = os.urandom(KEY_BYTES)
    with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(b64encode(key) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name of the file must survive a power cut too
    finally:
        os.close(folder)
    return key


# ------------------------------------------------------------------------------------------ keys of cases


def new_case_key() -> bytes:
    """A key for one case, 32 random bytes."""
    return os.urandom(KEY_BYTES)


def wrap(master: bytes, ref: CaseRef, case_key: bytes) -> bytes:
    """The key of a case as it may be stored: 12 bytes of nonce, then the encrypted key and its tag, 60 in all."""
    return _shut(_wrapping(master), b"case key\0" + ref.encode(), case_key)


def unwrap(master: bytes, ref: CaseRef, wrapped: bytes | None) -> bytes | None:
    """The key of a case, or None when it was dropped, bent, or belongs to another case or another master key."""
    return None if wrapped is None else _opened(_wrapping(master), b"case key\0" + ref.encode(), wrapped)


# ------------------------------------------------------------------------------------------ words


def seal(case_key: bytes, ref: CaseRef, text: str) -> Sealed:
    """Encrypt words for one case. A lone surrogate, which no text can hold, becomes a question mark."""
    box = _shut(case_key, b"words\0" + ref.encode(), text.encode("utf-8", "replace"))
    return Sealed(box=b64encode(box).decode("ascii"))


def unseal(case_key: bytes | None, ref: CaseRef, sealed: Sealed) -> str | None:
    """The words again, or None when the key was dropped (None) or does not fit."""
    if case_key is None:
        return None
    try:
        box = b64decode(sealed.box, validate=True)
    except ValueError:  # not base64, or not even ASCII
        return None
    text = _opened(case_key, b"words\0" + ref.encode(), box)
    return None if text is None else text.decode("utf-8")


class Seals:
    """Seals and opens words with the keys of cases as the store keeps them: wrapped."""

    def __init__(self, master: bytes) -> None:
        self._master = master

    def new_key(self, ref: CaseRef) -> bytes:
        """A new key for this case, wrapped: what `Tx.put_key` is given."""
        return wrap(self._master, ref, new_case_key())

    def seal(self, wrapped: bytes | None, ref: CaseRef, text: str) -> Sealed:
        """Raises KeyUnusable when the key of the case was dropped or was wrapped under another master key."""
        case_key = unwrap(self._master, ref, wrapped)
        if case_key is None:
            raise KeyUnusable(f"{ref} has no key that fits, so its words cannot be kept.")
        return seal(case_key, ref, text)

    def unseal(self, wrapped: bytes | None, ref: CaseRef, sealed: Sealed) -> str | None:
        return unseal(unwrap(self._master, ref, wrapped), ref, sealed)

    def hide(self, lane: str, data: bytes) -> bytes:
        """Encrypt what waits in the outbox and belongs to no case (yet), bound to its lane."""
        return _shut(_derived(self._master, b"offboard waiting 1"), b"waiting\0" + lane.encode(), data)

    def shown(self, lane: str, box: bytes) -> bytes | None:
        """What was hidden; None when it was bent, belongs to another lane or another master key."""
        return _opened(_derived(self._master, b"offboard waiting 1"), b"waiting\0" + lane.encode(), box)


# ------------------------------------------------------------------------------------------ tags on buttons


def tag(master: bytes, *parts: str) -> str:
    """A keyed hash over the parts: 12 characters of `0-9A-Za-z_-`, 72 bits. Where one part ends counts."""
    said = [part.encode("utf-8", "surrogatepass") for part in parts]
    text = b"tag\0" + b"".join(len(data).to_bytes(4, "big") + data for data in said)
    digest = hmac.digest(master, text, "sha256")
    return urlsafe_b64encode(digest[: TAG_CHARACTERS * 3 // 4]).decode("ascii")


def check_tag(master: bytes, given: str, *parts: str) -> bool:
    """Whether `given` is the tag of these parts. Takes the same time wherever a wrong one first differs."""
    return hmac.compare_digest(tag(master, *parts).encode("ascii"), given.encode("utf-8", "surrogatepass"))


# ------------------------------------------------------------------------------------------ the ciphers


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(secret)


def _wrapping(master: bytes) -> bytes:
    """The master key is used for two things, so each has a key of its own."""
    return _derived(master, b"offboard wrapping 1")


def _shut(key: bytes, bound_to: bytes, data: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, data, bound_to)


def _opened(key: bytes, bound_to: bytes, box: bytes) -> bytes | None:
    try:
        return AESGCM(key).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError):  # ValueError: too short to be a box at all
        return None
