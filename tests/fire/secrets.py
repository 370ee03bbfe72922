"""Secrets that people type by mistake, in two languages, and what looks like them and is none."""

from __future__ import annotations

PASSWORD, SHORT_PASSWORD = "Tr0ub4dor&3", "hunter2"
SECRET_ID = "AKID" + "z8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE"
SECRET_KEY = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
ID_NUMBER, ID_WITH_X = "110101199003074578", "11010519491231002X"
CODE = "493021"


def wide(text: str) -> str:
    """The same in full-width signs, as Chinese keyboards make them."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


def hidden(text: str) -> str:
    """The same with signs inside that nobody sees."""
    return "\u200b".join(text[:3]) + "\u2060" + text[3:6] + "\ufeff" + text[6:]


# Words, what must not survive in them, and which kind it is.
TYPED: tuple[tuple[str, str, str], ...] = (
    ("the password is Tr0ub4dor&3", PASSWORD, "password"),
    ("Password: Tr0ub4dor&3", PASSWORD, "password"),
    ("my PASSWORD was Tr0ub4dor&3, it does not work", PASSWORD, "password"),
    ("pwd=hunter2", SHORT_PASSWORD, "password"),
    ("the password is hunter2", SHORT_PASSWORD, "password"),
    ("the password for the console is hunter2", SHORT_PASSWORD, "password"),
    ("the password is: hunter2.", SHORT_PASSWORD, "password"),
    ("password Tr0ub4dor&3", PASSWORD, "password"),
    ("passphrase is “correct horse battery staple”", "battery staple", "password"),
    ("密码是 Tr0ub4dor&3", PASSWORD, "password"),
    ("密码是Tr0ub4dor&3，登不上去", PASSWORD, "password"),
    ("密码：Tr0ub4dor&3", PASSWORD, "password"),
    ("密码改成了Tr0ub4dor&3", PASSWORD, "password"),
    ("口令为hunter2", SHORT_PASSWORD, "password"),
    ("登录密码是天王盖地虎", "天王盖地虎", "password"),
    ("密码 Tr0ub4dor&3", PASSWORD, "password"),
    ("密 码 是 hunter2", SHORT_PASSWORD, "password"),
    ("我的密码是我的生日19900307", "19900307", "password"),
    (wide("password is Tr0ub4dor&3"), wide("Tr0ub4dor"), "password"),
    (f"密码是{wide('Tr0ub4dor3')}", wide("Tr0ub4dor3"), "password"),
    (f"pass\u200bword is {hidden(PASSWORD)}", "dor&3", "password"),
    (f"the id is {SECRET_ID}", SECRET_ID, "key"),
    (f"密钥ID {SECRET_ID}，谢谢", SECRET_ID, "key"),
    (f"{SECRET_ID[:20]} {SECRET_ID[20:]}", SECRET_ID[20:30], "key"),
    (wide(SECRET_ID), wide(SECRET_ID[8:20]), "key"),
    (hidden(SECRET_ID), SECRET_ID[10:30], "key"),
    (f"SecretKey: {SECRET_KEY}", SECRET_KEY, "key"),
    (f"secret_key={SECRET_KEY}", SECRET_KEY, "key"),
    (f"SecretKey 是 {SECRET_KEY}", SECRET_KEY, "key"),
    (f"密钥是{SECRET_KEY}", SECRET_KEY, "key"),
    (f"the secret key is {SECRET_KEY[:16]} {SECRET_KEY[16:]}", SECRET_KEY[16:], "key"),
    (f"it says {SECRET_KEY} here", SECRET_KEY, "key"),
    (f"{SECRET_KEY[:16]} {SECRET_KEY[16:]}", SECRET_KEY[16:], "key"),
    (wide(SECRET_KEY), wide(SECRET_KEY[:16]), "key"),
    (ID_NUMBER, ID_NUMBER, "id_number"),
    (f"my ID is {ID_NUMBER}.", ID_NUMBER, "id_number"),
    (f"身份证号{ID_NUMBER}，请核对", ID_NUMBER, "id_number"),
    (f"身份证{ID_WITH_X}", ID_WITH_X, "id_number"),
    (ID_WITH_X.lower(), ID_WITH_X.lower(), "id_number"),
    ("110101 19900307 4578", "19900307", "id_number"),
    ("110101-19900307-4578", "19900307", "id_number"),
    (wide(ID_NUMBER), wide(ID_NUMBER), "id_number"),
    (hidden(ID_NUMBER), ID_NUMBER[6:], "id_number"),
    (CODE, CODE, "code"),
    ("493021.", CODE, "code"),
    ("the code 493021 came", CODE, "code"),
    ("it is 493021", CODE, "code"),
    ("493 021", "021", "code"),
    ("4 9 3 0 2 1", "3 0 2", "code"),
    ("code: 4930", "4930", "code"),
    ("the code is 4930-2177", "2177", "code"),
    ("4930 is the code", "4930", "code"),
    ("G-493021 is your code", CODE, "code"),
    ("验证码493021", CODE, "code"),
    ("收到的验证码是 493021，填进去没反应", CODE, "code"),
    ("4930是验证码", "4930", "code"),
    (f"短信码：{wide(CODE)}", wide(CODE), "code"),
    (wide(CODE), wide(CODE), "code"),
    (hidden(CODE), "021", "code"),
    ("٤٩٣٠٢١", "٤٩٣٠٢١", "code"),
)

HARMLESS: tuple[str, ...] = (
    "100012345678",
    "the account is 100012345678",
    "主账号100012345678登录不上",
    "100012345678, 100087654321",
    "10.0.0.1",
    "our server is 192.168.100.254",
    "2001:db8::8a2e:370:7334",
    "京ICP备12345678号-1",
    "京ICP证030173号",
    "粤ICP备050897号",
    "京公网安备11010502030143号",
    "13800138000",
    "138 0013 8000",
    "138-0013-8000",
    "+86 13800138000",
    "手机号是13800138000",
    "2026-12-04",
    "2026/12/04",
    "20261204",
    "2026年12月4日",
    "on 2026-12-04 at 10:30",
    "OFB-7",
    "OFB-493021",
    "ofb-493021 step 3",
    "send back 3 the phone still shows",
    "驳回 3 手机还在",
    "I forgot my password",
    "the password page is empty",
    "the password is wrong",
    "the password reset link does not come",
    "the password for step 2 is not accepted",
    "密码页面打不开",
    "密码是错的",
    "密码不对",
    "忘记密码了",
    "the code does not arrive on 13800138000",
    "the code of account 100012345678 does not come",
    "the code came on 2026-12-04",
    "验证码收不到",
    "验证码发到13800138000了",
    "the key ends in 3xYz",
    "AKIDz8kr…MPLE",
    "disable every API key of 100012345678",
    "密钥页面打不开",
    "https://console.cloud.tencent.com/developer/security",
    "wei.lin@example.com",
    "version 3.11.2",
    "•••",
    "the password is •••",
)
