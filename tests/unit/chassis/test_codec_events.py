"""The CloudEvents envelope around what travels on the bus."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat
from hypothesis import given
from hypothesis import strategies as st

from services.cases import events
from services.chassis import codec
from services.chassis.bus.port import Record
from services.chassis.codec import Event, MalformedEventError
from tests.unit.chassis import messages

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
EVENT = Event(
    id="c1:2",
    type="kz.qyzmet.case.routed.v1",
    source=events.SOURCE,
    subject="c1",
    time=datetime(2026, 1, 18, 9, 30, 1, 250_000, tzinfo=UTC),
    traceparent=TRACEPARENT,
)
DATA = codec.encode(messages.CASE_EVENT)


def record(event: Event = EVENT, **changed: Any) -> Record:
    """Give a message as a consumer reads it."""
    message = codec.to_message("qyzmet.cases.v1", "c1", event, DATA)
    read = Record(
        message.topic, 0, 7, message.key, message.value, message.headers, datetime.now(UTC)
    )
    return replace(read, **changed)


def with_headers(**changed: str | None) -> Record:
    headers = codec.headers(EVENT) | changed
    return record(headers={name: value for name, value in headers.items() if value is not None})


def test_an_event_is_read_as_it_was_written() -> None:
    """Attributes and data come back."""
    assert codec.from_record(record()) == (EVENT, DATA)


@given(
    st.builds(
        Event,
        id=st.text(),
        type=st.text(),
        source=st.text(),
        subject=st.text(),
        time=messages.MOMENTS,
        traceparent=st.text(),
    )
)
def test_any_event_is_read_as_it_was_written(event: Event) -> None:
    """Whatever stands in its attributes."""
    assert codec.from_record(record(event))[0] == event


def test_an_event_s_short_name_has_no_prefix_and_version() -> None:
    """The names that the contracts speak of."""
    assert EVENT.name == "case.routed"


def test_the_envelope_is_that_of_cloudevents() -> None:
    """The standard's own library reads each attribute and the data."""
    kafka = KafkaMessage(
        headers={name: value.encode() for name, value in codec.headers(EVENT).items()},
        key="c1",
        value=DATA,
    )

    read = from_binary(kafka, JSONFormat())

    assert (read.get_id(), read.get_type(), read.get_source()) == (
        EVENT.id,
        EVENT.type,
        EVENT.source,
    )
    assert (read.get_subject(), read.get_time()) == (EVENT.subject, EVENT.time)
    assert read.get_specversion() == "1.0"
    assert read.get_datacontenttype() == "application/json"
    assert read.get_extension("traceparent") == TRACEPARENT
    assert read.get_data() == codec.to_json(messages.CASE_EVENT)


def test_the_headers_are_these() -> None:
    """As the Kafka protocol binding spells them in binary mode."""
    assert codec.headers(EVENT) == {
        "ce_specversion": "1.0",
        "ce_id": "c1:2",
        "ce_source": "/qyzmet/cases",
        "ce_type": "kz.qyzmet.case.routed.v1",
        "ce_subject": "c1",
        "ce_time": "2026-01-18T09:30:01.250000Z",
        "content-type": "application/json",
        "ce_traceparent": TRACEPARENT,
    }


def test_an_event_outside_a_trace_has_no_trace() -> None:
    """The attribute is left out, not empty, and read as none."""
    event = replace(EVENT, traceparent="")

    assert "ce_traceparent" not in codec.headers(event)
    assert codec.from_record(record(event))[0] == event


def test_a_subject_left_out_is_the_key() -> None:
    """Events of others need not name what their key says."""
    assert codec.from_record(with_headers(ce_subject=None))[0].subject == "c1"


def test_headers_of_others_are_ignored() -> None:
    """Extensions may be added."""
    assert codec.from_record(with_headers(ce_mood="good", other="x"))[0] == EVENT


@pytest.mark.parametrize("name", ["ce_id", "ce_type", "ce_source", "ce_time"])
def test_an_event_without_what_it_needs_is_malformed(name: str) -> None:
    """Id, type, source and time are needed."""
    with pytest.raises(MalformedEventError):
        codec.from_record(with_headers(**{name: None}))


@pytest.mark.parametrize("time", ["", "now", "1768728601", "2026-01-18", "2026-01-18T09:30:00"])
def test_an_event_without_a_moment_is_malformed(time: str) -> None:
    """A time needs a zone, or nobody can tell what was before what."""
    with pytest.raises(MalformedEventError):
        codec.from_record(with_headers(ce_time=time))


def test_a_record_of_another_kind_is_malformed() -> None:
    """No headers, or nothing in it."""
    for strange in (record(headers={}), record(value=None)):
        with pytest.raises(MalformedEventError):
            codec.from_record(strange)
