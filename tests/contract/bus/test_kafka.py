"""Apache Kafka keeps what every bus promises."""

from collections.abc import Callable

import pytest

from services.chassis.bus.kafka import Connection, KafkaBus
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
