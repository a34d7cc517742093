"""The door on an event loop: feeds as endless streams, a page in memory for each at most."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from qyzmet.delivery.v1 import delivery_pb2 as pb
from qyzmet.delivery.v1 import delivery_pb2_grpc as pb_grpc
from services.chassis.auth import current_principal
from services.delivery import handlers
from services.delivery.domain import Cursor
from services.delivery.ports import Feeds
from services.delivery.rpc.arrivals import MAX_OF_OFFICE, Arrivals
from services.delivery.rpc.message import Arrived

SERVICE = "qyzmet.delivery.v1.FeedService"
PAGE = 200
READERS = 4

Result = TypeVar("Result")


class FeedServicer(pb_grpc.FeedServiceServicer):
    """Answers qyzmet.delivery.v1.FeedService."""

    def __init__(self, feeds: Feeds, *, max_of_office: int = MAX_OF_OFFICE) -> None:
        self._feeds = feeds
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="feed-reader")
        self.arrivals = Arrivals(self._ends, max_of_office=max_of_office)

    def close(self) -> None:
        """Let the readers go, after the door is closed."""
        self._readers.shutdown()

    async def Subscribe(  # noqa: N802
        self, request: pb.SubscribeRequest, context: Any
    ) -> AsyncIterator[pb.SubscribeResponse]:
        """Stream an office's feed from a cursor on, without end."""
        office, cursor = request.office, request.after_sequence
        after, offices = Cursor(cursor, request.after_event_id), current_principal().offices
        await self.read(
            lambda: handlers.check_subscription(office, after, offices=offices, feeds=self._feeds)
        )
        with self.arrivals.follow(office):
            await context.send_initial_metadata(())  # tells the caller that the stream is open
            while True:
                self.arrivals.check_open()
                page = await self.page(office, cursor)
                for arrived in page:
                    yield pb.SubscribeResponse(event=arrived.message)
                    cursor = arrived.entry.sequence
                if len(page) < PAGE:
                    await self.arrivals.beyond(office, cursor)

    async def page(self, office: str, cursor: int) -> Sequence[Arrived]:
        """Return what follows on a cursor of a followed feed, read only where it is not at hand."""

        def read() -> Sequence[Arrived]:
            return [Arrived.of(entry) for entry in self._feeds.page(office, cursor, PAGE)]

        return self.arrivals.at_hand(office, cursor) or await self.read(read)

    async def _ends(self, offices: Collection[str]) -> Mapping[str, int]:
        return await self.read(lambda: self._feeds.ends(offices))

    async def read(self, work: Callable[[], Result]) -> Result:
        """Read on a thread: the database's driver would hold the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, work)
