"""The one module that knows the library: wechatpy's enterprise client, with what it does wrong put right.

What it does wrong (1.8.18, shown by tests/wecom/test_api.py), and what is done here instead:
 - it fetches a new token and tries again without end while a token is refused; here once, and not again within a minute
 - it asks for a token at an address of its own and waits for ever; here where it is told to, with a limit on each call
 - every thread that finds no token fetches one; here one does, the others wait for it
 - its exceptions, and urllib3's log, hold the secret or the token; what is raised here holds a number and a kind

Everything here blocks: it is called on a worker's thread.
"""

from __future__ import annotations

import logging
import re
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from bot.wecom.codes import Kind, kind_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from wechatpy.enterprise import WeChatClient
    from wechatpy.exceptions import WeChatClientException

Json = dict[str, Any]

TIMEOUT = (3.05, 5.0)
"""Seconds to reach it, and to wait for each piece of its answer."""
EARLY = 300.0
"""Seconds before its end that a token is not used any more."""
NOT_AGAIN = 60.0
"""Seconds in which no other token is asked for after a fresh one was refused."""

_SECRET = re.compile(r"((?:access_token|corpsecret|corpid|suite_ticket)=)[^&\s'\"]+")
_ADDRESS = re.compile(r"from ip: ?([0-9a-fA-F.:]{3,45})")


class Refused(Exception):
    """It answered with a number: what was asked certainly did not happen. `address` is ours, as 60020 names it."""

    def __init__(self, code: int, address: str = "") -> None:
        super().__init__(f"WeCom answered {code}")
        self.code = code
        self.address = address
        self.kind = kind_of(code)


class Unreached(Exception):
    """Nothing arrived there."""


class Unanswered(Exception):
    """It may have happened: there was no answer, or none that can be read."""


class Api:
    """One app's (or the contacts') way to WeCom. `base` ends in `/cgi-bin/`; `monotonic` gives seconds."""

    def __init__(self, corp: str, secret: str, base: str, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._client = _Client(corp, secret)
        self._client.API_BASE_URL = base
        self._base = base
        self._params = {"corpid": corp, "corpsecret": secret}
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._token = ""
        self._until = 0.0
        self._refused_until = float("-inf")
        self.fetched = 0
        if urlsplit(base).hostname in ("127.0.0.1", "localhost", "::1"):
            self._client._http.trust_env = False  # no proxy stands before ourselves
        self._client._http.mount("https://", requests.adapters.HTTPAdapter(pool_maxsize=16))
        self._client._http.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=16))

    def post(self, path: str, body: Mapping[str, Any]) -> Json:
        return self._asked(lambda params: self._client.post(path, params=params, data=dict(body), **_CALL))

    def get(self, path: str, **params: str) -> Json:
        return self._asked(lambda own: self._client.get(path, params={**params, **own}, **_CALL))

    def close(self) -> None:
        self._client._http.close()

    # ------------------------------------------------------------------ the token

    def token_works(self) -> None:
        """Raises what asking for a token raises."""
        self._current()

    def _asked(self, call: Callable[[dict[str, str]], Any]) -> Json:
        token = _unsent(self._current)
        try:
            return _called(lambda: call({"access_token": token}))
        except Refused as refused:
            if refused.kind is not Kind.REFRESH:
                raise
        fresh = _unsent(lambda: self._replaced(token))
        try:
            return _called(lambda: call({"access_token": fresh}))
        except Refused as refused:
            if refused.kind is Kind.REFRESH:
                self._refused(fresh)
            raise

    def _current(self) -> str:
        with self._lock:
            if self._token and self._monotonic() < self._until:
                return self._token
            return self._fetch()

    def _replaced(self, stale: str) -> str:
        """A token that is not the stale one; whoever comes second takes what the first has brought."""
        with self._lock:
            if self._token and self._token != stale and self._monotonic() < self._until:
                return self._token
            return self._fetch()

    def _refused(self, fresh: str) -> None:
        with self._lock:
            if self._token == fresh:
                self._token = ""
                self._refused_until = self._monotonic() + NOT_AGAIN

    def _fetch(self) -> str:
        """Under the lock: one at a time. Raises Refused, Unreached or Unanswered."""
        if self._monotonic() < self._refused_until:
            raise Refused(40014)
        self.fetched += 1
        self._token = ""
        answer = _called(lambda: self._client.get_token(self._base + "gettoken", self._params))
        token, seconds = answer.get("access_token"), answer.get("expires_in", 7200)
        if not isinstance(token, str) or not token or not isinstance(seconds, int):
            raise Unanswered("no token in the answer")
        self._token, self._until = token, self._monotonic() + max(60.0, seconds - EARLY)
        return token


_CALL: Mapping[str, Any] = {"timeout": TIMEOUT, "allow_redirects": False}


class _Client(WeChatClient):  # type: ignore[misc]  # the library has no types
    """wechatpy's client without what it does by itself: no fetching, no trying again."""

    def __init__(self, corp: str, secret: str) -> None:
        super().__init__(corp, secret, timeout=TIMEOUT, auto_retry=False)

    def fetch_access_token(self) -> None:
        raise RuntimeError("a token is given with every call")

    def get_token(self, url: str, params: dict[str, str]) -> Any:
        answer = self._http.get(url, params=params, **_CALL)
        answer.raise_for_status()
        return self._handle_result(answer, "get", url)


def _unsent(token: Callable[[], str]) -> str:
    """A token. Where there is none, what was to be said with it has certainly not left."""
    try:
        return token()
    except Unanswered as error:
        raise Unreached(f"no token: {error}") from None


def _called(call: Callable[[], Any]) -> Json:
    """The answer, or one of three exceptions without anybody's secret."""
    raised: Exception
    try:
        answer = call()
    except WeChatClientException as error:
        raised = _of_library(error)
    except requests.RequestException as error:
        raised = _of_line(error)
    except UnicodeError:
        raised = Refused(40033)  # it cannot even be written down
    except (ValueError, TypeError, AttributeError):
        raised = Unanswered("the answer is not JSON, or not WeCom's")
    else:
        if isinstance(answer, dict):
            return answer
        raised = Unanswered("the answer is not JSON")
    raise raised from None


def _of_library(error: Any) -> Exception:
    if not isinstance(error.errcode, int):
        status = getattr(error.response, "status_code", 0)
        return Unanswered(f"HTTP {status}")
    found = _ADDRESS.search(str(error.errmsg))
    return Refused(error.errcode, found[1].rstrip(".") if found else "")


def _of_line(error: requests.RequestException) -> Exception:
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError | requests.exceptions.ProxyError):
        return Unreached(type(error).__name__)
    inner = error.args[0] if error.args else None
    if isinstance(inner, MaxRetryError) and isinstance(inner.reason, NewConnectionError):
        return Unreached(type(inner.reason).__name__)
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.MissingSchema):
        return Unreached("the address is not an address")
    return Unanswered(type(error).__name__)


class _Hide(logging.Filter):
    """Takes tokens and secrets out of what urllib3 logs of an address."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _SECRET.sub(r"\1***", record.getMessage())
        record.args = ()
        return True


logging.getLogger("urllib3.connectionpool").addFilter(_Hide())
