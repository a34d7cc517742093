"""The wiring of delivery: the only file that knows every class."""

from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import grpc

from qyzmet.delivery.v1 import delivery_pb2_grpc as pb_grpc
from qyzmet.delivery.v1 import subscriptions_pb2_grpc
from services.chassis.alarms import TOPIC as ALARMS
from services.chassis.application import Application, Part, Platform, stopping
from services.chassis.bus.loop import ConsumerLoop
from services.chassis.bus.parking import ParkingLot
from services.chassis.client import Caller
from services.chassis.database import Database, open_database
from services.chassis.outbox import Lease, Relay
from services.chassis.server import AsyncRpcServer, RpcServer
from services.chassis.ticker import Ticker
from services.chassis.workdays import read_calendar
from services.delivery import events, store
from services.delivery.app.citizens import Handle, telling
from services.delivery.app.posting import Posting
from services.delivery.clients import GrpcCases
from services.delivery.clients.register import GrpcRegister
from services.delivery.domain import FeedEntry
from services.delivery.domain.subscriptions import Subscription
from services.delivery.events import alarms
from services.delivery.handlers.clocks import alarms_of, ring_due
from services.delivery.handlers.notices import list_notices
from services.delivery.ports import Announce
from services.delivery.rpc import answers, cursors, streams, subscriptions
from services.delivery.rpc.book import Book
from services.delivery.store import SqlFeeds
from services.delivery.store.clocks import SqlClocks, Winder
from services.delivery.store.notices import SqlNotices
from services.delivery.store.rulebook import read_rulebook

MIGRATIONS = Path(__file__).parents[1] / "migrations"
STREAM_GRACE_SECONDS = 1.0
TICK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class FeedDoor:
    """The door of the streams; they end at its word, since none ends by itself."""

    server: AsyncRpcServer
    servicer: streams.FeedServicer

    def start(self) -> None:
        """Open the door."""
        self.server.start()

    def stop(self, grace: float) -> None:
        """End all streams and close; only a caller who does not read is waited for, not long."""
        self.servicer.arrivals.close()
        self.server.stop(min(grace, STREAM_GRACE_SECONDS))


def build(platform: Platform) -> Application:
    """Build delivery on a platform."""
    settings = platform.settings
    with ExitStack() as opened:
        database = opened.enter_context(closing(open_database(settings, "delivery", MIGRATIONS)))
        calendar, rulebook = read_calendar(settings.workdays), read_rulebook(settings.clocks)
        calendar.is_working(platform.clock().date())  # whoever is first need not wait for it
        feeds = SqlFeeds(database, events.to_outbox, Winder(rulebook, calendar))
        clocks = SqlClocks(database, alarms.clock_rang)
        cases, register = _clients(platform, opened)
        posting = Posting.on(platform, database)
        opened.callback(posting.close)
        streaming = opened.enter_context(
            closing(streams.FeedServicer(feeds, max_of_office=settings.streams_per_office))
        )
        handle, tellers = telling(
            platform,
            database,
            cases,
            register,
            opened,
            handle=partial(
                events.handle,
                feeds=feeds,
                announce=_announce(streaming, posting),
                now=platform.clock,
            ),
        )
        consumer = opened.enter_context(stopping(_consumer(platform, handle)))
        book = _book(streaming, posting)
        desk = posting.desk(feeds, register, book.changed)
        rung = partial(alarms_of, clocks=clocks, rulebook=rulebook, calendar=calendar)
        told = partial(list_notices, cases=cases, notices=SqlNotices(database))
        servicer = answers.DeliveryServicer(feeds, cases, clocks, rung, told)
        door = opened.enter_context(
            stopping(_door(platform, servicer, posting.servicer(desk), database.is_ready))
        )
        cursor_servicer = opened.enter_context(
            closing(cursors.CursorServicer(desk, streaming, book))
        )
        feed_door = _feed_door(platform, streaming, cursor_servicer)
        relay = _relay(platform, database)
        ring = partial(
            ring_due, clocks=clocks, lateness=cases, rulebook=rulebook, calendar=calendar
        )
        ticker = _ticker(platform, database, ring)
        return Application(
            "delivery",
            [relay, door, feed_door, posting.dispatcher, *tellers, consumer, ticker],
            {"delivery": door.address, "feed": feed_door.server.address},
            opened.pop_all().close,
        )


