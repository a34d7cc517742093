"""Domain → protobuf, for both doors."""

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
