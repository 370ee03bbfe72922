"""The log tells the operator what happened, and nobody's secrets or words."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from bot.live import logs

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    before = structlog.get_config()
    logs.set_up(["canary-secret", "abc"], stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in ("offboard", "uvicorn"):
        logging.getLogger(name).setLevel(logging.NOTSET)
    structlog.configure(**before)


def test_a_line_is_json_with_what_happened_when_and_where(lines: Lines) -> None:
    structlog.get_logger("offboard.test").info("ready", address="http://127.0.0.1:1", platforms=["slack"])
    (line,) = lines()
    assert line["event"] == "ready"
    assert (line["level"], line["logger"], line["platforms"]) == ("info", "offboard.test", ["slack"])
    assert line["timestamp"].endswith("Z")


def test_a_configured_secret_is_blanked_wherever_it_stands(lines: Lines) -> None:
    structlog.get_logger("offboard.test").warning("odd", url="https://x/?token=canary-secret", abc="abc")
    (line,) = lines()
    assert line["url"] == "https://x/?token=***"
    assert line["abc"] == "abc", "a text so short blanks nothing"


def test_of_a_library_that_quotes_requests_only_its_name_is_kept(lines: Lines) -> None:
    logging.getLogger("slack_bolt.AsyncApp").warning("Unhandled request ({'text': 'what somebody typed'})")
    logging.getLogger("aiohttp.client").error("failed", exc_info=ValueError("what somebody typed"))
    found = lines()
    assert [line["logger"] for line in found] == ["slack_bolt.AsyncApp", "aiohttp.client"]
    assert "typed" not in json.dumps(found)


def test_of_an_error_the_kind_and_the_place_are_kept_and_not_its_words(lines: Lines) -> None:
    try:
        raise LookupError("what somebody typed")
    except LookupError as error:
        structlog.get_logger("offboard.test").error("broken", exc_info=error)
        logging.getLogger("uvicorn.error").error("broken too", exc_info=True)
    for line in lines():
        assert line["error"] == "LookupError"
        assert "test_logs.py" in line["where"][0]
        assert "typed" not in json.dumps(line)


def test_what_is_only_information_of_others_is_left_out(lines: Lines) -> None:
    logging.getLogger("uvicorn.error").info("Started server process")
    logging.getLogger("slack_sdk").debug("x")
    assert lines() == []
