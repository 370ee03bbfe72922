"""What the terminal says around the conversation, in both languages. The bot's own words are in conversations/."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "person": "{who} ({role})",
        "leaver": "leaving",
        "successor": "taking over",
        "admin": "admin",
        "second": "second approver",
        "writes": "{who} writes: {text}",
        "presses": "{who} presses: {text}",
        "chooses": "{who} answers: {text}",
        "privately": "to {who}",
        "thread": "in the admins' thread {ref}",
        "redrawn": "{where}, {title}: {text}",
        "time": "Time passes.",
        "intro": (
            "Nothing here leaves your computer. You play all four people.\n"
            "Write as in a chat, or the number of a choice. Lines that begin with a colon are for the demo:\n"
            "  :leaver  :successor  :admin  :second   change seats\n"
            "  :wait 1h   :wait 1d   :next   :last    let time pass (to the next timer, to the last day)\n"
            "  :cards   what this person can see      :quit   stop\n"
            "Begin by writing /offboard."
        ),
        "kept": "Everything is kept in {db}. Start again with the same --db to carry on.",
        "not_kept": "This run was not kept. With --db FILE it is.",
        "resumed": "Carrying on from {db}.",
        "seat": "You are {who} now ({role}).",
        "no_such": "I do not know {text}. Write :help for what the demo understands.",
        "no_choice": "There is no choice {n} here.",
        "nothing": "Nothing is open for {who}. Write /offboard, help, or change seats.",
        "no_timer": "No timer is set. Nothing would happen by itself.",
        "end": "The story ends.",
        "one_of": "Choose",
        "type": "Write",
    },
    "zh-CN": {
        "person": "{who}（{role}）",
        "leaver": "离职同事",
        "successor": "接手人",
        "admin": "管理员",
        "second": "第二确认人",
        "writes": "{who}：{text}",
        "presses": "{who}点击：{text}",
        "chooses": "{who}回答：{text}",
        "privately": "发给{who}",
        "thread": "管理员频道 {ref}",
        "redrawn": "{where}，{title}：{text}",
        "time": "时间过去了。",
        "intro": (
            "一切都在您的电脑上，不会外传。四个人都由您来演。\n"
            "像聊天一样输入，或输入选项编号。以冒号开头的是演示指令：\n"
            "  :leaver 离职同事  :successor 接手人  :admin 管理员  :second 第二确认人\n"
            "  :wait 1h   :wait 1d   :next 到下一个提醒   :last 到最后工作日\n"
            "  :cards 此人能看到的卡片   :quit 结束\n"
            "先输入“离职交接”。"
        ),
        "kept": "内容保存在 {db}。下次用同一个 --db 即可继续。",
        "not_kept": "这次没有保存。加上 --db 文件名 就会保存。",
        "resumed": "从 {db} 继续。",
        "seat": "您现在是{who}（{role}）。",
        "no_such": "看不懂 {text}。输入 :help 查看演示指令。",
        "no_choice": "这里没有选项 {n}。",
        "nothing": "{who}目前没有待办。可以输入“离职交接”或“帮助”，或换一个人。",
        "no_timer": "没有设定任何提醒，时间过去也不会发生什么。",
        "end": "故事结束。",
        "one_of": "可选",
        "type": "输入",
    },
}


class Speech:
    """The words of one language, filled in."""

    def __init__(self, language: str) -> None:
        self._words = WORDS[language]
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        return self._words[key].format(**values)
