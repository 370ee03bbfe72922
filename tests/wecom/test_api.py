"""The library's four defects are mended: shown on the library itself, and on what wraps it."""

from __future__ import annotations

import io
import logging
import threading
import traceback
from collections.abc import Iterator

import pytest

from bot.wecom.api import Api, Refused, Unanswered, Unreached
from bot.wecom.codes import Kind
from bot.wecom.standin import Standin
from tests.wecom.corp import AGENT, CORP, SECRET, HandClock, corp

TEXT = {"touser": "lin", "agentid": AGENT, "msgtype": "markdown", "markdown": {"content": "OFB-1 您好"}}


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def wecom(clock: HandClock) -> Iterator[Standin]:
    with corp(clock) as standin:
        yield standin


@pytest.fixture
def api(wecom: Standin, clock: HandClock) -> Iterator[Api]:
    made = Api(CORP, SECRET, wecom.api_url, monotonic=clock.monotonic)
    yield made
    made.close()


def test_a_token_is_fetched_once_and_kept(api: Api, wecom: Standin) -> None:
    for _ in range(5):
        api.post("message/send", TEXT)
    assert (wecom.calls["gettoken"], wecom.calls["message/send"]) == (1, 5)


def test_a_token_is_fetched_anew_before_it_ends(api: Api, wecom: Standin, clock: HandClock) -> None:
    api.post("message/send", TEXT)
    clock.goes_on(7_200 - 299)
    api.post("message/send", TEXT)
    assert wecom.calls["gettoken"] == 2


def test_a_token_that_was_taken_back_is_replaced_once_and_the_message_leaves(api: Api, wecom: Standin) -> None:
    api.post("message/send", TEXT)
    wecom.expire_tokens()
    assert api.post("message/send", TEXT)["errcode"] == 0
    assert wecom.calls["gettoken"] == 2


def test_a_token_that_is_always_stale_is_replaced_once_and_then_it_is_said(api: Api, wecom: Standin) -> None:
    wecom.refuses_tokens = True
    with pytest.raises(Refused) as raised:
        api.post("message/send", TEXT)
    assert raised.value.kind is Kind.REFRESH
    assert (wecom.calls["gettoken"], wecom.calls["message/send"]) == (2, 2)


def test_while_tokens_are_refused_no_other_is_asked_for_within_a_minute(
    api: Api, wecom: Standin, clock: HandClock
) -> None:
    wecom.refuses_tokens = True
    for _ in range(20):
        with pytest.raises(Refused):
            api.post("message/send", TEXT)
    assert wecom.calls["gettoken"] == 2
    wecom.refuses_tokens = False
    clock.goes_on(61)
    assert api.post("message/send", TEXT)["errcode"] == 0


def all_at_once(api: Api, count: int) -> list[str]:
    barrier, failed = threading.Barrier(count), []

    def one() -> None:
        barrier.wait()
        try:
            api.get("user/get", userid="lin")
        except Exception as error:  # noqa: BLE001  it is told to the test
            failed.append(repr(error))

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failed


def test_sixteen_cold_threads_fetch_one_token(api: Api, wecom: Standin) -> None:
    assert all_at_once(api, 16) == []
    assert (wecom.calls["gettoken"], wecom.calls["user/get"]) == (1, 16)


def test_sixteen_threads_with_a_stale_token_fetch_one(api: Api, wecom: Standin) -> None:
    api.get("user/get", userid="lin")
    wecom.expire_tokens()
    assert all_at_once(api, 16) == []
    assert wecom.calls["gettoken"] == 2


@pytest.mark.parametrize("fault", ["lost", "drop", "html", "500", "half"])
def test_without_an_answer_that_can_be_read_it_may_have_happened(api: Api, wecom: Standin, fault: str) -> None:
    api.token_works()
    wecom.fail("message/send", fault)
    with pytest.raises(Unanswered):
        api.post("message/send", TEXT)
    assert wecom.calls["message/send"] == 1, "what may have happened is never repeated here"


@pytest.mark.parametrize("fault", ["lost", "drop", "html", "500", "half"])
def test_without_a_token_it_certainly_did_not_happen(api: Api, wecom: Standin, fault: str) -> None:
    for sent in range(2):
        wecom.fail("gettoken", fault)
        with pytest.raises(Unreached):
            api.post("message/send", TEXT)
        assert wecom.calls["message/send"] == 2 * sent
        api.post("message/send", TEXT)
        wecom.expire_tokens()


def test_where_nobody_answers_it_certainly_did_not_happen(wecom: Standin) -> None:
    address = wecom.api_url.replace("/cgi-bin/", "1/cgi-bin/")[:-1] + "/"
    api = Api(CORP, SECRET, "http://127.0.0.1:1/cgi-bin/")
    with pytest.raises(Unreached):
        api.post("message/send", TEXT)
    with pytest.raises((Unreached, Unanswered)):
        Api(CORP, SECRET, address).post("message/send", TEXT)


def test_a_text_that_cannot_be_written_down_is_refused(api: Api) -> None:
    with pytest.raises(Refused) as raised:
        api.post("message/send", TEXT | {"markdown": {"content": "\ud800"}})
    assert raised.value.kind is Kind.CARD


def test_a_wrong_address_is_named_as_wecom_names_it(api: Api, wecom: Standin) -> None:
    wecom.trusted = False
    with pytest.raises(Refused) as raised:
        api.get("user/get", userid="lin")
    assert (raised.value.code, raised.value.address) == (60020, "203.0.113.9")


@pytest.mark.parametrize("fault", ["lost", "drop", "html", "500", "half", 40001, 40014, 45009, 81013, 12345])
@pytest.mark.parametrize("path", ["gettoken", "message/send"])
def test_no_secret_is_in_an_exception_or_in_any_log(
    wecom: Standin, clock: HandClock, fault: int | str, path: str
) -> None:
    said = io.StringIO()
    listener = logging.StreamHandler(said)
    root = logging.getLogger()
    before = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    api = Api(CORP, SECRET, wecom.api_url, monotonic=clock.monotonic)
    try:
        wecom.fail(path, fault, times=2)
        api.post("message/send", TEXT)
    except (Refused, Unanswered, Unreached) as error:
        said.write("".join(traceback.format_exception(error)) + repr(error) + str(error.__context__))
        chain = error.__cause__
        assert chain is None
    finally:
        root.removeHandler(listener)
        root.setLevel(before)
        api.close()
    assert "message/send" in said.getvalue() or path == "gettoken"
    assert SECRET not in said.getvalue()
    assert "token-" not in said.getvalue()


def test_the_library_by_itself_still_does_what_is_mended_here() -> None:
    """When this fails, the library has been mended and `_Client` may be thinner."""
    from wechatpy.client.base import BaseWeChatClient  # the library's own, to look at its code

    code = BaseWeChatClient._handle_result.__code__
    assert "fetch_access_token" in code.co_names
    assert "_request" in code.co_names, "it calls itself again, as often as it is refused"
