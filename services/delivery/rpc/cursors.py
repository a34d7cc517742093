"""The door of subscriptions that are read as streams, on the event loop of the streams."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from qyzmet.delivery.v1 import subscriptions_pb2 as pb
from qyzmet.delivery.v1 import subscriptions_pb2_grpc as pb_grpc
from services.chassis.auth import current_principal
from services.delivery.domain import FeedEntry
from services.delivery.domain.subscriptions import Kind, Subscription, check_kind
from services.delivery.handlers import subscriptions as verbs
from services.delivery.handlers.subscriptions import Desk
from services.delivery.rpc.message import to_proto
from services.delivery.rpc.streams import PAGE, FeedServicer

SERVICE = "qyzmet.delivery.v1.CursorService"


class CursorServicer(pb_grpc.CursorServiceServicer):
    """Answers qyzmet.delivery.v1.CursorService; a page in memory for each stream at most."""

    def __init__(self, desk: Desk, streams: FeedServicer) -> None:
        self._desk = desk
        self._streams = streams

    async def Consume(  # noqa: N802
        self, request: pb.ConsumeRequest, context: Any
    ) -> AsyncIterator[pb.ConsumeResponse]:
        """Stream what a subscription wants from its cursor on, without end."""
        principal = current_principal()
        arrivals = self._streams.arrivals

        def find() -> Subscription:
            found = verbs.find(principal, request.office, request.name, desk=self._desk)
            return check_kind(found, Kind.STREAM)

        first = await self._streams.read(find)
        cursor = first.position
        with arrivals.follow(request.office):
            await context.send_initial_metadata(())  # tells the caller that the stream is open
            while True:
                arrivals.check_open()
                # As it is now: a filter changed a moment ago holds for the next event.
                subscription = await self._streams.read(find)
                page = await self._streams.read(lambda: self._page(request.office, cursor))  # noqa: B023  awaited at once
                for entry in page:
                    if subscription.filter.admits(entry):
                        yield pb.ConsumeResponse(event=to_proto(entry))
                    cursor = entry.sequence
                if len(page) < PAGE:
                    await arrivals.beyond(request.office, cursor)

    async def Acknowledge(  # noqa: N802
        self, request: pb.AcknowledgeRequest, context: Any
    ) -> pb.AcknowledgeResponse:
        """Move the cursor to the last event worked on."""
        principal = current_principal()
        at = await self._streams.read(
            lambda: verbs.acknowledge(
                principal, request.office, request.name, request.sequence, desk=self._desk
            )
        )
        return pb.AcknowledgeResponse(sequence=at)

    def _page(self, office: str, cursor: int) -> Sequence[FeedEntry]:
        return self._desk.feeds.page(office, cursor, PAGE)
