# ruff: noqa: RUF001  (full-width letters and digits are among what people type)
"""Secrets in free text, in both languages; what is asked for, which stays; and masking twice is masking once."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.core.mask import MASK, mask

SECRETS = [
    ("My password is hunter2!", "hunter2", "password"),
    ("password: hunter2", "hunter2", "password"),
    ("the password is: hunter2", "hunter2", "password"),
    ("Password = hunter2", "hunter2", "password"),
    ("passwd hunter22 does not work", "hunter22", "password"),
    ("pwd:hunter2", "hunter2", "password"),
    ("the password for the mailbox is hunter2", "hunter2", "password"),
    ("密码是hunter2", "hunter2", "password"),
    ("密码是：hunter2", "hunter2", "password"),
    ("密码是： hunter2", "hunter2", "password"),
    ("密码：芝麻开门123，请收好", "芝麻开门123", "password"),
    ("口令 hunter2abc", "hunter2abc", "password"),
    ("密码改成了hunter2", "hunter2", "password"),
    ("密码为ｈｕｎｔｅｒ２", "ｈｕｎｔｅｒ２", "password"),
    ("the code is 482913", "482913", "code"),
    ("482913", "482913", "code"),
    ("验证码 4829", "4829", "code"),
    ("验证码是 ４８２９１３", "４８２９１３", "code"),
    ("校验码：48291375", "48291375", "code"),
    ("OTP 482 913", "482 913", "code"),
    ("I got 482913, what now?", "482913", "code"),
    ("SecretId AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "key"),
    ("SecretKey: Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", "key"),
    ("Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", "key"),
    ("密钥：Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", "key"),
    ("身份证 11010519491231002X", "11010519491231002X", "id_number"),
    ("110105194912310021", "110105194912310021", "id_number"),
]

HARMLESS = [
    "The account is 100012345678.",
    "账号 100012345678 和 100012345679",
    "1.2.3.4 and 10.20.30.255 are ours",
    "IP：192.168.100.200",
    "Call +86 138 0013 8000 or 0755-86013388",
    "手机 13800138000",
    "On 2026-12-04, at the latest 2026/12/05",
    "最后一天是2026年12月4日",
    "20261204",
    "粤ICP备12345678号",
    "京ICP备050001号-1",
    "京ICP证030173号",
    "See OFB-7 and OFB-123456.",
    "步骤 3，第 12 步",
    "AKID1234…wxyz is the key that has to go",
    "The page where one changes a password does not load",
    "密码页面打不开",
    "It waits since 14:30 and costs 1,200.50",
    "",
    "done",
]


@pytest.mark.parametrize(("said", "secret", "kind"), SECRETS)
def test_what_looks_like_a_secret_is_masked_and_its_kind_is_named(said: str, secret: str, kind: str) -> None:
    masked, kinds = mask(said)
    assert secret not in masked, masked
    assert MASK in masked
    assert kind in kinds


@pytest.mark.parametrize("said", HARMLESS)
def test_what_people_are_asked_for_and_what_they_talk_about_stays(said: str) -> None:
    assert mask(said) == (said, ())


def test_a_text_with_several_secrets_loses_them_all_and_each_kind_is_named_once() -> None:
    masked, kinds = mask("code 482913, then 517204; password is hunter2")
    assert not any(secret in masked for secret in ("482913", "517204", "hunter2"))
    assert sorted(kinds) == ["code", "password"]


fragments = st.sampled_from(
    [
        *(said for said, _, _ in SECRETS),
        *HARMLESS,
        "code ",
        "password ",
        "密码",
        "验证码",
        "SecretKey",
        "is ",
        "是",
        ": ",
        "=",
        " ",
        "1234",
        "482913",
        "Aa1",
        "-",
        "，",
        "\n",
        "\u200b",
        MASK,
        "\ud800",
    ]
)
texts = st.lists(fragments, max_size=6).map("".join) | st.text(max_size=60)


@settings(
    derandomize=True, database=None, deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow]
)
@given(text=texts)
@example(text="code 1234 12345")
@example(text="password 密码 482913")
@example(text="My password is hunter2!Password = hunter2")
def test_masking_twice_is_masking_once(text: str) -> None:
    once, _ = mask(text)
    assert mask(once) == (once, ())


@settings(
    derandomize=True, database=None, deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow]
)
@given(before=st.lists(fragments, max_size=3).map("".join), found=st.sampled_from(SECRETS))
def test_a_secret_is_found_on_a_line_of_its_own_whatever_stands_before_it(
    before: str, found: tuple[str, str, str]
) -> None:
    said, secret, _ = found
    masked, _ = mask(f"{before}\n{said}")
    assert secret not in masked.rpartition("\n")[2], masked
