"""What a log line holds, and what it never does."""

import ipaddress
import json
import logging
import re
import sys
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
import structlog

from services.chassis import telemetry
from services.chassis.config import Settings
from services.chassis.errors import OverloadedError
from services.chassis.telemetry import FORBIDDEN_FIELDS, TRACEPARENT, trace

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
INCOMING = f"00-{TRACE_ID}-00f067aa0ba902b7-01"


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """Give structlog and logging back as they were found."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    structlog.contextvars.clear_contextvars()
    yield
    structlog.reset_defaults()
    root.setLevel(level)
    root.handlers[:] = handlers


def configure(**changed: Any) -> None:
    telemetry.configure(Settings(**{"log_format": "json", **changed}))


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_an_event_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Line breaks and quotes do not break the line."""
    configure()

    structlog.get_logger().error('one "event"\nhere', case_id="c1", why="two\nlines")

    (line,) = lines(capsys)
    assert (line["event"], line["case_id"]) == ('one "event"\nhere', "c1")
    assert line["why"] == "two\nlines"


def parse(words: str) -> object:
    """Fail in the standard library, with a message that quotes the words."""
    return ipaddress.ip_address(words)


def failed() -> ValueError:
    with pytest.raises(ValueError, match="secret words") as failure:
        parse("secret words")
    return failure.value


def test_a_failure_is_told_by_its_innermost_place_of_ours() -> None:
    """The line in our code that called the library, not the library's own."""
    told = telemetry.failure(failed())

    assert (told["error"], told["file"]) == ("ValueError", __file__)
    assert told["line"] == parse.__code__.co_firstlineno + 2


def test_a_refusal_is_told_by_its_constant() -> None:
    """An error of our own table has a name that programs compare; never raised, it has no place."""
    assert telemetry.failure(OverloadedError("secret words")) == {"error": "OVERLOADED"}


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_an_exception_logged_whole_is_withheld(
    capsys: pytest.CaptureFixture[str], log_format: str
) -> None:
    """Its message may quote a citizen, and so may the line of code and the values around it."""
    configure(log_format=log_format)

    try:
        parse("secret words")
    except ValueError as error:
        structlog.get_logger().exception("broke")
        structlog.get_logger().error("broke", exc_info=error)

    logged = capsys.readouterr().err
    assert logged.count("ValueError") == logged.count(__file__) == 2
    assert "secret words" not in logged


def test_a_line_says_how_bad_and_when(capsys: pytest.CaptureFixture[str]) -> None:
    """Severity, and the time in UTC."""
    configure()

    structlog.get_logger().warning("late")

    (line,) = lines(capsys)
    assert line["level"] == "warning"
    assert re.fullmatch(r"[\d-]{10}T[\d:.]+Z", line["timestamp"])


@pytest.mark.parametrize("field", sorted(FORBIDDEN_FIELDS))
def test_a_forbidden_field_is_withheld(capsys: pytest.CaptureFixture[str], field: str) -> None:
    """Words and tokens that somebody passes by mistake do not get through."""
    configure()

    structlog.get_logger().info("case", **{field: "тайна", "case_id": "c1"})

    (line,) = lines(capsys)
    assert line[field] == "[withheld]"
    assert line["case_id"] == "c1"


def test_the_fields_that_carry_words_are_forbidden() -> None:
    """The list does not lose one of these unnoticed."""
    assert {"text", "words", "contact", "token", "authorization", "body"} <= FORBIDDEN_FIELDS


def test_a_field_bound_earlier_is_withheld_too(capsys: pytest.CaptureFixture[str]) -> None:
    """Binding a token for a whole block is no way around."""
    configure()

    with structlog.contextvars.bound_contextvars(token="t0p-s3cret"):
        structlog.get_logger().bind(text="тайна").info("case")

    (line,) = lines(capsys)
    assert (line["token"], line["text"]) == ("[withheld]", "[withheld]")


def test_the_terminal_withholds_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    """The readable form follows the same rule."""
    configure(log_format="console")

    structlog.get_logger().info("case", text="тайна")

    shown = capsys.readouterr().err
    assert "[withheld]" in shown
    assert "тайна" not in shown


def test_less_severe_lines_stay_out(capsys: pytest.CaptureFixture[str]) -> None:
    """The level is the operator's."""
    configure(log_level="warning")

    structlog.get_logger().info("chatter")
    structlog.get_logger().warning("news")

    assert [line["event"] for line in lines(capsys)] == ["news"]


def test_production_logs_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Machines read the logs of production, whatever it runs in."""
    configure(log_format="auto", environment="production")

    structlog.get_logger().info("up")

    assert lines(capsys)[0]["event"] == "up"


def test_a_trace_is_continued_under_a_span_of_our_own() -> None:
    """The trace id stays, the parent id is new."""
    with trace(INCOMING) as outgoing:
        _, trace_id, parent_id, _ = outgoing.split("-")

    assert trace_id == TRACE_ID
    assert parent_id != "00f067aa0ba902b7"
    assert TRACEPARENT.match(outgoing)


@pytest.mark.parametrize(
    "incoming",
    [
        None,
        "",
        "nonsense",
        INCOMING.upper(),
        INCOMING + "\n",
        INCOMING + "-extra",
        INCOMING[:-1],
        INCOMING.replace(TRACE_ID, "0" * 32),
        INCOMING.replace("00f067aa0ba902b7", "0" * 16),
    ],
)
def test_a_trace_that_cannot_be_read_begins_anew(incoming: str | None) -> None:
    """Nobody's malformed header reaches the logs or the next service."""
    with trace(incoming) as outgoing:
        assert TRACEPARENT.match(outgoing)
        assert TRACE_ID not in outgoing


def test_two_new_traces_differ() -> None:
    """Calls that have nothing to do with each other are not mixed up."""
    with trace(None) as first:
        pass
    with trace(None) as second:
        pass

    assert first.split("-")[1] != second.split("-")[1]


def test_every_line_of_the_block_carries_the_trace(capsys: pytest.CaptureFixture[str]) -> None:
    """Inside the block yes, after it no more."""
    configure()

    with trace(INCOMING):
        structlog.get_logger().info("inside")
    structlog.get_logger().info("outside")

    inside, outside = lines(capsys)
    assert inside["trace_id"] == TRACE_ID
    assert "trace_id" not in outside


def test_calls_made_in_the_block_hand_the_trace_on() -> None:
    """What is handed on is what the block was given."""
    with trace(INCOMING) as outgoing:
        assert telemetry.current_traceparent() == outgoing


def test_outside_a_block_a_trace_begins() -> None:
    """A call from nowhere is traceable too."""
    assert TRACEPARENT.match(telemetry.current_traceparent())


def test_a_line_inside_a_block_names_its_case() -> None:
    """Whoever looks for a case finds its lines; a hostile name is cut to the length of an id."""
    with telemetry.trace(None, case_id="c" * 1000):
        bound = structlog.contextvars.get_contextvars()

    assert bound["case_id"] == "c" * 36


def test_a_full_disk_does_not_end_who_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that cannot be written is lost; a loop that wrote it goes on."""
    raw = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115  # closed with its wrapper
    with TextIOWrapper(raw, write_through=True) as full:
        monkeypatch.setattr(sys, "stderr", full)
        configure()

        structlog.get_logger().error("nobody reads this")

        with pytest.raises(OSError, match="No space left"):
            full.write("nor this")
