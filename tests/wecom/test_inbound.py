"""What a record means: who acts, what they say, and that the same delivery always has the same name."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from bot.wecom.inbound import Back, Left, Nothing, Opened, Said, contact, is_external, meaning
from bot.wecom.record import Chosen, Malformed, Record

TEXT = Record(corp="ww1", person="Lin", kind="text", at=1_795_430_000, agent="7", id="99", text="完成")
EVENT = Record(corp="ww1", person="Lin", kind="event", at=1_795_430_000, agent="7")
CLICK = replace(EVENT, event="template_card_event", task="t", code="rc", card="button_interaction")
CONTACT = Record(corp="ww1", person="sys", kind="event", at=1, event="change_contact")


def said(record: Record, plain: bytes = b"plain") -> Said:
    found = meaning(record, plain, "ww1", 7)
    assert isinstance(found, Said)
    return found


def test_what_is_typed_is_heard_from_the_folded_id() -> None:
    heard = said(TEXT).heard
    assert (heard.person, heard.text, heard.click) == ("wecom:lin", "完成", None)


def test_numbers_are_left_to_the_house() -> None:
    assert said(replace(TEXT, text="1")).heard.text == "1"


def test_a_message_has_two_names_and_both_stay_when_it_comes_again() -> None:
    first, again = said(TEXT, b"same").heard, said(TEXT, b"same").heard
    assert first.key == again.key
    assert first.also == again.also == ("wecom/7/wecom:lin/99",)
    assert said(TEXT, b"other bytes").heard.also == first.also


def test_two_events_in_one_second_are_two() -> None:
    assert said(replace(CLICK, key="confirm@@v"), b"a").heard.key != said(replace(CLICK, key="undo@@v"), b"b").heard.key


def test_a_mentioned_id_is_said_as_the_house_writes_ids() -> None:
    heard = said(replace(TEXT, text="/offboard @LiSi 2026-12-04")).heard
    assert heard.text == "/offboard wecom:lisi 2026-12-04"
    assert heard.people == ("wecom:lisi",)


@pytest.mark.parametrize("text", ["mail me@example.com", "@林薇 2026-12-04", "no mention", "@slack:U0CHEN"])
def test_what_is_no_id_is_left_as_it_was(text: str) -> None:
    heard = said(replace(TEXT, text=text)).heard
    assert (heard.text, heard.people) == (text, ())


@pytest.mark.parametrize(
    ("key", "verb", "detail", "value", "chosen"),
    [
        ("confirm@@OFB-1@3@2@abc", "confirm", "", "OFB-1@3@2@abc", ()),
        ("approve@looked@OFB-1@3@2@abc", "approve", "looked", "OFB-1@3@2@abc", ()),
        ("answer@protection:phone@OFB-1@q3@1@abc", "answer", "", "OFB-1@q3@1@abc", ("phone",)),
        ("", "", "", "", ()),
        ("nonsense", "nonsense", "", "", ()),
    ],
)
def test_a_button_is_a_click(key: str, verb: str, detail: str, value: str, chosen: tuple[str, ...]) -> None:
    click = said(replace(CLICK, key=key)).heard.click
    assert click is not None
    assert (click.verb, click.detail, click.value, click.chosen) == (verb, detail, value, chosen)


def test_what_was_ticked_answers_its_own_question_and_no_other() -> None:
    ticked = (Chosen("other", ("x",)), Chosen("leavers", ("phone", "wechat")))
    card = replace(CLICK, card="vote_interaction", key="answer@leavers@v", chosen=ticked)
    click = said(card).heard.click
    assert click is not None
    assert click.chosen == ("phone", "wechat")
    none = said(replace(card, chosen=())).heard.click
    assert none is not None
    assert none.chosen == ()


def test_a_click_brings_its_card_and_its_code() -> None:
    found = said(replace(CLICK, key="confirm@@v"))
    assert (found.task, found.code) == ("t", "rc")


@pytest.mark.parametrize(
    ("key", "words"), [("menu@offboard", "/offboard"), ("menu@status", "进度"), ("menu@help", "帮助")]
)
def test_the_menu_types_its_words(key: str, words: str) -> None:
    assert said(replace(EVENT, event="click", key=key)).heard.text == words


def test_entering_has_one_name_a_day_in_china() -> None:
    late = replace(EVENT, event="enter_agent", at=1_795_449_600 - 1)
    next_day = replace(late, at=late.at + 1)
    first, second = (meaning(record, b"x", "ww1", 7) for record in (late, next_day))
    assert isinstance(first, Opened)
    assert isinstance(second, Opened)
    assert (first.day, second.day) == ("2026-11-23", "2026-11-24")
    assert first.key != second.key
    assert meaning(replace(late, at=late.at - 60), b"y", "ww1", 7) == first


def test_the_menu_for_what_waits_is_shown_every_time() -> None:
    found = meaning(replace(EVENT, event="click", key="menu@desk"), b"x", "ww1", 7)
    assert isinstance(found, Opened)
    assert found.by_menu


@pytest.mark.parametrize("changed", [{"corp": "ww2"}, {"agent": "8"}, {"agent": ""}])
def test_of_another_corp_or_app_is_malformed(changed: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        meaning(replace(TEXT, **changed), b"x", "ww1", 7)


@pytest.mark.parametrize("user", ["wm" + "a" * 30, "wo" + "Z_-9" * 7 + "ab"])
def test_an_external_contact_is_nobody(user: str) -> None:
    assert is_external(user)
    assert meaning(replace(TEXT, person=user), b"x", "ww1", 7) == Nothing("an external contact")


@pytest.mark.parametrize("user", ["wolf", "womack", "wm", "wmartin"])
def test_a_member_whose_id_begins_like_one_is_a_member(user: str) -> None:
    assert not is_external(user)


@pytest.mark.parametrize(
    "event", ["location", "view", "sys_approval_change", "batch_job_result", "taskcard_click", "x"]
)
def test_an_event_that_is_not_for_us_is_left_alone(event: str) -> None:
    assert isinstance(meaning(replace(EVENT, event=event), b"x", "ww1", 7), Nothing)


@pytest.mark.parametrize("kind", ["image", "voice", "video", "location", "link"])
def test_a_picture_or_a_voice_is_left_alone(kind: str) -> None:
    assert isinstance(meaning(replace(TEXT, kind=kind), b"x", "ww1", 7), Nothing)


def test_who_unsubscribes_has_left() -> None:
    left = meaning(replace(EVENT, event="unsubscribe"), b"x", "ww1", 7)
    assert isinstance(left, Left)
    assert (left.person, left.now) == ("wecom:lin", "")
    assert left.key != getattr(meaning(replace(EVENT, event="unsubscribe"), b"y", "ww1", 7), "key", "")
    assert meaning(replace(EVENT, event="subscribe"), b"x", "ww1", 7) == Back("wecom:lin")


@pytest.mark.parametrize(
    ("changed", "means"),
    [
        ({"change": "delete_user"}, Left("wecom:lin")),
        ({"change": "update_user", "new_member": "Lin2"}, Left("wecom:lin", "wecom:lin2")),
        ({"change": "update_user", "new_member": "LIN"}, Back("wecom:lin")),
        ({"change": "update_user", "status": "2"}, Left("wecom:lin")),
        ({"change": "update_user", "status": "5"}, Left("wecom:lin")),
        ({"change": "update_user", "status": "1"}, Back("wecom:lin")),
        ({"change": "create_user"}, Back("wecom:lin")),
        ({"change": "create_party"}, Nothing("not about a member")),
    ],
)
def test_a_contact_event_says_who_is_there(changed: dict[str, str], means: object) -> None:
    found = contact(replace(CONTACT, member="Lin", **changed), b"x", "ww1")
    assert (replace(found, key="") if isinstance(found, Left) else found) == means


def test_a_contact_event_of_another_corp_is_malformed() -> None:
    with pytest.raises(Malformed):
        contact(replace(CONTACT, member="Lin", change="delete_user"), b"x", "ww2")
