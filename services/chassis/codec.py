"""The one JSON of bus and REST, and the CloudEvents envelope around it.

Fields are those of `protos/` in snake_case, enums in lower-case kebab without
prefix (`confirmation-requested`), times after RFC 3339. Strings, messages and
enums that are not set are left out; numbers, truth values and lists are always
there. On reading, unknown fields, enum values and event types are ignored.

Events travel as CloudEvents 1.0, Kafka protocol binding, binary mode: the
attributes in headers `ce_*`, the JSON alone in the value.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any, TypeVar

import msgspec
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message as Proto
from google.protobuf.timestamp_pb2 import Timestamp

from services.chassis.bus.port import Message, Record
from services.chassis.errors import InvalidError
from services.chassis.story import ERASED

P = TypeVar("P", bound=Proto)
D = TypeVar("D")
JSON = dict[str, Any]
Setter = Callable[[Any, Any], None]

TYPE_PREFIX = "kz.qyzmet."
TYPE_SUFFIX = ".v1"
CONTENT_TYPE = "application/json"
MAX_EVENT_BYTES = 256 * 1024

_TIMESTAMP = "google.protobuf.Timestamp"
# Beside what is no JSON: too deep, a time out of range, a value of the wrong kind.
_UNREADABLE = (
    msgspec.DecodeError,
    RecursionError,
    OverflowError,
    TypeError,
    ValueError,
    AttributeError,
)


class MalformedEventError(InvalidError):
    """This is not one of our events."""

    reason = "MALFORMED_EVENT"


@dataclass(frozen=True, slots=True)
class Event:
    """What an event says about itself, beside its data."""

    id: str
    type: str
    """The full type, such as `kz.qyzmet.case.submitted.v1`."""
    source: str
    subject: str
    time: datetime
    traceparent: str = ""

    @property
    def name(self) -> str:
        """Return the short type, such as `case.submitted`."""
        return self.type.removeprefix(TYPE_PREFIX).removesuffix(TYPE_SUFFIX)


def to_json(message: Proto) -> JSON:
    """Return a protobuf message as plain JSON values."""
    return {
        name: value
        for name, write in _writers(message.DESCRIPTOR)
        if (value := write(message)) is not None
    }


def from_json(values: Mapping[str, Any], into: type[P]) -> P:
    """Build a protobuf message from plain JSON values, ignoring what it does not know."""
    message = into()
    _fill(message, values)
    return message


def to_proto(source: object, into: type[P]) -> P:
    """Build a protobuf message from a domain value whose attributes carry the fields' names.

    Attributes the message has no field for stay out; None leaves a field unset.
    Enums are StrEnums whose values are the JSON names, times are datetimes.
    """
    message = into()
    _copy(message, source)
    return message


def to_domain(message: Proto, into: type[D]) -> D:
    """Build a domain value (a dataclass) from a protobuf message whose fields carry its names."""
    try:
        return msgspec.convert(to_json(message), into)
    except msgspec.ValidationError as error:
        raise InvalidError(f"{message.DESCRIPTOR.name}: {error}") from error


def encode(message: Proto) -> bytes:
    """Return a protobuf message as JSON text."""
    return msgspec.json.encode(to_json(message))


def decode(text: bytes, into: type[P]) -> P:
    """Build a protobuf message from JSON text; raises MalformedEventError."""
    if len(text) > MAX_EVENT_BYTES:
        raise MalformedEventError(f"an event has at most {MAX_EVENT_BYTES} bytes")
    try:
        values = msgspec.json.decode(text)
        if not isinstance(values, dict):
            raise MalformedEventError("an event is a JSON object")
        return from_json(values, into)
    except _UNREADABLE as error:
        raise MalformedEventError(f"not readable as {into.DESCRIPTOR.name}") from error


def headers(event: Event) -> dict[str, str]:
    """Return the event's attributes as Kafka headers (CloudEvents binary mode)."""
    attributes = {
        "ce_specversion": "1.0",
        "ce_id": event.id,
        "ce_source": event.source,
        "ce_type": event.type,
        "ce_subject": event.subject,
        "ce_time": rfc3339(event.time),
        "content-type": CONTENT_TYPE,
    }
    return attributes | ({"ce_traceparent": event.traceparent} if event.traceparent else {})


def to_message(topic: str, key: str, event: Event, data: bytes) -> Message:
    """Return the event as a message for the bus."""
    return Message(topic, key, data, headers(event))


def erased(records: Iterable[Record]) -> frozenset[str]:
    """Return the cases that records tell the erasure of; nothing of them is read but their type."""
    return frozenset(one.key for one in records if one.headers.get("ce_type") == ERASED)


def from_record(record: Record) -> tuple[Event, bytes]:
    """Return what a record of the bus says and its data; raises MalformedEventError."""
    found = record.headers
    try:
        event = Event(
            id=found["ce_id"],
            type=found["ce_type"],
            source=found["ce_source"],
            subject=found.get("ce_subject", record.key),
            time=_instant(found["ce_time"]),
            traceparent=found.get("ce_traceparent", ""),
        )
    except (KeyError, ValueError) as error:
        raise MalformedEventError("the CloudEvents headers are missing or malformed") from error
    if record.value is None:
        raise MalformedEventError("the event has no data")
    return event, record.value


