"""Domain → protobuf, for both doors."""

from dataclasses import dataclass
from typing import Self

from qyzmet.cases.v1 import cases_pb2
from qyzmet.delivery.v1 import delivery_pb2 as pb
from services.chassis import codec
from services.delivery.domain import FeedEntry


def to_proto(entry: FeedEntry) -> pb.FeedEvent:
    """Return an entry of a feed as its message."""
    return pb.FeedEvent(
        office=entry.office,
        sequence=entry.sequence,
        event_id=entry.event_id,
        type=entry.type,
        event=codec.decode(entry.event, cases_pb2.CaseEvent),
        enqueue_time=codec.to_timestamp(entry.enqueue_time),
    )


@dataclass(frozen=True, slots=True)
class Arrived:
    """An entry of a feed with its message, made once for all who are told of it."""

    entry: FeedEntry
    message: pb.FeedEvent

    @classmethod
    def of(cls, entry: FeedEntry) -> Self:
        """Make the message of an entry."""
        return cls(entry, to_proto(entry))
