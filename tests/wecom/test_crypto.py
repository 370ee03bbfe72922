"""The seal is WeCom's: shown by its published example, by Tencent's own libraries both ways, and by what it refuses."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.wecom.crypto import Forged, is_signed, keys, seal, signature, unseal
from tests.wecom import oracle
from tests.wecom.corp import AES_KEY, TOKEN

GOLDEN = {
    "corp": "wx5823bf96d3bd56c7",
    "signature": "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
    "timestamp": "1409659589",
    "nonce": "263014780",
    "echo": "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==",
    "text": b"1616140317555161061",
}
OURS = keys(TOKEN, AES_KEY, "ww1")


def test_the_published_example_opens() -> None:
    opened = keys(TOKEN, AES_KEY, str(GOLDEN["corp"]))
    parts = [str(GOLDEN[name]) for name in ("timestamp", "nonce", "echo")]
    assert signature(TOKEN, *parts) == GOLDEN["signature"]
    assert is_signed(opened, str(GOLDEN["signature"]), *parts)
    assert unseal(opened, str(GOLDEN["echo"])) == GOLDEN["text"]


def test_what_tencents_libraries_sealed_opens_here_too_without_node() -> None:
    vectors = json.loads(oracle.VECTORS.read_text(encoding="utf-8"))
    assert len(vectors) >= 50
    for vector in vectors:
        opened = keys(vector["token"], vector["aes_key"], vector["receiver"])
        assert is_signed(opened, vector["signature"], vector["timestamp"], vector["nonce"], vector["sealed"])
        assert unseal(opened, vector["sealed"]).decode() == vector["message"]


@pytest.mark.node
def test_thousands_of_messages_go_both_ways_between_us_and_tencents_libraries() -> None:
    if why := oracle.missing():
        pytest.skip(why)
    asked = list(oracle.questions(2_600, seed=7))
    for question, theirs in zip(asked, oracle.ask([q | {"does": "seal"} for q in asked]), strict=True):
        opened = keys(question["token"], question["aes_key"], question["receiver"])
        assert is_signed(opened, theirs["signature"], question["timestamp"], question["nonce"], theirs["sealed"])
        assert unseal(opened, theirs["sealed"]).decode() == question["message"]
    sealed = [
        question
        | {"does": "open", "sealed": seal(keys(question["token"], question["aes_key"], question["receiver"]), said)}
        for question in asked
        if (said := question["message"].encode()) is not None
    ]
    for question, theirs in zip(sealed, oracle.ask(sealed), strict=True):
        assert theirs["message"] == question["message"]
        assert theirs["receiver"] == question["receiver"]
        parts = (question["timestamp"], question["nonce"], question["sealed"])
        assert theirs["signature"] == signature(question["token"], *parts)


@given(st.binary(max_size=2_000))
@settings(max_examples=200)
def test_what_is_sealed_here_opens_here(message: bytes) -> None:
    assert unseal(OURS, seal(OURS, message)) == message


@given(st.binary(min_size=1, max_size=300), st.data())
@settings(max_examples=200)
def test_what_was_changed_is_never_taken_for_something_else_that_is_signed(message: bytes, data: st.DataObject) -> None:
    sealed = seal(OURS, message)
    signed = signature(TOKEN, "1409659589", "1", sealed)
    at = data.draw(st.integers(0, len(sealed) - 1))
    changed = sealed[:at] + data.draw(st.sampled_from("ABCabc019+/=")) + sealed[at + 1 :]
    if changed != sealed:
        assert not is_signed(OURS, signed, "1409659589", "1", changed)


def test_another_receiver_is_refused() -> None:
    with pytest.raises(Forged, match="another receiver"):
        unseal(OURS, seal(keys(TOKEN, AES_KEY, "ww2"), b"hello"))


@pytest.mark.parametrize("sealed", ["", "ä", "====", "AAAA", "A" * 44, base64.b64encode(b"x" * 64).decode(), "A" * 31])
def test_what_is_no_seal_is_forged_and_nothing_else_is_raised(sealed: str) -> None:
    with pytest.raises(Forged):
        unseal(OURS, sealed)


@given(st.binary(max_size=256))
@settings(max_examples=300)
def test_whatever_bytes_come_it_is_a_message_or_forged(data: bytes) -> None:
    with pytest.raises(Forged):
        unseal(OURS, base64.b64encode(data).decode())


@pytest.mark.parametrize(
    ("token", "aes_key"), [("", AES_KEY), ("a b", AES_KEY), ("x" * 33, AES_KEY), (TOKEN, "x" * 42)]
)
def test_a_token_or_key_that_the_console_cannot_have_shown_is_refused_without_showing_it(
    token: str, aes_key: str
) -> None:
    with pytest.raises(ValueError, match="as the console shows it") as raised:
        keys(token, aes_key, "ww1")
    assert aes_key not in str(raised.value)


def test_the_keys_are_not_shown() -> None:
    assert TOKEN not in repr(OURS)
    assert "key" not in repr(OURS).lower().replace("keys", "")
