"""What the operator reads: JSON lines, or plain ones in a terminal. Never a secret, never what somebody typed.

RULES
 1. Our own records have a fixed sentence and named values; no value is somebody's words.
 2. Libraries like to print whole requests, with what people typed and with tokens. Of a library that is not listed
    here only its name and the level are kept.
 3. Of an exception the kind and the places in the code are kept, not its words: they may quote anything.
 4. Whatever is left over that holds a configured secret is blanked, as a last net.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterable
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

TALKS = ("offboard", "uvicorn", "asyncio")
"""Loggers that say nothing of a request's content."""
SHORTEST = 6
"""Characters: a shorter secret would blank ordinary words."""


class Blanked:
    """Writes lines with every secret replaced."""

    def __init__(self, stream: TextIO, secrets: Iterable[str]) -> None:
        self._stream = stream
        self._secrets = sorted({secret for secret in secrets if len(secret) >= SHORTEST}, key=len, reverse=True)

    def write(self, text: str) -> int:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return self._stream.write(text)

    def flush(self) -> None:
        self._stream.flush()


def set_up(secrets: Iterable[str], stream: TextIO | None = None) -> None:
    """Everything that is logged in this process goes to `stream` (standard error) from here on."""
    stream = stream or sys.stderr
    terminal = stream.isatty()
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_words,
    ]
    last: Processor = (
        structlog.dev.ConsoleRenderer(colors=False)
        if terminal
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
    )
    handler = logging.StreamHandler(Blanked(stream, secrets))
    handler.setFormatter(formatter)
    handler.addFilter(_hush)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("offboard").setLevel(logging.INFO)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _hush(record: logging.LogRecord) -> bool:
    """Rule 2. The record is changed, not dropped, so that the operator knows that something was said."""
    if record.name.partition(".")[0] not in TALKS:
        record.msg, record.args = "a library reports something (its words are not kept)", ()
        record.exc_info = record.exc_text = record.stack_info = None
    return True


def _without_words(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Rule 3."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["where"] = [
            f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
        ]
    return event
