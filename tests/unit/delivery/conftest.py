"""A running delivery service, its feeds, and officers who call it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest

from qyzmet.delivery.v1 import delivery_pb2 as pb
from qyzmet.delivery.v1 import delivery_pb2_grpc as pb_grpc
from services.chassis import client, testing
from services.chassis.application import Application, Platform
from services.chassis.bus.port import Message
from services.chassis.config import Settings
from services.chassis.database import open_database
from services.chassis.principal import Principal, Role
from services.delivery import app, events
from services.delivery.store import SqlFeeds

MIA = Principal("officer-mia", Role.OFFICER, offices=frozenset({"MIA"}))
AKIMAT = Principal("officer-75", Role.OFFICER, offices=frozenset({"akimat-75"}))
DEADLINE = 20.0


@pytest.fixture
def feeds(settings: Settings) -> Iterator[SqlFeeds]:
    database = open_database(settings, "delivery", app.MIGRATIONS)
    yield SqlFeeds(database, events.to_outbox)
    database.close()


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    with testing.platform_in(tmp_path) as platform:
        yield platform


@dataclass
class Offices:
    """Calls delivery in an officer's name, and tells it events."""

    platform: Platform
    built: Application
    stub: pb_grpc.DeliveryServiceStub
    feed_channel: grpc.Channel

    def tell(self, *messages: Message) -> None:
        self.platform.bus.publish(messages)

    def call(self, method: str, request: Any, principal: Principal = MIA) -> Any:
        return testing.caller(self.platform, principal).call(getattr(self.stub, method), request)

    def feed(self, office: str = "MIA", after: int = 0, size: int = 500) -> list[pb.FeedEvent]:
        request = pb.ListFeedEventsRequest(office=office, after_sequence=after, page_size=size)
        owner = Principal("officer", Role.OFFICER, offices=frozenset({office}))
        return list(self.call("ListFeedEvents", request, owner).events)

    def subscribe(self, office: str = "MIA", after: int = 0, principal: Principal = MIA) -> Any:
        """Open a stream; iterating over it gives up after a while."""
        token = self.platform.issuer.issue(principal, seconds=600)
        request = pb.SubscribeRequest(office=office, after_sequence=after)
        stub = pb_grpc.FeedServiceStub(self.feed_channel)
        return stub.Subscribe(request, metadata=client.metadata(token), timeout=DEADLINE)


def _offices(platform: Platform, built: Application) -> Iterator[Offices]:
    with (
        testing.channel_to(built.addresses["delivery"]) as channel,
        testing.channel_to(built.addresses["feed"]) as feed_channel,
    ):
        yield Offices(platform, built, pb_grpc.DeliveryServiceStub(channel), feed_channel)


@pytest.fixture
def offices(platform: Platform) -> Iterator[Offices]:
    with testing.running(platform, app.build(platform)) as built:
        yield from _offices(platform, built)


@pytest.fixture
def stopping(platform: Platform) -> Iterator[Offices]:
    """Give a running service that the test itself stops."""
    built = app.build(platform)
    built.start()
    yield from _offices(platform, built)


@pytest.fixture
def sequences(feeds: SqlFeeds) -> Callable[..., list[int]]:
    """Read the sequences of an office's feed."""

    def read(office: str = "MIA", after: int = 0, limit: int = 5000) -> list[int]:
        return [entry.sequence for entry in feeds.page(office, after, limit)]

    return read
