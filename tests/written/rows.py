"""What a handover of Tencent Cloud is made of, line by line: the step that does it, and a story in which it happens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Row(NamedTuple):
    """`step`: playbook/step, under tencent_cloud/ where it names no vendor. `story`: likewise, or the name alone when
    it is one of the same playbook."""

    en: str
    zh: str
    step: str
    story: str

    @property
    def playbook(self) -> str:
        return _full(self.step)[0]

    @property
    def id(self) -> str:
        return _full(self.step)[1]

    @property
    def told_in(self) -> tuple[str, str]:
        """Playbook and name of the story."""
        return _full(self.story) if "/" in self.story else (self.playbook, self.story)


def _full(name: str) -> tuple[str, str]:
    playbook, _, last = name.rpartition("/")
    return (playbook if "/" in playbook else f"tencent_cloud/{playbook}", last)


WELL, PERSONAL, NAMED = "everything_goes_well", "everything_is_personal", "everything_carries_the_name"

ROWS: Mapping[tuple[str, str], tuple[Row, ...]] = {
    ("Before somebody leaves: the root account", "离职之前：主账号"): (
        Row("A way in for the company first", "公司先有自己的登录方式", "root_account/bind_successor", WELL),
        Row("Security phone", "安全手机", "root_account/replace_phone", WELL),
        Row("Sign-in email", "邮箱登录", "root_account/unbind_email", PERSONAL),
        Row("Sign-in WeCom", "企业微信登录", "root_account/unbind_wecom", PERSONAL),
        Row("Sign-in WeChat", "微信登录", "root_account/unbind_wechat", WELL),
        Row("Sign-in QQ", "QQ 登录", "root_account/unbind_qq", "unbound_too_early"),
        Row("WeChat Official Platform", "微信公众平台登录", "root_account/unbind_official", PERSONAL),
        Row("The registration method", "注册方式", "root_account/unbind_registered", PERSONAL),
        Row("Security email", "安全邮箱", "root_account/replace_security_email", PERSONAL),
        Row("Contact phone", "联系手机", "root_account/contact_phone", PERSONAL),
        Row("Contact email", "联系邮箱", "root_account/contact_email", PERSONAL),
        Row("Contact WeChat", "联系微信", "root_account/contact_wechat", PERSONAL),
        Row("Sign-in and operation protection", "登录保护与操作保护", "root_account/move_protection", WELL),
        Row("MFA device", "MFA 设备", "root_account/unbind_mfa", PERSONAL),
        Row("WeChat for MFA", "MFA 微信", "root_account/unbind_mfa_wechat", PERSONAL),
        Row("Password", "密码", "root_account/change_password", WELL),
        Row("The root account's keys, disabled", "禁用主账号密钥", "root_account/disable_root_keys", WELL),
        Row("The root account's keys, deleted", "删除主账号密钥", "root_account/delete_root_keys", WELL),
        Row("Real name", "实名认证", "root_account/change_real_name", PERSONAL),
        Row("Open sessions", "登录状态", "root_account/end_sessions", WELL),
        Row("Several accounts", "多个账号", "root_account/replace_phone", "two_accounts_one_phone"),
        Row("Root account and the rest in one handover", "主账号与其他一起交接", "root_account/bind_successor",
            "departure/the_whole_of_it"),
    ),
    ("Before somebody leaves: sub-accounts and keys", "离职之前：子账号与密钥"): (
        Row("Sub-user: console sign-in", "子用户：控制台登录", "sub_account/console_off", WELL),
        Row("Sub-user: removal", "子用户：删除", "sub_account/delete_user", WELL),
        Row("WeCom sub-user: permissions", "企业微信子用户：权限", "sub_account/detach_wecom", "a_wecom_sub_user"),
        Row("WeCom sub-user: removal", "企业微信子用户：删除", "sub_account/delete_wecom_user", "a_wecom_sub_user"),
        Row("Collaborator", "协作者", "sub_account/end_collaborator", "a_collaborator"),
        Row("Message recipient", "消息接收人", "sub_account/remove_receiver", "only_messages"),
        Row("Identity centre", "身份中心", "sub_account/identity_centre", "the_identity_centre"),
        Row("What do the keys run?", "密钥给谁用", "sub_account/name_programs", WELL),
        Row("Somebody answers for what they run", "为密钥找到负责人", "sub_account/find_owner", WELL),
        Row("Keys, disabled and resting", "密钥：禁用并观察", "sub_account/disable_keys", WELL),
        Row("Keys, deleted by two people", "密钥：两人同意后删除", "sub_account/delete_keys", WELL),
        Row("Alerts go to somebody else", "告警改发他人", "sub_account/move_alerts", "only_messages"),
        Row("It has to be today", "今天就要停", "sub_account/stop_now", "it_has_to_be_today"),
    ),
    ("Before somebody leaves: a recovery card", "离职之前：找回卡"): (
        Row("Every account on this phone, listed", "查出名下所有账号", "recovery_card/list_accounts", "ten_minutes"),
        Row("What the account was registered with stays", "保留注册方式", "recovery_card/keep_open", "ten_minutes"),
        Row("The card is looked at, and again in half a year", "核对找回卡，半年后再核对", "recovery_card/check_card",
            "ten_minutes"),
    ),
    ("Elsewhere under their name", "其他登记在个人名下的地方"): (
        Row("WeChat Official Accounts, Mini Programs", "公众号、小程序", "elsewhere/wechat", "a_few_things"),
        Row("WeCom administration", "企业微信管理权限", "elsewhere/wecom", NAMED),
        Row("Domains", "域名", "elsewhere/domains", NAMED),
        Row("DNS", "解析", "elsewhere/dns", NAMED),
        Row("ICP filing", "备案", "elsewhere/filing", NAMED),
        Row("Certificates", "证书", "elsewhere/certificates", NAMED),
        Row("On-call and alarms", "值班与告警", "elsewhere/oncall", NAMED),
        Row("Bills and invoices", "费用与发票", "elsewhere/money", "a_few_things"),
        Row("Members of the organization", "组织成员", "elsewhere/members", NAMED),
        Row("Pipelines", "流水线", "elsewhere/pipelines", NAMED),
        Row("Image registry, disabled and resting", "镜像仓库：禁用并观察", "elsewhere/registry",
            "registry_credentials_rest"),
        Row("Image registry, deleted", "镜像仓库：删除", "elsewhere/delete_registry", "registry_credentials_rest"),
        Row("Storage", "存储", "elsewhere/storage", NAMED),
        Row("Clusters", "集群", "elsewhere/clusters", NAMED),
        Row("Servers: a way in first", "服务器：先有登录方式", "elsewhere/server_way", "a_few_things"),
        Row("Servers: old keys", "服务器：旧密钥", "elsewhere/servers", "a_few_things"),
        Row("The leaver does not know what there is", "不清楚还有哪些", "elsewhere/wechat", "i_do_not_know"),
        Row("What stands on no list", "清单上没有的", "elsewhere/ask_around", "nothing_else"),
    ),
    ("After somebody has gone: find the account (seven routes)", "离职之后：找回账号（七种途径）"): (
        Row("1 · Security phone", "1 · 安全手机", "recovery/by_phone", "the_phone_is_ours"),
        Row("2 · Account ID", "2 · 账号 ID", "recovery/by_account_id", "only_an_account_id_is_left"),
        Row("3 · Domain", "3 · 域名", "recovery/by_domain", "only_a_domain_is_left"),
        Row("4 · ICP filing", "4 · 备案", "recovery/by_filing", "only_a_filing_is_left"),
        Row("5 · Server IP", "5 · 服务器 IP", "recovery/by_server_ip", "only_a_server_is_left"),
        Row("6 · Personal information", "6 · 个人信息", "recovery/by_person", "the_person_helps"),
        Row("7 · Enterprise information", "7 · 企业信息", "recovery/send_in", "the_company_proves_itself"),
        Row("7 · with the legal representative's face", "7 · 法定代表人刷脸", "recovery/send_in",
            "the_legal_representative"),
        Row("In the end somebody was seen to sign in", "最后有人看到登录成功", "recovery/sign_in",
            "the_company_proves_itself"),
    ),
    ("After somebody has gone: nobody can sign in", "离职之后：登不进去"): (
        Row("Ten wrong passwords", "密码输错十次", "cannot_sign_in/wait_for_lock", "locked_and_forgotten"),
        Row("The password is forgotten", "忘记密码", "cannot_sign_in/reset_password", "locked_and_forgotten"),
        Row("A new email as a way in", "申请新的登录邮箱", "cannot_sign_in/apply", "a_new_email_after_review"),
        Row("MFA at sign-in", "登录需要 MFA", "cannot_sign_in/mfa_in_letter", "a_new_email_after_review"),
        Row("Verified to a person", "实名是个人", "cannot_sign_in/verified_person", "in_a_persons_name"),
    ),
    ("After somebody has gone: a security check goes to them", "离职之后：安全校验发给了对方"): (
        Row("Phone", "手机", "security_check/change_phone", "ten_minutes_with_the_holder"),
        Row("WeChat", "微信", "security_check/unbind_wechat", "ten_minutes_with_the_holder"),
        Row("Email", "邮箱", "security_check/unbind_email", "another_check_is_enough"),
        Row("QQ", "QQ", "security_check/unbind_qq", "another_check_is_enough"),
        Row("MFA", "MFA", "security_check/change_mfa", "nobody_to_ask"),
        Row("Whoever holds it helps", "对方愿意配合", "security_check/arrange", "ten_minutes_with_the_holder"),
        Row("Nobody to ask", "联系不上对方", "security_check/appeal", "nobody_to_ask"),
    ),
    ("/offboard rescue: which of the three is it?", "找回账号：是哪种情况"): (
        Row("What one sees decides", "看页面停在哪里", "cannot_sign_in/reset_password", "rescue/what_one_sees_decides"),
        Row("Nobody knows anything", "什么都不清楚", "recovery/look_around", "rescue/i_do_not_know_everywhere"),
        Row("It was another situation", "其实是另一种情况", "security_check/own_sign_in",
            "rescue/it_was_another_situation"),
    ),
    ("Ways that go wrong", "不顺利的时候"): (
        Row("The code does not arrive", "收不到验证码", "root_account/replace_phone", "the_code_does_not_arrive"),
        Row("The recovery message does not arrive", "收不到找回短信", "recovery/by_phone", "the_phone_is_not_the_one"),
        Row("The button is not where the card says", "按钮不在卡片说的位置", "root_account/unbind_qq",
            "the_button_is_not_there"),
        Row("“You are not a WeCom administrator”", "提示“非企业微信管理员”", "root_account/bind_successor",
            "not_a_wecom_administrator"),
        Row("Whoever holds it has left their next company too", "对方后来又换了公司", "recovery/by_person",
            "the_person_helps"),
        Row("The leaver is not seen again", "离职同事联系不上了", "sub_account/name_programs", "the_leaver_is_absent"),
        Row("The successor never answers", "接手人一直没有答复", "sub_account/disable_keys",
            "the_successor_never_answers"),
        Row("Registered with a method that is gone", "注册方式早已停用", "root_account/unbind_registered",
            "the_registration_method_is_gone"),
        Row("Unbound first", "先解绑了", "root_account/bind_again", "unbound_too_early"),
        Row("Unbound first, after they had gone", "人离职后先解绑了", "security_check/bind_back", "unbound_too_early"),
        Row("Keys disabled before anybody knew", "没人知情就禁用了密钥", "sub_account/settle_owner",
            "disabled_too_early"),
        Row("Something stops while keys rest", "观察期内服务停了", "root_account/disable_root_keys",
            "restored_while_it_rests"),
        Row("An approver looks and sends it back", "核实时驳回", "sub_account/disable_keys", "sent_back"),
        Row("Nobody does anything", "没有人动手", "root_account/bind_successor", "nobody_answers"),
        Row("The leaver tries what is not theirs", "离职同事想办不归自己的事", "root_account/unbind_wechat",
            "a_leaver_tries_everything"),
        Row("The leaver stays", "离职同事留下了", "root_account/replace_phone", "the_leaver_stays"),
    ),
    ("Another vendor: GitHub", "另一家：GitHub"): (
        Row("Another owner", "新的所有者", "github/organization/name_owner", "ownership_goes_over"),
        Row("Tokens and SSH keys", "令牌和 SSH 密钥", "github/organization/replace_tokens", "ownership_goes_over"),
        Row("The leaver steps down", "离职同事改为成员", "github/organization/step_down", "ownership_goes_over"),
        Row("Stepped down too early", "过早改为成员", "github/organization/name_owner_again",
            "stepped_down_too_early"),
    ),
}  # fmt: skip
