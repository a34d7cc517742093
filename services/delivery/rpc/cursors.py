"""The door of subscriptions that are read as streams, on the event loop of the streams."""

from collections.abc import AsyncIterator
from typing import Any

from qyzmet.delivery.v1 import subscriptions_pb2 as pb
from qyzmet.delivery.v1 import subscriptions_pb2_grpc as pb_grpc
from services.chassis.auth import current_principal
from services.delivery.domain.subscriptions import Kind, Subscription, check_kind
from services.delivery.handlers import subscriptions as verbs
from services.delivery.handlers.subscriptions import Desk
from services.delivery.rpc.book import Book
from services.delivery.rpc.streams import PAGE, FeedServicer

SERVICE = "qyzmet.delivery.v1.CursorService"


class CursorServicer(pb_grpc.CursorServiceServicer):
    """Answers qyzmet.delivery.v1.CursorService; a page in memory for each stream at most."""

    def __init__(self, desk: Desk, streams: FeedServicer, book: Book) -> None:
        self._desk = desk
        self._streams = streams
        self._book = book

    async def Consume(  # noqa: N802
        self, request: pb.ConsumeRequest, context: Any
    ) -> AsyncIterator[pb.ConsumeResponse]:
        """Stream what a subscription wants from its cursor on, without end."""
        principal = current_principal()
        arrivals = self._streams.arrivals

        def find() -> Subscription:
            found = verbs.find(principal, request.office, request.name, desk=self._desk)
            return check_kind(found, Kind.STREAM)

        cursor = (await self._streams.read(find)).position
        with arrivals.follow(request.office), self._book.follow(request.office):
            await context.send_initial_metadata(())  # tells the caller that the stream is open
            while True:
                arrivals.check_open()
                # As it is now: a filter changed a moment ago holds for the next event.
                subscription = await self._book.find(request.office, request.name)
                page = await self._streams.page(request.office, cursor)
                for arrived in page:
                    if subscription.filter.admits(arrived.entry):
                        yield pb.ConsumeResponse(event=arrived.message)
                    cursor = arrived.entry.sequence
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
