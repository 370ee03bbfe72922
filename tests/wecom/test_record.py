"""A callback is read strictly: what another reader might read differently is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.wecom.record import LARGEST, Chosen, Malformed, read

HEAD = "<ToUserName>ww1</ToUserName><FromUserName>Lin</FromUserName><CreateTime>1795430000</CreateTime>"
TEXT = f"<xml>{HEAD}<MsgType>text</MsgType><Content>hello</Content><MsgId>1</MsgId><AgentID>7</AgentID></xml>"


def event(inner: str) -> bytes:
    return f"<xml>{HEAD}<MsgType>event</MsgType>{inner}<AgentID>7</AgentID></xml>".encode()


def test_a_text_is_read() -> None:
    found = read(TEXT.encode())
    assert (found.corp, found.person, found.kind, found.text, found.id, found.agent) == (
        "ww1", "Lin", "text", "hello", "1", "7",
    )  # fmt: skip
    assert found.at == 1_795_430_000


def test_text_in_cdata_is_read_whole() -> None:
    said = TEXT.replace("hello", "<![CDATA[<b> & 离职\n]]>")
    assert read(said.encode()).text == "<b> & 离职\n"


def test_a_click_on_a_card_is_read_with_what_was_chosen() -> None:
    """The same shape whether one thing was chosen or several."""
    one = "<SelectedItem><QuestionKey>q</QuestionKey><OptionIds><OptionId>a</OptionId></OptionIds></SelectedItem>"
    two = one.replace("q<", "r<").replace("<OptionId>a</OptionId>", "<OptionId>a</OptionId><OptionId>b</OptionId>")
    card = "<Event>template_card_event</Event><EventKey>answer@q@v</EventKey><TaskId>t@1</TaskId>"
    card += "<CardType>vote_interaction</CardType><ResponseCode>rc</ResponseCode>"
    found = read(event(f"{card}<SelectedItems>{one}{two}</SelectedItems>"))
    assert found.chosen == (Chosen("q", ("a",)), Chosen("r", ("a", "b")))
    assert (found.event, found.key, found.task, found.code) == ("template_card_event", "answer@q@v", "t@1", "rc")
    assert read(event(f"{card}<SelectedItems></SelectedItems>")).chosen == ()


def test_an_event_that_we_do_not_know_is_read_all_the_same() -> None:
    pictures = (
        "<SendPicsInfo><Count>2</Count><PicList><item><a>1</a></item><item><a>2</a></item></PicList></SendPicsInfo>"
    )
    assert read(event(f"<Event>pic_weixin</Event><EventKey>k</EventKey>{pictures}")).event == "pic_weixin"


@pytest.mark.parametrize(
    "said",
    [
        "",
        "not xml",
        "<xml/>",
        "<xml></xml>",
        "<html></html>",
        TEXT.replace("xml>", "root>"),
        TEXT + TEXT,
        TEXT.replace("<xml>", "<xml a='1'>"),
        TEXT.replace("<Content>", "<Content type='a'>"),
        TEXT.replace("<xml>", '<xml xmlns="a">'),
        TEXT.replace("<xml>", '<?xml version="1.0"?><!DOCTYPE xml><xml>'),
        TEXT.replace("<xml>", '<!DOCTYPE xml [<!ENTITY a "b">]><xml>').replace("hello", "&a;"),
        TEXT.replace("<xml>", '<!DOCTYPE xml SYSTEM "http://127.0.0.1/x.dtd"><xml>'),
        TEXT.replace("hello", "&unknown;"),
        TEXT.replace("Lin", "ad<!--x-->min"),
        TEXT.replace("Lin", "<?php x?>"),
        TEXT.replace("<FromUserName>Lin", "<FromUserName>Lin</FromUserName><FromUserName>zhao"),
        TEXT.replace("<Content>hello</Content>", "<Content>a</Content><Content>b</Content>"),
        TEXT.replace("Lin", "<a>Lin</a>"),
        TEXT.replace("hello", "hel<b>l</b>o"),
        TEXT.replace("<MsgType>text</MsgType>", ""),
        TEXT.replace("1795430000", "soon"),
        TEXT.replace("1795430000", "-1"),
        TEXT.replace("1795430000", "\uff11795"),
        TEXT.replace("<MsgId>1", "<MsgId>1e9"),
        TEXT.replace("<AgentID>7", "<AgentID>seven"),
        TEXT.replace("hello", "x" * 9_000),
        TEXT.replace("hello", "<a>" * 50 + "</a>" * 50),
        TEXT.replace("<MsgType>text", "<MsgType>event"),
        TEXT.replace("</xml>", "<a>1</a>" * 500 + "</xml>"),
        TEXT.replace("Lin", "x" * 65),
        f"<xml>{HEAD}<MsgType>event</MsgType><Event>template_card_event</Event><SelectedItems>a</SelectedItems></xml>",
        f"<xml>{HEAD}<MsgType>event</MsgType><Event>template_card_event</Event><SelectedItems><a>1</a></SelectedItems></xml>",
    ],
)  # fmt: skip
def test_what_wecom_does_not_send_is_malformed(said: str) -> None:
    with pytest.raises(Malformed):
        read(said.encode())


@pytest.mark.parametrize(
    "raw", [b"\xff\xfe<xml/>", b"\x00", TEXT.encode("utf-16"), b"<xml>\xc3</xml>", b"x" * (LARGEST + 1)]
)
def test_bytes_that_are_no_text_are_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        read(raw)


def test_a_question_or_a_field_in_a_choice_may_not_stand_twice() -> None:
    item = "<SelectedItem><QuestionKey>q</QuestionKey><OptionIds><OptionId>a</OptionId></OptionIds></SelectedItem>"
    inner = "<Event>template_card_event</Event><SelectedItems>{}</SelectedItems>"
    for items in (item + item, item.replace("<QuestionKey>q", "<QuestionKey>p</QuestionKey><QuestionKey>q")):
        with pytest.raises(Malformed):
            read(event(inner.format(items)))


def test_no_message_of_what_was_wrong_holds_what_was_sent() -> None:
    with pytest.raises(Malformed) as raised:
        read(TEXT.replace("1795430000", "canary").encode())
    assert "canary" not in str(raised.value)


@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda said: said.encode("utf-8", "replace")))
@settings(max_examples=300)
def test_whatever_comes_it_is_a_record_or_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        read(raw)


@given(
    st.lists(
        st.sampled_from([*"<>/&;'\"!-[]", "xml", "FromUserName", "CDATA", "<a>", "</a>", "<!--", "]]>"]), max_size=12
    )
)
@settings(max_examples=300)
def test_bits_of_markup_in_a_name_are_never_another_name(bits: list[str]) -> None:
    try:
        found = read(TEXT.replace("Lin", "".join(bits)).encode())
    except Malformed:
        return
    assert found.kind == "text"
    assert "<" not in "".join(bits) or "CDATA" in "".join(bits) or found.person in ("", "Lin")
