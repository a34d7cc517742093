"""Messages of every contract, filled by hand or by chance."""

import importlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import strategies as st

import qyzmet
from qyzmet.cases.v1 import cases_pb2 as pb
from qyzmet.catalog.v1 import catalog_pb2

MOMENTS = st.datetimes(timezones=st.just(UTC))
SCALARS: dict[int, st.SearchStrategy[Any]] = {
    FieldDescriptor.CPPTYPE_STRING: st.text(),
    FieldDescriptor.CPPTYPE_BOOL: st.booleans(),
    FieldDescriptor.CPPTYPE_INT32: st.integers(-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: st.integers(-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: st.integers(0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: st.integers(0, 2**64 - 1),
    FieldDescriptor.CPPTYPE_DOUBLE: st.floats(allow_nan=False, allow_infinity=False),
}


def kinds() -> Iterator[type[Message]]:
    """Give every message of every contract."""
    (generated,) = map(Path, qyzmet.__path__)
    for path in sorted(generated.rglob("*_pb2.py")):
        module = importlib.import_module(
            ".".join(path.relative_to(generated.parent).with_suffix("").parts)
        )
        yield from (getattr(module, name) for name in module.DESCRIPTOR.message_types_by_name)


def any_of(kind: type[Message]) -> st.SearchStrategy[Any]:
    """Make messages of a kind, each field set or not."""
    fields = {field.name: _values(field) for field in kind.DESCRIPTOR.fields}
    return st.fixed_dictionaries({}, optional=fields).map(lambda values: kind(**values))


def _values(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    one = _value(field)
    return st.lists(one, max_size=3) if field.is_repeated else one


def _value(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    if field.enum_type:
        return st.sampled_from([value.number for value in field.enum_type.values])
    if field.message_type is None:
        return SCALARS[field.cpp_type]
    if field.message_type.full_name == Timestamp.DESCRIPTOR.full_name:
        return MOMENTS.map(stamp)
    return any_of(field.message_type._concrete_class)


def stamp(time: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(time)
    return made


SUBMIT_TIME = stamp(datetime(2026, 1, 18, 9, 30, tzinfo=UTC))
DECIDE_TIME = stamp(datetime(2026, 1, 18, 9, 30, 1, 250_000, tzinfo=UTC))
DECISION = pb.Decision(
    id="01947a5e-0000-7000-8000-000000000042:2",
    outcome=pb.OUTCOME_ROUTE,
    actor=pb.ACTOR_KIND_MODEL,
    service_id="identity.passport",
    office="MIA",
    channel=catalog_pb2.CHANNEL_ONLINE,
    probability=0.97,
    alternatives=[
        pb.Alternative(service_id="identity.passport", probability=0.97),
        pb.Alternative(service_id="identity.id-card", probability=0.02),
    ],
    model="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    catalogue_version="2026-01-15",
    policy_version="1",
    language=catalog_pb2.LANGUAGE_KK,
    reason_code="CONFIDENT",
    route_threshold=0.9,
    confirm_threshold=0.5,
    decide_time=DECIDE_TIME,
    term_days=5,
)
CASE_EVENT = pb.CaseEvent(
    case_id="01947a5e-0000-7000-8000-000000000042",
    case_version=2,
    event_time=DECIDE_TIME,
    state=pb.STATE_ROUTED,
    actor=pb.ACTOR_KIND_MODEL,
    number="QZ-26-0000042-5",
    portal="web",
    region="75",
    service_id="identity.passport",
    office="MIA",
    channel=catalog_pb2.CHANNEL_ONLINE,
    reason_code="CONFIDENT",
    decision=DECISION,
    submit_time=SUBMIT_TIME,
)
CORRECTION = pb.Correction(
    case_id="01947a5e-0000-7000-8000-000000000042",
    decision_id="01947a5e-0000-7000-8000-000000000042:2",
    model="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    suggested_service="identity.passport",
    chosen_service="identity.id-card",
    actor=pb.ACTOR_KIND_CITIZEN,
    reason_code="CONFIRMED",
    time=DECIDE_TIME,
    writer="5d41402abc4b2a76b9719d911017c592",
)
CASE = pb.Case(
    id="01947a5e-0000-7000-8000-000000000042",
    number="QZ-26-0000042-5",
    state=pb.STATE_CONFIRMATION_REQUESTED,
    version=4,
    submit_time=SUBMIT_TIME,
    update_time=DECIDE_TIME,
    portal="web",
    language=catalog_pb2.LANGUAGE_KK,
    region="75",
    timeline=[
        pb.TimelineEntry(
            case_version=1,
            type="submitted",
            event_time=SUBMIT_TIME,
            state=pb.STATE_SUBMITTED,
            actor=pb.ACTOR_KIND_CITIZEN,
        )
    ],
    returned_by=["MJ"],
)
