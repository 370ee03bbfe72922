"""The pages themselves, as Markdown: `pages()` gives each with its path under docs/."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.content import names, root, stories
from bot.demo.story import Story
from bot.playbook.explore import explore
from bot.playbook.folder import read_folder
from bot.playbook.graph import mermaid
from bot.playbook.load import parse
from bot.playbook.model import Playbook
from bot.playbook.tale import tell
from tests.playbook.mistakes import MISTAKES, Mistake
from tests.playbook.test_lint import WRONG, told
from tests.written.rows import ROWS, Row

EN, ZH = "en", "zh-CN"
MADE = "<!-- Made from the content by `make docs`. Do not edit it here. -->"


def pages() -> dict[str, str]:
    """Path under docs/ -> text."""
    books = {name: parse(read_folder(root(None) / name), name) for name in names(None, None)}
    found = {"tencent-cloud.md": tencent_cloud(books), "mistakes.md": mistakes(), "playbooks/README.md": shelf(books)}
    found["cards.md"] = cards()
    return found | {f"playbooks/{name}.md": playbook(book) for name, book in books.items()}


def _page(lines: Iterator[str]) -> str:
    return "\n".join((MADE, "", *lines, ""))


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


# ---------------------------------------------------------------------------------------------- the guide, line by line


def tencent_cloud(books: dict[str, Playbook]) -> str:
    return _page(_guide(books))


def _guide(books: dict[str, Playbook]) -> Iterator[str]:
    count = sum(map(len, ROWS.values()))
    yield "# What is handed over, line by line · 交接内容一览"
    yield ""
    yield f"{count} lines: for each the step that does it, and a story in which it happens. The tests play every story"
    yield "in both languages, and hold that the step opens in it. One plays by itself like this (a story of a playbook"
    yield "other than the root account's has its name in front):"
    yield from ("", "```sh", "offboard demo --text --auto --story the_code_does_not_arrive")
    yield from ("offboard demo --text --auto --story tencent_cloud/recovery/the_phone_is_ours", "```")
    yield ""
    yield f"共 {count} 行：每一行写明由哪一步完成、在哪个故事里发生。测试会用两种语言演完每个故事。"
    for (en, zh), rows in ROWS.items():
        yield from ("", f"## {en} · {zh}", "")
        yield from _table(("", "", "step", "步骤", "playbook", "story"), (_line(row, books) for row in rows))


def _line(row: Row, books: dict[str, Playbook]) -> tuple[str, ...]:
    of, story = row.told_in
    book = books[row.playbook]
    en, zh = (
        f"[{book.words[language].steps[row.id].title}](../conversations/{row.playbook}/{language}/{row.id}.md)"
        for language in (EN, ZH)
    )
    name = f"`{row.playbook.removeprefix('tencent_cloud/')}`"
    return (
        row.en,
        row.zh,
        en,
        zh,
        f"[{name}](playbooks/{row.playbook}.md)",
        f"[`{story}`](../conversations/{of}/stories/{story}.yaml)",
    )


# ---------------------------------------------------------------------------------------------- the playbooks


def shelf(books: dict[str, Playbook]) -> str:
    return _page(_shelf(books))


def _shelf(books: dict[str, Playbook]) -> Iterator[str]:
    yield "# The playbooks · 剧本"
    yield ""
    yield "*Combinations*: sets of answers that make a difference. *Moments*: what stands for every order in which the"
    yield "steps can be done (0 where nothing could lock anybody out). Each was looked at: in none is the company"
    yield "locked out, and every plan can end."
    yield ""
    head = ("playbook", "", "", "questions", "steps", "stories", "combinations", "moments")
    yield from _table(head, (_shelved(book) for book in books.values()))


def _shelved(book: Playbook) -> tuple[str, ...]:
    report = explore(book)
    assert report.ok
    return (
        f"[`{book.name}`]({book.name}.md)",
        book.words[EN].name,
        book.words[ZH].name,
        str(sum(question.asked for question in book.questions)),
        str(len(book.steps)),
        str(len(list(stories(book.name, None)))),
        f"{report.projected:,}",
        f"{report.states:,}",
    )


def playbook(book: Playbook) -> str:
    return _page(_book(book))


def _book(book: Playbook) -> Iterator[str]:
    en, zh = book.words[EN], book.words[ZH]
    up = "../" * (book.name.count("/") + 2)
    yield f"# {en.name} · {zh.name}"
    yield ""
    yield f"`{book.name}`: {len(book.steps)} steps. Its files: [{book.name}]({up}conversations/{book.name})."
    yield ""
    yield "What `offboard playbook check` says of it:"
    yield from ("", "```text", *tell(book, explore(book)), "```", "", "## The order · 顺序", "")
    yield "A solid arrow: must be done first. A dotted one: only comes earlier. A dashed border: only with some"
    yield "answers. A thick arrow leads to another playbook."
    yield from ("", "```mermaid", mermaid(book, EN).rstrip(), "```", "", "<details>", "<summary>中文</summary>", "")
    yield from ("```mermaid", mermaid(book, ZH).rstrip(), "```", "", "</details>")
    if book.questions:
        yield from ("", "## Questions · 问题", "")
        asked = [question for question in book.questions if question.asked]
        yield from _table(
            ("id", "", ""), ((f"`{q.id}`", en.questions[q.id].ask, zh.questions[q.id].ask) for q in asked)
        )
    if book.steps:
        yield from ("", "## Steps · 步骤", "")
        rows = (
            (f"`{step.id}`", en.steps[step.id].title, zh.steps[step.id].title, str(step.owner)) for step in book.steps
        )
        yield from _table(("id", "", "", "owner"), rows)
    yield from ("", "## Stories · 故事", "")
    yield from _table(("", "", ""), _told(book, up))


def _told(book: Playbook, up: str) -> Iterator[tuple[str, str, str]]:
    for name, story in stories(book.name, None):
        assert isinstance(story, Story)
        about = {EN: story.about, ZH: story.about} if isinstance(story.about, str) else story.about
        yield f"[`{name}`]({up}conversations/{book.name}/stories/{name}.yaml)", about[EN], about[ZH]


# ---------------------------------------------------------------------------------------------- the cards

CARDS = {  # what tests/demo/pictures.py takes pictures of
    "question": ("A question", "提问"),
    "step": ("A step that only the leaver can do", "只有离职同事能办的一步"),
    "approval": ("What an admin decides", "管理员确认"),
    "alarm": ("Something happened too early", "有一步办得太早"),
    "receipt": ("The leaver's receipt", "离职同事的回执"),
}


def cards() -> str:
    return _page(_cards())


def _cards() -> Iterator[str]:
    yield "# Five cards, in both languages, as both platforms show them · 五张卡片"
    yield ""
    yield "Drawn by the demo from the payloads that Slack and WeCom are sent. On WeCom a card holds little text, so the"
    yield "rest is a message beside it. Made again by `make pictures`."
    for name, (en, zh) in CARDS.items():
        yield from ("", f"## {en} · {zh}", "")
        kinds = [(look, language) for look in ("slack", "wecom") for language in (EN, ZH)]
        images = [
            f"![{en}: {look}, {language}](pictures/card-{name}-{look}-{language}.png)" for look, language in kinds
        ]
        yield from _table(("Slack, English", "Slack, 中文", "WeCom, English", "企业微信，中文"), iter([images]))


# ---------------------------------------------------------------------------------------------- the mistakes


def mistakes() -> str:
    return _page(_mistakes())


def _mistakes() -> Iterator[str]:
    yield "# What the author of a wrong playbook reads"
    yield ""
    yield f"{len(MISTAKES) + len(WRONG)} mistakes, each with what `offboard playbook check` says of it: {len(MISTAKES)}"
    yield f"in files, with the line, and {len(WRONG)} in what the files mean. The tests make every one of them."
    yield from ("", "## In files", "")
    yield from _table(("mistake", "what its author reads"), ((name, _said(one)) for name, one in MISTAKES.items()))
    yield from ("", "## In what the files mean", "")
    yield from _table(("mistake", "what its author reads"), ((name, _found(*one)) for name, one in WRONG.items()))


def _said(one: Mistake) -> str:
    place = f"{one.told_in or one.file}:{one.line}" if one.line else one.told_in or one.file
    step = f" step {one.step}:" if one.step else ""
    return f"{place}:{step} {_escaped(one.what)} {_escaped(one.mend)}"


def _found(book: Playbook, sentence: str) -> str:
    return _escaped(next(one for one in told(book) if sentence in one))


def _escaped(text: str) -> str:
    return text.replace("<", "&lt;").replace("\n", " ")
