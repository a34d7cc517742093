"""The one JSON of bus and REST: what it looks like, and what reading it forgives."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st

from qyzmet.cases.v1 import cases_pb2 as pb
from services.cases.domain import Actor, Alternative, Decision, Outcome
from services.chassis import codec
from services.chassis.codec import MAX_EVENT_BYTES, MalformedEventError
from services.chassis.errors import InvalidError
from tests.unit.chassis import messages

GOLDEN = {
    "case_event": messages.CASE_EVENT,
    "case": messages.CASE,
    "correction": messages.CORRECTION,
}
KINDS = list(messages.kinds())
DECISIONS = st.builds(
    Decision,
    outcome=st.sampled_from(Outcome),
    actor=st.sampled_from(Actor),
    id=st.text(),
    office=st.text(),
    channel=st.sampled_from([None, "online"]),
    probability=st.floats(0, 1),
    alternatives=st.lists(
        st.builds(Alternative, st.text(min_size=1), st.floats(0, 1)), max_size=3
    ).map(tuple),
    language=st.sampled_from([None, "kk", "ru", "en"]),
    decide_time=st.none() | messages.MOMENTS,
)


def golden(name: str) -> str:
    return (Path(__file__).parent / "golden" / f"{name}.json").read_text("utf-8")


@pytest.mark.parametrize("name", GOLDEN)
def test_the_json_is_the_one_others_know(name: str) -> None:
    """Byte for byte but for the line breaks: a change here breaks who reads us."""
    written = msgspec.json.format(codec.encode(GOLDEN[name]), indent=2)

    assert written.decode() + "\n" == golden(name)


@pytest.mark.parametrize("name", GOLDEN)
def test_the_json_that_others_keep_is_read(name: str) -> None:
    """What was written once can be read for ever."""
    message = GOLDEN[name]

    assert codec.decode(golden(name).encode(), type(message)) == message


@pytest.mark.parametrize("kind", [pb.CaseEvent, pb.Case])
@given(data=st.data())
def test_what_is_written_is_read_back(kind: type[Message], data: st.DataObject) -> None:
    """Any event and any case, to the microsecond and the last bit."""
    message = data.draw(messages.any_of(kind))

    assert codec.decode(codec.encode(message), kind) == message


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.DESCRIPTOR.full_name)
@settings(max_examples=5)
@given(data=st.data())
def test_every_message_of_every_contract_has_a_json(
    kind: type[Message], data: st.DataObject
) -> None:
    """A field of a kind that the codec does not know would show here."""
    message = data.draw(messages.any_of(kind))

    assert codec.from_json(json.loads(codec.encode(message)), kind) == message


def test_what_is_not_set_is_left_out() -> None:
    """Strings, enums and messages; numbers and lists are always there."""
    assert codec.to_json(pb.CaseEvent()) == {"case_version": 0}
    assert codec.to_json(pb.Case()) == {
        "version": 0,
        "timeline": [],
        "returned_by": [],
        "child_ids": [],
    }


def test_a_message_that_is_set_but_empty_is_there() -> None:
    """Present and absent are told apart."""
    event = pb.CaseEvent()
    event.decision.SetInParent()

    read = codec.decode(codec.encode(event), pb.CaseEvent)

    assert read.HasField("decision")


@pytest.mark.parametrize(
    "text",
    [
        b'{"case_id":"c1","mood":"good"}',
        b'{"case_id":"c1","decision_":{"office":"MIA"}}',
        b'{"case_id":"c1","state":"levitating"}',
        b'{"case_id":"c1","state":"STATE_ROUTED"}',
        b'{"case_id":"c1","state":null,"decision":null}',
        b'{"case_id":"c1","state":""}',
    ],
)
def test_what_is_new_or_unknown_is_ignored(text: bytes) -> None:
    """Fields and enum values may be added without breaking those who read."""
    assert codec.decode(text, pb.CaseEvent) == pb.CaseEvent(case_id="c1")


def test_what_is_unknown_inside_is_ignored_too() -> None:
    """In messages within messages."""
    text = b'{"decision":{"outcome":"guess","office":"MIA","aura":[1]}}'

    assert codec.decode(text, pb.CaseEvent).decision == pb.Decision(office="MIA")


def test_an_enum_value_of_a_later_release_is_left_out() -> None:
    """What we have no name for is not written as a number."""
    assert "state" not in codec.to_json(pb.CaseEvent(state=99))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"1",
        b'"text"',
        b"[]",
        b"{",
        b"\xff",
        b'{"case_id":1}',
        b'{"case_version":"1"}',
        b'{"case_version":1.5}',
        b'{"case_version":99999999999999999999}',
        b'{"state":[]}',
        b'{"decision":[]}',
        b'{"decision":1}',
        b'{"decision":{"alternatives":5}}',
        b'{"decision":{"alternatives":[1]}}',
        b'{"decision":{"alternatives":{"a":1}}}',
        b'{"event_time":1}',
        b'{"event_time":"yesterday"}',
        b'{"event_time":{}}',
        b'{"event_time":"0001-01-01T00:00:00+14:00"}',
        b'{"event_time":"9999-12-31T23:59:59-14:00"}',
        b"[" * 100_000,
        b'{"decision":' * 10_000,
    ],
    ids=lambda text: text[:40],
)
def test_what_is_not_an_event_is_malformed(text: bytes) -> None:
    """One error for whatever somebody put on the bus, so that it can be parked."""
    with pytest.raises(MalformedEventError):
        codec.decode(text, pb.CaseEvent)


@pytest.mark.parametrize("value", ['"MIA"', '{"MIA":1}', "[1]", "[null]", "7"])
def test_a_list_is_a_list(value: str) -> None:
    """A word is not taken for the list of its letters."""
    with pytest.raises(MalformedEventError):
        codec.decode(f'{{"returned_by":{value}}}'.encode(), pb.Case)


def test_an_event_has_a_limited_size() -> None:
    """Up to the limit it is read, above it is not even looked at."""
    text = codec.encode(pb.CaseEvent(number="x" * (MAX_EVENT_BYTES - 32)))
    padded = text + b" " * (MAX_EVENT_BYTES - len(text))

    codec.decode(padded, pb.CaseEvent)
    with pytest.raises(MalformedEventError, match="at most"):
        codec.decode(padded + b" ", pb.CaseEvent)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
FIELDS = st.sampled_from([field.name for field in pb.Case.DESCRIPTOR.fields])


@given(st.dictionaries(FIELDS, JSON_VALUES))
def test_any_json_is_read_or_malformed(values: dict[str, Any]) -> None:
    """Nothing else comes out, whatever stands in our fields."""
    with suppress(MalformedEventError):
        assert isinstance(codec.decode(msgspec.json.encode(values), pb.Case), pb.Case)


@given(DECISIONS)
def test_domain_and_wire_agree(decision: Decision) -> None:
    """A value that goes out and comes back is the same."""
    assert codec.to_domain(codec.to_proto(decision, pb.Decision), Decision) == decision


def test_a_wire_message_without_what_the_domain_needs_is_not_valid() -> None:
    """The caller learns what is missing."""
    with pytest.raises(InvalidError, match="outcome"):
        codec.to_domain(pb.Decision(), Decision)


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (datetime(2026, 1, 18, 9, 30, tzinfo=UTC), "2026-01-18T09:30:00.000000Z"),
        (datetime.fromisoformat("2026-01-18T14:30:00.5+05:00"), "2026-01-18T09:30:00.500000Z"),
    ],
)
def test_times_are_written_in_utc(time: datetime, text: str) -> None:
    """One spelling, so that they can be compared as text."""
    assert codec.rfc3339(time) == text
    assert codec.from_timestamp(codec.to_timestamp(time)) == time
