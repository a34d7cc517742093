"""A running delivery service, its feeds, and officers who call it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import grpc
import pytest

from qyzmet.delivery.v1 import delivery_pb2 as pb
from qyzmet.delivery.v1 import delivery_pb2_grpc as pb_grpc
from qyzmet.delivery.v1 import subscriptions_pb2 as sub
from qyzmet.delivery.v1 import subscriptions_pb2_grpc as sub_grpc
from services.chassis import client, testing
from services.chassis.application import Application, Platform
from services.chassis.bus.port import Message
from services.chassis.config import Settings
from services.chassis.database import open_database
from services.chassis.outgoing import Webhooks
from services.chassis.principal import Principal, Role
from services.delivery import app, events
from services.delivery.store import SqlFeeds
from tests.receiver import Receiver, receiving
from tests.unit.delivery.catalog import Catalog

MIA = Principal("officer-mia", Role.OFFICER, offices=frozenset({"MIA"}))
AKIMAT = Principal("officer-75", Role.OFFICER, offices=frozenset({"akimat-75"}))
ADMINISTRATOR = Principal("root", Role.ADMINISTRATOR)
DEADLINE = 60.0


@pytest.fixture
def feeds(settings: Settings) -> Iterator[SqlFeeds]:
    database = open_database(settings, "delivery", app.MIGRATIONS)
    yield SqlFeeds(database, events.to_outbox)
    database.close()


@pytest.fixture
def timeout_seconds() -> float:
    """Return how long a receiver has to answer a call."""
    return 5.0


@pytest.fixture
def platform(tmp_path: Path, timeout_seconds: float) -> Iterator[Platform]:
    pauses = tmp_path / "pauses.toml"
    pauses.write_text("pauses = [0.01, 0.02]")
    webhooks = Webhooks(
        allowed_networks="127.0.0.1/32", pauses=pauses, timeout_seconds=timeout_seconds
    )
    with testing.platform_in(tmp_path, webhooks=webhooks) as platform:
        yield platform


@pytest.fixture
def catalog(platform: Platform) -> Iterator[Catalog]:
    """Give the register of services, which may be taken away."""
    catalog = Catalog(platform)
    with testing.running(platform, catalog.built):
        yield catalog


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@dataclass
class Offices:
    """Calls delivery in an officer's name, and tells it events."""

    platform: Platform
    built: Application
    stub: pb_grpc.DeliveryServiceStub
    feed_channel: grpc.Channel
    channel: grpc.Channel

    def tell(self, *messages: Message) -> None:
        self.platform.bus.publish(messages)

    def call(self, method: str, request: Any, principal: Principal = MIA) -> Any:
        return testing.caller(self.platform, principal).call(getattr(self.stub, method), request)

    def feed(self, office: str = "MIA", after: int = 0, size: int = 500) -> list[pb.FeedEvent]:
        request = pb.ListFeedEventsRequest(office=office, after_sequence=after, page_size=size)
        owner = Principal("officer", Role.OFFICER, offices=frozenset({office}))
        return list(self.call("ListFeedEvents", request, owner).events)

    def subscribe(
        self, office: str = "MIA", after: int = 0, principal: Principal = MIA, event_id: str = ""
    ) -> Any:
        """Open a stream; iterating over it gives up after a while."""
        token = self.platform.issuer.issue(principal, seconds=600)
        request = pb.SubscribeRequest(office=office, after_sequence=after, after_event_id=event_id)
        stub = pb_grpc.FeedServiceStub(self.feed_channel)
        return stub.Subscribe(request, metadata=client.metadata(token), timeout=DEADLINE)

    def manage(self, method: str, principal: Principal = MIA, **fields: Any) -> Any:
        """Call the service of subscriptions by the name of a method and its fields."""
        request = getattr(sub, f"{method}Request")(**{"office": "MIA", "name": "desk", **fields})
        caller = testing.caller(self.platform, principal)
        return caller.call(getattr(self.subscriptions, method), request)

    def call_subscriptions(self, method: str, request: Any, principal: Principal = MIA) -> Any:
        caller = testing.caller(self.platform, principal)
        return caller.call(getattr(self.subscriptions, method), request)

    def wait_for(self, count: int) -> None:
        """Wait until the feed holds so many events."""
        for _ in islice(self.subscribe(), count):
            pass

    def hook(self, receiver: Receiver, name: str = "desk", **fields: Any) -> str:
        """Make and activate a webhook, and return its secret."""
        kind = sub.SUBSCRIPTION_KIND_WEBHOOK
        made = self.manage("CreateSubscription", name=name, kind=kind, url=receiver.url, **fields)
        self.manage("ActivateSubscription", name=name)
        return str(made.secret)

    def state(self, name: str = "desk") -> sub.Subscription:
        """Return a subscription as it is."""
        return self.manage("GetSubscription", name=name).subscription

    @property
    def subscriptions(self) -> sub_grpc.SubscriptionServiceStub:
        return sub_grpc.SubscriptionServiceStub(self.channel)

    @property
    def cursors(self) -> sub_grpc.CursorServiceStub:
        return sub_grpc.CursorServiceStub(self.feed_channel)

    def consume(self, name: str = "desk", principal: Principal = MIA) -> Any:
        """Open a stream of a subscription; iterating over it gives up after a while."""
        token = self.platform.issuer.issue(principal, seconds=600)
        request = sub.ConsumeRequest(office="MIA", name=name)
        return self.cursors.Consume(request, metadata=client.metadata(token), timeout=DEADLINE)

    def acknowledge(self, sequence: int, principal: Principal = MIA) -> int:
        """Move the cursor of the office's desk."""
        request = sub.AcknowledgeRequest(office="MIA", name="desk", sequence=sequence)
        caller = testing.caller(self.platform, principal)
        return int(caller.call(self.cursors.Acknowledge, request).sequence)


def _offices(platform: Platform, built: Application) -> Iterator[Offices]:
    with (
        testing.channel_to(built.addresses["delivery"]) as channel,
        testing.channel_to(built.addresses["feed"]) as feed_channel,
    ):
        yield Offices(platform, built, pb_grpc.DeliveryServiceStub(channel), feed_channel, channel)


@pytest.fixture
def offices(platform: Platform, catalog: Catalog) -> Iterator[Offices]:
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
