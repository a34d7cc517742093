"""Logs and traces: one line per event, with the case and the trace it belongs to.

A line holds ids, codes and numbers. It never holds a citizen's words: nobody
passes them here, and a last guard drops the fields that would carry them.
"""

import logging
import re
import secrets
import sys
import sysconfig
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from traceback import walk_tb
from types import FrameType
from typing import Any, TextIO, cast

import structlog

from services.chassis.config import Settings
from services.chassis.errors import name_of

FORBIDDEN_FIELDS = frozenset({"text", "words", "contact", "token", "authorization", "body"})
OUR_PACKAGES = frozenset({"services", "classifier", "gateway", "deploy"})
INSTALLED = tuple(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib"))
# Ids of nothing but zeros are not valid (W3C Trace Context, 3.2.2).
MAX_ID_CHARACTERS = 36
TRACEPARENT = re.compile(r"^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}\Z")


def configure(settings: Settings) -> None:
    """Set the process's logging up: JSON in production, readable in a terminal."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    renderer = _renderer(settings)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _drop_forbidden,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _withhold_exception,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Lossy(sys.stderr))),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=max(level, logging.WARNING), stream=sys.stderr, force=True)


class _Lossy:
    """A stream that lets go what it cannot write: a full disk must not end the thread that logs."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, line: str) -> None:
        """Write a line, or lose it."""
        with suppress(OSError):
            self._stream.write(line)

    def flush(self) -> None:
        """Hand over what was written, or lose it."""
        with suppress(OSError):
            self._stream.flush()


def _renderer(settings: Settings) -> Any:
    readable = settings.log_format == "console" or (
        settings.log_format == "auto" and not settings.is_production and sys.stderr.isatty()
    )
    if readable:
        return structlog.dev.ConsoleRenderer()
    return structlog.processors.JSONRenderer()


def _drop_forbidden(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for name in FORBIDDEN_FIELDS & event.keys():
        event[name] = "[withheld]"
    return event


def _withhold_exception(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Tell of an exception that somebody logs whole only where it broke."""
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given else None
    return event if error is None else {**event, **failure(error)}


def failure(error: BaseException) -> Mapping[str, Any]:
    """Return what to log of an error: its name, and the innermost place of ours it came through.

    Its message, and the values around it, may quote what a citizen wrote.
    """
    places = list(walk_tb(error.__traceback__))
    if not places:
        return {"error": name_of(error)}
    frame, line = ([place for place in places if _is_ours(place[0])] or places)[-1]
    return {"error": name_of(error), "file": frame.f_code.co_filename, "line": line}


def _is_ours(frame: FrameType) -> bool:
    package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    return package in OUR_PACKAGES or not frame.f_code.co_filename.startswith(INSTALLED)


@contextmanager
def trace(traceparent: str | None, *, case_id: str = "") -> Iterator[str]:
    """Put the trace, and the case if one is named, on every log line of the block.

    A missing or malformed trace begins anew; of a case's name no more is told than an id has.

    Yields the traceparent to hand on, in the form of W3C Trace Context.
    """
    known = TRACEPARENT.match(traceparent or "")
    trace_id = known.group(1) if known else secrets.token_hex(16)
    outgoing = f"00-{trace_id}-{secrets.token_hex(8)}-01"
    case = {"case_id": case_id[:MAX_ID_CHARACTERS]} if case_id else {}
    with structlog.contextvars.bound_contextvars(trace_id=trace_id, traceparent=outgoing, **case):
        yield outgoing


def current_traceparent() -> str:
    """Return the traceparent of the running block, or begin a trace."""
    bound = structlog.contextvars.get_contextvars().get("traceparent")
    return str(bound) if bound else f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
