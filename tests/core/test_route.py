# ruff: noqa: RUF001  (letters and digits of any width are what this is about)
"""What typed words mean: in both languages, in any width, whatever else somebody types into a chat."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.core.case import StepStatus
from bot.core.lexicon import VERBS, clean
from bot.core.route import (
    FITS,
    LONGEST,
    Command,
    NotUnderstood,
    OpenStep,
    Pending,
    Prompt,
    Routed,
    Situation,
    Unclear,
    route,
)
from bot.core.spoken import Choice

OPEN, CLAIMED, SOAKING, SENT_BACK = StepStatus.OPEN, StepStatus.CLAIMED, StepStatus.SOAKING, StepStatus.SENT_BACK


def step(number: int, status: StepStatus = OPEN, *, mine: bool = True, case: str = "OFB-7") -> OpenStep:
    return OpenStep(case, number, f"Step {number}", status, mine)


ONE = Situation(steps=(step(3),), cases=("OFB-7",))
"""One step to do, in one case."""
TWO = Situation(steps=(step(3), step(4)), cases=("OFB-7",))
ADMIN = Situation(steps=(step(2, CLAIMED, mine=False),), cases=("OFB-7",))
"""One step to decide on."""
EVERYTHING = Situation(
    steps=(
        step(1, OPEN),
        step(2, CLAIMED),
        step(3, SOAKING),
        step(4, CLAIMED, mine=False),
        step(5, OPEN, mine=False),
    ),
    cases=("OFB-7",),
)
NOTHING = Situation()

LEAVERS = Pending(
    "OFB-7",
    "leavers",
    "many",
    options=(("phone", "Their phone"), ("wechat", "个人微信"), ("qq", "QQ"), ("unknown", "I do not know")),
)
PROTECTION = Pending(
    "OFB-7", "protection", "choice", options=(("phone", "Phone"), ("off", "It is off"), ("unknown", "不清楚"))
)
ACCOUNT = Pending("OFB-7", "account", "account_id", options=(("unknown", "不清楚"),))
DAY = Pending("OFB-7", "last_day", "date")
WHO = Pending("OFB-7", "successor", "person", options=(("unknown", "不清楚"),))


def asked(*pending: Pending) -> Situation:
    return Situation(pending=pending, cases=("OFB-7",))


def verb_and_step(routed: Routed) -> tuple[str, int]:
    assert isinstance(routed, Command), routed
    return routed.verb, routed.step


# ------------------------------------------------------------------ verbs


@pytest.mark.parametrize(("verb", "word"), [(verb, word) for verb, words in VERBS.items() for word in words])
def test_every_word_of_the_lexicon_means_its_verb_also_shouted_and_with_a_full_stop(verb: str, word: str) -> None:
    for said in (word, word.upper(), f"  {word}。 ", f"{word}!", f"\u200b{word}\u202e"):
        routed = route(said, EVERYTHING)
        assert isinstance(routed, Command | Unclear), said
        assert routed.verb == verb, said
        assert isinstance(routed, Unclear) or routed.words == "", said


@pytest.mark.parametrize(
    ("said", "verb"),
    [
        ("done", "confirm"),
        ("Done.", "confirm"),
        ("done, thanks!", "confirm"),
        ("完成", "confirm"),
        ("完成了", "confirm"),
        ("完成了，谢谢！", "confirm"),
        ("ｄｏｎｅ", "confirm"),
        ("undo", "undo"),
        ("撤回", "undo"),
        ("stuck", "stuck"),
        ("遇到困难", "stuck"),
        ("later", "later"),
        ("稍后", "later"),
        ("not mine", "not_mine"),
        ("恢复", "restore"),
    ],
)
def test_without_a_number_the_one_step_that_fits_is_meant(said: str, verb: str) -> None:
    fitting = {"confirm": 1, "stuck": 1, "later": 1, "not_mine": 1, "undo": 2, "restore": 3}
    assert route(said, EVERYTHING) == Command(verb, case="OFB-7", step=fitting[verb])


@pytest.mark.parametrize(
    "said",
    [
        "done 3",
        "done3",
        "done #3",
        "done step 3",
        "done: 3",
        "done 3.",
        "DONE ３",
        "3 done",
        "step 3 done",
        "完成 3",
        "完成3",
        "完成３",
        "完成　３",
        "完成：3",
        "完成第3步",
        "完成 第 ３ 步。",
        "完成3了",
        "第3步完成",
        "第 3 步完成",
        "第３步 完成了。",
        "步骤3完成",
        "done OFB-7 3",
        "done ofb-7 3.",
        "OFB-7 done 3",
        "ofb-7: done 3",
        "OFB-7 完成3",
        "ＯＦＢ－７　完成　３",
        "完成 OFB-7 第3步",
    ],
)
def test_a_number_names_the_step_however_it_is_written(said: str) -> None:
    assert route(said, TWO) == Command("confirm", case="OFB-7", step=3)


@pytest.mark.parametrize("said", ["done", "完成", "done!", "stuck"])
def test_with_several_steps_open_it_is_asked_which_one_is_meant(said: str) -> None:
    routed = route(said, TWO)
    assert isinstance(routed, Unclear)
    assert [choice.number for choice in routed.choices] == [3, 4]


@pytest.mark.parametrize("said", ["done", "undo", "approve", "恢复", "send back", "驳回 还没换"])
def test_where_nothing_fits_that_is_said(said: str) -> None:
    assert route(said, NOTHING) == NotUnderstood("nothing_fits")


def test_the_owners_verbs_mean_their_own_steps_and_the_others_what_they_decide_on() -> None:
    both = Situation(steps=(step(2, CLAIMED), step(4, CLAIMED, mine=False)), cases=("OFB-7",))
    assert verb_and_step(route("undo", both)) == ("undo", 2)
    assert verb_and_step(route("looked", both)) == ("approve:looked", 4)


@pytest.mark.parametrize(
    ("said", "verb", "words"),
    [
        ("send back 2 The page still shows the old number.", "send_back", "The page still shows the old number."),
        ("驳回 2 页面上还是旧号码，没有变。", "send_back", "页面上还是旧号码，没有变。"),
        ("驳回：页面上还是旧号码！", "send_back", "页面上还是旧号码！"),
        ("send back: nothing… changed", "send_back", "nothing… changed"),
        ("SEND BACK ½ of it is missing", "send_back", "½ of it is missing"),
        ("send back 2 Straße ist falsch.", "send_back", "Straße ist falsch."),
        ("stuck 2 it says “no access”.", "stuck", "it says “no access”."),
        ("reassign 2 Zhao Yun", "reassign", "Zhao Yun"),
        ("转交 2 赵云", "reassign", "赵云"),
    ],
)
def test_what_stands_behind_a_verb_is_kept_as_it_was_typed(said: str, verb: str, words: str) -> None:
    situation = Situation(steps=(step(2, CLAIMED, mine=False), step(2, OPEN)), cases=("OFB-7",))
    routed = route(said, situation)
    assert isinstance(routed, Command)
    assert (routed.verb, routed.step, routed.words) == (verb, 2, words)


def test_a_full_stop_at_the_end_does_not_move_the_verb_to_another_step() -> None:
    three = Situation(steps=(step(3, CLAIMED, mine=False),), cases=("OFB-7",))
    assert verb_and_step(route("send back 2 it is not done.", three)) == ("send_back", 2)
    assert verb_and_step(route("looked 2.", three)) == ("approve:looked", 2)
    assert verb_and_step(route("同意 2！", three)) == ("approve:word", 2)


@pytest.mark.parametrize(
    "said",
    [
        "looked at it, and it is broken",
        "approve? no",
        "approve of this I can not",
        "done with this bot",
        "done is not what it is",
        "done 3 and 4",
        "yes but not yet",
        "no problem, I will do it",
        "I cannot open the page",
        "take care",
        "stay tuned",
        "back in five minutes",
        "undo everything",
        "完成不了",
        "完成吗",
        "完成 3 没有",
        "同意不了",
        "同意吗？",
        "恢复不了",
        "驳回吗？",
        "驳回不了",
        "接手的人是谁",
        "撤回来的东西在哪里",
        "不再处理吗",
        "离职证明怎么开",
    ],
)
def test_a_sentence_that_only_begins_with_a_deciding_word_decides_nothing(said: str) -> None:
    routed = route(said, EVERYTHING)
    assert routed == NotUnderstood(), routed


@pytest.mark.parametrize(
    ("said", "values", "words"),
    [
        ("waive 4 not_ours", ("not_ours",), ""),
        ("waive 4 accepted_risk: the account is empty", ("accepted_risk",), "the account is empty"),
        ("waive 4", (), ""),
        ("waive 4 the account is empty", ("other",), "the account is empty"),
        ("waive 4 otherwise it breaks", ("other",), "otherwise it breaks"),
        ("不再处理 4 cannot_be_done", ("cannot_be_done",), ""),
        ("不再处理 4 账号是空的", ("other",), "账号是空的"),
    ],
)
def test_a_waiver_says_its_reason(said: str, values: tuple[str, ...], words: str) -> None:
    assert route(said, EVERYTHING) == Command("waive", case="OFB-7", step=4, values=values, words=words)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("move 2026-12-04", "2026-12-04"),
        ("move 2026/12/4", "2026-12-04"),
        ("改期 2026年12月4日", "2026-12-04"),
        ("改期２０２６－１２－０４", "2026-12-04"),
        ("last day 2026.12.4", "2026-12-04"),
    ],
)
def test_a_day_is_read_in_any_of_its_forms(said: str, day: str) -> None:
    routed = route(said, EVERYTHING)
    assert isinstance(routed, Command)
    assert (routed.verb, routed.case, routed.values) == ("move", "OFB-7", (day,))


# ------------------------------------------------------------------ /offboard


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("/offboard", Command("begin")),
        ("离职交接", Command("begin")),
        ("/offboard @Lin Wei 2026-12-04", Command("begin", words="Lin Wei", values=("2026-12-04",))),
        ("/offboard ＠林薇 2026年12月4日", Command("begin", words="林薇", values=("2026-12-04",))),
        ("离职交接 林薇 2026-12-04", Command("begin", words="林薇", values=("2026-12-04",))),
        ("离职 @林薇 2026-12-04", Command("begin", words="林薇", values=("2026-12-04",))),
        ("/offboard status", Command("status")),
        ("/offboard 进度", Command("status")),
        ("/offboard help", Command("help")),
        ("/offboard language en", Command("language", words="en")),
        ("/offboard rescue", Command("rescue")),
        ("/offboard RESCUE demo:lin", Command("rescue", words="demo:lin")),
    ],
)
def test_offboard_with_what_stands_behind_it(said: str, meant: Command) -> None:
    assert route(said, NOTHING) == meant


# ------------------------------------------------------------------ several cases

BOTH = Situation(steps=(step(3, case="OFB-7"), step(3, case="OFB-9")), cases=("OFB-7", "OFB-9"))


def test_the_same_number_in_two_cases_is_asked_about() -> None:
    routed = route("done 3", BOTH)
    assert isinstance(routed, Unclear)
    assert [choice.case for choice in routed.choices] == ["OFB-7", "OFB-9"]


@pytest.mark.parametrize("said", ["done OFB-9", "done OFB-9 3", "OFB-9 done", "OFB-9 完成", "完成 ofb-9 第3步"])
def test_a_reference_names_the_case(said: str) -> None:
    assert route(said, BOTH) == Command("confirm", case="OFB-9", step=3)


def test_the_last_digit_of_a_reference_is_never_taken_for_a_step() -> None:
    now = Situation(steps=(step(2, case="OFB-1"), step(3, case="OFB-12")), cases=("OFB-1", "OFB-12"))
    assert route("done OFB-12", now) == Command("confirm", case="OFB-12", step=3)
    assert route("done OFB-12 2", now) == Command("confirm", case="OFB-12", step=2)


@pytest.mark.parametrize("said", ["rescue", "/offboard rescue", "找回账号", "/offboard 救援", "离职 找回"])
def test_a_rescue_is_about_no_case_unless_one_is_named_or_it_is_said_in_its_thread(said: str) -> None:
    assert route(said, ONE) == Command("rescue")
    assert route(said, Situation(cases=("OFB-7",), thread="OFB-7")) == Command("rescue", case="OFB-7")
    assert route(f"{said} OFB-9", ONE) == Command("rescue", case="OFB-9")


def test_a_case_that_is_named_and_has_nothing_to_do_is_not_swapped_for_another() -> None:
    other = Situation(steps=(step(3, case="OFB-9"), step(4, SOAKING, case="OFB-9")), cases=("OFB-7", "OFB-9"))
    for said in ("done OFB-7", "OFB-7 done", "restore OFB-7", "OFB-7 restore"):
        assert route(said, other) == NotUnderstood("nothing_fits"), said


def test_a_reference_alone_asks_how_that_case_stands() -> None:
    assert route("OFB-9", BOTH) == Command("status", case="OFB-9")
    assert route("status OFB-9", BOTH) == Command("status", case="OFB-9")
    assert route("进度 OFB-9", BOTH) == Command("status", case="OFB-9")


def test_in_the_thread_of_a_case_that_case_is_meant() -> None:
    thread = Situation(steps=(step(2, CLAIMED, mine=False),), cases=("OFB-7",), thread="OFB-7")
    assert route("looked 2", thread) == Command("approve:looked", case="OFB-7", step=2)
    assert route("status", thread) == Command("status", case="OFB-7")
    assert route("move 2026-12-04", thread) == Command("move", case="OFB-7", values=("2026-12-04",), words="2026-12-04")


def test_an_answer_that_fits_the_questions_of_two_cases_is_given_to_neither() -> None:
    two = Situation(pending=(DAY, Pending("OFB-9", "last_day", "date")), cases=("OFB-7", "OFB-9"))
    routed = route("2026-12-04", two)
    assert isinstance(routed, Command)
    assert (routed.verb, routed.case) == ("answer", ""), "the person is asked which case"
    assert route("OFB-9 2026-12-04", two) == Command(
        "answer", case="OFB-9", question="last_day", values=("2026-12-04",), words="2026-12-04"
    )
    undo = route("undo", two)
    assert isinstance(undo, Command)
    assert undo.case == ""


def test_an_answer_that_fits_one_of_two_questions_is_given_to_that_one() -> None:
    two = Situation(
        pending=(Pending("OFB-9", "leavers", "many", options=(("phone", "Phone"),)), DAY), cases=("OFB-7", "OFB-9")
    )
    routed = route("phone", two)
    assert isinstance(routed, Command)
    assert (routed.case, routed.values) == ("OFB-9", ("phone",))


# ------------------------------------------------------------------ answers


@pytest.mark.parametrize(
    ("said", "values"),
    [
        ("1", ("phone",)),
        ("２", ("wechat",)),
        ("1, 3", ("phone", "qq")),
        ("1、３", ("phone", "qq")),
        ("3 1 3", ("qq", "phone")),
        ("their phone", ("phone",)),
        ("个人微信", ("wechat",)),
        ("个人微信，QQ", ("wechat", "qq")),
        ("phone wechat", ("phone", "wechat")),
        ("0", ()),
        ("none of these", ()),
        ("都不是。", ()),
        ("I do not know", ("unknown",)),
        ("不知道", ("unknown",)),
        ("1 4", ("unknown",)),
    ],
)
def test_options_are_picked_by_number_or_words(said: str, values: tuple[str, ...]) -> None:
    assert route(said, asked(LEAVERS)) == Command("answer", case="OFB-7", question="leavers", values=values)


@pytest.mark.parametrize(
    ("said", "value"), [("1", "phone"), ("OFF", "off"), ("It is off.", "off"), ("不清楚", "unknown")]
)
def test_one_option_is_picked_by_number_or_words(said: str, value: str) -> None:
    assert route(said, asked(PROTECTION)) == Command("answer", case="OFB-7", question="protection", values=(value,))


@pytest.mark.parametrize("said", ["5", "1, 9", "telephone", "-1", "1.5"])
def test_what_picks_no_option_is_not_understood(said: str) -> None:
    assert route(said, asked(LEAVERS)) == NotUnderstood()


@pytest.mark.parametrize(
    ("pending", "said", "values"),
    [
        (ACCOUNT, "100012345678", ("100012345678",)),
        (ACCOUNT, "１０００１２３４５６７８", ("100012345678",)),
        (ACCOUNT, "100012345678, 100012345679", ("100012345678", "100012345679")),
        (ACCOUNT, "100012345678、100012345679", ("100012345678", "100012345679")),
        (ACCOUNT, "I do not know", ("unknown",)),
        (ACCOUNT, "不清楚", ("unknown",)),
        (DAY, "2026-12-04", ("2026-12-04",)),
        (DAY, "on 2026/12/4 I think", ("2026-12-04",)),
        (DAY, "tomorrow", ("tomorrow",)),
        (WHO, "赵云", ("赵云",)),
        (Pending("OFB-7", "ip", "ip"), "10.0.0.1，10.0.0.2", ("10.0.0.1", "10.0.0.2")),
        (Pending("OFB-7", "phone", "phone"), "+86 138 0013 8000", ("+86 138 0013 8000",)),
        (Pending("OFB-7", "phone", "phone"), "138-0013-8000、0755-8601 3388", ("138-0013-8000", "0755-8601 3388")),
        (Pending("OFB-7", "note", "text"), "anything at all", ("anything at all",)),
    ],
)
def test_a_typed_answer_is_what_was_typed_taken_apart_by_its_kind(
    pending: Pending, said: str, values: tuple[str, ...]
) -> None:
    routed = route(said, asked(pending))
    assert isinstance(routed, Command)
    assert (routed.verb, routed.question, routed.values) == ("answer", pending.question, values)


def test_a_verb_is_a_verb_also_while_a_question_waits_for_typed_words() -> None:
    waiting = Situation(steps=(step(3),), pending=(WHO,), cases=("OFB-7",))
    assert verb_and_step(route("done", waiting)) == ("confirm", 3)
    assert route("help", waiting) == Command("help", case="OFB-7")
    assert route("undo", asked(WHO)) == Command("undo", case="OFB-7"), "back one question"


# ------------------------------------------------------------------ what was just asked for


@pytest.mark.parametrize(
    ("said", "verb"), [("help", "help"), ("status", "status"), ("进度", "status"), ("done", "confirm")]
)
def test_a_command_is_never_taken_for_the_reason_that_was_asked_for(said: str, verb: str) -> None:
    waiting = Situation(steps=(step(3),), cases=("OFB-7",), prompt=Prompt("reason", "send_back", "OFB-7", 2, 5))
    routed = route(said, waiting)
    assert isinstance(routed, Command)
    assert routed.verb == verb


@pytest.mark.parametrize(
    "said", ["the page is empty", "3", "done or not, I see nothing", "it says: done 3", "完成不了"]
)
def test_what_the_bot_has_just_asked_for_is_answered_by_the_next_message(said: str) -> None:
    waiting = Situation(steps=(step(3),), cases=("OFB-7",), prompt=Prompt("reason", "send_back", "OFB-7", 2, 5))
    assert route(said, waiting) == Command("send_back", case="OFB-7", step=2, revision=5, words=said)


@pytest.mark.parametrize("said", ["cancel", "Cancel.", "取消", "never mind"])
def test_what_was_asked_for_can_be_cancelled(said: str) -> None:
    waiting = Situation(prompt=Prompt("reason", "send_back", "OFB-7", 2, 5))
    assert route(said, waiting) == NotUnderstood("cancelled")


def test_a_command_is_a_command_also_while_something_is_asked_for() -> None:
    waiting = Situation(prompt=Prompt("reason", "send_back", "OFB-7", 2, 5))
    assert route("/offboard status", waiting) == Command("status")


@pytest.mark.parametrize(
    ("asks", "said", "values", "words"),
    [
        ("date", "2026年12月4日", ("2026-12-04",), "2026年12月4日"),
        ("date", "soon", (), "soon"),
        ("person", "赵云", (), "赵云"),
        ("waive", "not_ours", ("not_ours",), ""),
        ("waive", "because it is empty", (), "because it is empty"),
        ("waive", "接受风险 领导同意", ("accepted_risk",), "领导同意"),
    ],
)
def test_what_was_asked_for_is_read_as_what_it_is(asks: str, said: str, values: tuple[str, ...], words: str) -> None:
    waiting = Situation(prompt=Prompt(asks, "verb", "OFB-7", 2, 5))
    assert route(said, waiting) == Command("verb", case="OFB-7", step=2, revision=5, values=values, words=words)


# ------------------------------------------------------------------ anything else


@pytest.mark.parametrize(
    "said", ["", " ", "\n\t", "\u200b", "\u202e\u2066", "\ud800", "\x00\x07", "\u00ad\ufeff", "\U000e0041"]
)
def test_what_says_nothing_is_empty(said: str) -> None:
    assert route(said, EVERYTHING) == NotUnderstood("empty")


@pytest.mark.parametrize(
    "said",
    [
        "hello",
        "谢谢",
        "👍🏽",
        "....",
        "?!?",
        "½",
        "42",
        "OFB",
        "ofb-",
        "第步",
        "\u0627\u0646\u062a\u0647\u0649",
        "<@U1>",
        "{{ done }}",
    ],
)
def test_nonsense_is_not_understood(said: str) -> None:
    assert route(said, ONE) == NotUnderstood()


def test_a_message_that_is_too_long_is_told_so_and_never_searched() -> None:
    assert route("done " + "a" * 9_995, ONE) == NotUnderstood("too_long")
    assert route("完" * 10_000, ONE) == NotUnderstood("too_long")
    assert route("send back 2 " + "a" * (LONGEST - 12), ADMIN) == Command(
        "send_back", case="OFB-7", step=2, words="a" * (LONGEST - 12)
    )


@pytest.mark.parametrize(
    "said",
    [
        "do\u200bne",
        "\u202edone",
        "done\u2069",
        "d\u00adone",
        "done\x00",
        "\x1b[31mdone"[5:],
        "do\ud800ne",
        "done\u061c",
        "\U000e0001done",
    ],
)
def test_what_cannot_be_seen_makes_no_difference(said: str) -> None:
    assert route(said, ONE) == Command("confirm", case="OFB-7", step=3)


def test_what_is_kept_of_a_text_can_be_stored_and_seen() -> None:
    assert clean("\u202eab\x00c\ud800\n d\t ") == "abc\n d"
    clean("".join(map(chr, range(0x2FFF)))).encode("utf-8")


def test_letters_that_only_look_like_a_verb_are_none() -> None:
    assert route("d\u043ene", ONE) == NotUnderstood(), "with a Cyrillic о"


statuses = st.sampled_from(list(StepStatus))
refs = st.sampled_from(("OFB-1", "OFB-7", "OFB-10"))
steps = st.builds(OpenStep, refs, st.integers(1, 30), st.text(max_size=5), statuses, st.booleans())
labels = st.sampled_from(("", "1", "Phone", "个人微信", "done", "不清楚", "ẞ"))
pendings = st.builds(
    Pending,
    refs,
    st.sampled_from(("leavers", "successor", "last_day")),
    st.sampled_from(("choice", "many", "account_id", "date", "phone", "domain", "ip", "text", "person")),
    st.lists(st.tuples(st.sampled_from(("a", "unknown", "0")), labels), max_size=3).map(tuple),
)
prompts = st.none() | st.builds(Prompt, st.sampled_from(("reason", "date", "person", "waive")), st.just("waive"), refs)
situations = st.builds(
    Situation,
    st.lists(steps, max_size=3).map(tuple),
    st.lists(pendings, max_size=2).map(tuple),
    st.lists(refs, max_size=2, unique=True).map(tuple),
    prompts,
    st.sampled_from(("", "", "OFB-7")),
)
pieces = st.sampled_from(
    [
        *(word for words in VERBS.values() for word in words[:2]),
        "OFB-7",
        "ofb-99999999999",
        " ",
        "3",
        "第3步",
        "٣",
        "²",
        "：",
        "。",
        "2026-12-04",
        "2026年",
        "other",
        "@",
        "\u202e",
        "\ud800",
        "ﬁ",
        "İ",
        "ß",
        "\n",
        "吗",
        "了",
        "%",
        "(",
        "\\",
    ]
)
texts = st.text(max_size=30) | st.lists(pieces, max_size=6).map("".join)


@settings(
    derandomize=True, database=None, deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow]
)
@given(text=texts, now=situations)
@example(text="done 999999", now=ONE)
@example(text="ofb-7", now=Situation(thread="OFB-7"))
def test_no_text_breaks_the_route_and_what_comes_out_is_of_the_situation(text: str, now: Situation) -> None:
    routed = route(text, now)
    match routed:
        case Command():
            assert routed.verb == "answer" or routed.verb in VERBS or routed.verb in ("waive", "rescue")
            routed.words.encode("utf-8")
            assert routed.step >= 0
            if routed.step and now.prompt is None:
                known = {one.case for one in now.steps} | set(now.cases) | {now.thread}
                assert routed.case in known or routed.case.casefold() in clean(text).casefold(), "a case from nowhere"
        case Unclear():
            assert len(routed.choices) > 1
            assert set(routed.choices) <= set(now.steps)
            if "ofb-" not in text.casefold():
                name = routed.verb.partition(":")[0]
                assert all(one.status in FITS[name] for one in routed.choices) or any(c.isdigit() for c in text)
        case NotUnderstood():
            assert routed.why in ("empty", "too_long", "unknown", "nothing_fits", "cancelled")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("1", Command("approve:looked", "OFB-7", 2)),
        ("１。", Command("approve:looked", "OFB-7", 2)),
        ("2", Command("send_back", "OFB-7", 2)),
        ("2 页面上还是旧号码", Command("send_back", "OFB-7", 2, words="页面上还是旧号码")),
        ("2. Still the old number", Command("send_back", "OFB-7", 2, words="Still the old number")),
    ],
)
def test_where_one_decision_alone_waits_one_and_two_are_the_buttons_of_its_card(said: str, meant: Command) -> None:
    assert route(said, ADMIN) == meant
    beside = Situation(steps=(*ADMIN.steps, step(3, mine=False)), cases=("OFB-7",))
    assert route(said, beside) == meant, "what others have to do waits for them"


@pytest.mark.parametrize("said", ["1", "2", "3", "12", "1 apple"])
def test_a_bare_number_means_no_decision_where_it_could_mean_something_else(said: str) -> None:
    two = Situation(steps=(step(1, CLAIMED, mine=False), step(2, CLAIMED, mine=False)), cases=("OFB-7",))
    own = Situation(steps=(step(1, CLAIMED, mine=False), step(2)), cases=("OFB-7",))
    for now in (two, own, NOTHING):
        assert isinstance(route(said, now), NotUnderstood)
    assert isinstance(route("3", ADMIN), NotUnderstood)
    assert isinstance(route("1 apple", ADMIN), NotUnderstood)


AGREE, NAME = Choice("OFB-7", "start", "decline"), Choice("OFB-7", "successor:proposed", "successor")
OFFER = Choice("OFB-7", "accept", "decline")


@pytest.mark.parametrize(
    ("choice", "text", "verb", "words"),
    [
        (AGREE, "1", "start", ""), (AGREE, "同意", "start", ""), (AGREE, "agree", "start", ""),
        (AGREE, "2", "decline", ""), (AGREE, "驳回 还没谈好", "decline", "还没谈好"),
        (AGREE, "disagree", "decline", ""),
        (NAME, "1", "successor:proposed", ""), (NAME, "同意", "successor:proposed", ""),
        (NAME, "驳回", "successor", ""),
        (OFFER, "1", "accept", ""), (OFFER, "Agree.", "accept", ""), (OFFER, "2", "decline", ""),
        (OFFER, "OFB-7 同意", "accept", ""),
    ],
)  # fmt: skip
def test_the_one_yes_or_no_that_waits_is_said_in_a_word(choice: Choice, text: str, verb: str, words: str) -> None:
    assert route(text, Situation(choices=(choice,))) == Command(verb, case="OFB-7", words=words)


@pytest.mark.parametrize("text", ["1", "2", "同意", "驳回"])
def test_of_two_that_wait_none_is_meant_by_a_word(text: str) -> None:
    two = Situation(choices=(AGREE, Choice("OFB-8", "accept", "decline")))
    assert isinstance(route(text, two), NotUnderstood)


def test_what_waits_for_approval_is_approved_before_anything_else_is_agreed_to() -> None:
    now = Situation(steps=ADMIN.steps, choices=(Choice("OFB-8", "start", "decline"),), cases=("OFB-7", "OFB-8"))
    assert route("同意", now) == Command("approve:word", case="OFB-7", step=2)
    assert isinstance(route("1", now), NotUnderstood)
    assert route("同意交接", now) == Command("start", case="OFB-8")