def _instant(text: str) -> datetime:
    """Read a time that says its zone; without one it names no moment."""
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError("a time without a zone")
    return time


def rfc3339(time: datetime) -> str:
    """Return a time in UTC with microseconds, as `2026-01-18T09:30:00.000000Z`."""
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def to_timestamp(time: datetime) -> Timestamp:
    """Return a time as protobuf's Timestamp."""
    stamp = Timestamp()
    stamp.FromDatetime(time)
    return stamp


def from_timestamp(stamp: Timestamp) -> datetime:
    """Return protobuf's Timestamp as a time in UTC."""
    return stamp.ToDatetime(tzinfo=UTC)


def time_in(message: Proto, name: str) -> datetime | None:
    """Return the time in a field of a message; None where there is none."""
    return from_timestamp(getattr(message, name)) if message.HasField(name) else None


def kebab(enum: EnumDescriptor, number: int) -> str | None:
    """Return an enum value as JSON says it; None for UNSPECIFIED and unknown ones."""
    return _kebab_names(enum).get(number)


def number(enum: EnumDescriptor, name: str) -> int:
    """Return the number of an enum value by its JSON name; 0 where it is not known."""
    return _kebab_numbers(enum).get(name, 0)


@cache
def _kebab_names(enum: EnumDescriptor) -> dict[int, str]:
    """State.STATE_CONFIRMATION_REQUESTED → confirmation-requested."""
    prefix = enum.values_by_number[0].name.removesuffix("UNSPECIFIED")
    return {
        value.number: value.name.removeprefix(prefix).lower().replace("_", "-")
        for value in enum.values
        if value.number
    }


@cache
def _kebab_numbers(enum: EnumDescriptor) -> dict[str, int]:
    return {name: number for number, name in _kebab_names(enum).items()}


@cache
def _writers(descriptor: Descriptor) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    """Make the writer of each field once for each kind of message."""
    return tuple((field.name, _writer(field)) for field in descriptor.fields)


def _writer(field: FieldDescriptor) -> Callable[[Any], Any]:
    name, one = field.name, _value_writer(field)
    if field.is_repeated:
        return lambda message: [one(value) for value in getattr(message, name)]
    if field.message_type:
        return lambda message: one(getattr(message, name)) if message.HasField(name) else None
    if field.type == FieldDescriptor.TYPE_STRING:
        return lambda message: getattr(message, name) or None
    return lambda message: one(getattr(message, name))


def _value_writer(field: FieldDescriptor) -> Callable[[Any], Any]:
    if field.message_type:
        if _is_time(field):
            return lambda stamp: rfc3339(from_timestamp(stamp))
        return to_json
    if field.enum_type:
        names = _kebab_names(field.enum_type)
        return names.get
    return lambda value: value


def _fill(message: Any, values: Mapping[str, Any]) -> None:
    fill = _fillers(message.DESCRIPTOR).get
    for name, value in values.items():
        if value is not None and (one := fill(name)) is not None:
            one(message, value)


def _copy(message: Any, source: object) -> None:
    for name, copy in _copiers(message.DESCRIPTOR).items():
        if (value := getattr(source, name, None)) is not None:
            copy(message, value)


@cache
def _fillers(descriptor: Descriptor) -> Mapping[str, Setter]:
    """Make what fills each field from JSON once for each kind of message."""
    return {one.name: _setter(one, _fill, datetime.fromisoformat) for one in descriptor.fields}


@cache
def _copiers(descriptor: Descriptor) -> Mapping[str, Setter]:
    """Make what fills each field from a domain value once for each kind of message."""
    return {one.name: _setter(one, _copy, lambda time: time) for one in descriptor.fields}


def _setter(field: FieldDescriptor, build: Setter, moment: Callable[[Any], datetime]) -> Setter:
    name = field.name
    if field.message_type:
        put = _part_setter(field, build, moment)
        if not field.is_repeated:
            return lambda message, value: put(getattr(message, name), value)

        def add(message: Any, values: Any) -> None:
            target = getattr(message, name)
            for value in _listed(values):
                put(target.add(), value)

        return add
    told = partial(number, field.enum_type) if field.enum_type else None
    if field.is_repeated:
        return lambda message, values: getattr(message, name).extend(
            map(told, _listed(values)) if told else _listed(values)
        )
    if told:
        return lambda message, value: setattr(message, name, told(value))
    return lambda message, value: setattr(message, name, value)


def _part_setter(
    field: FieldDescriptor, build: Setter, moment: Callable[[Any], datetime]
) -> Setter:
    if _is_time(field):
        return lambda stamp, value: stamp.FromDatetime(moment(value))

    def put(target: Any, value: Any) -> None:
        target.SetInParent()  # also where nothing is in it
        build(target, value)

    return put


def _listed(values: Any) -> Any:
    if isinstance(values, str | Mapping):
        raise TypeError("a repeated field is a list")
    return values


def _is_time(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.full_name == _TIMESTAMP
