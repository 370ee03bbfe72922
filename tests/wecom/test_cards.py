"""A neutral card as a WeCom message: what stands on the card, and what stands beside it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core.case import UNKNOWN
from bot.playbook.card import Button, Card, Field, Input, Item, Option, Part, mention, plain
from bot.ports import Drawn, Renderer
from bot.wecom.cards import WecomRenderer, task_id
from bot.wecom.controls import Pressed, event_key, read_key
from bot.wecom.look import look

CHEN = "wecom:chenmo"
NAMES = {CHEN: "陈默", "slack:U1": "梅华"}
DONE = Button("confirm", "已完成", "OFB-7@2@1@tag", style="primary")
STUCK = Button("stuck", "遇到困难", "OFB-7@2@1@tag")
BARE = Card(
    kind="step", title="解绑手机", summary="s", reference="OFB-7", step=2, revision=1, row=(DONE,), language="zh-CN"
)


def card(**changes: Any) -> Card:
    fields = {name: getattr(BARE, name) for name in BARE.__struct_fields__}
    return Card(**(fields | changes))


def draw(**changes: Any) -> Drawn:
    renderer: Renderer = WecomRenderer()
    drawn = renderer.draw(card(**changes), NAMES)
    assert renderer.findings(drawn) == []
    assert look(drawn)
    return drawn


def drawn_card(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = draw(**changes).payload["template_card"]
    return found


# ---------------------------------------------------------------------------------------------- which message


def test_something_to_press_makes_a_button_card() -> None:
    found = drawn_card(row=(DONE, STUCK), more=(Button("later", "稍后处理", "OFB-7@2@1@tag"),))
    assert found["card_type"] == "button_interaction"
    assert found["source"] == {"desc": "离职交接 OFB-7"}
    assert found["main_title"]["title"] == "解绑手机"
    assert [button["text"] for button in found["button_list"]] == ["已完成", "遇到困难", "稍后处理"]
    assert [button["style"] for button in found["button_list"]] == [1, 3, 3]


def test_nothing_to_press_makes_a_markdown_message_with_everything() -> None:
    drawn = draw(
        row=(), context="第 2 步，共 6 步", lead="已完成。", fields=(Field("账号", "100"),), typed="回复：进度"
    )
    assert drawn.payload["msgtype"] == "markdown"
    assert drawn.payload["markdown"]["content"].split("\n") == [
        "**解绑手机**",
        "> OFB-7 · 第 2 步，共 6 步",
        "已完成。",
        "**账号**：100",
        "> 回复：进度",
    ]
    assert drawn.beside == ()


def test_only_pages_to_open_make_a_notice_that_opens_the_first() -> None:
    found = drawn_card(row=(Button("link", "打开控制台", url="https://a.example/"),))
    assert found["card_type"] == "text_notice"
    assert found["card_action"] == {"type": 1, "url": "https://a.example/"}
    assert found["jump_list"][0]["title"] == "打开控制台"


def test_a_page_to_open_beside_buttons_is_a_button_that_opens_it() -> None:
    found = drawn_card(row=(DONE,), more=(Button("link", "打开控制台", url="https://a.example/"),))
    assert found["button_list"][1] == {"type": 1, "text": "打开控制台", "style": 3, "url": "https://a.example/"}


def test_a_card_that_was_sent_is_redrawn_as_a_card_with_one_grey_button() -> None:
    drawn = WecomRenderer().redraw(card(row=(), notice="已同意。", state="已完成"), NAMES)
    assert WecomRenderer().findings(drawn) == []
    found = drawn.payload["template_card"]
    assert (found["card_type"], found["replace_text"]) == ("button_interaction", "已完成")
    assert found["sub_title_text"] == "已同意。"
    assert len(found["button_list"]) == 1


def test_a_redrawn_card_does_not_point_at_a_text_that_is_not_sent_again() -> None:
    long = (Part("why", "为什么", ("很长。" * 60,)),)
    assert "见随卡片发送的说明" in drawn_card(lead="请看。", parts=long)["sub_title_text"]
    again = WecomRenderer().redraw(card(lead="请看。", parts=long), NAMES).payload["template_card"]
    assert again["sub_title_text"] == "请看。"


# ---------------------------------------------------------------------------------------------- the card


def test_what_fits_stands_on_the_card_and_beside_it_for_who_sees_no_cards() -> None:
    drawn = draw(lead="请核实。", notice="等待梅华。", typed="也可以回复：完成。")
    assert drawn.payload["template_card"]["sub_title_text"] == "请核实。\n等待梅华。\n也可以回复：完成。"
    assert drawn.beside == ("**解绑手机**\n> OFB-7\n请核实。\n> 等待梅华。\n> 也可以回复：完成。",)


def test_the_rows_of_a_card_stand_beside_it_too() -> None:
    assert "**账号**：100" in draw(fields=(Field("账号", "100"),)).beside[0].split("\n")


def test_what_can_be_pressed_beside_an_answer_can_be_written() -> None:
    back = Button("undo", "回到上一题", "v")
    told = draw(row=(), more=(back,), input=asked("choice", "邮箱", "微信"), typed="请回复编号或文字。").beside[0]
    assert told.endswith("1. 邮箱\n2. 微信\n3. 不清楚\n> 请回复编号或文字。\n> 也可以回复：回到上一题")
    told = draw(row=(), input=asked("person"), typed="请回复对方姓名。").beside[0]
    assert told.endswith("> 请回复对方姓名。\n> 也可以回复：不清楚"), "no number answers what is answered in words"


def test_long_prose_stands_beside_the_card_whole_and_numbered_by_hand() -> None:
    steps = tuple(f"第{at}件事，请在页面上仔细地办好它，再看下一件。" for at in "一二三四五六七八")
    drawn = draw(lead="请看。", parts=(Part("how", "怎么做", steps, numbered=True),))
    assert len(drawn.payload["template_card"]["sub_title_text"]) <= 112
    beside = drawn.beside[0].split("\n")
    assert beside[:3] == ["**解绑手机**", "> OFB-7", "请看。"]
    assert beside[4:] == [f"{at}. {line}" for at, line in enumerate(steps, start=1)]


def test_a_link_cannot_be_followed_on_a_card_so_the_text_stands_beside_it() -> None:
    drawn = draw(parts=(Part("where", "在哪里", ("[控制台](https://a.example/)",)),))
    assert "[控制台](https://a.example/)" in drawn.beside[0]


def test_nothing_is_shortened_that_does_not_stand_beside_in_full() -> None:
    title, label = "解绑一个名字非常非常非常非常非常非常长的登录方式", "这个按钮上的字真的太多了"
    drawn = draw(title=title * 2, context="很长的位置，" * 8, row=(Button("confirm", label, "v"),))
    found = drawn.payload["template_card"]
    assert found["main_title"]["title"].endswith("…")
    assert found["main_title"]["desc"].endswith("…")
    assert found["button_list"][0]["text"].endswith("…")
    text = drawn.beside[0]
    assert title * 2 in text
    assert "很长的位置，" * 8 in text
    assert label in text


def test_a_place_too_long_for_the_line_under_the_title_goes_on_in_the_body_whole() -> None:
    drawn = draw(context="第 10 步，共 12 步 · 2026年11月25日（周三）前", lead="请看。")
    assert drawn.payload["template_card"]["main_title"]["desc"] == "第 10 步，共 12 步"
    assert drawn.payload["template_card"]["sub_title_text"] == "2026年11月25日（周三）前\n请看。"
    assert "2026年11月25日（周三）前" in drawn.beside[0]


def test_a_field_has_a_row_when_it_fits_and_stands_whole_in_the_text_when_not() -> None:
    drawn = draw(fields=(Field("账号", "100"), Field("最后工作日", "12月4日"), Field("How known", "2 witnessed")))
    found = drawn.payload["template_card"]
    assert [row["keyname"] for row in found["horizontal_content_list"]] == ["账号", "最后工作日"]
    assert found["sub_title_text"] == "How known：2 witnessed"


def test_more_than_six_fields_move_into_the_text() -> None:
    drawn = draw(fields=tuple(Field(f"项{at}", "值") for at in range(8)))
    assert len(drawn.payload["template_card"]["horizontal_content_list"]) == 6
    assert drawn.payload["template_card"]["sub_title_text"] == "项6：值\n项7：值"


def test_a_person_of_wecom_in_a_row_opens_their_card() -> None:
    rows = drawn_card(fields=(Field("接手人", mention(CHEN)), Field("同意人", mention("slack:U1"))))
    assert rows["horizontal_content_list"] == [
        {"keyname": "接手人", "value": "陈默", "type": 3, "userid": "chenmo"},
        {"keyname": "同意人", "value": "梅华"},
    ]


def test_the_task_id_says_what_the_card_is_about_in_legal_characters() -> None:
    assert task_id(BARE) == "OFB-7@step@2@1"
    assert task_id(card(reference="单 7", kind="a.b")) == "--7@a-b@2@1"
    assert task_id(card(reference="x" * 300)) == "x" * 128


# ---------------------------------------------------------------------------------------------- keys


@pytest.mark.parametrize(
    ("verb", "detail", "value"),
    [("confirm", "", "OFB-7@3@2@tag"), ("approve", "looked", "OFB-7@3@2@tag"), ("status", "", "")],
)
def test_an_event_key_begins_with_its_verb_and_can_be_taken_apart(verb: str, detail: str, value: str) -> None:
    key = event_key(verb, detail, value)
    assert key.split("@")[0] == verb
    assert read_key(key) == Pressed(verb, detail, value)


def test_an_answer_that_is_a_button_names_its_question_and_option() -> None:
    found = drawn_card(row=(), input=asked("choice", "是", "否"))
    assert read_key(found["button_list"][0]["key"]) == Pressed("answer", "q", "OFB-7@q1@1@tag", "o0")


def test_the_same_button_twice_is_drawn_once() -> None:
    assert len(drawn_card(row=(DONE, DONE))["button_list"]) == 1


def test_what_no_button_is_left_for_is_named_beside_the_card() -> None:
    more = tuple(Button("later", f"操作{at}", f"v{at}") for at in range(7))
    drawn = draw(row=(), more=more)
    assert len(drawn.payload["template_card"]["button_list"]) == 6
    assert "> 也可以回复：操作6" in drawn.beside[0]


# ---------------------------------------------------------------------------------------------- questions


def asked(kind: str, *labels: str, unknown: bool = True) -> Input:
    options = [Option(f"o{at}", label) for at, label in enumerate(labels)]
    options += [Option(UNKNOWN, "不清楚")] if unknown else []
    return Input("q", kind, "解绑手机", tuple(options), "OFB-7@q1@1@tag")


def test_a_few_short_options_are_buttons() -> None:
    found = drawn_card(row=(), input=asked("choice", "是", "否"))
    assert [button["text"] for button in found["button_list"]] == ["是", "否", "不清楚"]


def test_more_options_beside_another_button_are_a_menu_that_begins_at_the_safe_one() -> None:
    found = drawn_card(row=(), more=(Button("undo", "回到上一题", "v"),), input=asked("choice", *"甲乙丙丁戊"))
    assert found["button_selection"]["selected_id"] == UNKNOWN
    assert found["button_selection"]["question_key"] == "q"
    assert [button["text"] for button in found["button_list"]] == ["提交", "回到上一题"]
    assert read_key(found["button_list"][0]["key"]) == Pressed("answer", "q", "OFB-7@q1@1@tag")


def test_more_options_with_no_safe_one_are_a_list_of_which_one_is_ticked() -> None:
    found = drawn_card(row=(STUCK,), input=asked("choice", *"甲乙丙丁戊己庚", unknown=False))
    assert (found["card_type"], found["checkbox"]["mode"]) == ("vote_interaction", 0)


def test_several_are_ticked_on_a_list_and_none_is_ticked_before() -> None:
    found = drawn_card(row=(), input=asked("many", "手机", "邮箱"), lead="每一项是一步。")
    assert (found["card_type"], found["checkbox"]["mode"]) == ("vote_interaction", 1)
    assert [option["text"] for option in found["checkbox"]["option_list"]] == ["1. 手机", "2. 邮箱", "3. 不清楚"]
    assert not any(option["is_checked"] for option in found["checkbox"]["option_list"])
    assert read_key(found["submit_button"]["key"]) == Pressed("answer", "q", "OFB-7@q1@1@tag")
    assert found["main_title"]["desc"] == "每一项是一步。"
    assert "sub_title_text" not in found


def test_a_list_that_says_everything_is_counted_beside_it_all_the_same() -> None:
    (told,) = draw(row=(), input=asked("many", "手机"), lead="选几项。", typed="回复 1,3。").beside
    assert told == "**解绑手机**\n> OFB-7\n选几项。\n1. 手机\n2. 不清楚\n> 回复 1,3。"


def test_an_option_too_long_for_a_list_stands_beside_it_under_the_same_number() -> None:
    drawn = draw(row=(), input=asked("many", "ci-deploy（100031415926）", "邮箱"))
    assert drawn.payload["template_card"]["checkbox"]["option_list"][0]["text"] == "1. ci-depl…"
    assert "1. ci-deploy（100031415926）" in drawn.beside[0].split("\n")


def test_more_than_twenty_options_are_typed_by_number() -> None:
    drawn = draw(row=(), input=asked("many", *(f"项目{at}" for at in range(30))))
    assert [button["text"] for button in drawn.payload["template_card"]["button_list"]] == ["不清楚"]
    assert "30. 项目29" in drawn.beside[0].split("\n")


@pytest.mark.parametrize("kind", ["date", "person", "text"])
def test_a_day_a_person_and_words_are_the_next_message(kind: str) -> None:
    drawn = draw(row=(), input=asked(kind, unknown=False), typed="请回复日期。")
    assert drawn.payload["msgtype"] == "markdown"
    assert "请回复日期。" in drawn.payload["markdown"]["content"]
    found = drawn_card(row=(), input=asked(kind), typed="请回复日期。")
    assert [button["text"] for button in found["button_list"]] == ["不清楚"]
    assert found["sub_title_text"] == "请回复日期。"


def test_a_list_of_things_that_wait_is_text() -> None:
    items = (Item("第 2 步：解绑微信", "", "OFB-7"), Item("1. 绑定", "待办", mention(CHEN)))
    content = draw(row=(), items=items).payload["markdown"]["content"]
    assert "• 第 2 步：解绑微信 · OFB-7" in content
    assert "1. 绑定 · **待办** · 陈默" in content


# ---------------------------------------------------------------------------------------------- texts


def test_a_text_is_cut_between_lines_and_each_part_names_the_case() -> None:
    lines = tuple(f"{at}：" + "一二三四五六七八九十" * 6 for at in range(30))
    drawn = draw(parts=(Part("why", "为什么", lines),))
    assert len(drawn.beside) > 1
    assert all(len(text.encode()) <= 2_048 and "OFB-7" in text for text in drawn.beside)
    assert [line for text in drawn.beside for line in text.split("\n") if "一二" in line] == list(lines)
    assert drawn.beside[1].startswith(f"**解绑手机**\n> OFB-7（2/{len(drawn.beside)}）")


def test_a_line_too_long_for_a_text_is_cut_after_a_sentence_and_never_in_a_link() -> None:
    link = "[控制台](https://console.cloud.tencent.com/developer/security)"
    drawn = draw(lead=f"请仔细看这句话。{link}" * 80)
    text = "\n".join(drawn.beside)
    assert text.count(link) == 80
    assert "�" not in text


def test_more_than_six_texts_are_shortened_and_the_last_one_says_so() -> None:
    drawn = draw(lead="这是一句很长的话。" * 2_000)
    assert len(drawn.beside) == 6
    assert drawn.beside[-1].endswith("内容较长，这里有删节。完整内容在交接单的记录里。")


@pytest.mark.parametrize("typed", ["<@all>", "</font><font color=warning>x", "# heading", "> quote", "[a](https://b)"])
def test_typed_text_becomes_no_markup(typed: str) -> None:
    content = draw(kind="line", row=(), title=plain(typed)).payload["markdown"]["content"]
    first = content.split("\n")[0]
    assert not first.startswith(("#", ">"))
    assert "<" not in first
    assert "](" not in first


def test_a_sentence_stands_first_and_where_it_belongs_under_it() -> None:
    content = draw(kind="line", row=(), title=f"{mention(CHEN)}接不了。").payload["markdown"]["content"]
    assert content == "陈默接不了。\n> OFB-7"
