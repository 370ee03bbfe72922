"""Who is let in, and what everybody else gets."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode

import pytest

from bot.wecom.crypto import keys, seal, signature
from bot.wecom.gate import Gate, Refused
from tests.wecom.corp import AES_KEY, CORP, TOKEN, HandClock

OURS = keys(TOKEN, AES_KEY, CORP)


def query(sealed: str, clock: HandClock, *, token: str = TOKEN, **changed: str) -> bytes:
    timestamp = changed.pop("timestamp", str(int(clock.now().timestamp())))
    nonce = changed.pop("nonce", "12345")
    parts = {"msg_signature": signature(token, timestamp, nonce, sealed), "timestamp": timestamp, "nonce": nonce}
    return urlencode(parts | changed).encode()


def envelope(sealed: str) -> bytes:
    return f"<xml><ToUserName><![CDATA[x]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()


def status(gate: Gate, query: bytes, body: bytes) -> int:
    with pytest.raises(Refused) as raised:
        gate.letter(query, body)
    assert TOKEN not in raised.value.why
    return raised.value.status


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def gate(clock: HandClock) -> Gate:
    return Gate("callback", OURS, clock)


def test_what_is_signed_and_fresh_is_opened(gate: Gate, clock: HandClock) -> None:
    sealed = seal(OURS, b"<xml>hello</xml>")
    assert gate.letter(query(sealed, clock), envelope(sealed)) == b"<xml>hello</xml>"


def test_the_url_check_gives_the_text_back(gate: Gate, clock: HandClock) -> None:
    sealed = seal(OURS, b"1616140317555161061")
    assert gate.echo(query(sealed, clock, echostr=sealed)) == b"1616140317555161061"


def test_the_seal_of_a_callback_is_no_url_check(gate: Gate, clock: HandClock) -> None:
    """Whoever has copied one could read it otherwise: both are signed in the same way."""
    for text in (b"<xml>hello</xml>", "机密".encode(), b"", b"12 34", b"9" * 33):
        sealed = seal(OURS, text)
        with pytest.raises(Refused) as raised:
            gate.echo(query(sealed, clock, echostr=sealed))
        assert raised.value.status == 400


def test_a_plus_that_was_not_escaped_is_understood(gate: Gate, clock: HandClock) -> None:
    sealed = next(one for number in range(99) if "+" in (one := seal(OURS, b"%d" % number)))
    raw = query(sealed, clock) + b"&echostr=" + sealed.encode()
    assert gate.echo(raw).isdigit()


@pytest.mark.parametrize("seconds", [-301, 301, 86_400 * 90])
def test_what_was_signed_too_long_ago_is_stale(gate: Gate, clock: HandClock, seconds: int) -> None:
    sealed = seal(OURS, b"<xml/>")
    asked = query(sealed, clock)
    clock.goes_on(seconds)
    assert status(gate, asked, envelope(sealed)) == 401


def test_parts_that_were_moved_against_each_other_are_not_signed(gate: Gate, clock: HandClock) -> None:
    """The signature joins its parts without a sign between them: 35 splits of one message verified elsewhere."""
    sealed = seal(OURS, b"<xml/>")
    parts = {name: values[0] for name, values in parse_qs(query(sealed, clock).decode()).items()}
    whole = parts["timestamp"] + parts["nonce"]
    for cut in range(len(whole) + 1):
        moved = parts | {"timestamp": whole[:cut], "nonce": whole[cut:]}
        if moved["timestamp"] != parts["timestamp"]:
            assert status(gate, urlencode(moved).encode(), envelope(sealed)) == 401


@pytest.mark.parametrize(
    "changed",
    [
        {"msg_signature": ""},
        {"msg_signature": "é" * 40},
        {"msg_signature": "0" * 39},
        {"msg_signature": "0" * 40},
        {"timestamp": "nan"},
        {"timestamp": "1_79543000"},
        {"timestamp": "\uff11795430000"},
        {"timestamp": "9" * 5_000},
        {"nonce": ""},
        {"nonce": "x" * 65},
        {"nonce": "a b"},
    ],
)
def test_a_part_of_another_form_is_not_a_signature(gate: Gate, clock: HandClock, changed: dict[str, str]) -> None:
    sealed = seal(OURS, b"<xml/>")
    assert status(gate, query(sealed, clock, **changed), envelope(sealed)) == 401


@pytest.mark.parametrize(
    "raw", [b"", b"&&&", b"msg_signature", b"\xff=1", b"%zz", b"a=1&a=2", b"x=" + b"1" * 5_000, b"a=1&" * 99]
)
def test_a_query_that_is_none_is_refused(gate: Gate, raw: bytes) -> None:
    assert status(gate, raw, envelope(seal(OURS, b"<xml/>"))) == 401


def test_a_part_that_stands_twice_is_refused(gate: Gate, clock: HandClock) -> None:
    sealed = seal(OURS, b"<xml/>")
    assert status(gate, query(sealed, clock) + b"&nonce=12345", envelope(sealed)) == 401


def test_two_seals_in_one_envelope_are_refused(gate: Gate, clock: HandClock) -> None:
    sealed = seal(OURS, b"<xml/>")
    assert status(gate, query(sealed, clock), envelope(sealed) + envelope(sealed)) == 401


def test_another_token_is_refused(gate: Gate, clock: HandClock) -> None:
    sealed = seal(OURS, b"<xml/>")
    assert status(gate, query(sealed, clock, token="another"), envelope(sealed)) == 401


def test_signed_but_not_for_us_is_400(gate: Gate, clock: HandClock) -> None:
    sealed = seal(keys(TOKEN, AES_KEY, "wwother"), b"<xml/>")
    assert status(gate, query(sealed, clock), envelope(sealed)) == 400


def test_signed_but_sealed_with_another_key_is_400(gate: Gate, clock: HandClock) -> None:
    sealed = seal(keys(TOKEN, "x" * 43, CORP), b"<xml/>")
    assert status(gate, query(sealed, clock), envelope(sealed)) == 400


def test_more_than_a_megabyte_is_413(gate: Gate) -> None:
    assert status(gate, b"", b"x" * 1_000_001) == 413