def _clients(platform: Platform, opened: ExitStack) -> tuple[GrpcCases, GrpcRegister]:
    """Return who asks the services beside this one."""
    caller = Caller(platform.tokens("delivery").bearer, platform.settings.rpc_deadline_seconds)
    at, secured = platform.addresses, partial(platform.secured, "delivery")
    return (
        opened.enter_context(closing(GrpcCases(at["cases"], caller, secured("cases")))),
        opened.enter_context(closing(GrpcRegister(at["catalog"], caller, secured("catalog")))),
    )


def _relay(platform: Platform, database: Database) -> Relay:
    settings = platform.settings
    lease = Lease(store.leases, "relay", f"delivery-{settings.member}", settings.lease_seconds)
    platform.bus.ensure_topics([ALARMS])
    platform.bus.check_writing([ALARMS.name])
    topics = events.OfficeTopics(platform.bus)
    return Relay(database, store.outbox, lease, topics, batch_size=settings.batch_size)


def _announce(streaming: streams.FeedServicer, posting: Posting) -> Announce:
    """Wake the streams and the webhooks."""

    def announce(entries: Sequence[FeedEntry]) -> None:
        streaming.arrivals.announce(entries)
        posting.dispatcher.wake()

    return announce


def _ticker(platform: Platform, database: Database, ring: Callable[[datetime], bool]) -> Ticker:
    settings = platform.settings
    lease = Lease(store.leases, "clocks", f"delivery-{settings.member}", settings.lease_seconds)
    return Ticker(lambda: ring(platform.clock()), database, lease, seconds=TICK_SECONDS)


def _door(
    platform: Platform,
    servicer: answers.DeliveryServicer,
    subscribing: subscriptions.SubscriptionServicer,
    is_ready: Callable[[], bool],
) -> RpcServer:
    def register(server: grpc.Server) -> None:
        pb_grpc.add_DeliveryServiceServicer_to_server(servicer, server)
        subscriptions_pb2_grpc.add_SubscriptionServiceServicer_to_server(subscribing, server)

    return RpcServer(
        register,
        address=platform.addresses["delivery"],
        services=[answers.SERVICE, subscriptions.SERVICE],
        guard=platform.guard,
        threads=platform.settings.rpc_threads,
        show_reflection=not platform.settings.is_production,
        is_ready=is_ready,
    )


def _book(streaming: streams.FeedServicer, posting: Posting) -> Book:
    async def read(offices: Collection[str]) -> Sequence[Subscription]:
        return await streaming.read(lambda: posting.subscriptions.streams(offices))

    return Book(read)


def _feed_door(
    platform: Platform, servicer: streams.FeedServicer, cursor_servicer: cursors.CursorServicer
) -> FeedDoor:
    def register(server: grpc.aio.Server) -> None:
        pb_grpc.add_FeedServiceServicer_to_server(servicer, server)
        subscriptions_pb2_grpc.add_CursorServiceServicer_to_server(cursor_servicer, server)

    server = AsyncRpcServer(
        register,
        address=platform.addresses["feed"],
        services=[streams.SERVICE, cursors.SERVICE],
        guard=platform.guard,
        show_reflection=not platform.settings.is_production,
    )
    return FeedDoor(server, servicer)


def _consumer(platform: Platform, handle: Handle) -> Part:
    platform.bus.ensure_topics([events.TOPIC])
    return ConsumerLoop(
        platform.bus.consumer(events.GROUP, [events.TOPIC.name], member=platform.settings.member),
        ParkingLot(platform.bus, events.GROUP, [events.TOPIC.name]),
        handle,
        name=events.GROUP,
        batch_size=platform.settings.batch_size,
    )
