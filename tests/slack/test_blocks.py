"""A neutral card as a Slack message: what a person sees, and what Slack gets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from slack_sdk.models.blocks import Block

from bot.core.case import UNKNOWN
from bot.playbook.card import Button, Card, Field, Input, Item, Option, Part, mention, plain
from bot.ports import Drawn, Renderer
from bot.slack.blocks import SlackRenderer
from bot.slack.controls import Entry, Pressed, read_action, read_entry
from bot.slack.limits import elements_of, size
from bot.slack.look import look

LIN = "slack:U07LINWEI01"
NAMES = {LIN: "Lin Wei", "wecom:chenmo": "Chen Mo"}
BARE = Card(kind="step", title="Unbind", summary="Step 2: Unbind", reference="OFB-7")


def card(**changes: Any) -> Card:
    fields = {name: getattr(BARE, name) for name in BARE.__struct_fields__}
    return Card(**(fields | changes))


def draw(**changes: Any) -> Drawn:
    renderer: Renderer = SlackRenderer()
    drawn = renderer.draw(card(**changes), NAMES)
    assert renderer.findings(drawn) == []
    for block in drawn.payload["blocks"]:
        parsed = Block.parse(block)
        assert parsed is not None, block
        parsed.validate_json()
    return drawn


def said(drawn: Drawn) -> str:
    return "\n".join(look(drawn))


def elements(drawn: Drawn) -> list[dict[str, Any]]:
    return [element for _, element in elements_of(drawn.payload["blocks"])]


def blocks(drawn: Drawn, kind: str) -> list[dict[str, Any]]:
    return [block for block in drawn.payload["blocks"] if block["type"] == kind]


# ---------------------------------------------------------------------------------------------- texts


def test_a_person_of_slack_is_mentioned_and_others_are_named() -> None:
    drawn = draw(lead=f"{mention(LIN)} and {mention('wecom:chenmo')} and {mention('demo:x')}")
    assert "<@U07LINWEI01> and Chen Mo and a colleague" in blocks(drawn, "section")[0]["text"]["text"]


def test_headings_buttons_and_the_summary_have_names_instead_of_mentions() -> None:
    button = Button("approve", f"Ask {mention(LIN)}", "v")
    drawn = draw(title=f"For {mention(LIN)}", summary=f"For {mention(LIN)}", row=(button,))
    assert drawn.payload["text"] == "For Lin Wei"
    assert blocks(drawn, "header")[0]["text"]["text"] == "For Lin Wei"
    assert elements(drawn)[0]["text"]["text"] == "Ask Lin Wei"


def test_marks_are_written_slacks_way() -> None:
    drawn = draw(lead="**Bold** and `code` and [page](https://a.example/?x=1&y=2) & 1 < 2")
    text = blocks(drawn, "section")[0]["text"]
    assert text["text"] == "*Bold* and `code` and <https://a.example/?x=1&amp;y=2|page> &amp; 1 &lt; 2"
    assert text["verbatim"] is True


def test_bold_and_code_inside_chinese_get_the_edge_of_a_word() -> None:
    drawn = draw(lead="请点**同意**并看`AKID`。")
    assert blocks(drawn, "section")[0]["text"]["text"] == "请点\u200b*同意*\u200b并看\u200b`AKID`\u200b。"


@pytest.mark.parametrize(
    "typed", ["<!channel>", "<!here|x>", "<https://evil.example|Approve>", "<@U999>", "[Approve](https://evil.example)"]
)
def test_typed_text_can_mention_nobody_and_form_no_link(typed: str) -> None:
    text = plain(typed)
    drawn = draw(
        title=text,
        summary=text,
        context=text,
        lead=text,
        fields=(Field(text, text),),
        parts=(Part("why", text, (text,)),),
        items=(Item(text, text, text),),
        row=(Button("stuck", text, "v"),),
        notice=text,
        typed=text,
    )
    written = json.dumps(drawn.payload, ensure_ascii=False)
    assert "<" not in written
    assert ">" not in written


def test_a_name_is_as_harmless_as_typed_text() -> None:
    drawn = SlackRenderer().draw(card(lead=mention("demo:x")), {"demo:x": "<!channel> *boss*"})
    assert blocks(drawn, "section")[0]["text"]["text"] == "&lt;!channel&gt; ∗boss∗"  # noqa: RUF001 - a lookalike


def test_an_id_that_is_not_slacks_form_becomes_no_token() -> None:
    drawn = draw(lead=mention("slack:U1> <!channel"))
    assert blocks(drawn, "section")[0]["text"]["text"] == "a colleague"


def test_the_text_for_notifications_is_the_summary_and_never_empty() -> None:
    assert draw(summary="Step 2").payload["text"] == "Step 2"
    assert draw(summary="").payload["text"] == "Unbind"
    assert draw(summary="", title="", reference="").payload["text"] == "Offboard"


def test_the_reference_stands_once_in_the_context_line() -> None:
    assert said(draw(context="OFB-7")).count("OFB-7") == 1
    assert "| OFB-7 · Step 2 of 6" in said(draw(context="Step 2 of 6"))


def test_a_sentence_needs_no_heading() -> None:
    drawn = draw(kind="line", title=f"{mention(LIN)} is stuck.")
    assert blocks(drawn, "header") == []
    assert blocks(drawn, "section")[0]["text"]["text"] == "<@U07LINWEI01> is stuck."


def test_a_refusal_says_what_is_the_case_then_what_to_do() -> None:
    lines = said(draw(kind="refusal", title="This button is out of date.", lead="Use the newest card.")).split("\n")
    at = lines.index("*This button is out of date.*")
    assert lines[at + 2] == "Use the newest card."


def test_how_is_numbered_and_parts_have_bold_labels() -> None:
    drawn = draw(parts=(Part("how", "How", ("Open it.", "Press it."), numbered=True),))
    assert blocks(drawn, "section")[0]["text"]["text"] == "*How*\n1. Open it.\n2. Press it."


def test_a_list_says_each_state_in_words() -> None:
    drawn = draw(items=(Item("1. Bind", "done", mention(LIN)), Item("Answer", "", "OFB-9")))
    assert blocks(drawn, "section")[0]["text"]["text"] == "1. Bind · *done* · <@U07LINWEI01>\n• Answer · OFB-9"


def test_a_notice_that_is_all_there_is_to_say_is_no_small_print() -> None:
    assert "Done: witnessed." in blocks(draw(notice="Done: witnessed."), "section")[0]["text"]["text"]
    assert blocks(draw(notice="Wait.", lead="Look."), "context")[-1]["elements"][0]["text"] == "Wait."


def test_a_title_too_long_for_a_heading_is_bold_and_whole() -> None:
    title = "word " * 40
    drawn = draw(title=title)
    assert blocks(drawn, "header") == []
    assert blocks(drawn, "section")[0]["text"]["text"] == f"*{title.strip()}*"


def test_long_prose_is_split_into_sections() -> None:
    lines = tuple(f"{'x' * 995} {at}" for at in range(5))
    texts = [block["text"]["text"] for block in blocks(draw(parts=(Part("why", "Why", lines),)), "section")]
    assert len(texts) == 2
    assert "\n".join(texts) == "\n".join(("*Why*", *lines))


def test_what_is_too_long_for_a_message_is_shortened_and_the_message_says_so() -> None:
    drawn = draw(parts=tuple(Part("why", "Why", ("x <" * 900,)) for _ in range(20)), row=(Button("confirm", "Done"),))
    assert size(drawn.payload) <= 10_000
    assert "This is shortened." in said(drawn)
    assert elements(drawn)[0]["text"]["text"] == "Done"
    assert "This is shortened." not in said(draw(lead="short"))


# ---------------------------------------------------------------------------------------------- controls


def test_the_row_comes_first_and_the_rest_hides_in_an_overflow() -> None:
    drawn = draw(
        row=(Button("confirm", "Done", "v1", style="primary"), Button("stuck", "I am stuck", "v2")),
        more=(Button("not_mine", "Not mine", "v3"), Button("later", "Remind me later", "v4")),
    )
    done, stuck, overflow = elements(drawn)
    assert (done["action_id"], done["value"], done["style"]) == ("confirm", "v1", "primary")
    assert "style" not in stuck
    assert overflow["action_id"] == "answer:more"
    assert [read_entry(option["value"]) for option in overflow["options"]] == [
        Entry("not_mine", "", "v3"),
        Entry("later", "", "v4"),
    ]


def test_an_action_id_is_a_verb_and_its_detail_and_unique_in_the_message() -> None:
    row = (Button("approve", "I looked", "v", "looked"), Button("approve", "On their word", "v", "word"))
    assert [e["action_id"] for e in elements(draw(row=row))] == ["approve:looked", "approve:word"]
    row = (Button("confirm", "Done: one", "v1"), Button("confirm", "Done: two", "v2"))
    ids = [e["action_id"] for e in elements(draw(row=row))]
    assert ids == ["confirm", "confirm::2"]
    assert [read_action(id) for id in ids] == [Pressed("confirm"), Pressed("confirm")]
    assert read_action("approve:looked:2") == Pressed("approve", "looked")


def test_only_one_button_is_primary() -> None:
    drawn = draw(row=(Button("confirm", "A", style="primary"), Button("stuck", "B", style="primary")))
    assert [element.get("style") for element in elements(drawn)] == ["primary", None]


def test_a_dangerous_button_asks_first_and_never_hides() -> None:
    drawn = draw(more=(Button("restore", "Restore", "v", style="danger"), Button("later", "Later", "v")))
    button, overflow = elements(drawn)
    assert button["confirm"]["title"]["text"] == "Restore?"
    assert button["confirm"]["text"]["text"] == "OFB-7 · Unbind"
    assert [option["text"]["text"] for option in overflow["options"]] == ["Later"]


def test_more_than_five_entries_open_a_second_overflow() -> None:
    drawn = draw(more=tuple(Button("later", f"L{at}", f"v{at}") for at in range(7)))
    assert [len(element["options"]) for element in elements(drawn)] == [5, 2]
    assert [element["action_id"] for element in elements(drawn)] == ["answer:more", "answer:more::2"]


def test_a_button_that_is_on_every_step_says_aloud_which_one() -> None:
    drawn = draw(step=2, row=(Button("confirm", "Done", "v"),))
    assert elements(drawn)[0]["accessibility_label"] == "Done – Unbind"
    assert "accessibility_label" not in elements(draw(row=(Button("confirm", "Done", "v"),)))[0]


def test_a_link_opens_a_page() -> None:
    drawn = draw(row=(Button("link", "Open the console", url="https://a.example/"),))
    assert (elements(drawn)[0]["action_id"], elements(drawn)[0]["url"]) == ("link", "https://a.example/")


# ---------------------------------------------------------------------------------------------- questions


def asked(kind: str, *labels: str, unknown: bool = True) -> Input:
    options = [Option(f"o{at}", label) for at, label in enumerate(labels)]
    return Input(
        "q", kind, "Which?", tuple(options) + ((Option(UNKNOWN, "I do not know"),) if unknown else ()), "OFB@q1"
    )


def test_a_few_options_are_buttons() -> None:
    drawn = draw(input=asked("choice", "Yes", "No"))
    assert [read_action(e["action_id"]) for e in elements(drawn)] == [
        Pressed("answer", "q", "o0"),
        Pressed("answer", "q", "o1"),
        Pressed("answer", "q", UNKNOWN),
    ]
    assert {element["value"] for element in elements(drawn)} == {"OFB@q1"}


def test_many_options_are_a_numbered_menu_whose_block_carries_the_value() -> None:
    drawn = draw(input=asked("choice", *"abcdef"))
    menu = elements(drawn)[0]
    assert (menu["type"], menu["action_id"]) == ("static_select", "answer:q")
    assert [option["text"]["text"] for option in menu["options"]][:2] == ["1. a", "2. b"]
    assert blocks(drawn, "actions")[0]["block_id"] == "OFB@q1"


def test_several_options_are_ticked_and_then_sent() -> None:
    drawn = draw(input=asked("many", "Phone", "Email"))
    ticks, submit, unknown = elements(drawn)
    assert (ticks["type"], ticks["action_id"]) == ("checkboxes", "answer:q")
    assert blocks(drawn, "input")[0]["block_id"] == "OFB@q1"
    assert read_action(submit["action_id"]) == Pressed("answer", "q", "submit")
    assert read_action(unknown["action_id"]) == Pressed("answer", "q", UNKNOWN)


def test_more_than_ten_to_tick_are_a_menu_of_several() -> None:
    assert elements(draw(input=asked("many", *"abcdefghijk")))[0]["type"] == "multi_static_select"


def test_an_option_too_long_for_a_menu_is_written_out() -> None:
    drawn = draw(input=asked("many", "word " * 20, "b"))
    assert "1. " + ("word " * 20).strip() in said(drawn).replace("\n", " ")


@pytest.mark.parametrize(("kind", "element"), [("date", "datepicker"), ("person", "users_select")])
def test_a_day_and_a_person_are_picked(kind: str, element: str) -> None:
    found = elements(draw(input=asked(kind)))
    assert (found[0]["type"], found[0]["action_id"]) == (element, "answer:q")
    assert read_action(found[1]["action_id"]) == Pressed("answer", "q", UNKNOWN)


def test_words_are_typed_and_sent() -> None:
    found = elements(draw(input=asked("text")))
    assert [element["type"] for element in found] == ["plain_text_input", "button", "button"]


def test_the_question_is_not_asked_twice() -> None:
    assert said(draw(title="Which?", input=asked("date"))).count("Which?") == 1
    assert "*Which?*" in said(draw(title="A question", input=asked("date")))


def test_how_to_type_it_stands_at_the_end() -> None:
    assert blocks(draw(typed="Or write: done."), "context")[-1]["elements"][0]["text"] == "Or write: done."
