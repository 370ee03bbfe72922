"""What the page itself says, in both languages. What the bot says is in conversations/."""

from __future__ import annotations

from collections.abc import Mapping

PAGE: Mapping[str, Mapping[str, str]] = {
    "en": {
        "banner": "The demo is at {address}  (nothing leaves this computer; Ctrl-C stops it)",
        "title": "Offboard demo",
        "promise": "Real engine, real record, nothing leaves this computer.",
        "skip": "Skip to the conversations",
        "keys": "↑ ↓ from message to message · ← → from conversation to conversation · Tab into a message",
        "noscript": "This page needs JavaScript. Without it: offboard demo --text",
        "clock": "Now",
        "time": "Let time pass",
        "plus_hour": "+1 hour",
        "plus_day": "+1 day",
        "to_next": "Next reminder",
        "to_last": "Last day",
        "look": "Look",
        "language": "Language",
        "stories": "Stories",
        "stories_about": "Ready situations. Each starts an empty demo.",
        "play": "Play",
        "jump": "Go to its end",
        "stop": "Stop the story",
        "telling": "Story, move {at} of {of}",
        "more": "Trouble",
        "more_about": "Things that go wrong, on purpose.",
        "twice": "Deliver the last click twice",
        "lose": "Lose the platform's next answer",
        "old": "Press an old button",
        "restart": "Restart the engine",
        "wrong": "The next thing is done by",
        "wrong_nobody": "the right person",
        "again": "Start again",
        "again_sure": "Everything played until now is emptied.",
        "sure": "Are you sure?",
        "yes": "Yes, start again",
        "yes_play": "Yes, play this story",
        "yes_jump": "Yes, go to its end",
        "choose": "Choose…",
        "choose_first": "Choose something in the list first.",
        "no": "Cancel",
        "views": "Conversations",
        "leaver": "leaving",
        "successor": "taking over",
        "admin": "admin",
        "second": "second approver",
        "channel": "#offboarding",
        "channel_about": "The admins' channel, a thread per case",
        "private": "Private chat with Offboard",
        "one_chat": "Private chat with Offboard; WeCom has no threads",
        "replies": "Thread of {ref}",
        "record": "Record",
        "record_about": "Every fact, chained by hash, on disk before the click was answered",
        "verify": "Verify",
        "whole": "Whole. Facts: {facts}, handovers: {cases}. Every hash fits, every state is what its facts say.",
        "altered": "ALTERED: {what}",
        "download": "Download",
        "record_empty": "No facts yet.",
        "new": "new",
        "say_here": "Write as {who}",
        "say_thread": "Reply as {who} in {ref}",
        "say_channel": "/offboard @Lin Wei 2026-12-04",
        "send": "Send",
        "colon": ": ",
        "begin_hint": "Be the one who leaves: write /offboard. Every other side is yours too.",
        "begin_press": "Write /offboard",
        "begin_watch": "Watch a whole handover",
        "quiet_hint": "Nothing yet.",
        "only_you": "Only visible to {who}",
        "edited": "edited",
        "sent_anew": "WeCom cannot change a text, so this came after it",
        "beside": "beside the card",
        "payload": "show payload",
        "actions": "More actions",
        "submit": "OK",
        "hash": "Hash",
        "open_alone": "Open this pane in a window of its own",
        "all_panes": "All panes",
        "offline": "The demo has stopped. Start it again with make demo.",
        "carried_on": (
            "Carried on where the database stands. What was typed and answered privately was shown once and is kept "
            "in no chat; it is in the record."
        ),
        "undrawn": "The page cannot be drawn just now. What stands here is as it was before.",
        "no_message": "That message is not here any more.",
        "no_timer": "No timer is set: nothing would happen by itself.",
        "no_last_day": "No open case has a last day yet, so the clock stays.",
        "last_day_there": "The last day is here already, so the clock stays.",
        "no_story": "There is no story {name}.",
        "playbook_broke": "Nothing was begun again, since the playbook cannot be read: {why}",
        "no_click": "Nothing has been clicked yet: click something first.",
        "no_old": "No message has an old picture yet: click something first, then the card is redrawn.",
        "in_thread": "Slack takes no commands inside a thread: it went to the channel.",
        "busy": "A story is being played. Stop it first.",
        "bad": "That cannot be read: {why}",
        "twice_did": (
            "The last click of {who} was delivered again with the same key. It was recognised and answered: “{answer}” "
            "The record has {after} facts, as before. Nothing was doubled."
        ),
        "twice_bad": "BROKEN PROMISE: the record went from {before} to {after} facts.",
        "lose_armed": "Armed: the next new message will be posted, but the bot will not hear that it was.",
        "lose_lost": "“{title}” was posted, and its answer was lost. The bot cannot know if it arrived: it looks.",
        "lose_found": (
            "The bot looked “{title}” up by its key, found it, and did not send it again. "
            "Times that it was posted: {times}."
        ),
        "lose_lost_wecom": "“{title}” was posted, and its answer was lost. The bot cannot know if it arrived.",
        "lose_found_wecom": (
            "WeCom has no look-up: a card is sent again under the same task_id, which WeCom takes once, and a text "
            "that stays in doubt is told. In the demo's own chat “{title}” was found and not sent again. "
            "Times that it was posted: {times}."
        ),
        "old_did": (
            "{who} pressed “{button}” on an earlier picture of “{title}”. The bot answered: “{answer}” "
            "No step and no answer changed."
        ),
        "old_taken": (
            "{who} pressed “{button}” on an earlier picture of “{title}”. It still meant the same, so it counted once: "
            "“{answer}”"
        ),
        "restart_did": (
            "Store, engine and outbox were closed and opened again on the same database in {ms} ms. "
            "The chain is whole, {facts} facts, and every button still works."
        ),
        "restart_bad": "BROKEN PROMISE: after the restart {what}",
        "wrong_armed": "Armed: whatever is pressed or written next, {who} does it.",
        "wrong_off": "Everybody is themselves again.",
        "wrong_refused": "{who} did that, and was refused: “{answer}” No step and no answer changed.",
        "wrong_nothing": "{who} did that, and nothing came of it: “{answer}” No step and no answer changed.",
        "wrong_allowed": "{who} did that, and may: “{answer}”",
        "done": "done",
        "story_ends": "The story ends. Everything here can be pressed and carried on with.",
        "story_stopped": "The story was stopped after move {at} of {of}. Everything here can be carried on with.",
        "story_broke": "The story did not happen as told: {why}",
        "writes": "{who} writes: {text}",
        "presses": "{who} presses: {text}",
        "chooses": "{who} answers: {text}",
    },
    "zh-CN": {
        "banner": "演示在 {address} （一切都在本机；按 Ctrl-C 结束）",
        "title": "Offboard 演示",
        "promise": "真实的引擎，真实的记录，一切都在本机。",
        "skip": "跳到会话",
        "keys": "↑ ↓ 切换消息 · ← → 切换会话 · Tab 进入消息",
        "noscript": "此页面需要 JavaScript。也可以用终端：offboard demo --text",
        "clock": "现在",
        "time": "让时间过去",
        "plus_hour": "+1 小时",
        "plus_day": "+1 天",
        "to_next": "下一次提醒",
        "to_last": "最后工作日",
        "look": "外观",
        "language": "语言",
        "stories": "故事",
        "stories_about": "现成的情景。每个都从空白演示开始。",
        "play": "播放",
        "jump": "直接看结局",
        "stop": "停止播放",
        "telling": "故事：第 {at} 步，共 {of} 步",
        "more": "制造故障",
        "more_about": "故意让事情出错。",
        "twice": "把上一次点击再投递一遍",
        "lose": "丢失平台的下一个应答",
        "old": "点击一个旧按钮",
        "restart": "重启引擎",
        "wrong": "下一个操作的人是",
        "wrong_nobody": "本人",
        "again": "重新开始",
        "again_sure": "到目前为止的内容会被清空。",
        "sure": "确定吗？",
        "yes": "确定，重新开始",
        "yes_play": "确定，播放这个故事",
        "yes_jump": "确定，直接看结局",
        "choose": "请选择…",
        "choose_first": "请先在列表中选择。",
        "no": "取消",
        "views": "会话",
        "leaver": "离职同事",
        "successor": "接手人",
        "admin": "管理员",
        "second": "第二确认人",
        "channel": "#离职交接",
        "channel_about": "管理员频道，每个交接一个消息列",
        "private": "与 Offboard 的私聊",
        "one_chat": "与 Offboard 的私聊；企业微信没有消息列",
        "replies": "{ref} 的消息列",
        "record": "记录",
        "record_about": "每条记录都以哈希相连，先写入磁盘，再回应点击",
        "verify": "核验",
        "whole": "完整：{cases} 个交接，{facts} 条事实。每个哈希都相符，每个状态都与事实一致。",
        "altered": "已被改动：{what}",
        "download": "下载",
        "record_empty": "暂无记录。",
        "new": "新",
        "say_here": "以{who}的身份输入",
        "say_thread": "以{who}的身份回复 {ref}",
        "say_channel": "离职交接 @林薇 2026-12-04",
        "send": "发送",
        "colon": "：",
        "begin_hint": "您来当离职的人：输入“离职交接”。其他人也由您来演。",
        "begin_press": "输入“离职交接”",
        "begin_watch": "看一次完整的交接",
        "quiet_hint": "暂无消息。",
        "only_you": "仅{who}可见",
        "edited": "已更新",
        "sent_anew": "企业微信不能修改文本，所以另发一张卡片",
        "beside": "与卡片一同发送",
        "payload": "查看报文",
        "actions": "更多操作",
        "submit": "确定",
        "hash": "哈希",
        "open_alone": "在单独的窗口中打开",
        "all_panes": "全部会话",
        "offline": "演示已停止。用 make demo 重新启动。",
        "carried_on": "从数据库继续。输入的文字和私下的回复只显示一次，不再出现在会话里；内容在记录中。",
        "undrawn": "页面暂时无法绘制，这里仍是之前的内容。",
        "no_message": "这条消息已经不在了。",
        "no_timer": "没有设定任何提醒，时间过去也不会发生什么。",
        "no_last_day": "还没有交接定下最后工作日，时间不变。",
        "last_day_there": "已经到了最后工作日，时间不变。",
        "no_story": "没有名为 {name} 的故事。",
        "playbook_broke": "剧本读不出来，所以没有重新开始：{why}",
        "no_click": "还没有点击过：请先点一个按钮。",
        "no_old": "还没有旧的卡片：先点一个按钮，卡片重绘之后再试。",
        "in_thread": "Slack 的消息列里不能用命令：已发到频道。",
        "busy": "正在播放故事，请先停止。",
        "bad": "无法读取：{why}",
        "twice_did": (
            "{who}的上一次点击以同一个键再次投递。系统认出了它，回答：“{answer}”记录仍是 {after} 条事实，没有重复。"
        ),
        "twice_bad": "承诺被打破：记录从 {before} 条变成了 {after} 条。",
        "lose_armed": "已就绪：下一条新消息会发出，但系统收不到应答。",
        "lose_lost": "“{title}”已发出，但应答丢失。系统不知道是否送达，会去查询。",
        "lose_found": "系统按键查询“{title}”，找到了，没有再次发送。它在这里出现 {times} 次。",
        "lose_lost_wecom": "“{title}”已发出，但应答丢失。系统不知道是否送达。",
        "lose_found_wecom": (
            "企业微信不能查询：卡片以同一个 task_id 再发一次，企业微信只收一次；文本若仍不确定，会告知。"
            "演示的会话里找到了“{title}”，没有再次发送。它在这里出现 {times} 次。"
        ),
        "old_did": "{who}在“{title}”的旧卡片上点击“{button}”。系统回答：“{answer}”步骤和回答都没有改变。",
        "old_taken": "{who}在“{title}”的旧卡片上点击“{button}”。含义没有变，因此算一次：“{answer}”",
        "restart_did": (
            "存储、引擎和发件箱已关闭，并在同一个数据库上重新打开，用时 {ms} 毫秒。"
            "链条完整，{facts} 条事实，所有按钮仍然有效。"
        ),
        "restart_bad": "承诺被打破：重启之后 {what}",
        "wrong_armed": "已就绪：接下来的点击或输入都算作{who}的。",
        "wrong_off": "每个人都恢复本人身份。",
        "wrong_refused": "{who}这样做被拒绝：“{answer}”步骤和回答都没有改变。",
        "wrong_nothing": "{who}这样做没有结果：“{answer}”步骤和回答都没有改变。",
        "wrong_allowed": "{who}可以这样做：“{answer}”",
        "done": "已完成",
        "story_ends": "故事结束。这里的一切都可以继续操作。",
        "story_stopped": "故事停在第 {at} 步，共 {of} 步。这里的一切都可以继续操作。",
        "story_broke": "故事没有如期发生：{why}",
        "writes": "{who}：{text}",
        "presses": "{who}点击：{text}",
        "chooses": "{who}回答：{text}",
    },
}


class PageWords:
    """The page's words in one language."""

    def __init__(self, language: str) -> None:
        self._words = PAGE[language]
        self.language = language

    def of(self, look: str, key: str, **values: object) -> str:
        """The same as this platform would have it said."""
        own = f"{key}_{look}"
        return self(own if own in self._words else key, **values)

    def __call__(self, key: str, **values: object) -> str:
        return self._words[key].format(**values) if values else self._words[key]
