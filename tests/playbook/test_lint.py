"""Each rule of the linter, shown a wrong playbook of a few lines. (Mistakes in files are in mistakes/.)"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from bot.core.case import Grade, Holder, Owner
from bot.playbook.lint import RULES, lint
from bot.playbook.load import parse
from bot.playbook.model import (
    AnyOf,
    HoldingSpec,
    InvariantSpec,
    Is,
    LeadSpec,
    Not,
    Playbook,
    Question,
    QuestionWords,
    StepSpec,
    StepWords,
    Words,
)
from bot.playbook.questions import MOST_OPTIONS, MOST_TICKS
from bot.playbook.wording import OPTION, TITLE
from tests.playbook.mistakes import MISTAKES, SMALL, edited


def told(playbook: Playbook, about: str = "") -> list[str]:
    """The problems of a playbook that has no files; with `about`, only those that say this."""
    return [f"{one.what} {one.mend}" for one in lint(playbook) if about in one.what]


def set_wrong(playbook: Playbook) -> list[str]:
    """The same without what one language alone says: these playbooks say it in one on purpose."""
    return [one for one in told(playbook) if "stands in one language alone" not in one]


def words_of(playbook: Playbook) -> dict[str, Words]:
    """Words without a fault for whatever the playbook has, in both languages."""
    step = StepWords("Do it", {"why": "So that it is done.", "how": "Do it."})
    schritt = StepWords("办理", {"why": "需要办理。", "how": "办理。"})
    ids = [one.id for one in playbook.steps]
    asked = {
        q.id: QuestionWords("Which?", "To know.", options=dict.fromkeys(q.options, "One")) for q in playbook.questions
    }
    gefragt = {
        q.id: QuestionWords("哪个？", "需要知道。", options=dict.fromkeys(q.options, "一")) for q in playbook.questions
    }
    held = [one.id for one in playbook.holdings]
    kept = [one.id for one in playbook.invariants]
    return {
        "en": Words(
            "Name", "it", asked, dict.fromkeys(ids, step), dict.fromkeys(held, "it"), dict.fromkeys(kept, "It.")
        ),
        "zh-CN": Words(
            "名称", "它", gefragt, dict.fromkeys(ids, schritt), dict.fromkeys(held, "它"), dict.fromkeys(kept, "它。")
        ),
    }


def playbook(
    *steps: StepSpec,
    questions: tuple[Question, ...] = (),
    holdings: tuple[HoldingSpec, ...] = (),
    invariants: tuple[InvariantSpec, ...] = (),
) -> Playbook:
    bare = Playbook("small", steps, questions, holdings, invariants)
    return replace(bare, words=words_of(bare))


def leading(*steps: StepSpec, questions: tuple[Question, ...] = (), leads: tuple[LeadSpec, ...] = ()) -> Playbook:
    return replace(playbook(*steps, questions=questions), leads_to=leads)


def saying(language: str, **parts: str) -> Playbook:
    """A playbook of one step, one of whose parts says something."""
    bare = playbook(StepSpec("do"))
    words = bare.words[language]
    step = words.steps["do"]
    title = parts.pop("title", step.title)
    first, look = parts.pop("first", ""), parts.pop("look", "")
    told_ = StepWords(title, {**step.parts, **parts}, first, look)
    return replace(bare, words={**bare.words, language: replace(words, steps={"do": told_})})


LOGIN = Question("login", options=("leaver", "company"))
OLD, NEW = HoldingSpec("old", Is("login", ("leaver",)), group="login_method"), HoldingSpec("new", group="login_method")
A_WAY_IN = InvariantSpec("a_way_in", ("login_method",), ("login_method",), Holder.COMPANY, at_least=1)
BIND, UNBIND = StepSpec("bind", gives=("new",)), StepSpec("unbind", needs=("bind",), takes=("old",))
DISABLE = StepSpec("disable", disables=("old",), soak_hours=1)
SOUND = playbook(BIND, UNBIND, questions=(LOGIN,), holdings=(OLD, NEW), invariants=(A_WAY_IN,))


def test_a_sound_playbook_has_no_problem() -> None:
    assert lint(SOUND) == []
    assert lint(playbook(StepSpec("do"))) == []
    assert lint(parse(SMALL, "small")) == []


WRONG: dict[str, tuple[Playbook, str]] = {
    "an id with a capital": (playbook(StepSpec("Do")), "`Do` cannot be an id. Begin with a small letter"),
    "an id that is too long": (playbook(StepSpec("a" * 41)), f"`{'a' * 40}…` cannot be an id."),
    "an id with a line break": (playbook(StepSpec("do\n")), "cannot be an id."),
    "a question with a reserved name": (
        playbook(StepSpec("do", when=Is("any", ("a",))), questions=(Question("any", options=("a", "b")),)),
        "`any` has a meaning of its own. Choose another id.",
    ),
    "a question that the engine asks itself": (
        playbook(StepSpec("do"), questions=(Question("last_day", kind="date", private=True),)),
        "`last_day` has a meaning of its own. Choose another id.",
    ),
    "unknown as an option": (
        playbook(
            StepSpec("do", when=Is("login", ("leaver",))), questions=(replace(LOGIN, options=("leaver", "unknown")),)
        ),
        "`unknown` has a meaning of its own. Choose another id.",
    ),
    "two steps of one name": (playbook(StepSpec("do"), StepSpec("do")), "`do` stands twice in `steps`."),
    "an option twice": (
        playbook(StepSpec("do", when=Is("q", ("a",))), questions=(Question("q", options=("a", "a")),)),
        "`a` is offered twice. Keep one.",
    ),
    "a group with the name of a holding": (
        playbook(BIND, holdings=(NEW, HoldingSpec("login_method"))),
        "`login_method` is a holding and a group. Rename the group.",
    ),
    "a choice of one": (
        playbook(StepSpec("do", when=Is("q", ("a",))), questions=(Question("q", options=("a",)),)),
        "There is nothing to choose from. Add `options: [first, second]`.",
    ),
    "more options than a card holds": (
        playbook(
            StepSpec("do", when=Is("q", ("o1",))),
            questions=(Question("q", options=tuple(f"o{n}" for n in range(MOST_OPTIONS + 1))),),
        ),
        "more than a card can show.",
    ),
    "options to a typed question": (
        playbook(StepSpec("do"), questions=(Question("q", kind="ip", options=("a",), targets=True),)),
        "A question of kind `ip` is typed and has no options.",
    ),
    "free text in the open": (
        playbook(StepSpec("do"), questions=(Question("q", kind="text", targets=True),)),
        "Free text is always private. Add `private: true`.",
    ),
    "a question without a use": (
        playbook(StepSpec("do"), questions=(LOGIN,)),
        "No condition asks for `login`. Name it in a condition, or do not ask it",
    ),
    "a condition on a typed answer": (
        playbook(StepSpec("do", when=Is("q", ("1",))), questions=(Question("q", kind="account_id"),)),
        "`q` is typed, so no condition can know its answers.",
    ),
    "a condition deep inside another": (
        playbook(StepSpec("do", when=AnyOf((Not(Is("login", ("lever",))),))), questions=(LOGIN,)),
        "`login` offers no `lever`. Did you mean `leaver`?",
    ),
    "a question that hangs on a later one": (
        playbook(
            StepSpec("do", when=Is("first", ("a",))),
            questions=(Question("first", options=("a", "b"), when=Is("login", ("leaver",))), LOGIN),
        ),
        "`first` hangs on `login`, which is asked after it. Move `login` up in the list.",
    ),
    "a step after one that there is not": (
        playbook(StepSpec("do", after=("be",))),
        "There is no step `be`. Take it out.",
    ),
    "a step that needs itself": (
        playbook(StepSpec("do", needs=("do",))),
        "These steps wait for each other: `do` needs `do`.",
    ),
    "a holding that nothing moves": (
        playbook(BIND, holdings=(NEW, HoldingSpec("idle"))),
        "Nothing gives, takes or guards `idle`. Let a step give or take it, or take it out.",
    ),
    "an invariant without guards": (
        playbook(BIND, UNBIND, questions=(LOGIN,), holdings=(OLD, NEW), invariants=(replace(A_WAY_IN, guards=()),)),
        "`a_way_in` names nothing in `guards`. Add holdings or a group to `guards`.",
    ),
    "an invariant that counts on nobody": (
        playbook(UNBIND, questions=(LOGIN,), holdings=(OLD, NEW), invariants=(A_WAY_IN,)),
        "`new` is nobody's and no step gives it, yet `a_way_in` counts on it.",
    ),
    "a grade that nothing reaches": (
        playbook(StepSpec("do", demands=Grade.CORROBORATED)),
        "Nothing can show a step to be corroborated yet. Write `demands: witnessed`.",
    ),
    "destruction after a mere order": (
        playbook(DISABLE, StepSpec("delete", after=("disable",), destroys=("old",), approvals=2), holdings=(NEW, OLD)),
        "`old` is destroyed without having been disabled.",
    ),
    "three approvals": (
        playbook(StepSpec("do", approvals=3)),
        "`approvals` cannot be 3. Nobody, one person or two approve a step: 0, 1 or 2.",
    ),
    "no patience": (playbook(StepSpec("do", patience_hours=0)), "`patience_hours` cannot be 0."),
    "due in a year": (playbook(StepSpec("do", before_last_day=300)), "`before_last_day` cannot be 300."),
    "only the leaver, owned by the successor": (
        playbook(StepSpec("do", owner=Owner.SUCCESSOR, only_leaver=True)),
        "Only the leaver can do this, but its owner is the successor.",
    ),
    "one language": (
        replace(SOUND, words={"en": SOUND.words["en"]}),
        "The playbook has no words in zh-CN. Add the folder zh-CN/ with the words of every step.",
    ),
    "a language that nobody reads": (
        replace(SOUND, words={**SOUND.words, "zh": SOUND.words["zh-CN"]}),
        "`zh` is no language here. Use `en` or `zh-CN`.",
    ),
    "words for a step that there is not": (
        replace(SOUND, steps=(BIND,)),
        "There is no step `unbind`.",
    ),
    "words for a question that there is not": (
        replace(SOUND, questions=()),
        "There is no question `login`. Take it out.",
    ),
    "a question without words": (
        replace(SOUND, words={**SOUND.words, "en": replace(SOUND.words["en"], questions={})}),
        "The question `login` has no words. Add `login:` with an `ask`.",
    ),
    "a step without a how": (
        replace(
            SOUND,
            words={k: replace(w, steps={**w.steps, "bind": StepWords("A")}) for k, w in SOUND.words.items()},
        ),
        "The part `how` is missing. Add `## how` and what it says.",
    ),
    "a question that is too long for a title": (
        replace(SOUND, words={**SOUND.words, "zh-CN": replace(SOUND.words["zh-CN"], name="名" * 27)}),
        "A title has 27 characters; 26 are shown.",
    ),
    "a variable in a label": (
        replace(SOUND, words={**SOUND.words, "en": replace(SOUND.words["en"], target="{{ target }}")}),
        "Variables work only in the parts of a step. Write it without a variable.",
    ),
    "a variable in a title": (saying("en", title="Do {{ leaver }}"), "Variables work only in the parts of a step."),
    "a dangerous template": (saying("en", look="{{ leaver.x }}"), "A template may not use attributes"),
    "a long Chinese sentence": (saying("zh-CN", why="很" * 61), "A sentence of 61 characters is hard to follow"),
    "a bare address": (saying("en", why="See https://example.com."), "is not a link that a card can show."),
    "a link with a variable": (
        saying("en", why="[x](https://example.com/{{ target }})"),
        "is not a link that a card can show.",
    ),
    "a link with a variable and no space": (
        saying("en", why="[x](https://example.com/{{target}})"),
        "The address of a link holds a variable. Write the address out.",
    ),
    "a host that nobody listed": (
        saying("en", first="[x](https://example.com/)"),
        "`https://example.com/` leads to a host that is not listed. Link to nothing, or add the host to `hosts`.",
    ),
    "a table": (saying("en", why="| a | b |"), "A card cannot draw `|`."),
    "a list in the wrong part": (saying("en", why="- one"), "A card cannot draw `-`."),
    "a playbook that leads to itself": (
        leading(StepSpec("do"), leads=(LeadSpec("small"),)),
        "The playbook leads to itself. Each playbook comes once in a case",
    ),
    "a lead that needs a step that there is not": (
        leading(StepSpec("do"), leads=(LeadSpec("other", needs=("dig",)),)),
        "There is no step `dig`.",
    ),
    "a lead that needs a step before there is one": (
        leading(StepSpec("do"), leads=(LeadSpec("other", needs=("do",), at="plan"),)),
        "At `plan` no step can be done yet. Write `at: end`, or take `needs` out.",
    ),
    "a router that leads nowhere for one answer": (
        leading(questions=(LOGIN,), leads=(LeadSpec("other", Is("login", ("leaver",)), at="answers"),)),
        "There are no steps, and nothing comes instead when `login` is company.",
    ),
    "a router that leads nowhere": (leading(), "There are no steps, and nothing comes instead. Add"),
    "a private question with options": (
        playbook(StepSpec("do"), questions=(replace(LOGIN, private=True),)),
        "A private answer steers nothing, so it is typed. Take the options out, or `private: true`.",
    ),
    "a name for all to read": (
        playbook(StepSpec("do"), questions=(Question("boss", kind="name"),)),
        "A name is always private. Add `private: true`.",
    ),
    "more ticks than a card can show": (
        playbook(
            StepSpec("do", when=Is("many", ("o1",))),
            questions=(Question("many", kind="many", options=tuple(f"o{n}" for n in range(MOST_TICKS + 1))),),
        ),
        "These are 20 options, more than a card can show. Offer at most 19, or ask in two questions.",
    ),
    "a card that is asked about every ten years": (
        playbook(StepSpec("do", again_days=3650)),
        "`again_days` cannot be 3650. Ask again after 1 to 730 days; 0 is never.",
    ),
    "a recovery that takes": (
        playbook(
            replace(BIND, recovers="a_way_in", takes=("old",)),
            UNBIND,
            questions=(LOGIN,),
            holdings=(OLD, NEW),
            invariants=(A_WAY_IN,),
        ),
        "A step that recovers takes `old`. Let it only give",
    ),
    "a step on what is not asked here": (
        playbook(StepSpec("do", when=Is("login", ("leaver",))), questions=(replace(LOGIN, asked=False),)),
        "`login` is not asked in this playbook. Ask it here, or use it in `leads_to` alone.",
    ),
    "a word that the glossary does not use": (
        saying("en", why="Log in once."),
        "The glossary does not say “log in”. Write “sign in”.",
    ),
    "a number that one language lacks": (
        saying("en", why="It takes 48 hours."),
        "The number `48` stands in one language alone. Say it in both.",
    ),
    "a picture": (saying("en", why="![x](y)"), "A card cannot draw `![`."),
}


@pytest.mark.parametrize(("wrong", "sentence"), WRONG.values(), ids=WRONG.keys())
def test_what_is_not_sound_is_told_with_a_mend(wrong: Playbook, sentence: str) -> None:
    assert any(sentence in one for one in told(wrong)), told(wrong)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_rule_of_the_table_bites_somewhere(rule: Callable[[Playbook], object]) -> None:
    found = [name for name, (wrong, _) in WRONG.items() if list(rule(wrong))]  # type: ignore[call-overload]
    assert found or rule.__name__ in BITES_IN_MISTAKES


BITES_IN_MISTAKES = {
    "recoveries_name_invariants": "a recovery of nothing",
    "steps_move_what_there_is": "a holding that there is not",
    "what_is_disabled_soaks": "a wait for nothing",
    "languages_tell_the_same": "a part that the other language lacks",
    "things_are_named": "a holding without a name",
    "options_fit": "an option that is too long",
    "how_is_short": "how without an end",
    "words_are_kind": "an unkind word",
    "hosts_are_hosts": "a host that is an address",
    "chinese_is_set_well": "a half-width mark in Chinese",
    "chinese_is_polite": "a Chinese text that is too familiar",
}


@pytest.mark.parametrize(("rule", "mistake"), BITES_IN_MISTAKES.items())
def test_a_rule_that_bites_in_a_mistake_is_the_one_that_tells_it(rule: str, mistake: str) -> None:
    file, old, new = MISTAKES[mistake][:3]
    judge = next(one for one in RULES if one.__name__ == rule)
    assert [finding.what for finding in judge(parse(edited(file, old, new), "small"))] == [MISTAKES[mistake].what]


def test_without_files_a_problem_still_names_the_file_it_would_be_in() -> None:
    wrong = replace(SOUND, steps=(BIND, replace(UNBIND, takes=("elsewhere",))))
    assert [(one.file, one.line, one.step) for one in lint(wrong)] == [("playbook.yaml", 0, "unbind")]
    silent = replace(SOUND, words={**SOUND.words, "en": replace(SOUND.words["en"], steps={})})
    assert {(one.file, one.step) for one in lint(silent)} == {("en/bind.md", "bind"), ("en/unbind.md", "unbind")}


def test_a_question_named_like_a_section_is_not_taken_for_a_step() -> None:
    question = Question("steps", options=("a", "b"))
    wrong = playbook(StepSpec("do", when=Is("steps", ("c",))), questions=(question,))
    bare = replace(wrong, words={})
    assert {one.step for one in lint(replace(bare, steps=(StepSpec("do"),)))} == {""}


def test_a_cycle_is_told_once_and_by_its_path_however_long_it_is() -> None:
    ring = [StepSpec(f"s{n}", needs=(f"s{n + 1}",)) for n in range(2000)]
    wrong = Playbook("small", (StepSpec("start", after=("s0",)), *ring, StepSpec("s2000", after=("s1999",))))
    found = [one.what for one in lint(wrong) if "wait for each other" in one.what]
    assert found == ["These steps wait for each other: `s1999` needs `s2000` needs `s1999`."]


def test_the_order_of_steps_that_share_a_need_is_no_cycle() -> None:
    steps = (StepSpec("a"), StepSpec("b", needs=("a",)), StepSpec("c", needs=("a", "b"), after=("a",)))
    assert lint(playbook(*steps)) == []


@pytest.mark.parametrize(
    "text",
    [
        "打开 [账号](https://example.com/)，选 QQ。",
        "在 72 小时内，“登录方式”中没有 MFA 设备（手机除外）。",
        "与 {{ leaver }} 一起，或{{ successor }}单独操作。",
        "账号中心 > 账号信息 > 登录方式。",
        "`AKID1234` 结尾的密钥。",
        "时间是 10:30，比例 1.5。",
    ],
)
def test_well_set_chinese_passes(text: str) -> None:
    assert set_wrong(replace(saying("zh-CN", why=text), hosts=("example.com",))) == []


@pytest.mark.parametrize(
    "text", ["好,", "好;", "好:好", "好!", "好?", "好.", "(好)", "好(OK)好", '"好"', "用QQ", "72小时", "QQ号", "“好”,"]
)
def test_badly_set_chinese_is_told(text: str) -> None:
    assert set_wrong(saying("zh-CN", why=text)), text


@pytest.mark.parametrize("text", ["Pleased to meet.", "Valid.", "A sentence (in brackets), with 25% of it: fine; yes!"])
def test_words_that_only_look_unkind_pass(text: str) -> None:
    assert set_wrong(saying("en", why=text)) == []


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_title_and_an_option_may_be_as_long_as_is_said(language: str) -> None:
    assert lint(saying(language, title="题" * TITLE[language])) == []
    words = SOUND.words[language]
    asked = QuestionWords("Q", "W", options=dict.fromkeys(LOGIN.options, "选" * OPTION[language]))
    most = replace(SOUND, words={**SOUND.words, language: replace(words, questions={"login": asked})})
    assert lint(most) == []


def test_a_sentence_may_have_twenty_five_words_and_a_variable_is_one() -> None:
    assert lint(saying("en", why="word " * 24 + "{{ last_day }}.")) == []
    assert told(saying("en", why="word " * 25 + "{{ last_day }}."), "26 words")
    assert lint(saying("en", why="Word " * 25 + ". " + "word " * 25 + ".")) == []
