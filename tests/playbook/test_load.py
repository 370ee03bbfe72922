"""Files become a playbook, or a list of everything that is wrong with them; never a traceback."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.core.case import Answer, Case, Grade, Holder, Owner
from bot.core.guard import Guard, masks
from bot.playbook import folder, tree
from bot.playbook.lint import lint
from bot.playbook.load import (
    VARIABLES,
    VERSION,
    PlaybookError,
    Problem,
    content_hash,
    find,
    lines,
    pack,
    parse,
    read,
    read_folder,
    unpack,
)
from bot.playbook.model import AllOf, AnyOf, Is, Not
from bot.playbook.plan import build
from bot.playbook.template import ENVIRONMENT, flaws
from tests.playbook.mistakes import MISTAKES, SMALL, Mistake, edited, problems

CONTENT = Path(__file__).resolve().parents[2] / "conversations"
ROOT_ACCOUNT = "tencent_cloud/root_account"


def told(files: dict[str, str]) -> list[str]:
    return [str(problem) for problem in problems(files)]


def folder_with(path: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text, encoding="utf-8")
    return path


# ---------------------------------------------------------------------------------------------- what is right


def test_a_playbook_means_what_its_files_say() -> None:
    playbook = parse(SMALL, "small")

    unbind, delete = playbook.step("unbind"), playbook.step("delete")
    assert unbind is not None
    assert delete is not None
    assert (unbind.owner, unbind.needs, unbind.takes, unbind.only_leaver) == (
        Owner.LEAVER,
        ("bind",),
        ("old_login",),
        True,
    )
    assert unbind.when == Is("login", ("leaver",))
    assert delete.when == AnyOf((Is("keys", ("build",)), Is("keys", ("deploy",))))
    assert (delete.destroys, delete.approvals, delete.demands) == (("keys",), 2, Grade.STATED)
    assert playbook.holdings[0].leaver_when == Is("login", ("leaver",))
    assert playbook.invariants[0].held_by is Holder.COMPANY
    assert playbook.words["en"].steps["unbind"].parts == {
        "why": "Nobody has to call you later, {{ leaver }}.",
        "how": "Open the page with {{ successor }}.\nUnbind your sign-in.",
    }
    assert playbook.words["zh-CN"].questions["login"].options == {"leaver": "个人的", "company": "公司的"}


def test_two_keys_in_one_condition_mean_both_and_not_turns_it_round() -> None:
    files = edited(
        "playbook.yaml",
        "when: {keys: [build, deploy]}\n    after",
        "when: {login: leaver, not: {keys: build}}\n    after",
    )
    disable = parse(files, "small").step("disable")
    assert disable is not None
    assert disable.when == AllOf((Is("login", ("leaver",)), Not(Is("keys", ("build",)))))


def test_every_thing_is_remembered_with_its_file_and_line() -> None:
    places = read(SMALL, "small").places
    assert places["steps.unbind"] == ("playbook.yaml", 28)
    assert places["steps.unbind.takes"] == ("playbook.yaml", 32)
    assert places["questions.keys.options"] == ("playbook.yaml", 8)
    assert places["words.en.steps.bind.how"] == ("en/bind.md", 6)
    assert places["words.zh-CN.questions.login.options.company"] == ("zh-CN/_playbook.yaml", 7)


def test_wrapped_lines_are_one_line_and_chinese_is_joined_without_a_space() -> None:
    files = {
        **SMALL,
        "en/bind.md": "# Bind\n\n## why\nOne line\ngoes on.\n\nAnother.\n\n## how\n1. Open\n   it.\n\n2) Bind it.\n",
        "zh-CN/bind.md": "# 绑定\n\n## why\n第一行，\n接着写 QQ\n的内容。\n\n## how\n1. 打开。\n",
    }
    words = parse(files, "small").words
    assert words["en"].steps["bind"].parts == {"why": "One line goes on.\nAnother.", "how": "Open it.\nBind it."}
    assert words["zh-CN"].steps["bind"].parts["why"] == "第一行，接着写 QQ 的内容。"


def test_a_rendered_part_is_lines_without_numbers_and_without_empty_ones() -> None:
    assert lines("1. Open.\n\n 2) Bind.\nThe end") == ("Open.", "Bind.", "The end")


def test_the_shipped_playbooks_have_no_problem() -> None:
    names = find(CONTENT)
    assert ROOT_ACCOUNT in names
    for name in names:
        loaded = read(read_folder(CONTENT / name), name)
        assert [str(problem) for problem in lint(loaded.playbook, loaded.places)] == []


def test_the_root_accounts_protection_can_still_be_moved_when_the_phone_was_replaced_too_early() -> None:
    """The step that mends an alarm must not be closed by it: moving the protection takes nothing from anybody."""
    playbook = parse(read_folder(CONTENT / ROOT_ACCOUNT), ROOT_ACCOUNT)
    plan = build([playbook], {"leavers": Answer(("phone",)), "protection": Answer(("phone",))})
    at = datetime(2026, 11, 24, tzinfo=UTC)
    early = tuple(replace(step, opened_at=at) if step.id == "replace_phone" else step for step in plan.steps)
    case = Case("OFB-1", steps=early, holdings=plan.holdings, invariants=plan.invariants)
    guard = Guard.of(case)
    assert [breach.invariant for breach in guard.breaches(masks(early))] == ["protection_first"]
    closed = {step.id for step in early if not guard.may_open(case, step)}
    assert "replace_phone" in closed
    assert "move_protection" not in closed


def test_the_pure_python_reader_of_yaml_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    with_c = parse(SMALL, "small")
    monkeypatch.setattr(tree, "LOADER", yaml.SafeLoader)
    assert parse(SMALL, "small") == with_c
    for name in ("a tab", "an anchor", "a key twice", "a boolean in disguise", "deep nesting"):
        mistake = MISTAKES[name]
        assert [problem.line for problem in problems(edited(mistake.file, mistake.old, mistake.new))] == [mistake.line]


# ---------------------------------------------------------------------------------------------- what is wrong


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told_once_with_its_line_and_its_mend(mistake: Mistake) -> None:
    file = mistake.told_in or mistake.file
    assert problems(edited(mistake.file, mistake.old, mistake.new)) == [
        Problem(file=file, line=mistake.line, step=mistake.step, what=mistake.what, mend=mistake.mend)
    ]


def test_the_message_is_one_line_that_begins_with_the_place() -> None:
    assert told(edited("playbook.yaml", "    takes: old_login", "    take: old_login")) == [
        "playbook.yaml:32: step unbind: `unbind` has no key `take`. Did you mean `takes`?"
    ]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_files() -> None:
    files = edited("playbook.yaml", "owner: leaver", "owner: lever")
    files["playbook.yaml"] = files["playbook.yaml"].replace("kind: many", "kind: several")
    files["en/bind.md"] = files["en/bind.md"].replace("## why", "## wy")
    files["zh-CN/_playbook.yaml"] = files["zh-CN/_playbook.yaml"].replace("ask: 账号有", "asks: 账号有")
    with pytest.raises(PlaybookError) as error:
        parse(files, "small")
    assert [(one.file, one.line) for one in error.value.problems] == [
        ("playbook.yaml", 7),
        ("playbook.yaml", 29),
        ("en/bind.md", 3),
        ("zh-CN/_playbook.yaml", 8),
        ("zh-CN/_playbook.yaml", 9),
    ]


def test_files_that_nothing_reads_are_told() -> None:
    strays = {"notes.txt": "", "fr/bind.md": "# Lier", "en/bind.txt": "", "en/more/bind.md": "", "en/bnd.md": "# B"}
    unread = "Nothing reads this file. Name it `playbook.yaml`, `_playbook.yaml` or `<step>.md`, or take it away."
    assert told({**SMALL, **strays}) == [
        f"notes.txt: {unread}",
        f"en/bind.txt: {unread}",
        "en/bnd.md: There is no step `bnd`. Did you mean `bind`?",
        f"en/more/bind.md: {unread}",
        "fr/bind.md: `fr` is no language. Words stand in `en` or `zh-CN`.",
    ]


def test_files_that_are_missing_are_told() -> None:
    without = {name: text for name, text in SMALL.items() if name not in ("en/_playbook.yaml", "zh-CN/bind.md")}
    assert "en/_playbook.yaml: This file is missing. Add it: it holds the words of the questions." in told(without)
    assert told({name: text for name, text in SMALL.items() if name != "zh-CN/bind.md"}) == [
        "zh-CN/bind.md: step bind: This step has no words in zh-CN. Write zh-CN/bind.md."
    ]
    assert told({})[0].startswith("playbook.yaml: This file is missing.")


def test_a_folder_that_cannot_be_a_name_is_told() -> None:
    with pytest.raises(PlaybookError, match="The folder `Root Account` cannot be a playbook's name"):
        parse(SMALL, "Root Account")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("name: small\n" + "[" * 100_000, 2),
        ("name: small\nsteps: " + "{a: " * 100_000, 2),
        ("name: small\n" + "".join(f"key{n}: x\n" for n in range(9000)), 2500),
        ('name: "' + "long " * 20_000 + '"\nsteps: []\n', 1),
        ('name: "\\ue000slack:U1\\ue001"\n', 1),
        ('name: "\\u0000"\n', 1),
        ("? [a, b]\n: c\n", 1),
        ("- " * 30 + "x\n", 1),
        ("name: |\n  two\n  lines\n", 1),
    ],
    ids=["brackets", "braces", "keys", "a long text", "a mention", "NUL", "a list as a key", "lists", "two lines"],
)
def test_hostile_yaml_is_refused_with_a_line(text: str, line: int) -> None:
    with pytest.raises(PlaybookError) as error:
        parse({**SMALL, "playbook.yaml": text}, "small")
    assert line in [problem.line for problem in error.value.problems]


@pytest.mark.parametrize(
    "text",
    [
        "# Title\n\n## why\n" + "word\n" * 200_000,
        "# Title\n" + "## nonsense\n" * 200_000,
        "# Title\n\n## why\n" + "[" * 200_000,
        "# Title\n\n## why\n" + "{{ leaver }}" * 20_000,
        "# Ti\x00tle\n\n## why\nx\n",
        "# Title\n\n## why\n\ue000slack:U1\ue001\n",
    ],
    ids=["lines", "headings", "brackets", "a long template", "NUL", "a mention"],
)
def test_hostile_prose_is_refused(text: str) -> None:
    with pytest.raises(PlaybookError) as error:
        parse({**SMALL, "en/bind.md": text}, "small")
    assert all(problem.file == "en/bind.md" for problem in error.value.problems)


# ---------------------------------------------------------------------------------------------- templates


def test_the_variables_are_an_interface_with_a_version() -> None:
    assert VERSION == 1
    assert sorted(VARIABLES) == ["last_day", "leaver", "successor", "target"]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("plain", "plain"),
        ("by {{ last_day }}", "by Friday"),
        ("{% if target %}{{ target }}{% else %}all{% endif %}", "7"),
        ("{% if target == '7' and not leaver != 'Lin' %}yes{% endif %}", "yes"),
        ("{% for way in ['a', 'b'] %}{{ way }} {{ target }},{% endfor %}", "a 7,b 7,"),
        ("{# a note #}x{% raw %}{{{% endraw %}", "x{{"),
    ],
)
def test_a_template_may_say_these(source: str, text: str) -> None:
    values = {"target": "7", "leaver": "Lin", "successor": "Mei", "last_day": "Friday"}
    assert flaws(source) == ()
    assert ENVIRONMENT.from_string(source).render(values) == text


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("{{ leaver() }}", "calls"),
        ("{{ leaver.name }}", "attributes"),
        ("{{ leaver['__class__'] }}", "items"),
        ("{{ leaver|upper }}", "filters"),
        ("{{ leaver is defined }}", "tests"),
        ("{{ 9 ** 9 }}", "arithmetic"),
        ("{{ 'a' * 999999999 }}", "arithmetic"),
        ("{{ 'a' ~ leaver }}", "concat"),
        ("{{ 1 }}", "numbers"),
        ("{{ " + "9" * 5000 + " }}", "numbers"),
        ("{{ leaver if target }}", "condexpr"),
        ("{{ leaver < 'x' }}", "compares"),
        ("{{ secrets }}", "no variable"),
        ("{% set leaver = 'x' %}", "assign"),
        ("{% include 'x' %}", "include"),
        ("{% import 'x' as y %}", "import"),
        ("{% macro x() %}{% endmacro %}", "macro"),
        ("{% for x in leaver %}{% endfor %}", "written out"),
        ("{% for x in ['a'] recursive %}{% endfor %}", "written out"),
        ("{% for x in ['a'] %}{% for y in ['b'] %}{% endfor %}{% endfor %}", "written out"),
        ("{% for x in [" + "'a'," * 13 + "] %}{% endfor %}", "written out"),
        ("{% for leaver in ['a'] %}{% endfor %}", "name of its own"),
        ("{% for x in ['a'] %}{% endfor %}{{ x }}", "no variable"),
        ("{% if leaver %}" * 50 + "{% endif %}" * 50, "nested"),
        ("{{ " + "(" * 5000 + "leaver" + ")" * 5000 + " }}", "nested"),
        ("{% if leaver %}", "not a template"),
        ("{% nonsense %}", "not a template"),
        ("{{ leaver }", "not a template"),
    ],
)
def test_a_template_may_not_do_these(source: str, what: str) -> None:
    found = flaws(source)
    assert found
    assert what in found[0].what
    assert all(flaw.mend for flaw in found)


def test_a_note_to_the_next_author_is_no_part_of_a_card_and_moves_no_line() -> None:
    noted = {**SMALL, "en/bind.md": SMALL["en/bind.md"].replace("## why\n", "## why\n<!-- {{ leever }} 备注 -->\n")}
    assert noted != SMALL
    assert parse(noted, "small").words == parse(SMALL, "small").words
    wrong = {**noted, "en/bind.md": noted["en/bind.md"].replace("## how", "## haw")}
    assert [problem.line for problem in problems(wrong)] == [7]


# ---------------------------------------------------------------------------------------------- folders


def test_a_folder_is_read_without_hidden_files_and_stories(tmp_path: Path) -> None:
    more = {".DS_Store": "x", "stories/one.yaml": "x", ".git/config": "x", "en/.bind.md.swp": "x"}
    assert read_folder(folder_with(tmp_path, {**SMALL, **more})) == SMALL


def test_a_byte_order_mark_and_windows_lines_change_nothing(tmp_path: Path) -> None:
    folder_with(tmp_path, SMALL)
    for name, text in SMALL.items():
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert content_hash(read_folder(tmp_path)) == content_hash(SMALL)


def test_windows_lines_that_come_from_elsewhere_are_read_all_the_same() -> None:
    windows = {name: text.replace("\n", "\r\n") for name, text in SMALL.items()}
    assert parse(windows, "small").words == parse(SMALL, "small").words


def test_what_is_no_text_is_refused_with_its_file_and_line(tmp_path: Path) -> None:
    folder_with(tmp_path, SMALL)
    (tmp_path / "en/bind.md").write_bytes(b"# Bind\n\n## why\n\xff\xfe\n")
    (tmp_path / "en/unbind.md").write_bytes(b"x" * 10_000_000)
    (tmp_path / "zh-CN/bind.md").unlink()
    (tmp_path / "zh-CN/bind.md").mkdir()
    (tmp_path / "zh-CN/unbind.md").unlink()
    os.mkfifo(tmp_path / "zh-CN/unbind.md")
    with pytest.raises(PlaybookError) as error:
        read_folder(tmp_path)
    assert {str(problem) for problem in error.value.problems} == {
        "en/bind.md:4: This line is not UTF-8 text. Save the file as UTF-8.",
        "en/unbind.md: This file is larger than 256 KB. Split it, or take out what no person reads.",
        "zh-CN/bind.md: This is a folder, and nothing reads a folder here. Take it away, or put a file in its place.",
        "zh-CN/unbind.md: This is not a plain file. Put a text file here, or take it away.",
    }


def test_a_link_out_of_the_folder_is_refused_and_its_target_is_not_shown(tmp_path: Path) -> None:
    outside = tmp_path / "outside.md"
    outside.write_text("a secret")
    inside = folder_with(tmp_path / "small", SMALL)
    (inside / "en/bind.md").unlink()
    (inside / "en/bind.md").symlink_to(outside)
    (inside / "fr").symlink_to(tmp_path)
    with pytest.raises(PlaybookError) as error:
        read_folder(inside)
    assert [str(problem) for problem in error.value.problems] == [
        "fr: This is a link out of the folder. Put a copy of the file here instead.",
        "en/bind.md: This is a link out of the folder. Put a copy of the file here instead.",
    ]


def test_a_link_within_the_folder_is_read(tmp_path: Path) -> None:
    folder_with(tmp_path, SMALL)
    (tmp_path / "en/bind.md").rename(tmp_path / "en/.data")
    (tmp_path / "en/bind.md").symlink_to(tmp_path / "en/.data")
    assert read_folder(tmp_path) == SMALL


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PlaybookError, match="There is no such folder"):
        read_folder(tmp_path / "nowhere")
    with pytest.raises(PlaybookError, match="This is a file, not a folder"):
        read_folder(tmp_path / "file")


def test_a_folder_with_too_many_files_is_refused_before_they_are_all_read(tmp_path: Path) -> None:
    folder_with(tmp_path, {f"en/step{n}.md": "" for n in range(folder.FILES + 50)})
    with pytest.raises(PlaybookError, match="There are too many files"):
        read_folder(tmp_path)


def test_playbooks_are_found_by_their_structure_file(tmp_path: Path) -> None:
    for name in ("b", "a/two", "a/one", "_shared", ".hidden", "a/one/inner"):
        folder_with(tmp_path / name, {"playbook.yaml": "x"})
    folder_with(tmp_path / "a/none", {"other.yaml": "x"})
    assert find(tmp_path) == ["a/one", "a/two", "b"]
    assert find(tmp_path / "nowhere") == []


# ---------------------------------------------------------------------------------------------- bytes and hash


def test_packing_does_not_depend_on_the_order_of_the_files() -> None:
    backwards = dict(reversed(SMALL.items()))
    assert pack(backwards) == pack(SMALL)
    assert unpack(pack(SMALL)) == SMALL
    assert parse(SMALL, "small").hash == content_hash(backwards)


def test_the_hash_of_known_files_stays_the_same_for_ever() -> None:
    files = {"playbook.yaml": "name: a\n", "en/b.md": "# 你好\n"}
    assert pack(files) == '{"en/b.md":"# 你好\\n","playbook.yaml":"name: a\\n"}'.encode()
    assert content_hash(files) == "c7de36652760750026a72f918311fb6bd2a4909869ed502382033e71132b2dfa"


@given(st.sampled_from(sorted(SMALL)), st.integers(0, 10_000), st.characters(codec="utf-8"))
@settings(derandomize=True, max_examples=60, deadline=None)
def test_every_changed_sign_changes_the_hash(name: str, at: int, sign: str) -> None:
    text = SMALL[name]
    at %= len(text)
    changed = {**SMALL, name: text[:at] + sign + text[at + 1 :]}
    assert (content_hash(changed) == content_hash(SMALL)) == (changed == SMALL)


@pytest.mark.parametrize("data", [b"", b"[]", b'{"a": 1}', b"\xff", b'{"a": "\xff"}'])
def test_bytes_that_nobody_packed_are_told(data: bytes) -> None:
    with pytest.raises(PlaybookError, match="These bytes are not a packed playbook"):
        unpack(data)


# ---------------------------------------------------------------------------------------------- by chance

PIECES = (
    "\t", "  ", "\n", ": ", "- ", "{", "}", "[", "]", "#", "'", '"', "&a ", "*a", "!!x ", "---\n", "? ", "|\n", ">\n",
    "\x00", "\ufeff", "\ue000", "off", "null", "~", "<<: ", "{{", "}}", "{%", "## why\n", "# ", "1. ", "id: x\n", "\r",
    "%YAML 9\n", "\u2028", "\ud800", "0x1f", "when: {not: {not: {}}}\n", "needs: [[]]\n", "http://", "[x](", "你",
)  # fmt: skip


@given(
    st.sampled_from(("playbook.yaml", "en/_playbook.yaml", "en/unbind.md", "zh-CN/unbind.md")),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 40), st.sampled_from(PIECES)), min_size=1, max_size=4),
)
@settings(derandomize=True, max_examples=150, deadline=None)
def test_no_edit_ever_gives_a_traceback(name: str, edits: list[tuple[int, int, str]]) -> None:
    text = SMALL[name]
    for at, gone, piece in edits:
        place = at % (len(text) + 1)
        text = text[:place] + piece + text[place + gone :]
    for problem in problems({**SMALL, name: text}):
        assert problem.file
        assert problem.what
        assert problem.mend
        assert str(problem).isprintable()


# ---------------------------------------------------------------------------------------------- the guide


def test_the_guide_shows_errors_as_they_are() -> None:
    guide = (CONTENT / "README.md").read_text(encoding="utf-8")
    for problem in re.findall(r"^(?:playbook\.yaml|en/)\S*:\d+: .*$", guide, re.MULTILINE):
        assert any(problem == line for edit in GUIDE_EDITS for line in told(edit)), problem


GUIDE_EDITS = (
    edited("playbook.yaml", "    takes: old_login", "    take: old_login"),
    edited("playbook.yaml", "needs: bind", "needs: bend"),
    edited("en/unbind.md", "{{ leaver }}", "{{ leever }}"),
)
