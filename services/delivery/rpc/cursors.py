"""The door of subscriptions that are read as streams, on the event loop of the streams."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Self

from qyzmet.delivery.v1 import subscriptions_pb2 as pb
from qyzmet.delivery.v1 import subscriptions_pb2_grpc as pb_grpc
from services.chassis.auth import current_principal
from services.delivery.domain.subscriptions import Kind, Subscription, check_kind
from services.delivery.handlers import subscriptions as verbs
from services.delivery.handlers.subscriptions import Desk
from services.delivery.rpc.acknowledging import Acknowledged, Acknowledging
from services.delivery.rpc.book import Book
from services.delivery.rpc.streams import PAGE, FeedServicer

SERVICE = "qyzmet.delivery.v1.CursorService"


@dataclass(slots=True)
class Place:
    """How far a stream has read its feed, and what it sent last."""

    read: int
    sent: int

    @classmethod
    def at(cls, position: int) -> Self:
        """Begin where a cursor stands."""
        return cls(position, position)

    def is_beyond(self, subscription: Subscription) -> bool:
        """Tell whether a page of what is not wanted follows the cursor, and all sent is done.

        Whoever wants little would otherwise read all of it again each time they come.
        """
        is_done = subscription.position >= self.sent
        return is_done and self.read - subscription.position >= PAGE


class CursorServicer(pb_grpc.CursorServiceServicer):
    """Answers qyzmet.delivery.v1.CursorService; a page in memory for each stream at most."""

    def __init__(self, desk: Desk, streams: FeedServicer, book: Book) -> None:
        self._desk = desk
        self._streams = streams
        self._book = book
        self._acknowledging = Acknowledging(self._acknowledge)

    def close(self) -> None:
        """Let those who write acknowledgements go, after the door is closed."""
        self._acknowledging.close()

    async def Consume(  # noqa: N802
        self, request: pb.ConsumeRequest, context: Any
    ) -> AsyncIterator[pb.ConsumeResponse]:
        """Stream what a subscription wants from its cursor on, without end."""
        principal = current_principal()
        arrivals = self._streams.arrivals

        def find() -> Subscription:
            found = verbs.find(principal, request.office, request.name, desk=self._desk)
            return check_kind(found, Kind.STREAM)

        place = Place.at((await self._streams.read(find)).position)
        with arrivals.follow(request.office), self._book.follow(request.office):
            await context.send_initial_metadata(())  # tells the caller that the stream is open
            while True:
                arrivals.check_open()
                # As it is now: a filter changed a moment ago holds for the next event.
                subscription = await self._book.find(request.office, request.name)
                page = await self._streams.page(request.office, place.read)
                for arrived in page:
                    if subscription.filter.admits(arrived.entry):
                        yield pb.ConsumeResponse(event=arrived.message)
                        place.sent = arrived.entry.sequence
                    place.read = arrived.entry.sequence
                if place.is_beyond(subscription):
                    await self._skip(subscription, place.read)
                if len(page) < PAGE:
                    await arrivals.beyond(request.office, place.read)

    async def _skip(self, subscription: Subscription, position: int) -> None:
        await self._streams.read(lambda: self._desk.subscriptions.skip(subscription, position))
        self._book.changed()

    async def Acknowledge(  # noqa: N802
        self, request: pb.AcknowledgeRequest, context: Any
    ) -> pb.AcknowledgeResponse:
        """Move the cursor to the last event worked on."""
        principal, office = current_principal(), request.office
        # Also where another's is written in its place: what is refused is refused to each alone.
        verbs.check_acknowledgement(principal, office, request.sequence)
        told = Acknowledged(principal, office, request.name, request.sequence)
        return pb.AcknowledgeResponse(sequence=await self._acknowledging.take(told))

    def _acknowledge(self, told: Acknowledged) -> int:
        return verbs.acknowledge(
            told.principal, told.office, told.name, told.sequence, desk=self._desk
        )
