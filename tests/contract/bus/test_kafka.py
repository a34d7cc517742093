"""Apache Kafka keeps what every bus promises."""

from collections.abc import Callable
from contextlib import closing
from uuid import uuid4

import pytest
from kafka import KafkaProducer

from services.chassis.bus.kafka import Connection, KafkaBus
from services.chassis.bus.port import Topic
from tests.contract.bus.cases import GroupContract, MembershipContract, PublishContract
from tests.contract.bus.loop_cases import LoopContract
from tests.contract.bus.parking_cases import ParkingContract

SHORT_SESSION = 1.5
SHORT_POLL_INTERVAL = 3.0


@pytest.fixture
def open_bus(kafka_address: str) -> Callable[[], KafkaBus]:
    """Connect to the same broker as often as asked."""
    return lambda: KafkaBus(
        Connection(kafka_address, session=SHORT_SESSION, poll_interval=SHORT_POLL_INTERVAL)
    )


class TestKafkaPublish(PublishContract):
    """Writing, and reading everything back."""


class TestKafkaGroup(GroupContract):
    """Reading as a group."""


class TestKafkaMembership(MembershipContract):
    """Several members in one group."""


class TestKafkaParking(ParkingContract):
    """What could not be handled waits."""


class TestKafkaLoop(LoopContract):
    """Nothing is lost, skipped, overtaken or silently stopped."""


def test_a_record_that_is_no_text_is_read(
    open_bus: Callable[[], KafkaBus], kafka_address: str
) -> None:
    """Whatever a stranger wrote as key and headers comes to the handler, which may park it."""
    topic = f"stranger-{uuid4()}"
    with closing(open_bus()) as bus, closing(KafkaProducer(bootstrap_servers=kafka_address)) as raw:
        bus.ensure_topics([Topic(topic, partitions=1)])
        headers = [("odd", b"\xff")]
        raw.send(topic, key=b"\xff", value=b"v", headers=headers).get(10)

        (found,) = bus.history(topic)

    assert (found.key, found.headers) == ("\ufffd", {"odd": "\ufffd"})
